"""A real Alertmanager is kept in the picture: what stands, no more than it can bear, and what is over."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.notify.alertmanager import alerts, running
from tests.notify.places import NETWORK, Notes, Room, Script
from tests.notify.records import incident, over, record, version_of
from tracker.contract.endpoints import Alertmanager, Endpoint, Webhook
from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.notify.alerts import AlertDesk
from tracker.notify.book import Book
from tracker.notify.notifier import wall


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("alertmanager")) as address:
        yield address


class Alerts:
    """A desk for the server, by the wall's clock."""

    def __init__(self, address: str, notes: Notes | None = None, **target: Any) -> None:
        room = Room(Endpoint("none", Webhook("http://127.0.0.1:9", b"")), Script(), notes)
        room.clock = wall()
        self.room, self.notes = room, room.notes
        endpoint = Endpoint("alerts", Alertmanager(address, **target), retry=(0.01, 0.05), timeout=5)
        self.desk = AlertDesk(Book(endpoint, NETWORK, MINUTE), room.office, "test")

    async def take(self, *written: dict[str, Any]) -> None:
        for each in written:
            account = self.desk.book.take(version_of(each), 0, Millis(wall() - HOUR))
            if account is not None:
                await self.notes.save([account])

    async def tell(self) -> None:
        """One word to the server."""
        self.room.clock = wall()
        await self.desk.tell()


def mine(address: str, prefix: int) -> list[dict[str, Any]]:
    """The alerts of one test: containers are numbered by its prefix."""
    return [each for each in alerts(address) if each["labels"].get("container", "").startswith(f"CSQU{prefix:04d}")]


def box(prefix: int, number: int, **changes: Any) -> dict[str, Any]:
    return record(prefix * 1000 + number, **changes)


async def test_what_stands_is_an_alert_with_what_people_need_to_know(server: str) -> None:
    told = Alerts(server)
    await told.take(box(1, 1), incident())
    await told.tell()
    [alert] = mine(server, 1)
    assert alert["labels"] == {
        "alertname": "RailContainerOverdue", "severity": "critical", "rule": "dwell", "exception": box(1, 1)["id"],
        "node": "KZ-AKTAU", "container": "CSQU0001001",
    }  # fmt: skip
    assert alert["annotations"]["summary"] == "CSQU0001001 standing too long at KZ-AKTAU"
    [stopped] = [each for each in alerts(server) if each["labels"]["alertname"] == "RailIncident"]
    assert (stopped["labels"]["rule"], stopped["annotations"]["children"]) == ("node_stopped", "7")
    assert {each.told for each in told.notes.read()} == {1}
    await told.desk.settle()


async def test_what_is_over_is_resolved_at_once(server: str) -> None:
    told = Alerts(server)
    await told.take(box(2, 1), box(2, 2))
    await told.tell()
    await told.take(over(2001))
    await told.tell()
    assert [each["labels"]["container"] for each in mine(server, 2)] == ["CSQU0002002"]
    assert sorted(each.told for each in told.notes.read()) == [1, 2]
    await told.desk.settle()


async def test_of_many_the_longest_overdue_have_alerts_and_the_others_are_counted(server: str) -> None:
    told = Alerts(server, containers=3)
    await told.take(*(box(3, number) for number in range(1, 9)))
    await told.tell()
    assert sorted(each["labels"]["container"] for each in mine(server, 3)) == [f"CSQU000300{n}" for n in (1, 2, 3)]
    assert "5 more containers" in more(server)
    # One that shows stays until it is over, then the next comes in its place.
    await told.take(box(3, 0, deadline="2026-01-01T00:00:00Z"))
    await told.tell()
    assert sorted(each["labels"]["container"] for each in mine(server, 3)) == [f"CSQU000300{n}" for n in (1, 2, 3)]
    await told.take(over(3002))
    await told.tell()
    assert sorted(each["labels"]["container"] for each in mine(server, 3)) == [f"CSQU000300{n}" for n in (0, 1, 3)]
    await told.take(*(over(3000 + number) for number in (0, 1, 3, 4, 5, 6)))
    await told.tell()
    assert sorted(each["labels"]["container"] for each in mine(server, 3)) == [f"CSQU000300{n}" for n in (7, 8)]
    assert more(server) == ""
    await told.desk.settle()


def more(address: str) -> str:
    """What the alert says that counts the others."""
    found = [each for each in alerts(address) if each["labels"]["alertname"] == "RailContainersMore"]
    return str(found[0]["annotations"]["summary"]) if found else ""


async def test_an_alert_is_sent_again_while_it_stands_and_ends_by_itself_when_we_are_gone(server: str) -> None:
    told = Alerts(server, resend=0.5)
    await told.take(box(4, 1))
    await told.tell()
    ends = mine(server, 4)[0]["endsAt"]
    running = asyncio.create_task(told.desk.run())
    while not (found := mine(server, 4)) or found[0]["endsAt"] == ends:
        await asyncio.sleep(0.05)
        told.room.clock = wall()
    running.cancel()
    deadline = wall() + 20_000
    while mine(server, 4):
        assert wall() < deadline
        await asyncio.sleep(0.1)
    await told.desk.settle()


async def test_after_a_crash_what_stood_is_sent_on_and_resolved(server: str) -> None:
    before = Alerts(server)
    await before.take(box(5, 1))
    await before.tell()
    await before.desk.settle()
    after = Alerts(server, before.notes)
    after.desk.restore(before.notes.read())
    await after.tell()
    assert len(mine(server, 5)) == 1
    await after.take(over(5001))
    await after.tell()
    assert mine(server, 5) == []
    await after.desk.settle()


async def test_a_server_that_is_down_is_tried_again_and_nothing_is_noted_as_told() -> None:
    told = Alerts("http://127.0.0.1:9")
    await told.take(box(6, 1))
    await told.tell()
    assert [each.told for each in told.notes.read()] == [0]
    assert told.room.heard.words == [("failed", "alerts")]
    await told.desk.settle()


async def test_an_end_before_the_begin_does_not_have_the_whole_word_refused(server: str) -> None:
    told = Alerts(server)
    await told.take(box(7, 1), box(7, 2))
    await told.tell()
    await told.take(over(7001, since="2026-12-31T00:00:00Z", resolved_at="2026-01-01T00:00:00Z"))
    await told.tell()
    assert [each["labels"]["container"] for each in mine(server, 7)] == ["CSQU0007002"]
    await told.desk.settle()
