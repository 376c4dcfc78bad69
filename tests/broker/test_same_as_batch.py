"""The same reports give the same results whatever happens: a tracker on a real Kafka against `tracker batch`.

A slice of `make chaos` (`tests/chaos`): simulated reports with faults, a third of the carriers in DCSA, in any order
and partition. While they are worked on a worker is killed, one is paused beyond its session and comes back, two join
and leave, and one is asked to stop while it starts. What is compared, and what is not, is said in `tests.results`.
A run is as large and as random as the environment says:

    export SAME_AS_BATCH_REPORTS=100000 SAME_AS_BATCH_SEED=2 SAME_AS_BATCH_FAULTS=5
    python -m pytest tests/broker/test_same_as_batch.py

100,000 reports take some minutes on two cores: shuffled over weeks, nearly every report comes late and refolds its
container's journeys, and facts come and go.
"""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from aiohttp import ClientSession

from tests.broker.kafka import Kafka
from tests.broker.whole import POLL_SECONDS, Whole
from tests.chaos.crew import STOP_SECONDS_MAX
from tests.chaos.load import Expected
from tests.chaos.trial import Plan, run
from tests.delivered import restored
from tests.results import Unheard, from_text
from tracker.aggregates.statistics import corridor_statistics
from tracker.aggregates.windows import WINDOWS
from tracker.contract.records import FactRecord, fact_of
from tracker.streams.journeys import JourneysStage
from tracker.streams.topics import changelog_topic

pytestmark = pytest.mark.broker

REPORTS: Final = int(os.environ.get("SAME_AS_BATCH_REPORTS", "3000"))
SEED: Final = int(os.environ.get("SAME_AS_BATCH_SEED", "1"))
FAULTS: Final = os.environ.get("SAME_AS_BATCH_FAULTS", "default")
PLAN: Final = Plan(
    seed=SEED,
    reports=REPORTS,
    workers=2,
    live=True,
    shuffled=True,
    dcsa=True,
    settings={},
    transactions=False,
    faults=FAULTS,
    steps=((0.05, "kill"), (0.2, "pause"), (0.5, "scale"), (0.8, "stop-restoring")),
)


@pytest.mark.timeout(600 + REPORTS / 20)
async def test_the_stream_gives_what_the_batch_gives(kafka: Kafka, tmp_path: Path) -> None:
    trial = await run(PLAN, kafka, None, tmp_path, shows, 3 * STOP_SECONDS_MAX)
    for event in trial.events:
        print(event)
    print(f"{trial.seconds:.0f} s, {trial.restarts} restarts, {trial.counts}", *trial.reasons, sep="\n")
    assert not trial.wrong, "\n".join(trial.wrong)
    assert [event.fault for event in trial.events] == [name for _, name in PLAN.steps]
    assert trial.counts["duplicate"]
    assert trial.counts["rejected"]


async def shows(whole: Whole, expected: Expected) -> None:
    """A worker that is left answers with the batch's figures, as of its own clock."""
    facts = [fact_of(msgspec.convert({**fact, "op": "added", "source": (0, 0, 0)}, FactRecord)) for fact in
             expected.results.facts.values()]  # fmt: skip
    stage = JourneysStage(whole.world.rules, Unheard())
    rows = await whole.records([changelog_topic(whole.settings.app_id, "journeys")])
    for partition, held in restored(rows).items():
        stage.recovered(partition, held.items())
    running = [worker for worker in whole.workers if worker.poll() is None]

    async def same() -> bool:
        if "figures at " not in whole.log_of(running[-1]):
            return False  # it was started last, and has not said yet where
        async with ClientSession(whole.address_of(running[-1])) as client:
            corridors, nodes = [await _get(client, f"/v1/{part}") for part in ("corridors", "nodes")]
        at = from_text(corridors["until"])
        wanted: Any = corridor_statistics(facts, whole.world.network, at, stage.survey(at).standing())
        seen = [*corridors["corridors"], *nodes["nodes"], *corridors["years"], *corridors["targets"]]
        windows = [e for part in ("corridors", "nodes") for e in wanted[part] if e["window"] in WINDOWS]
        return bool(seen == [*windows, *wanted["years"], *wanted["targets"]])

    async with asyncio.timeout(30):
        while not await same():
            await asyncio.sleep(POLL_SECONDS)


async def _get(client: ClientSession, path: str) -> Any:
    async with client.get(path) as response:
        assert response.status == 200, await response.text()
        return await response.json()
