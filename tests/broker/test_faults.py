"""What must not go wrong whatever happens to workers and broker: nothing lost, nothing applied twice."""

import asyncio
import base64
import json
import random
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from tests.broker.kafka import Kafka
from tests.broker.world import World, send_in_transactions
from tracker.streams.topics import REJECTED

pytestmark = pytest.mark.broker


@pytest_asyncio.fixture
async def world(kafka: Kafka, tmp_path: Path) -> AsyncIterator[World]:
    made = World(kafka.bootstrap, tmp_path)
    await made.begin()
    yield made
    made.kill_all()


async def test_a_killed_worker_loses_and_repeats_nothing(world: World) -> None:
    worker = world.start()
    feeding = asyncio.create_task(world.feed(15_000, seconds=3, booms=0.001))
    await world.ready(worker)
    await asyncio.sleep(1.5)
    worker.kill()
    await world.ended(worker)
    again = world.start()
    await feeding
    await world.ready(again)  # on a slow machine nothing may be left to do for it
    await world.comes_right()
    assert world.booms()
    assert await world.rejected() == world.booms()
    assert await world.stop(again) == 0


async def test_workers_may_join_and_leave(world: World) -> None:
    first = world.start()
    feeding = asyncio.create_task(world.feed(15_000, seconds=5))
    await world.ready(first)
    second = world.start()
    await world.ready(second)
    await asyncio.sleep(1)
    assert await world.stop(second) == 0
    third = world.start()
    await world.ready(third)
    assert await world.stop(first) == 0
    await feeding
    await world.comes_right()
    assert await world.stop(third) == 0


async def test_dropped_batches_are_fetched_again(world: World) -> None:
    worker = world.start("drop")
    await world.ready(worker)
    await world.feed(20_000, seconds=2)
    await world.comes_right()
    assert await world.stop(worker) == 0


async def test_records_of_aborted_transactions_leave_no_trace(world: World) -> None:
    worker = world.start()
    await send_in_transactions(world, 1_000)
    await world.ready(worker)
    await send_in_transactions(world, 600, seed=2)
    await world.comes_right()
    assert await world.stop(worker) == 0


async def test_a_rocksdb_is_gone_on_with_where_it_was_and_restored_where_it_is_gone(world: World) -> None:
    # A stable name in the group: whoever comes with it takes over at once what it had.
    on_disk = {"store": "rocksdb", "instance": "one"}
    worker = world.start(**on_disk)
    await world.ready(worker)
    await world.feed(8_000, seconds=1)
    worker.kill()
    await world.ended(worker)
    tables = list(world.folder.glob("*/v1/tables"))
    assert tables, "the rows are on disk"
    again = world.start(**on_disk)
    await world.feed(8_000, seconds=1, seed=2)
    await world.ready(again)
    again.kill()
    await world.ended(again)
    for table in tables:
        shutil.rmtree(table)
    third = world.start(**on_disk)
    await world.feed(1_000, seed=3)
    await world.comes_right()
    assert await world.stop(third) == 0


async def test_a_worker_that_was_paused_writes_no_old_rows(world: World) -> None:
    paused = world.start("slow")
    await world.ready(paused)
    feeding = asyncio.create_task(world.feed(20_000, seconds=10))
    await asyncio.sleep(1)
    paused.send_signal(signal.SIGSTOP)
    other = world.start()
    await world.ready(other)  # the group has given the paused one up
    await asyncio.sleep(1)
    paused.send_signal(signal.SIGCONT)
    # What the paused one had under way lands behind the other's rows: both notice, stop, and are started again.
    supervisor = asyncio.create_task(world.supervise())
    await feeding
    await world.comes_right()
    supervisor.cancel()


async def test_a_record_of_a_mebibyte_that_breaks_a_stage_is_kept_whole(world: World) -> None:
    worker = world.start()
    await world.ready(worker)
    producer: Any = AIOKafkaProducer(bootstrap_servers=world.settings.brokers, max_request_size=2_000_000)
    await producer.start()
    junk = random.Random(1).randbytes(1_000_000)
    await producer.send_and_wait("carrier.aaa.events", junk, key=b"\xff", partition=0, headers=[("h", b"\x00")])
    await producer.stop()
    await world.feed(100)
    await world.comes_right()
    [rejected] = await world.records(REJECTED)
    body = json.loads(rejected.value)
    assert base64.b64decode(body["raw"]) == junk
    assert body["headers"] == [["h", "AA=="]]
    assert body["origin"] == {"topic": "carrier.aaa.events", "partition": 0, "offset": 0, "index": 0}
    assert [fault["code"] for fault in body["faults"]] == ["E001"]
    assert await world.stop(worker) == 0
