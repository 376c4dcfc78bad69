"""Watches what comes out: which canary was told, when, and what should not have been told at all."""

import hmac
import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, Protocol

from aiohttp import web

from tracker.canary.travel import Travel
from tracker.domain.moment import SECOND, Millis
from tracker.notify.webhook import signature

BODY_MAX: Final = 1024 * 1024
FRESH_SECONDS: Final = 300.0
"""A request that was signed longer ago is somebody's copy."""


class Observer(Protocol):
    """Hears of what came out."""

    def told(self, partition: int, due: Millis, now: Millis) -> None:
        """The canary of a partition that was late at `due` was told."""

    def astray(self) -> None:
        """One was told that was not late, or that is nobody's."""


class Watch:
    """The endpoint that the notifier tells of canaries."""

    def __init__(self, travel: Travel, secret: bytes, observer: Observer, now: Callable[[], Millis]) -> None:
        """Nothing came out yet."""
        self._travel, self._secret, self._observer, self._now = travel, secret, observer, now

    async def handle(self, request: web.Request) -> web.Response:
        """One delivery. Whatever is signed is answered well: what is wrong with it is counted, not sent again."""
        body = await request.read()
        stamp, signed = request.headers.get("Rail-Timestamp", ""), request.headers.get("Rail-Signature", "")
        genuine = stamp.isdecimal() and hmac.compare_digest(signature(self._secret, stamp, body), signed)
        if not genuine or abs(time.time() - int(stamp)) > FRESH_SECONDS:
            return web.Response(
                status=HTTPStatus.FORBIDDEN, text="the signature is not ours: see TRACKER_CANARY_WORD\n"
            )
        try:
            content = json.loads(body)
            told = content["exceptions"] if content["kind"] == "summary" else [content["exception"]]
            for each in told:
                self._take(each)
        except (ValueError, KeyError, TypeError):
            self._observer.astray()
        return web.Response(text="heard\n")

    def _take(self, exception: dict[str, Any]) -> None:
        if exception["status"] != "open":
            return
        now = self._now()
        interval = self._travel.interval_of(str(exception["container"]), self._travel.number_of(now))
        if interval is None or exception["rule"] != "held":
            self._observer.astray()
        else:
            self._observer.told(self._travel.partition(interval), self._travel.begins(interval), now)


def now_by_the_wall() -> Millis:
    """Now, by the machine's clock."""
    return Millis(time.time_ns() * SECOND // 1_000_000_000)
