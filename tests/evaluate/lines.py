"""The judge's own lines: how long a stay, a run or a whole way may take, from the network file's hours alone.

Written apart from the tracker's code on purpose, and from the rules as they stand: planned hours and p95 define a
lognormal whose p99 is critical; without a p95 sigma is 0.2; the reporting carrier's usual delay is added; no line is
below 12 h. A stay that the network does not plan has no hours, so 12 h is its line.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from tracker.domain.network import Hours, Network

HOUR: Final = 3_600_000
LEAST_HOURS: Final = 12.0
_SIGMA: Final = 0.2
_Z95: Final = 1.6448536269514722
_Z99: Final = 2.3263478740408408

Delay = Callable[[str], float]
"""Hours of a carrier's usual delay."""


def sigma(hours: Hours) -> float:
    """Spread of the logarithm.

    >>> round(sigma(Hours(48, 120)), 3), sigma(Hours(10))
    (0.557, 0.2)
    """
    if hours.p95 is None or hours.p95 <= hours.planned:
        return _SIGMA
    return math.log(hours.p95 / hours.planned) / _Z95


def critical_hours(hours: Hours | None, delay: float) -> float:
    """The critical line in hours of a stay or run with these planned hours; None: none are planned.

    >>> round(critical_hours(Hours(48, 120), 3.0)), critical_hours(Hours(2), 1.0), critical_hours(None, 1.0)
    (178, 12.0, 12.0)
    """
    usual = 0.0 if hours is None else hours.planned * math.exp(sigma(hours) * _Z99)
    return max(LEAST_HOURS, usual + delay)


def way_p99_hours(parts: Sequence[Hours]) -> float:
    """The 99th percentile of a sum of lognormals: that of the shifted one with the sum's first three moments.

    Within 3 % of drawn sums, where a fit without the third is 5 % too low. Of one part it is that part's.

    >>> round(way_p99_hours([Hours(48, 120)])), round(way_p99_hours([Hours(48, 120)] * 10))
    (175, 860)
    """
    mean = variance = third = 0.0
    for hours in parts:
        w = math.exp(sigma(hours) ** 2)
        each = hours.planned * math.sqrt(w)
        mean += each
        variance += each**2 * (w - 1)
        third += each**3 * (w - 1) ** 2 * (w + 2)
    if variance == 0:
        return mean
    w = _growth(third / variance**1.5)
    scale = math.sqrt(variance / (w * (w - 1)))
    return mean - scale * math.sqrt(w) + scale * math.exp(_Z99 * math.sqrt(math.log(w)))


def _growth(skewness: float) -> float:
    """The power of e to sigma squared of a lognormal so skew; by halving, since it grows with it."""
    low, high = 1.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        if (middle + 2) * math.sqrt(middle - 1) < skewness:
            low = middle
        else:
            high = middle
    return high


class Lines:
    """Planned hours on one network, by corridor and direction of travel."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def stay(self, corridor: str, node: str) -> Hours | None:
        """The stay planned at a node for journeys of a corridor; None where none is planned."""
        stays = self._network.corridors[corridor].stays if corridor in self._network.corridors else {}
        return stays.get(node) or self._network.nodes[node].stay

    def run(self, near: str, far: str) -> Hours:
        """Hours planned from one node to its neighbour."""
        leg = self._network.between[near, far]
        return leg.hours if leg.a == near else leg.back or leg.hours

    def way(self, corridor: str, nodes: Sequence[str]) -> list[Hours]:
        """Hours of everything between leaving the first node and reaching the last."""
        parts: list[Hours] = []
        for near, far in pairwise(nodes):
            parts.append(self.run(near, far))
            if far != nodes[-1] and (stay := self.stay(corridor, far)) is not None:
                parts.append(stay)
        return parts

    def ahead(self, corridor: str, node: str, target: str) -> tuple[str, ...]:
        """The quickest way from a node to another over a corridor's legs, both included; empty if there is none."""
        near: dict[str, list[str]] = {}
        for leg in (self._network.legs[each] for each in self._network.corridors[corridor].legs):
            near.setdefault(leg.a, []).append(leg.b)
            near.setdefault(leg.b, []).append(leg.a)
        best: dict[str, tuple[float, tuple[str, ...]]] = {node: (0.0, (node,))}
        open_nodes = {node}
        while open_nodes:
            at = min(open_nodes, key=lambda each: best[each][0])
            open_nodes.remove(at)
            hours, way = best[at]
            if at == target:
                return way
            stay = self.stay(corridor, at) if at != node else None
            for other in near.get(at, ()):
                cost = hours + self.run(at, other).planned + (stay.planned if stay else 0.0)
                if other not in best or cost < best[other][0]:
                    best[other] = (cost, (*way, other))
                    open_nodes.add(other)
        return ()
