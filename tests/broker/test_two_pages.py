"""Two workers on a real Kafka: each answers for both, whatever the question; and says so when the other is gone."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from aiohttp import ClientSession

from tests.broker.whole import Whole
from tests.hearing import Sent
from tracker.contract.sent_lines import read_lines
from tracker.domain.moment import from_datetime
from tracker.simulate.options import Traffic
from tracker.simulate.run import Delivery, simulate_to_file

pytestmark = pytest.mark.broker

REPORTS: Final = 1_500
SECONDS: Final = 180.0


@pytest.mark.timeout(4 * SECONDS)
async def test_both_workers_give_the_same_answers_about_every_container(whole: Whole, tmp_path: Path) -> None:
    file, traffic = tmp_path / "reports.jsonl", Traffic(seed=5, days=9, trains_per_day=1)
    simulate_to_file(whole.world.network, whole.carriers, traffic, Delivery(reports=REPORTS, progress=False), file)
    sents = [Sent(line.carrier, from_datetime(line.received_at), body) for line, body in read_lines([file])]
    workers = [whole.start("first"), whole.start("second")]
    for worker in workers:
        await whole.ready(worker)
    await whole.feed(sents, Random(5))
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    addresses = [whole.address_of(worker) for worker in workers]
    async with ClientSession() as client:

        async def both(path: str) -> list[Any]:
            return await asyncio.gather(*(_get(client, address + path) for address in addresses))

        async def shared() -> bool:
            # Both have some of the containers, and say that nothing is missing.
            pages = await both("/v1/journeys?limit=500")
            return pages[0]["count"] == pages[1]["count"] > 0 and not any(page["partial"] for page in pages)

        await whole.until(shared, seconds=SECONDS)
        listed = await both("/v1/journeys?limit=500")
        assert listed[0] == listed[1]
        numbers = [journey["container"] for journey in listed[0]["journeys"]]
        assert numbers == sorted(set(numbers))
        for number in numbers:
            first, second = await both(f"/v1/containers/{number}")
            assert first == second
        for path in ("/v1/corridors", "/v1/nodes", "/v1/exceptions?limit=500"):
            first, second = await both(path)
            assert first == second, path
        workers[1].kill()
        page = await _get(client, addresses[0] + "/v1/journeys?limit=500")
        assert page["partial"] is True
        assert 0 < len(page["journeys"]) < len(numbers)


async def _get(client: ClientSession, url: str) -> Any:
    async with client.get(url) as response:
        assert response.status == 200, await response.text()
        return await response.json()
