"""What the network says of how long a way takes: planned hours of its legs and stays, as one distribution."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from tracker.domain.lognormal import Spread, spread_of, total
from tracker.domain.network import Hours, Leg, Network

_WAYS_REMEMBERED = 10_000
"""Nodes squared by corridors are 30,000 on the shipped network, but transits go between ends of sections: hundreds."""


@lru_cache(maxsize=_WAYS_REMEMBERED)
def usual_spread(network: Network, corridor: str, origin: str | None, goal: str | None) -> Spread | None:
    """Hours from departing one node to arriving at another by the usual way over a corridor.

    Stays between count, those at the two ends do not. None when a node is not known or no way leads there.
    """
    if origin is None or goal is None or corridor not in network.corridors:
        return None
    way = network.path(corridor, origin, goal)
    return None if not way else way_spread(network, corridor, (origin, *way))


def way_spread(network: Network, corridor: str, nodes: Sequence[str]) -> Spread:
    """Hours from departing the first of neighbouring nodes to arriving at the last; stays are those of the corridor."""
    stays = network.corridors[corridor].stays
    hours = [run_hours(network.between[pair], pair[0]) for pair in pairwise(nodes)]
    hours += [stay for node in nodes[1:-1] if (stay := stays.get(node, network.nodes[node].stay)) is not None]
    return total(map(spread_of, hours))


def run_hours(leg: Leg, origin: str) -> Hours:
    """A leg's hours when travelled from `origin`, one of its ends."""
    return leg.hours if leg.back is None or origin == leg.a else leg.back
