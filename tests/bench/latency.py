"""Latency and load of one worker at a steady rate of fresh reports, with many journeys open.

    python -m tests.bench.latency [--journeys 100000] [--seconds 120]

A real `tracker worker` on a real Kafka restores the rows of so many open journeys (as `tests.bench.memory` makes them,
of traffic that was simulated up to now) and then takes 1,000 reports a second of other containers, by the wall's clock.
Told are:

- the worker's share of a core while it does so and nobody asks it anything;
- from the moment a report is handed to the producer until `/metrics` counts it in `rail_movements_total`, asked five
  times a second: up to 0.2 s of it is the asking;
- of exceptions whose deadline fell into the run, from the whole minute that follows the deadline, at which the sweep
  judges, to the record on `rail.exceptions`.
"""

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, time
from typing import Any, Final

import click
from aiohttp import ClientSession
from aiokafka import AIOKafkaProducer

from tests.bench.memory import DAYS, cloned, resident, state, write
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tracker.domain.identifiers import check_digit
from tracker.domain.moment import DAY, MINUTE, SECOND, Millis, from_datetime, text
from tracker.service import load_world
from tracker.settings import Settings
from tracker.streams.topics import EXCEPTIONS, changelog_topic, events_topic

STEPS: Final = ("gate_in", "loaded", "departed")
ASKS_SECONDS: Final = 0.2
SETTLES_SECONDS: Final = 10.0
"""After the restore: the first sweep judges what fell due while nobody ran."""
CPU_SHARE_MAX: Final = 0.35
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def body(run: str, number: int, of: int, now: Millis) -> tuple[bytes, bytes]:
    """A report: the first step of each container, then the second, then the third. `run`: a letter of its own."""
    step, box = divmod(number, of)
    plain = f"LT{run}U{box:06d}"
    container = f"{plain}{check_digit(plain)}"
    report = {
        "container": container, "kind": STEPS[step % 3], "node": "KZ-ALTYNKOL", "id": f"{run}-{number}",
        "occurred_at": text(Millis(now - (3 - step) * MINUTE)), "iso_code": "45G1", "laden": True,
    }  # fmt: skip
    return container.encode(), json.dumps(report).encode()


async def sending(producer: Any, topic: str, run: str, rate: int, seconds: int) -> list[float]:
    """Send so many a second, a tenth of a second's at once; when each was handed over (monotonic)."""
    sent: list[float] = []
    begun, total = monotonic(), rate * seconds
    while len(sent) < total:
        due = min(total, int((monotonic() - begun) * rate) + 1)
        now = Millis(round(time() * 1000))
        for number in range(len(sent), due):
            key, value = body(run, number, total // 3 + 1, now)
            await producer.send(topic, value, key=key, timestamp_ms=now)
            sent.append(monotonic())
        await asyncio.sleep(0.02)
    await producer.flush()
    return sent


async def counted(address: str, carrier: str, wanted: int) -> list[tuple[float, int]]:
    """When (monotonic) how many movements of a carrier were counted, until all are."""
    seen: list[tuple[float, int]] = []
    async with ClientSession() as client:
        while not seen or seen[-1][1] < wanted:
            async with client.get(f"{address.rstrip('/')}/metrics") as response:
                lines = (await response.text()).splitlines()
            mine = [line for line in lines if line.startswith("rail_movements_total{") and f'"{carrier}"' in line]
            seen.append((monotonic(), sum(int(float(line.rpartition(" ")[2])) for line in mine)))
            await asyncio.sleep(ASKS_SECONDS)
    return seen


def waits(sent: Sequence[float], seen: Sequence[tuple[float, int]], before: int) -> list[float]:
    """Seconds from each report to the first look at which it was counted."""
    found, looks = [], iter(seen)
    at, count = next(looks)
    for number, handed in enumerate(sent):
        while count - before <= number or at < handed:
            at, count = next(looks)
        found.append(at - handed)
    return found


def cpu_seconds(pid: int) -> float:
    """What a process has used."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / _TICKS


async def measure(whole: Whole, rows: dict[tuple[int, bytes], bytes], rate: int, seconds: int) -> dict[str, float]:
    """One run."""
    await whole.begin()
    await write(whole.settings, changelog_topic(whole.settings.app_id, "journeys"), rows)
    begun = monotonic()
    worker = whole.start("measured")
    await whole.ready(worker)
    figures = {"ready after, s": monotonic() - begun}
    await asyncio.sleep(SETTLES_SECONDS)
    carrier, started = whole.carriers[0], time() * 1000
    producer: Any = AIOKafkaProducer(bootstrap_servers=whole.settings.brokers, acks="all", linger_ms=5)
    async with producer:
        used, at = cpu_seconds(worker.pid), monotonic()
        await sending(producer, events_topic(carrier), "A", rate, seconds)
        figures["share of a core"] = (cpu_seconds(worker.pid) - used) / (monotonic() - at)
        await whole.comes_to(lambda done: done.all, seconds=60)
        first = (await counted(whole.address_of(worker), carrier, 1))[-1][1]
        looks = asyncio.create_task(counted(whole.address_of(worker), carrier, first + rate * 30))
        sent = await sending(producer, events_topic(carrier), "B", rate, 30)
        found = waits(sent, await looks, first)
    figures |= {"report to metric p50, s": median(found), "p99, s": quantiles(found, n=100)[98]}
    late = await delays(whole, started)
    if len(late) > 1:
        figures |= {"exceptions": len(late), "minute to exception p50, s": median(late), "most, s": max(late)}
    return figures | {"resident, MiB": resident(worker.pid)}


async def delays(whole: Whole, started: float) -> list[float]:
    """Seconds from the minute at which each exception was due to its record, of those that fell due in the run."""
    found = []
    for record in await whole.records([EXCEPTIONS]):
        said = json.loads(record.value or b"{}")
        deadline = from_datetime(datetime.fromisoformat(said["deadline"]))
        if said["version"] == 1 and deadline >= started:
            found.append((record.timestamp - -(-deadline // MINUTE) * MINUTE) / SECOND)
    return found


@click.command(help=__doc__)
@click.option("--journeys", type=click.IntRange(1_000), default=100_000, show_default=True, help="Open journeys.")
@click.option("--simulated", type=click.IntRange(100), default=8_000, show_default=True, help="Simulated ones of them.")
@click.option("--rate", type=click.IntRange(1), default=1_000, show_default=True, help="Reports a second.")
@click.option("--seconds", type=click.IntRange(10), default=120, show_default=True)
def main(journeys: int, simulated: int, rate: int, seconds: int) -> None:
    """Measure and print."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # topics that are new make it complain
    start = Millis(round(time() * 1000) - DAYS * DAY)
    held = state(load_world(Settings()), simulated, start)
    click.echo(f"load {os.getloadavg()[0]:.1f}")
    with Kafka() as kafka, tempfile.TemporaryDirectory() as folder:
        whole = Whole(kafka.bootstrap, Path(folder), clock="wall")
        try:
            rows = cloned(held.open, journeys, "AAA", whole.settings.partitions)
            figures = asyncio.run(measure(whole, rows, rate, seconds))
        finally:
            whole.kill_all()
    click.echo(f"{len(rows):,} open journeys, {rate:,} reports/s for {seconds} s:")
    click.echo("\n".join(f"{name:28}{value:10.2f}" for name, value in figures.items()))
    click.echo(f"wanted: at most {CPU_SHARE_MAX} of a core, p99 under 1 s, exceptions under 15 s after they are due")


if __name__ == "__main__":
    main()
