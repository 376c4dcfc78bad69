"""Records of our own topics: every field is where it belongs, on the wire and back."""

import json

from tracker.contract.records import (
    fact_bytes,
    fact_id,
    fact_of,
    fact_record,
    movement_bytes,
    read_fact,
    read_movement,
)
from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.domain.report import Classifier, Kind, Mode, Report

NOON = Millis(1_772_366_400_000)  # 2026-03-01T12:00:00Z

REPORT = Report(
    carrier="ktz",
    id="ktz-7",
    kind=Kind.GATE_OUT,
    node="KZ-ALMATY1",
    occurred=NOON,
    received=Millis(NOON + 2 * MINUTE + 250),
    content=77,
    classifier=Classifier.PLANNED,
    revision=3,
    retracted=True,
    recorded=Millis(NOON + MINUTE),
    mode=Mode.TRUCK,
    laden=False,
    teu=225,
    grams=12_345_678,
    train="1418",
    wagon="94461209",
    vessel="Turkestan",
    voyage="V1",
    origin="CN-XIAN",
    destination="DE-DUISBURG",
    booking="B1",
    consignment_note="N1",
    reason="seal",
    source=(1, 20, 3),
)

FACT = Fact(
    kind=FactKind.DWELL,
    corridor="middle",
    direction=Direction.WESTBOUND,
    container="CSQU3054383",
    journey="CSQU3054383-20260301-aa",
    end=Millis(NOON + 3 * HOUR),
    start=NOON,
    node="KZ-ALTYNKOL",
    side=Side.ENTRY,
    origin="CN-HORGOS",
    goal="KZ-ALMATY1",
    section="east",
    teu=225,
    grams=12_345_678,
    laden=True,
    metres=1_500,
    dwell=3 * HOUR,
    planned_end=Millis(NOON + HOUR),
)


def test_a_movement_says_every_field_of_its_report_by_name() -> None:
    assert json.loads(movement_bytes("CSQU3054383", REPORT)) == {
        "container": "CSQU3054383",
        "carrier": "ktz",
        "report": "ktz-7",
        "kind": "gate_out",
        "node": "KZ-ALMATY1",
        "occurred_at": "2026-03-01T12:00:00Z",
        "received_at": "2026-03-01T12:02:00.250Z",
        "content": 77,
        "source": [1, 20, 3],
        "classifier": "planned",
        "revision": 3,
        "retracted": True,
        "recorded_at": "2026-03-01T12:01:00Z",
        "mode": "truck",
        "laden": False,
        "teu": 2.25,
        "kg": 12345.678,
        "train": "1418",
        "wagon": "94461209",
        "vessel": "Turkestan",
        "voyage": "V1",
        "origin": "CN-XIAN",
        "destination": "DE-DUISBURG",
        "booking": "B1",
        "consignment_note": "N1",
        "reason": "seal",
    }


def test_a_movement_is_read_back_as_the_report_it_was() -> None:
    assert read_movement(movement_bytes("CSQU3054383", REPORT)) == ("CSQU3054383", REPORT)


def test_a_fact_says_every_field_by_name() -> None:
    assert json.loads(fact_bytes(fact_record(FACT, "added", (1, 20, 3)))) == {
        "id": fact_id(FACT),
        "op": "added",
        "fact": "dwell",
        "corridor": "middle",
        "direction": "westbound",
        "container": "CSQU3054383",
        "journey": "CSQU3054383-20260301-aa",
        "start": "2026-03-01T12:00:00Z",
        "end": "2026-03-01T15:00:00Z",
        "teu": 2.25,
        "kg": 12345.678,
        "laden": True,
        "source": [1, 20, 3],
        "section": "east",
        "from": "CN-HORGOS",
        "to": "KZ-ALMATY1",
        "node": "KZ-ALTYNKOL",
        "side": "entry",
        "km": 1.5,
        "dwell_seconds": 10800.0,
        "planned_end": "2026-03-01T13:00:00Z",
    }


def test_a_fact_is_read_back_as_it_was() -> None:
    for fact in (FACT, _transit(), _crossing()):
        assert fact_of(read_fact(fact_bytes(fact_record(fact, "withdrawn", (1, 20, 3))))) == fact


def _transit() -> Fact:
    return Fact(
        FactKind.TRANSIT, "middle", None, "CSQU3054383", "j", Millis(NOON + 1), NOON, full=True, countries=("CN", "KZ")
    )


def _crossing() -> Fact:
    return Fact(FactKind.CROSSING, "middle", None, "CSQU3054383", "j", NOON, origin="A", goal="B", implied=True)
