"""What carriers send becomes reports or coded faults; whatever it is, exactly one outcome per report."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.contract.envelope import REPORTS_PER_BODY_MAX
from tracker.contract.intake import BODY_BYTES_MAX, Intake, IntakeRules, Reading
from tracker.contract.network_file import load_network
from tracker.contract.records import movement_bytes, read_movement
from tracker.domain.faults import CATALOGUE
from tracker.domain.moment import HOUR, MINUTE, Millis, from_datetime
from tracker.domain.places import Places
from tracker.domain.report import Classifier, Kind, Mode

PLACES = Places(load_network())
INTAKE = Intake(PLACES, IntakeRules())
OCCURRED = datetime(2026, 3, 1, 8, 40, tzinfo=UTC)
RECEIVED = Millis(from_datetime(OCCURRED) + HOUR)
GOOD: dict[str, Any] = {
    "container": "CSQU3054383",
    "kind": "departed",
    "occurred_at": "2026-03-01T13:40:00+05:00",
    "node": "KZ-ALTYNKOL",
    "id": "A-1",
}


def read(body: object, received: Millis = RECEIVED, intake: Intake = INTAKE) -> list[Reading]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return intake.read("ktz-express", raw, received, 3, 17)


def one(**changes: Any) -> Reading:
    (reading,) = read({name: value for name, value in (GOOD | changes).items() if value is not ...})
    return reading


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_a_good_report_is_accepted_without_a_word() -> None:
    reading = one()
    assert reading.faults == []
    assert reading.report is not None
    assert (reading.container, reading.id) == ("CSQU3054383", "A-1")
    assert (reading.report.kind, reading.report.node) == (Kind.DEPARTED, "KZ-ALTYNKOL")
    assert reading.report.occurred == from_datetime(OCCURRED)
    assert reading.report.source == (3, 17, 0)


def test_every_field_arrives_in_the_movement_record_and_back() -> None:
    reading = one(
        classifier="actual", revision=3, retracted=True, recorded_at="2026-03-01T08:55:00.250Z", mode="vessel",
        laden=False, iso_code="45G1", gross_kg=21500.5, train="T 1", wagon="94461209", vessel="9305518",
        voyage="12W", origin="CN-XIAN", destination={"scheme": "unlocode", "code": "GEPTI"}, booking="B1",
        consignment_note="S1", reason="WEA", sequence=8,
    )  # fmt: skip
    assert reading.faults == []
    assert reading.sequence == 8
    assert reading.report is not None
    assert (reading.report.mode, reading.report.destination) == (Mode.VESSEL, "GE-POTI")
    assert (reading.report.teu, reading.report.grams) == (200, 21_500_500)
    assert read_movement(movement_bytes("CSQU3054383", reading.report)) == ("CSQU3054383", reading.report)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"container": ...}, "E201", "container"),
        ({"container": 7}, "E202", "container"),
        ({"container": "N/A"}, "E202", "container"),
        ({"container": "CSQA3054383"}, "E203", "container"),
        ({"container": "CSQU3054384"}, "E204", "container"),
        ({"occurred_at": ...}, "E301", "occurred_at"),
        ({"occurred_at": None}, "E301", "occurred_at"),
        ({"occurred_at": 1772354400}, "E302", "occurred_at"),
        ({"occurred_at": "yesterday"}, "E302", "occurred_at"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "E302", "occurred_at"),
        ({"occurred_at": "2026-W01-1T00:00:00Z"}, "E302", "occurred_at"),
        ({"occurred_at": "2026-03-01T13:40:00"}, "E303", "occurred_at"),
        ({"recorded_at": "2026-03-01T13:40:00"}, "E303", "recorded_at"),
        ({"occurred_at": "2026-03-01T10:00:00Z"}, "E304", "occurred_at"),
        ({"occurred_at": "1970-01-01T00:00:00Z"}, "E305", "occurred_at"),
        ({"node": ...}, "E401", "node"),
        ({"node": "NOWHERE"}, "E402", "node"),
        ({"node": {"scheme": "unlocode", "code": "XXXXX"}}, "E402", "node"),
        ({"node": {"scheme": "iata", "code": "ALA"}}, "E403", "node"),
        ({"node": {"code": "KZAAU"}}, "E402", "node"),
        ({"kind": ...}, "E501", "kind"),
        ({"kind": "teleported"}, "E502", "kind"),
        ({"classifier": "maybe"}, "E503", "classifier"),
        ({"mode": "camel"}, "E504", "mode"),
        ({"id": ""}, "E602", "id"),
        ({"id": "x" * 101}, "E602", "id"),
        ({"revision": -1}, "E603", "revision"),
        ({"revision": 1.5}, "E603", "revision"),
        ({"retracted": "no"}, "E604", "retracted"),
        ({"sequence": "8"}, "E605", "sequence"),
        ({"laden": "yes"}, "E106", "laden"),
        ({"gross_kg": 60_001}, "E106", "gross_kg"),
        ({"gross_kg": "20000"}, "E106", "gross_kg"),
        ({"train": "x" * 41}, "E106", "train"),
    ],
)
def test_a_fault_is_coded_and_says_where(changes: dict[str, Any], code: str, path: str) -> None:
    reading = one(**changes)
    assert reading.report is None
    assert (reading.faults[0].code, reading.faults[0].path) == (code, path)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"speed": 80}, "W101"),
        ({"iso_code": "ZZZZ"}, "W202"),
        ({"gross_kg": 12}, "W203"),
        ({"wagon": "94461208"}, "W204"),
        ({"recorded_at": "2026-03-01T08:39:59Z"}, "W301"),
        ({"occurred_at": "2026-03-01T09:45:00Z"}, "W302"),
        ({"occurred_at": "2026-02-20T08:40:00Z"}, "W303"),
        ({"node": {"scheme": "name", "code": "Altynkol"}}, "W401"),
        ({"node": {"scheme": "unlocode", "code": "KZHOR"}}, "W402"),
        ({"destination": "Ulaanbaatar"}, "W403"),
        ({"id": ...}, "W601"),
    ],
)
def test_a_doubt_accepts_the_report_and_says_so(changes: dict[str, Any], code: str) -> None:
    reading = one(**changes)
    assert reading.report is not None
    assert codes(reading) == [code]


def test_all_faults_of_a_report_are_listed_in_catalogue_order() -> None:
    (reading,) = read({"container": "CSQU3054384", "kind": "x", "occurred_at": "2026-03-01T00:00:00", "extra": 1})
    assert codes(reading) == ["E204", "E303", "E401", "E502", "W101", "W601"]


def test_a_fault_tells_what_was_seen_and_the_nearest_names_of_an_unknown_node() -> None:
    (found,) = one(node="Altynkoll").faults
    assert found.seen == "Altynkoll"
    assert "Altynkol" in found.expected


@pytest.mark.parametrize("classifier", ["planned", "estimated"])
def test_what_is_planned_or_estimated_may_lie_in_the_future(classifier: str) -> None:
    reading = one(classifier=classifier, occurred_at="2026-04-01T00:00:00Z")
    assert reading.report is not None
    assert reading.report.classifier is Classifier(classifier)
    assert reading.faults == []


def test_an_actual_may_be_ahead_by_exactly_the_tolerance() -> None:
    edge = (OCCURRED + timedelta(hours=1, minutes=15)).isoformat()
    beyond = (OCCURRED + timedelta(hours=1, minutes=15, milliseconds=1)).isoformat()
    assert codes(one(occurred_at=edge)) == ["W302"]
    assert codes(one(occurred_at=beyond)) == ["E304"]
    assert IntakeRules().future == 15 * MINUTE


def test_a_lenient_carrier_s_check_digit_is_only_doubted() -> None:
    lenient = Intake(PLACES, IntakeRules(lenient=frozenset(("ktz-express",))))
    (reading,) = read(GOOD | {"container": "CSQU3054384"}, intake=lenient)
    assert codes(reading) == ["W201"]
    assert reading.container == "CSQU3054384"


def test_the_same_business_fields_without_an_id_are_the_same_report_however_they_are_written() -> None:
    plain = one(id=...)
    spaced = one(
        id=..., container="csqu 305438-3", occurred_at="2026-03-01T08:40:00Z", recorded_at="2026-03-01T09:00:00Z"
    )
    other = one(id=..., train="T2")
    retraction = one(id=..., retracted=True)
    identities = [reading.report.id for reading in (plain, spaced, retraction, other) if reading.report is not None]
    assert identities[0] == identities[1] == identities[2]
    assert identities[3] != identities[0]


def test_a_carrier_s_id_is_never_taken_for_a_hash() -> None:
    hashed = one(id=...)
    assert hashed.report is not None
    claimed = one(id=hashed.report.id)
    assert claimed.report is not None
    assert claimed.report.id != hashed.report.id


def test_an_array_gives_one_reading_per_element_with_its_own_bytes() -> None:
    first, second, third = read(b'[ {"kind": 1} ,7,' + json.dumps(GOOD).encode() + b"]")
    assert (first.raw, second.raw) == (b'{"kind": 1}', b"7")
    assert codes(second) == ["E103"]
    assert third.report is not None
    assert third.report.source == (3, 17, 2)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "E101"),
        (b"\xff\xfe{}", "E101"),
        (b"{", "E101"),
        (b'{"a": NaN}', "E101"),
        (b'{"container": "\\ud800"}', "E101"),
        (b'{"a":' * 5000, "E101"),
        (b"[" * 5000, "E101"),
        (b"[]", "E103"),
        (b"null", "E103"),
        (b'"text"', "E103"),
        (b"x" * (BODY_BYTES_MAX + 1), "E102"),
        (b"x" * 1_000_000, "E102"),
        (b"[" + b",".join([b"1"] * (REPORTS_PER_BODY_MAX + 1)) + b"]", "E105"),
        (b'{"specversion": "0.3", "data": {}}', "E104"),
        (b'{"specversion": "1.0"}', "E107"),
    ],
)
def test_a_body_that_is_no_report_is_one_rejection_of_the_whole(body: bytes, code: str) -> None:
    (reading,) = read(body)
    assert reading.faults[0].code == code
    assert reading.raw == body


def test_a_malformed_carrier_is_rejected() -> None:
    (reading,) = INTAKE.read("KTZ!", json.dumps(GOOD).encode(), RECEIVED)
    assert codes(reading) == ["E601"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (*GOOD, "classifier", "revision", "retracted", "recorded_at", "mode", "laden", "iso_code", "gross_kg",
          "train", "wagon", "vessel", "voyage", "origin", "destination", "booking", "consignment_note", "reason",
          "sequence", "extra")  # fmt: skip
BROKEN = st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=6).map(lambda wrong: GOOD | wrong)


def judged(body: bytes) -> list[Reading]:
    """The readings of a body, after checking what holds for every body."""
    readings = INTAKE.read("ktz-express", body, RECEIVED)
    assert readings
    for reading in readings:
        assert all(fault.code in CATALOGUE for fault in reading.faults)
        assert (reading.report is None) == any(fault.code[0] == "E" for fault in reading.faults)
        if reading.report is not None:
            assert reading.container is not None
            assert read_movement(movement_bytes(reading.container, reading.report))[1] == reading.report
    return readings


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_have_at_least_one_outcome_and_break_nothing(body: bytes) -> None:
    judged(body)


@settings(max_examples=500, deadline=None)
@given(BROKEN)
def test_any_value_in_any_field_has_exactly_one_outcome(body: dict[str, Any]) -> None:
    assert len(judged(json.dumps(body).encode())) == 1


@settings(max_examples=100, deadline=None)
@given(st.lists(BROKEN | ANYTHING, min_size=1, max_size=5))
def test_every_element_of_an_array_has_exactly_one_outcome(bodies: list[Any]) -> None:
    raw = json.dumps(bodies).encode()
    readings = judged(raw)
    broken = len(readings) == 1 and readings[0].faults and readings[0].faults[0].code == "E101"
    assert broken or [reading.place for reading in readings] == list(range(len(bodies)))
