"""The harness itself: what a test of the tracker relies on when it stops, kills or freezes its broker."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.broker.jars import REPOSITORY
from tests.broker.kafka import Kafka
from tests.broker.processes import ends

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def node() -> Iterator[Kafka]:
    """A node of this module's own, since it is killed and frozen here."""
    with Kafka() as own:
        yield own


async def create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def send(bootstrap: str, topic: str, *values: bytes) -> None:
    """Send and wait for every acknowledgement."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        return [(await asyncio.wait_for(consumer.getone(), 20)).value for _ in range(count)]


async def test_acknowledged_records_outlive_a_kill_and_an_ordered_restart(node: Kafka) -> None:
    await create(node.bootstrap, "outlives")
    await send(node.bootstrap, "outlives", b"before the kill")
    node.kill()
    node.start()
    await send(node.bootstrap, "outlives", b"before the restart")
    node.restart()
    assert await read(node.bootstrap, "outlives", 2) == [b"before the kill", b"before the restart"]


async def test_a_frozen_node_answers_nothing_until_it_is_thawed(node: Kafka) -> None:
    await create(node.bootstrap, "frozen")
    node.freeze()
    sending = asyncio.create_task(send(node.bootstrap, "frozen", b"x"))
    done, _ = await asyncio.wait([sending], timeout=1)
    node.thaw()
    await sending
    assert not done
    assert await read(node.bootstrap, "frozen", 1) == [b"x"]


def test_a_node_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ends a child with its parent")
    program = (
        "import os; from tests.broker.kafka import Kafka; k = Kafka(); k.start(); print(k.pid, flush=True); os._exit(1)"
    )
    starter = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ends(int(starter.stdout), within_seconds=10)
