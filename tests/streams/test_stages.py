"""The three stages in a row, without Kafka: what they add up to equals the batch, whatever happens on the way.

Reports come shuffled, batches are cut anywhere, and now and then one is done again after its outputs went out
but before its rows were stored, as a crash leaves it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import pytest

from tracker.aggregates.entries import Statistics
from tracker.aggregates.standing import standing_of
from tracker.aggregates.statistics import corridor_statistics
from tracker.aggregates.windows import WINDOWS
from tracker.aggregates.years import YEAR
from tracker.batch import Batch, run
from tracker.contract.carriers_file import load_carriers
from tracker.contract.intake import Intake, IntakeRules
from tracker.contract.network_file import load_network
from tracker.contract.sent_lines import read_lines
from tracker.domain.container import Rules
from tracker.domain.moment import Millis, from_datetime
from tracker.domain.places import Places
from tracker.simulate.options import FaultRates, Traffic
from tracker.simulate.run import Delivery, simulate_to_file
from tracker.streams.clock import DataClock
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.stage import Output, Record, Settling, Stage
from tracker.streams.subjects import SubjectsStage

NETWORK = load_network()
CARRIERS = [carrier.id for carrier in load_carriers()]
RULES = Rules(NETWORK, {carrier: rank for rank, carrier in enumerate(CARRIERS)})
INTAKE = Intake(Places(NETWORK), IntakeRules())
PARTITIONS = 3
REPORTS = 3_000


class Unheard:
    """Hears every stage and minds only what must never happen."""

    def report(self, carrier: str, outcome: str, count: int = 1) -> None: ...
    def faults(self, carrier: str, codes: Iterable[str]) -> None: ...

    def crowded(self, reports: int) -> None: ...
    def movement(self, carrier: str, kind: str, count: int = 1) -> None: ...
    def fact(self, fact: object, op: str) -> None: ...
    def outdated(self, facts: int) -> None: ...
    def exception(self, rule: str, transition: str) -> None: ...
    def foretold(self, horizon: str, seconds: float, place: str) -> None: ...

    def invariant(self, name: str) -> None:
        pytest.fail(f"{name} violated")


class Table:
    """A stage with its rows and their positions, and the way the engine deals with both."""

    def __init__(self, stage: Stage, chance: Random) -> None:
        self.stage = stage
        self.rows: dict[int, dict[bytes, tuple[int, bytes | None]]] = defaultdict(dict)
        self._chance = chance

    def process(self, partition: int, records: list[Record]) -> list[Output]:
        """Everything that is written while the records are handled, twice what a crash makes come twice."""
        written: list[Output] = []
        begin = 0
        while begin < len(records):
            size = self._chance.randint(1, 400)
            outputs, rows = self._fold(partition, records[begin : begin + size])
            written += outputs
            if self._chance.random() < 0.7:
                self._store(partition, rows)
                begin += size
        return written

    def _fold(self, partition: int, records: list[Record]) -> tuple[list[Output], dict[bytes, tuple[int, Any]]]:
        outputs: list[Output] = []
        rows: dict[bytes, tuple[int, Any]] = {}
        for record in records:
            key, event = self.stage.read(record)
            if key not in rows:
                position, body = self.rows[partition].get(key, (-1, None))
                rows[key] = position, self.stage.load(body, partition, key)
            position, row = rows[key]
            if record.offset > position:
                outputs += self.stage.apply(row, event, record)
                rows[key] = record.offset, row
        return outputs, rows

    def _store(self, partition: int, rows: Mapping[bytes, tuple[int, Any]]) -> None:
        for key, (position, row) in rows.items():
            self.rows[partition][key] = position, self.stage.dump(row)
        assert isinstance(self.stage, Settling)
        self.stage.settled(partition, [(key, row) for key, (_, row) in rows.items()])


def delivered(outputs: Iterable[Output], topic: str) -> dict[int, list[Record]]:
    """The records of a topic by partition."""
    partitions: dict[int, list[Record]] = defaultdict(list)
    for output in outputs:
        if output.topic == topic:
            partition = crc32(output.key or b"") % PARTITIONS
            records = partitions[partition]
            records.append(Record(topic, partition, len(records), 0, output.key, output.value, ()))
    return partitions


def of_windows(statistics: Statistics) -> dict[str, Any]:
    return {
        part: [entry for entry in entries if entry.get("window", YEAR) in (*WINDOWS, YEAR)]
        for part, entries in statistics.items()
        if isinstance(entries, list)
    }


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reports") / "reports.jsonl"
    traffic = Traffic(seed=11, days=60.0, trains_per_day=0.2, faults=FaultRates())
    simulate_to_file(NETWORK, CARRIERS, traffic, Delivery(reports=REPORTS, progress=False), path)
    return path


@pytest.mark.parametrize("seed", [1, 2])
def test_stages_with_crashes_give_the_statistics_of_the_batch(reports: Path, seed: int) -> None:
    chance = Random(seed)
    batch = Batch(INTAKE, RULES)
    until = run([reports], batch, None)
    results = batch.conclude(until)

    clock = DataClock()
    journeys = JourneysStage(RULES, Unheard())
    subjects = SubjectsStage(NETWORK, clock, Unheard())
    intake = IntakeStage(INTAKE, Unheard())
    sent: dict[str, list[Record]] = defaultdict(list)
    lines = list(read_lines([reports]))
    chance.shuffle(lines)
    for line, body in lines:
        topic = f"carrier.{line.carrier}.events"
        records = sent[topic]
        records.append(Record(topic, 0, len(records), from_datetime(line.received_at), None, body, ()))
    movements = [output for records in sent.values() for output in Table(intake, chance).process(0, records)]
    containers, cells = Table(journeys, chance), Table(subjects, chance)
    facts = [
        output
        for partition, records in delivered(movements, "rail.movements").items()
        for output in containers.process(partition, records)
    ]
    for partition, records in delivered(facts, "rail.facts").items():
        assert cells.process(partition, records) == []

    standing = journeys.survey(Millis(until)).standing()
    expected = of_windows(corridor_statistics(results.facts, NETWORK, until, standing_of(results.stands)))
    assert of_windows(subjects.statistics(until, standing)) == expected
    assert sum(entry["transits"] for entry in expected["corridors"]) > 100
    assert sum(entry["crossings"] for entry in expected["years"]) > 50
    assert sum(entry["kg"] or 0 for entry in expected["years"]) > 0
    assert sum(entry["teu_km"] or 0 for entry in expected["corridors"]) > 0
    assert any(entry["age_seconds"] for entry in expected["nodes"])
    assert [entry["corridor"] for entry in expected["targets"]] == ["middle"]

    heir = SubjectsStage(NETWORK, DataClock(), Unheard())
    for partition, rows in cells.rows.items():
        heir.recovered(partition, [(key, body) for key, (_, body) in rows.items() if body is not None])
    assert of_windows(heir.statistics(until, standing)) == expected
