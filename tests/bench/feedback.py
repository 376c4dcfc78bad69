"""How soon a carrier is told: `python -m tests.bench.feedback`, on a real Kafka, at a steady rate.

Simulated reports are sent as they are now, so nearly each is told to be late (`W303`) and some to be more: the most
feedback there can be. Measured is from the moment a report is handed to the producer to the moment a consumer has what
is said of it: the two ways through the broker, the worker's polls, and its stages.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from time import monotonic, time
from typing import Any, Final, NamedTuple

import click
import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tracker.domain.moment import DAY, Millis
from tracker.simulate.options import FaultRates, Traffic
from tracker.simulate.saying import Sent
from tracker.simulate.simulation import Simulation
from tracker.streams.topics import events_topic, feedback_topic

AIM_SECONDS: Final = 2.0
SETTLES_SECONDS: Final = 5.0
"""After the last report, within which what is still to be said must come."""

Place = tuple[str, int, int]


class Told(msgspec.Struct):
    """What is read of a feedback record."""

    partition: int
    offset: int
    outcome: str
    faults: list[Any]
    reports: int = 0


class Heard(NamedTuple):
    """When something was said of a record, and what."""

    place: Place
    at: float
    outcome: str


async def measured(whole: Whole, reports: Sequence[Sent], rate: float) -> tuple[dict[Place, float], list[Heard]]:
    """When each record was sent, and everything that was said."""
    sent: dict[Place, float] = {}
    heard: list[Heard] = []
    brokers = whole.settings.brokers
    consumer: Any = AIOKafkaConsumer(
        *map(feedback_topic, whole.carriers), bootstrap_servers=brokers, auto_offset_reset="earliest"
    )
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers, acks="all")
    await consumer.start()
    await producer.start()
    reading = asyncio.create_task(_read(consumer, heard))
    try:
        begun, waiting = monotonic(), []
        for number, report in enumerate(reports):
            ahead = number / rate - (monotonic() - begun)
            if ahead > 0.001:
                await asyncio.sleep(ahead)
            future = await producer.send(events_topic(report.carrier), report.body, report.key)
            waiting.append((report.carrier, time(), future))
        for carrier, at, future in waiting:
            placed = await future
            sent[carrier, placed.partition, placed.offset] = at
        seconds = monotonic() - begun
        print(f"{len(reports):,} reports in {seconds:.1f} s: {len(reports) / seconds:,.0f} a second")
        await asyncio.sleep(SETTLES_SECONDS)
    finally:
        reading.cancel()
        await producer.stop()
        await consumer.stop()
    return sent, heard


async def _read(consumer: Any, heard: list[Heard]) -> None:
    decode = msgspec.json.Decoder(Told).decode
    async for record in consumer:
        told = decode(record.value)
        if not told.reports:
            carrier = record.topic.removeprefix("carrier.").removesuffix(".feedback")
            heard.append(Heard((carrier, told.partition, told.offset), time(), told.outcome))


def _say(name: str, seconds: list[float]) -> None:
    seconds.sort()
    shares = ", ".join(f"p{share:g} {seconds[int(len(seconds) * share / 100)]:.3f}" for share in (50, 95, 99, 99.9))
    print(f"{name:<12} {len(seconds):>8,} told, seconds: {shares}, most {seconds[-1]:.3f}")


async def _run(rate: float, seconds: float) -> bool:
    with Kafka() as kafka, tempfile.TemporaryDirectory() as folder:
        whole = Whole(kafka.bootstrap, Path(folder), clock="wall", retention_days=30)
        await whole.begin()
        try:
            worker = whole.start("one")
            await whole.ready(worker)
            start = Millis(int(time() * 1000) - 60 * DAY)
            simulation = Simulation(whole.world.network, whole.carriers, Traffic(start=start, faults=FaultRates()))
            sent, heard = await measured(whole, list(islice(simulation, int(rate * seconds))), rate)
        finally:
            whole.kill_all()
    late = [each.at - sent[each.place] for each in heard if each.place in sent]
    _say("all", late)
    for outcome in ("rejected", "accepted", "duplicate", "superseded"):
        if some := [each.at - sent[each.place] for each in heard if each.outcome == outcome and each.place in sent]:
            _say(outcome, some)
    within = sum(each <= AIM_SECONDS for each in late) / len(late)
    print(
        f"within {AIM_SECONDS:g} s: {within:.4%}; of {len(sent):,} records {len({e.place for e in heard}):,} were told"
    )
    return within > 0.999


@click.command()
@click.option("--rate", default=1_000.0, show_default=True, help="Reports a second.")
@click.option("--seconds", default=60.0, show_default=True)
def main(rate: float, seconds: float) -> None:
    """Measure; status 1 when more than one in a thousand is told later than after two seconds."""
    sys.exit(0 if asyncio.run(_run(rate, seconds)) else 1)


if __name__ == "__main__":
    main()
