"""One event of DCSA Track & Trace, 2.2 or 3.0, as a report. Pure; raises nothing, whatever the event is like.

Which version it is makes little difference: what 2.2 has in the event itself stands in `eventClassification`,
`equipmentDetails` and `transportDetails` in 3.0. Identity: `eventID`; the newer `eventCreatedDateTime` or
`eventUpdatedDateTime` holds. `isRetracted` takes the event back, `retractedEventID` another one, of which nothing but
the container (or transport) need be told again.
"""

from collections.abc import Mapping
from typing import Any, Final
from zlib import crc32

from tracker.contract.dcsa.codes import (
    BORDERS,
    CLASSIFIERS,
    CROSSED,
    CUSTOMS_DOCUMENTS,
    DEPOTS,
    KINDS,
    NO_MOVEMENT,
    OF_A_TRANSPORT,
    SHIPMENT_KINDS,
    SILENT_TYPES,
    WAY_POINTS,
)
from tracker.contract.dcsa.fields import Fields, Found, Part, part
from tracker.contract.dcsa.indicators import laden_of, mode_of
from tracker.contract.dcsa.moments import plain_time
from tracker.contract.dcsa.place import codes_of
from tracker.contract.dcsa.transport import aboard, documents, listed, named
from tracker.contract.said import Heard, Said
from tracker.domain.faults import fault
from tracker.domain.identifiers import normalise_container
from tracker.domain.report import Kind

ID_LENGTH_MAX: Final = 500
"""What 3.0 allows an `eventID`."""
LISTS: Final = 256
"""Rows per carrier for events that list containers and name no transport: one for each event would never end."""

_TYPE_CODES: Final = (
    *("equipmentEventTypeCode", "equipmentEventType", "transportEventTypeCode", "transportEventType"),
    *("shipmentEventTypeCode", "shipmentEventType", "iotEventTypeCode", "iotEventType", "iotEventCode"),
    *("reeferEventTypeCode", "reeferEventType"),
)
_OF_A_MOVEMENT: Final = frozenset(("E201", "E205", "E401"))
"""What is missing in an event that should move something."""
SIGNS: Final = frozenset(
    (
        *("eventType", "eventClassification", "eventClassifierCode", "equipmentEventTypeCode"),
        *("transportEventTypeCode", "shipmentEventTypeCode"),
    )
)
PATHS: Final = {
    "container": "equipmentReference",
    "occurred_at": "eventDateTime",
    "node": "UNLocationCode",
    "id": "eventID",
    "iso_code": "ISOEquipmentCode",
    "wagon": "railCarReference",
}
"""What the fields of the native event are called."""


def is_dcsa(value: Mapping[str, Any]) -> bool:
    """Whether an object is an event of DCSA: by the fields that only they have."""
    return not SIGNS.isdisjoint(value) or _is_split(value)


def read_event(value: Mapping[str, Any]) -> Heard:
    """What an event says; every field is looked at, so that all faults are found at once."""
    fields = Fields(_parts(value))
    said = Said()
    unsound: set[str] = set()
    _identify(fields, said)
    _classify(fields, said, unsound)
    _when(fields, said, unsound)
    _which(fields, said, unsound)
    said.node = codes_of(fields)
    if not said.node:
        unsound.add("node")
        if not _is_plain_retraction(said):
            fields.faults.append(fault("E401", "UNLocationCode", "nothing", "a UN/LOCODE, facility or name"))
    if said.kind is Kind.GATE_IN and said.laden is False and _facility(fields) in DEPOTS:
        said.kind = Kind.EMPTY_RETURNED
    if any(each.code == "E505" for each in fields.faults):  # it need not tell where or of what: that is not why
        fields.faults[:] = [each for each in fields.faults if each.code not in _OF_A_MOVEMENT]
    recorded = fields.find(("eventCreatedDateTime", "eventUpdatedDateTime"), ("top",), "E302")
    paths = PATHS
    if recorded is not None:
        said.recorded_at = _time(fields, recorded)
        paths = {**PATHS, "recorded_at": recorded.path}
    return Heard(said, fields.faults + fields.doubts(), frozenset(unsound), paths)


def _parts(value: Mapping[str, Any]) -> dict[str, Part]:
    if _is_split(value):  # the first beta of 3.0
        value = {**value["payload"], **value["metadata"]}
    top: Part = ("", value)
    classification = part(top, "eventClassification")
    if "eventClassification" not in value:
        call = part(top, "transportCall")
        vessel = part(call, "vessel")
        location = part(call, "location")
        return {
            "top": top,
            "class": top,
            "equipment": top,
            "call": call,
            "rail": call,
            "vessel": vessel,
            "location": location,
            "event location": part(top, "eventLocation"),
            "facility": call,
            "loose location": part(top, "location"),
            "loose vessel": part(top, "vessel"),
        }
    details = part(top, "transportDetails")
    call = part(details, "transportCall")
    location = part(top, "eventLocation")
    return {
        "top": top,
        "class": classification,
        "equipment": part(top, "equipmentDetails"),
        "call": call,
        "rail": part(call, "railTransport"),
        "vessel": part(call, "vesselTransport"),
        "location": location,
        "event location": location,
        "facility": part(location, "facility"),
        "details": details,
        "shipment": part(top, "shipmentDetails"),
        "export voyage": part(call, "exportVoyageNumberOrReference"),
        "import voyage": part(call, "importVoyageNumberOrReference"),
        "loose call": part(top, "transportCall"),
        "loose location": part(top, "location"),
    }


def _is_split(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("metadata"), dict) and isinstance(value.get("payload"), dict)


def _identify(fields: Fields, said: Said) -> None:
    found = fields.find(("eventID",), ("top",), "E602")
    taken_back = fields.find(("retractedEventID",), ("top",), "E602")
    if taken_back is not None:
        found, said.retracted = taken_back, True
    if found is not None:
        if len(found.text) > ID_LENGTH_MAX:
            fields.faults.append(fault("E602", found.path, found.text, f"1 to {ID_LENGTH_MAX} characters"))
        said.id = found.text[:ID_LENGTH_MAX]
        said.party = _party(fields)
    flag, path = fields.raw("isRetracted", "top")
    if flag is True or flag == "true":
        said.retracted = True
    if flag is not None and flag.__class__ is not bool:
        if flag in ("true", "false"):
            fields.misspelt(path)
        else:
            fields.faults.append(fault("E604", path, flag, "true or false"))


def _party(fields: Fields) -> str | None:
    """Who gave the event its id: of two parties that give the same one, each means its own event."""
    routing, _ = fields.raw("eventRouting", "top")
    if not isinstance(routing, dict):
        return None
    parties = routing.get("originatingParties") or routing.get("originatingParty")
    given = [each for each in (parties if isinstance(parties, list) else [parties]) if isinstance(each, dict)]
    codes = sorted(str(each.get("partyCode") or "").strip()[:150] for each in given)
    return "+".join(code for code in codes if code).replace("\t", " ")[:150] or None


def _classify(fields: Fields, said: Said, unsound: set[str]) -> None:
    """Type of event, kind and classifier."""
    event_type = fields.code(("eventType", "eventTypeCode"), ("class",), "E502")
    code = fields.code(_TYPE_CODES, ("class",), "E502") or _first_version(fields)
    kind = _kind(fields, event_type, code)
    if kind is not None:
        said.kind = kind
    elif _is_plain_retraction(said):
        unsound.add("kind")
    elif event_type is not None and event_type.text in SILENT_TYPES:
        fields.faults.append(fault("E505", event_type.path, event_type.text, "an equipment or transport event"))
    elif code is None:
        fields.faults.append(fault("E501", "equipmentEventTypeCode", "nothing", "a code such as LOAD or DEPA"))
    elif code.text in NO_MOVEMENT:
        fields.faults.append(fault("E505", code.path, code.text, "an event that moves a container"))
    else:
        fields.faults.append(fault("E502", code.path, code.text, "a code of Track & Trace 2.2 or 3.0"))
    found = fields.code(("eventClassifierCode", "eventClassifier"), ("class",), "E503")
    if found is None:
        if not said.retracted:
            fields.faults.append(fault("W502", "eventClassifierCode", "nothing", "ACT, EST or PLN"))
    elif found.text in CLASSIFIERS:
        said.classifier = CLASSIFIERS[found.text]
    else:
        unsound.add("classifier")
        fields.faults.append(fault("E503", found.path, found.text, "ACT, EST or PLN"))


def _first_version(fields: Fields) -> Found | None:
    """The code where Track & Trace 1 has it: beside `eventType`, which says whose it is."""
    if not fields.has("eventType", "class"):
        return None
    found = fields.code(("eventTypeCode",), ("class",), "E502")
    if found is not None:
        fields.renamed(found.path)
    return found


def _kind(fields: Fields, event_type: Found | None, code: Found | None) -> Kind | None:
    if code is None or (event_type is not None and event_type.text in SILENT_TYPES):
        return None
    if event_type is not None and event_type.text == "SHIPMENT":
        document = fields.code(("documentTypeCode",), ("class", "top"))
        if document is not None and document.text not in CUSTOMS_DOCUMENTS:
            return None
        return SHIPMENT_KINDS.get(code.text)
    kind = KINDS.get(code.text)
    if kind != CROSSED:
        return kind
    facility = _facility(fields)
    if facility in WAY_POINTS:
        return Kind.PASSED
    if facility not in BORDERS:
        fields.faults.append(fault("W501", "facilityTypeCode", facility or "nothing", "BORDER or WAYPOINT"))
    return Kind.BORDER_CROSSED


def _facility(fields: Fields) -> str | None:
    found = fields.code(("facilityTypeCode", "facilityType"), ("call", "location", "event location"))
    return None if found is None else found.text


def _when(fields: Fields, said: Said, unsound: set[str]) -> None:
    found = fields.find(("eventDateTime",), ("top",), "E302")
    if found is not None:
        said.occurred_at = _time(fields, found)
        return
    unsound.add("occurred_at")
    if not _is_plain_retraction(said) and all(each.code != "E302" for each in fields.faults):
        fields.faults.append(fault("E301", "eventDateTime", "nothing", "a time with offset"))


def _time(fields: Fields, found: Found) -> str:
    """The text of a time as RFC 3339 writes it, where it is plain what is meant. An offset is never added."""
    text = plain_time(found.text)
    if text != found.text:
        fields.faults.append(fault("W306", found.path, found.text, "RFC 3339, as in 2026-03-01T08:40:00+05:00"))
    return text[:40]


def _which(fields: Fields, said: Said, unsound: set[str]) -> None:
    """The container, or the transport and what it carries; what else is said of them."""
    said.mode = mode_of(fields)
    said.laden = laden_of(fields)
    said.iso_code = fields.short(("ISOEquipmentCode",), ("equipment",), 20)
    said.booking, said.consignment_note = documents(fields)
    reason, _ = fields.raw("delayReasonCodes", "call")
    first = reason[0] if isinstance(reason, list) and reason else None
    said.reason = str(first)[:40] if isinstance(first, str) else fields.short(("delayReasonCode", "reason"), ("top",))
    aboard(fields, said)
    container = fields.find(("equipmentReference",), ("equipment",), "E202")
    if container is not None:
        said.container = container.text[:40]  # as many as a native event may have: what is longer is no number
        if normalise_container(container.text) != container.text:
            fields.faults.append(fault("W205", container.path, container.text, "capitals and digits only"))
        said.transport = named(fields, said)
        return
    unsound.add("container")
    said.containers = listed(fields)
    said.transport = named(fields, said) if said.kind in OF_A_TRANSPORT or "kind" in unsound else None
    if said.transport is None and said.containers:
        said.transport = f"lists {crc32((said.id or said.occurred_at).encode()) % LISTS}"
    if said.transport is None or _names_equipment(fields):
        code, wanted = (
            ("E201", "an ISO 6346 number") if _names_equipment(fields) else ("E205", "a container or a train")
        )
        if all(each.code != "E202" for each in fields.faults):
            fields.faults.append(fault(code, "equipmentReference", "nothing", wanted))


def _names_equipment(fields: Fields) -> bool:
    found = fields.find(("eventType", "eventTypeCode"), ("class",))
    return found is not None and found.text.strip().upper() == "EQUIPMENT"


def _is_plain_retraction(said: Said) -> bool:
    """Whether all that it says is that an event of this id never happened."""
    return said.retracted and said.id is not None
