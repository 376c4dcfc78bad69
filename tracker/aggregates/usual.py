"""How long stays and runs usually take, learned from those of four weeks; a version a day, final before it holds.

They are found in what is noted of flows (`aggregates.ledger`), so that all workers and `tracker batch` learn the same.
A train's boxes are told of in one minute: those of them that left a node, and the hours in which these came and went,
are its stay; those that came to a node, and the hours in which these had left the one before, its run. So hours are
whole ones. What ended on a day is counted as it was known at the end of the day after, which does not change any more;
what is reported later than that is not learned from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tracker.aggregates.histogram import Histogram
from tracker.aggregates.ledger import Cohorts, Ledger
from tracker.domain.flows import Flow
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.network import Network
from tracker.domain.norms import Subject, Usual, run_over, stay_at

DAYS: Final = 28
"""Days of event time that are learned from: four of each weekday."""
KNOWN_AFTER: Final = 2
"""Days after the begin of a day until what ended on it counts as known: nineteen reports of twenty come in one."""
HOLDS_AFTER: Final = 3
"""Days after the begin of the last day learned from until the norms hold."""
SAMPLES_MIN: Final = 30
"""Boxes whose stay or run is over; of fewer nothing is learned."""
WATCHED: Final = 10
"""Days for which something must have come to a place before what ends there is learned from: of what came lately only
the quick has ended, and would be taken for what is usual. Nineteen of twenty stays and runs of any node are shorter."""
LONGEST: Final = 45 * 24
"""Hours of the longest stay or run: then a journey counts as abandoned."""

Day = dict[Subject, Histogram]
"""What ended on a day."""

_HOURS: Final = 24
_MINUTES: Final = 60


class Days:
    """What ended on each day, found when it is asked for and kept: a day that is over and known does not change."""

    def __init__(self) -> None:
        """Nothing was asked for."""
        self._ended: dict[int, Day] = {}

    def usual(self, ledger: Ledger, network: Network, day: int) -> dict[Subject, Usual]:
        """What holds on a day (whole days since 1970), by a ledger that knows all there was the day before."""
        last = day - HOLDS_AFTER
        for each in range(last - DAYS + 1, last + 1):
            if each not in self._ended:
                self._ended[each] = ended_on(ledger, network, each)
        for old in [each for each in self._ended if each <= last - 2 * DAYS]:
            del self._ended[old]
        return usual_of(self._ended[each] for each in range(last - DAYS + 1, last + 1))


def ended_on(ledger: Ledger, network: Network, day: int) -> Day:
    """The stays and runs that ended on a day."""
    found: Day = {}
    hours = range(day * _HOURS, (day + 1) * _HOURS)
    known = range(day * _HOURS * _MINUTES, (day + KNOWN_AFTER) * _HOURS * _MINUTES)
    left: dict[Flow, _ByMinute] = {}
    for flow in sorted(ledger.out):
        left[flow] = _by_minute(ledger.left, flow, range(hours[0] - LONGEST, hours[-1] + 1), known)
        if _is_watched(ledger.came, flow, day):
            _pair(found, stay_at(*flow, network), left[flow], _by_minute(ledger.out, flow, hours, known))
    over = {
        flow: _by_minute(ledger.over, flow, range(hours[0] - LONGEST, hours[-1] + 1), known)
        for flow in left
        if _is_watched(ledger.out, flow, day)
    }
    for flow in sorted(ledger.came):
        came = _by_minute(ledger.came, flow, hours, known)
        for near, leg in _before(flow, network):
            if near in over:
                _pair(found, run_over(leg, flow.direction), over[near], came)
    return found


def _is_watched(cohorts: Cohorts, flow: Flow, day: int) -> bool:
    """Whether boxes came, or left, long enough before a day for those that are slow to be over by then."""
    if flow not in cohorts:
        return False
    known, first = Millis((day + KNOWN_AFTER) * DAY - 1), day * _HOURS
    hours = range(first - LONGEST, first - WATCHED * _HOURS)
    return any(hour in hours and cohort.count(known) > 0 for hour, cohort in cohorts[flow].items())


_ByMinute = dict[int, Counter[int]]
"""The minute in which it became known, and the hours of event time with how many boxes."""


def _by_minute(cohorts: Cohorts, flow: Flow, hours: range, known: range) -> _ByMinute:
    found: defaultdict[int, Counter[int]] = defaultdict(Counter)
    if flow in cohorts:
        for hour, cohort in cohorts[flow].items():
            if hour in hours:
                for minute, count in cohort.noted(known):
                    found[minute][hour] += count
    return found


def _pair(found: Day, subject: Subject, begun: _ByMinute, ended: _ByMinute) -> None:
    """Count what became known in one minute to have begun and ended; the first to begin with the first to end."""
    for minute, ends in ended.items():
        if minute in begun:
            for begin, end, boxes in _matched(begun[minute], ends):
                if end > begin:
                    found.setdefault(subject, Histogram()).add((end - begin) * HOUR, boxes)


def _matched(begins: Mapping[int, int], ends: Mapping[int, int]) -> Iterator[tuple[int, int, int]]:
    """Pairs of hours with how many boxes; what was taken back is left out."""
    waiting = [[hour, count] for hour, count in sorted(begins.items()) if count > 0]
    for end, count in sorted(ends.items()):
        left = count
        while left > 0 and waiting:
            boxes = min(left, waiting[0][1])
            yield waiting[0][0], end, boxes
            left -= boxes
            waiting[0][1] -= boxes
            if not waiting[0][1]:
                del waiting[0]


def _before(flow: Flow, network: Network) -> Iterator[tuple[Flow, str]]:
    """The flows of the nodes before a node, with the legs between; over a border one hears first of the crossing."""
    for leg in network.legs.values():
        if flow.node in (leg.a, leg.b) and not leg.crossing:
            yield Flow(leg.b if leg.a == flow.node else leg.a, flow.direction), leg.id


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
        if size >= SAMPLES_MIN:
            found[subject] = Usual(size, size * size // squares[subject], *map(round, took.quantiles(0.5, 0.95)))
    return found
