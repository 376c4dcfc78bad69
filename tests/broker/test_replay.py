"""`tracker replay` on two real nodes: the facts and exceptions of a batch, from fresh, and nobody to be told."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.broker.kafka import Kafka
from tests.broker.whole import REPOSITORY, Whole
from tests.hearing import Sent
from tests.test_cli import tracker
from tests.verdicts import judged, told
from tracker.batch import Batch
from tracker.contract.disruptions import load_disruptions
from tracker.contract.records import fact_record
from tracker.contract.sent_lines import read_lines
from tracker.domain.moment import DAY, MINUTE, Millis, from_datetime, text
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.run import Delivery, simulate_to_file
from tracker.streams.topics import EXCEPTIONS, EXPECTED, FACTS

pytestmark = pytest.mark.broker

SECONDS: Final = 150


@pytest.mark.timeout(3 * SECONDS)
async def test_a_replay_gives_what_a_batch_gives_and_tells_nobody(whole: Whole, tmp_path: Path) -> None:
    file = tmp_path / "reports.jsonl"
    traffic = Traffic(seed=4, days=25, trains_per_day=0.2, faults=fault_rates("default"))
    simulate_to_file(whole.world.network, whole.carriers, traffic, Delivery(progress=False), file)
    sents = [Sent(line.carrier, from_datetime(line.received_at), body) for line, body in read_lines([file])]
    await whole.feed(sents, Random(1))
    begins = Millis(sents[0].received // DAY * DAY)
    where = ("--node", "KZ-AKTAU", "--from", text(begins), "--to", text(Millis(begins + 5 * DAY)))
    closed = await asyncio.to_thread(
        tracker, "disruption", "add", *where, "--reason", "ban", TRACKER_BROKERS=whole.settings.brokers
    )
    assert closed.exit_code == 0, closed.output

    with Kafka() as other:
        done = await asyncio.to_thread(replay, "--into", other.bootstrap, "--from", whole.settings.brokers)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["reports"] == len(sents)
        assert f"{len(sents):,} of {len(sents):,} reports" in done.stderr

        listed = await asyncio.to_thread(tracker, "disruption", "list", TRACKER_BROKERS=other.bootstrap)
        assert listed.stdout == closed.stdout
        planned = tmp_path / "disruptions.jsonl"
        planned.write_text(listed.stdout)
        fresh = Whole(other.bootstrap, tmp_path / "fresh", app_id="tracker-replay")
        expected_facts, expected = await asyncio.to_thread(batch, whole, sents, planned)
        assert await facts(fresh) == expected_facts
        assert told(await fresh.records([EXCEPTIONS])) == expected
        said = [json.loads(each.value or b"{}") for each in await fresh.records([EXCEPTIONS, EXPECTED])]
        assert {each["status"] for each in said} == {"open", "resolved"}
        assert {each["replay"] for each in said} == {True}

        again = await asyncio.to_thread(replay, str(file), "--into", other.bootstrap)
        assert (again.returncode, "holds records already" in again.stderr) == (2, True), again.stderr


def replay(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tracker.cli", "replay", *words],
        cwd=REPOSITORY,
        env={name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")},
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


async def facts(whole: Whole) -> set[str]:
    """The ids of the facts that hold."""
    held: set[str] = set()
    for record in await whole.records([FACTS]):
        fact: Any = json.loads(record.value or b"")
        (held.discard if fact["op"] == "withdrawn" else held.add)(fact["id"])
    return held


def batch(whole: Whole, sents: list[Sent], planned: Path) -> tuple[set[str], dict[str, dict[str, Any]]]:
    """The facts and the last states of exceptions that `tracker batch` gives at the last whole minute."""
    made = Batch(whole.world.intake, whole.world.rules, disruptions=load_disruptions(planned, whole.world.network))
    for sent in sents:
        made.take(sent.carrier, sent.body, sent.received)
    results = made.conclude(Millis(sents[-1].received // MINUTE * MINUTE))
    everything = made.by_container()
    return (
        {fact_record(fact, "added", (0, 0, 0)).id for fact in results.facts},
        judged(results.verdicts.records(everything)),
    )
