"""`tracker correction` on a real node: facts restate themselves to the batch's, and once more doubles nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.broker.whole import Whole
from tests.hearing import Sent
from tests.test_cli import tracker
from tracker.batch import Batch, run
from tracker.contract.corrections import load_corrections
from tracker.contract.records import fact_record
from tracker.contract.sent_lines import read_lines
from tracker.domain.moment import DAY, Millis, from_datetime, text
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.run import Delivery, simulate_to_file
from tracker.simulate.scenario import Scenario, WrongClock
from tracker.streams.topics import FACTS, MOVEMENTS

pytestmark = pytest.mark.broker

SECONDS: Final = 120
CARRIER: Final = "ktz-express"
START: Final = Traffic().start
WRONG: Final = WrongClock(carrier=CARRIER, start=Millis(START + 6 * DAY), end=Millis(START + 9 * DAY), hours=-3)


@pytest.fixture
async def whole(kafka: Any, tmp_path: Path) -> AsyncIterator[Whole]:
    made = Whole(kafka.bootstrap, tmp_path, partitions=4, judge=False)
    await made.begin()
    try:
        yield made
    finally:
        made.kill_all()


@pytest.mark.timeout(3 * SECONDS)
async def test_a_correction_restates_what_workers_hold_and_once_more_changes_nothing(
    whole: Whole, tmp_path: Path
) -> None:
    world, file = whole.world, tmp_path / "reports.jsonl"
    traffic = Traffic(
        seed=3, days=10, trains_per_day=0.7, faults=fault_rates("default"), scenario=Scenario(events=(WRONG,))
    )
    simulate_to_file(world.network, whole.carriers, traffic, Delivery(progress=False), file)
    sents = [Sent(line.carrier, from_datetime(line.received_at), body) for line, body in read_lines([file])]
    await whole.feed(sents, Random(1))
    whole.start(instance="one")
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    assert await facts(whole) == batch_facts(whole, file, None)

    words = ("add", "--carrier", CARRIER, "--from", text(WRONG.start), "--to", text(WRONG.end), "--hours", "-3")
    added = await asyncio.to_thread(command, whole, *words, "--reason", "confirmed")
    assert added.exit_code == 0, added.output
    listed = await asyncio.to_thread(command, whole, "list")
    assert listed.stdout == added.stdout
    (tmp_path / "corrections.jsonl").write_text(listed.stdout)
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    corrected = batch_facts(whole, file, tmp_path / "corrections.jsonl")
    assert corrected != batch_facts(whole, file, None)
    assert await facts(whole) == corrected

    written = len(await whole.records([FACTS])), len(await whole.records([MOVEMENTS]))
    again = await asyncio.to_thread(command, whole, *words, "--reason", "said again")
    assert (again.exit_code, again.stdout) == (0, added.stdout)
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    assert len(await whole.records([MOVEMENTS])) > written[1]
    assert len(await whole.records([FACTS])) == written[0]

    taken_back = await asyncio.to_thread(command, whole, *words[:-1], "0", "--reason", "it was right after all")
    assert taken_back.exit_code == 0, taken_back.output
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    assert await facts(whole) == batch_facts(whole, file, None)


def command(whole: Whole, *words: str) -> Any:
    return tracker("correction", *words, TRACKER_BROKERS=whole.settings.brokers)


async def facts(whole: Whole) -> set[str]:
    """The ids of the facts that hold; each is added and withdrawn in turn."""
    held: set[str] = set()
    for record in await whole.records([FACTS]):
        fact = json.loads(record.value or b"")
        assert (fact["id"] in held) is (fact["op"] == "withdrawn"), fact
        (held.discard if fact["op"] == "withdrawn" else held.add)(fact["id"])
    return held


def batch_facts(whole: Whole, file: Path, corrections: Path | None) -> set[str]:
    known = () if corrections is None else load_corrections(corrections, whole.carriers)
    batch = Batch(whole.world.intake, whole.world.rules, corrections=known)
    until = run([file], batch, None)
    return {fact_record(fact, "added", (0, 0, 0)).id for fact in batch.conclude(until).facts}
