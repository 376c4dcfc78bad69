"""Lines: how long a stay, a run or a whole way may take before it is an exception.

A line is a quantile of the lognormal that usual hours and their p95 define: the p95 warns, the p99 is critical. What is
usual the network plans, until it is learned. No
line is below twelve hours, and what a carrier's reports usually come late by is added by whoever watches. While
several corridors are possible the longest of their lines holds.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from tracker.domain.exceptions import Source
from tracker.domain.facts import Side
from tracker.domain.lognormal import NOTHING, Spread, spread_of, total
from tracker.domain.moment import HOUR
from tracker.domain.network import Course, Network
from tracker.domain.norms import NO_NORMS, Norms
from tracker.domain.passage import FORWARD
from tracker.domain.thresholds import Pair, Thresholds
from tracker.domain.usual_hours import KnownHours, UsualHours

__all__ = ["CRITICAL_Q", "WARNING_Q", "Ahead", "Line", "Lines", "Thresholds"]

WARNING_Q: Final = 0.95
CRITICAL_Q: Final = 0.99


class Line(NamedTuple):
    """Milliseconds after which a condition warns and is critical; None is never. `sure`: see `Watch`."""

    warning: int
    critical: int | None
    source: Source = "template"
    sure: int | None = None


class Ahead(NamedTuple):
    """What lies between a node and the next one at which a container must be reported, or its destination.

    `beyond`: from coming there to the report after that: of leaving it, or where no stay is planned, of the next node.
    `is_learned`: some of its hours were.
    """

    leg: str
    goal: str
    at_sea: bool
    spread: Spread
    beyond: Spread
    is_learned: bool = False


class Lines:
    """The lines of a network, each computed once: at most nodes x masks of courses x destinations entries.

    A mask of courses (see `Network`) says on which corridors and in which directions a container may be.
    """

    def __init__(self, network: Network, thresholds: Thresholds, norms: Norms = NO_NORMS) -> None:
        self.network = network
        self.thresholds = thresholds
        self._norms = norms
        self._hours = UsualHours(network, norms)
        self._learned: dict[int, Lines] = {}
        self._plain: Lines = self
        self._runs: dict[tuple[str, int, str | None], tuple[Ahead, Line] | None] = {}
        self._stays: dict[tuple[str, int], Line | None] = {}
        self._ways: dict[tuple[str, int, str | None], tuple[str, Spread] | None] = {}
        self._stay_spreads: dict[tuple[str, int], Spread] = {}
        self._sure: dict[tuple[str, int, Spread | None], int] = {}

    def by(self, norms: Norms) -> "Lines":
        """The lines by what was learned; each version's are kept, the last `VERSIONS_MAX` of them."""
        if not norms.usual:
            return self
        found = self._learned.pop(norms.version, None)
        if found is None or (found._norms is not norms and found._norms != norms):
            found = Lines(self.network, self.thresholds, norms)
            found._plain = self
        self._learned[norms.version] = found  # the last used is the last to go
        if len(self._learned) > VERSIONS_MAX:
            del self._learned[next(iter(self._learned))]
        return found

    @property
    def mandatory(self) -> frozenset[str]:
        """The nodes at which an arrival and a departure must be reported: borders, gauge changes and ports."""
        return mandatory_nodes(self.network)

    def stay(self, node: str, mask: int) -> Line | None:
        """The line of a stay at a node; None where none is planned and none was set."""
        key = (node, mask)
        if key not in self._stays:
            # On no corridor known to pass here what holds for any corridor still does.
            lines = [self._stay_line(node, course) for course in self._courses(mask)] or [self._stay_line(node, None)]
            self._stays[key] = max((line for line in lines if line is not None), default=None)
        return self._stays[key]

    def is_planned(self, node: str, mask: int) -> bool:
        """Whether the network plans a stay at a node, or somebody set a line for it."""
        return node in self.thresholds.stays or self._plain.stay(node, mask) is not None

    def side(self, node: str, course: Course) -> Side | None:
        """The side of the border at which a container on a course comes to a border node."""
        leg = self.network.border_sides.get(node)
        if leg is None:
            return None
        across = leg.b if leg.a == node else leg.a
        if self.network.before.get((node, across), 0) & course.bit:
            return Side.EXIT
        if self.network.before.get((across, node), 0) & course.bit:
            return Side.ENTRY
        return Side.EXIT if (leg.a == node) == (course.direction in FORWARD) else Side.ENTRY

    def run(self, node: str, mask: int, destination: str | None) -> tuple[Ahead, Line] | None:
        """The way to the next node where it must be reported, and its line; None where no way is known.

        Way points between may go unreported, so the line is that of the path past them.
        """
        key = (node, self._towards(mask, destination), destination)
        if key not in self._runs:
            found = [(ahead, self._run_line(ahead, at)) for ahead, at in self._aheads(*key)]
            self._runs[key] = max(found, key=lambda each: each[1].warning, default=None)
        return self._runs[key]

    def way(self, node: str, mask: int, destination: str | None) -> tuple[str, Spread] | None:
        """The destination, else the nearest end of the corridor, with the hours from leaving a node to being there.

        Stays between count, that at either end does not. None where it is not known: corridor undecided and no
        destination given, or no way leads there.
        """
        mask = self._towards(mask, destination)
        key = (node, mask, destination)
        if key not in self._ways:
            found = [way for course in self._trunks(mask) if (way := self._way(node, course, destination)) is not None]
            is_known = destination is not None or len(self._trunks(mask)) == 1
            self._ways[key] = max(found, key=lambda each: each[1].median) if found and is_known else None
        return self._ways[key]

    def stay_spread(self, node: str, mask: int) -> Spread:
        """How long a stay takes; nothing where none is planned."""
        key = (node, mask)
        if key not in self._stay_spreads:
            stays = [known for course in self._courses(mask) if (known := self._hours.stay(node, course)) is not None]
            spreads = [spread_of(each.hours) for each in stays]
            self._stay_spreads[key] = max(spreads, key=lambda spread: spread.median, default=NOTHING)
        return self._stay_spreads[key]

    def _towards(self, mask: int, destination: str | None) -> int:
        """The courses of a mask that lead past a destination, if any does; all of them where none is known."""
        there = mask if destination is None else mask & self.network.member.get(destination, 0)
        return there or mask

    def _trunks(self, mask: int) -> list[Course]:
        """The courses that are no branch of another of the mask."""
        names = {course.corridor for course in self._courses(mask)}
        return [c for c in self._courses(mask) if self.network.corridors[c.corridor].parent not in names]

    def _stay_line(self, node: str, course: Course | None) -> Line | None:
        """The line that was set for a course, else that of the hours planned; `course` None: of none in particular."""
        setting = self.thresholds.stays.get(node)
        if setting is not None:
            given = (
                setting.hours if course is None else setting.of(course, self._parent(course), self.side(node, course))
            )
            if given is not None:
                return _given(given)
        if course is None:
            planned = self.network.nodes[node].stay
            return None if planned is None else self._line(spread_of(planned))
        known = self._hours.stay(node, course)
        return None if known is None else self._line(spread_of(known.hours), is_learned=known.is_learned)

    def _parent(self, course: Course) -> str | None:
        return self.network.corridors[course.corridor].parent

    def _line(self, spread: Spread, *, is_learned: bool = False) -> Line:
        warning, critical = (round(max(self.thresholds.least, spread.tail(q)) * HOUR) for q in (WARNING_Q, CRITICAL_Q))
        return Line(warning, critical, "learned" if is_learned else "template")

    def _run_line(self, ahead: Ahead, course: Course) -> Line:
        """Sure when the report after the next is overdue too: one report unsent is commoner than a box lost."""
        setting = self.thresholds.runs.get(ahead.leg)
        given = None if setting is None else setting.of(course, self._parent(course))
        line = self._line(ahead.spread, is_learned=ahead.is_learned) if given is None else _given(given)
        return line._replace(sure=max(line.critical or 0, self._line(total((ahead.spread, ahead.beyond))).warning))

    def stay_sure(self, node: str, mask: int, ahead: Ahead | None) -> int:
        """Milliseconds after which a stay is too long even if nobody reported its end: the next node is overdue."""
        run = None if ahead is None else ahead.spread
        key = (node, mask, run)
        if key not in self._sure:
            stay = self.stay_spread(node, mask)
            self._sure[key] = self._line(stay if run is None else total((stay, run))).warning
        return self._sure[key]

    def _aheads(self, node: str, mask: int, destination: str | None) -> list[tuple[Ahead, Course]]:
        found: list[tuple[Ahead, Course]] = []
        for course in self._courses(mask):
            for goal in self._goals(course, destination):
                way = self.network.path(course.corridor, node, goal)
                if way and self._is_onward(node, way[0], course):
                    found.append((self._ahead(node, way, course), course))
        return found

    def _is_onward(self, a: str, b: str, course: Course) -> bool:
        return bool(self.network.before.get((a, b), 0) & course.bit)

    def _ahead(self, node: str, way: tuple[str, ...], course: Course) -> Ahead:
        goals = [at for at, each in enumerate(way) if self.is_reported_at(each)] or [len(way) - 1]
        goal = way[goals[0]]
        legs = list(pairwise((node, *way)))
        runs = [self._hours.run(a, b, course) for a, b in legs]
        spreads = [spread_of(run.hours) for run in runs]
        stay = self._hours.stay(goal, course)
        second = goals[1] + 1 if len(goals) > 1 else len(legs)
        beyond = total(spreads[goals[0] + 1 : second]) if stay is None else spread_of(stay.hours)
        at_sea = any(self.network.between[pair].mode == "vessel" for pair in legs[: goals[0] + 1])
        leg = self.network.between[legs[0]].id
        is_learned = any(run.is_learned for run in runs[: goals[0] + 1])
        return Ahead(leg, goal, at_sea, total(spreads[: goals[0] + 1]), beyond, is_learned)

    def _way(self, node: str, course: Course, destination: str | None) -> tuple[str, Spread] | None:
        ways: list[tuple[str, Spread]] = []
        for goal in self._goals(course, destination):
            path = self.network.path(course.corridor, node, goal)
            if path and self._is_onward(node, path[0], course):
                ways.append((goal, self._way_spread((node, *path), course)))
        return min(ways, key=lambda each: (each[1].median, each[0]), default=None)

    def _way_spread(self, nodes: Sequence[str], course: Course) -> Spread:
        """Hours from departing the first of neighbouring nodes to arriving at the last."""
        runs: list[KnownHours | None] = [self._hours.run(a, b, course) for a, b in pairwise(nodes)]
        stays = [self._hours.stay(node, course) for node in nodes[1:-1]]
        return total(spread_of(known.hours) for known in runs + stays if known is not None)

    def is_reported_at(self, node: str) -> bool:
        """Whether a container on its way must be reported here: a stay is planned, or a border, gauge or port is here.

        Anywhere else a train may pass without a word.
        """
        here = self.network.nodes[node]
        return here.stay is not None or not _MUST.isdisjoint(here.kinds)

    def _goals(self, course: Course, destination: str | None) -> list[str]:
        corridor = self.network.corridors[course.corridor]
        if destination is not None and self.network.member.get(destination, 0) & course.bit:
            return [destination]
        return sorted(corridor.finishes if course.forward else corridor.starts)

    def _courses(self, mask: int) -> tuple[Course, ...]:
        found = self._by_mask.get(mask)
        if found is None:
            found = self._by_mask[mask] = tuple(course for course in self.network.courses if course.bit & mask)
        return found

    @cached_property
    def _by_mask(self) -> dict[int, tuple[Course, ...]]:
        return {}


def _given(hours: Pair) -> Line:
    """A line that an operator set."""
    return Line(round(hours[0] * HOUR), round(hours[1] * HOUR))


VERSIONS_MAX: Final = 64
"""Versions of norms whose lines are kept: a journey may be judged anew over sixty days; one takes some 300 kB."""
_MUST: Final = frozenset(("border", "gauge", "port"))


@lru_cache(8)  # networks that are in use at once, in tests
def mandatory_nodes(network: Network) -> frozenset[str]:
    """The nodes at which an arrival and a departure must be reported: borders, gauge changes and ports."""
    return frozenset(node.id for node in network.nodes.values() if not _MUST.isdisjoint(node.kinds))
