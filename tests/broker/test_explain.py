"""`tracker explain` from a real Kafka: by the movements that are there, and a clear word where they no longer are."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from click.testing import Result

from tests.broker.kafka import Kafka
from tests.broker.notified import fresh_topics
from tests.test_cli import tracker
from tracker.batch import Batch, run
from tracker.contract.records import movement_bytes
from tracker.domain.moment import from_datetime
from tracker.domain.report import Report
from tracker.service import load_world
from tracker.settings import Settings, load_settings
from tracker.streams.intake import day_output
from tracker.streams.topics import DISRUPTIONS, EXCEPTIONS, MOVEMENTS, SITUATION
from tracker.streams.writer import partition_of

pytestmark = pytest.mark.broker
PARTITIONS = 2
HELD = "2026-03-03T10:00:00Z"


def sent(folder: Path) -> Path:
    """Reports of one container that customs hold for three days and more, a line each."""
    bodies = [
        ("departed", "CN-XIAN", "2026-03-01T00:00:00Z"), ("arrived", "CN-HORGOS", "2026-03-03T09:00:00Z"),
        ("customs_held", "CN-HORGOS", HELD), ("customs_released", "CN-HORGOS", "2026-03-07T00:00:00Z"),
    ]  # fmt: skip
    lines = [
        {"carrier": "ktz-express", "received_at": at, "body": body}
        for kind, node, at in bodies
        for body in [{"container": "CSQU3054383", "kind": kind, "node": node, "occurred_at": at, "id": f"{kind}-1"}]
    ]
    (folder / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder / "in.jsonl"


def test_what_is_on_the_topics_is_judged_again_and_what_is_deleted_is_said_to_be(kafka: Kafka, tmp_path: Path) -> None:
    file = sent(tmp_path)
    assert tracker("batch", file, "--out", tmp_path / "out").exit_code == 0
    records = [json.loads(line) for line in (tmp_path / "out" / "exceptions.jsonl").read_text().splitlines()]
    held = [each for each in records if each["rule"] == "held"]
    assert [(each["severity"], each["status"]) for each in held][-2:] == [
        ("critical", "open"),
        ("critical", "resolved"),
    ]
    world = load_world(load_settings())
    batch = Batch(world.intake, world.rules)
    run([file], batch, None)
    [reports] = batch.by_container().values()
    asyncio.run(fill(kafka.bootstrap, reports, batch, [*held[:-2], held[-1]]))

    good = command(kafka, held[-1]["id"])
    assert (good.exit_code, "judged again it is the same" in good.stdout) == (0, True), good.output
    assert "customs hold it and have not released it" in good.stdout
    assert f"2026-03-07T00:00:00Z: {held[-1]['reason']}" in good.stdout
    early = command(kafka, held[-1]["id"], "--version", held[0]["version"])
    assert (early.exit_code, "(warning)" in early.stdout) == (0, True)
    compacted = command(kafka, held[-1]["id"], "--version", held[-2]["version"])
    assert (compacted.exit_code, "is not there, wanted one of" in compacted.stderr) == (2, True)
    unknown = command(kafka, "held-0000000000000000")
    assert (unknown.exit_code, "is not on rail.exceptions" in unknown.stderr) == (2, True)

    asyncio.run(delete(kafka.bootstrap, records=2))
    short = command(kafka, held[-1]["id"])
    assert short.exit_code == 1
    assert "its journey began on 2026-03-01, and rail.movements goes back to 2026-03-03T10:00:00Z only" in short.stdout


def command(kafka: Kafka, *words: object) -> Result:
    return tracker("explain", *words, TRACKER_BROKERS=kafka.bootstrap, TRACKER_PARTITIONS=str(PARTITIONS))


async def fill(brokers: str, reports: list[Report], batch: Batch, exceptions: list[dict[str, Any]]) -> None:
    """Topics as a worker leaves them."""
    settings = Settings(brokers=brokers, partitions=PARTITIONS, retention_days=0)
    await fresh_topics(settings, {MOVEMENTS, EXCEPTIONS, SITUATION, DISRUPTIONS})
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers)
    await producer.start()
    try:
        box = b"CSQU3054383"
        for report in sorted(reports, key=lambda each: each.received):
            body = movement_bytes(box.decode(), report)
            partition = partition_of(box, PARTITIONS)
            await producer.send_and_wait(MOVEMENTS, body, box, partition=partition, timestamp_ms=report.received)
        for (carrier, day), counted in batch.days.items():
            said = day_output(carrier, 0, day, counted)
            await producer.send_and_wait(said.topic, said.value, said.key)
        for each in exceptions:
            key, at = each["id"].encode(), from_datetime(datetime.fromisoformat(each["at"]))
            partition = partition_of(key, PARTITIONS)
            await producer.send_and_wait(
                EXCEPTIONS, json.dumps(each).encode(), key, partition=partition, timestamp_ms=at
            )
    finally:
        await producer.stop()


async def delete(brokers: str, *, records: int) -> None:
    """As retention does: the first movements are gone."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        place = TopicPartition(MOVEMENTS, partition_of(b"CSQU3054383", PARTITIONS))
        await admin.delete_records({place: RecordsToDelete(before_offset=records)})
    finally:
        await admin.close()
