"""One trial: a tracker under reports, faults by a seeded schedule, and whether it came out as the batch has it.

What a trial is follows from its seed and the faults allowed, so that the same command makes the same trial again; when
a fault strikes is a share of the reports, and so a matter of the machine too.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import monotonic
from typing import Any, Final

from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.chaos.crew import STOP_SECONDS_MAX, Crew
from tests.chaos.faults import FAULTS
from tests.chaos.judge import accounted, arrived, astray, diverging, exceptions_differ
from tests.chaos.load import Expected, Loads, Traffic
from tests.chaos.scene import Event, Scene, Stuck
from tests.chaos.toxic import Toxic

PARTITIONS: Final = 6
TRAFFICS: Final = 12
"""Of so many sets of reports each trial has one: which fault strikes when says more than which reports there are."""
JUDGED_SECONDS_MAX: Final = 90.0
"""Without a change, until it is taken that the last sweep has told what it would."""
PATIENCE: Final = 180.0
"""Seconds, for each wait, beside a hundredth of a second a report."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a trial will be."""

    seed: int
    reports: int
    workers: int
    live: bool
    """Whether reports are sent while faults are made; else they are there before, and exceptions are compared too."""
    shuffled: bool
    """Whether reports come in any order, so that nearly each is late; else in that of their received times."""
    settings: Mapping[str, Any]
    transactions: bool
    """Whether they come in transactions, a part of which is given up."""
    steps: Sequence[tuple[float, str]]
    """After which share of the reports which fault is made."""
    dcsa: bool = False
    """Whether a third of the carriers tells in DCSA."""
    traffic: int = 1
    """The seed of the reports."""

    @property
    def network(self) -> bool:
        """Whether the way to the broker is a proxy."""
        return any(FAULTS[name].network for _, name in self.steps)

    def __str__(self) -> str:
        """In a table."""
        kinds = ["live" if self.live else "backlog", *(f"{k}={v}" for k, v in self.settings.items())]
        more = [name for name in ("shuffled", "dcsa", "transactions") if getattr(self, name)]
        return ", ".join([f"{self.workers} workers", *kinds, *more])


@dataclass(slots=True)
class Trial:
    """What became of it."""

    plan: Plan
    events: list[Event] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Divergences; nothing when all is as it must be."""
    counts: dict[str, int] = field(default_factory=dict)
    restarts: int = 0
    reasons: list[str] = field(default_factory=list)
    stop_seconds: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0


def draw(seed: int, reports: int, allowed: Sequence[str], steps: int | None = None) -> Plan:
    """The plan of a seed."""
    chance = Random(f"{seed}/plan")
    number = chance.randint(2, 4) if steps is None else steps
    names = chance.choices(allowed, [FAULTS[name].weight for name in allowed], k=number)
    if len([name for name in names if FAULTS[name].network]) > 1:  # each takes a quarter of a minute
        names = [name for name in names if FAULTS[name].network][:1]
    store = next((FAULTS[name].store for name in names if FAULTS[name].store), None)
    shares = sorted(chance.uniform(0.02, 0.85) for _ in names)
    live = chance.random() < 0.5
    return Plan(
        seed,
        reports,
        workers=chance.choice((2, 3)),
        live=live,
        shuffled=live and chance.random() < 0.3,
        settings={"store": store or chance.choice(("memory", "memory", "rocksdb"))},
        transactions=not live and chance.random() < 0.3,
        steps=list(zip(shares, names, strict=True)),
        # What follows from a train's reports depends on the order in which loadings came, and so do its exceptions:
        # they are compared only without.
        dcsa=live and chance.random() < 0.3,
        traffic=chance.randrange(TRAFFICS),
    )


async def run(
    plan: Plan,
    loads: Loads,
    kafka: Kafka,
    toxic: Toxic | None,
    folder: Path,
    stop_seconds_max: float = STOP_SECONDS_MAX,
) -> Trial:
    """Make the trial; a stop that takes longer than `stop_seconds_max` is wrong."""
    chance, trial = Random(f"{plan.seed}/run"), Trial(plan)
    whole = Whole(kafka.bootstrap, folder, partitions=PARTITIONS, app_id=f"chaos-{plan.seed}", broker_wait_seconds=90)
    (folder / "data").mkdir()
    way = {} if toxic is None or not plan.network else {"brokers": f"127.0.0.1:{toxic.port}"}
    crew = Crew(whole, {**plan.settings, **way}, stop_seconds_max)
    scene = Scene(kafka, toxic, whole, crew, chance)
    sents, oracle = loads.of(Traffic(plan.traffic, plan.reports, native=not plan.dcsa))
    begun, spent = monotonic(), cpu_seconds()
    try:
        await whole.begin()
        if plan.shuffled:
            sents = chance.sample(sents, len(sents))
        await _strike(plan, scene, sents)
        await _judge(trial, scene, sents, oracle)
    except (Stuck, AssertionError) as error:
        trial.wrong.append(f"{type(error).__name__}: {error}")
    finally:
        await scene.end()
        await crew.end()
        whole.kill_all()
    trial.events, trial.restarts, trial.reasons = scene.events, crew.restarts, crew.reasons()
    trial.wrong += crew.wrong
    trial.stop_seconds, trial.seconds = max(crew.stops, default=0.0), monotonic() - begun
    trial.cpu_seconds = cpu_seconds() - spent
    return trial


def cpu_seconds() -> float:
    """Of this process and those it started that have ended."""
    return sum(sum(getrusage(who)[:2]) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))


async def _strike(plan: Plan, scene: Scene, sents: Sequence[Any]) -> None:
    """Reports and faults, until all is done."""
    patience = PATIENCE + len(sents) / 100
    if plan.live:
        feeding = asyncio.create_task(scene.feed(sents, rate=max(300.0, len(sents) / 20)))
    else:
        feeding = asyncio.create_task(scene.feed(sents, transactions=plan.transactions))
        await feeding
    for number in range(plan.workers):
        scene.crew.start(f"worker-{number}")
    for share, name in plan.steps:
        await scene.comes_to(share, len(sents), seconds=patience)
        before = await scene.waiting()
        what = await FAULTS[name].act(scene)
        struck = monotonic()
        await scene.moves_on(before, seconds=patience)
        scene.note(name, what, round(monotonic() - struck, 1))
    await feeding
    await scene.comes_to_an_end(len(sents), seconds=patience)


async def _judge(trial: Trial, scene: Scene, sents: Sequence[Any], oracle: Expected) -> None:
    wanted = None if trial.plan.live else oracle.exceptions
    wrong, changed = await exceptions_differ(scene.whole, wanted), monotonic()
    while wrong and monotonic() - changed < JUDGED_SECONDS_MAX:
        await asyncio.sleep(1)
        before, wrong = wrong, await exceptions_differ(scene.whole, wanted)
        changed = changed if wrong == before else monotonic()
    trial.wrong += wrong
    await scene.crew.end()
    written, places = await scene.whole.written(), await arrived(scene.whole)
    trial.wrong += astray(sents, places)
    trial.wrong += diverging(scene.whole, written, places, oracle)
    trial.counts = accounted(written, places, oracle)
