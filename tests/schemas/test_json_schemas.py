"""The schemas tell the truth: what we write is valid by them, and of what comes in they say what the tracker says."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import jsonschema_rs
import pytest
from pydantic import ValidationError

from scripts.schemas.json_schema import schema_of
from scripts.schemas.records import RECORDS
from tests.schemas.parser import REPOSITORY
from tracker.batch import Batch, run
from tracker.contract.acknowledgements import read_acknowledgement
from tracker.contract.disruptions import read_disruption
from tracker.contract.feedback import to_json
from tracker.contract.intake import Intake, IntakeRules
from tracker.contract.native import NativeEvent
from tracker.contract.network_file import load_network
from tracker.contract.records import fact_record, movement_bytes, read_fact, read_movement
from tracker.domain.moment import HOUR, Millis, from_datetime
from tracker.domain.places import Places
from tracker.domain.report import Classifier, Kind, Mode
from tracker.service import load_world
from tracker.settings import Settings
from tracker.simulate.options import FaultRates, Traffic
from tracker.simulate.run import Delivery, simulate_to_file

SCHEMAS: Final = REPOSITORY / "schemas"
BODIES: Final = 10_000
RECEIVED: Final = Millis(from_datetime(datetime(2026, 3, 20, tzinfo=UTC)))
NETWORK: Final = load_network()


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text()))


def examples() -> list[Path]:
    return sorted((SCHEMAS / "examples").glob("*/*.json"))


@pytest.mark.parametrize("path", examples(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_example_is_valid_by_its_schema(path: Path) -> None:
    validator(path.parent.name).validate(json.loads(path.read_text()))


def test_every_record_has_an_example() -> None:
    assert {path.parent.name for path in examples()} == {record.name for record in RECORDS}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_schema_is_one_of_2020_12(record: Any) -> None:
    schema = schema_of(record)
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "path", [each for each in examples() if each.parent.name == "native-event"], ids=lambda p: p.stem
)
def test_a_native_example_is_accepted_without_a_word(path: Path) -> None:
    raw = path.read_bytes()
    occurred = datetime.fromisoformat(json.loads(raw)["occurred_at"])
    intake = Intake(Places(NETWORK), IntakeRules())
    (reading,) = intake.read("ktz-express", raw, Millis(from_datetime(occurred) + HOUR))
    assert reading.report is not None
    assert reading.faults == []


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("rail.movements", read_movement),
        ("rail.facts", read_fact),
        ("rail.acknowledgements", read_acknowledgement),
        ("rail.disruptions", lambda value: read_disruption(json.loads(value), NETWORK)),
    ],
)
def test_what_reads_a_record_reads_its_examples(name: str, read: Callable[[bytes], object]) -> None:
    for path in (SCHEMAS / "examples" / name).glob("*.json"):
        assert read(path.read_bytes())


def test_what_the_tracker_writes_is_valid(tmp_path: Path) -> None:
    world = load_world(Settings())
    traffic = Traffic(seed=5, days=40.0, trains_per_day=0.5, faults=FaultRates())
    file = tmp_path / "reports.jsonl"
    carriers = [carrier.id for carrier in world.carriers]
    simulate_to_file(world.network, carriers, traffic, Delivery(reports=2_000, progress=False), file)
    batch = Batch(world.intake, world.rules)
    results = batch.conclude(run([file], batch, None))
    reports = batch.by_container()
    written: dict[str, Iterator[bytes]] = {
        "rail.movements": (movement_bytes(box, each) for box, told in reports.items() for each in told),
        "rail.facts": (to_json(fact_record(fact, "added", (1, 2, 3))) for fact in results.facts),
        "rail.exceptions": map(to_json, results.verdicts.records(reports)),
        "rail.rejected": map(to_json, batch.rejected),
        "carrier.feedback": map(to_json, batch.feedback),
        "rail.situation": map(to_json, batch.days.values()),
    }
    for name, records in written.items():
        valid, count = validator(name), 0
        for record in records:
            valid.validate(json.loads(record))
            count += 1
        assert count > 20, name


# -- What comes in: 10,000 bodies, and two judges that know nothing of each other

GOOD: Final[dict[str, Any]] = json.loads((SCHEMAS / "examples" / "native-event" / "every-field.json").read_text())
EDGES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 8.0, 1.5, 60_000, 60_000.5, 60_001, 2**63 - 1, 2**63, -(2**63), 1e300, "", " ", "x",
    "x" * 20, "x" * 21, "x" * 40, "x" * 41, "x" * 100, "x" * 101, "й" * 40, "й" * 41, "🚂" * 40, "🚂" * 41, [], {}, [1],
    {"scheme": "unlocode", "code": "KZAAU"}, {"scheme": "unlocode"}, {"scheme": 1, "code": "x"},
    {"scheme": "x", "code": "x" * 101}, {"scheme": "x", "code": "x", "more": 1}, {"scheme": "x", "code": None},
    *Kind, *Classifier, *Mode, "Departed", "2026-03-01T13:40:00Z",
)  # fmt: skip


def bodies(draw: Random) -> Iterator[Any]:
    """The good report with some fields left out, changed to something that may fit, or added."""
    names = (*NativeEvent.model_fields, "extra", "Container")
    for _ in range(BODIES):
        body = dict(GOOD)
        for name in draw.sample(names, draw.choice((0, 1, 1, 1, 2, 4))):
            if draw.random() < 0.2:
                body.pop(name, None)
            else:
                body[name] = draw.choice(EDGES)
        yield body if draw.random() < 0.99 else draw.choice(EDGES)


def is_native(body: bytes) -> bool:
    try:
        NativeEvent.model_validate_json(body)
    except ValidationError:
        return False
    return True


def test_an_independent_validator_agrees_on_ten_thousand_bodies() -> None:
    valid = validator("native-event")
    judged = [(body, is_native(json.dumps(body).encode()), valid.is_valid(body)) for body in bodies(Random(8))]
    assert [body for body, ours, theirs in judged if ours is not theirs] == []
    accepted = sum(ours for _, ours, _ in judged)
    assert 0.3 * BODIES < accepted < 0.7 * BODIES, "both verdicts are to be tested"
