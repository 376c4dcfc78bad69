"""Writes a movement in each format that carriers may send, as a careful sender would; for round trips and loads."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, timezone
from typing import Any, Final

from cloudevents.core.bindings.kafka import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import strategies as st

from tracker.contract.network_file import load_network
from tracker.domain.identifiers import check_digit
from tracker.domain.moment import HOUR, Millis, to_datetime
from tracker.domain.report import Classifier, Kind, Mode, Report

Sent = tuple[bytes, list[tuple[str, bytes]]]
"""Body and headers of a record."""

NETWORK = load_network()
CODES: Final = {
    node.id: next((each.code for each in node.codes if each.scheme == "unlocode" and not each.nearest), None)
    for node in NETWORK.nodes.values()
}
"""Nodes to their UN/LOCODE; None where they have none of their own."""

_V2: Final = {
    Kind.GATE_IN: "GTIN", Kind.GATE_OUT: "GTOT", Kind.LOADED: "LOAD", Kind.UNLOADED: "DISC", Kind.STUFFED: "STUF",
    Kind.STRIPPED: "STRP", Kind.CUSTOMS_HELD: "CUSI", Kind.CUSTOMS_RELEASED: "CUSR", Kind.BORDER_CROSSED: "CROS",
    Kind.PASSED: "WAYP", Kind.ARRIVED: "ARRI", Kind.DEPARTED: "DEPA", Kind.EMPTY_RETURNED: "GTIN",
}  # fmt: skip
_V3: Final = {
    Kind.GATE_IN: "GATED_IN", Kind.GATE_OUT: "GATED_OUT", Kind.LOADED: "LOADED", Kind.UNLOADED: "DISCHARGED",
    Kind.STUFFED: "STUFFED", Kind.STRIPPED: "STRIPPED", Kind.CUSTOMS_HELD: "CUSTOMS_SELECTED_FOR_SCAN",
    Kind.CUSTOMS_RELEASED: "CUSTOMS_RELEASED", Kind.BORDER_CROSSED: "CROSSED", Kind.PASSED: "CROSSED",
    Kind.ARRIVED: "ARRIVED", Kind.DEPARTED: "DEPARTED", Kind.EMPTY_RETURNED: "GATED_IN",
}  # fmt: skip
_CLASSIFIERS: Final = {Classifier.ACTUAL: "ACT", Classifier.ESTIMATED: "EST", Classifier.PLANNED: "PLN"}


def native(container: str, report: Report, *, zone: int = 0) -> dict[str, Any]:
    """The native event."""
    said = {
        "container": container, "kind": report.kind.value, "node": report.node, "id": report.id,
        "occurred_at": _time(report.occurred, zone), "recorded_at": _time(report.recorded, zone),
        "classifier": report.classifier.value, "revision": report.revision, "retracted": report.retracted or None,
        "mode": report.mode and report.mode.value, "laden": report.laden, "iso_code": _size(report),
        "gross_kg": None if report.grams is None else report.grams / 1000, "train": report.train,
        "wagon": report.wagon, "vessel": report.vessel, "voyage": report.voyage, "origin": report.origin,
        "destination": report.destination, "booking": report.booking, "consignment_note": report.consignment_note,
        "reason": report.reason,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def dcsa2(container: str, report: Report, *, zone: int = 0) -> dict[str, Any]:
    """An event of DCSA Track & Trace 2.2."""
    transport = report.kind in {Kind.ARRIVED, Kind.DEPARTED}
    call = {
        "transportCallID": f"call-{report.node}",
        "modeOfTransport": report.mode and report.mode.name,
        "UNLocationCode": CODES[report.node],
        "facilityCode": None if CODES[report.node] else report.node,
        "facilityTypeCode": _facility(report, "BOCR", "DEPO", "RAMP"),
        "carrierVoyageNumber": report.train if report.mode is Mode.RAIL else report.voyage,
        "vessel": {"vesselIMONumber": report.vessel} if report.vessel else None,
        "railCarReference": report.wagon,
        "departureID": report.voyage if report.mode is Mode.RAIL else None,
    }
    return _present(
        {
            "eventID": report.id,
            "eventType": "TRANSPORT" if transport else "EQUIPMENT",
            "eventClassifierCode": _CLASSIFIERS[report.classifier],
            "eventDateTime": _time(report.occurred, zone),
            "eventCreatedDateTime": _time(report.recorded, zone),
            "transportEventTypeCode" if transport else "equipmentEventTypeCode": _V2[report.kind],
            "isRetracted": report.retracted or None,
            "equipmentReference": container,
            "ISOEquipmentCode": _size(report),
            "emptyIndicatorCode": None if report.laden is None else "LADEN" if report.laden else "EMPTY",
            "transportCall": _present(call),
            "delayReasonCode": report.reason,
            "documentReferences": [
                {"documentReferenceType": sort, "documentReferenceValue": value}
                for sort, value in (("BKG", report.booking), ("TRD", report.consignment_note))
                if value
            ],
        }
    )


def dcsa3(container: str, report: Report, *, zone: int = 0) -> dict[str, Any]:
    """An event of DCSA Track & Trace 3.0, the beta of 2026."""
    transport = report.kind in {Kind.ARRIVED, Kind.DEPARTED}
    rail = report.mode is Mode.RAIL
    call = {
        "modeOfTransport": report.mode and report.mode.name,
        "railTransport": _present(
            {
                "railCarReference": report.wagon,
                "railServiceReference": report.train,
                "departureID": report.voyage if rail else None,
            }
        ),
        "vesselTransport": _present({"vesselName": report.vessel}),
        "exportVoyageNumberOrReference": _present({"carrierVoyageNumber": None if rail else report.voyage}),
    }
    place = {
        "UNLocationCode": CODES[report.node],
        "facilityType": _facility(report, "BORDER", "DEPOT", "RAMP"),
        "facility": None if CODES[report.node] else {"facilityCode": report.node},
    }
    return _present(
        {
            "eventID": report.id,
            "isRetracted": report.retracted,
            "eventDateTime": _time(report.occurred, zone),
            "eventUpdatedDateTime": _time(report.recorded, zone),
            "reason": report.reason,
            "eventLocation": _present(place),
            "eventClassification": {
                "eventType": "TRANSPORT" if transport else "EQUIPMENT",
                "eventClassifier": report.classifier.name,
                "transportEventType" if transport else "equipmentEventType": _V3[report.kind],
            },
            "equipmentDetails": _present(
                {
                    "equipmentReference": container,
                    "ISOEquipmentCode": _size(report),
                    "emptyIndicator": None if report.laden is None else "LADEN" if report.laden else "EMPTY",
                }
            ),
            "transportDetails": {"transportCall": _present(call)},
            "shipmentDetails": {
                "additionalDocumentReferences": [
                    {"typeCode": sort, "reference": value}
                    for sort, value in (("BKG", report.booking), ("TRD", report.consignment_note))
                    if value
                ]
            },
        }
    )


def plain(body: Any) -> Sent:
    """The body alone."""
    return json.dumps(body).encode(), []


def structured(body: Any) -> Sent:
    """In a CloudEvent in structured mode, as the official package writes it."""
    message = to_structured_event(_event(body))
    return message.value or b"", _headers(message.headers)


def binary(body: Any) -> Sent:
    """In a CloudEvent in binary mode."""
    message = to_binary_event(_event(body))
    return message.value or b"", _headers(message.headers)


def packed(body: Any) -> Sent:
    """In a CloudEvent whose data are base64."""
    data = b64encode(json.dumps(body).encode()).decode()
    return json.dumps({"specversion": "1.0", "id": "1", "source": "/x", "type": "t", "data_base64": data}).encode(), []


WRITERS: Final[Mapping[str, Callable[..., dict[str, Any]]]] = {"native": native, "dcsa 2.2": dcsa2, "dcsa 3.0": dcsa3}
COVERS: Final[Mapping[str, Callable[[Any], Sent]]] = {
    "plain": plain,
    "structured": structured,
    "binary": binary,
    "packed": packed,
    "array": lambda body: plain([body]),
    "wrapper": lambda body: plain({"events": [body]}),
}

_TEXTS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=20)
_SIZES: Final = {"45G1": 200, "22G1": 100, "L5G1": 225}
SPOKEN: Final = st.sampled_from([None, *_SIZES.values()])


@st.composite
def containers(draw: st.DrawFn) -> str:
    """A right container number."""
    ten = draw(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)) + "U"
    ten += f"{draw(st.integers(0, 999_999)):06}"
    return f"{ten}{check_digit(ten)}"


@st.composite
def reports(draw: st.DrawFn, received: Millis) -> Report:
    """A report that every format can tell of: what only the native one has (mass, ends, revision) is left out."""
    kind = draw(st.sampled_from(Kind))
    mode = draw(st.sampled_from(Mode))
    occurred = received - draw(st.integers(0, 20 * HOUR // 1000)) * 1000
    back = kind is Kind.EMPTY_RETURNED
    rail = mode is Mode.RAIL
    recorded = Millis(occurred + draw(st.integers(0, 3600)) * 1000)
    laden = False if back else None if kind is Kind.GATE_IN else draw(st.none() | st.booleans())
    maybe = st.none() | _TEXTS
    return Report(
        carrier="ktz-express",
        id=draw(_TEXTS),
        kind=kind,
        node=draw(st.sampled_from(sorted(NETWORK.nodes))),
        occurred=Millis(occurred),
        received=received,
        content=0,
        classifier=draw(st.sampled_from(Classifier)),
        retracted=draw(st.booleans()),
        recorded=recorded,
        mode=mode,
        laden=laden,
        teu=draw(SPOKEN),
        train=draw(_TEXTS) if rail else None,
        wagon=draw(st.sampled_from((None, "94461209"))) if rail else None,
        vessel=None if rail else draw(maybe),
        voyage=draw(maybe),
        booking=draw(maybe),
        consignment_note=draw(maybe),
        reason=draw(maybe),
    )


def _size(report: Report) -> str | None:
    return next((code for code, teu in _SIZES.items() if teu == report.teu), None)


def _time(moment: Millis | None, zone: int) -> str | None:
    where = timezone(timedelta(hours=zone)) if zone else UTC
    return None if moment is None else to_datetime(moment).astimezone(where).isoformat()


def _facility(report: Report, border: str, depot: str, other: str) -> str:
    if report.kind is Kind.PASSED:
        return "WAYPOINT"
    return border if report.kind is Kind.BORDER_CROSSED else depot if report.kind is Kind.EMPTY_RETURNED else other


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _event(body: Any) -> CloudEvent:
    return CloudEvent({"type": "movement", "source": "/ktz", "id": "ce-1", "datacontenttype": "application/json"}, body)


def _headers(headers: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    return list(headers.items())
