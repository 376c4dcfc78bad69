"""Who may do what, asked of a real node: users, rights and quotas as `tracker topics --acls --apply` makes them."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    for_code,
)

from tests.broker.guarded import (
    ADMIN,
    CARRIERS,
    QUOTA,
    SASL,
    SASL_TLS,
    TLS,
    Guarded,
    environment,
    guarded_kafka,
    settings_of,
    write,
)
from tests.broker.world import REPOSITORY
from tracker.streams.connection import Security
from tracker.streams.granting import grant
from tracker.streams.rights import Right
from tracker.streams.topics import create_or_check, events_topic, feedback_topic, plan

pytestmark = pytest.mark.broker

APPLY = ("--acls", "--apply", "--producer-bytes", str(QUOTA), "--request-percent", "1000", "--passwords")
DENIED = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    with guarded_kafka(folder) as (kafka, certificates):
        asyncio.run(create_or_check(kafka.bootstrap, plan(settings_of(kafka.bootstrap, folder), CARRIERS)))
        applied = topics(kafka.bootstrap, folder, *APPLY, folder / "one")
        assert applied.returncode == 0, applied.stderr
        assert "3 users made" in applied.stdout
        lines = (folder / "one").read_text().splitlines()
        assert (folder / "one").stat().st_mode & 0o077 == 0
        yield Guarded(kafka, certificates, dict(line.split() for line in lines))


def topics(brokers: str, folder: Path, *words: Any, **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tracker.cli", "topics", *map(str, words)],
        cwd=REPOSITORY, env=environment(brokers, folder, **given), capture_output=True, text=True, check=False,
    )  # fmt: skip


async def read(brokers: str, security: Security, topic: str, group: str | None = None) -> list[bytes]:
    """All values of a topic's only partition, joined as a member where there is a group."""
    options = {"bootstrap_servers": brokers, "auto_offset_reset": "earliest", "group_id": group, **security.options()}
    consumer: Any = AIOKafkaConsumer(topic, **options)
    try:
        await consumer.start()
        found = await consumer.getmany(timeout_ms=5_000)
        return [record.value for records in found.values() for record in records]
    finally:
        await consumer.stop()


async def test_a_carrier_writes_its_events_and_reads_its_feedback(guarded: Guarded) -> None:
    brokers = guarded.kafka.address(SASL)
    await write(brokers, guarded.carrier("alpha"), events_topic("alpha"), b"{}")
    await write(guarded.kafka.bootstrap, ADMIN, feedback_topic("alpha"), b"told")
    assert b"told" in await read(brokers, guarded.carrier("alpha"), feedback_topic("alpha"))
    assert b"told" in await read(brokers, guarded.carrier("alpha"), feedback_topic("alpha"), "carrier.alpha.desk")


@pytest.mark.parametrize(
    "topic",
    [events_topic("beta"), feedback_topic("alpha"), "rail.movements", "rail.facts", "rail.rejected", "rail.exceptions",
     "rail.situation", "rail.disruptions", "rail.acknowledgements", "rail.corrections", "guarded-intake-changelog"],
)  # fmt: skip
async def test_a_carrier_writes_nowhere_else(guarded: Guarded, topic: str) -> None:
    with pytest.raises(DENIED):
        await write(guarded.kafka.address(SASL), guarded.carrier("alpha"), topic, b"{}")


@pytest.mark.parametrize(
    ("topic", "group"),
    [
        (feedback_topic("beta"), None),
        (events_topic("alpha"), None),
        (events_topic("beta"), None),
        ("rail.movements", None),
        ("rail.rejected", None),
        (feedback_topic("alpha"), "guarded"),
        (feedback_topic("alpha"), "carrier.beta.desk"),
    ],
)
async def test_a_carrier_reads_nothing_else_and_joins_no_group_but_its_own(
    guarded: Guarded, topic: str, group: str | None
) -> None:
    with pytest.raises(DENIED):
        await read(guarded.kafka.address(SASL), guarded.carrier("alpha"), topic, group)


async def test_the_workers_user_neither_reports_nor_reads_what_carriers_are_told(guarded: Guarded) -> None:
    brokers, tracker = guarded.kafka.address(SASL), guarded.user("tracker")
    with pytest.raises(DENIED):
        await write(brokers, tracker, events_topic("alpha"), b"{}")
    with pytest.raises(DENIED):
        await read(brokers, tracker, feedback_topic("alpha"))
    with pytest.raises(DENIED):
        await read(brokers, tracker, "rail.movements", "somebody-else")


@pytest.mark.parametrize("user", ["carrier.alpha", "tracker"])
async def test_no_user_but_the_administrator_makes_topics(guarded: Guarded, user: str) -> None:
    brokers = guarded.kafka.address(SASL)
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers, **guarded.user(user).options())
    try:
        await admin.start()
        answer = await admin.create_topics([NewTopic("carrier.alpha.more", 1, 1)])
    finally:
        await admin.close()
    assert [for_code(code) for _, code, _ in answer.topic_errors] == [TopicAuthorizationFailedError]


async def test_nobody_comes_in_without_a_password_or_with_a_wrong_one(guarded: Guarded) -> None:
    brokers = guarded.kafka.address(SASL)
    for security in (Security(), Security("carrier.alpha", "guessed"), Security("carrier.gamma", "guessed")):
        with pytest.raises(KafkaConnectionError):
            await write(brokers, security, events_topic("alpha"), b"{}")


async def test_tls_checks_the_broker_and_a_certificate_is_a_user(guarded: Guarded) -> None:
    made, closed, mutual = guarded.certificates, guarded.kafka.address(SASL_TLS), guarded.kafka.address(TLS)
    await write(closed, guarded.user("carrier.alpha", ca=made.ca), events_topic("alpha"), b"{}")
    own = Security(tls=True, ca=made.ca, certificate=made.client, key=made.client_key)
    await write(mutual, own, events_topic("alpha"), b"{}")
    with pytest.raises(DENIED):
        await write(mutual, own, events_topic("beta"), b"{}")
    for brokers, security in [
        (mutual, Security(tls=True, ca=made.ca)),  # no certificate of ours
        (closed, guarded.user("carrier.alpha", ca=made.client)),  # the broker's goes back to somebody else
    ]:
        with pytest.raises(KafkaConnectionError):
            await write(brokers, security, events_topic("alpha"), b"{}")


async def test_who_sends_twenty_times_its_quota_waits_and_nobody_else_does(guarded: Guarded) -> None:
    brokers, body = guarded.kafka.address(SASL), bytes(10_000)
    begun = monotonic()
    flood = asyncio.create_task(write(brokers, guarded.carrier("alpha"), events_topic("alpha"), *[body] * 40))
    slowest = 0.0
    while not flood.done() and monotonic() - begun < 4:
        sent = monotonic()
        await write(brokers, guarded.carrier("beta"), events_topic("beta"), b"{}")
        slowest = max(slowest, monotonic() - sent)
        await asyncio.sleep(0.2)
    await flood
    took = monotonic() - begun
    # 400 kB at 50 kB/s, less what one window of two seconds lets through at once.
    assert took > (400_000 - 2 * QUOTA) / QUOTA - 1, took
    assert slowest < 1.5, slowest


async def test_a_worker_runs_with_its_own_user_and_believes_the_topic_alone(guarded: Guarded, tmp_path: Path) -> None:
    made = guarded.certificates
    brokers = guarded.kafka.address(SASL_TLS)
    (tmp_path / "password").write_text(guarded.passwords["tracker"] + "\n")
    given = {
        "SASL_USER": "tracker",
        "SASL_PASSWORD_FILE": str(tmp_path / "password"),
        "TLS": "true",
        "TLS_CA": str(made.ca),
    }
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", "worker"],
            cwd=REPOSITORY, env=environment(brokers, tmp_path, **given), stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        beta = guarded.user("carrier.beta", ca=made.ca)
        report = {
            "container": "CSQU3054383", "kind": "departed", "node": "KZ-ALTYNKOL", "id": "A-1", "carrier": "alpha",
            "occurred_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        claims = [("carrier", b"alpha"), ("ce_source", b"alpha")]
        await write(brokers, beta, events_topic("beta"), json.dumps(report).encode(), headers=claims)
        told = await until_told(brokers, beta)
    finally:
        worker.terminate()
        status = worker.wait(20)
    text = (tmp_path / "log").read_text()
    assert status == 0, text
    assert [fault["code"] for fault in told["faults"]] == ["W101"]  # the field is none of a report
    movements = [json.loads(value) for value in await read(guarded.kafka.bootstrap, ADMIN, "rail.movements")]
    assert [each["carrier"] for each in movements if each["report"] == "A-1"] == ["beta"]
    assert "Authorization" not in text, text


async def until_told(brokers: str, security: Security) -> Any:
    """The carrier's feedback about A-1, read with its own user."""
    async with asyncio.timeout(45):
        while True:
            for value in await read(brokers, security, feedback_topic("beta")):
                if (told := json.loads(value)).get("id") == "A-1":
                    return told


async def test_applying_again_changes_nothing_and_tells_what_was_allowed_beside(
    guarded: Guarded, tmp_path: Path
) -> None:
    brokers = guarded.kafka.bootstrap
    again = topics(brokers, tmp_path, *APPLY, tmp_path / "two")
    assert (again.returncode, again.stderr) == (0, "")
    assert "0 users made" in again.stdout
    assert "0 rights" in again.stdout
    assert (tmp_path / "two").read_text() == ""
    stray = Right("carrier.beta", "topic", "rail.facts", "literal", "Read")
    await grant(brokers, ADMIN, [stray], [], {}, lambda user, password: None)
    found = topics(brokers, tmp_path, *APPLY, tmp_path / "three")
    assert found.returncode == 1
    assert "User:carrier.beta is allowed Read on topic rail.facts, which is not planned" in found.stdout


def test_rights_are_not_given_by_who_may_not(guarded: Guarded, tmp_path: Path) -> None:
    alpha = {"SASL_USER": "carrier.alpha", "SASL_PASSWORD": guarded.passwords["carrier.alpha"]}
    refused = topics(guarded.kafka.address(SASL), tmp_path, *APPLY, tmp_path / "mine", **alpha)
    assert refused.returncode == 2
    assert "Authorization" in refused.stderr
    assert "Alter on the cluster" in refused.stderr
