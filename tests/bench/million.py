"""A million open journeys on the RocksDB store: restore, memory, disk, throughput, and a restart from the disk.

    python -m tests.bench.million [--journeys 1000000]

The rows are clones of simulated ones, as in `tests.bench.memory`, written to the changelog on a real Kafka. One
`tracker worker` with an empty folder restores them, handles the reports that come next, stops, and starts again on
what it has on disk. It judges nothing: the cloned rows were never judged, and would all be from their beginning.
"""

import asyncio
import logging
import os
import tempfile
from collections import defaultdict
from pathlib import Path
from random import Random
from subprocess import Popen
from time import monotonic
from typing import Any, Final

import click
from aiokafka import AIOKafkaProducer

from tests.bench.memory import State, clones, resident, state
from tests.bench.peers.field import write
from tests.bench.process import weight_of
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tracker.service import load_world
from tracker.settings import Settings
from tracker.streams.rows import packed
from tracker.streams.topics import changelog_topic

PATIENCE_SECONDS: Final = 900.0
WRITTEN_AT_ONCE: Final = 50_000
"""Rows; the bodies of all would take two gigabytes here."""


async def fill(whole: Whole, held: State, journeys: int) -> int:
    """Write the rows to the changelog; their bytes."""
    spread, size = whole.settings.partitions, 0
    topic = changelog_topic(whole.settings.app_id, "journeys")
    producer: Any = AIOKafkaProducer(bootstrap_servers=whole.settings.brokers, acks="all", max_batch_size=512 * 1024)
    async with producer:
        for begin in range(0, journeys, WRITTEN_AT_ONCE):
            some = defaultdict[int, list[tuple[bytes, bytes]]](list)
            numbers = range(begin, min(journeys, begin + WRITTEN_AT_ONCE))
            for (partition, key), body in clones(held.open, numbers, "AAA", spread):
                some[partition].append((key, packed(0, body)))
                size += len(body)
            for partition, rows in some.items():
                await write(producer, topic, partition, rows)
    return size


async def started(whole: Whole) -> tuple[Popen[bytes], str]:
    """A worker that is ready, and what that took."""
    begun = monotonic()
    worker = whole.start("million")

    async def is_ready() -> bool:
        return " ready\n" in whole.log_of(worker)

    await whole.until(is_ready, seconds=PATIENCE_SECONDS)
    seconds, cpu = monotonic() - begun, weight_of(worker.pid).cpu_seconds
    memory = f"resident {resident(worker.pid):,.0f} MiB, most {resident(worker.pid, 'VmHWM'):,.0f}"
    return worker, f"ready after {seconds:.1f} s and {cpu:.1f} CPU-s; {memory}"


def on_disk(folder: Path) -> int:
    """Bytes of the files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


async def measure(whole: Whole, held: State, journeys: int) -> None:
    """One run, told as it goes."""
    await whole.begin()
    size = await fill(whole, held, journeys)
    click.echo(f"{journeys:,} rows of {size / 2**20:,.0f} MiB; load {os.getloadavg()[0]:.1f}")
    worker, told = await started(whole)
    click.echo(f"restored from the changelog: {told}; {on_disk(whole.settings.data_dir) / 2**20:,.0f} MiB on disk")
    begun, before = monotonic(), weight_of(worker.pid).cpu_seconds
    await whole.feed(held.next, Random(1))
    await whole.comes_to(lambda done: done.all, seconds=PATIENCE_SECONDS)
    seconds, cpu = monotonic() - begun, weight_of(worker.pid).cpu_seconds - before
    click.echo(
        f"{len(held.next):,} reports, sent meanwhile: {len(held.next) / seconds:,.0f}/s, "
        f"{len(held.next) / cpu:,.0f} per CPU-second; resident {resident(worker.pid):,.0f} MiB, "
        f"most {resident(worker.pid, 'VmHWM'):,.0f}; load {os.getloadavg()[0]:.1f}"
    )
    assert await whole.stop(worker) == 0
    worker, told = await started(whole)
    click.echo(f"started again on its disk: {told}; load {os.getloadavg()[0]:.1f}")
    assert await whole.stop(worker) == 0


@click.command(help=__doc__)
@click.option("--journeys", type=click.IntRange(1_000), default=1_000_000, show_default=True)
@click.option("--simulated", type=click.IntRange(100), default=8_000, show_default=True, help="Simulated ones of them.")
def main(journeys: int, simulated: int) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # topics that are new make it complain
    held = state(load_world(Settings()), simulated)
    with Kafka(heap_megabytes=1024) as kafka, tempfile.TemporaryDirectory() as folder:
        whole = Whole(kafka.bootstrap, Path(folder), store="rocksdb", judge=False)
        try:
            asyncio.run(measure(whole, held, journeys))
        finally:
            whole.kill_all()


if __name__ == "__main__":
    main()
