"""Nodes that hardly anything leaves in a direction, although trains wait there.

What was to be expected follows from what waits: a train that has stood for so long leaves in the next hour with a
probability that the lognormal of planned stays gives, corrected by what the node really did in the four weeks before.
Trains are counted and not boxes, because the boxes of a train leave together: a span in which eight boxes were to
leave may well have no train.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Final

from tracker.aggregates.incidents import Incident
from tracker.aggregates.ledger import Ledger
from tracker.domain.disruption import Disruption
from tracker.domain.flows import CAME, LEFT, OUT, Flow
from tracker.domain.lognormal import sigma_of
from tracker.domain.moment import HOUR, Millis, hour_of
from tracker.domain.network import Direction, Hours, Network

EXPECTED: Final = ((8.0, 0.1), (16.0, 0.2), (32.0, 0.2))
"""Trains that were to leave in a span, and the share of them below which it is stopped. Of trains that leave at random
none of eight comes once in 3,000 spans, three of sixteen once in 10,000; two of eight would be once in 70."""
USUAL_HOURS: Final = 28 * 24
"""Hours from which it is learned how far a node does what is planned."""
USUAL_TRAINS: Final = 5.0
"""With fewer trains expected in them, it is taken to do what is planned."""
USUAL_RANGE: Final = (0.3, 1.5)
TRAIN_BOXES: Final = 8
"""A cohort of fewer boxes counts as a part of a train."""
AGE_MAX: Final = 21 * 24
"""Hours after which what still waits is taken for what left without a word."""
BACK_SHARE: Final = 0.5
BACK_HOURS: Final = 2
BACK_WITHIN: Final = 12
"""Hours before it was seen in which a departure that becomes known later still counts as flow that is back."""
"""It is over when for two hours half of the usual leaves."""
EASED_WITHIN: Final = 12 * HOUR
"""A closure that was planned may end so much later before the node counts as stopped: its queue has to set off."""


def stops(ledger: Ledger, network: Network, until: Millis) -> list[Incident]:
    """Every stop that was seen up to a clock; see `StopWatch`."""
    return StopWatch(network).seen(ledger, until)


class StopWatch:
    """Finds stops hour by hour, of nodes on the way at which a stay is planned.

    From an end containers leave by road, and not in trains. Hours that are over are looked at once; what comes to be
    known of them later must be told by `changed`, and then all hours of that flow are looked at again.
    """

    def __init__(self, network: Network) -> None:
        """Nothing is seen."""
        self._network = network
        self._hours: dict[Flow, _Hours] = {}

    def seen(self, ledger: Ledger, until: Millis) -> list[Incident]:
        """Every stop that was seen up to a clock, from everything that a ledger notes."""
        return [stop for found in self.looking(ledger, until) for stop in found]

    def looking(self, ledger: Ledger, until: Millis) -> Iterator[list[Incident]]:
        """The same one flow after the other: the first time each takes a tenth of a second."""
        end = hour_of(until)
        for flow in sorted(ledger.left):
            stay = self._network.nodes[flow.node].stay
            if stay is None or flow not in ledger.came or flow.node in self._network.ends:
                continue
            hours = self._hours.get(flow)
            if hours is None or hours.next > end:
                if not (news := ledger.news(flow)):
                    continue  # everything was taken back
                hours = self._hours[flow] = _Hours(flow, stay, news)
            hours.close_to(end)
            yield [*hours.found, *hours.still_open()]

    def changed(self, flow: Flow, hour: int, what: tuple[int, int, int], count: int) -> None:
        """So many boxes more were noted in a ledger: known in an hour; what, hour of event time and minute."""
        hours = self._hours.get(flow)
        if hours is not None and not hours.note(hour, what, count):
            del self._hours[flow]


def unplanned(found: Iterable[Incident], disruptions: Sequence[Disruption], until: Millis) -> list[Incident]:
    """Stops seen up to a clock that no disruption explains; one that outlasts it opens when it should be over."""
    told: list[Incident] = []
    for stop in found:
        opened = stop.opened
        while (later := _planned_until(stop, opened, disruptions)) is not None:
            opened = later
        if opened <= until and (stop.resolved is None or opened < stop.resolved):
            told.append(stop if opened == stop.opened else _opened_at(stop, opened))
    return told


def _planned_until(stop: Incident, clock: Millis, disruptions: Sequence[Disruption]) -> Millis | None:
    """The whole hour until which a disruption explains at a clock that hardly anything leaves; None: none does."""
    ends = [
        each.ends + EASED_WITHIN
        for each in disruptions
        if stop.node is not None
        and each.is_of(stop.node, stop.direction)
        and each.begins <= clock < each.ends + EASED_WITHIN
    ]
    return Millis(-(-max(ends) // HOUR) * HOUR) if ends else None


class _Hours:
    """What was expected and what left, hour by hour of the clock, of one flow."""

    def __init__(self, flow: Flow, stay: Hours, news: Mapping[int, Counter[tuple[int, int, int]]]) -> None:
        """`news`: what is noted of the flow, by the hour in which it became known; there is some."""
        self._flow = flow
        self._hazards = _hazards(stay)
        self._news = {hour: Counter(noted) for hour, noted in news.items()}
        self._gone: defaultdict[int, list[int]] = defaultdict(list)
        self._waiting: dict[int, list[int]] = {}
        self._expected, self._left = [0.0], [0.0]
        self._first = self.next = min(self._news)
        self._free = 0
        self._opened: tuple[int, int, float] | None = None
        self.found: list[Incident] = []
        """Stops that are over."""

    def note(self, hour: int, what: tuple[int, int, int], count: int) -> bool:
        """So many more became known in an hour; False where that is closed already."""
        if hour < self.next:
            return False
        self._news.setdefault(hour, Counter())[what] += count
        return True

    def close_to(self, end: int) -> None:
        """Close the hours before `end`, with a verdict at the end of each."""
        for hour in range(self.next, end):
            self._close(hour)
            self._judge(hour + 1)
        self.next = max(self.next, end)

    def _close(self, hour: int) -> None:
        """Count an hour that is over."""
        expected = 0.0
        for came_at, (came, left) in list(self._waiting.items()):
            age = hour - came_at
            if age >= AGE_MAX or left >= came > 0:
                del self._waiting[came_at]
            elif came > 0 and age >= 0:
                expected += (came - left) / came * min(1.0, came / TRAIN_BOXES) * self._hazards[age]
        left_now = 0.0
        for (what, at), count in self._noted(hour):
            counts = self._waiting.setdefault(at, [0, 0]) if hour - at < AGE_MAX else [0, 0]
            counts[what] += count
            if what == LEFT and counts[CAME] > 0:
                left_now += count / max(counts[CAME], TRAIN_BOXES)
        self._expected.append(self._expected[-1] + expected)
        self._left.append(self._left[-1] + left_now)
        self._gone.pop(hour - BACK_HOURS, None)

    def _noted(self, hour: int) -> list[tuple[tuple[int, int], int]]:
        """What came and left by its hour of event time, in order: what came first, or shares would be of nothing."""
        found: Counter[tuple[int, int]] = Counter()
        for (what, at, _), count in self._news.pop(hour, Counter[tuple[int, int, int]]()).items():
            if what == OUT:
                self._gone[hour] += [at] * count  # none, where some are taken back
            else:
                found[what, at] += count
        return sorted(entry for entry in found.items() if entry[1])

    def _judge(self, clock_hour: int) -> None:
        """At a whole hour, from the hours closed before it: whether it is stopped, or a stop is over."""
        if self._opened is None:
            self._opened = self._stopped(clock_hour)
            return
        since, opened, usual = self._opened
        # Not what left before it stopped and is told of only now.
        recent = (gone for hour in range(clock_hour - BACK_HOURS, clock_hour) for gone in self._gone.get(hour, ()))
        back = sum(gone >= max(since, opened - BACK_WITHIN) for gone in recent) / TRAIN_BOXES
        if back >= max(1.0, BACK_SHARE * BACK_HOURS * usual):
            self._opened, self._free = None, len(self._expected) - 1
            self.found.append(_incident(self._flow, since, opened, Millis(clock_hour * HOUR)))

    def still_open(self) -> Iterator[Incident]:
        """The stop that is not over, if there is one."""
        if self._opened is not None:
            yield _incident(self._flow, self._opened[0], self._opened[1], None)

    def _stopped(self, clock_hour: int) -> tuple[int, int, float] | None:
        """Since which hour it is stopped, this hour, and the trains that usually leave in one."""
        last = len(self._expected) - 1
        for wanted, share in EXPECTED:
            begin = self._before(last, wanted)  # as planned, then as usual before that
            factor = self._factor(begin)
            begin = self._before(last, wanted / factor)
            if begin <= self._free:
                return None
            expected = factor * (self._expected[last] - self._expected[begin])
            if self._left[last] - self._left[begin] < share * expected:
                while begin > self._free and self._left[begin] - self._left[begin - 1] <= 0:
                    begin -= 1
                if self._left[begin] <= 0:
                    return None  # nothing ever left: nobody knows whether it is reported from here when it does
                hours = min(USUAL_HOURS, begin)
                usual = (self._left[begin] - self._left[begin - hours]) / hours if hours else 0.0
                return self._first + begin, clock_hour, usual
        return None

    def _before(self, last: int, trains: float) -> int:
        """The last hour from which on so many trains were expected to leave; 0 where fewer were."""
        return max(0, bisect_right(self._expected, self._expected[last] - trains, 0, last + 1) - 1)

    def _factor(self, upto: int) -> float:
        """How many trains leave for each that is expected by plan, of the hours before."""
        begin = max(0, upto - USUAL_HOURS)
        expected = self._expected[upto] - self._expected[begin]
        low, high = USUAL_RANGE
        return (
            1.0 if expected < USUAL_TRAINS else min(high, max(low, (self._left[upto] - self._left[begin]) / expected))
        )


def _hazards(stay: Hours) -> list[float]:
    """For each whole hour of age, how many departures to expect in it of a train that waits: -log of waiting grows."""
    sigma, normal = max(0.05, sigma_of(stay.planned, stay.p95)), NormalDist()

    def gone(age: int) -> float:
        waits = 1 - normal.cdf(math.log(age / stay.planned) / sigma) if age > 0 else 1.0
        return -math.log(max(waits, 1e-9))

    return [max(0.0, gone(age + 1) - gone(age)) for age in range(AGE_MAX)]


def _incident(flow: Flow, since: int, opened: int, resolved: Millis | None) -> Incident:
    name, begun, clock = _name(flow.node, flow.direction, opened), Millis(since * HOUR), Millis(opened * HOUR)
    return Incident(name, "node_stopped", flow.node, flow.direction, None, begun, clock, resolved, clock - begun)


def _opened_at(stop: Incident, opened: Millis) -> Incident:
    name = _name(stop.node, stop.direction, hour_of(opened))
    return stop._replace(id=name, opened=opened, threshold=opened - stop.since)


def _name(node: str | None, direction: Direction | None, opened_hour: int) -> str:
    return f"node_stopped-{node}-{direction}-{opened_hour}"
