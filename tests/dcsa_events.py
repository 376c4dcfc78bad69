"""DCSA messages to change in tests, and what intake makes of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tracker.contract.intake import Intake, IntakeRules, Reading
from tracker.contract.network_file import load_network
from tracker.domain.moment import HOUR, Millis, from_datetime
from tracker.domain.places import Places

INTAKE = Intake(Places(load_network()), IntakeRules())
OCCURRED = from_datetime(datetime(2026, 3, 1, 3, 40, tzinfo=UTC))
RECEIVED = Millis(OCCURRED + HOUR)

EQUIPMENT: dict[str, Any] = {
    "eventID": "E-1",
    "eventType": "EQUIPMENT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-01T08:40:00+05:00",
    "eventCreatedDateTime": "2026-03-01T09:12:00+05:00",
    "equipmentEventTypeCode": "LOAD",
    "equipmentReference": "APZU4812090",
    "ISOEquipmentCode": "45G1",
    "emptyIndicatorCode": "LADEN",
    "transportCall": {
        "transportCallID": "call-1",
        "modeOfTransport": "RAIL",
        "UNLocationCode": "KZDOS",
        "facilityTypeCode": "RAMP",
        "carrierVoyageNumber": "1402",
    },
    "documentReferences": [{"documentReferenceType": "BKG", "documentReferenceValue": "ABC123"}],
    "seals": [{"sealNumber": "133534", "sealSource": "CUS"}],
}
TRANSPORT: dict[str, Any] = {
    "eventID": "T-1",
    "eventType": "TRANSPORT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-01T08:40:00+05:00",
    "transportEventTypeCode": "DEPA",
    "transportCall": {
        "modeOfTransport": "VESSEL",
        "UNLocationCode": "KZAAU",
        "exportVoyageNumber": "2103S",
        "importVoyageNumber": "2103N",
        "vessel": {"vesselIMONumber": 9321483, "vesselName": "King of the Seas"},
    },
}
EVENT_3: dict[str, Any] = {
    "eventID": "E-3",
    "isRetracted": False,
    "eventDateTime": "2026-03-01T08:40:00+05:00",
    "eventUpdatedDateTime": "2026-03-01T09:12:00+05:00",
    "eventRouting": {"originatingParties": [{"partyCode": "KTZ", "codeListProvider": "ZZZ"}], "forwardingParties": []},
    "eventLocation": {"locationName": "Dostyk", "UNLocationCode": "KZDOS", "facilityType": "BORDER", "facility": {}},
    "eventClassification": {
        "eventType": "EQUIPMENT",
        "eventClassifier": "ACTUAL",
        "equipmentEventType": "CROSSED",
    },
    "equipmentDetails": {"equipmentReference": "APZU4812090", "ISOEquipmentCode": "45G1", "emptyIndicator": "LADEN"},
    "transportDetails": {
        "delayReasonCodes": ["WEA"],
        "transportCall": {
            "modeOfTransport": "RAIL",
            "railTransport": {"railCarReference": "94461209", "railServiceReference": "1402", "departureID": "D-7"},
        },
    },
    "shipmentDetails": {},
}


def read(body: object) -> list[Reading]:
    return INTAKE.read("ktz-express", json.dumps(body).encode(), RECEIVED, 3, 17)


def one(event: Mapping[str, Any], **changes: Any) -> Reading:
    (reading,) = read(changed(event, changes))
    return reading


def changed(event: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The event with fields changed, `...` takes one out; `call__x` is a field of the transport call."""
    body = json.loads(json.dumps(event))
    for name, value in changes.items():
        inner, at = body, name
        while "__" in at:
            outer, at = at.split("__", 1)
            inner = inner.setdefault({"call": "transportCall"}.get(outer, outer), {})
        if value is ...:
            inner.pop(at, None)
        else:
            inner[at] = value
    return dict(body)


def told(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]
