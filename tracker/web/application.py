"""The aiohttp application of a worker, and the way to serve it beside the worker in one loop."""

import asyncio
import socket
from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files
from ipaddress import ip_address
from time import perf_counter
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from tracker.domain.network import Network
from tracker.web.acknowledging import Acknowledging
from tracker.web.acknowledging import Book as AcknowledgementBook
from tracker.web.api import Api
from tracker.web.closer import Closer
from tracker.web.closures import Book, Closures
from tracker.web.figures import Figures
from tracker.web.limits import limited
from tracker.web.lists import Lists
from tracker.web.live import Live
from tracker.web.openapi import served
from tracker.web.pages.handlers import Pages
from tracker.web.peers import Peers
from tracker.web.problem import problem
from tracker.web.search import Search
from tracker.web.token import Token
from tracker.web.views import Views

HEADERS: Final = {
    # Nothing but our own style sheet and script: nothing inline, no frame, nothing from another host.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

ASSETS: Final = (
    ("/style.css", "style.css", "text/css"),
    ("/script.js", "script.js", "text/javascript"),
    ("/icon.svg", "icon.svg", "image/svg+xml"),
)
"""Path, file beside this module and kind of what the pages are made of."""

_BEGUN: Final = web.RequestKey("begun", float)

SHUTDOWN_SECONDS: Final = 1.0
"""How long answers under way may take at a stop; aiohttp's 60 would outlast the worker's whole stop."""


def build_web(
    network: Network,
    views: Views,
    book: Book | None = None,
    token: str | None = None,
    *,
    acknowledgements: AcknowledgementBook | None = None,
    per_second: float = 0,
) -> web.Application:
    """The application: pages and what they are made of, health, metrics and JSON.

    A client may ask `per_second` times a second, 0: as often as it likes. `/healthz` says that the process answers,
    `/readyz` whether it should be asked (503 with the reasons). `book`: where disruptions are entered, by whoever has
    the `token`, and `acknowledgements` where exceptions are taken on; without a book there is no such path.
    """
    peers = Peers(views.others)
    figures = Figures(views.part, peers, network)
    closer, lists, search = Closer(views, peers), Lists(network, views, peers), Search(views.search, peers)
    api = Api(network, views, figures, peers, closer)
    word = Token(token)
    taking = None if acknowledgements is None else Acknowledging(lists, acknowledgements, word)

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = views.metrics(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(request: web.Request) -> web.Response:
        reasons = views.unready()
        text = "".join(f"{reason}\n" for reason in reasons) or "ready\n"
        return web.Response(text=text, status=HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK)

    application = web.Application(middlewares=[_timed, limited(per_second), _as_problem])
    application.on_response_prepare.append(_add_headers)
    application.add_routes(
        [
            *Pages(network, views, figures, api, lists, search, closer, taking).routes(),
            *(web.get(path, _asset(name, kind)) for path, name, kind in ASSETS),
            web.get("/metrics", metrics),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            *api.routes(),
            *lists.routes(),
            *closer.routes(),
            *search.routes(),
            served(network),
            *([] if book is None else Closures(network, book, word).routes()),
            *([] if taking is None else taking.routes()),
            *Live(figures).routes(),
        ]
    )
    application.on_cleanup.append(lambda _: peers.close())
    return application


def _asset(name: str, kind: str) -> Handler:
    """A handler of one of our own files."""
    body = files("tracker.web").joinpath(name).read_bytes()

    async def asset(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8")

    return asset


class AddressTaken(Exception):
    """The page's address can't be had; the message is one line: seen, wanted, what to do."""


def listen(host: str, port: int, setting: str = "TRACKER_WEB_PORT, `tracker demo --port`") -> socket.socket:
    """A socket that listens there, on a free port where `port` is 0. Raises `AddressTaken`; `setting` sets the port."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise AddressTaken(
            f"the page can't listen at {host or 'all addresses'} port {port}: {error.strerror}; wanted a free one: "
            f"stop what uses it, or give another ({setting}, 0 for any)"
        ) from error


async def serve(
    application: web.Application, at: socket.socket, *, started: Callable[[str], None] | None = None
) -> None:
    """Serve at a listening socket until cancelled; `started` gets the address. The socket is closed at the end."""
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.SockSite(runner, at).start()
        if started is not None:
            started(address_of(at))
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


@web.middleware
async def _as_problem(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What aiohttp itself refuses (no such path, no such method) as a problem, too."""
    try:
        return await handler(request)
    except web.HTTPClientError as refused:
        answer = problem(
            HTTPStatus(refused.status), f"{request.method} {request.path[:200]}: {refused.reason}", request.path
        )
        if "Allow" in refused.headers:
            answer.headers["Allow"] = refused.headers["Allow"]
        return answer


@web.middleware
async def _timed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells of every answer how many milliseconds it took here, as browsers show it; not the wait for the loop."""
    request[_BEGUN] = perf_counter()
    return await handler(request)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    if (begun := request.get(_BEGUN)) is not None:
        response.headers["Server-Timing"] = f"answer;dur={1000 * (perf_counter() - begun):.1f}"


def address_of(at: socket.socket, everywhere: str = "127.0.0.1") -> str:
    """The address of a listening socket; `everywhere` is the host to name where it listens on all addresses."""
    host, port = at.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = everywhere
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
