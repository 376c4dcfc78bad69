"""All stages through the real engine, without Kafka: whatever happens on the way, the results are the batch's.

Each seed is a small world of its own: the reports of a few containers with many faults, in some disorder, in random
partitions, some of several in one body; batches cut at random; a worker that crashes between any two writes, hands
over in order, or is only paused and writes late what it had under way. More seeds, or one again:

    PIPELINE_SEEDS=5000 python -m pytest tests/streams/test_whole_pipeline.py
    python -m pytest 'tests/streams/test_whole_pipeline.py::test_a_worker_gives_what_the_batch_gives[17]'
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

import pytest
from faust.types import TP

from tests.as_dcsa import retold
from tests.delivered import plain_row, restored
from tests.hearing import Place, Sent, batch_places
from tests.results import Results, Unheard, Written, differences, of_files, of_stream
from tracker.batch import Batch as Oracle
from tracker.contract.intake import Intake
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.service import World, load_world
from tracker.settings import Settings
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.simulation import Simulation
from tracker.streams.batches import Batch, Held, Owner
from tracker.streams.clock import DataClock
from tracker.streams.engine import Engine
from tracker.streams.fetched import Stretch
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.merge import Portion
from tracker.streams.observer import Silence
from tracker.streams.packing import unpack
from tracker.streams.rows import Repairs
from tracker.streams.stage import Output, Record, Stage
from tracker.streams.subjects import SubjectsStage
from tracker.streams.topics import FACTS, MOVEMENTS, REJECTED, TRANSPORTS, events_topic, feedback_topic
from tracker.streams.transports import TransportsStage
from tracker.streams.writer import partition_of

SEEDS: Final = range(int(os.environ.get("PIPELINE_SEEDS", "150")))
PARTITIONS: Final = 3
CRASH: Final = 1 / 60
"""Chance of a crash at each write: some ten in a seed's run."""


class Crash(BaseException):
    """The worker's process ends here."""


class Log:
    """Topics and committed offsets: what outlives a worker."""

    def __init__(self) -> None:
        self.records: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)
        self.committed: Counter[tuple[str, int]] = Counter()

    def append(self, topic: str, partition: int, timestamp: int, key: bytes | None, value: bytes | None) -> int:
        """One record more; its offset."""
        records = self.records[topic, partition]
        records.append(Record(topic, partition, len(records), timestamp, key, value, ()))
        return len(records) - 1

    def of(self, topic: str) -> list[Record]:
        """A topic's records, partition by partition."""
        return [record for (name, _), records in sorted(self.records.items()) if name == topic for record in records]


class Life:
    """One worker from its start to its end: stages, their rows, and how far it has read."""

    def __init__(self, log: Log, chance: Random) -> None:
        """Restores everything."""
        self._log, self._chance = log, chance
        unheard = Unheard()
        self.stages: Sequence[Stage] = (
            IntakeStage(intake(), unheard),
            TransportsStage(unheard),
            JourneysStage(world().rules, unheard),
            SubjectsStage(world().network, DataClock(), unheard),
        )
        self.read = Counter(log.committed)
        self._tables = {stage.name: Table(stage, log, chance) for stage in self.stages}
        self._engines = {name: Engine(table.stage, table, Silence()) for name, table in self._tables.items()}
        self._sources = {
            "intake": [events_topic(carrier.id) for carrier in world().carriers],
            "transports": [TRANSPORTS],
            "journeys": [MOVEMENTS],
            "subjects": [FACTS],
        }

    async def batch(self) -> bool:
        """Work on the next records of some partition; False when there is nothing left to do."""
        waiting = [
            (stage, topic, partition)
            for stage, topics in self._sources.items()
            for topic in topics
            for partition in range(PARTITIONS)
            if self.read[topic, partition] < len(self._log.records[topic, partition])
        ]
        if not waiting:
            return False
        stage, topic, partition = self._chance.choice(waiting)
        start = self.read[topic, partition]
        # A transport's report moves all that is aboard: of a larger batch some write would always crash.
        size = self._chance.choice((1, 3) if stage == "transports" else (1, 3, 10, 40))
        records = self._log.records[topic, partition][start : start + size]
        await self._engines[stage].process(
            [Portion(_batch(topic, partition, start, len(records)), records, start + len(records))]
        )
        self.read[topic, partition] += len(records)
        if self._chance.random() < 0.5:
            self.commit()
        return True

    def commit(self) -> None:
        """What was finished need not be read again."""
        self._log.committed = Counter(self.read)

    def late(self) -> list[tuple[str, int, int, bytes | None, bytes | None]]:
        """What was to be written and was not, when the worker stopped."""
        return [write for table in self._tables.values() for write in table.under_way]


class Table:
    """One stage's rows, and its way to write, a step at a time."""

    def __init__(self, stage: Stage, log: Log, chance: Random) -> None:
        self.stage = stage
        self.under_way: list[tuple[str, int, int, bytes | None, bytes | None]] = []
        self._log, self._chance, self._rows = log, chance, dict[tuple[int, bytes], bytes]()
        for partition in range(PARTITIONS):
            changed = Repairs().merge(partition, log.records[stage.name, partition], lambda p, k: None)
            bodies = {key: row for key, row in changed.items() if row is not None}
            self._rows.update({(partition, key): row for key, row in bodies.items()})
            stage.recovered(partition, [(key, row[8:]) for key, row in bodies.items() if row[8:]])

    def read(self, partition: int, key: bytes) -> bytes | None:
        """A stored row."""
        return self._rows.get((partition, key))

    async def outputs(self, outputs: Iterable[Output]) -> None:
        """Write, in order within each partition and in any order between them."""
        split: defaultdict[tuple[str, int], list[tuple[str, int, int, bytes | None, bytes | None]]] = defaultdict(list)
        for topic, key, value in ((each.topic, each.key, each.value) for each in outputs):
            partition = 0 if topic.endswith(".feedback") else partition_of(key, PARTITIONS)
            split[topic, partition].append((topic, partition, 0, key, value))
        parts = list(split.values())
        self._chance.shuffle(parts)
        self._write([write for part in parts for write in part])

    async def rows(self, batch: Owner, rows: Mapping[bytes, bytes]) -> None:
        """Write rows to the changelog, then to the store."""
        partition = batch.tp.partition
        self._write([(self.stage.name, partition, 0, key, row) for key, row in rows.items()])
        self._rows.update({(partition, key): row for key, row in rows.items()})

    def _write(self, writes: list[tuple[str, int, int, bytes | None, bytes | None]]) -> None:
        self.under_way = writes[::-1]
        while self.under_way:
            if self._chance.random() < CRASH:
                raise Crash
            self._log.append(*self.under_way.pop())
        if self._chance.random() < CRASH:
            raise Crash


@cache
def world() -> World:
    """The packaged network and carriers."""
    return load_world(Settings())


@cache
def intake() -> Intake:
    """Reads bodies; its table of names takes long to make."""
    return world().intake


@cache
def traffic() -> tuple[tuple[Sent, ...], ...]:
    """Reports with many faults, by container; some containers make several journeys."""
    options = Traffic(seed=1, days=60, trains_per_day=1, containers=260, drain=True, faults=fault_rates("4"))
    simulation = Simulation(world().network, [carrier.id for carrier in world().carriers], options)
    boxes: defaultdict[bytes, list[Sent]] = defaultdict(list)
    for sent in islice(simulation, 15_000):
        boxes[sent.key].append(Sent(sent.carrier, sent.received_at, sent.body))
    return tuple(tuple(reports) for reports in boxes.values())


def drawn(chance: Random) -> list[Sent]:
    """The records of one run: of a few containers, some put together in one body, some twice.

    The usual report is the last of its container and takes a path of its own, so in half of the runs the order is
    nearly that of received time; in the others there is none. A run ends anywhere: what comes later puts much right.
    In half of them what trains do is told of the trains, by DCSA.
    """
    sents = [sent for box in chance.sample(traffic(), chance.randint(1, 4)) for sent in box]
    if chance.random() < 0.5:
        sents = [retold(sent, chance) for sent in sents]
    disorder = chance.choice((HOUR, 12 * HOUR, 1_000 * DAY, 1_000 * DAY))
    sents.sort(key=lambda sent: -sent.received - chance.uniform(0, disorder))
    records: list[Sent] = []
    while sents:
        parts = [sents.pop()]
        while sents and sents[-1].carrier == parts[0].carrier and chance.random() < 0.3:
            parts.append(sents.pop())
        received = max(part.received for part in parts)
        body = b"[" + b",".join(part.body for part in parts) + b"]" if len(parts) > 1 else parts[0].body
        records += [Sent(parts[0].carrier, received, body)] * (2 if chance.random() < 0.05 else 1)
    return records[: chance.randint(1, len(records))][::-1]


async def stream(records: Iterable[Sent], chance: Random) -> tuple[Log, dict[Place, Sent]]:
    """Run workers over the records until everything is read."""
    log = Log()
    places: dict[Place, Sent] = {}
    coming = list(records)
    paused: list[tuple[str, int, int, bytes | None, bytes | None]] = []
    life = Life(log, chance)
    while True:
        for _ in range(min(len(coming), chance.choice((0, 1, 20)))):
            sent, partition = coming.pop(), chance.randrange(PARTITIONS)
            offset = log.append(events_topic(sent.carrier), partition, sent.received, b"any", sent.body)
            places[sent.carrier, partition, offset] = sent
        if paused and chance.random() < 0.2:
            for write in paused[::-1]:
                log.append(*write)
            paused = []
        try:
            if not await life.batch() and not coming and not paused:
                return log, places
        except Crash:
            if chance.random() < 0.3:
                paused = life.late()
            life = Life(log, chance)
        if chance.random() < 0.02:
            life.commit()
            life = Life(log, chance)


def oracle(records: Sequence[Sent], folder: Path) -> tuple[Results, dict[str, object], Millis]:
    """What `tracker batch` makes of the records, its rows too; and its clock."""
    batch = Oracle(intake(), world().rules)
    places = batch_places(records)
    for sent in places.values():
        batch.take(sent.carrier, sent.body, sent.received)
    until = max(sent.received for sent in records)
    batch.write(batch.conclude(until), folder)
    rows: dict[str, object] = {container: plain_row(row) for container, row in batch.rows()}
    return of_files(folder, places, world().rules), rows, until


def written(log: Log) -> Written:
    """The log's topics."""
    feedback = [record for carrier in world().carriers for record in log.of(feedback_topic(carrier.id))]
    intakes, journeys, subjects = log.of("intake"), log.of("journeys"), log.of("subjects")
    movements, facts, rejected, transports = map(log.of, (MOVEMENTS, FACTS, REJECTED, TRANSPORTS))
    return Written(intakes, journeys, subjects, movements, facts, rejected, feedback, transports)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_worker_gives_what_the_batch_gives(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
    records = drawn(chance)
    expected, rows, until = oracle(records, tmp_path)
    log, places = asyncio.run(stream(records, chance))
    again = f"\nagain: python -m pytest '{__file__}::test_a_worker_gives_what_the_batch_gives[{seed}]'"
    found = restored(log.of("journeys"))
    seen_rows = {key.decode(): plain_row(unpack(body)) for rows in found.values() for key, body in rows.items()}
    lines = differences(of_stream(written(log), places, world().rules, until), expected)
    lines += [f"row of {c}: {seen_rows.get(c)} is not {row}" for c, row in rows.items() if seen_rows.get(c) != row]
    assert not lines, "\n".join([*lines, again])


def _batch(topic: str, partition: int, start: int, size: int) -> Batch:
    stretch = Stretch(TP(topic, partition), start, start + size, [], size)
    return Batch(stretch, 1, 0.0, Held(1_000_000, lambda name: name, 1))
