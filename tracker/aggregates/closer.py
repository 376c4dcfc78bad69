"""What one worker holds of one node, or of one corridor, closer than the figures of all: asked for one at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from tracker.aggregates.group import Transits
from tracker.aggregates.tally import Tally
from tracker.domain.moment import Millis
from tracker.domain.network import Direction

Stays = list[tuple[Direction | None, list[Millis]]]
"""Since when containers stand at a node, by direction."""


class Due(msgspec.Struct, array_like=True):
    """A train or vessel under way to a node.

    `name`: as its carrier reported it, None where nobody said. `left`: the node it comes from. `departed`: when its
    first container did. `at`, `low`, `high`: when it is expected, and the interval that holds four of five.
    """

    name: str | None
    left: str
    corridor: str
    direction: Direction | None
    containers: int
    departed: Millis
    at: Millis
    low: Millis
    high: Millis


class NodePart(msgspec.Struct, array_like=True):
    """A worker's part of a node. `more`: containers under way there of which it was not looked what carries them."""

    clock: Millis
    stays: Stays = []
    ended: list[tuple[Direction | None, int, Tally]] = []
    due: list[Due] = []
    more: int = 0


class CorridorPart(msgspec.Struct, array_like=True):
    """A worker's part of a corridor: the sums of its transits by week before the clock, 0 the last."""

    clock: Millis
    weeks: list[tuple[Transits, int, Tally]] = []


def stays_in(parts: Iterable[NodePart]) -> Mapping[Direction | None, Sequence[Millis]]:
    """Who stands at a node, of all parts."""
    found: dict[Direction | None, list[Millis]] = {}
    for part in parts:
        for way, sinces in part.stays:
            found.setdefault(way, []).extend(sinces)
    return found


def due_in(parts: Iterable[NodePart]) -> list[Due]:
    """The trains due, those first that are expected first; one whose containers several workers have is one."""
    found: dict[tuple[str | None, str, str, Direction | None], Due] = {}
    for part in parts:
        for each in part.due:
            place = each.name, each.left, each.corridor, each.direction
            known = found.get(place)
            if known is None:
                found[place] = each
                continue
            # Of the part that has more of its containers: half an hour apart is nothing to who waits for it.
            most = max(known, each, key=lambda due: (due.containers, -due.at))
            found[place] = msgspec.structs.replace(
                most,
                containers=known.containers + each.containers,
                departed=min(known.departed, each.departed),
            )
    return sorted(found.values(), key=lambda due: (due.at, due.left, due.name or ""))


NODE: Final = msgspec.msgpack.Decoder(NodePart)
CORRIDOR: Final = msgspec.msgpack.Decoder(CorridorPart)
ENCODER: Final = msgspec.msgpack.Encoder()
"""The form in which workers give their parts to each other."""
