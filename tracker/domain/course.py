"""Which corridor a journey is on and in which direction, from the nodes it was reported at.

A *course* is a corridor travelled in one direction. A course fits when the nodes come in its order, with
the reported origin before them and the reported destination after them.
"""

import itertools
from collections.abc import Sequence
from functools import reduce
from operator import and_

from tracker.domain.network import OTHER, UNDECIDED, Direction, Network


def courses_of(
    nodes: Sequence[str], network: Network, origin: str | None = None, destination: str | None = None
) -> int:
    """The mask of courses that the nodes fit in order (neighbours differ); 0 when none does."""
    way = list(nodes)
    if origin is not None and origin != way[0]:
        way.insert(0, origin)
    if destination is not None and destination != way[-1]:
        way.append(destination)
    if len(way) == 1:
        return network.member.get(way[0], 0)
    before = network.before
    mask = -1
    for pair in itertools.pairwise(way):
        mask &= before.get(pair, 0)
        if not mask:
            break
    return mask


def decide(
    nodes: Sequence[str], origin: str | None, destination: str | None, network: Network
) -> tuple[str, Direction | None]:
    """Corridor and direction of a journey: the one corridor that fits, else `undecided`, or `other` if none.

    While only a corridor and its branches fit, it is the trunk's. A container that was sent back keeps the
    corridor and direction of its first leg as long as it stays on that corridor's nodes.
    """
    if not nodes:
        return UNDECIDED, None
    mask = courses_of(nodes, network, origin, destination)
    if not mask:
        mask = _turned_back(nodes, network, origin, destination)
    if mask not in network.choices:
        network.choices[mask] = _choice(mask, network)
    return network.choices[mask]


def _choice(mask: int, network: Network) -> tuple[str, Direction | None]:
    """Corridor and direction that a mask leaves: `undecided` or None where more than one, `other` where none."""
    fitting = [course for course in network.courses if course.bit & mask]
    if not fitting:
        return OTHER, None
    corridors = {course.corridor for course in fitting}
    trunks = {name for name in corridors if network.corridors[name].parent not in corridors}
    directions = {course.direction for course in fitting if course.corridor in trunks}
    return (
        trunks.pop() if len(trunks) == 1 else UNDECIDED,
        directions.pop() if len(directions) == 1 else None,
    )


def _turned_back(nodes: Sequence[str], network: Network, origin: str | None, destination: str | None) -> int:
    """Courses whose corridor has all the nodes and whose direction is that of the first leg."""
    if len(nodes) < 3:
        return 0
    everywhere = [*nodes, *(node for node in (origin, destination) if node is not None)]
    members = reduce(and_, (network.member.get(node, 0) for node in everywhere))
    return members & network.before.get((nodes[0], nodes[1]), 0)


def is_finish(node: str, mask: int, network: Network) -> bool:
    """Whether a node is a destination end of one of the courses of a mask."""
    return mask & network.finishing.get(node, 0) != 0
