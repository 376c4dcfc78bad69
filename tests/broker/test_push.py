"""`tracker push` into a real Kafka: what arrives, and what it does where its topic is not."""

import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.broker.kafka import Kafka
from tests.push.builders import BOX, MAPPING, NETWORK
from tracker.push.command import Push, run_push

pytestmark = pytest.mark.broker

CARRIERS = "carriers: [{id: push-here, name: Here}, {id: push-gone, name: Gone}]\n"

ROWS = 5_000
"""More than are sent before their acknowledgements are waited for."""


@pytest.fixture
def push(tmp_path: Path, kafka: Kafka) -> Push:
    lines = [f"{BOX};East;Departed;01.03.2026 {n // 60 % 24:02}:{n % 60:02}" for n in range(ROWS)]
    table = "\n".join(["container;station;operation;time", *lines])
    for name, text in (("m.yaml", MAPPING), ("n.yaml", NETWORK), ("c.yaml", CARRIERS), ("t.csv", table)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Push(
        file=tmp_path / "t.csv",
        carrier="push-here",
        mapping=tmp_path / "m.yaml",
        network=tmp_path / "n.yaml",
        carriers=tmp_path / "c.yaml",
        brokers=kafka.bootstrap,
    )


def test_a_table_arrives_whole_and_in_order_keyed_by_container(push: Push) -> None:
    with asyncio.Runner() as runner:
        runner.run(make_topic(push))
        out = io.StringIO()

        assert run_push(push, out, io.StringIO()) == 0

        records = runner.run(read(push, ROWS))
    assert [key for key, _ in records] == [BOX.encode()] * ROWS
    assert [body["occurred_at"][11:16] for _, body in records] == [
        f"{n // 60 % 24:02}:{n % 60:02}" for n in range(ROWS)
    ]
    assert f"    {ROWS:,} events sent" in out.getvalue()


def test_a_topic_that_is_missing_is_told_and_not_made(push: Push) -> None:
    push, log = replace(push, carrier="push-gone"), io.StringIO()

    assert run_push(push, io.StringIO(), log) == 2
    assert f"topic carrier.{push.carrier}.events is not on {push.brokers}; run `tracker topics`" in log.getvalue()
    with asyncio.Runner() as runner:
        assert f"carrier.{push.carrier}.events" not in runner.run(topics(push))


async def make_topic(push: Push) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=push.brokers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"carrier.{push.carrier}.events", 3, 1)])
    finally:
        await admin.close()


async def topics(push: Push) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=push.brokers)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def read(push: Push, count: int) -> list[tuple[bytes, dict[str, str]]]:
    """The records of the carrier's topic, `count` of them; one container's are in one partition, so in order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=push.brokers, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(f"carrier.{push.carrier}.events", partition) for partition in range(3)])
        return [(record.key, json.loads(record.value)) for record in [await consumer.getone() for _ in range(count)]]
    finally:
        await consumer.stop()
