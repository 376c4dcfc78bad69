"""How long a leg or a stay takes: what the network plans, drawn to what was learned as far as that is certain.

A month of a railway is a small sample: the boxes of a train are one, and a p95 of twenty trains is wrong by a third
either way. A line drawn at it would tell of twice as many boxes as it should. So the network's hours give way to what
was learned by as much as the difference is beyond what chance makes (the positive-part estimator of W. James and
C. Stein, "Estimation with quadratic loss", 1961): not at all while it may be chance, and wholly where it can't be.
"""

import math
from typing import Final, NamedTuple

from tracker.domain.lognormal import Z95, sigma_of
from tracker.domain.moment import HOUR
from tracker.domain.network import Course, Hours, Network
from tracker.domain.norms import Norms, Usual, run_over, stay_at
from tracker.domain.template import run_hours

ERRORS: Final = 2.0
"""Standard errors that chance may make: one in twenty samples of what has not changed is further off."""
MEDIAN_ERROR: Final = ERRORS * math.sqrt(math.pi / 2)
"""The standard error of the median of n lognormal times, in their sigma over the root of n: of its logarithm."""
P95_ERROR: Final = ERRORS * 2.11
"""That of the p95: the root of 0.95 x 0.05 over the normal density there, 0.103."""
STAYS_SHARE: Final = 0.5
"""Where no stay is planned one is usual if so many of those that come stay: at a way point trains pass now and then."""
SIGMA_LEAST: Final = 0.05
"""Times on a railway differ by more than this."""


class KnownHours(NamedTuple):
    """Hours, and whether they were learned rather than planned."""

    hours: Hours
    is_learned: bool = False


class UsualHours:
    """The hours of a network as they are known by some norms."""

    def __init__(self, network: Network, norms: Norms) -> None:
        self._network, self._usual = network, norms.usual

    def run(self, a: str, b: str, course: Course) -> KnownHours:
        """From one node to its neighbour."""
        leg = self._network.between[a, b]
        return _drawn(run_hours(leg, a), self._usual.get(run_over(leg.id, course.direction)))

    def stay(self, node: str, course: Course) -> KnownHours | None:
        """At a node, on a course; None where none is planned and none is usual."""
        corridor = self._network.corridors[course.corridor]
        planned = corridor.stays.get(node, self._network.nodes[node].stay)
        usual = self._usual.get(stay_at(node, course.direction, self._network))
        if planned is not None:
            return _drawn(planned, usual)
        if usual is None or usual.samples < STAYS_SHARE * self._come(node, course):
            return None
        return KnownHours(_hours(math.log(usual.median / HOUR), math.log(usual.p95 / HOUR)), is_learned=True)

    def _come(self, node: str, course: Course) -> int:
        """How many came to a node over its legs; none: too few to tell, and then nobody is said to stay there."""
        legs = (leg for leg in self._network.legs.values() if node in (leg.a, leg.b))
        runs = (
            self._usual.get(run_over(leg.id, course.direction))
            for leg in legs
            if self._network.before.get((leg.b if leg.a == node else leg.a, node), 0) & course.bit
        )
        return sum(each.samples for each in runs if each is not None) or 1 << 60


def _drawn(planned: Hours, usual: Usual | None) -> KnownHours:
    """Planned hours, drawn to what is usual.

    >>> _drawn(Hours(20.0, 30.0), Usual(900, 25, 21 * HOUR, 33 * HOUR)).is_learned
    False
    >>> drawn = _drawn(Hours(20.0, 30.0), Usual(900, 25, 40 * HOUR, 60 * HOUR))
    >>> round(drawn.hours.planned, 1), round(drawn.hours.p95 or 0, 1), drawn.is_learned
    (39.1, 56.4, True)
    """
    if usual is None:
        return KnownHours(planned)
    sigma = sigma_of(planned.planned, planned.p95)
    error = max(SIGMA_LEAST, sigma) / math.sqrt(max(1, usual.trains))
    median = math.log(planned.planned)
    p95 = median + Z95 * sigma
    to_median = _beyond_chance(math.log(max(1, usual.median) / HOUR) - median, MEDIAN_ERROR * error)
    to_p95 = _beyond_chance(math.log(max(1, usual.p95) / HOUR) - p95, P95_ERROR * error)
    if not to_median and not to_p95:
        return KnownHours(planned)
    return KnownHours(_hours(median + to_median, p95 + to_p95), is_learned=True)


def _beyond_chance(difference: float, error: float) -> float:
    """What of a difference is beyond what chance makes."""
    return difference * max(0.0, 1 - (error / difference) ** 2) if difference else 0.0


def _hours(median: float, p95: float) -> Hours:
    """Hours of the logarithms of a median and a p95."""
    return Hours(math.exp(median), math.exp(max(p95, median + Z95 * SIGMA_LEAST)))
