"""Tells browsers when figures are new: server-sent events, one stream a page, and only so many."""

import asyncio
from typing import Final

from aiohttp import web

from tracker.web.figures import Figures

EVERY_SECONDS: Final = 3.0
STREAMS_MAX: Final = 200
"""Pages kept up to date at once; the others refresh themselves by hand."""


class Live:
    """Handler of `/live`."""

    def __init__(self, figures: Figures) -> None:
        """Tells of these."""
        self._figures = figures
        self._streams = 0

    def routes(self) -> list[web.RouteDef]:
        """Path to handler."""
        return [web.get("/live", self.live)]

    async def live(self, request: web.Request) -> web.StreamResponse:
        """An event whenever the figures' clock has moved, until the browser goes."""
        if self._streams >= STREAMS_MAX:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "60"})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        self._streams += 1
        try:
            await response.prepare(request)
            told = ""
            while True:
                until = (await self._figures.now()).whole.statistics["until"]
                await response.write(f"event: {'same' if until == told else 'moved'}\ndata: {until}\n\n".encode())
                told = until
                await asyncio.sleep(EVERY_SECONDS)
        except ConnectionError:
            return response
        finally:
            self._streams -= 1
