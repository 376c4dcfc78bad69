"""The schemas of DCSA's events: a careful sender's events are valid, and the examples are accepted without a word."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dcsa_events import EQUIPMENT, EVENT_3, INTAKE, one, told
from tests.formats import WRITERS, containers, reports
from tests.schemas.test_json_schemas import examples, validator
from tracker.contract.dcsa.codes import KINDS, NO_MOVEMENT
from tracker.domain.moment import HOUR, Millis, from_datetime
from tracker.domain.report import Report

FORMS = {"dcsa-2.2-event": "dcsa 2.2", "dcsa-3.0-event": "dcsa 3.0"}
RECEIVED = Millis(1_772_400_000_000)


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=100, deadline=None)
@given(container=containers(), report=reports(RECEIVED), zone=st.integers(-11, 13))
def test_what_a_careful_sender_writes_is_valid(name: str, container: str, report: Report, zone: int) -> None:
    validator(name).validate(WRITERS[FORMS[name]](container, report, zone=zone))


@pytest.mark.parametrize("path", [each for each in examples() if each.parent.name in FORMS], ids=lambda p: p.stem)
def test_an_example_of_dcsa_is_accepted_without_a_word(path: Path) -> None:
    body = path.read_bytes()
    received = Millis(from_datetime(datetime.fromisoformat(json.loads(body)["eventDateTime"])) + HOUR)
    (reading,) = INTAKE.read("ktz-express", body, received)
    assert reading.report is not None
    assert reading.faults == []


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("dcsa-2.2-event", {"eventDateTime": "2026-03-01T08:40:00"}),
        ("dcsa-2.2-event", {"eventDateTime": "2026-03-01 08:40:00+05:00"}),
        ("dcsa-2.2-event", {"eventClassifierCode": "act"}),
        ("dcsa-2.2-event", {"equipmentEventTypeCode": "JUMP"}),
        ("dcsa-2.2-event", {"equipmentReference": "APZU 481209-0"}),
        ("dcsa-2.2-event", {"call__modeOfTransport": "SEA"}),
        ("dcsa-2.2-event", {"emptyIndicatorCode": "F"}),
        ("dcsa-3.0-event", {"eventDateTime": "2026-03-01T08:40:00"}),
    ],
)
def test_what_is_not_valid_is_not_accepted_without_a_word(name: str, changes: dict[str, Any]) -> None:
    event = json.loads(json.dumps(EQUIPMENT if name.startswith("dcsa-2") else EVENT_3))
    validator(name).validate(event)
    reading = one(event, **changes)
    for field, value in changes.items():
        where = event["transportCall"] if field.startswith("call__") else event
        where[field.removeprefix("call__")] = value
    assert not validator(name).is_valid(event)
    assert told(reading)


@pytest.mark.parametrize("code", sorted({*KINDS, *NO_MOVEMENT}))
def test_a_code_of_the_schemas_is_known_and_one_that_moves_nothing_is_told_so(code: str) -> None:
    field = "equipmentEventTypeCode" if len(code) <= 4 else "equipmentEventType"
    event = json.loads(json.dumps(EQUIPMENT if len(code) <= 4 else EVENT_3))
    (event if len(code) <= 4 else event["eventClassification"])[field] = code
    assert validator("dcsa-2.2-event" if len(code) <= 4 else "dcsa-3.0-event").is_valid(event)
    wanted = code not in KINDS
    assert ("E505" in told(one(event))) is wanted
    assert "E502" not in told(one(event))
