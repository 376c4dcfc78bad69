"""The same reports give the same results: a tracker on a real Kafka against `tracker batch` of the file.

Simulated reports with faults, the whole file shuffled, in random partitions; a worker killed while it
works and started again, twice; a second worker that joins and leaves. What is compared, and what is left out and
why, is said in `tests.results`. A run is as large and as random as the environment says:

    export SAME_AS_BATCH_REPORTS=100000 SAME_AS_BATCH_SEED=2 SAME_AS_BATCH_FAULTS=5
    python -m pytest tests/broker/test_same_as_batch.py

100,000 reports take some minutes on two cores: shuffled over weeks, nearly every report comes late and refolds its
container's journeys, and facts come and go.
"""

import asyncio
import json
import os
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Final

import msgspec
import pytest
from aiohttp import ClientSession

from tests.as_dcsa import retold
from tests.broker.whole import Whole
from tests.delivered import plain_row, restored
from tests.hearing import Sent, batch_places
from tests.results import (
    Unheard,
    Written,
    differences,
    from_text,
    of_files,
    of_stream,
)
from tracker.aggregates.statistics import corridor_statistics
from tracker.aggregates.windows import WINDOWS
from tracker.batch import Batch
from tracker.contract.records import FactRecord, fact_of
from tracker.contract.sent_lines import read_lines
from tracker.domain.moment import from_datetime
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.run import Delivery, simulate_to_file
from tracker.streams.journeys import JourneysStage
from tracker.streams.packing import unpack

pytestmark = pytest.mark.broker

REPORTS: Final = int(os.environ.get("SAME_AS_BATCH_REPORTS", "3000"))
SEED: Final = int(os.environ.get("SAME_AS_BATCH_SEED", "1"))
FAULTS: Final = os.environ.get("SAME_AS_BATCH_FAULTS", "default")
SECONDS: Final = 120 + REPORTS / 100
"""Patience for each stretch of the run, on a machine that others use too."""


@pytest.mark.timeout(5 * SECONDS)
async def test_the_stream_gives_what_the_batch_gives(whole: Whole, tmp_path: Path) -> None:
    chance = Random(SEED)
    world, file, out = whole.world, tmp_path / "reports.jsonl", tmp_path / "out"
    traffic = Traffic(seed=SEED, days=20, trains_per_day=3 * REPORTS / 100_000, drain=True, faults=fault_rates(FAULTS))
    made = simulate_to_file(world.network, whole.carriers, traffic, Delivery(reports=REPORTS, progress=False), file)
    assert made.reports == REPORTS, "the simulation ended before"
    sents = [Sent(line.carrier, from_datetime(line.received_at), body) for line, body in read_lines([file])]
    dcsa = {carrier for number, carrier in enumerate(whole.carriers) if number % 3 == 1}
    sents = [retold(sent, chance) if sent.carrier in dcsa else sent for sent in sents]
    chance.shuffle(sents)

    await work(whole, sents, chance)
    written = await whole.written()

    batch = Batch(world.intake, world.rules)
    places = batch_places(sents)
    for sent in places.values():
        batch.take(sent.carrier, sent.body, sent.received)
    until = max(sent.received for sent in sents)
    batch.write(batch.conclude(until), out)
    expected = of_files(out, places, world.rules)
    lines = differences(of_stream(written, whole.sent, world.rules, until), expected)
    rows = {key.decode(): unpack(body) for held in restored(written.journeys).values() for key, body in held.items()}
    wrong = [box for box, row in batch.rows() if box not in rows or plain_row(rows[box]) != plain_row(row)]
    sizes = {name: len(getattr(expected, name)) for name in ("journeys", "facts", "figures", "kept", "told")}
    print(f"seed {SEED}: {dict(expected.outcomes)}, {sizes}, {len(written.facts)} operations on facts")
    assert not lines, "\n".join(lines)
    assert not wrong, f"{len(wrong)} rows differ, first {wrong[:3]}"
    await shows(whole, written, out)


async def work(whole: Whole, sents: list[Sent], chance: Random) -> None:
    """Workers come and go, one of them twice by force, until everything is consumed."""
    begun = monotonic()

    async def handled(share: float) -> None:
        # Of ten reports one is rejected, and one tells of a train: then nothing may follow, or much.
        await whole.comes_to(lambda done: done.journeys[0] >= 0.8 * share * REPORTS, seconds=SECONDS)
        print(f"{monotonic() - begun:5.1f} s: {await whole.done()}")

    worker = whole.start(instance="first")
    await whole.ready(worker)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(whole.feed(sents[: REPORTS // 2], chance))
        for share in (chance.uniform(0.05, 0.2), chance.uniform(0.2, 0.4)):
            await handled(share)
            worker.kill()
            worker = whole.start(instance="first")
    second = whole.start(instance="second")
    await whole.ready(second)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(whole.feed(sents[REPORTS // 2 :], chance))
        await handled(chance.uniform(0.6, 0.8))
        assert await whole.stop(second) == 0
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    print(f"{monotonic() - begun:5.1f} s: {await whole.done()}")


async def shows(whole: Whole, written: Written, out: Path) -> None:
    """The worker that is left answers with the batch's figures, as of its own clock."""
    with (out / "facts.jsonl").open() as lines:
        facts = [fact_of(msgspec.convert(json.loads(line), FactRecord)) for line in lines]
    stage = JourneysStage(whole.world.rules, Unheard())
    for partition, rows in restored(written.journeys).items():
        stage.recovered(partition, rows.items())

    async def same() -> bool:
        async with ClientSession(whole.address_of(whole.workers[-2])) as client:
            corridors, nodes = [await _get(client, f"/v1/{part}") for part in ("corridors", "nodes")]
        at = from_text(corridors["until"])
        expected: Any = corridor_statistics(facts, whole.world.network, at, stage.survey(at).standing())
        seen = [*corridors["corridors"], *nodes["nodes"], *corridors["years"], *corridors["targets"]]
        windows = [e for part in ("corridors", "nodes") for e in expected[part] if e["window"] in WINDOWS]
        return bool(seen == [*windows, *expected["years"], *expected["targets"]])

    await whole.until(same, seconds=SECONDS)


async def _get(client: ClientSession, path: str) -> Any:
    async with client.get(path) as response:
        assert response.status == 200, await response.text()
        return await response.json()
