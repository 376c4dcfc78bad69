"""Planned disruptions by HTTP: listed for all, entered and ended by whoever has the token.

GET    /v1/disruptions        what was entered
POST   /v1/disruptions        a record as in a disruptions file; the same id replaces
DELETE /v1/disruptions/{id}   ends it now, or takes it back if it has not begun
"""

import json
import time
from http import HTTPStatus
from typing import Final, Protocol

from aiohttp import web

from tracker.contract.disruptions import NotReached, disruption_json, ended, read_disruption
from tracker.domain.disruption import Disruption
from tracker.domain.moment import Millis, text
from tracker.domain.network import Network
from tracker.web.asked import cut
from tracker.web.problem import problem
from tracker.web.respond import json_response
from tracker.web.token import Token

BODY_BYTES_MAX: Final = 16 * 1024
"""Of one record: the longest is below 2 KiB."""
_OTHERWISE: Final = ", or use `tracker disruption`"


class Book(Protocol):
    """Where disruptions are entered; all raise `NotReached`."""

    async def all(self) -> list[Disruption]:
        """Everything that was entered and not taken back."""

    async def enter(self, disruption: Disruption) -> None:
        """Enter one, in place of one with its id."""

    async def take_back(self, name: str) -> None:
        """As if it had never been entered."""


class Closures:
    """Handlers of the disruptions."""

    def __init__(self, network: Network, book: Book, token: Token) -> None:
        """Without a token nothing can be entered or ended."""
        self._network, self._book, self._token = network, book, token

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [
            web.get("/v1/disruptions", self.listed),
            web.post("/v1/disruptions", self.entered),
            web.delete("/v1/disruptions/{id}", self.ended),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """What was entered, by begin."""
        try:
            found = sorted(await self._book.all(), key=lambda each: (each.begins, each.id))
        except NotReached as trouble:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(trouble), request.path)
        return json_response({"disruptions": [disruption_json(each) for each in found], "count": len(found)})

    async def entered(self, request: web.Request) -> web.Response:
        """Enter one: checked as `tracker disruption add` checks it."""
        if refused := self._token.refused(request, _OTHERWISE):
            return refused
        try:
            body = await request.content.read(BODY_BYTES_MAX + 1)
            if len(body) > BODY_BYTES_MAX:
                said = f"a body of more than {BODY_BYTES_MAX} bytes; wanted one record"
                return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said, request.path)
            disruption = read_disruption(json.loads(body), self._network)
            await self._book.enter(disruption)
        except (ValueError, RecursionError) as wrong:
            return problem(HTTPStatus.BAD_REQUEST, f"no disruption: {wrong}", request.path)
        except NotReached as trouble:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(trouble), request.path)
        answer = json_response({**disruption_json(disruption)})
        answer.set_status(HTTPStatus.CREATED)
        answer.headers["Location"] = f"/v1/disruptions/{disruption.id}"
        return answer

    async def ended(self, request: web.Request) -> web.Response:
        """End one now; one that has not begun is taken back, and there is nothing left of it to tell."""
        if refused := self._token.refused(request, _OTHERWISE):
            return refused
        asked = request.match_info["id"]
        try:
            found = next((each for each in await self._book.all() if each.id == asked), None)
            if found is None:
                said = f"no disruption {cut(asked)!r} was entered; /v1/disruptions lists them"
                return problem(HTTPStatus.NOT_FOUND, said, request.path)
            clock = Millis(time.time_ns() // 1_000_000)
            if clock >= found.ends:
                said = f"{asked} ended at {text(found.ends)} already; enter it again to change that"
                return problem(HTTPStatus.CONFLICT, said, request.path)
            now = ended(found, clock)
            if now is None:
                await self._book.take_back(asked)
                return web.Response(status=HTTPStatus.NO_CONTENT)
            await self._book.enter(now)
        except NotReached as trouble:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(trouble), request.path)
        return json_response({**disruption_json(now)})
