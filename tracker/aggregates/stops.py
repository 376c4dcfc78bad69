"""Nodes that hardly anything leaves in a direction, although trains wait there.

What was to be expected follows from what waits: a train that has stood for so long leaves in the next hour with a
probability that the lognormal of planned stays gives, corrected by what the node really did in the four weeks before.
Trains are counted and not boxes, because the boxes of a train leave together: a span in which eight boxes were to
leave may well have no train.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from statistics import NormalDist
from typing import Final

from tracker.aggregates.incidents import Incident
from tracker.aggregates.ledger import Cohort, Flow, Ledger
from tracker.domain.disruption import Disruption
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
    """Every stop that was seen up to a clock, of nodes on the way at which a stay is planned.

    From an end containers leave by road, and not in trains.
    """
    found: list[Incident] = []
    for flow in sorted(ledger.left):
        stay = network.nodes[flow.node].stay
        if stay is not None and flow in ledger.came and flow.node not in network.ends:
            hours = _Hours(stay)
            for hour in range(hours.begin(ledger, flow), hour_of(until)):
                hours.close(hour)
                found += hours.verdict(flow, hour + 1)
            found += hours.still_open(flow)
    return found


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

    def __init__(self, stay: Hours) -> None:
        self._hazards = _hazards(stay)
        self._notes: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._gone: defaultdict[int, list[int]] = defaultdict(list)
        self._waiting: dict[int, list[int]] = {}
        self._expected, self._left = [0.0], [0.0]
        self._first = self._free = 0
        self._opened: tuple[int, int, float] | None = None

    def begin(self, ledger: Ledger, flow: Flow) -> int:
        """Take in what is noted of the flow; gives the first hour of the clock at which anything was known."""
        for which, cohorts in enumerate((ledger.came[flow], ledger.left[flow])):
            for cohort_hour, cohort in cohorts.items():
                for known, sign in _changes(cohort):
                    self._notes[hour_of(known)].append((cohort_hour, which, sign))
        for gone_hour, cohort in ledger.out[flow].items():
            for known, sign in _changes(cohort):
                if sign > 0:
                    self._gone[hour_of(known)].append(gone_hour)
        self._first = min(self._notes)
        return self._first

    def close(self, hour: int) -> None:
        """Count an hour that is over."""
        expected = 0.0
        for came_at, (came, left) in list(self._waiting.items()):
            age = hour - came_at
            if age >= AGE_MAX or left >= came > 0:
                del self._waiting[came_at]
            elif came > 0 and age >= 0:
                expected += (came - left) / came * min(1.0, came / TRAIN_BOXES) * self._hazards[age]
        left_now = 0.0
        for came_at, which, sign in self._notes.pop(hour, ()):
            counts = self._waiting.setdefault(came_at, [0, 0]) if hour - came_at < AGE_MAX else [0, 0]
            counts[which] += sign
            if which == 1 and counts[0] > 0:
                left_now += sign / max(counts[0], TRAIN_BOXES)
        self._expected.append(self._expected[-1] + expected)
        self._left.append(self._left[-1] + left_now)

    def verdict(self, flow: Flow, clock_hour: int) -> Iterator[Incident]:
        """At a whole hour, from the hours closed before it: the stop that is over, if one is."""
        if self._opened is None:
            self._opened = self._stopped(clock_hour)
            return
        since, opened, usual = self._opened
        # Not what left before it stopped and is told of only now.
        recent = (gone for hour in range(clock_hour - BACK_HOURS, clock_hour) for gone in self._gone.get(hour, ()))
        back = sum(gone >= max(since, opened - BACK_WITHIN) for gone in recent) / TRAIN_BOXES
        if back >= max(1.0, BACK_SHARE * BACK_HOURS * usual):
            self._opened, self._free = None, len(self._expected) - 1
            yield _incident(flow, since, opened, Millis(clock_hour * HOUR))

    def still_open(self, flow: Flow) -> Iterator[Incident]:
        """The stop that is not over, if there is one."""
        if self._opened is not None:
            yield _incident(flow, self._opened[0], self._opened[1], None)

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


def _changes(cohort: Cohort) -> Iterator[tuple[Millis, int]]:
    for known in cohort.known:
        yield known, 1
    for known in cohort.withdrawn:
        yield known, -1


def _incident(flow: Flow, since: int, opened: int, resolved: Millis | None) -> Incident:
    name, begun, clock = _name(flow.node, flow.direction, opened), Millis(since * HOUR), Millis(opened * HOUR)
    return Incident(name, "node_stopped", flow.node, flow.direction, None, begun, clock, resolved, clock - begun)


def _opened_at(stop: Incident, opened: Millis) -> Incident:
    name = _name(stop.node, stop.direction, hour_of(opened))
    return stop._replace(id=name, opened=opened, threshold=opened - stop.since)


def _name(node: str | None, direction: Direction | None, opened_hour: int) -> str:
    return f"node_stopped-{node}-{direction}-{opened_hour}"
