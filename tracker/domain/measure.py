"""The facts of a journey: what its stops amount to in dwells, runs, crossings and transits."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec import structs

from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.journey import Journey
from tracker.domain.moment import Millis
from tracker.domain.network import OTHER, UNDECIDED, Direction, Leg, Network, Section
from tracker.domain.passage import FORWARD, Stop, stops

_OPPOSITE = {
    Direction.WESTBOUND: Direction.EASTBOUND,
    Direction.EASTBOUND: Direction.WESTBOUND,
    Direction.SOUTHBOUND: Direction.NORTHBOUND,
    Direction.NORTHBOUND: Direction.SOUTHBOUND,
}


class Plan(NamedTuple):
    """A carrier's planned arrival at a node: for when, and when it was made (recorded, else received)."""

    made: Millis
    at: Millis
    node: str


def facts_of(journey: Journey, container: str, plans: Sequence[Plan], network: Network) -> list[Fact]:
    """Every fact of one journey, in the order of its stops; the same journey always gives the same list.

    Facts are a set: what has the same content is one fact, as when dates without hours bring a container
    twice over a border at one moment.
    """
    way = stops(journey, network)
    make = _Maker(journey, container, network)
    return list(dict.fromkeys((*make.local(way), *make.transits(way, plans))))


def last_facts_of(
    journey: Journey, since: int, ends: frozenset[str], container: str, plans: Sequence[Plan], network: Network
) -> list[Fact]:
    """The facts of one journey that a movement later than all others can change, with some that it can't.

    `since` is the first visit looked at, `ends` the last node before the movement and the one after it.
    Comparing the lists before and after such a movement gives the same difference as comparing all facts, at
    a cost that does not grow with the journey, provided that neither corridor, direction nor load changed,
    that `since` is three visits before the old end, and that no node was visited twice: a movement changes
    the last visit or adds one, a visit's times depend on its neighbours at most, and a visit without its
    predecessor reads the same before and after. Of the transits only those can change that arrive at one of
    `ends`.
    """
    make = _Maker(journey, container, network)
    tail = stops(structs.replace(journey, visits=journey.visits[since:]), network)
    if since:  # the first visit is only there for the times of the second
        tail = tail[next(at for at, stop in enumerate(tail) if stop.visit is journey.visits[since + 1]) :]
    facts = list(make.local(tail))
    if sections := make.sections_to(ends):
        way = stops(journey, network)
        for section in sections:
            facts += make.transit(section, way, plans)
    return facts


class _Maker:
    """Builds facts that share a journey's attributes."""

    def __init__(self, journey: Journey, container: str, network: Network) -> None:
        self.journey, self.container, self.network = journey, container, network
        self.corridor = None if journey.corridor in {UNDECIDED, OTHER} else journey.corridor
        self._mine = network.courses_in(journey.direction, self.corridor)

    def local(self, way: Sequence[Stop]) -> Iterator[Fact]:
        """Dwells, runs and crossings: facts of neighbouring stops."""
        for stop in way:
            if stop.stayed and stop.stay >= 0:
                yield self.dwell(stop)
        yield from self.runs(way)
        yield from self.crossings(way)

    def transits(self, way: Sequence[Stop], plans: Sequence[Plan]) -> Iterator[Fact]:
        """The sections of the journey's corridor that it has done."""
        if self.corridor is not None and self.journey.direction is not None:
            for section in self.network.corridors[self.corridor].sections:
                yield from self.transit(section, way, plans)

    def sections_to(self, nodes: frozenset[str]) -> list[Section]:
        """The sections of the journey's corridor that end at one of the nodes in the journey's direction."""
        if self.corridor is None or self.journey.direction is None:
            return []
        forward = self.journey.direction in FORWARD
        sections = self.network.corridors[self.corridor].sections
        return [section for section in sections if not nodes.isdisjoint(section.end if forward else section.start)]

    def dwell(self, stop: Stop) -> Fact:
        """A stay with both ends reported; at a border with its side."""
        return self._fact(
            FactKind.DWELL, self.journey.direction, stop.departed, start=stop.arrived, node=stop.node, side=stop.side
        )

    def runs(self, way: Sequence[Stop]) -> Iterator[Fact]:
        """From reported out of one node to reported in at the next that was reported."""
        for a, b in pairwise(stop for stop in way if not stop.implied):
            if a.node != b.node and a.departed is not None and b.arrived is not None and b.arrived >= a.departed:
                direction = self._sense(a.node, b.node)
                metres = self._metres((a.node, b.node))
                yield self._fact(
                    FactKind.RUN, direction, b.arrived, start=a.departed, origin=a.node, goal=b.node, metres=metres
                )

    def crossings(self, way: Sequence[Stop]) -> Iterator[Fact]:
        """One per passage of a border or counting leg, also where only a border crossing tells of it."""
        for at, (a, b) in enumerate(pairwise(way)):
            leg = self.network.between.get((a.node, b.node))
            if leg is not None and (leg.crossing or leg.id in self.network.counting):
                yield self._crossing(a, b, leg, next(stop for stop in way[at + 1 :] if not stop.implied))
        if way and (last := way[-1]).side is Side.EXIT and last.visit and last.visit.crossed is not None:
            yield self._border_alone(last.node, last.visit.crossed, leaving=True)
        if way and (first := way[0]).side is Side.ENTRY and first.visit and first.visit.crossed is not None:
            yield self._border_alone(first.node, first.visit.crossed, leaving=False)

    def _crossing(self, a: Stop, b: Stop, leg: Leg, beyond: Stop) -> Fact:
        at: Millis | None = None
        if leg.crossing:
            reported = [a.visit.crossed] if a.visit and a.side is Side.EXIT else []
            reported += [b.visit.crossed] if b.visit and b.side is Side.ENTRY else []
            at = next((time for time in reported if time is not None), None)
        at = b.arrived if at is None else at
        at = a.departed if at is None else at
        direction = self._sense(a.node, b.node)
        return self._fact(
            FactKind.CROSSING,
            direction,
            beyond.first if at is None else at,
            origin=a.node,
            goal=b.node,
            implied=at is None,
        )

    def _border_alone(self, node: str, at: Millis, *, leaving: bool) -> Fact:
        leg = self.network.border_sides[node]
        across = leg.b if leg.a == node else leg.a
        a, b = (node, across) if leaving else (across, node)
        return self._fact(FactKind.CROSSING, self._sense(a, b), at, origin=a, goal=b)

    def transit(self, section: Section, way: Sequence[Stop], plans: Sequence[Plan]) -> Iterator[Fact]:
        """The section from first reported departure to first reported arrival, in the journey's direction."""
        forward = self.journey.direction in FORWARD
        start, end = (section.start, section.end) if forward else (section.end, section.start)
        out = next((i for i, s in enumerate(way) if s.node in start and s.departed is not None), None)
        if out is None:
            return
        into = next((i for i, s in enumerate(way) if i > out and s.node in end and s.arrived is not None), None)
        departed = way[out].departed
        if into is None or departed is None or (arrived := way[into].arrived) is None or arrived < departed:
            return
        part = way[out : into + 1]
        nodes = [stop.node for stop in part]
        whole = section.id == self.network.corridors[self.journey.corridor].sections[0].id
        plan = max((p for p in plans if p.node == nodes[-1] and p.made <= departed < p.at), default=None)
        yield self._fact(
            FactKind.TRANSIT,
            self.journey.direction,
            arrived,
            start=departed,
            origin=nodes[0],
            goal=nodes[-1],
            section=section.id,
            full=whole,
            metres=self._metres(nodes),
            countries=tuple(sorted({self.network.nodes[node].country for node in nodes})),
            dwell=sum(stop.stay for stop in part[1:-1]),
            planned_end=None if plan is None else plan.at,
        )

    def _sense(self, a: str, b: str) -> Direction | None:
        """The journey's direction, or its opposite on a way that goes against it."""
        direction = self.journey.direction
        if direction is None:
            return None
        if self._mine & self.network.before.get((b, a), 0) and not self._mine & self.network.before.get((a, b), 0):
            return _OPPOSITE[direction]
        return direction

    def _metres(self, nodes: Iterable[str]) -> int | None:
        total = 0
        for pair in pairwise(nodes):
            leg = self.network.between.get(pair)
            km = leg.km if leg else None if self.journey.corridor == OTHER else self.network.km(*pair, self.corridor)
            if km is None:
                return None
            total += round(km * 1000)
        return total

    def _fact(self, kind: FactKind, direction: Direction | None, end: Millis | None, **parts: Any) -> Fact:
        journey = self.journey
        assert end is not None
        return Fact(
            kind,
            journey.corridor,
            direction,
            self.container,
            journey.id,
            end,
            teu=journey.teu,
            grams=journey.grams,
            laden=journey.laden,
            **parts,
        )
