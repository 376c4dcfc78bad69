"""What the tracker's own intake says of each event, before or without sending it. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from tracker.contract.intake import Intake
from tracker.domain.faults import Fault
from tracker.domain.moment import Millis


@dataclass(slots=True)
class Example:
    """How often a fault was found, and the first row that has it."""

    line: int
    fault: Fault
    count: int = 0


@dataclass(slots=True)
class Check:
    """Readings of one carrier's events, counted.

    `repeated`: accepted events that say what an earlier one of this file said; the tracker will call them
    duplicates. Remembers 8 bytes per row.
    """

    intake: Intake
    carrier: str
    received: Millis
    accepted: int = 0
    rejected: int = 0
    repeated: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Example] = field(default_factory=dict)
    _seen: set[tuple[str | None, str, int]] = field(default_factory=set)

    def read(self, line: int, body: bytes) -> None:
        """Take in one event of the row in `line`."""
        for reading in self.intake.read(self.carrier, body, self.received):
            for fault in reading.faults:
                self.examples.setdefault(fault.code, Example(line, fault)).count += 1
            report = reading.report
            if report is None:
                self.rejected += 1
                self.classes[reading.faults[0].code] += 1
                continue
            self.accepted += 1
            same = (reading.container, report.id, report.content)
            self.repeated += same in self._seen
            self._seen.add(same)
