"""The other workers: a question about what they have is asked there, with a limit on time and on what is read.

Only a question that came from outside is passed on: one of a worker has `ASKED_BY`, and is answered by what is here.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout, web

log = logging.getLogger(__name__)

ASKED_BY: Final = "Tracker-Asked-By"
"""Header of a question that a worker passes on."""
LIMIT_SECONDS: Final = 2.0
"""How long another worker may take: a person waits, and a worker that is slower is in trouble."""
ANSWER_BYTES_MAX: Final = 32 * 1024 * 1024
"""Of one answer: the figures of 100,000 containers are 1 MB, a full page of journeys 2 MB."""


class Answer(NamedTuple):
    """What another worker said."""

    status: int
    content_type: str
    body: bytes


class Peers:
    """Asks other workers over one pool of connections, made at the first question."""

    def __init__(self, others: Callable[[], Collection[str]]) -> None:
        """`others` gives their addresses, as of now."""
        self._others = others
        self._session: ClientSession | None = None

    async def ask(self, address: str, path: str) -> Answer | None:
        """Ask one worker; None when it does not answer in time, or says more than it should."""
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=LIMIT_SECONDS), headers={ASKED_BY: "worker"})
        try:
            async with self._session.get(address + path, allow_redirects=False) as response:
                body = bytearray()
                async for piece in response.content.iter_any():
                    body += piece
                    if len(body) > ANSWER_BYTES_MAX:
                        log.warning("%s%s says more than %d bytes", address, path[:200], ANSWER_BYTES_MAX)
                        return None
                return Answer(response.status, response.content_type, bytes(body))
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("%s%s does not answer: %r", address, path[:200], error)
            return None

    async def ask_all(self, path: str) -> list[Answer | None]:
        """Ask every other worker at once; what did not answer, or not well, is None."""
        found = await asyncio.gather(*(self.ask(address, path) for address in self._others()))
        return [None if answer is None or answer.status != 200 else answer for answer in found]

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def is_of_a_worker(request: web.Request) -> bool:
    """Whether only what is here is asked for."""
    return ASKED_BY in request.headers
