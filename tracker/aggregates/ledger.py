"""What is noted of reports and positions to tell, later, what was usual and what was known when.

Everything is counted by whole hours of the clock at which it became known (received time), so that a note is a
function of the reports and not of the order in which they were read. What turned out to be otherwise is taken back.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.histogram import Histogram
from tracker.domain.moment import Millis, hour_of
from tracker.domain.network import Direction
from tracker.domain.position import Position

GAPS_MIN: Final = 5
"""With fewer gaps nothing is usual."""


class Flow(NamedTuple):
    """A node in a direction of travel."""

    node: str
    direction: Direction


class Cohort:
    """Boxes that came somewhere in one hour, or went: when it became known of each, ascending."""

    __slots__ = ("known", "withdrawn")

    def __init__(self) -> None:
        self.known: list[Millis] = []
        self.withdrawn: list[Millis] = []

    def note(self, known: Millis, sign: int) -> None:
        """One more, or one taken back."""
        insort(self.known if sign > 0 else self.withdrawn, known)

    def count(self, clock: Millis) -> int:
        """How many were known at a clock."""
        return bisect_right(self.known, clock) - bisect_right(self.withdrawn, clock)


class Ledger:
    """Notes, growing with what is reported; whoever keeps it for long forgets old hours."""

    def __init__(self) -> None:
        self.minutes: defaultdict[str, set[int]] = defaultdict(set)
        """Carrier to the minutes (since 1970) in which it was heard of."""
        self.containers: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        """Carrier and day to the containers it reported."""
        self.delays: defaultdict[tuple[str, int], Histogram] = defaultdict(Histogram)
        """Carrier and day to how late its actual reports came, in milliseconds."""
        self.clocks: defaultdict[tuple[str, int], Counter[int]] = defaultdict(Counter)
        """Carrier and day to how many reports came late by how much in which ten minutes; keys of `clocks.noted`."""
        self.reporters: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Node to how often each carrier reported there."""
        self.came: defaultdict[Flow, defaultdict[int, Cohort]] = defaultdict(lambda: defaultdict(Cohort))
        self.left: defaultdict[Flow, defaultdict[int, Cohort]] = defaultdict(lambda: defaultdict(Cohort))
        """By the hour in which they came."""
        self.out: defaultdict[Flow, defaultdict[int, Cohort]] = defaultdict(lambda: defaultdict(Cohort))
        self.over: defaultdict[Flow, defaultdict[int, Cohort]] = defaultdict(lambda: defaultdict(Cohort))
        """By the hour in which they left: all that left, and those of them that are in at the next node."""

    def day(self, carrier: str, day: int, counted: CarrierDay) -> None:
        """A carrier's day of one partition; each is to be given once."""
        if heard := counted.minutes_heard(day):  # none where all were rejected
            self.minutes[carrier] |= heard
        self.containers[carrier, day] |= set(counted.containers)
        self.delays[carrier, day].merge(counted.delays)
        self.clocks[carrier, day].update(counted.clock)
        for node, reports in counted.nodes.items():
            self.reporters[node][carrier] += reports

    def moved(self, before: Position | None, after: Position | None, known: Millis) -> None:
        """A report received at `known` put a container from one position to another, of whichever journey."""
        was, now = _presences(before), _presences(after)
        if before is not None and after is not None and before.journey != after.journey:
            was = set()  # the other journey stays what it was
        if after is None:
            return
        for sign, presences in ((-1, was - now), (1, now - was)):
            for flow, what, hour in presences:
                getattr(self, what)[flow][hour].note(known, sign)


def _presences(position: Position | None) -> set[tuple[Flow, str, int]]:
    """Where a container came and left, each by its hour; of an ended journey nothing more is learned."""
    if position is None or position.direction is None:
        return set()
    found: set[tuple[Flow, str, int]] = set()
    last = len(position.visited) - 1
    for at, (node, came, gone) in enumerate(position.visited):
        flow = Flow(node, position.direction)
        if at:  # where it began it came by road and waits for its train to be made up: no stay is planned
            found.add((flow, "came", hour_of(came)))
        if at and (at < last or gone is not None):
            found.add((flow, "left", hour_of(came)))
        if gone is not None:
            found.add((flow, "out", hour_of(gone)))
            if at < last:
                found.add((flow, "over", hour_of(gone)))
    return found


def around(cohorts: dict[int, Cohort], moment: Millis, hours: int, clock: Millis) -> int:
    """How many of the cohorts within some hours of a moment were known at a clock."""
    middle = hour_of(moment)
    return sum(cohorts[h].count(clock) for h in range(middle - hours, middle + hours + 1) if h in cohorts)


def usual_gap(moments: Iterable[int], unit: int) -> int | None:
    """The p95 of the gap one finds oneself in, in units of the moments; None from fewer than six moments.

    Gaps are weighted by their length: trains bring fifty reports at once and then none for hours, so that of gaps
    counted one by one nearly all are within a train, while nearly all of the time is spent between two.
    """
    found = sorted(after - before for before, after in pairwise(moments))
    if len(found) < GAPS_MIN:
        return None
    total, passed = sum(found), 0
    for gap in found:
        passed += gap
        if 20 * passed >= 19 * total:
            break
    return gap * unit


def within(ordered: list[int], low: int, high: int) -> list[int]:
    """The members of an ascending list from `low` up to below `high`."""
    return ordered[bisect_left(ordered, low) : bisect_left(ordered, high)]
