"""`tracker notify` on a real Kafka, with receivers that fail, hang, redirect and talk too much, killed at random.

`NOTIFY_KILLS=50 python -m pytest tests/broker/test_notify.py -k killed` is the long run.
"""

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.broker.kafka import Kafka
from tests.broker.notified import SECRET, Heard, Notified, Receiver
from tests.notify.alertmanager import alerts, running
from tests.notify.postbox import Mailbox, postbox
from tests.notify.records import change, incident, over, record, there
from tracker.notify.webhook import signature
from tracker.streams.topics import NOTIFICATIONS

pytestmark = pytest.mark.broker

KILLS: Final = int(os.environ.get("NOTIFY_KILLS", "2"))
ENDPOINTS: Final = ("good", "half", "hangs", "redirects", "fat")
SECONDS: Final = 120


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.stop()


def file_of(receiver: Receiver, *names: str, more: str = "") -> str:
    lines = ["endpoints:"]
    for name in names:
        target = f"{{url: '{receiver.address}/{name}', secret_env: TEST_SECRET}}"
        tell = "[{severity: critical}, {rule: expected}]"
        lines += [
            f"  {name}:",
            f"    webhook: {target}",
            f"    tell: {tell}",
            f"    {QUICK}",
            "    timeout_seconds: 0.25",
        ]
    return "\n".join([*lines, more])


QUICK: Final = "retry_seconds: [0.02, 0.1]"


def told(number: int) -> tuple[list[dict[str, Any]], set[tuple[str, int]]]:
    """The versions of one exception, and those of them that are to be told: seven courses of events in turn."""
    opened = record(number)
    name = opened["id"]
    match number % 7:
        case 6:  # is expected on another day, then on yet another, and arrives
            moved = change(number)
            versions = [moved, change(number, 2, 20), there(number, 3, 40)]
            return versions, {(moved["id"], version) for version in (1, 2, 3)}
        case 0:  # stands
            return [opened], {(name, 1)}
        case 1:  # stands, changes, is over
            changed = record(number, 2, 20, cause="container")
            return [opened, changed, over(number, 3, 40)], {(name, 1), (name, 2), (name, 3)}
        case 2:  # is over within the minute
            return [opened, over(number, 2, 0.5)], set()
        case 3:  # another speaks, then this one does; later an incident explains it, and it is over
            silenced = record(number, 1, 0, suppressed_by="late-1")
            explained = record(number, 3, 30, incident="node_stopped-1")
            versions = [silenced, record(number, 2, 10), explained, over(number, 4, 50, incident="node_stopped-1")]
            return versions, {(name, 2), (name, 4)}
        case 4:  # only a warning
            return [record(number, severity="warning")], set()
        case _:  # history, then over: nobody was told that it began
            return [record(number, replay=True), over(number)], set()


@pytest.mark.timeout(400 + 30 * KILLS)
async def test_killed_at_random_everything_is_told_in_order_and_nothing_twice_that_was_answered(
    kafka: Kafka, tmp_path: Path, receiver: Receiver
) -> None:
    chance = Random(KILLS)
    with running(tmp_path) as alertmanager, postbox() as (box, port):
        more = f"""
  alerts:
    alertmanager: {{url: '{alertmanager}', containers: 1000, resend_seconds: 1}}
    {QUICK}
  desk:
    mail: {{server: 127.0.0.1, port: {port}, from: rail@ops.example, to: [desk@ops.example], every_minutes: 0.01}}
    tell: [{{severity: critical}}, {{rule: expected}}]
    {QUICK}
"""
        notified = Notified(kafka.bootstrap, tmp_path, file_of(receiver, *ENDPOINTS, more=more))
        await notified.begin()
        wanted: set[tuple[str, int]] = {(incident()["id"], 1), (incident()["id"], 2)}
        try:
            # The very first start tells of what stands only: all that follows comes after it, in every partition.
            await notified.feed([incident()])
            processes = {name: notified.start(name) for name in ("one", "two")}
            await notified.until(notified.has_begun, seconds=SECONDS)
            number = 0
            for _ in range(KILLS):
                versions: list[dict[str, Any]] = []
                for _ in range(chance.randrange(6, 14)):
                    number += 1
                    mine, due = told(number)
                    versions += mine
                    wanted |= due
                await notified.feed(versions)
                await asyncio.sleep(chance.uniform(0.0, 1.5) if chance.random() < 0.5 else chance.uniform(1.0, 4.0))
                name = chance.choice(("one", "two"))
                processes[name].kill()
                processes[name].wait()
                processes[name] = notified.start(name)
            await notified.feed([incident(2)])
            states = dict(sorted(wanted))
            await notified.until(lambda: all(heard(receiver, name) >= wanted for name in ENDPOINTS), seconds=SECONDS)
            await notified.until(lambda: mailed(box) >= set(states.items()), seconds=SECONDS)
            standing = {name for name, version in states.items() if name in open_at_the_end(number)}
            await notified.until(lambda: alerted(alertmanager) == standing, seconds=SECONDS)
            for process in processes.values():
                process.terminate()
                assert await asyncio.to_thread(process.wait, 30) == 0
        finally:
            notified.kill_all()
    journal = await answered_in_the_journal(notified)
    repeated = 0
    for name in ENDPOINTS:
        assert heard(receiver, name) == wanted
        repeated += sum(count - 1 for count in Counter(each.delivery for each in receiver.of(name)).values())
        assert_in_order(receiver.of(name, answered=False))
        for each in receiver.of(name, answered=False):
            assert each.at <= journal[name, each.versions[0]], f"{each.delivery} was sent after its answer was noted"
    again = sum(count - 1 for count in Counter(each["Message-ID"] for each in box.taken).values())
    print(f"{len(wanted)} versions, {KILLS} kills; answers in doubt repeated: {repeated} requests, {again} mails")
    assert repeated <= 8 * len(ENDPOINTS) * KILLS
    assert again <= KILLS
    assert mailed(box) <= wanted
    assert not receiver.of("elsewhere", answered=False)
    assert_signed(receiver.heard)


def heard(receiver: Receiver, name: str) -> set[tuple[str, int]]:
    """The versions that an endpoint answered to."""
    return {version for each in receiver.of(name) for version in each.versions}


def mailed(box: Mailbox) -> set[tuple[str, int]]:
    """The versions that digests told, of each exception the last."""
    texts = (each.get_content() for each in box.taken)
    return {(name, int(version)) for text in texts for name, version in re.findall(r"(\S+) version (\d+)", text)}


def alerted(address: str) -> set[str]:
    """The exceptions of which there are alerts."""
    return {each["labels"].get("exception", "") for each in alerts(address)}


def open_at_the_end(number: int) -> set[str]:
    """Those of so many exceptions that stand and are told."""
    return {record(each)["id"] for each in range(1, number + 1) if each % 7 == 0}


def assert_in_order(heard: list[Heard]) -> None:
    """Versions of an exception begin in order, and none goes before the one before it was answered."""
    last: dict[str, int] = {}
    answered: dict[str, int] = {}
    for each in heard:
        [(name, version)] = each.versions
        assert version >= last.get(name, 0)
        if version > last.get(name, version):
            assert answered[name] == last[name]
        last[name] = version
        if each.status < 300:
            answered[name] = version


def assert_signed(heard: list[Heard]) -> None:
    for each in heard:
        expected = signature(SECRET.encode(), each.headers["Rail-Timestamp"], each.body)
        assert each.headers["Rail-Signature"] == expected


async def answered_in_the_journal(notified: Notified) -> dict[tuple[str, tuple[str, int]], float]:
    """Endpoint and version to when its answer was first noted."""
    found: dict[tuple[str, tuple[str, int]], float] = {}
    for each in await notified.records(NOTIFICATIONS):
        if not each.key.startswith(b"position") and each.value is not None:
            account = json.loads(each.value)
            if told_version := account.get("told"):
                # 20 ms: the receiver's and the notifier's words of one moment.
                place = account["endpoint"], (account["exception"], told_version)
                found.setdefault(place, each.timestamp / 1000 + 0.02)
    return found
