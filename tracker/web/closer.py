"""One node or corridor of all workers, looked at closely: hours and trains due of the one, weeks of the other."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from tracker.aggregates.closer import CORRIDOR, ENCODER, NODE, CorridorPart, NodePart, due_in, stays_in
from tracker.aggregates.recent import node_hours, week_entries
from tracker.aggregates.tally import Tally
from tracker.domain.moment import Millis, text
from tracker.web.peers import Peers
from tracker.web.views import Views

NODE_PATH: Final = "/internal/nodes/"
CORRIDOR_PATH: Final = "/internal/corridors/"
"""Where a worker gives its parts, as msgpack."""
DUE_MAX: Final = 50
"""Trains that are told."""

Part = TypeVar("Part", NodePart, CorridorPart)


class Closer:
    """Puts the parts of all workers together at each request."""

    def __init__(self, views: Views, peers: Peers) -> None:
        """Reads nothing yet."""
        self._views, self._peers = views, peers

    def routes(self) -> list[web.RouteDef]:
        """Where the other workers ask for our parts; of what there is not they are empty."""
        return [
            web.get(NODE_PATH + "{id}", _given(self._views.node)),
            web.get(CORRIDOR_PATH + "{id}", _given(self._views.corridor)),
        ]

    async def node(self, node: str) -> Mapping[str, Any]:
        """`hours` and `due` of a node; `due_more` counts containers under way there that are in none of `due`."""
        parts, missing = await self._parts(NODE_PATH + node, NODE, self._views.node(node))
        clock = max(part.clock for part in parts)
        ended = ((way, hour, tally) for part in parts for way, hour, tally in part.ended)
        due = due_in(parts)
        return {
            "hours": node_hours(clock, stays_in(parts), ended),
            "due": [
                {
                    "train": each.name,
                    "left": each.left,
                    "corridor": each.corridor,
                    "direction": each.direction,
                    "containers": each.containers,
                    "departed_at": text(each.departed),
                    "expected": {"at": text(each.at), "low": text(each.low), "high": text(each.high)},
                }
                for each in due[:DUE_MAX]
            ],
            "due_more": sum(part.more for part in parts) + sum(each.containers for each in due[DUE_MAX:]),
            "missing": missing,
        }

    async def corridor(self, corridor: str) -> Mapping[str, Any]:
        """`weeks` of a corridor."""
        parts, missing = await self._parts(CORRIDOR_PATH + corridor, CORRIDOR, self._views.corridor(corridor))
        sums: dict[Any, Tally] = {}
        for part in parts:
            # A group lies in one partition: two parts that have it tell the same, one moment after the other.
            sums.update(((group, week), tally) for group, week, tally in part.weeks)
        return {"weeks": week_entries(sums, Millis(max(part.clock for part in parts))), "missing": missing}

    async def _parts(self, path: str, decoder: msgspec.msgpack.Decoder[Part], mine: Part) -> tuple[list[Part], int]:
        parts, missing = [mine], 0
        for answer in await self._peers.ask_all(path):
            try:
                if answer is None:
                    missing += 1
                else:
                    parts.append(decoder.decode(answer.body))
            except msgspec.DecodeError:  # of another version
                missing += 1
        return parts, missing


def _given(part: Callable[[str], object]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        body = ENCODER.encode(part(request.match_info["id"]))
        return web.Response(body=body, content_type="application/msgpack")

    return handler
