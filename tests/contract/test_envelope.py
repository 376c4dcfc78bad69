"""Arrays, wrappers and envelopes: what they hold is read as if it came alone."""

import json

import pytest

from tests.dcsa_events import EQUIPMENT, EVENT_3, INTAKE, RECEIVED, one, read, told


def test_a_body_may_be_an_array_of_any_mix_and_each_report_keeps_its_own_bytes() -> None:
    native = {"container": "CSQU3054383", "kind": "departed", "occurred_at": "2026-03-01T08:40:00+05:00",
              "node": "KZ-DOSTYK", "id": "A-1"}  # fmt: skip
    wrapper = {"events": [EVENT_3, EQUIPMENT]}
    envelope = {"specversion": "1.0", "id": "1", "source": "/ktz", "type": "t", "data": [native, wrapper]}
    readings = read([native, EQUIPMENT, wrapper, envelope])
    assert [reading.id for reading in readings] == ["A-1", "E-1", "E-3", "E-1", "A-1", "E-3", "E-1"]
    assert [reading.place for reading in readings] == list(range(7))
    assert [json.loads(reading.raw) for reading in readings] == [
        native, EQUIPMENT, EVENT_3, EQUIPMENT, native, EVENT_3, EQUIPMENT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ({"specversion": "1.0", "data": EQUIPMENT}, "W106"),
        ({"specversion": 1.0, "id": "1", "source": "s", "type": "t", "data": EQUIPMENT}, "W106"),
        ({"specversion": "0.3", "id": "1", "source": "s", "type": "t", "data": EQUIPMENT}, "E104"),
        ({"specversion": "1.0", "id": "1", "source": "s", "type": "t"}, "E107"),
        ({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": None}, "E107"),
        ({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data_base64": "%"}, "E107"),
        ({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": "no JSON"}, "E101"),
        ({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": []}, "E103"),
        ({"events": []}, "E103"),
        ({"events": {}}, "E103"),
        ({"events": [7]}, "E103"),
        ({"events": [EQUIPMENT] * 501}, "E105"),
        ([{"events": [1] * 400}, {"events": [1] * 400}], "E105"),
    ],
)
def test_envelopes_have_coded_faults_too(envelope: object, code: str) -> None:
    body = json.dumps(envelope).encode()
    readings = INTAKE.read("ktz-express", body, RECEIVED) if len(body) < 65_536 else read({"events": [{}] * 501})
    assert told(readings[0])[0] == code


def test_json_in_the_data_s_text_is_read() -> None:
    envelope = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": json.dumps(EQUIPMENT)}
    assert read(envelope)[0].report == one(EQUIPMENT).report


def test_envelopes_nested_without_end_are_rejected() -> None:
    body: object = EQUIPMENT
    for _ in range(12):
        body = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": body}
    assert told(read(body)[0]) == ["E104"]
