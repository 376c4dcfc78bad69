"""The reports of a trial, wrong ones among them, and what `tracker batch` makes of them."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from tests.as_dcsa import retold
from tests.delivered import plain_row
from tests.hearing import Sent, batch_places
from tests.results import Results, of_files
from tests.verdicts import judged
from tracker.batch import Batch
from tracker.domain.moment import MINUTE, Millis
from tracker.service import World
from tracker.simulate import options
from tracker.simulate.simulation import Simulation

POISON: Final = 0.002
"""Share of bodies that are no reports at all, beside those of the simulation's own faults."""


class Expected(NamedTuple):
    """What must come out: `tests.results`, rows by container, exceptions by id; as of `until`."""

    results: Results
    rows: dict[str, dict[str, Any]]
    exceptions: dict[str, dict[str, Any]]
    until: Millis


class Traffic(NamedTuple):
    """Which reports a trial has; a third of the carriers tells in DCSA unless `native`.

    `faults`: what is wrong with them, as `tracker simulate --faults` takes it.
    """

    seed: int
    reports: int
    native: bool = True
    faults: str = "default"


class Loads:
    """Reports and what must come of them. The batch takes longer than a trial, so each is made once for all trials."""

    def __init__(self, world: World) -> None:
        """Nothing is made yet."""
        self._world = world
        self._made: dict[Traffic, tuple[Sequence[Sent], Expected]] = {}

    def of(self, traffic: Traffic) -> tuple[Sequence[Sent], Expected]:
        """The reports in order of received time, and what must come of them."""
        if traffic not in self._made:
            seed, reports, native, faults = traffic
            sents = load(self._world, seed, reports, native=native, faults=faults)
            self._made[traffic] = sents, expected(self._world, sents)
        return self._made[traffic]


def load(world: World, seed: int, count: int, *, native: bool = False, faults: str = "default") -> list[Sent]:
    """So many records in order of received time: simulated, a third of the carriers tells in DCSA unless `native`."""
    chance = Random(f"{seed}/load")
    traffic = options.Traffic(
        seed=seed,
        days=20,
        trains_per_day=max(0.1, 7 * count / 100_000),
        drain=True,
        faults=options.fault_rates(faults),
    )
    carriers = [carrier.id for carrier in world.carriers]
    dcsa = set() if native else {carrier for number, carrier in enumerate(carriers) if number % 3 == 1}
    sents: list[Sent] = []
    for said in Simulation(world.network, carriers, traffic):
        sent = Sent(said.carrier, said.received_at, said.body)
        if chance.random() < POISON:
            sents.append(sent._replace(body=_poison(sent.body, chance)))
        sents.append(retold(sent, chance) if sent.carrier in dcsa else sent)
        if len(sents) >= count:
            return sents[:count]
    raise AssertionError(f"the simulation ended after {len(sents)} records, {count} wanted")


def _poison(body: bytes, chance: Random) -> bytes:
    return chance.choice([
        b"",
        b"\xff\xfe\x00",
        b"[" * 20_000,
        b'{"container": ' + b"9" * 5_000 + b"}",
        body[: len(body) // 2],
        b"[" + b",".join([body] * 40) + b"]",
        b'{"a": "' + b"x" * 300_000 + b'"}',
        b'"' + body.hex().encode() + b'"',
        b"[null, {}, 3, " + body + b"]",
        bytes(chance.randrange(256) for _ in range(200)),
    ])  # fmt: skip


def expected(world: World, sents: Sequence[Sent]) -> Expected:
    """By `tracker batch`, without Kafka and without faults, at the last whole minute: no sweep judges beyond it."""
    batch = Batch(world.intake, world.rules, thresholds=world.thresholds)
    places = batch_places(sents)
    for sent in places.values():
        batch.take(sent.carrier, sent.body, sent.received)
    until = Millis(max(sent.received for sent in sents) // MINUTE * MINUTE)
    concluded = batch.conclude(until)
    with tempfile.TemporaryDirectory(prefix="tracker-chaos-") as name:
        batch.write(concluded, Path(name))
        results = of_files(Path(name), places, world.rules)
    rows = {container: plain_row(row) for container, row in batch.rows()}
    return Expected(results, rows, judged(concluded.verdicts.records(batch.by_container())), until)
