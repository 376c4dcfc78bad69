"""A campaign itself: the same seed plans the same trial, and its report hides nothing."""

from collections import Counter
from pathlib import Path

from tests.chaos.faults import FAULTS
from tests.chaos.judge import astray
from tests.chaos.load import expected, load
from tests.chaos.report import entry, keep
from tests.chaos.scene import Event
from tests.chaos.trial import Plan, Trial, draw
from tests.hearing import Sent
from tracker.domain.moment import Millis
from tracker.service import load_world
from tracker.settings import Settings


def test_a_seed_plans_the_same_trial_again() -> None:
    plans = [draw(seed, 10_000, list(FAULTS)) for seed in range(200)]
    assert plans == [draw(seed, 10_000, list(FAULTS)) for seed in range(200)]
    assert {name for plan in plans for _, name in plan.steps} == set(FAULTS)
    assert all(len([name for _, name in plan.steps if FAULTS[name].network]) <= 1 for plan in plans)


def test_a_store_is_damaged_only_where_there_is_one() -> None:
    for plan in (draw(seed, 10_000, ["corrupt", "kill"]) for seed in range(50)):
        if "corrupt" in {name for _, name in plan.steps}:
            assert plan.settings["store"] == "rocksdb"


def test_the_same_load_has_every_sort_of_report_and_bodies_that_are_none() -> None:
    world = load_world(Settings())
    sents = load(world, 3, 400, native=True)
    assert sents == load(world, 3, 400, native=True)
    outcomes = expected(world, sents).results.outcomes
    assert outcomes["rejected"] > 0
    assert outcomes["duplicate"] > 0


def test_what_was_sent_and_did_not_arrive_is_seen() -> None:
    sents = [Sent("ktz-express", Millis(number), b"{}") for number in range(3)]
    places = {("ktz-express", 0, number): sent for number, sent in enumerate(sents)}
    assert astray(sents, places) == []
    assert astray([*sents, sents[0]], places) == ["harness: 1 records did not arrive, 0 twice"]


def trial(seed: int, *wrong: str) -> Trial:
    plan = draw(seed, 5_000, ["kill"], 1)
    events = [Event(10.0, "kill", "SIGKILL worker-0, again after 0 s", seed / 10)]
    return Trial(plan, events, list(wrong), {"rejected": 12, "duplicate": 34}, seconds=50.0)


def test_a_report_has_every_trial_and_the_command_for_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "chaos.md"
    keep(file, entry(trial(10), "python -m tests.chaos --seed=10"))
    text = keep(file, entry(trial(20, "facts: 1 of 9 differ"), "python -m tests.chaos --seed=20"))
    assert file.read_text() == text
    assert "2 trials, 10,000 reports, 2 faults, 1 trials with divergences" in text
    assert "| kill | 2 | 1.0 | 1.5 | 2.0 |" in text
    results = Counter(line.rsplit("| ", 1)[1] for line in text.splitlines() if line.startswith(("| 10 |", "| 20 |")))
    assert results == {"exact |": 1, "differs |": 1}
    assert "Again: `python -m tests.chaos --seed=20`" in text
    assert "facts: 1 of 9 differ" in text


def test_plans_say_what_they_are() -> None:
    plan = Plan(1, 5_000, 2, live=True, shuffled=True, settings={"store": "rocksdb"}, transactions=False, steps=())
    assert str(plan) == "2 workers, live, store=rocksdb, shuffled"
