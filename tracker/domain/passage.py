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


class Stop(msgspec.Struct):
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


def stops(journey: Journey, network: Network) -> list[Stop]:
    """All stops of a journey in order, implied ones included, with sides and times.

    Between two reported nodes the usual way over the journey's corridor is implied (over all legs while
    undecided); a journey on no known corridor implies nothing.
    """
    found = _with_implied(journey, network)
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
            elif journey.direction is not None:
                stop.side = Side.EXIT if (leg.a == stop.node) == (journey.direction in FORWARD) else Side.ENTRY
    for at, stop in enumerate(found):
        _set_times(stop, found, at)
    return found


def _with_implied(journey: Journey, network: Network) -> list[Stop]:
    found: list[Stop] = []
    corridor = None if journey.corridor in {UNDECIDED, OTHER} else journey.corridor
    for visit in journey.visits:
        stop = Stop(visit.node, visit.first, visit)
        if found and found[-1].node != visit.node and journey.corridor != OTHER:
            for node in between(network, corridor, found[-1].node, visit.node):
                found.append(Stop(node, visit.first))
        found.append(stop)
    return found


def between(network: Network, corridor: str | None, a: str, b: str) -> Sequence[str]:
    """The nodes between two nodes on the usual way; none when they are neighbours or no way is known."""
    if (a, b) in network.between:
        return ()
    way = network.path(corridor, a, b)
    return way[:-1] if way else ()


def _set_times(stop: Stop, found: Sequence[Stop], at: int) -> None:
    """Fill in when the container came and went, where that was reported."""
    visit = stop.visit
    if visit is None:
        return
    came = visit.arrived
    if came is None:
        came = _least(visit.taken_in, _border_time(found, at - 1, at) if stop.side is Side.ENTRY else None)
    left = visit.departed
    if left is None:
        left = _greatest(visit.given_out, _border_time(found, at, at + 1) if stop.side is Side.EXIT else None)
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
