"""What one carrier sent, in counts, as `tracker batch` adds it up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tracker.contract.reading import Reading
from tracker.domain.moment import Millis, text
from tracker.domain.report import Outcome


@dataclass(slots=True)
class Sendings:
    """Counts of one carrier; `newest` is its watermark, the latest event time of an actual report."""

    records: int = 0
    reports: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    newest: Millis | None = None

    def count(self, outcome: Outcome, reading: Reading) -> None:
        """Count one report of this carrier."""
        self.reports += 1
        self.outcomes[outcome.value] += 1
        self.faults.update(fault.code for fault in reading.faults)
        report = reading.report
        if (
            report is not None
            and report.classifier == "actual"
            and (self.newest is None or report.occurred > self.newest)
        ):
            self.newest = report.occurred

    def as_json(self) -> dict[str, Any]:
        """As it is written in `summary.json`."""
        return {
            "reports": self.reports,
            "outcomes": {outcome.value: self.outcomes[outcome.value] for outcome in Outcome},
            "faults": dict(sorted(self.faults.items())),
            "watermark": None if self.newest is None else text(self.newest),
        }
