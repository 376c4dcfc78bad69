"""Canaries through the whole chain on a real Kafka; each stage stopped in turn, and the metric shows it.

Time is the data's: the sender stamps what it sends by an hour that the test sets. `CANARY_STAGES=all` stops every
stage; without it only the notifier, to save time.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from aiohttp import web
from prometheus_client import CollectorRegistry

from tests.broker.kafka import Kafka
from tests.broker.notified import Notified
from tests.broker.whole import Whole
from tracker.canary.command import build_site, travel_of
from tracker.canary.sender import Sender
from tracker.canary.watch import Watch
from tracker.domain.moment import HOUR, MINUTE, SECOND, Millis
from tracker.metrics.canary import CanaryMetrics

pytestmark = pytest.mark.broker

ALL: Final = os.environ.get("CANARY_STAGES") == "all"
START: Final = 492_000
"""The first hour: in February 2026."""
LONGEST: Final = 1.5
"""Intervals after which the alert is due: see README."""


class Chain:
    """A tracker, a notifier and an endpoint for canaries; `hour` is the data's clock."""

    def __init__(self, brokers: str, folder: Path) -> None:
        self.hour = START
        (folder / "worker").mkdir()
        self.whole = Whole(brokers, folder / "worker", partitions=2, canary=True)
        self.travel = travel_of(self.whole.settings, self.whole.world)
        self.registry = CollectorRegistry()
        metrics = CanaryMetrics(self.registry, 2, HOUR)
        watch = Watch(self.travel, self.whole.settings.canary_word.encode(), metrics, self.now)
        self.runner = web.AppRunner(build_site(self.registry, watch), access_log=None)
        self.sender = Sender(self.whole.settings)
        self._folder, self._brokers = folder, brokers

    async def begin(self) -> None:
        await self.whole.begin()
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        await self.sender.start()
        port = self.runner.addresses[0][1]
        self.notified = Notified(
            self._brokers, self._folder, "", app_id=self.whole.settings.app_id, partitions=2, canary=True,
            canary_url=f"http://127.0.0.1:{port}/told", notify_stands_seconds=0, retention_days=0,
        )  # fmt: skip

    async def end(self) -> None:
        self.whole.kill_all()
        if hasattr(self, "notified"):
            self.notified.kill_all()
        await self.sender.stop()
        await self.runner.cleanup()

    def now(self) -> Millis:
        return Millis(self.travel.begins(self.hour) + 2 * MINUTE)

    async def an_hour_goes_by(self) -> None:
        """The next canary is late."""
        self.hour += 1
        await self.sender.send(self.travel.sent_at(self.hour), self.travel.begins(self.hour))

    def age(self) -> float:
        """In intervals, how long ago the last one that came out was late."""
        told = self.registry.get_sample_value("rail_canary_told_timestamp_seconds")
        assert told is not None
        return (self.now() / SECOND - told) * SECOND / HOUR

    async def comes_out(self) -> None:
        """Wait until the canary of this hour was told; then the alert is silent."""
        await self.notified.until(lambda: 0 <= self.age() < 1, seconds=180)
        assert self.age() < LONGEST
        assert self.registry.get_sample_value("rail_canary_astray_total") == 0

    async def two_hours_go_by_in_vain(self) -> None:
        """Nothing comes out, and after two intervals at most the alert is due."""
        assert self.age() < LONGEST
        for _ in range(2):
            await self.an_hour_goes_by()
            await asyncio.sleep(4 if ALL else 0.1)  # that nothing comes is what is looked at
        assert self.age() > LONGEST


@pytest_asyncio.fixture
async def chain(kafka: Kafka, tmp_path: Path) -> AsyncIterator[Chain]:
    made = Chain(kafka.bootstrap, tmp_path)
    await made.begin()
    yield made
    await made.end()


@pytest.mark.timeout(400)
async def test_a_late_canary_comes_out_and_when_a_stage_is_stopped_its_age_tells(chain: Chain) -> None:
    worker = chain.whole.start(instance="first")
    notifier = chain.notified.start()
    await chain.an_hour_goes_by()
    await chain.comes_out()

    notifier.terminate()  # the notifier is stopped
    assert await asyncio.to_thread(notifier.wait, 30) == 0
    await chain.two_hours_go_by_in_vain()
    chain.notified.start()
    await chain.comes_out()

    if ALL:
        assert await chain.whole.stop(worker) == 0  # the worker is stopped, and with it intake, journeys and sweep
        await chain.two_hours_go_by_in_vain()
        worker = chain.whole.start(instance="first")
        await chain.comes_out()

        assert await chain.whole.stop(worker) == 0  # the sweep alone is stopped
        worker = chain.whole.start(instance="first", judge=False)
        await chain.whole.ready(worker)
        await chain.two_hours_go_by_in_vain()
        assert await chain.whole.stop(worker) == 0
        chain.whole.start(instance="first")
        await chain.an_hour_goes_by()  # the data's clock moves by what is reported
        await chain.comes_out()

        chain.hour += 2  # the sender is stopped
        assert chain.age() > LONGEST
