"""What a report costs in each stage without Kafka and engine, in microseconds of CPU, part by part.

    python -m tests.bench.stages [--reports N] [--save FILE] [--load FILE] [--form 'dcsa 2.2'] [--judge-every N]

The same simulated reports as `make bench`, in rounds as the engine makes them of a backlog: the records of a round
in order of time, the rows of a round loaded and stored once. Takes half a minute, so it is the thing to look at
between two changes; on a machine that does other work compare ratios of runs that take turns. With `--judge-every`
a sweep comes after every so many reports and judges all that is due, which `make bench` does not wait for.
"""

import gc
import hashlib
import json
import pickle
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Any, Final

import click

from tests.bench.core import build_core
from tests.bench.load import simulated
from tests.formats import WRITERS
from tracker.domain.lines import Lines
from tracker.domain.moment import MINUTE, Millis
from tracker.domain.rejudge import Judge
from tracker.service import load_world
from tracker.settings import Settings
from tracker.streams.board import Board
from tracker.streams.fold import Sweep
from tracker.streams.rows import packed, unpacked
from tracker.streams.stage import Output, Record
from tracker.streams.topics import FACTS, MOVEMENTS, TRANSPORTS, events_topic
from tracker.streams.worker import GC_THRESHOLDS
from tracker.streams.writer import partition_of

ROUND: Final = 6_000
"""Reports of a round: about what a worker with a backlog takes at once."""
PARTITIONS: Final = 12

READERS: Final = {TRANSPORTS: "transports", MOVEMENTS: "journeys", FACTS: "subjects"}
"""Which stage reads what the others write."""

Told = tuple[str, int, bytes]
"""Carrier, received time and body of a report."""


class Costs:
    """CPU seconds by part."""

    def __init__(self) -> None:
        """Nothing is spent."""
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """Counts what happens inside."""
        begun = process_time()
        yield
        self.seconds[part] += process_time() - begun


class Pipeline:
    """The stages of a worker with rows in a dict, fed round by round."""

    def __init__(self) -> None:
        """Nothing is stored."""
        world = load_world(Settings(web_port=0))
        self._board, lines = Board(world.network), Lines(world.network, world.thresholds)
        core = build_core(Settings(web_port=0), lambda clock: Judge(world.rules, lines, self._board.situation(clock)))
        self._intake, self._journeys = core.intake, core.journeys
        self._stages: list[Any] = [core.intake, core.transports, core.journeys, core.subjects]
        self._rows: defaultdict[tuple[str, int], dict[bytes, bytes]] = defaultdict(dict)
        self._ends: Counter[tuple[str, int]] = Counter()
        self.costs = Costs()
        self.records: Counter[str] = Counter()

    def feed(self, reports: Sequence[Told]) -> None:
        """One round through all stages."""
        waiting = {
            "intake": [
                self._record(events_topic(carrier), number % PARTITIONS, received, None, body)
                for number, (carrier, received, body) in enumerate(reports)
            ]
        }
        for stage in self._stages:
            records = waiting.pop(stage.name, [])
            self.records[stage.name] += len(records)
            outputs = self._through(stage, records)
            with self.costs.of("keys"):
                places = [partition_of(output.key, PARTITIONS) for output in outputs]
            at = records[-1].timestamp if records else 0
            for each, place in zip(outputs, places, strict=True):
                if (reader := READERS.get(each.topic)) is not None:
                    waiting.setdefault(reader, []).append(self._record(each.topic, place, at, each.key, each.value))

    def sweep(self, upto: Millis) -> None:
        """Judge what is due at a clock."""
        with self.costs.of("sweep: know"):
            for day in self._intake.days():
                self._board.take(day.key or b"", day.value)
            due = self._journeys.due(upto)
        with self.costs.of("sweep: judge"):
            for partition, keys in due.items():
                rows = self._rows["journeys", partition]
                sweep = Sweep(self._journeys, partition, {key: packed(0, rows[key]) for key in keys}.get)
                for key in keys:
                    sweep.judge(key, lambda row: self._journeys.sweep(row, upto))
                assert not sweep.poison, sweep.poison
                rows |= {key: unpacked(row)[1] or b"" for key, row in sweep.rows.items()}
                self._journeys.settled(partition, sweep.settled)

    def rows(self) -> str:
        """A hash of all rows: two versions of the tracker that make the same of reports give the same."""
        digest = hashlib.sha256()
        for place, rows in sorted(self._rows.items()):
            for key, row in sorted(rows.items()):
                digest.update(repr((place, key, row)).encode())
        return digest.hexdigest()[:16]

    def _record(self, topic: str, partition: int, at: int, key: bytes | None, value: bytes | None) -> Record:
        self._ends[topic, partition] += 1
        return Record(topic, partition, self._ends[topic, partition], at, key, value, ())

    def _through(self, stage: Any, records: Sequence[Record]) -> list[Output]:
        held: dict[tuple[int, bytes], Any] = {}
        outputs: list[Output] = []
        of, name = self.costs.of, stage.name
        with of(f"{name}: read"):
            events = [(record, *stage.read(record)) for record in records]
        with of(f"{name}: load"):
            for record, key, _ in events:
                place = record.partition, key
                if place not in held:
                    held[place] = stage.load(self._rows[name, record.partition].get(key), *place)
        with of(f"{name}: apply"):
            for record, key, event in events:
                outputs += stage.apply(held[record.partition, key], event, record)
        with of(f"{name}: dump"):
            bodies = [stage.dump(row) or b"" for row in held.values()]
        for (partition, key), body in zip(held, bodies, strict=True):
            self._rows[name, partition][key] = body
        with of(f"{name}: settle"):
            changed: defaultdict[int, list[tuple[bytes, Any]]] = defaultdict(list)
            for (partition, key), row in held.items():
                changed[partition].append((key, row))
            for partition, rows in changed.items():
                stage.settled(partition, rows)
        return outputs


def reports_of(number: int) -> list[Told]:
    """The first reports of the simulation of `make bench`."""
    world = load_world(Settings(web_port=0))
    load = simulated(world.network, world.carriers, number)
    return [(sent.carrier, sent.received_at, sent.body) for sent in load.reports]


def told_in(form: str, reports: Sequence[Told]) -> list[Told]:
    """The same reports in another format, as far as they are good ones; the others as they are."""
    intake = load_world(Settings(web_port=0)).intake
    told: list[Told] = []
    for carrier, received, body in reports:
        (reading, *_) = intake.read(carrier, body, Millis(received))
        if reading.report is None or reading.container is None:
            told.append((carrier, received, body))
        else:
            again = json.dumps(WRITERS[form](reading.container, reading.report)).encode()
            told.append((carrier, received, again))
    return told


@click.command(help=__doc__)
@click.option("--reports", "number", type=click.IntRange(1), default=60_000, show_default=True)
@click.option("--save", type=click.Path(path_type=Path), help="Keep the reports in a file.")
@click.option("--load", type=click.Path(path_type=Path), help="Take them from such a file.")
@click.option("--form", type=click.Choice(list(WRITERS)), help="Retell the good ones in this format.")
@click.option("--judge-every", type=click.IntRange(1), help="Sweep after so many reports, rounded up to whole rounds.")
def main(number: int, save: Path | None, load: Path | None, form: str | None, judge_every: int | None) -> None:
    reports = pickle.loads(load.read_bytes())[:number] if load else reports_of(number)  # noqa: S301  # our own file
    if save:
        save.write_bytes(pickle.dumps(reports))
    reports = reports if form is None else told_in(form, reports)
    pipeline = Pipeline()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    unjudged = 0
    for begin in range(0, len(reports), ROUND):
        part = reports[begin : begin + ROUND]
        pipeline.feed(part)
        unjudged += len(part)
        if judge_every is not None and unjudged >= judge_every:
            pipeline.sweep(Millis(part[-1][1] // MINUTE * MINUTE))
            unjudged = 0
    for name, seconds in pipeline.costs.seconds.items():
        click.echo(f"{name:20}{seconds / len(reports) * 1e6:8.1f} us per report")
    click.echo(f"{'all':20}{sum(pipeline.costs.seconds.values()) / len(reports) * 1e6:8.1f}")
    shares = ", ".join(f"{stage} {count / len(reports):.2f}" for stage, count in pipeline.records.items())
    click.echo(f"records per report: {shares}")
    click.echo(f"rows: {pipeline.rows()}")


if __name__ == "__main__":
    main()
