"""A movement written in any format, in any envelope, comes back as the same movement."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dcsa_events import EQUIPMENT, changed
from tests.formats import COVERS, NETWORK, WRITERS, containers, reports
from tracker.contract.dcsa.event import read_event
from tracker.contract.dcsa.plain import read_plain
from tracker.contract.intake import Intake, IntakeRules
from tracker.domain.moment import Millis
from tracker.domain.places import Places
from tracker.domain.report import Report

RECEIVED = Millis(1_772_400_000_000)
INTAKE = Intake(Places(NETWORK), IntakeRules())


@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=150, deadline=None)
@given(container=containers(), report=reports(RECEIVED), cover=st.sampled_from(list(COVERS)), zone=st.integers(-11, 13))
def test_a_movement_in_any_format_and_envelope_comes_back_the_same(
    form: str, container: str, report: Report, cover: str, zone: int
) -> None:
    body, headers = COVERS[cover](WRITERS[form](container, report, zone=zone))

    (reading,) = INTAKE.read("ktz-express", body, RECEIVED)

    assert reading.faults == []
    assert reading.container == container
    assert unmarked(reading.report) == unmarked(report)
    assert bool(headers) == (cover in {"structured", "binary"})


@settings(max_examples=150, deadline=None)
@given(container=containers(), report=reports(RECEIVED))
def test_what_two_formats_say_of_one_movement_has_one_content(container: str, report: Report) -> None:
    bodies = [COVERS["plain"](write(container, report))[0] for write in WRITERS.values()]
    contents = {_content(INTAKE.read("ktz-express", body, RECEIVED)[0].report) for body in bodies}

    assert len(contents) == 1


def unmarked(report: Report | None) -> dict[str, Any]:
    """All that a report says; its content's hash and its position apart."""
    assert report is not None
    return {name: getattr(report, name) for name in report.__struct_fields__ if name not in {"content", "source"}}


def _content(report: Report | None) -> int:
    assert report is not None
    return report.content


DISTURBANCES = st.sampled_from(
    [
        {"eventClassifierCode": "act"},
        {"eventDateTime": "2026-03-01 08:40:00Z"},
        {"ISOEquipmentCode": ""},
        {"x": 1},
        {"eventID": " A "},
        {"eventID": "A" * 501},
        {"equipmentReference": "CSQU 305438-3"},
        {"eventType": "IOT"},
        {"emptyIndicatorCode": "HALF"},
        {"equipmentEventTypeCode": "INSP"},
        {"isRetracted": True},
        {"seals": [{"a": 1}]},
        {"references": [{"referenceType": "EQ", "referenceValue": "CSQU3054383"}]},
        {"retractedEventID": "B"},
        {"documentReferences": [{"documentReferenceType": "BKG", "documentReferenceValue": "9" * 41}]},
        {"eventCreatedDateTime": "yesterday"},
        {"equipmentReference": None},
        {"equipmentReference": None, "eventType": "TRANSPORT", "transportEventTypeCode": "ARRI"},
        {"equipmentEventTypeCode": "GTIN"},
        {"equipmentEventTypeCode": None, "transportEventTypeCode": "DEPA", "equipmentReference": None},
        {"location": {"UNLocationCode": "KZDOS"}},
        {"delayReasonCode": 7},
        {"eventDateTime": "2026-03-01T08:40:00"},
        {"eventDateTime": "2026-13-01T08:40:00Z"},
        {"UNLocationCode": "KZDOS"},
    ]
)
CALLS = st.sampled_from(
    [
        {"modeOfTransport": "2"},
        {"modeOfTransport": "MULTIMODAL"},
        {"modeOfTransport": "rail"},
        {"location": {}},
        {"location": {"UNLocationCode": "KZAAU"}},
        {"UNLocationCode": ""},
        {"facilityTypeCode": "Depo"},
        {"facilityCode": "ADT", "facilityCodeListProvider": "SMDG"},
        {"otherFacility": "Dostyk"},
        {"carrierVoyageNumber": 7},
        {"carrierVoyageNumber": None, "carrierServiceCode": "S1"},
        {"exportVoyageNumber": "E", "importVoyageNumber": "I"},
        {"vessel": {"vesselIMONumber": "IMO 9321483"}},
        {"vessel": {"vesselName": "X", "vesselFlag": "KZ"}},
        {"vessel": {"vesselIMONumber": 9321483}},
        {"vessel": None},
        {"UNLocationCode": "KZ DOS"},
        {"transportCallReference": "R", "carrierVoyageNumber": None},
        {"carrierVoyageNumber": "v" * 41},
        {"name": "X"},
    ]
)


@settings(max_examples=600, deadline=None)
@given(
    container=containers(),
    report=reports(RECEIVED),
    told=st.lists(DISTURBANCES, max_size=2),
    called=st.lists(CALLS, max_size=2),
)
def test_the_short_way_says_what_the_long_way_says_or_nothing(
    container: str, report: Report, told: list[dict[str, Any]], called: list[dict[str, Any]]
) -> None:
    event = WRITERS["dcsa 2.2"](container, report)
    for each in told:
        event |= each
    for each in called:
        event["transportCall"] |= each

    short, long = read_plain(json.dumps(event).encode()), read_event(event)

    assert short is None or short == long


def test_the_short_way_is_taken_by_a_plain_event() -> None:
    train = changed(EQUIPMENT, {"eventType": "TRANSPORT", "transportEventTypeCode": "DEPA",
                                "equipmentEventTypeCode": ..., "equipmentReference": ...})  # fmt: skip
    for event in (EQUIPMENT, train):
        assert read_plain(json.dumps(event).encode()) == read_event(event)
