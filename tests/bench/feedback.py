"""How soon a carrier is told: `python -m tests.bench.feedback`, on a real Kafka, at a steady rate of fresh reports.

More than half of the reports have something to be told of: their node is drawn anew for each, so they contradict
others of their container, or they have no offset, a node that nobody knows, a place by name only, or say what was
said before. Measured is from the moment a report is handed to the producer to the moment a consumer has what is said
of it: twice through the broker, the worker's polls, and one stage or, for what is repeated, two. A third of the
containers are reported in DCSA 2.2: of some their train's departure, which counts for all that is loaded on it.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from time import monotonic, time
from typing import Any, Final, NamedTuple

import click
import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tracker.domain.identifiers import check_digit
from tracker.domain.moment import MINUTE, Millis, text
from tracker.streams.topics import events_topic, feedback_topic

AIM_SECONDS: Final = 2.0
WAVE: Final = 1_000
"""Containers reported one after the other before they are reported again."""
STEPS: Final = (("gate_in", 180), ("loaded", 90), ("departed", 5))
"""Kinds, and how many minutes ago they were."""
DCSA_TRAINS: Final = 20
"""Containers of a wave of which not they but the train is said to have left, where it is said in DCSA."""
NODES: Final = ("KZ-ALTYNKOL", "KZ-DOSTYK", "KZ-AKTAU", "AZ-ALAT", "PL-MALA", "CN-XIAN")
SETTLES_SECONDS: Final = 5.0
"""After the last report, within which what is still to be said must come."""

Place = tuple[str, int, int]


class Report(NamedTuple):
    """One record to send."""

    carrier: str
    key: bytes
    body: bytes


def fresh(count: int, carriers: Sequence[str], now: Millis, draw: Random) -> Iterator[Report]:
    """Reports of the last hours: three of each container at nodes that can't all be, some with a fault."""
    before: Report | None = None
    for number in range(count):
        wave, place = divmod(number, 3 * WAVE)
        step, box = divmod(place, WAVE)
        serial = f"TSTU{wave * WAVE + box:06d}"
        container = f"{serial}{check_digit(serial)}"
        kind, ago = STEPS[step]
        report: dict[str, Any] = {
            "container": container, "kind": kind, "node": draw.choice(NODES), "id": f"{container}-{kind}",
            "occurred_at": text(Millis(now - ago * MINUTE)), "train": f"{wave}-{8000 + box % 90}", "iso_code": "45G1",
            "gross_kg": 21_500, "laden": True,
        }  # fmt: skip
        match draw.randrange(28):
            case 0:
                report["occurred_at"] = report["occurred_at"].removesuffix("Z")
            case 1:
                report["node"] = "NOWHERE"
            case 2:
                report["node"] = {"scheme": "name", "code": "Altynkol"}
            case 3 if before is not None:
                yield before
                continue
        if box // len(carriers) % 3 == 0:
            report = as_dcsa(report, of_train=kind == "departed" and box < DCSA_TRAINS)
        body = msgspec.json.encode(report)
        before = Report(carriers[box % len(carriers)], container.encode(), body)
        yield before


def as_dcsa(report: dict[str, Any], *, of_train: bool) -> dict[str, Any]:
    """The same as an event of DCSA 2.2, about the train or about the container."""
    node = report["node"]
    call = {"modeOfTransport": "RAIL", "carrierVoyageNumber": report["train"]}
    call |= {"otherFacility": node["code"]} if isinstance(node, dict) else {"facilityCode": node}
    event = {
        "eventID": report["id"], "eventClassifierCode": "ACT", "eventDateTime": report["occurred_at"],
        "ISOEquipmentCode": report["iso_code"], "emptyIndicatorCode": "LADEN", "transportCall": call,
    }  # fmt: skip
    if of_train:
        return event | {"eventType": "TRANSPORT", "transportEventTypeCode": "DEPA"}
    code = {"gate_in": "GTIN", "loaded": "LOAD", "departed": "DEPA"}[report["kind"]]
    return event | {
        "eventType": "EQUIPMENT", "equipmentEventTypeCode": code, "equipmentReference": report["container"]
    }  # fmt: skip


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


async def measured(
    whole: Whole, reports: Sequence[Report], rate: float
) -> tuple[dict[Place, float], list[Heard], set[Place]]:
    """When each record was sent, everything that was said, and which records are of DCSA."""
    sent: dict[Place, float] = {}
    heard: list[Heard] = []
    dcsa: set[Place] = set()
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
            waiting.append((report, time(), future))
        for report, at, future in waiting:
            placed = await future
            place = report.carrier, placed.partition, placed.offset
            sent[place] = at
            if b"eventType" in report.body:
                dcsa.add(place)
        seconds = monotonic() - begun
        rate, load = len(reports) / seconds, os.getloadavg()[0]
        print(f"{len(reports):,} reports in {seconds:.1f} s: {rate:,.0f} a second; load {load:.1f}")
        await asyncio.sleep(SETTLES_SECONDS)
    finally:
        reading.cancel()
        await producer.stop()
        await consumer.stop()
    return sent, heard, dcsa


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
            reports = list(fresh(int(rate * seconds), whole.carriers, Millis(int(time() * 1000)), Random(8)))
            sent, heard, dcsa = await measured(whole, reports, rate)
        finally:
            whole.kill_all()
    late = [each.at - sent[each.place] for each in heard if each.place in sent]
    _say("all", late)
    for outcome in ("rejected", "accepted", "duplicate", "superseded"):
        if some := [each.at - sent[each.place] for each in heard if each.outcome == outcome and each.place in sent]:
            _say(outcome, some)
    if some := [each.at - sent[each.place] for each in heard if each.place in dcsa]:
        _say("DCSA", some)
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
