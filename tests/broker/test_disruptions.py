"""`tracker disruption` on a real Kafka: what one command enters the others find, the last word of each id."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from click.testing import Result

from tests.broker.kafka import Kafka
from tests.test_cli import tracker
from tracker.contract.disruptions import load_disruptions
from tracker.contract.network_file import load_network
from tracker.settings import Settings
from tracker.streams.topics import DISRUPTIONS, create_or_check, plan

pytestmark = pytest.mark.broker

STORM = ("--node", "KZ-AKTAU", "--from", "2026-03-20T05:00:00+05:00", "--to", "2026-03-22T00:00:00Z")
NAME = "closed-KZ-AKTAU-westbound-20260320T000000Z"


def test_what_is_entered_is_listed_changed_ended_and_taken_back(kafka: Kafka, tmp_path: Path) -> None:
    asyncio.run(remove_topic(kafka.bootstrap))
    missing = command(kafka, "list")
    assert (missing.exit_code, DISRUPTIONS in missing.stderr) == (2, True)
    assert "tracker topics" in missing.stderr
    asyncio.run(make_topic(kafka.bootstrap))
    assert command(kafka, "list").stdout == ""

    storm = json.loads(command(kafka, "add", *STORM, "--direction", "westbound", "--reason", "буря").stdout)
    assert storm == {
        "id": NAME, "node": "KZ-AKTAU", "direction": "westbound", "from": "2026-03-20T00:00:00Z",
        "to": "2026-03-22T00:00:00Z", "reason": "буря", "by": None,
    }  # fmt: skip
    ban = json.loads(command(kafka, "add", *STORM, "--reason", "ban", "--by", "office").stdout)
    assert listed(kafka) == [ban, storm]

    changed = storm | {"reason": "storm", "to": "2026-03-24T00:00:00Z"}
    longer = ("--node", "KZ-AKTAU", "--direction", "westbound", "--from", "2026-03-20T00:00:00Z")
    assert command(kafka, "add", *longer, "--to", changed["to"], "--reason", "storm").exit_code == 0
    assert listed(kafka) == [ban, changed]

    ended = command(kafka, "end", NAME, "--at", "2026-03-21T00:00:00Z")
    assert json.loads(ended.stdout) == changed | {"to": "2026-03-21T00:00:00Z"}
    again = command(kafka, "end", NAME, "--at", "2026-03-21T00:00:00Z")
    assert (again.exit_code, "ended at 2026-03-21T00:00:00Z already" in again.stderr) == (2, True)
    assert command(kafka, "end", ban["id"], "--at", "2026-03-20T00:00:00Z").exit_code == 0
    assert listed(kafka) == [json.loads(ended.stdout)]
    unknown = command(kafka, "end", ban["id"])
    assert (unknown.exit_code, "was not entered" in unknown.stderr) == (2, True)

    file = tmp_path / "disruptions.jsonl"
    file.write_text(command(kafka, "list").stdout)
    assert [each.id for each in load_disruptions(file, load_network())] == [NAME]

    asyncio.run(write(kafka.bootstrap, b"stray", b"{}"))
    stray = command(kafka, "list")
    assert (stray.exit_code, stray.stdout) == (1, file.read_text())
    assert f"tracker: {DISRUPTIONS}, offset 5, key stray: node: missing\n" == stray.stderr


def command(kafka: Kafka, *words: str) -> Result:
    return tracker("disruption", *words, TRACKER_BROKERS=kafka.bootstrap)


def listed(kafka: Kafka) -> list[dict[str, Any]]:
    result = command(kafka, "list")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


async def make_topic(brokers: str) -> None:
    [spec] = [spec for spec in plan(Settings(), []) if spec.name == DISRUPTIONS]
    assert [finding.what for finding in await create_or_check(brokers, [spec])] == ["created"]


async def remove_topic(brokers: str) -> None:
    """Take away what an earlier test left: the topic's name is that of every tracker."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        if DISRUPTIONS in await admin.list_topics():
            await admin.delete_topics([DISRUPTIONS])
            while DISRUPTIONS in await admin.list_topics():
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def write(brokers: str, key: bytes, value: bytes) -> None:
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers)
    await producer.start()
    try:
        await producer.send_and_wait(DISRUPTIONS, value, key)
    finally:
        await producer.stop()
