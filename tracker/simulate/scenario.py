"""Trouble that a run is made to have at given times, so that what finds trouble can be judged by the truth.

Chance makes trouble too (`Traffic.storms`, customs); what stands here happens on purpose, whatever the seed.
"""

from dataclasses import dataclass
from typing import Final

from tracker.domain.moment import Millis
from tracker.domain.network import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    start: Millis
    end: Millis
    """The first moment after it."""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("it ends before it begins, wanted an end after its start")

    def holds(self, moment: Millis) -> bool:
        """The moment lies within."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm(_Span):
    """A port that ships neither leave nor enter; afterwards they do within `clears_hours`, not all at once."""

    node: str
    clears_hours: float = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderStop(_Span):
    """Nothing leaves a node in `directions` (empty: whatever the direction). What queued leaves in the order it came.

    `headway_hours` lie between two departures of the queue in the mean, and what comes while there is one joins it.
    """

    node: str
    directions: frozenset[Direction] = frozenset()
    headway_hours: float = 3.0

    def stops(self, node: str, direction: Direction) -> bool:
        """It is this node's, and holds for that direction."""
        return node == self.node and (not self.directions or direction in self.directions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Span):
    """A carrier that can't send: its reports wait and all come within `burst_minutes` afterwards, or are `lost`."""

    carrier: str
    burst_minutes: float = 30.0
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(_Span):
    """Nothing is received from anybody; all of it is within `burst_minutes` afterwards."""

    burst_minutes: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongClock(_Span):
    """A carrier's times, of events and of records, are so many whole hours later than they should be (or earlier)."""

    carrier: str
    hours: int


Event = Storm | BorderStop | Silence | Outage | WrongClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens on purpose, and how many containers get stuck. Empty by default, and then changes nothing."""

    events: tuple[Event, ...] = ()
    stuck: int = 0
    """Containers that a train leaves behind at a node or sets out on a leg, one at a time, from the second fifth
    of the days on to the seventh tenth; as many as there are trains for."""
    stuck_days: tuple[float, float] = (5.0, 15.0)
    """Least and most days that such a container stands beyond the 99th percentile of the stay or run."""
    stuck_forever: float = 0.2
    """Share of them that never goes on."""

    def __post_init__(self) -> None:
        """Refuses with a ValueError what can't be."""
        if self.stuck < 0:
            raise ValueError(f"stuck containers: {self.stuck} seen, wanted 0 or more")
        if not 0 < self.stuck_days[0] <= self.stuck_days[1]:
            raise ValueError(f"days stuck: {self.stuck_days} seen, wanted the least and the most, more than 0")
        if not 0 <= self.stuck_forever <= 1:
            raise ValueError(f"share stuck for ever: {self.stuck_forever} seen, wanted 0 to 1")

    def __bool__(self) -> bool:
        """Anything is to happen."""
        return bool(self.events) or self.stuck > 0

    @property
    def storms(self) -> tuple[Storm, ...]:
        """The storms, by their start."""
        return tuple(sorted((e for e in self.events if isinstance(e, Storm)), key=_start))

    @property
    def stops(self) -> tuple[BorderStop, ...]:
        """The border stops, by their start."""
        return tuple(sorted((e for e in self.events if isinstance(e, BorderStop)), key=_start))

    @property
    def silences(self) -> tuple[Silence, ...]:
        """The carriers' silences, by their start."""
        return tuple(sorted((e for e in self.events if isinstance(e, Silence)), key=_start))

    @property
    def outages(self) -> tuple[Outage, ...]:
        """The outages, by their start."""
        return tuple(sorted((e for e in self.events if isinstance(e, Outage)), key=_start))

    @property
    def clocks(self) -> tuple[WrongClock, ...]:
        """The carriers' wrong clocks, by their start."""
        return tuple(sorted((e for e in self.events if isinstance(e, WrongClock)), key=_start))

    @property
    def closed(self) -> frozenset[str]:
        """Nodes that are closed or stopped at some time."""
        return frozenset(e.node for e in self.events if isinstance(e, Storm | BorderStop))


NO_SCENARIO: Final = Scenario()


def _start(span: _Span) -> Millis:
    return span.start
