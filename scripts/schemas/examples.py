"""Examples of every record: what carriers write is written here, what the tracker writes is made by the tracker."""

import json
from datetime import datetime
from typing import Any, Final

from msgspec import Raw
from msgspec.structs import replace

from tracker.aggregates.incidents import Incident
from tracker.batch import Batch
from tracker.contract.acknowledgements import Acknowledgement, acknowledgement_json
from tracker.contract.baselines import baseline_json
from tracker.contract.corrections import correction_json
from tracker.contract.disruptions import disruption_json
from tracker.contract.exceptions import exception_json, incident_json
from tracker.contract.expected import change_json
from tracker.contract.feedback import accepted_feedback, to_json
from tracker.contract.records import fact_record, movement_bytes
from tracker.contract.transports import transport_bytes
from tracker.contract.written import UntoldRecord
from tracker.domain.aboard import Told
from tracker.domain.changes import Change
from tracker.domain.correction import Correction
from tracker.domain.disruption import Disruption
from tracker.domain.exceptions import RailException, Rule, Severity
from tracker.domain.facts import Side
from tracker.domain.moment import HOUR, MINUTE, Millis, from_datetime
from tracker.domain.network import Direction
from tracker.domain.norms import Norms, Subject, Usual
from tracker.domain.outlook import Arrival
from tracker.domain.report import Report
from tracker.notify.account import Account
from tracker.service import World
from tracker.streams.incidents import Told as ToldIncident

Examples = dict[str, dict[str, Any]]
"""Record to name of the example to what it says."""

CARRIER: Final = "ktz-express"
_BOX: Final = "CSQU3054383"

NATIVE: Final[dict[str, dict[str, Any]]] = {
    "smallest": {
        "container": _BOX, "kind": "departed", "occurred_at": "2026-03-01T13:40:00+05:00", "node": "KZ-ALTYNKOL",
        "id": "A-1",
    },
    "every-field": {
        "container": _BOX, "kind": "arrived", "occurred_at": "2026-03-04T09:05:00+05:00",
        "node": {"scheme": "unlocode", "code": "KZAAU"}, "classifier": "actual", "id": "A-2", "revision": 0,
        "retracted": False, "recorded_at": "2026-03-04T04:20:00Z", "mode": "rail", "laden": True, "iso_code": "45G1",
        "gross_kg": 21500, "train": "8001", "wagon": "94461209", "origin": "CN-XIAN", "destination": "GE-POTI",
        "booking": "BK-7", "consignment_note": "30421177", "sequence": 17,
    },
    "correction": {
        "container": _BOX, "kind": "departed", "occurred_at": "2026-03-01T13:10:00+05:00", "node": "KZ-ALTYNKOL",
        "id": "A-1", "revision": 1,
    },
    "retraction": {
        "container": _BOX, "kind": "departed", "occurred_at": "2026-03-01T13:10:00+05:00", "node": "KZ-ALTYNKOL",
        "id": "A-1", "revision": 2, "retracted": True,
    },
    "plan": {
        "container": _BOX, "kind": "arrived", "occurred_at": "2026-03-14T18:00:00+04:00", "node": "GE-POTI",
        "classifier": "planned", "id": "P-1",
    },
}  # fmt: skip


DCSA_2: Final[dict[str, Any]] = {
    "loaded": {
        "eventID": "E-1", "eventType": "EQUIPMENT", "eventClassifierCode": "ACT", "equipmentEventTypeCode": "LOAD",
        "eventDateTime": "2026-03-01T08:40:00+05:00", "eventCreatedDateTime": "2026-03-01T09:12:00+05:00",
        "equipmentReference": _BOX, "ISOEquipmentCode": "45G1", "emptyIndicatorCode": "LADEN",
        "transportCall": {"modeOfTransport": "RAIL", "UNLocationCode": "KZDOS", "carrierVoyageNumber": "1402"},
        "documentReferences": [{"documentReferenceType": "BKG", "documentReferenceValue": "ABC123"}],
    },
    "train-departed": {
        "eventID": "T-1", "eventType": "TRANSPORT", "eventClassifierCode": "ACT", "transportEventTypeCode": "DEPA",
        "eventDateTime": "2026-03-01T13:40:00+05:00",
        "transportCall": {"modeOfTransport": "RAIL", "UNLocationCode": "KZDOS", "carrierVoyageNumber": "1402"},
    },
}  # fmt: skip
DCSA_3: Final[dict[str, Any]] = {
    "border-crossed": {
        "eventID": "E-3", "isRetracted": False, "eventDateTime": "2026-03-01T08:40:00+05:00",
        "eventUpdatedDateTime": "2026-03-01T09:12:00+05:00",
        "eventLocation": {"UNLocationCode": "KZDOS", "facilityType": "BORDER"},
        "eventClassification": {
            "eventType": "EQUIPMENT", "eventClassifier": "ACTUAL", "equipmentEventType": "CROSSED",
        },
        "equipmentDetails": {"equipmentReference": _BOX, "emptyIndicator": "LADEN"},
        "transportDetails": {
            "transportCall": {"modeOfTransport": "RAIL", "railTransport": {"railServiceReference": "1402"}},
        },
    },
}  # fmt: skip


_WAY: Final = (
    ("CN-XIAN", "departed", "2026-03-01T08:00:00+08:00"),
    ("CN-HORGOS", "departed", "2026-03-05T08:00:00+08:00"),
    ("KZ-ALTYNKOL", "arrived", "2026-03-05T13:00:00+05:00"),
    ("KZ-ALTYNKOL", "departed", "2026-03-06T13:00:00+05:00"),
    ("KZ-AKTAU", "arrived", "2026-03-11T13:00:00+05:00"),
    ("KZ-AKTAU", "departed", "2026-03-13T13:00:00+05:00"),
    ("AZ-ALAT", "arrived", "2026-03-14T13:00:00+04:00"),
    ("GE-POTI", "arrived", "2026-03-17T13:00:00+04:00"),
    ("GE-POTI", "arrived", "2026-03-17T13:00:00+04:00"),
    ("GE-POTY", "gate_out", "2026-03-18T13:00:00+04:00"),
    ("GE-POTI", "gate_out", "2026-03-18T13:00:00"),
)
"""One container's way, the last three reports a repetition and two rejections."""


def examples(world: World) -> Examples:
    """All examples."""
    batch = _told(world)
    facts = {fact.kind.value: fact for fact in batch.conclude(_at("2026-04-20T00:00:00Z")).facts}
    told: dict[str, Any] = {}
    for said in batch.feedback:
        name = said["faults"][0]["code"] if said["faults"] else str(said["outcome"])
        told[name] = {field: value for field, value in said.items() if field != "carrier"}
    told["accepted"] = accepted_feedback(
        [{"partition": 0, "first": 0, "last": 940, "reports": 902}], _at("2026-03-18T09:02:00Z")
    )
    (reading,) = world.intake.read(CARRIER, _json(NATIVE["every-field"]), _at("2026-03-04T04:21:00Z"), 3, 17)
    (shortest,) = world.intake.read(CARRIER, _json(NATIVE["smallest"]), _at("2026-03-01T08:41:00Z"), 3, 16)
    assert reading.report is not None
    assert shortest.report is not None
    said = {
        "native-event": dict(NATIVE),
        "dcsa-2.2-event": dict(DCSA_2),
        "dcsa-3.0-event": dict(DCSA_3),
        "carrier.feedback": told,
        "rail.movements": {
            "smallest": Raw(movement_bytes(_BOX, shortest.report)),
            "every-field": Raw(movement_bytes(_BOX, reading.report)),
        },
        "rail.transports": {"container-on-a-train": Raw(transport_bytes("train 1402", _aboard(reading.report)))},
        "rail.facts": {
            kind: fact_record(fact, "added", (3, 17, place)) for place, (kind, fact) in enumerate(sorted(facts.items()))
        },
        "rail.exceptions": {
            "open": exception_json(_STUCK, _BOX, [shortest.report]),
            "resolved": exception_json(replace(_STUCK, version=2, resolved=_STUCK.at, reason="departed"), _BOX, []),
            "incident": incident_json(_SILENCE, 1, 0),
        },
        "rail.baselines": {"day": baseline_json(_NORMS)},
        "rail.expected": {"later": change_json(_LATER, _BOX), "arrived": change_json(_THERE, _BOX)},
        "rail.rejected": {said["faults"][0]["code"]: said for said in batch.rejected},
        "rail.situation": {
            "carrier-day": next(iter(batch.days.values())),
            "flows": {"KZ-AKTAU westbound": [["came", 492_311, 12, 48], ["left", 492_250, 40, 50]]},
            "incident": ToldIncident(_SILENCE, 1),
            "children": {_SILENCE.id: 3},
            "taken-in-up-to": _at("2026-03-01T08:40:00Z"),
        },
        "rail.disruptions": {"storm": disruption_json(_STORM)},
        "rail.acknowledgements": {"taken-on": acknowledgement_json(_TAKEN_ON)},
        "rail.corrections": {"three-hours": correction_json(_CORRECTION)},
        "rail.notifications": {"told": _ACCOUNT, "read-up-to": 4_711},
        "rail.untold": {"refused": _untold(shortest.report)},
    }
    plain: Examples = json.loads(to_json(said))
    return plain


def _aboard(report: Report) -> Told:
    """A container that its report puts on a train."""
    return Told(report, _BOX)


def _untold(report: Report) -> UntoldRecord:
    return {
        "endpoint": _ACCOUNT.endpoint,
        "exception": _STUCK.id,
        "version": _STUCK.version,
        "first_tried_ms": _STUCK.at + MINUTE,
        "error": "410 Gone",
        "record": Raw(to_json(exception_json(_STUCK, _BOX, [report]))),
    }


def _told(world: World) -> Batch:
    batch = Batch(world.intake, world.rules)
    for place, (node, kind, occurred) in enumerate(_WAY):
        report = {"container": _BOX, "kind": kind, "node": node, "occurred_at": occurred, "id": f"B-{min(place, 7)}"}
        received = occurred if occurred[-6] == "+" else f"{occurred}+04:00"
        batch.take(CARRIER, _json(report | {"iso_code": "45G1", "gross_kg": 21500}), Millis(_at(received) + MINUTE))
    return batch


def _at(text: str) -> Millis:
    return from_datetime(datetime.fromisoformat(text))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


_LATER: Final = Change(
    "CSQU3054383-20260301-64c9d2",
    1,
    _at("2026-03-03T20:40:00Z"),
    "GE-POTI",
    Arrival(*map(_at, ("2026-03-14T06:10:00Z", "2026-03-13T01:00:00Z", "2026-03-16T19:30:00Z"))),
    Arrival(*map(_at, ("2026-03-15T11:50:00Z", "2026-03-14T08:20:00Z", "2026-03-17T22:00:00Z"))),
    "middle",
    Direction.WESTBOUND,
    CARRIER,
)
_THERE: Final = _LATER._replace(
    version=2,
    at=_at("2026-03-15T10:31:00Z"),
    previous=Arrival(*map(_at, ("2026-03-15T11:50:00Z", "2026-03-14T08:20:00Z", "2026-03-17T22:00:00Z"))),
    expected=None,
    reason="arrived",
    came=_at("2026-03-15T09:45:00Z"),
)
_STUCK: Final = RailException(
    id="dwell-002daa6d9d0208a0",
    version=1,
    at=_at("2026-03-03T20:40:00Z"),
    rule=Rule.DWELL,
    journey="CSQU3054383-20260301-64c9d2",
    place="KZ-ALTYNKOL",
    visit=0,
    episode=1,
    severity=Severity.CRITICAL,
    carrier=CARRIER,
    since=_at("2026-03-01T08:40:00Z"),
    deadline=_at("2026-03-03T20:40:00Z"),
    opened=_at("2026-03-03T20:40:00Z"),
    threshold=60 * HOUR,
    source="template",
    corridor="middle",
    direction=Direction.WESTBOUND,
)
_SILENCE: Final = Incident(
    id="carrier_silent-gr-log-29536480",
    rule="carrier_silent",
    node=None,
    direction=None,
    carrier="gr-log",
    since=_at("2026-03-02T04:00:00Z"),
    opened=_at("2026-03-02T10:00:00Z"),
    resolved=None,
    threshold=6 * HOUR,
)
_NORMS: Final = Norms(
    20_533,
    delays={CARRIER: 5 * HOUR},
    gaps={CARRIER: 7 * HOUR},
    usual={
        Subject("stay", "KZ-ALTYNKOL", Side.ENTRY, Direction.WESTBOUND): Usual(4_310, 78, 31 * HOUR, 66 * HOUR),
        Subject("run", "KZ-ALTYNKOL--KZ-ALMATY", None, Direction.WESTBOUND): Usual(2_204, 41, 14 * HOUR, 25 * HOUR),
    },
)
_CORRECTION: Final = Correction(
    CARRIER,
    _at("2026-03-12T08:00:00Z"),
    _at("2026-03-13T06:00:00Z"),
    -3,
    _at("2026-03-13T09:00:00Z"),
    "the carrier confirmed it",
    "dispatcher",
)

_TAKEN_ON: Final = Acknowledgement(
    _STUCK.id, 1, _at("2026-03-20T08:00:00Z"), "Aigerim, night shift", "terminal called, wagons at six"
)
_STORM: Final = Disruption(
    "closed-KZ-AKTAU-westbound-20260320T000000Z",
    "KZ-AKTAU",
    Direction.WESTBOUND,
    _at("2026-03-20T00:00:00Z"),
    _at("2026-03-22T00:00:00Z"),
    "storm warning",
    "dispatcher",
)
_ACCOUNT: Final = Account(
    endpoint="night-desk", exception=_STUCK.id, partition=3, seen=1, told=1, told_at=Millis(_STUCK.at + MINUTE),
    delivery="0b1c",
)  # fmt: skip
