"""Planned disruptions by HTTP: who may enter them, what is refused, and what is left in the book."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from tests.web.shown import NETWORK, views
from tracker.contract.disruptions import NotReached, disruption_json
from tracker.domain.disruption import Disruption
from tracker.domain.moment import DAY, HOUR, Millis, text
from tracker.web.application import build_web

TOKEN = "a-token-of-the-dispatchers"  # noqa: S105  # of this test
RIGHT = {"Authorization": f"Bearer {TOKEN}"}
Client = TestClient[Any, Any]


class Book:
    """A book on no topic; `is_lost`: nothing can be read or written."""

    def __init__(self) -> None:
        self.held: dict[str, Disruption] = {}
        self.is_lost = False

    async def all(self) -> list[Disruption]:
        self._check()
        return list(self.held.values())

    async def enter(self, disruption: Disruption) -> None:
        self._check()
        self.held[disruption.id] = disruption

    async def take_back(self, name: str) -> None:
        self._check()
        del self.held[name]

    def _check(self) -> None:
        if self.is_lost:
            raise NotReached("no broker at 127.0.0.1:1")


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
async def client(book: Book) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_web(NETWORK, views(), book, TOKEN))) as running:
        yield running


def closure(begins: int, ends: int, **changes: Any) -> dict[str, Any]:
    """A record, by hours from now."""
    now = time.time_ns() // 1_000_000
    given = {"from": text(Millis(now + begins * HOUR)), "to": text(Millis(now + ends * HOUR))}
    return {"id": "storm-7", "node": "KZ-PORT", "direction": None, **given, "reason": "storm", "by": None, **changes}


async def asked(client: Client, method: str, path: str = "/v1/disruptions", **given: Any) -> tuple[int, Any]:
    """Status and content; a refusal is a problem."""
    async with client.request(method, path, **given) as response:
        if response.status >= 400:
            assert response.content_type == "application/problem+json"
        return response.status, None if response.status == 204 else await response.json()


async def test_what_is_entered_is_listed_until_it_is_ended(client: Client, book: Book) -> None:
    record = closure(-2, 48)
    async with client.post("/v1/disruptions", json=record, headers=RIGHT) as response:
        assert (response.status, response.headers["Location"]) == (201, "/v1/disruptions/storm-7")
        assert await response.json() == record
    assert await asked(client, "GET") == (200, {"disruptions": [record], "count": 1})
    status, now = await asked(client, "DELETE", "/v1/disruptions/storm-7", headers=RIGHT)
    assert (status, now["from"]) == (200, record["from"])
    assert now["to"] < record["to"]
    assert disruption_json(book.held["storm-7"]) == now
    status, said = await asked(client, "DELETE", "/v1/disruptions/storm-7", headers=RIGHT)
    assert (status, "already" in said["detail"]) == (409, True)


async def test_one_that_has_not_begun_is_taken_back(client: Client, book: Book) -> None:
    await asked(client, "POST", json=closure(2, 48), headers=RIGHT)
    assert await asked(client, "DELETE", "/v1/disruptions/storm-7", headers=RIGHT) == (204, None)
    assert book.held == {}
    assert (await asked(client, "DELETE", "/v1/disruptions/storm-7", headers=RIGHT))[0] == 404


@pytest.mark.parametrize("given", [{}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN},
                                   {"Authorization": "Bearer "}, {"Authorization": "Bearer \u00e9"}])  # fmt: skip
async def test_without_the_token_nothing_is_entered_or_ended(
    client: Client, book: Book, given: dict[str, str]
) -> None:  # fmt: skip
    for method, path in (("POST", "/v1/disruptions"), ("DELETE", "/v1/disruptions/storm-7")):
        async with client.request(method, path, json=closure(1, 2), headers=given) as response:
            assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert book.held == {}


async def test_where_no_token_is_set_nobody_may_and_all_may_read(book: Book) -> None:
    async with TestClient(TestServer(build_web(NETWORK, views(), book))) as client:
        for given in (RIGHT, {"Authorization": "Bearer "}, {}):
            status, said = await asked(client, "POST", json=closure(1, 2), headers=given)
            assert (status, "TRACKER_WEB_TOKEN" in said["detail"]) == (403, True)
        assert await asked(client, "GET") == (200, {"disruptions": [], "count": 0})


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "no disruption"),
        (b"[" * 10_000, "no disruption"),
        (b"\xff", "no disruption"),
        (b"{}", "node"),
        (b'{"node":"KZ-NOWHERE","from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z","reason":"x"}', "KZ-NOWHERE"),
        (b'{"node":"KZ-PORT","from":"2026-03-01T00:00:00","to":"2026-03-02T00:00:00Z","reason":"x"}', "from"),
        (b'{"node":"KZ-PORT","from":"2026-03-03T00:00:00Z","to":"2026-03-02T00:00:00Z","reason":"x"}', "later end"),
    ],
)
async def test_what_is_no_disruption_is_refused_with_what_was_wanted(
    client: Client, book: Book, body: bytes, told: str
) -> None:  # fmt: skip
    status, said = await asked(client, "POST", data=body, headers=RIGHT)
    assert (status, told in said["detail"]) == (400, True), said
    assert book.held == {}


async def test_a_body_that_is_too_long_is_refused_unread(client: Client) -> None:
    assert (await asked(client, "POST", data=b" " * 20_000, headers=RIGHT))[0] == 413


async def test_a_book_that_is_out_of_reach_is_said_to_be(client: Client, book: Book) -> None:
    book.held["storm-7"] = Disruption("storm-7", "KZ-PORT", None, Millis(0), Millis(100_000 * DAY), "storm")
    book.is_lost = True
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", "/storm-7")):
        status, said = await asked(client, method, f"/v1/disruptions{path}", json=closure(1, 2), headers=RIGHT)
        assert (status, said["detail"]) == (503, "no broker at 127.0.0.1:1")
