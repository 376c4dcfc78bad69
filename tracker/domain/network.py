"""The network we watch: nodes, legs, corridors, and the questions the fold asks of them.

Built once from a checked file (`tracker.contract.network_file`) and never changed. A corridor's order is
the order of its legs: node A comes before node B when a path of the corridor's legs leads from A to B in
the corridor's forward (westbound or southbound) sense. The order need not be total: Aktau and Kuryk are variants.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from tracker.domain.quickest import quickest

UNDECIDED = "undecided"
"""The corridor of a journey that has not reached a telling node."""
OTHER = "other"
"""The corridor of a journey that fits none of the network's corridors."""
EARTH_RADIUS_KM = 6371.0
"""Mean radius; the error of taking the earth for a sphere is below 0.6 %."""


class Direction(StrEnum):
    """The sense of travel on a corridor; from China is westbound, also to Tashkent and Tehran."""

    WESTBOUND = "westbound"
    EASTBOUND = "eastbound"
    SOUTHBOUND = "southbound"
    NORTHBOUND = "northbound"


@dataclass(frozen=True, slots=True)
class Code:
    """One foreign code of a node. `nearest`: a neighbour's code carriers use for it; accepted with a doubt."""

    scheme: str
    code: str
    nearest: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """Planned hours and their 95th percentile where published or estimated."""

    planned: float
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A point of the network. `zone` is an IANA name set by hand: geometry gives the wrong one at Horgos."""

    id: str
    name: str
    country: str
    kinds: frozenset[str]
    latitude: float
    longitude: float
    zone: str
    gauges: tuple[int, ...]
    codes: tuple[Code, ...] = ()
    names: tuple[str, ...] = ()
    stay: Hours | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """Two neighbouring nodes, `a` before `b` westbound (or southbound); id `A--B`.

    `crossing`: it joins two countries' border nodes. `back`: hours of the way back where they differ.
    """

    id: str
    a: str
    b: str
    km: float
    hours: Hours
    mode: str = "rail"
    crossing: bool = False
    back: Hours | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a corridor that is timed: from the first set of nodes to the second, and back."""

    id: str
    start: frozenset[str]
    end: frozenset[str]


@dataclass(frozen=True, slots=True)
class Corridor:
    """An ordered set of legs with two disjoint sets of end nodes.

    `starts` are the ends that lie first in leg order (the Chinese hubs; Vorsino on INSTC), `finishes` the
    last. `reversed_legs` are those of `legs` that the corridor travels from `b` to `a` in its forward sense: a
    leg has one id, in the order of the westbound corridor that uses it. `sections[0]` is `whole`. `counting`
    are the legs at which volume is counted. `stays` overrides a node's planned stay in this corridor.
    """

    id: str
    name: str
    forward: Direction
    backward: Direction
    legs: tuple[str, ...]
    starts: frozenset[str]
    finishes: frozenset[str]
    sections: tuple[Section, ...]
    counting: frozenset[str]
    parent: str | None = None
    target_tonnes_per_year: float | None = None
    tolerance_hours: float = 24.0
    stays: Mapping[str, Hours] = field(default_factory=dict)
    reversed_legs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Course:
    """A corridor travelled in one direction; `bit` is its place in masks of courses."""

    corridor: str
    direction: Direction
    forward: bool
    bit: int


class Network:
    """Nodes, legs and corridors with everything derived from them computed once.

    Masks of courses are integers: bit `Course.bit` set means "this course is possible".
    """

    def __init__(self, nodes: Iterable[Node], legs: Iterable[Leg], corridors: Iterable[Corridor]) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.legs = {leg.id: leg for leg in legs}
        self.corridors = {corridor.id: corridor for corridor in corridors}
        self.courses = tuple(
            Course(c.id, c.forward if forward else c.backward, forward, 1 << (2 * i + (not forward)))
            for i, c in enumerate(self.corridors.values())
            for forward in (True, False)
        )
        self._great_circles: dict[tuple[str, str], float] = {}
        self._paths: dict[tuple[str | None, str, str], tuple[str, ...] | None] = {}
        self.choices: dict[int, tuple[str, Direction | None]] = {}
        """What masks of courses leave, remembered by `course.decide`: some hundred come from ways of nodes."""
        self._metres: dict[tuple[str, str, str], int | None] = {}

    @cached_property
    def codes(self) -> dict[tuple[str, str], tuple[Node, bool]]:
        """(scheme, code) to node and whether the code is only a neighbour's; own ids have scheme `id`."""
        found = {("id", node.id): (node, False) for node in self.nodes.values()}
        for node in self.nodes.values():
            for code in node.codes:
                found[code.scheme, code.code] = (node, code.nearest)
        return found

    @cached_property
    def between(self) -> dict[tuple[str, str], Leg]:
        """The leg between two neighbouring nodes, whichever is named first."""
        return {pair: leg for leg in self.legs.values() for pair in ((leg.a, leg.b), (leg.b, leg.a))}

    @cached_property
    def member(self) -> dict[str, int]:
        """For each node the mask of courses whose corridor contains it."""
        masks = dict.fromkeys(self.nodes, 0)
        for course in self.courses:
            for leg_id in self.corridors[course.corridor].legs:
                leg = self.legs[leg_id]
                masks[leg.a] |= course.bit
                masks[leg.b] |= course.bit
        return masks

    @cached_property
    def before(self) -> dict[tuple[str, str], int]:
        """For each pair of different nodes the mask of courses on which the first comes before the second."""
        masks: dict[tuple[str, str], int] = {}
        for course in self.courses:
            corridor = self.corridors[course.corridor]
            onward: dict[str, list[str]] = {}
            for leg_id in corridor.legs:
                leg = self.legs[leg_id]
                along = course.forward is not (leg_id in corridor.reversed_legs)
                a, b = (leg.a, leg.b) if along else (leg.b, leg.a)
                onward.setdefault(a, []).append(b)
            for start in onward:
                for node in _reached(start, onward):
                    masks[start, node] = masks.get((start, node), 0) | course.bit
        return masks

    def courses_in(self, direction: Direction | None, corridor: str | None) -> int:
        """The mask of courses in a direction, on one corridor or (None) on any."""
        return self._courses_in.get((direction, corridor), 0)

    @cached_property
    def finishing(self) -> dict[str, int]:
        """For each end node the mask of courses whose journeys finish there."""
        masks: dict[str, int] = {}
        for course in self.courses:
            corridor = self.corridors[course.corridor]
            for node in corridor.finishes if course.forward else corridor.starts:
                masks[node] = masks.get(node, 0) | course.bit
        return masks

    @cached_property
    def _courses_in(self) -> dict[tuple[Direction | None, str | None], int]:
        masks: dict[tuple[Direction | None, str | None], int] = {}
        for course in self.courses:
            for key in ((course.direction, None), (course.direction, course.corridor)):
                masks[key] = masks.get(key, 0) | course.bit
        return masks

    @cached_property
    def border_sides(self) -> dict[str, Leg]:
        """Border nodes to the crossing they belong to."""
        return {node: leg for leg in self.legs.values() if leg.crossing for node in (leg.a, leg.b)}

    @cached_property
    def ends(self) -> frozenset[str]:
        """Every node that is an end of some corridor."""
        return frozenset().union(*(c.starts | c.finishes for c in self.corridors.values()))

    @cached_property
    def counting(self) -> dict[str, frozenset[str]]:
        """Counting legs to the corridors that count at them."""
        found: dict[str, set[str]] = {}
        for corridor in self.corridors.values():
            for leg in corridor.counting:
                found.setdefault(leg, set()).add(corridor.id)
        return {leg: frozenset(corridors) for leg, corridors in found.items()}

    @cached_property
    def lines(self) -> dict[tuple[str, str], Leg]:
        """Of `between` the legs whose passages are counted: borders and counting legs."""
        return {pair: leg for pair, leg in self.between.items() if leg.crossing or leg.id in self.counting}

    def path(self, corridor: str | None, a: str, b: str) -> tuple[str, ...] | None:
        """The usual way from `a` to `b`: nodes after `a` up to `b`, fewest planned hours, stays included.

        Over the corridor's legs, or over all legs when `corridor` is None. None when no way leads there.
        Remembered: at most nodes squared entries per corridor (60 x 60 x 8).
        """
        key = (corridor, a, b)
        if key not in self._paths:
            legs = self.legs if corridor is None else self.corridors[corridor].legs
            over = [self.legs[leg] for leg in legs]
            runs = [(leg.a, leg.b, leg.hours.planned, (leg.back or leg.hours).planned) for leg in over]
            stays = {node.id: node.stay.planned for node in self.nodes.values() if node.stay is not None}
            self._paths[key] = quickest(runs, stays, a, b)
        return self._paths[key]

    def great_circle(self, a: str, b: str) -> float:
        """Kilometres of the shortest way over the sphere between two nodes; remembered (nodes squared entries)."""
        if (a, b) not in self._great_circles:
            self._great_circles[a, b] = great_circle_km(self.nodes[a], self.nodes[b])
        return self._great_circles[a, b]

    def km(self, a: str, b: str, corridor: str | None = None) -> float | None:
        """Kilometres of the usual way from `a` to `b`; None when no way leads there."""
        way = self.path(corridor, a, b)
        if way is None:
            return None
        stops = (a, *way)
        return sum(self.between[pair].km for pair in pairwise(stops))

    def metres(self, a: str, b: str, corridor: str) -> int | None:
        """Metres of the leg between two nodes, else of the usual way on a journey's corridor (any, if undecided).

        None when no way is known, as beyond a leg on no known corridor. Remembered, as the paths are.
        """
        key = (a, b, corridor)
        if key not in self._metres:
            leg = self.between.get((a, b))
            known = None if corridor == UNDECIDED else corridor
            km = leg.km if leg else None if corridor == OTHER else self.km(a, b, known)
            self._metres[key] = None if km is None else round(km * 1000)
        return self._metres[key]


def great_circle_km(a: Node, b: Node) -> float:
    """The shortest way over a sphere between two nodes: no railway and no vessel does with less."""
    north, south = math.radians(a.latitude), math.radians(b.latitude)
    across = math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    along = math.sin((south - north) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(along + math.cos(north) * math.cos(south) * across))


def _reached(start: str, onward: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(onward.get(start, ()))
    while ahead:
        node = ahead.pop()
        if node not in found:
            found.add(node)
            ahead.extend(onward.get(node, ()))
    return found
