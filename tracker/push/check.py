"""What the tracker's own intake says of each event, before or without sending it. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tracker.contract.intake import Intake
from tracker.domain.faults import Fault
from tracker.domain.moment import Millis

EXAMPLES_MAX: Final = 3
"""Of a fault, those shown: one may be a slip of the pen, three show the habit."""


@dataclass(slots=True)
class Found:
    """How often a fault was found, and the first places that have it: where, and the fault."""

    count: int = 0
    examples: list[tuple[int, Fault]] = field(default_factory=list)

    def add(self, where: int, fault: Fault) -> None:
        """Once more."""
        self.count += 1
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append((where, fault))


@dataclass(slots=True)
class Check:
    """Readings of carriers' events, counted.

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
    found: dict[str, Found] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def read(self, where: int, body: bytes, carrier: str | None = None, received: Millis | None = None) -> None:
        """Take in one body, from a line or row; `carrier` and `received` where they are not those of all."""
        sender, at = carrier or self.carrier, self.received if received is None else received
        for reading in self.intake.read(sender, body, at):
            for fault in reading.faults:
                self.found.setdefault(fault.code, Found()).add(where, fault)
            report = reading.report
            if report is None:
                self.rejected += 1
                self.classes[reading.faults[0].code] += 1
                continue
            self.accepted += 1
            same = hash((sender, reading.container, report.id, report.content))
            self.repeated += same in self._seen
            self._seen.add(same)
