"""DCSA messages of both versions: every code has its kind or a rejection that says so, and retractions are honoured."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.dcsa_events import EQUIPMENT, EVENT_3, OCCURRED, TRANSPORT, changed, one, read, told
from tracker.contract.dcsa import codes
from tracker.domain.moment import from_datetime
from tracker.domain.report import Classifier, Kind, Mode


def test_an_equipment_event_is_a_report_without_a_word() -> None:
    reading = one(EQUIPMENT)
    report = reading.report
    assert reading.faults == []
    assert report is not None
    assert (reading.container, reading.id, reading.transport) == ("APZU4812090", "E-1", "train 1402")
    assert (report.kind, report.node, report.occurred) == (Kind.LOADED, "KZ-DOSTYK", OCCURRED)
    assert (report.mode, report.laden, report.teu, report.train) == (Mode.RAIL, True, 200, "1402")
    assert (report.booking, report.recorded) == ("ABC123", OCCURRED + 32 * 60_000)
    assert report.source == (3, 17, 0)


def test_a_transport_event_is_a_report_about_its_vessel() -> None:
    reading = one(TRANSPORT)
    assert reading.faults == []
    assert reading.report is not None
    assert (reading.container, reading.transport, reading.containers) == (None, "vessel 9321483", ())
    assert (reading.report.kind, reading.report.vessel, reading.report.voyage) == (Kind.DEPARTED, "9321483", "2103S")


def test_a_vessel_comes_with_its_import_voyage_and_leaves_with_its_export_voyage() -> None:
    arrival = one(TRANSPORT, transportEventTypeCode="ARRI").report
    loading = one(TRANSPORT, eventType="EQUIPMENT", equipmentEventTypeCode="LOAD", equipmentReference="APZU4812090")
    assert arrival is not None
    assert loading.report is not None
    assert (arrival.voyage, loading.report.voyage) == ("2103N", "2103S")


def test_the_containers_that_a_transport_event_lists_are_read_in_every_spelling_of_the_list() -> None:
    lists = [
        {"references": [{"referenceType": "EQ", "referenceValue": "APZU 481209-0"}]},
        {"references": [{"type": "EQ", "value": "APZU4812090"}, {"type": "PO", "value": "7"}]},
        {"documentReferences": [{"documentReferenceType": "EQ", "documentReferenceValue": "APZU4812090"}]},
    ]
    for each in lists:
        reading = one(TRANSPORT, **each)
        assert (reading.containers, told(reading)) == (("APZU4812090",), [])
    shape_3 = changed(EVENT_3, {
        "equipmentDetails": ..., "eventClassification__eventType": "TRANSPORT",
        "eventClassification__equipmentEventType": ..., "eventClassification__transportEventType": "ARRIVED",
        "shipmentDetails__shipmentReferences": [{"typeCode": "EQ", "reference": "APZU4812090"}],
    })  # fmt: skip
    assert read(shape_3)[0].containers == ("APZU4812090",)


def test_an_event_of_version_3_is_a_report_in_the_words_and_in_the_codes_of_its_drafts() -> None:
    words = one(EVENT_3)
    classified = {"eventTypeCode": "EQUIPMENT", "eventClassifierCode": "ACT", "equipmentEventTypeCode": "CROS"}
    as_codes = changed(EVENT_3, {
        "eventClassification": classified,
        "eventLocation__facilityType": ..., "eventLocation__facilityTypeCode": "BORD",
        "equipmentDetails__emptyIndicator": ..., "equipmentDetails__emptyIndicatorCode": "LADEN",
        "eventRouting": {"originatingParty": {"partyCode": "KTZ"}},
    })  # fmt: skip
    (codes_read,) = read(as_codes)
    assert words.faults == codes_read.faults == []
    assert words.report == codes_read.report
    assert words.report is not None
    assert (words.report.kind, words.report.wagon, words.report.voyage) == (Kind.BORDER_CROSSED, "94461209", "D-7")
    assert (words.report.reason, words.id, words.report.id) == ("WEA", "E-3", "#=KTZ\tE-3")


def test_two_parties_that_give_one_event_id_mean_two_events() -> None:
    other = one(EVENT_3, eventRouting={"originatingParties": [{"partyCode": "ADY"}]})
    assert other.report is not None
    assert other.report.id != (one(EVENT_3).report or other.report).id


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("GTIN", Kind.GATE_IN), ("GATED_IN", Kind.GATE_IN), ("GTOT", Kind.GATE_OUT), ("GATED_OUT", Kind.GATE_OUT),
        ("LOAD", Kind.LOADED), ("LOADED", Kind.LOADED), ("DISC", Kind.UNLOADED), ("DISCHARGED", Kind.UNLOADED),
        ("STUF", Kind.STUFFED), ("STUFFED", Kind.STUFFED), ("STRP", Kind.STRIPPED), ("STRIPPED", Kind.STRIPPED),
        ("CUSS", Kind.CUSTOMS_HELD), ("CUSI", Kind.CUSTOMS_HELD), ("CUSTOMS_SELECTED_FOR_SCAN", Kind.CUSTOMS_HELD),
        ("CUSTOMS_SELECTED_FOR_INSPECTION", Kind.CUSTOMS_HELD), ("CUSR", Kind.CUSTOMS_RELEASED),
        ("CUSTOMS_RELEASED", Kind.CUSTOMS_RELEASED), ("WAYP", Kind.PASSED), ("ARRI", Kind.ARRIVED),
        ("ARRIVED", Kind.ARRIVED), ("DEPA", Kind.DEPARTED), ("DEPARTED", Kind.DEPARTED),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["equipmentEventTypeCode", "transportEventTypeCode"])
def test_every_code_that_moves_a_container_has_its_kind_in_either_field(code: str, kind: Kind, field: str) -> None:
    reading = one(EQUIPMENT, **{"equipmentEventTypeCode": ...} | {field: code})
    assert reading.report is not None
    assert (reading.report.kind, told(reading)) == (kind, [])


@pytest.mark.parametrize(
    ("facility", "kind", "doubts"),
    [
        ("BOCR", Kind.BORDER_CROSSED, []),
        ("BORD", Kind.BORDER_CROSSED, []),
        ("BORDER", Kind.BORDER_CROSSED, []),
        ("WAYP", Kind.PASSED, []),
        ("WAYPOINT", Kind.PASSED, []),
        ("RAMP", Kind.BORDER_CROSSED, ["W501"]),
        (..., Kind.BORDER_CROSSED, ["W501"]),
    ],
)
def test_what_was_crossed_is_said_by_the_type_of_the_facility(facility: Any, kind: Kind, doubts: list[str]) -> None:
    reading = one(EQUIPMENT, equipmentEventTypeCode="CROS", call__facilityTypeCode=facility)
    assert reading.report is not None
    assert (reading.report.kind, told(reading)) == (kind, doubts)


@pytest.mark.parametrize("depot", ["DEPO", "DEPOT"])
def test_an_empty_container_that_comes_in_at_a_depot_is_returned(depot: str) -> None:
    back = one(EQUIPMENT, equipmentEventTypeCode="GTIN", emptyIndicatorCode="EMPTY", call__facilityTypeCode=depot)
    laden = one(EQUIPMENT, equipmentEventTypeCode="GTIN", call__facilityTypeCode=depot)
    assert back.report is not None
    assert laden.report is not None
    assert (back.report.kind, laden.report.kind) == (Kind.EMPTY_RETURNED, Kind.GATE_IN)


@pytest.mark.parametrize("code", sorted(codes.NO_MOVEMENT))
def test_every_code_that_moves_nothing_is_rejected_with_a_code_that_says_so(code: str) -> None:
    assert told(one(EQUIPMENT, equipmentEventTypeCode=code)) == ["E505"]


@pytest.mark.parametrize("event_type", ["IOT", "REEFER", "OPERATIONS"])
def test_events_of_devices_are_rejected_with_the_same_code(event_type: str) -> None:
    assert "E505" in told(one(EQUIPMENT, eventType=event_type, equipmentEventTypeCode=...))


def test_of_a_document_s_event_nothing_is_missed_that_only_a_movement_has() -> None:
    event = {"eventType": "SHIPMENT", "shipmentEventTypeCode": "CONF", "documentTypeCode": "BKG"}
    bare = {"equipmentEventTypeCode": ..., "equipmentReference": ..., "transportCall": ...}
    assert told(one(EQUIPMENT, **bare, **event)) == ["E505"]


def test_the_code_s_name_of_the_first_version_is_met_with_a_doubt() -> None:
    reading = one(EQUIPMENT, equipmentEventTypeCode=..., eventTypeCode="GTOT")
    assert reading.report is not None
    assert (reading.report.kind, told(reading)) == (Kind.GATE_OUT, ["W107"])
    assert told(one(EQUIPMENT, equipmentEventTypeCode=..., eventTypeCode="TELEPORT")) == ["E502", "W107"]


def test_what_has_only_a_classifier_is_an_event_without_its_code() -> None:
    assert "E501" in told(one(EQUIPMENT, eventType=..., equipmentEventTypeCode=...))


def test_a_code_of_no_list_is_not_known() -> None:
    assert told(one(EQUIPMENT, equipmentEventTypeCode="TELEPORT")) == ["E502"]


@pytest.mark.parametrize(
    ("code", "document", "kind"),
    [
        ("HOLD", "CUS", Kind.CUSTOMS_HELD),
        ("ON_HOLD", "CUC", Kind.CUSTOMS_HELD),
        ("RELS", ..., Kind.CUSTOMS_RELEASED),
        ("RELEASED", "SHI", Kind.CUSTOMS_RELEASED),
        ("HOLD", "BKG", None),
        ("RECE", "CUS", None),
    ],
)
def test_a_shipment_event_is_customs_word_when_it_holds_or_releases(
    code: str, document: Any, kind: Kind | None
) -> None:
    shipment = {"eventType": "SHIPMENT", "shipmentEventTypeCode": code, "documentTypeCode": document}
    reading = one(EQUIPMENT, equipmentEventTypeCode=..., **shipment)
    if kind is None:
        assert told(reading) == ["E505"]
    else:
        assert reading.report is not None
        assert reading.report.kind is kind


@pytest.mark.parametrize(
    ("classifier", "meant"),
    [("ACT", Classifier.ACTUAL), ("EST", Classifier.ESTIMATED), ("PLN", Classifier.PLANNED),
     ("ACTUAL", Classifier.ACTUAL), ("ESTIMATED", Classifier.ESTIMATED), ("PLANNED", Classifier.PLANNED)],
)  # fmt: skip
def test_both_spellings_of_the_classifier_are_known(classifier: str, meant: Classifier) -> None:
    reading = one(EQUIPMENT, eventClassifierCode=classifier)
    assert reading.report is not None
    assert (reading.report.classifier, told(reading)) == (meant, [])


@pytest.mark.parametrize("field", ["isRetracted", "retractedEventID"])
def test_a_retraction_needs_no_more_than_the_id_and_the_container(field: str) -> None:
    words: dict[str, dict[str, Any]] = {
        "isRetracted": {"eventID": "E-1", "isRetracted": True},
        "retractedEventID": {"retractedEventID": "E-1"},
    }
    (reading,) = read({"eventType": "EQUIPMENT", "equipmentReference": "APZU4812090", **words[field]})
    assert reading.report is not None
    assert (reading.report.id, reading.report.retracted, reading.container) == ("E-1", True, "APZU4812090")


def test_a_retracted_event_id_is_honoured_in_the_metadata_too_and_takes_back_that_event_only() -> None:
    split = {
        "metadata": {"eventID": "E-2", "eventCreatedDateTime": "2026-03-01T10:00:00+05:00", "retractedEventID": "E-1"},
        "payload": {
            name: value for name, value in EQUIPMENT.items() if name not in {"eventID", "eventCreatedDateTime"}
        },
    }
    (reading,) = read(split)
    assert reading.report is not None
    assert (reading.id, reading.report.retracted) == ("E-1", True)
    assert reading.report.recorded == from_datetime(datetime(2026, 3, 1, 5, tzinfo=UTC))
