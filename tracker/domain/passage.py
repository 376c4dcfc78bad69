"""The stops of a journey: its visits with their times, and the nodes it must have passed between them.

A visit's two times are `reported` only from what was reported there; a node that was only concluded from a
later one has no times and is marked implied.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from tracker.domain.facts import Side
from tracker.domain.journey import Journey, Visit
from tracker.domain.moment import Millis
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network

FORWARD: Final = frozenset((Direction.WESTBOUND, Direction.SOUTHBOUND))
"""Directions in which legs are named."""


class Stop(msgspec.Struct, gc=False):
    """A node on a journey's way; `first` is the earliest report there, of an implied one the next report.

    `stayed`: it stood here, in and out are two moments, not one passing.
    """

    node: str
    first: Millis
    visit: Visit | None = None
    arrived: Millis | None = None
    departed: Millis | None = None
    side: Side | None = None
    stayed: bool = False

    @property
    def implied(self) -> bool:
        """Whether nobody reported the container here."""
        return self.visit is None

    @property
    def stay(self) -> int:
        """How long it stood here, in milliseconds; 0 when it did not, or is not known to have."""
        return (
            self.departed - self.arrived
            if self.stayed and self.arrived is not None and self.departed is not None
            else 0
        )


Visited = tuple[str, Millis, Millis | None]
"""Node, the earliest report there, and the departure, where one was reported."""


def visited_of(way: Sequence[Stop]) -> list[Visited]:
    """Each node of an open journey's stops at which it was reported."""
    last = way[-1]
    return [
        *((stop.node, stop.first, stop.departed) for stop in way[:-1] if not stop.implied),
        (last.node, last.first, gone_from(last)),
    ]


def gone_from(last: Stop) -> Millis | None:
    """When a journey departed from its last stop.

    Loaded is not gone: it stands in the yard until its train has left, or the border is behind it.
    """
    visit = last.visit
    if visit is None:
        return None
    if visit.departed is not None:
        return visit.departed
    if last.side is Side.EXIT and visit.crossed is not None:
        return visit.crossed
    return visit.passed if visit.arrived is None else None


def stops(journey: Journey, network: Network) -> list[Stop]:
    """All stops of a journey in order, implied ones included, with sides and times.

    Between two reported nodes the usual way over the journey's corridor is implied (over all legs while
    undecided); a journey on no known corridor implies nothing.
    """
    return stops_of(journey.visits, journey.corridor, journey.direction, network)


def stops_of(visits: Sequence[Visit], corridor: str, direction: Direction | None, network: Network) -> list[Stop]:
    """The stops of some visits that follow each other on a journey of this corridor and direction."""
    found = _with_implied(visits, corridor, network)
    for at, stop in enumerate(found):
        leg = network.border_sides.get(stop.node)
        if leg is not None:
            across = leg.b if leg.a == stop.node else leg.a
            before = found[at - 1].node if at else None
            after = found[at + 1].node if at + 1 < len(found) else None
            if before == across:
                stop.side = Side.ENTRY
            elif after == across:
                stop.side = Side.EXIT
            elif direction is not None:
                stop.side = Side.EXIT if (leg.a == stop.node) == (direction in FORWARD) else Side.ENTRY
    for at, stop in enumerate(found):
        if stop.visit is not None:
            _set_times(stop, stop.visit, found, at)
    return found


def _with_implied(visits: Sequence[Visit], corridor: str, network: Network) -> list[Stop]:
    if corridor == OTHER:
        return [Stop(visit.node, visit.first, visit) for visit in visits]
    found: list[Stop] = []
    last: str | None = None
    known = None if corridor == UNDECIDED else corridor
    for visit in visits:
        node = visit.node
        if last is not None and last != node:
            for implied in between(network, known, last, node):
                found.append(Stop(implied, visit.first))
        found.append(Stop(node, visit.first, visit))
        last = node
    return found


def between(network: Network, corridor: str | None, a: str, b: str) -> Sequence[str]:
    """The nodes between two nodes on the usual way; none when they are neighbours or no way is known."""
    if (a, b) in network.between:
        return ()
    way = network.path(corridor, a, b)
    return way[:-1] if way else ()


def _set_times(stop: Stop, visit: Visit, found: Sequence[Stop], at: int) -> None:
    """Fill in when the container came and went, where that was reported."""
    came, left = visit.arrived, visit.departed
    if came is None:
        came = visit.taken_in
        if stop.side is Side.ENTRY:
            came = _least(came, _border_time(found, at - 1, at))
    if left is None:
        left = visit.given_out
        if stop.side is Side.EXIT:
            left = _greatest(left, _border_time(found, at, at + 1))
    stop.stayed = came is not None and left is not None
    # Each on its own, so that when it came does not depend on what is reported beyond.
    stop.arrived = visit.passed if came is None else came
    stop.departed = visit.passed if left is None else left


def _border_time(found: Sequence[Stop], near: int, far: int) -> Millis | None:
    """When the border between two neighbouring stops was crossed, by the report of either side."""
    near_visit = found[near].visit if near >= 0 else None
    far_visit = found[far].visit if far < len(found) else None
    if near_visit is not None and near_visit.crossed is not None and found[near].side is Side.EXIT:
        return near_visit.crossed
    if far_visit is not None and far_visit.crossed is not None and found[far].side is Side.ENTRY:
        return far_visit.crossed
    return None


def _least(a: Millis | None, b: Millis | None) -> Millis | None:
    return b if a is None else a if b is None else min(a, b)


def _greatest(a: Millis | None, b: Millis | None) -> Millis | None:
    return b if a is None else a if b is None else max(a, b)
