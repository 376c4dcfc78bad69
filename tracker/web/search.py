"""Search: containers by the train, wagon, vessel, voyage, booking or consignment note of their reports.

No index is kept: a hundred thousand rows are looked through in about a second, a slice of them at a time, so that the
stream goes on meanwhile. One search runs at a time.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from tracker.web.asked import BadQuestion, cut
from tracker.web.peers import Peers, is_of_a_worker
from tracker.web.problem import problem
from tracker.web.respond import json_response

SHORTEST: Final = 3
LONGEST: Final = 40
FOUND_MAX: Final = 100
SLICE_SECONDS: Final = 0.005
"""How long a search holds the loop before others have their turn."""
LIMIT_SECONDS: Final = 1.8
"""Less than another worker waits for an answer."""

Rows = Callable[[str], Iterator[Mapping[str, Any] | None]]
"""Goes through the rows of this worker for a text: what is found in one, None for one without it."""


class Search:
    """Handler of `/v1/search`."""

    def __init__(self, rows: Rows, peers: Peers) -> None:
        """Looks through the rows at each request."""
        self._rows, self._peers = rows, peers
        self._one_at_a_time = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [web.get("/v1/search", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """Containers with a report that has the text in one of the fields named above."""
        try:
            asked = request.query.get("q", "").strip()
            return json_response(await self.of(asked, everywhere=not is_of_a_worker(request)))
        except BadQuestion as wrong:
            return problem(web.HTTPBadRequest.status_code, str(wrong), request.path)

    async def of(self, asked: str, *, everywhere: bool) -> dict[str, Any]:
        """What is found, in order of containers; `partial` when not all was looked through. Raises `BadQuestion`."""
        if not SHORTEST <= len(asked) <= LONGEST:
            raise BadQuestion(f"q {cut(asked)!r}; wanted {SHORTEST} to {LONGEST} characters")
        others = self._peers.ask_all(f"/v1/search?{urlencode({'q': asked})}") if everywhere else _nobody()
        (found, partial), answers = await asyncio.gather(self._here(asked), others)
        for answer in answers:
            said = {"containers": [], "partial": True} if answer is None else json.loads(answer.body)
            found += said["containers"]
            partial = partial or bool(said["partial"])
        found.sort(key=lambda each: str(each["container"]))
        return {"containers": found[:FOUND_MAX], "partial": partial or len(found) > FOUND_MAX}

    async def _here(self, asked: str) -> tuple[list[Mapping[str, Any]], bool]:
        async with self._one_at_a_time:
            found: list[Mapping[str, Any]] = []
            begun = turn = monotonic()
            for each in self._rows(asked):
                if each is not None:
                    found.append(each)
                    if len(found) > FOUND_MAX:
                        return found, True
                now = monotonic()
                if now - turn > SLICE_SECONDS:
                    if now - begun > LIMIT_SECONDS:
                        return found, True
                    await asyncio.sleep(0)
                    turn = monotonic()
            return found, False


async def _nobody() -> list[Any]:
    return []
