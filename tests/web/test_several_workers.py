"""Several workers: whichever is asked, the answer is of all of them, and says when one is missing."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from tests.railway import build_fact
from tests.web.shown import (
    BOX,
    FACTS,
    NETWORK,
    NUMBERS,
    UNTIL,
    WRONG,
    Client,
    exceptions_of,
    json_of,
    listed,
    part,
    views,
)
from tracker.aggregates.part import decoded, encoded, whole_of
from tracker.domain.facts import FactKind
from tracker.web.application import build_web
from tracker.web.peers import ASKED_BY, Peers


class Pair:
    """Two workers: one has half of the facts, journeys and exceptions, and the box; the other has the rest."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.addresses: list[str] = []

    def address(self, which: int) -> str:
        return self.addresses[which]

    async def start(self) -> None:
        for which in (0, 1):
            shown = views(
                # A group's facts lie in one partition: transits of the whole here, all others there.
                part=lambda which=which: part((FACTS[:5], FACTS[5:])[which]),
                journeys=lambda f, after, limit, which=which: listed(f, after, limit, NUMBERS[which::2]),
                exceptions=exceptions_of(WRONG[which::2]),
                container=({"TBJU4395630": BOX} if which == 0 else {}).get,
                owner=lambda number, which=which: self.address(0) if which == 1 else None,
                others=lambda which=which: [self.address(1 - which)],
            )
            client: Client = TestClient(TestServer(build_web(NETWORK, shown)))
            await client.start_server()
            self.clients.append(client)
            self.addresses.append(str(client.make_url("")).rstrip("/"))


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    await made.start()
    yield made
    for client in made.clients:
        await client.close()


async def test_both_workers_give_the_figures_of_all(pair: Pair) -> None:
    for path in ("/v1/corridors", "/v1/nodes", "/v1/corridors/middle", "/v1/nodes/KZ-EDGE"):
        first, second = [await json_of(client, path) for client in pair.clients]
        assert first == second
        assert first["partial"] is False
    corridor = await json_of(pair.clients[0], "/v1/corridors/middle")
    whole = next(
        e for e in corridor["entries"] if (e["section"], e["direction"], e["window"]) == ("whole", "westbound", "30d")
    )
    assert whole["crossings"] == 1
    assert corridor["open"][0]["journeys"] == 642


async def test_a_container_of_the_other_worker_is_asked_there(pair: Pair) -> None:
    told = {**BOX, "movements": []}
    assert [await json_of(client, "/v1/containers/TBJU4395630") for client in pair.clients] == [told, told]


async def test_pages_of_a_list_run_through_the_containers_of_all_workers_once(pair: Pair) -> None:
    for client in pair.clients:
        seen: list[str] = []
        path: str | None = "/v1/journeys?limit=5"
        while path is not None:
            page = await json_of(client, path)
            seen += [each["container"] for each in page["journeys"]]
            assert page["count"] == len(NUMBERS)
            path = None if page["next"] is None else f"/v1/journeys?limit=5&cursor={page['next']}"
        assert seen == NUMBERS


async def test_exceptions_of_all_workers_come_newest_first_page_by_page(pair: Pair) -> None:
    first = await json_of(pair.clients[1], "/v1/exceptions?limit=2")
    rest = await json_of(pair.clients[0], f"/v1/exceptions?limit=2&cursor={first['next']}")
    found = [each["id"] for page in (first, rest) for each in page["exceptions"]]
    assert found == ["dwell-3", "dwell-2", "dwell-1"]
    assert first["count"] == rest["count"] == 3


async def test_a_list_says_when_a_worker_does_not_answer(pair: Pair) -> None:
    await pair.clients[1].close()
    page = await json_of(pair.clients[0], "/v1/journeys?limit=500")
    assert [each["container"] for each in page["journeys"]] == NUMBERS[::2]
    assert page["partial"] is True
    assert (await json_of(pair.clients[0], "/v1/corridors"))["partial"] is True
    async with pair.clients[0].get("/") as response:
        assert "1 of the other workers did not answer" in await response.text()


async def test_a_container_whose_worker_does_not_answer_is_a_problem_and_not_unknown(pair: Pair) -> None:
    await pair.clients[0].close()
    async with pair.clients[1].get("/v1/containers/TBJU4395630") as response:
        assert response.status == 503
        assert "did not answer" in (await response.json())["detail"]


async def test_a_worker_that_is_asked_by_a_worker_asks_no_further(pair: Pair) -> None:
    url = pair.clients[1].make_url("/v1/containers/TBJU4395630")
    async with ClientSession() as session, session.get(url, headers={ASKED_BY: "worker"}) as response:
        assert response.status == 404


async def test_an_answer_that_is_too_long_counts_as_none(monkeypatch: pytest.MonkeyPatch, pair: Pair) -> None:
    monkeypatch.setattr("tracker.web.peers.ANSWER_BYTES_MAX", 100)
    peers = Peers(lambda: [pair.address(0)])
    assert await peers.ask_all("/v1/nodes") == [None]
    await peers.close()


def test_parts_make_the_same_whole_in_any_order_and_after_a_journey_over_the_wire() -> None:
    extra = [build_fact(FactKind.TRANSIT, 479_990, 300, section="whole", metres=4_360_000, corridor="northern")]
    parts = [part(FACTS), part(extra)]
    sent = [decoded(encoded(each)) for each in parts]
    whole: Mapping[str, Any] = whole_of(parts, NETWORK).statistics
    assert whole == whole_of(sent, NETWORK).statistics == whole_of(reversed(sent), NETWORK).statistics
    assert whole["until"] == whole_of([part()], NETWORK).statistics["until"]
    assert UNTIL > 0
