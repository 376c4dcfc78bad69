"""What a worker does about a broker that stalls or whose topics are not as they must be."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
import pytest_asyncio

from tests.broker.kafka import Kafka
from tests.broker.toy import CARRIERS
from tests.broker.world import World
from tracker.streams.topics import create_or_check, plan

pytestmark = pytest.mark.broker


@pytest_asyncio.fixture
async def world(kafka: Kafka, tmp_path: Path) -> AsyncIterator[World]:
    made = World(kafka.bootstrap, tmp_path)
    await made.begin()
    yield made
    made.kill_all()


async def test_a_stalled_broker_stops_the_worker_and_loses_nothing(tmp_path: Path) -> None:
    with Kafka() as own:
        world = World(own.bootstrap, tmp_path, ack_seconds=2, stop_seconds=3)
        await world.begin()
        # Slow, so that it has work in hand whenever the broker stalls: a worker that waits for input only waits on.
        itself, asked = world.start("slow", instance="itself"), world.start(instance="asked")
        await world.ready(itself)
        await world.ready(asked)
        feeding = asyncio.create_task(world.feed(10_000, seconds=3))
        await asyncio.sleep(1)
        own.freeze()
        begun = monotonic()
        asked.send_signal(signal.SIGTERM)
        await world.ended(asked)
        assert monotonic() - begun < 3 + 1.5
        assert await world.ended(itself) == 3
        assert monotonic() - begun < 2 + 3 + 3
        assert "CRITICAL tracker.streams.runtime stopping: " in world.log_of(itself)
        assert len(world.log_of(itself).splitlines()) < 100, "a broker that is down must not flood the log"
        own.thaw()
        again = world.start(instance="itself")
        await feeding
        await world.comes_right()
        assert await world.stop(again) == 0
        world.kill_all()


async def test_topics_with_other_partitions_are_refused_at_the_start(world: World) -> None:
    worker = world.start(partitions=6)
    assert await world.ended(worker) == 2
    last = world.log_of(worker).splitlines()[-1]
    assert "has 4 partitions, wanted 6: set TRACKER_PARTITIONS" in last


async def test_missing_topics_are_made_by_whoever_starts_first(world: World) -> None:
    specs = plan(world.settings, [*CARRIERS, "new"])
    told = await create_or_check(world.settings.brokers, specs, create=False)
    assert [(finding.topic, finding.what) for finding in told] == [
        ("carrier.new.events", "missing"), ("carrier.new.feedback", "missing"),
    ]  # fmt: skip
    assert {finding.what for finding in await create_or_check(world.settings.brokers, specs)} == {"created"}
    assert await create_or_check(world.settings.brokers, specs) == []
