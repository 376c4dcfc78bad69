"""Restore: a changelog of a million rows into an empty store, by the tracker's runtime and by Kafka Streams.

    python -m tests.bench.restore [--rows 1000000]

Rows are those of the transport job (`peers.job`): a container with its ten last positions, 12 partitions. The inputs
are empty, so a process that is ready has only restored. Two rates are told: from the first row to the last, as the
program itself says; and from the start of the process until it is ready, joining its group included.
"""

import asyncio
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final, NamedTuple

import click
from aiokafka import AIOKafkaProducer

from tests.bench.peers.field import Field, Load, write
from tests.bench.peers.job import NODES, PARTITIONS, Box, Given, write_row
from tests.bench.peers.made import java_command
from tests.bench.process import Contender
from tests.broker.kafka import Kafka
from tracker.streams.rows import packed
from tracker.streams.writer import partition_of

_SAID: Final = re.compile(r"restored (\d+) in (\d+) ms")
TARGETS: Final = {"memory": "at least 0.8 of Kafka Streams'", "rocksdb": "at least 50,000 rows/s"}


class Program(NamedTuple):
    """Who restores, from which changelog, with which store."""

    name: str
    command: list[str]
    changelog: str
    store: str


class Restored(NamedTuple):
    """One restore."""

    rows: int
    seconds: float
    ready_seconds: float
    cpu_seconds: float
    resident_bytes_max: int


def rows_of(count: int) -> list[list[tuple[bytes, bytes]]]:
    """So many rows by partition, each of another container."""
    spread: list[list[tuple[bytes, bytes]]] = [[] for _ in range(PARTITIONS)]
    for number in range(count):
        key = f"TBJU{number:07d}".encode()
        box = Box(25, [(NODES[(number + at) % len(NODES)], 1_780_000_000_000 + number + at) for at in range(10)])
        spread[partition_of(key, PARTITIONS)].append((key, packed(number, write_row(box))))
    return spread


async def restore(program: Program, rows: list[list[tuple[bytes, bytes]]], field: Field, start: Given) -> Restored:
    """One restore; raises when not every row was."""
    await field.lay(_NOTHING)
    topic = program.changelog.format(app=start.app_id)
    await field.make(topic)
    producer: Any = AIOKafkaProducer(bootstrap_servers=start.brokers, acks="all", max_batch_size=512 * 1024)
    async with producer:
        for partition, some in enumerate(rows):
            await write(producer, topic, partition, some)
    start.folder.mkdir(parents=True)
    log, begun = start.folder.with_suffix(".log"), monotonic()
    with Contender(program.command, start.environment() | {"BENCH_STORE": program.store}, log) as contender:
        await contender.ready()
        ready, weight = monotonic() - begun, contender.weigh()
        said = [(int(count), int(took) / 1000) for count, took in _SAID.findall(log.read_text())]
    count, seconds = max(said)
    assert count == sum(map(len, rows)), f"{program.name} restored {count} rows: {said}"
    return Restored(count, seconds, ready, weight.cpu_seconds, weight.resident_bytes_max)


_NOTHING: Final = Load.of(0)


async def measure(count: int, rounds: int, only: tuple[str, ...], folder: Path) -> Mapping[str, list[Restored]]:
    """All restores, told as they come."""
    ours = [sys.executable, "-m", "tests.bench.peers.ours"]
    programs = [
        Program("tracker, memory", ours, "{app}-journeys-changelog", "memory"),
        Program("kafka streams, memory", java_command(), "{app}-boxes-changelog", "memory"),
        Program("tracker, rocksdb", ours, "{app}-journeys-changelog", "rocksdb"),
        Program("kafka streams, rocksdb", java_command(), "{app}-boxes-changelog", "rocksdb"),
    ]
    found: defaultdict[str, list[Restored]] = defaultdict(list)
    rows = rows_of(count)
    with Kafka(heap_megabytes=1024) as kafka:
        async with Field(kafka.bootstrap) as field:
            for number in range(rounds):
                for program in programs:
                    if only and program.name not in only:
                        continue
                    name = f"{program.name.replace(', ', '-').replace(' ', '-')}-{number}"
                    done = await restore(program, rows, field, Given(kafka.bootstrap, name, folder / name))
                    found[program.name].append(done)
                    click.echo(f"round {number + 1}, {program.name}: {done}", err=True)
    return found


@click.command(help=__doc__)
@click.option("--rows", type=click.IntRange(1_000), default=1_000_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--only", multiple=True, help="Only these, such as `tracker, memory`.")
def main(rows: int, rounds: int, only: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        found = asyncio.run(measure(rows, rounds, only, Path(folder)))
    click.echo(f"{'':24}{'rows/s: min, med, max':>30}{'rows/s until ready':>20}{'rows/CPU-s':>12}{'MiB':>8}")
    for name, mine in found.items():
        rates = sorted(each.rows / each.seconds for each in mine)
        ready, cpu = (median(each.rows / part(each) for each in mine) for part in (_ready, _cpu))
        resident = max(each.resident_bytes_max for each in mine) / 2**20
        told = f"{rates[0]:>10,.0f}{median(rates):>10,.0f}{rates[-1]:>10,.0f}"
        click.echo(f"{name:24}{told}{ready:>20,.0f}{cpu:>12,.0f}{resident:>8,.0f}")
    click.echo("wanted: " + ", ".join(f"{store} {wanted}" for store, wanted in TARGETS.items()))


def _ready(each: Restored) -> float:
    return each.ready_seconds


def _cpu(each: Restored) -> float:
    return each.cpu_seconds


if __name__ == "__main__":
    main()
