"""A slice of `make chaos` (`tests/chaos`): one trial of faults on a real Kafka, judged by `tracker batch`.

While two workers work off what was there before, one is killed, one is paused beyond its session and comes back, two
more join and leave, and one is asked to stop while it starts. Everything must come out as without, exceptions too.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.broker.kafka import Kafka
from tests.chaos.crew import STOP_SECONDS_MAX
from tests.chaos.load import Loads
from tests.chaos.trial import Plan, run
from tracker.service import load_world
from tracker.settings import Settings

pytestmark = pytest.mark.broker

PLAN: Final = Plan(
    seed=1,
    reports=4_000,
    workers=2,
    live=False,
    shuffled=False,
    settings={},
    transactions=False,
    steps=((0.05, "kill"), (0.2, "pause"), (0.4, "scale"), (0.6, "stop-restoring")),
)


@pytest.mark.timeout(900)
async def test_faults_change_nothing(kafka: Kafka, tmp_path: Path) -> None:
    trial = await run(PLAN, Loads(load_world(Settings())), kafka, None, tmp_path, 3 * STOP_SECONDS_MAX)
    for event in trial.events:
        print(event)
    print(f"{trial.seconds:.0f} s, {trial.restarts} restarts, {trial.counts}", *trial.reasons, sep="\n")
    assert not trial.wrong, "\n".join(trial.wrong)
    assert [event.fault for event in trial.events] == [name for _, name in PLAN.steps]
    assert trial.counts["duplicate"] > 0
    assert trial.counts["rejected"] > 0
