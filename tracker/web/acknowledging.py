"""Acknowledgements by HTTP: who took on an exception or incident, for all who come on duty to see.

POST   /v1/exceptions/{id}/acknowledgement   {"by": "...", "note": "..."}; what was said of it before is replaced
DELETE /v1/exceptions/{id}/acknowledgement   as if it had never been acknowledged

They change nothing about exceptions, and not who is told.
"""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Protocol

from aiohttp import web

from tracker.contract.acknowledgements import Acknowledgement, acknowledgement_json, said_by
from tracker.contract.disruptions import NotReached
from tracker.domain.moment import Millis
from tracker.web.asked import cut
from tracker.web.lists import Lists, no_exception
from tracker.web.problem import problem
from tracker.web.respond import json_response
from tracker.web.token import Token

BODY_BYTES_MAX: Final = 8 * 1024
"""Of one acknowledgement: the longest is below 3 KiB."""


class Book(Protocol):
    """Where they are entered; writing raises `NotReached`."""

    def of(self, exception: str) -> Acknowledgement | None:
        """The one of an exception."""

    async def enter(self, said: Acknowledgement) -> None:
        """Enter one, in place of what was said of the same exception."""

    async def take_back(self, exception: str) -> None:
        """As if it had never been acknowledged."""


class Unknown(Exception):
    """There is no such exception."""


class Acknowledging:
    """Handlers of acknowledgements."""

    def __init__(self, lists: Lists, book: Book, token: Token) -> None:
        """Without a token nothing can be acknowledged."""
        self._lists, self._book, self.token = lists, book, token

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [
            web.post("/v1/exceptions/{id}/acknowledgement", self.entered),
            web.delete("/v1/exceptions/{id}/acknowledgement", self.taken_back),
        ]

    async def entered(self, request: web.Request) -> web.Response:
        """Acknowledge one."""
        if refused := self.token.refused(request):
            return refused
        body = await request.content.read(BODY_BYTES_MAX + 1)
        if len(body) > BODY_BYTES_MAX:
            said = f"a body of more than {BODY_BYTES_MAX} bytes; wanted who acknowledges, and a note"
            return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said, request.path)
        try:
            entered = await self.enter(request.match_info["id"], json.loads(body))
        except (ValueError, RecursionError) as wrong:
            return problem(HTTPStatus.BAD_REQUEST, f"no acknowledgement: {wrong}", request.path)
        except Unknown:
            return no_exception(request)
        except NotReached as trouble:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(trouble), request.path)
        answer = json_response({**acknowledgement_json(entered)})
        answer.set_status(HTTPStatus.CREATED)
        return answer

    async def taken_back(self, request: web.Request) -> web.Response:
        """Take one back, also of an exception that is forgotten."""
        if refused := self.token.refused(request):
            return refused
        asked = request.match_info["id"]
        if self._book.of(asked) is None:
            said = f"{cut(asked)!r} is not acknowledged; /v1/exceptions says what is"
            return problem(HTTPStatus.NOT_FOUND, said, request.path)
        try:
            await self._book.take_back(asked)
        except NotReached as trouble:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(trouble), request.path)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def enter(self, asked: str, said: object) -> Acknowledgement:
        """Acknowledge as of now. Raises `ValueError` (who and note), `Unknown`, `NotReached`."""
        by, note = said_by(said)
        found = await self._lists.of_exception(asked)
        if found is None:
            raise Unknown(asked)
        now = Millis(time.time_ns() // 1_000_000)
        entered = Acknowledgement(str(found["id"]), _version(found), now, by, note)
        await self._book.enter(entered)
        return entered


def _version(found: Mapping[str, Any]) -> int:
    return int(found["version"])
