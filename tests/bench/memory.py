"""What open journeys weigh: bytes of a row, and the resident memory of a worker that holds 100,000 of them.

    python -m tests.bench.memory

The rows are those that a worker makes of simulated traffic with the default faults, all corridors, 45 days: folded
by the code of the journeys stage from every report received until then. They are written to the changelogs on a
real Kafka, cells of the figures too, and a real `tracker worker` with the memory store restores them and then works
on the reports that come next: what the kernel says of that process is the figure. Every container is taken several
times under other numbers, because simulating 100,000 takes long; a clone's row is as long as its original's, and a
restored row is an object of its own. What differs from a worker that made all rows itself: nothing it keeps.
"""

import asyncio
import logging
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from pathlib import Path
from random import Random
from statistics import fmean, quantiles
from typing import Any, Final, NamedTuple

import click
import msgspec
from aiokafka import AIOKafkaProducer

from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.hearing import Sent
from tracker.aggregates.cell import Cell, slot_of
from tracker.aggregates.group import group_of
from tracker.contract.journeys import status_of
from tracker.contract.records import subject_of
from tracker.domain.container import ContainerRow, facts_of_row, fold, reports_of
from tracker.domain.facts import Fact
from tracker.domain.moment import DAY, Millis, hour_of
from tracker.domain.report import Report
from tracker.service import World, load_world
from tracker.settings import Settings
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.simulation import Simulation
from tracker.streams.packing import pack
from tracker.streams.rows import packed
from tracker.streams.topics import changelog_topic
from tracker.streams.writer import partition_of

DAYS: Final = 45
"""Longer than nearly all journeys, so that as many are under way as there ever are."""
JOURNEYS_PER_TRAIN_A_DAY: Final = 1_000
"""About so many journeys are open for each train a day."""
LIVE: Final = 20_000
"""Reports handled after the restore."""

Rows = Mapping[tuple[int, bytes], bytes]
"""Bodies by partition and key."""


class State(NamedTuple):
    """What is held at the clock, and the reports that come next."""

    clock: Millis
    open: dict[str, ContainerRow]
    ended: dict[str, ContainerRow]
    facts: list[Fact]
    next: list[Sent]


def state(world: World, journeys: int, start: Millis = Traffic().start, live: int = LIVE) -> State:
    """The containers of simulated traffic with about so many open journeys, and so many reports that come next."""
    options = Traffic(
        start=start,
        days=DAYS,
        trains_per_day=journeys / JOURNEYS_PER_TRAIN_A_DAY,
        drain=True,
        faults=fault_rates("default"),
    )
    clock = Millis(options.start + DAYS * DAY)
    sents = iter(Simulation(world.network, [carrier.id for carrier in world.carriers], options))
    intake, boxes = world.intake, defaultdict[str, dict[Any, Report]](dict)
    for number, sent in enumerate(takewhile(lambda sent: sent.received_at < clock, sents)):
        for reading in intake.read(sent.carrier, sent.body, sent.received_at, number % 12, number):
            if (report := reading.report) is not None:
                version = report.id, report.carrier, report.content, report.revision, report.retracted, report.recorded
                boxes[str(reading.container)].setdefault(version, report)
    state = State(clock, {}, {}, [], [Sent(s.carrier, s.received_at, s.body) for s in islice(sents, live)])
    for container, reports in boxes.items():
        row = fold(reports.values(), container, world.rules)
        state.facts.extend(facts_of_row(row, container, world.rules))
        is_open = any(status_of(journey, clock) == "open" for journey in row.journeys)
        (state.open if is_open else state.ended)[container] = row
    return state


def cloned(rows: Mapping[str, ContainerRow], count: int, owner: str, partitions: int) -> dict[tuple[int, bytes], bytes]:
    """So many rows: each again and again, under other numbers of an owner."""
    return dict(clones(rows, range(count), owner, partitions))


def clones(
    rows: Mapping[str, ContainerRow], numbers: Iterable[int], owner: str, partitions: int
) -> Iterator[tuple[tuple[int, bytes], bytes]]:
    """The same, those of some numbers, one at a time: place and body."""
    bodies = [(container, pack(row)) for container, row in rows.items()]
    for number in numbers:
        container, body = bodies[number % len(bodies)]
        other = container if number < len(bodies) else f"{owner}U{number:07d}"
        key = other.encode()
        yield (partition_of(key, partitions), key), body.replace(container.encode(), key)


def cells(facts: Iterable[Fact], world: World, partitions: int) -> dict[tuple[int, bytes], bytes]:
    """The rows of the subjects stage."""
    made: defaultdict[tuple[int, bytes], Cell] = defaultdict(Cell)
    for number, fact in enumerate(facts):
        subject = partition_of(subject_of(fact, world.network).encode(), partitions)
        key = slot_of(group_of(fact, world.network), hour_of(fact.end)).key()
        source = partition_of(fact.container.encode(), partitions), number, 0
        made[subject, key].apply(fact, world.network, sign=1, source=source)
    return {place: cell.body() for place, cell in made.items()}


async def weighed(whole: Whole, tables: Mapping[str, Rows], live: Sequence[Sent]) -> dict[str, float]:
    """Resident mebibytes of a worker that restores the tables: after it, and while and after it handles reports."""
    await whole.begin()
    for table, rows in tables.items():
        await write(whole.settings, changelog_topic(whole.settings.app_id, table), rows)
    worker = whole.start("weighed")
    await whole.ready(worker)
    figures = {"restored": resident(worker.pid), "most while restoring": resident(worker.pid, "VmHWM")}
    if live:
        await whole.feed(live, Random(1))
        await whole.comes_to(lambda done: done.all, seconds=300)
        figures |= {"after more reports": resident(worker.pid), "most of all": resident(worker.pid, "VmHWM")}
    assert await whole.stop(worker) == 0
    return figures


async def write(settings: Settings, topic: str, rows: Rows) -> None:
    """Write rows to a changelog, as at the first position of their partition."""
    producer: Any = AIOKafkaProducer(bootstrap_servers=settings.brokers, acks="all", linger_ms=20)
    await producer.start()
    try:
        for (partition, key), body in rows.items():
            await producer.send(topic, packed(0, body), key=key, partition=partition)
        await producer.flush()
    finally:
        await producer.stop()


def resident(pid: int, name: str = "VmRSS") -> float:
    """Resident memory of a process in mebibytes; `VmHWM`: the most it ever had."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status[name].split()[0]) / 1024


def sizes(rows: Iterable[ContainerRow]) -> dict[str, float]:
    """Bytes of a row, and of what: mean over the rows. A report's field weighs what the row loses without it."""
    found = list(rows)
    lengths = [len(pack(row)) for row in found]
    parts: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    encode = msgspec.msgpack.Encoder().encode
    for row in found:
        for name in row.__struct_fields__:
            parts[f"of it {name}"] += len(encode(getattr(row, name)))
        for report in reports_of(row):
            for name in report.__struct_fields__:
                fields[f"of the reports {name}"] += len(encode(getattr(report, name)))
    means = {name: total / len(found) for name, total in (parts + fields).items()}
    return {
        "mean": fmean(lengths),
        "p95": quantiles(lengths, n=20)[-1],
        "most": max(lengths),
        "reports": fmean(len(row.reports) for row in found),
        "visits": fmean(sum(len(journey.visits) for journey in row.journeys) for row in found),
    } | dict(sorted(means.items(), key=lambda item: -item[1]))


@click.command(help=__doc__)
@click.option("--journeys", type=click.IntRange(1_000), default=100_000, show_default=True, help="Open journeys.")
@click.option("--simulated", type=click.IntRange(100), default=8_000, show_default=True, help="Simulated ones of them.")
def main(journeys: int, simulated: int) -> None:
    """Measure and print."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # topics that are new make it complain
    world = load_world(Settings())
    held = state(world, simulated)
    click.echo(f"{len(held.open)} containers with an open journey, {len(held.ended)} others")
    for name, rows in (("open", held.open), ("others", held.ended)):
        click.echo(f"bytes of a row, {name}: " + ", ".join(f"{k} {v:.0f}" for k, v in sizes(rows.values()).items()))
    click.echo(f"load {os.getloadavg()[0]:.1f}")
    with Kafka() as kafka:
        for name, count, with_others, live in (
            ("nothing", 0, False, 0),
            ("open", journeys, False, LIVE),
            ("open, and all others of these weeks", journeys, True, 0),
        ):
            with tempfile.TemporaryDirectory() as folder:
                whole = Whole(kafka.bootstrap, Path(folder))
                spread = whole.settings.partitions
                containers = cloned(held.open, count, "AAA", spread)
                if with_others:
                    containers |= cloned(held.ended, count * len(held.ended) // len(held.open), "BBB", spread)
                figures = cells(held.facts, world, spread) if count else {}
                try:
                    tables = {"journeys": containers, "subjects": figures}
                    weights = asyncio.run(weighed(whole, tables, held.next[:live]))
                finally:
                    whole.kill_all()
            told = ", ".join(f"{key} {value:.0f} MiB" for key, value in weights.items())
            bodies = sum(map(len, containers.values())) / 2**20
            click.echo(f"{name}: {len(containers)} rows of {bodies:.0f} MiB, {len(figures)} cells; resident {told}")


if __name__ == "__main__":
    main()
