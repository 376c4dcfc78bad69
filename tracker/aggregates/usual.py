"""How long stays and runs usually take, learned from those of four weeks; a version a day, final once it holds.

What ended on a day is counted as it was known at the end of the day after: that is a function of the reports and of
when they were received, and does not change any more. What is reported later than that is not learned from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from tracker.aggregates.histogram import Histogram
from tracker.domain.moment import DAY, Millis
from tracker.domain.network import Network
from tracker.domain.norms import Subject, Usual, run_over, stay_at
from tracker.domain.position import Position
from tracker.domain.reason import News
from tracker.domain.report import Kind

DAYS: Final = 28
"""Days of event time that are learned from: four of each weekday."""
KNOWN_AFTER: Final = 2
"""Days after the begin of a day until what ended on it counts as known: nineteen reports of twenty come in one."""
HOLDS_AFTER: Final = 3
"""Days after the begin of the last day learned from until the norms hold: one more, so that all workers have them."""
SAMPLES_MIN: Final = 30
"""Boxes whose stay or run is over; of fewer nothing is learned."""

UNREPORTED: Final = 1
"""What is counted of an end whose gate-out was not reported; 0 of one whose was."""

Day = dict[Subject, Histogram]
"""What ended on a day."""


class Sample(NamedTuple):
    """One stay or run that is over: milliseconds it took, and when it ended."""

    subject: Subject
    took: int
    end: Millis


class Days:
    """Stays and runs by the day on which they ended."""

    def __init__(self) -> None:
        """Nothing ended yet."""
        self.ended: defaultdict[int, Day] = defaultdict(dict)

    def moved(self, before: Position | None, after: Position | None, known: Millis, network: Network) -> None:
        """A report received at `known` put a container from one position to another, of whichever journey."""
        if after is None:
            return
        was = () if before is None or before.journey != after.journey else before.visited
        if was == after.visited and before is not None and before.direction == after.direction:
            return
        old = set() if before is None or not was else set(samples_of(before, network))
        new = set(samples_of(after, network))
        for sign, samples in ((-1, old - new), (1, new - old)):
            for sample in samples:
                self.take(sample, sign, known)

    def ended_at(
        self, before: Position | None, after: Position | None, news: News, known: Millis, ends: AbstractSet[str]
    ) -> None:
        """The same report may have ended a journey at an end of the network: by its gate-out, or by something later."""
        if before is None or before.direction is None or before.node not in ends or before.arrived is None:
            return
        if (after is None or after.journey != before.journey) and news.correction is None:
            subject = Subject("end", before.node, None, before.direction)
            self.take(Sample(subject, UNREPORTED if news.kind is not Kind.GATE_OUT else 0, news.happened), 1, known)

    def take(self, sample: Sample, sign: int, known: Millis) -> None:
        """A sample that became known at `known`, or with sign -1 was taken back."""
        day = sample.end // DAY
        if known < (day + KNOWN_AFTER) * DAY:
            self.ended[day].setdefault(sample.subject, Histogram()).add(sample.took, sign)

    def usual(self, day: int) -> dict[Subject, Usual]:
        """What holds on a day (whole days since 1970)."""
        return usual_of(self._days_for(day))

    def unreported(self, day: int) -> dict[str, float]:
        """Node to the share of ends whose gate-out was not reported; of nodes with few it is not known."""
        counts: defaultdict[str, Counter[bool]] = defaultdict(Counter)
        for each in self._days_for(day):
            for subject, how in each.items():
                if subject.what == "end":
                    counts[subject.place].update({True: how.counts.get(UNREPORTED, 0), False: how.counts.get(0, 0)})
        return {node: each[True] / each.total() for node, each in counts.items() if each.total() >= SAMPLES_MIN}

    def _days_for(self, day: int) -> list[Day]:
        last = day - HOLDS_AFTER
        return [self.ended[each] for each in range(last - DAYS + 1, last + 1) if each in self.ended]


def samples_of(position: Position, network: Network) -> Iterable[Sample]:
    """The stays and runs of a journey that are over. Where it began it waits for its train, and that is no stay."""
    direction = position.direction
    if direction is None:
        return
    for at, (node, came, gone) in enumerate(position.visited):
        if gone is None:
            continue
        if at and gone > came:
            yield Sample(stay_at(node, direction, network), gone - came, gone)
        if at + 1 < len(position.visited):
            ahead, there, _ = position.visited[at + 1]
            leg = network.between.get((node, ahead))
            # Over a border the first that is heard of is the crossing, which is not the arrival.
            if leg is not None and not leg.crossing and there > gone:
                yield Sample(run_over(leg.id, direction), there - gone, there)


def usual_of(days: Iterable[Mapping[Subject, Histogram]]) -> dict[Subject, Usual]:
    """The quantiles of every subject with samples enough, and how many trains they are worth.

    Boxes of one train took the same time on the same day and lie in one bucket. So of the buckets of all days it is
    counted how many of equal size they are worth: fifty boxes of one train tell as much as one of them.
    """
    sums: defaultdict[Subject, Histogram] = defaultdict(Histogram)
    squares: defaultdict[Subject, int] = defaultdict(int)
    for day in days:
        for subject, took in day.items():
            sums[subject].merge(took)
            squares[subject] += sum(count * count for count in took.counts.values())
    found: dict[Subject, Usual] = {}
    for subject, took in sums.items():
        size = took.size
        if size >= SAMPLES_MIN and subject.what != "end":
            found[subject] = Usual(size, size * size // squares[subject], *map(round, took.quantiles(0.5, 0.95)))
    return found
