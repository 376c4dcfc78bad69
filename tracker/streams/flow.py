"""What the stages tell about the railway while they work. `metrics.py` implements this; silence is the default.

Stages call it from `settled` (stage.py), once per batch, with what became of records that are stored for
good: so a crash may lose a count of a batch or repeat one, and the figures that must be exact come from the
stages' rows, never from here. Calls must not block.
"""

from typing import Final, Protocol

from tracker.domain.facts import Fact
from tracker.domain.moment import Millis
from tracker.domain.network import Direction
from tracker.domain.report import Kind

OUTCOMES: Final = ("accepted", "duplicate", "superseded", "rejected")
"""Everything that can become of a report."""

NEGATIVE_DURATION: Final = "negative_duration"
NEGATIVE_COUNT: Final = "negative_count"
INVARIANTS: Final = (NEGATIVE_DURATION, NEGATIVE_COUNT)
"""What stages give to `Flow.violated`. `negative_duration`: a fact ends before it starts. `negative_count`: a
cell has more facts withdrawn than added, so some addition was lost."""


class Flow(Protocol):
    """Listens to the stages."""

    def reports(self, carrier: str, outcome: str, count: int = 1) -> None:
        """So many reports of a carrier had an outcome, one of `OUTCOMES`."""

    def faults(self, carrier: str, code: str, count: int = 1) -> None:
        """So many reports of a carrier had a fault of the catalogue."""

    def movements(self, carrier: str, kind: Kind, count: int = 1) -> None:
        """So many movements of a carrier were accepted."""

    def delayed(self, carrier: str, received: Millis, delay: int) -> None:
        """An actual report was received `delay` milliseconds after what it tells had happened."""

    def watermark(self, carrier: str, partition: int, moment: Millis) -> None:
        """The event time up to which a partition of a carrier's topic has reported."""

    def missing(self, carrier: str, count: int) -> None:
        """So many more sequence numbers of a carrier are given up as missing."""

    def arrivals(self, node: str, direction: Direction | None, count: int = 1) -> None:
        """So many containers came in at a node."""

    def departures(self, node: str, direction: Direction | None, count: int = 1) -> None:
        """So many containers went out of a node."""

    def fact(self, fact: Fact, *, added: bool) -> None:
        """A fact was added to the statistics, or withdrawn from them."""

    def expired(self, count: int) -> None:
        """So many facts were older than any window shows, and left out."""

    def violated(self, invariant: str) -> None:
        """Something that must never happen did: one of `INVARIANTS`."""


class Quiet:
    """A `Flow` that ignores everything."""

    def reports(self, carrier: str, outcome: str, count: int = 1) -> None:
        """Ignored."""

    def faults(self, carrier: str, code: str, count: int = 1) -> None:
        """Ignored."""

    def movements(self, carrier: str, kind: Kind, count: int = 1) -> None:
        """Ignored."""

    def delayed(self, carrier: str, received: Millis, delay: int) -> None:
        """Ignored."""

    def watermark(self, carrier: str, partition: int, moment: Millis) -> None:
        """Ignored."""

    def missing(self, carrier: str, count: int) -> None:
        """Ignored."""

    def arrivals(self, node: str, direction: Direction | None, count: int = 1) -> None:
        """Ignored."""

    def departures(self, node: str, direction: Direction | None, count: int = 1) -> None:
        """Ignored."""

    def fact(self, fact: Fact, *, added: bool) -> None:
        """Ignored."""

    def expired(self, count: int) -> None:
        """Ignored."""

    def violated(self, invariant: str) -> None:
        """Ignored."""
