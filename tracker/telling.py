"""`tracker notify`: the notifier put together, with its metrics and health on a port of its own."""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import click
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from tracker.console import FILE, given, statuses, world_options
from tracker.contract.endpoints import Alertmanager, Endpoint, Mail, Webhook
from tracker.contract.notify_file import load_endpoints
from tracker.domain.canary import CARRIER as CANARY
from tracker.domain.moment import SECOND
from tracker.metrics.exposition import expose
from tracker.metrics.telling import TellingMetrics
from tracker.notify.alerts import AlertDesk
from tracker.notify.book import Book
from tracker.notify.desk import Desk
from tracker.notify.mail import MailTransport
from tracker.notify.notifier import AnyDesk, Notifier
from tracker.notify.office import Office
from tracker.notify.webhook import WebhookTransport
from tracker.service import World, load_world
from tracker.settings import BadSettings, Settings, load_settings
from tracker.streams import logs
from tracker.streams.runtime import Status
from tracker.streams.topics import EXCEPTIONS, EXPECTED, NOTIFICATIONS, UNTOLD, plan
from tracker.streams.worker import prepare
from tracker.web.application import listen, serve

log = logging.getLogger(__name__)

ALIVE_SECONDS: Final = 60.0
"""A notifier that has not asked the broker for longer is not alive."""


@click.command("notify")
@click.option("--endpoints", "notify", type=FILE, help="Notify file; default TRACKER_NOTIFY.")
@world_options
def notify_command(notify: Path | None, network: Path | None, carriers: Path | None) -> None:
    """Tell the outside what is open: webhooks, Alertmanager, mail. Several share the work."""
    with statuses():
        settings = load_settings(**given(notify=notify, network=network, carriers=carriers))
        if settings.notify is None and not settings.canary:
            raise BadSettings("no notify file given; name one with --endpoints or TRACKER_NOTIFY (README: Telling)")
        world = load_world(settings)
        ids = [carrier.id for carrier in world.carriers]
        endpoints: tuple[Endpoint, ...] = ()
        if settings.notify is not None:
            endpoints = load_endpoints(settings.notify, world.network, ids, os.environ)
        if settings.canary:
            endpoints += (Endpoint(CANARY, Webhook(settings.canary_url, settings.canary_word.encode())),)
        at = listen(settings.web_host, settings.notify_port, "TRACKER_NOTIFY_PORT")
        logs.configure(settings.log_format, settings.log_level)
        specs = [spec for spec in plan(settings, []) if spec.name in {EXCEPTIONS, EXPECTED, NOTIFICATIONS, UNTOLD}]
        status = prepare(settings, specs)
        if status is None:
            status = asyncio.run(_run(settings, world, endpoints, at))
    sys.exit(status)


async def _run(settings: Settings, world: World, endpoints: tuple[Endpoint, ...], at: socket.socket) -> Status:
    """Run until SIGTERM or SIGINT; the exit status."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    registry = CollectorRegistry()
    observer = TellingMetrics(
        registry, [each.name for each in endpoints],
        lambda: {desk.book.endpoint.name: desk.book.pending() for desk in notifier.desks},
    )  # fmt: skip
    notifier = Notifier(settings, partial(make_desks, settings, world, endpoints), observer)
    begun = time.monotonic()
    site = asyncio.create_task(
        serve(
            build_site(registry, lambda: time.monotonic() - max(notifier.heard, begun) < ALIVE_SECONDS), at,
            started=lambda address: log.info("metrics at %s/metrics", address),
        )
    )  # fmt: skip
    status = Status.GOOD
    try:
        await notifier.run(stop)
    except* (KafkaError, OSError) as broken:
        log.critical("the notifier stops: %s", "; ".join(repr(each) for each in broken.exceptions))
        status = Status.WORLD
    finally:
        site.cancel()
    return status


def make_desks(settings: Settings, world: World, endpoints: tuple[Endpoint, ...], office: Office) -> list[AnyDesk]:
    """A desk for each endpoint."""
    stands, notifier = round(settings.notify_stands_seconds * SECOND), settings.instance or socket.gethostname()
    desks: list[AnyDesk] = []
    for endpoint in endpoints:
        book = Book(endpoint, world.network, stands, canary=endpoint.name == CANARY)
        match endpoint.target:
            case Alertmanager():
                desks.append(AlertDesk(book, office, notifier))
            case Webhook() as target:
                desks.append(Desk(book, WebhookTransport(target, endpoint.timeout), office))
            case Mail() as target:
                desks.append(Desk(book, MailTransport(target, endpoint.timeout), office))
    return desks


def build_site(registry: CollectorRegistry, is_alive: Callable[[], bool]) -> web.Application:
    """`/metrics`, and `/healthz`: 503 when the broker was not heard of for a minute."""

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = expose(registry, request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def healthz(request: web.Request) -> web.Response:
        alive = is_alive()
        return web.Response(text="alive\n" if alive else "the broker is not heard of\n", status=200 if alive else 503)

    application = web.Application()
    application.add_routes([web.get("/metrics", metrics), web.get("/healthz", healthz)])
    return application
