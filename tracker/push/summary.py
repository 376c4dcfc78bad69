"""What became of a table's rows, in counts and as text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.push.check import Check
from tracker.push.fault_table import fault_table
from tracker.push.translate import Event, Outcome, Refused, Skipped

_REASONS_SHOWN = 20
"""Of rows not sent; the commonest. A mapping with more holes than that is mended from the top."""


@dataclass(slots=True)
class Summary:
    """Rows by what the mapping made of them; `check` has what the tracker makes of the events."""

    check: Check
    rows: int = 0
    events: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    first_lines: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        """Count one row."""
        self.rows += 1
        match outcome:
            case Event(line, _, doubts):
                self.events += 1
                for doubt in doubts:
                    self._note(self.doubts, doubt, line)
            case Skipped(line, reason):
                self._note(self.skipped, reason, line)
            case Refused(line, reason):
                self._note(self.refused, reason, line)

    @property
    def has_findings(self) -> bool:
        """Whether a row is not covered by the mapping or is rejected by the tracker."""
        return bool(self.refused) or self.check.rejected > 0

    def lines(self, sent_as: str) -> Iterator[str]:
        """The summary as printed; `sent_as` says what became of the events."""
        check = self.check
        yield from self.rows_lines(sent_as)
        yield f"{check.accepted:>9,} accepted by the tracker's rules, {check.repeated:,} of them repeat another row"
        yield f"{check.rejected:>9,} rejected"
        yield from fault_table(check)

    def rows_lines(self, sent_as: str) -> Iterator[str]:
        """What the mapping made of the rows."""
        yield f"{self.rows:>9,} rows read"
        yield f"{self.events:>9,} events {sent_as}"
        yield from self._reasons("rows skipped, as the mapping says", self.skipped)
        yield from self._reasons("rows refused: the mapping does not cover them", self.refused)
        yield from self._reasons("times passed on without an offset", self.doubts, always=False)

    def _note(self, counts: Counter[str], reason: str, line: int) -> None:
        counts[reason] += 1
        self.first_lines.setdefault(reason, line)

    def _reasons(self, title: str, counts: Counter[str], *, always: bool = True) -> Iterator[str]:
        if not counts and not always:
            return
        yield f"{counts.total():>9,} {title}"
        for reason, count in counts.most_common(_REASONS_SHOWN):
            yield f"{count:>17,} {reason} (first in line {self.first_lines[reason]})"
        if len(counts) > _REASONS_SHOWN:
            yield f"{'':>17} and {len(counts) - _REASONS_SHOWN} more reasons"
