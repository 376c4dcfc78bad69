"""The facts of a journey: what its stops amount to in dwells, runs, crossings and transits."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.journey import Journey
from tracker.domain.moment import Millis
from tracker.domain.network import OTHER, UNDECIDED, Direction, Leg, Network, Section
from tracker.domain.passage import FORWARD, Stop, stops, stops_of

_OPPOSITE = {
    Direction.WESTBOUND: Direction.EASTBOUND,
    Direction.EASTBOUND: Direction.WESTBOUND,
    Direction.SOUTHBOUND: Direction.NORTHBOUND,
    Direction.NORTHBOUND: Direction.SOUTHBOUND,
}

REACH: Final = 3
"""Visits before a movement's that its facts may depend on; see `last_changes`."""


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
    return list(dict.fromkeys(make.local(way) + make.transits(way, plans)))


def changes(
    was: Journey, now: Journey, container: str, plans: Sequence[Plan], network: Network
) -> tuple[list[Fact], list[Fact]]:
    """Facts of a journey before and after a movement: those that can differ, and few others.

    The difference of the two lists is that of all facts, provided that id, corridor, direction and load are the
    same, that it goes along its course and no node was visited twice: then stops that read the same make the
    same facts, and no two facts are alike. So the stops are left out that read the same at either end, but for
    the reported ones next to the others.
    """
    before, after = stops(was, network), stops(now, network)
    make = _Maker(now, container, network)
    a, b = _different(before, after)
    return make.local(a) + make.transits(before, plans), make.local(b) + make.transits(after, plans)


def last_changes(
    was: Journey, now: Journey, container: str, plans: Sequence[Plan], network: Network
) -> tuple[list[Fact], list[Fact]]:
    """As `changes`, after a movement later than all others, at a cost that hardly grows with the journey.

    Such a movement changes the last visit or adds one, a visit's times depend on its neighbours at most, and a
    visit without its predecessor reads the same before and after. Of the transits only those can change that
    arrive at the node of a last visit.
    """
    since = max(0, len(was.visits) - REACH)
    make = _Maker(now, container, network)
    a, b = _different(_tail(was, since, network), _tail(now, since, network))
    withdrawn, added = make.local(a), make.local(b)
    if _arrive_alike(a, b):
        return withdrawn, added
    if sections := make.sections_to({was.visits[-1].node, now.visits[-1].node}):
        before, after = stops(was, network), stops(now, network)
        for section in sections:
            withdrawn += make.transit(section, before, plans)
            added += make.transit(section, after, plans)
    return withdrawn, added


def _tail(journey: Journey, since: int, network: Network) -> list[Stop]:
    """The stops of the visits from one on; it, if not the first of all, is only there for the times of the next."""
    tail = stops_of(journey.visits[since:], journey.corridor, journey.direction, network)
    if since:
        second = journey.visits[since + 1]
        return tail[next(at for at, stop in enumerate(tail) if stop.visit is second) :]
    return tail


def _arrive_alike(before: list[Stop], after: list[Stop]) -> bool:
    """Whether two ways differ in no more than what became of the container after its last arrival."""
    if len(before) != len(after) or before[:-1] != after[:-1]:
        return False
    return not before or (before[-1].node == after[-1].node and before[-1].arrived == after[-1].arrived)


def _different(before: list[Stop], after: list[Stop]) -> tuple[list[Stop], list[Stop]]:
    """Two ways without what is the same in both at either end, but for a reported stop there."""
    begin, end, shorter = 0, 0, min(len(before), len(after))
    while begin < shorter and before[begin] == after[begin]:
        begin += 1
    while end < shorter - begin and before[-1 - end] == after[-1 - end]:
        end += 1
    while begin and before[begin - 1].visit is None:
        begin -= 1
    while end and before[-end].visit is None:
        end -= 1
    begin, end = max(0, begin - 1), max(0, end - 1)
    return before[begin : len(before) - end], after[begin : len(after) - end]


class _Maker:
    """Builds facts that share a journey's attributes."""

    def __init__(self, journey: Journey, container: str, network: Network) -> None:
        self.journey, self.container, self.network = journey, container, network
        self.corridor = None if journey.corridor in {UNDECIDED, OTHER} else journey.corridor
        self._mine = network.courses_in(journey.direction, self.corridor)

    def local(self, way: Sequence[Stop]) -> list[Fact]:
        """Dwells, runs and crossings: facts of neighbouring stops."""
        found = [self._dwell(stop) for stop in way if stop.stayed and stop.stay >= 0]
        self._runs(way, found)
        self._crossings(way, found)
        return found

    def transits(self, way: Sequence[Stop], plans: Sequence[Plan]) -> list[Fact]:
        """The sections of the journey's corridor that it has done."""
        if self.corridor is None or self.journey.direction is None:
            return []
        sections = self.network.corridors[self.corridor].sections
        return [fact for section in sections for fact in self.transit(section, way, plans)]

    def sections_to(self, nodes: set[str]) -> list[Section]:
        """The sections of the journey's corridor that it has begun and that end at one of the nodes."""
        if self.corridor is None or self.journey.direction is None:
            return []
        visited = [visit.node for visit in self.journey.visits]
        return [
            section
            for section in self.network.corridors[self.corridor].sections
            for start, end in (self._ends(section),)
            if not end.isdisjoint(nodes) and not start.isdisjoint(visited)
        ]

    def _ends(self, section: Section) -> tuple[frozenset[str], frozenset[str]]:
        """Where a section begins and ends in the journey's direction."""
        if self.journey.direction in FORWARD:
            return section.start, section.end
        return section.end, section.start

    def _dwell(self, stop: Stop) -> Fact:
        """A stay with both ends reported; at a border with its side."""
        of = self.journey
        assert stop.departed is not None
        return Fact(
            FactKind.DWELL, of.corridor, of.direction, self.container, of.id, stop.departed, stop.arrived,
            node=stop.node, side=stop.side, teu=of.teu, grams=of.grams, laden=of.laden,
        )  # fmt: skip

    def _runs(self, way: Sequence[Stop], found: list[Fact]) -> None:
        """From reported out of one node to reported in at the next that was reported."""
        of = self.journey
        for a, b in pairwise([stop for stop in way if stop.visit is not None]):
            if a.node != b.node and a.departed is not None and b.arrived is not None and b.arrived >= a.departed:
                found.append(
                    Fact(
                        FactKind.RUN, of.corridor, self._sense(a.node, b.node), self.container, of.id, b.arrived,
                        a.departed, origin=a.node, goal=b.node, teu=of.teu, grams=of.grams, laden=of.laden,
                        metres=self._metres((a.node, b.node)),
                    )
                )  # fmt: skip

    def _crossings(self, way: Sequence[Stop], found: list[Fact]) -> None:
        """One per passage of a border or counting leg, also where only a border crossing tells of it."""
        for at, (a, b) in enumerate(pairwise(way)):
            leg = self.network.lines.get((a.node, b.node))
            if leg is not None:
                found.append(self._crossing(a, b, leg, next(stop for stop in way[at + 1 :] if stop.visit is not None)))
        if way and (last := way[-1]).side is Side.EXIT and last.visit and last.visit.crossed is not None:
            found.append(self._border_alone(last.node, last.visit.crossed, leaving=True))
        if way and (first := way[0]).side is Side.ENTRY and first.visit and first.visit.crossed is not None:
            found.append(self._border_alone(first.node, first.visit.crossed, leaving=False))

    def _crossing(self, a: Stop, b: Stop, leg: Leg, beyond: Stop) -> Fact:
        at: Millis | None = None
        if leg.crossing and a.side is Side.EXIT and a.visit is not None:
            at = a.visit.crossed
        if at is None and leg.crossing and b.side is Side.ENTRY and b.visit is not None:
            at = b.visit.crossed
        at = b.arrived if at is None else at
        at = a.departed if at is None else at
        return self._passage(a.node, b.node, beyond.first if at is None else at, implied=at is None)

    def _border_alone(self, node: str, at: Millis, *, leaving: bool) -> Fact:
        leg = self.network.border_sides[node]
        across = leg.b if leg.a == node else leg.a
        a, b = (node, across) if leaving else (across, node)
        return self._passage(a, b, at, implied=False)

    def _passage(self, a: str, b: str, at: Millis, *, implied: bool) -> Fact:
        of = self.journey
        return Fact(
            FactKind.CROSSING, of.corridor, self._sense(a, b), self.container, of.id, at,
            origin=a, goal=b, teu=of.teu, grams=of.grams, laden=of.laden, implied=implied,
        )  # fmt: skip

    def transit(self, section: Section, way: Sequence[Stop], plans: Sequence[Plan]) -> list[Fact]:
        """The section from first reported departure to first reported arrival, in the journey's direction."""
        start, end = self._ends(section)
        nodes = [stop.node for stop in way]
        if start.isdisjoint(nodes) or end.isdisjoint(nodes):
            return []
        out = next((i for i, stop in enumerate(way) if stop.departed is not None and stop.node in start), None)
        if out is None or (departed := way[out].departed) is None:
            return []
        beyond = range(out + 1, len(way))
        into = next((i for i in beyond if way[i].arrived is not None and way[i].node in end), None)
        if into is None or (arrived := way[into].arrived) is None or arrived < departed:
            return []
        nodes = nodes[out : into + 1]
        plan = max((p for p in plans if p.node == nodes[-1] and p.made <= departed < p.at), default=None)
        of = self.journey
        return [
            Fact(
                FactKind.TRANSIT, of.corridor, of.direction, self.container, of.id, arrived, departed,
                origin=nodes[0], goal=nodes[-1], teu=of.teu, grams=of.grams, laden=of.laden,
                section=section.id,
                full=section.id == self.network.corridors[of.corridor].sections[0].id,
                metres=self._metres(nodes),
                countries=tuple(sorted({self.network.nodes[node].country for node in nodes})),
                dwell=sum(stop.stay for stop in way[out + 1 : into]),
                planned_end=None if plan is None else plan.at,
            )
        ]  # fmt: skip

    def _sense(self, a: str, b: str) -> Direction | None:
        """The journey's direction, or its opposite on a way that goes against it."""
        direction = self.journey.direction
        if direction is None:
            return None
        if self._mine & self.network.before.get((b, a), 0) and not self._mine & self.network.before.get((a, b), 0):
            return _OPPOSITE[direction]
        return direction

    def _metres(self, nodes: Sequence[str]) -> int | None:
        """Metres of the usual way from node to node; None where none is known."""
        total = 0
        for a, b in pairwise(nodes):
            metres = self.network.metres(a, b, self.journey.corridor)
            if metres is None:
                return None
            total += metres
        return total
