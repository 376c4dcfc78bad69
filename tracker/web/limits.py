"""Limits on who asks: how long an address may be, and how often one client may ask."""

import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tracker.web.peers import is_of_a_worker
from tracker.web.problem import problem

ADDRESS_LENGTH_MAX: Final = 2_000
"""Characters of path and query: the longest of ours has a cursor of 400."""
CLIENTS_MAX: Final = 10_000
"""Clients remembered; those not heard of for longest are forgotten, and have their whole burst again."""
WORKER_TIMES: Final = 20
"""How many clients' questions another worker may pass on."""
UNLIMITED: Final = frozenset(("/healthz", "/readyz", "/metrics"))
"""What supervisors and Prometheus ask is answered in any case."""


class Rate:
    """A bucket per client: so many questions a second, and a burst of as many as come in four seconds."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_second` 0: no limit."""
        self._per_second, self._burst, self._clock = per_second, 4 * per_second, clock
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take one; seconds until the client may ask again where there is none left, else 0."""
        if not self._per_second:
            return 0.0
        now = self._clock()
        left, at = self._clients.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        is_enough = left >= 1
        self._clients[client] = (left - is_enough, now)
        if len(self._clients) > CLIENTS_MAX:
            self._clients.popitem(last=False)
        return 0.0 if is_enough else (1 - left) / self._per_second


def limited(per_second: float) -> Middleware:
    """A middleware that refuses what is too long or comes too often; another worker asks for many clients."""
    rate, of_workers = Rate(per_second), Rate(WORKER_TIMES * per_second)

    @web.middleware
    async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if len(request.path_qs) > ADDRESS_LENGTH_MAX:
            said = f"an address of {len(request.path_qs)} characters; wanted at most {ADDRESS_LENGTH_MAX}"
            return problem(HTTPStatus.REQUEST_URI_TOO_LONG, said, request.path[:100])
        if request.path not in UNLIMITED and (
            wait := (of_workers if is_of_a_worker(request) else rate).wait(request.remote or "")
        ):
            said = f"more than {per_second:g} questions a second; ask again in {wait:.1f} s"
            answer = problem(HTTPStatus.TOO_MANY_REQUESTS, said, request.path)
            answer.headers["Retry-After"] = str(max(1, round(wait)))
            return answer
        return await handler(request)

    return limit
