"""What comes out is watched: by a real request of the notifier's, signed, and shown as metrics."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from prometheus_client import CollectorRegistry

from tests.canary.test_travel import START, travel
from tests.notify.records import over, record, version_of
from tracker.canary.command import build_site
from tracker.canary.watch import Watch
from tracker.contract.endpoints import Webhook
from tracker.domain.moment import HOUR, MINUTE, SECOND, Millis
from tracker.metrics.canary import CanaryMetrics
from tracker.notify.delivery import Delivery
from tracker.notify.webhook import WebhookTransport

WORD = b"whoever-may-feign-a-canary"


class Perch:
    """The endpoint on a free port, at a clock that is set."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.clock = Millis(travel().begins(START) + 2 * MINUTE)
        metrics = CanaryMetrics(self.registry, 4, HOUR)
        self.runner = web.AppRunner(
            build_site(self.registry, Watch(travel(), WORD, metrics, lambda: self.clock)), access_log=None
        )
        self.address = ""

    async def hears(self, *told: dict[str, Any], word: bytes = WORD) -> bool:
        """Whether it answers well to what a notifier tells."""
        transport = WebhookTransport(Webhook(f"{self.address}/told", word), 5)
        try:
            delivery = Delivery("canary-1", "canary", "one", tuple(map(version_of, told)))
            return (await transport.send(delivery)).is_told
        finally:
            await transport.close()

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest_asyncio.fixture
async def perch() -> AsyncIterator[Perch]:
    made = Perch()
    await made.runner.setup()
    await web.TCPSite(made.runner, "127.0.0.1", 0).start()
    made.address = f"http://127.0.0.1:{made.runner.addresses[0][1]}"
    yield made
    await made.runner.cleanup()


def canary(container: str, **changes: Any) -> dict[str, Any]:
    return record(carrier="canary", rule="held", container=container, **changes)


async def test_a_late_canary_that_comes_out_moves_the_clock_of_the_chain(perch: Perch) -> None:
    assert perch.value("rail_canary_interval_seconds") == 3600
    assert await perch.hears(canary(travel().late(START)))
    due = travel().begins(START) / SECOND
    assert perch.value("rail_canary_told_timestamp_seconds") == due
    assert perch.value("rail_canary_partition_told_timestamp_seconds", partition=str(START % 4)) == due
    assert perch.value("rail_canary_delay_seconds") == 120
    assert perch.value("rail_canary_astray_total") == 0


async def test_an_older_one_that_comes_out_later_does_not_turn_the_clock_back(perch: Perch) -> None:
    perch.clock = Millis(travel().begins(START + 1) + MINUTE)
    assert await perch.hears(canary(travel().late(START + 1)))
    assert await perch.hears(canary(travel().late(START)))
    assert perch.value("rail_canary_told_timestamp_seconds") == travel().begins(START + 1) / SECOND


async def test_that_one_is_over_is_no_sign_of_life(perch: Perch) -> None:
    before = perch.value("rail_canary_told_timestamp_seconds")
    assert await perch.hears(over(carrier="canary", rule="held", container=travel().late(START)))
    assert perch.value("rail_canary_told_timestamp_seconds") == before


@pytest.mark.parametrize("container", ["in time", "CSQU3054383"])
async def test_one_that_was_not_late_is_counted_as_a_false_alarm(perch: Perch, container: str) -> None:
    if container == "in time":
        late = {travel().late(START), travel().late(START - 1)}
        container = next(each.container for each in travel().sent_at(START) if each.container not in late)
    before = perch.value("rail_canary_told_timestamp_seconds")
    assert await perch.hears(canary(container))
    assert perch.value("rail_canary_told_timestamp_seconds") == before
    assert perch.value("rail_canary_astray_total") == 1


async def test_what_another_signed_is_refused_and_what_nobody_signed_too(perch: Perch) -> None:
    assert not await perch.hears(canary(travel().late(START)), word=b"somebody-elses-word")
    async with ClientSession() as session, session.post(f"{perch.address}/told", data=b"{}") as answer:
        assert answer.status == 403
    assert perch.value("rail_canary_delay_seconds") == 0


async def test_metrics_and_health_are_beside_it(perch: Perch) -> None:
    async with ClientSession() as session:
        async with session.get(f"{perch.address}/metrics") as answer:
            assert "rail_canary_told_timestamp_seconds " in await answer.text()
        async with session.get(f"{perch.address}/healthz") as answer:
            assert answer.status == 200
