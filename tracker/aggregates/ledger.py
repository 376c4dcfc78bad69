"""What is noted of reports and positions to tell, later, what was usual and what was known when.

Everything is counted by when it became known (received time, whole minutes), so that a note is a function of the
reports and not of the order in which they were read. What turned out to be otherwise is taken back.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Final

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.histogram import Histogram
from tracker.domain.flows import Flow, Presence, guess_presences, minute_of, presences, stays_of
from tracker.domain.guesses import guess_of
from tracker.domain.moment import MINUTE, Millis, hour_of
from tracker.domain.network import Network
from tracker.domain.position import Position

GAPS_MIN: Final = 5
"""With fewer gaps nothing is usual."""


class Cohort:
    """Boxes that came somewhere in one hour, or went: how many more or less became known in which minute, ascending."""

    __slots__ = ("counts", "minutes")

    def __init__(self) -> None:
        # Arrays, because a worker keeps those of two months: a quarter of what a dict takes.
        self.minutes = array("I")
        self.counts = array("i")

    def note(self, known: Millis, sign: int) -> None:
        """One more, or one taken back."""
        self.add(minute_of(known), sign)

    def add(self, minute: int, count: int) -> None:
        """So many more, known from a minute on."""
        at = bisect_left(self.minutes, minute)
        if at == len(self.minutes) or self.minutes[at] != minute:
            self.minutes.insert(at, minute)
            self.counts.insert(at, 0)
        self.counts[at] += count
        if not self.counts[at]:
            del self.minutes[at], self.counts[at]

    def count(self, clock: Millis) -> int:
        """How many were known at a clock."""
        return sum(self.counts[: bisect_right(self.minutes, clock // MINUTE)])

    def noted(self, minutes: range) -> Iterator[tuple[int, int]]:
        """What became known in some minutes, ascending: each with how many more or less."""
        for at in range(bisect_left(self.minutes, minutes.start), bisect_left(self.minutes, minutes.stop)):
            yield self.minutes[at], self.counts[at]

    def half(self, clock: Millis) -> tuple[int, Millis | None]:
        """How many were known at a clock, and when half as many first were; None of none."""
        sums = list(accumulate(self.counts[: bisect_right(self.minutes, clock // MINUTE)]))
        if not sums or sums[-1] <= 0:
            return 0, None
        at = next(place for place, known in enumerate(sums) if 2 * known >= sums[-1])
        return sums[-1], Millis(self.minutes[at] * MINUTE)


Cohorts = defaultdict[Flow, defaultdict[int, Cohort]]
"""Of each flow, by hour of event time."""


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
        """Carrier and day to how many reports came how late in which ten minutes; keys as of `CarrierDay.clock`."""
        self.reporters: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Node to how often each carrier reported there."""
        self.newest: dict[str, Millis] = {}
        """Carrier to the latest event time of an actual report: its watermark."""
        self.testimonies: dict[int, Counter[tuple[str, int]]] = {}
        """Day to what containers say of carriers: who and key (of `domain.testimony`) to how often."""
        self.came: Cohorts = defaultdict(lambda: defaultdict(Cohort))
        self.left: Cohorts = defaultdict(lambda: defaultdict(Cohort))
        """By the hour in which they came."""
        self.out: Cohorts = defaultdict(lambda: defaultdict(Cohort))
        self.over: Cohorts = defaultdict(lambda: defaultdict(Cohort))
        """By the hour in which they left: all that left, and those of them that are in at the next node."""
        self.guesses: Cohorts = defaultdict(lambda: defaultdict(Cohort))
        """By hours: what carriers' estimates of arrivals were off by. In place of a node: see `guesses.guess_place`."""

    def day(self, carrier: str, day: int, counted: CarrierDay) -> None:
        """A carrier's day of one partition; each is to be given once."""
        if heard := counted.minutes_heard(day):  # none where all were rejected
            self.minutes[carrier] |= heard
        self.containers[carrier, day] |= set(counted.containers)
        self.delays[carrier, day].merge(counted.delays)
        self.clocks[carrier, day].update(counted.clock)
        if counted.newest is not None:
            self.newest[carrier] = max(counted.newest, self.newest.get(carrier, counted.newest))
        for node, reports in counted.nodes.items():
            self.reporters[node][carrier] += reports

    def says(self, cells: Mapping[tuple[int, str, int], int]) -> None:
        """What a container's reports say of carriers."""
        for (day, who, key), times in cells.items():
            self.testimonies.setdefault(day, Counter())[who, key] += times

    def differences(self) -> dict[tuple[str, int], Counter[int]]:
        """Carrier and day to how its times differed from other carriers' in which ten minutes; keys as of `clocks`."""
        found: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
        for day, said in self.testimonies.items():
            for (who, key), times in said.items():
                if key >= 0:
                    found[who, day][key] = times
        return dict(found)

    def moved(self, before: Position | None, after: Position | None, known: Millis, network: Network) -> None:
        """A report received at `known` put a container from one position of a journey to another.

        Another journey leaves what was noted of the one before; of an ended one (None) nothing more is learned.
        """
        if after is None:
            return
        was = Counter[Presence]()
        if before is not None and before.journey == after.journey:
            was = Counter(_told_by(before, network))
        now = Counter(_told_by(after, network))
        for presence in was.keys() | now.keys():
            if change := now[presence] - was[presence]:
                self.flow(presence, minute_of(known), change)

    def flow(self, presence: Presence, minute: int, count: int) -> None:
        """So many boxes more came or went, known from a minute on."""
        flow, what, hour = presence
        if guess_of(flow.node) is not None:
            cohorts = self.guesses[flow]
        else:
            cohorts = (self.came, self.left, self.out, self.over)[what][flow]
        cohort = cohorts[hour]
        cohort.add(minute, count)
        if not cohort.minutes:
            del cohorts[hour]

    def news(self, flow: Flow) -> Mapping[int, Counter[tuple[int, int, int]]]:
        """Everything noted of what came to, left and went from a node, by the hour in which it became known."""
        found = defaultdict[int, Counter[tuple[int, int, int]]](Counter)
        for what, cohorts in enumerate((self.came, self.left, self.out)):
            if flow in cohorts:
                for hour, cohort in cohorts[flow].items():
                    for minute, count in zip(cohort.minutes, cohort.counts, strict=True):
                        found[minute // 60][what, hour, minute] += count
        return found


def _told_by(position: Position, network: Network) -> list[Presence]:
    """What a position tells of flows and estimates."""
    visited, direction = position.visited, position.direction
    found = guess_presences(visited, position.estimates, position.corridor, direction, network)
    return presences(stays_of(visited), direction) + found


def around(cohorts: dict[int, Cohort], moment: Millis, hours: int, clock: Millis) -> int:
    """How many of the cohorts within some hours of a moment were known at a clock."""
    middle = hour_of(moment)
    return sum(cohorts[h].count(clock) for h in range(middle - hours, middle + hours + 1) if h in cohorts)


def half_of(cohorts: Sequence[Cohort], clock: Millis) -> tuple[int, Millis | None]:
    """How many of some cohorts were known at a clock, and when half as many first were; None of none."""
    if len(cohorts) == 1:
        return cohorts[0].half(clock)
    whole = Cohort()
    for minute, count in sorted(note for each in cohorts for note in each.noted(range(clock // MINUTE + 1))):
        whole.add(minute, count)
    return whole.half(clock)


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
