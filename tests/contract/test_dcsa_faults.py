"""What real senders get wrong in DCSA messages: plain things are doubts, others have a code and the field's name."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable
from typing import Any

import pytest

from tests.dcsa_events import EQUIPMENT, INTAKE, RECEIVED, TRANSPORT, one, told
from tracker.domain.faults import CATALOGUE

DOUBTS = [
    ({"eventClassifierCode": "act", "equipmentEventTypeCode": "Load"}, "W104"),
    ({"call__modeOfTransport": "Rail"}, "W104"),
    ({"call__modeOfTransport": "2"}, "W104"),
    ({"eventDateTime": "2026-03-01 08:40:00+05:00"}, "W306"),
    ({"eventDateTime": "2026-03-01 08:40:00 +05:00"}, "W306"),
    ({"eventDateTime": "2026-03-01T08:40+05:00"}, "W306"),
    ({"call__UNLocationCode": ..., "UNLocationCode": "KZDOS"}, "W102"),
    ({"call__UNLocationCode": ..., "UNLocationCode": "KZDOS", "location": {"locationName": ""}}, "W102"),
    ({"call__UNLocationCode": ..., "location": {"UNLocationCode": "KZDOS"}}, "W102"),
    ({"equipmentReference": ..., "call__equipmentReference": "APZU4812090"}, "W102"),
    ({"call__modeOfTransport": ..., "modeOfTransport": "RAIL"}, "W102"),
    ({"call__vessel": {"vesselName": ""}, "ISOEquipmentCode": " "}, "W103"),
    ({"equipmentReference": "APZU 481209-0"}, "W205"),
    ({"equipmentReference": "apzu4812090"}, "W205"),
    ({"eventClassifierCode": ...}, "W502"),
    ({"eventClassifierCode": ""}, "W502"),
    ({"documentReferences": [], "call__carrierVoyageNumber": "9" * 41, "call__railServiceReference": "1402"}, "W105"),
    ({"call__location": {"UNLocationCode": "KZDOS"}, "call__UNLocationCode": "KZAAU"}, "W404"),
    ({"call__UNLocationCode": "XXXXX", "call__otherFacility": "Dostyk"}, "W401"),
    ({"eventID": ...}, "W601"),
    ({"eventID": ..., "eventId": "E-1"}, "W107"),
    ({"call__UNLocationCode": ..., "call__unLocationCode": "KZDOS"}, "W107"),
    ({"call__UNLocationCode": ..., "eventLocation": {"locationUnLocode": "KZDOS"}}, "W107"),
    ({"equipmentEventTypeCode": "", "transportEventTypeCode": "LOAD"}, "W103"),
    ({"eventDateTime": "2026-03-01T08:40:00+05"}, "W306"),
    ({"eventDateTime": "2026-03-01 03:40:00 UTC"}, "W306"),
    ({"eventDateTime": "20260301T084000+0500"}, "W306"),
    ({"eventDateTime": "2026-03-01T08:40:00+05:00[Asia/Almaty]"}, "W306"),
    ({"eventDateTime": "2026-03-01T08:40:00,000+05:00"}, "W306"),
    ({"call__modeOfTransport": "Train"}, "W104"),
    ({"emptyIndicatorCode": "F"}, "W104"),
    ({"emptyIndicatorCode": False}, "W104"),
    ({"emptyIndicatorCode": ..., "emptyIndicator": "l"}, "W104"),
]


def snake(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def pascal(name: str) -> str:
    return name[0].upper() + name[1:]


@pytest.mark.parametrize(("changes", "code"), DOUBTS)
def test_what_is_plain_is_accepted_with_a_doubt_and_means_the_same(changes: dict[str, Any], code: str) -> None:
    reading, good = one(EQUIPMENT, **changes), one(EQUIPMENT).report
    report = reading.report
    assert report is not None, reading.faults
    assert good is not None
    assert code in told(reading)
    assert (report.kind, report.node, report.occurred) == (good.kind, good.node, good.occurred)
    assert (report.mode, report.train, reading.container) == (good.mode, good.train, "APZU4812090")


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"eventDateTime": "2026-03-01T08:40:00"}, "E303", "eventDateTime"),
        ({"eventDateTime": "2026-03-01 08:40"}, "E303", "eventDateTime"),
        ({"eventDateTime": "20260301T084000"}, "E303", "eventDateTime"),
        ({"eventDateTime": "2026-03-01T08:40:00[Asia/Almaty]"}, "E303", "eventDateTime"),
        ({"eventDateTime": 1772336400000}, "E302", "eventDateTime"),
        ({"eventCreatedDateTime": "2026-03-01T08:40:00"}, "E303", "eventCreatedDateTime"),
        ({"eventDateTime": "01.03.2026 08:40"}, "E302", "eventDateTime"),
        ({"eventDateTime": ...}, "E301", "eventDateTime"),
        ({"eventDateTime": ""}, "E301", "eventDateTime"),
        ({"eventDateTime": [1]}, "E302", "eventDateTime"),
        ({"equipmentReference": ...}, "E201", "equipmentReference"),
        ({"equipmentReference": {}}, "E202", "equipmentReference"),
        ({"equipmentReference": "N/A"}, "E202", "equipmentReference"),
        ({"equipmentReference": "APZU4812091"}, "E204", "equipmentReference"),
        ({"call__UNLocationCode": ...}, "E401", "UNLocationCode"),
        ({"call__UNLocationCode": "XXXXX"}, "E402", "UNLocationCode"),
        ({"transportCall": "call-1"}, "E401", "UNLocationCode"),
        ({"equipmentEventTypeCode": ...}, "E501", "equipmentEventTypeCode"),
        ({"eventClassifierCode": "REQ"}, "E503", "eventClassifierCode"),
        ({"call__modeOfTransport": "CAMEL"}, "E504", "transportCall.modeOfTransport"),
        ({"emptyIndicatorCode": "HALF"}, "E106", "emptyIndicatorCode"),
        ({"eventID": {"a": 1}}, "E602", "eventID"),
        ({"eventID": "x" * 501}, "E602", "eventID"),
        ({"isRetracted": "perhaps"}, "E604", "isRetracted"),
    ],
)
def test_what_is_not_plain_is_rejected_with_the_field_s_own_name(changes: dict[str, Any], code: str, path: str) -> None:
    reading = one(EQUIPMENT, **changes)
    assert reading.report is None
    assert (reading.faults[0].code, reading.faults[0].path) == (code, path)


def test_an_event_without_its_type_is_known_by_its_code() -> None:
    assert told(one(EQUIPMENT, eventType=...)) == []
    assert one(EQUIPMENT, eventType=...).report == one(EQUIPMENT).report


@pytest.mark.parametrize(
    "spoken", [("Sea", "VESSEL"), ("Ocean", "VESSEL"), ("ROAD", "TRUCK"), ("inland water", "BARGE")]
)
def test_a_mode_of_transport_in_everyday_words_is_what_it_means(spoken: tuple[str, str]) -> None:
    reading = one(EQUIPMENT, call__modeOfTransport=spoken[0])
    assert told(reading) == ["W104"]
    assert reading.report == one(EQUIPMENT, call__modeOfTransport=spoken[1]).report


@pytest.mark.parametrize("written", [snake, pascal])
def test_an_event_all_of_whose_names_are_written_another_way_is_the_same_event(written: Callable[[str], str]) -> None:
    for event in (EQUIPMENT, TRANSPORT):
        reading = one(respelt(event, written))
        assert told(reading) == ["W107"]
        assert reading.report == one(event).report


def test_what_is_no_event_by_any_spelling_is_a_native_report() -> None:
    assert "E501" in told(one({"Event_Kind": "LOAD", "container": "APZU4812090"}))


def test_a_mark_of_the_byte_order_is_no_part_of_a_body() -> None:
    body = json.dumps(EQUIPMENT).encode()
    assert [each.report for each in INTAKE.read("ktz-express", BOM_UTF8 + body, RECEIVED)] == [
        each.report for each in INTAKE.read("ktz-express", body, RECEIVED)
    ]


def test_one_event_where_a_wrapper_has_an_array_is_that_event() -> None:
    reading = one({"events": EQUIPMENT})
    assert told(reading) == ["W106"]
    assert reading.report == one(EQUIPMENT).report


def respelt(value: Any, written: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [respelt(each, written) for each in value]
    return {written(k): respelt(v, written) for k, v in value.items()} if isinstance(value, dict) else value


def test_an_event_without_container_and_transport_says_what_is_missing() -> None:
    bare = one(TRANSPORT, transportCall={"UNLocationCode": "KZAAU"})
    assert told(bare) == ["E205"]


def test_containers_of_a_list_that_cannot_be_read_are_left_out_and_all_of_them_reject() -> None:
    good, bad = {"type": "EQ", "value": "APZU4812090"}, {"type": "EQ", "value": "APZU4812091"}
    some, none = one(TRANSPORT, references=[good, bad]), one(TRANSPORT, references=[bad])
    assert (some.containers, told(some)) == (("APZU4812090",), ["W206"])
    assert told(none) == ["E202"]


def test_every_fault_that_is_given_here_is_in_the_catalogue() -> None:
    assert {code for _, code in DOUBTS} <= set(CATALOGUE)
