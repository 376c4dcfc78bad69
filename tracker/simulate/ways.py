"""Lines, a corridor travelled one way, and the ways trains take along them."""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tracker.domain.network import Corridor, Direction, Hours, Leg, Network

_TASTE: Final = 18.0
"""Hours of detour that make a variant e times rarer: Dostyk and Kuryk are used, absurd ways are not."""
_END_PASSED: Final = 72.0
"""Hours an end node in between weighs: trains for Xi'an do pass Urumqi, where a journey could end, but rarely."""
SPREAD_LEG: Final = 0.15
SPREAD_STAY: Final = 0.35
"""Sigma of the logarithm where no p95 is given."""
_P95: Final = 1.645
_P99: Final = 2.326
_EXTREME: Final = 3.1
"""Draws stop at the 99.9th percentile; beyond lies the business of storms, not of chance."""


def draw(rng: Random, hours: Hours, spread: float = SPREAD_LEG) -> float:
    """Hours drawn from the lognormal with median `planned` and the given 95th percentile."""
    return hours.planned * math.exp(_sigma(hours, spread) * min(_EXTREME, rng.gauss(0.0, 1.0)))


def high(hours: Hours, spread: float) -> float:
    """The 99th percentile of what `draw` gives: beyond it the network calls a stay or run overdue."""
    return hours.planned * math.exp(_sigma(hours, spread) * _P99)


@dataclass(slots=True)
class Line:
    """One corridor in one direction: where its trains begin and end, and how they may go."""

    network: Network
    corridor: Corridor
    direction: Direction
    forward: bool
    sources: tuple[str, ...] = ()
    exporters: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    _onward: dict[str, list[str]] = field(default_factory=dict)
    _ahead: dict[str, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Finds the ends that are connected; a line without sources has no traffic."""
        for leg in (self.network.legs[leg] for leg in self.corridor.legs):
            along = self.forward is not (leg.id in self.corridor.reversed_legs)
            a, b = (leg.a, leg.b) if along else (leg.b, leg.a)
            self._onward.setdefault(a, []).append(b)
        starts, finishes = self.corridor.starts, self.corridor.finishes
        first, last = (starts, finishes) if self.forward else (finishes, starts)
        self._ahead = {target: self._hours_ahead(target) for target in sorted(last)}
        self.targets = tuple(t for t in self._ahead if any(s in self._ahead[t] for s in first))
        self.sources = tuple(s for s in sorted(first) if any(s in self._ahead[t] for t in self.targets))
        self.exporters = tuple(
            sorted(
                node
                for node in self._onward
                # Towards China every corridor is the same line: what comes from Almaty would fit them all.
                if self.forward
                and node not in starts | finishes
                and self.network.nodes[node].country == "KZ"
                and "inland" in self.network.nodes[node].kinds
                and any(node in self._ahead[t] for t in self.targets)
            )
        )

    def leg(self, a: str, b: str) -> Leg:
        """The leg between two neighbours."""
        return self.network.between[a, b]

    def hours(self, a: str, b: str) -> Hours:
        """Planned running hours from `a` to `b`, in the direction travelled."""
        leg = self.leg(a, b)
        return leg.hours if leg.a == a else leg.back or leg.hours

    def stay(self, node: str) -> Hours | None:
        """The stay planned at a node on this corridor; None where trains only pass."""
        return self.corridor.stays.get(node) or self.network.nodes[node].stay

    def stay_hours(self, rng: Random, hours: Hours) -> float:
        """A stay drawn."""
        return draw(rng, hours, SPREAD_STAY)

    def way(self, rng: Random, source: str) -> tuple[str, ...] | None:
        """A way from `source` to one of the targets it reaches, quicker variants oftener; None: no target."""
        reached = [t for t in self.targets if source in self._ahead[t]]
        if not reached:
            return None
        target = rng.choice(reached)
        ahead, ends = self._ahead[target], self.corridor.starts | self.corridor.finishes
        way = [source]
        while (at := way[-1]) != target:
            # Only nodes nearer to the target: no circles, whatever the legs look like.
            nexts = [n for n in self._onward[at] if n in ahead and ahead[n] < ahead[at]]
            if len(nexts) == 1:
                way.append(nexts[0])
                continue
            costs = [self._cost(at, n, target) + ahead[n] + _END_PASSED * (n in ends and n != target) for n in nexts]
            best = min(costs)
            way.append(rng.choices(nexts, [math.exp((best - cost) / _TASTE) for cost in costs])[0])
        return tuple(way)

    def hours_ahead(self, node: str, target: str) -> float:
        """Planned hours from leaving `node` to arriving at `target`, stays between included."""
        return self._ahead[target][node]

    def _cost(self, a: str, b: str, target: str) -> float:
        stay = self.stay(b)
        return self.hours(a, b).planned + (stay.planned if stay and b != target else 0.0)

    def _hours_ahead(self, target: str) -> dict[str, float]:
        behind: dict[str, list[str]] = {}
        for a, nexts in self._onward.items():
            for b in nexts:
                behind.setdefault(b, []).append(a)
        found: dict[str, float] = {}
        queue = [(0.0, target)]
        while queue:
            hours, node = heapq.heappop(queue)
            if node in found:
                continue
            found[node] = hours
            for near in behind.get(node, ()):
                if near not in found:
                    heapq.heappush(queue, (hours + self._cost(near, node, target), near))
        return found


def lines(network: Network) -> Iterator[Line]:
    """Both directions of every corridor, in the order of the file."""
    for corridor in network.corridors.values():
        for forward in (True, False):
            yield Line(network, corridor, corridor.forward if forward else corridor.backward, forward)


def lack(line: Line) -> str | None:
    """What a line lacks to carry traffic, in words; None when it lacks nothing."""
    corridor = line.corridor
    if not corridor.legs:
        return "it has no legs"
    if not corridor.starts or not corridor.finishes:
        return "it has no end nodes on one side"
    if not line.sources:
        return "no way leads from its end nodes to the others over its legs"
    return None


def _sigma(hours: Hours, spread: float) -> float:
    return math.log(hours.p95 / hours.planned) / _P95 if hours.p95 and hours.p95 > hours.planned > 0 else spread
