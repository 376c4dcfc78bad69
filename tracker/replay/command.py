"""`tracker replay`: reports once more into fresh state on another Kafka, with progress, and nobody told.

Topics have fixed names, and who reads `rail.*` must never see two versions of history mixed. So a replay has a Kafka of
its own: one node on a laptop does. Steps: see that it is empty; make the topics, kept for ever; copy what carriers sent
with its received times, planned closures and corrections; run one worker until nothing waits and all that was due is
judged. Everything is there before the worker begins, because with the data's clock nobody knows what is still to come.
"""

import asyncio
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from aiokafka import AIOKafkaConsumer

from tracker.console import FILE, FINDINGS, GOOD, Moment, given, statuses, thresholds_option, world_options
from tracker.domain.moment import Millis
from tracker.replay.copying import Span, copy_files, copy_topics, places_of
from tracker.replay.progress import Progress
from tracker.service import Service, World, load_world
from tracker.settings import BadSettings, Settings, load_settings
from tracker.simulate.output import producing
from tracker.streams.connection import Security, secured
from tracker.streams.corrections import Corrections, NoCorrections
from tracker.streams.disruptions import NoDisruptions, enter, entered
from tracker.streams.topics import EXCEPTIONS, FACTS, MOVEMENTS, REJECTED, TRANSPORTS, create_or_check, plan

LOOK_SECONDS: Final = 0.5
STEADY: Final = 4
"""Looks in a row at which nothing waits, before it is over: what a stage wrote last is fetched within one."""


class Replay(NamedTuple):
    """What is to be done."""

    files: Sequence[Path]
    source: Settings
    target: Settings
    world: World
    span: Span
    quiet: bool


@click.command("replay")
@click.argument("files", nargs=-1, type=FILE)
@click.option("--into", required=True, help="Kafka that the replay has for itself, host:port; nothing is on it yet.")
@click.option("--from", "brokers", help="Kafka whose carriers' topics are read; default TRACKER_BROKERS.")
@click.option("--app-id", default="tracker-replay", show_default=True, help="Of the fresh state.")
@click.option("--since", type=Moment(), help="Only what was received then or later.")
@click.option("--until", type=Moment(), help="Only what was received before.")
@click.option("--store", type=click.Choice(["memory", "rocksdb"]), help="Of the rows; default TRACKER_STORE.")
@click.option("--port", type=int, default=0, show_default=True, help="Of the page while it runs; 0: any.")
@click.option("--quiet", is_flag=True, help="No progress.")
@thresholds_option
@world_options
def replay_command(
    files: Sequence[Path], into: str, brokers: str | None, app_id: str, since: Millis | None, until: Millis | None,
    store: str | None, port: int, quiet: bool, thresholds: Path | None, network: Path | None, carriers: Path | None,
) -> None:  # fmt: skip
    """Handle what carriers sent once more, into fresh state, without telling anybody.

    Of the carriers' topics, or of FILES as for `tracker batch`. What comes out is on the topics of --into, everything
    judged marked `replay`; a worker that is started there with the same app id goes on from it.
    """
    with statuses():
        files_given = given(network=network, carriers=carriers, thresholds=thresholds)
        source = load_settings(**given(brokers=brokers), **files_given)
        target = load_settings(
            **given(store=store), **files_given, brokers=into, app_id=app_id, clock="data", replay=True,
            retention_days=0, web_port=port, log_level="warning",
        )  # fmt: skip
        replay = Replay(files, source, target, load_world(target), Span(since, until), quiet)
        begun = time.monotonic()
        copied = asyncio.run(_prepare(replay))
        status = _work(replay, copied)
        if status == GOOD:
            told = asyncio.run(_made(replay.target))
            seconds = round(time.monotonic() - begun, 1)
            click.echo(json.dumps({"reports": copied, "seconds": seconds, "records": told}, indent=1))
        sys.exit(status)


async def _prepare(replay: Replay) -> int:
    """Copy what is to be handled into an empty Kafka; how many records."""
    target, carriers = replay.target, [each.id for each in replay.world.carriers]
    there, here = secured(replay.source), secured(target)
    specs = plan(target, carriers)
    if found := await _records(target.brokers, here, [spec.name for spec in specs]):
        some = ", ".join(f"{topic} {count:,}" for topic, count in found.most_common(3))
        raise BadSettings(
            f"{target.brokers} holds records already ({some}); wanted a Kafka that no tracker has written to, so that "
            "what was and what is made anew are not mixed: start a fresh node, or delete its topics"
        )
    await create_or_check(target.brokers, specs, replication=target.replication, security=here)
    # Partitions that were just made have no leader for a moment; aiokafka tells of each, and tries again by itself.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    progress = Progress(sys.stderr, "copying", shown=not replay.quiet)
    async with producing(
        target.brokers, idempotent=target.idempotent, wait_seconds=target.broker_wait_seconds, security=here
    ) as producer:
        if replay.files:
            return await copy_files(replay.files, producer, carriers, replay.span, progress.update)
        copied = await copy_topics(replay.source.brokers, there, producer, carriers, replay.span, progress.update)
    await _entries(replay, there, here, carriers)
    return copied


async def _entries(replay: Replay, there: Security, here: Security, carriers: Sequence[str]) -> None:
    """Copy what people entered: planned closures, and corrections, which are applied to what was copied."""
    source, target, world = replay.source, replay.target, replay.world
    try:
        for disruption in (await entered(source.brokers, world.network, there)).disruptions.values():
            await enter(target.brokers, disruption, here)
    except NoDisruptions:
        pass  # a Kafka that only carriers write to
    try:
        async with Corrections(source.brokers, there, idempotent=source.idempotent) as corrections:
            known = (await corrections.entered(carriers)).corrections.values()
    except NoCorrections:
        return
    async with Corrections(target.brokers, here, idempotent=target.idempotent) as corrections:
        for correction in known:
            await corrections.enter(correction)
            await corrections.restate(correction, world.intake)


def _work(replay: Replay, copied: int) -> int:
    """Run a worker until all is done; its exit status, 1 when it was told to stop before."""
    service = Service(replay.target, replay.world)
    progress = Progress(sys.stderr, "replay ", shown=not replay.quiet)
    is_done = asyncio.Event()

    async def watch() -> None:
        steady = 0
        while steady < STEADY:
            await asyncio.sleep(LOOK_SECONDS)
            waiting = service.waiting()
            if waiting is None:
                continue
            steady = 0 if any(waiting.values()) or not service.is_judged else steady + 1
            progress.update(max(0, copied - waiting.get("intake", 0)), copied)
        progress.update(copied, copied, last=True)
        is_done.set()
        stop = service.app.runtime.control.stop
        assert stop is not None, "the worker that runs us sets it"
        stop()

    service.beside.append(watch)
    status = service.run()
    if status == GOOD and not is_done.is_set():
        click.echo("tracker: stopped before its end; what was made is not whole", err=True)
        return FINDINGS
    return status


async def _made(settings: Settings) -> dict[str, int]:
    """How many records there are on what comes out."""
    topics = [MOVEMENTS, TRANSPORTS, FACTS, EXCEPTIONS, REJECTED]
    return dict(await _records(settings.brokers, secured(settings), topics))


async def _records(brokers: str, security: Security, topics: Sequence[str]) -> Counter[str]:
    """Topic to how many offsets it has given out; only those that have. Raises `KafkaError`."""
    found: Counter[str] = Counter()
    if places := await places_of(brokers, security, topics):
        consumer: Any = AIOKafkaConsumer(bootstrap_servers=brokers, **security.options())
        try:
            await consumer.start()
            for place, end in (await consumer.end_offsets(places)).items():
                found[place.topic] += end
        finally:
            await consumer.stop()
    return +found
