"""`tracker canary`: sends canaries, and is the endpoint at which they must come out."""

import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path

import click
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from tracker.canary.sender import Sender
from tracker.canary.travel import Travel, shortest
from tracker.canary.watch import BODY_MAX, Watch, now_by_the_wall
from tracker.console import given, statuses, thresholds_option, world_options
from tracker.domain.canary import CARRIER
from tracker.domain.moment import HOUR, SECOND
from tracker.metrics.canary import CanaryMetrics
from tracker.metrics.exposition import expose
from tracker.service import World, load_world
from tracker.settings import BadSettings, Settings, load_settings
from tracker.streams import logs
from tracker.streams.runtime import Status
from tracker.streams.topics import events_topic, plan
from tracker.streams.worker import prepare
from tracker.streams.writer import partition_of
from tracker.web.application import listen, serve

log = logging.getLogger(__name__)


@click.command("canary")
@thresholds_option
@world_options
def canary_command(thresholds: Path | None, network: Path | None, carriers: Path | None) -> None:
    """Send canaries and watch whether they come out of the notifier; needs TRACKER_CANARY=true everywhere."""
    with statuses():
        settings = load_settings(**given(network=network, carriers=carriers, thresholds=thresholds))
        if not settings.canary:
            raise BadSettings("TRACKER_CANARY is off; set it to true here, for all workers and for `tracker notify`")
        world = load_world(settings)
        at = listen(settings.web_host, settings.canary_port, "TRACKER_CANARY_PORT")
        logs.configure(settings.log_format, settings.log_level)
        status = prepare(settings, [spec for spec in plan(settings, []) if spec.name == events_topic(CARRIER)])
        if status is None:
            status = asyncio.run(_run(settings, world, at))
    sys.exit(status)


def travel_of(settings: Settings, world: World) -> Travel:
    """How canaries travel in a tracker."""
    hold = round(world.thresholds.held[1] * HOUR)
    return Travel(
        shortest(world.network), settings.partitions, round(settings.canary_seconds * SECOND), hold,
        lambda key: partition_of(key, settings.partitions),
    )  # fmt: skip


async def _run(settings: Settings, world: World, at: socket.socket) -> Status:
    """Run until SIGTERM or SIGINT; the exit status."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    registry, travel = CollectorRegistry(), travel_of(settings, world)
    metrics = CanaryMetrics(registry, settings.partitions, travel.interval)
    watch = Watch(travel, settings.canary_word.encode(), metrics, now_by_the_wall)
    site = asyncio.create_task(
        serve(build_site(registry, watch), at, started=lambda address: log.info("canaries come out at %s", address))
    )
    sender = Sender(settings)
    try:
        await sender.start()
        await sender.run(travel)
    except asyncio.CancelledError:
        return Status.GOOD
    except (KafkaError, OSError) as broken:
        log.critical("canaries stop: %r", broken)
        return Status.WORLD
    finally:
        site.cancel()
        await sender.stop()
    raise AssertionError("it runs until it is stopped")


def build_site(registry: CollectorRegistry, watch: Watch) -> web.Application:
    """`/told` for the notifier, `/metrics`, and `/healthz`."""

    async def metrics(request: web.Request) -> web.Response:
        body, content_type = expose(registry, request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def healthz(request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    application = web.Application(client_max_size=BODY_MAX)
    application.add_routes(
        [web.post("/told", watch.handle), web.get("/metrics", metrics), web.get("/healthz", healthz)]
    )
    return application
