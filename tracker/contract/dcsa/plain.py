"""The short way for what most messages are: an equipment or transport event of 2.2 as the standard writes it.

Gives exactly what `event.read_event` gives, in a fifth of the time, or None: at any field that is not known here, not
at its place, empty, of another type or of no list. So nothing is decided here that is not decided there.
"""

import re
from typing import Final

import msgspec

from tracker.contract.dcsa.codes import CLASSIFIERS, CROSSED, DEPOTS, KINDS, LADEN, MODES, OF_A_TRANSPORT
from tracker.contract.dcsa.event import ID_LENGTH_MAX, PATHS
from tracker.contract.dcsa.place import PROVIDERS
from tracker.contract.dcsa.transport import COMES, reference, vessel_of
from tracker.contract.said import Heard, Said
from tracker.domain.report import Kind, Mode

_NUMBER: Final = re.compile(r"[A-Z]{4}[0-9]{7}")
_TIME: Final = re.compile(r"[0-9-]{10}T[0-9:]{8}(?:\.[0-9]{1,12})?(?:Z|[+-][0-9]{2}:?[0-9]{2})")
_EMPTY: Final = msgspec.Raw(b"")


class _Reference(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    documentReferenceType: str  # noqa: N815  # the standard's names, here and below
    documentReferenceValue: str  # noqa: N815


class _Vessel(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    vesselIMONumber: str | None = None  # noqa: N815
    vesselName: str | None = None  # noqa: N815
    vesselFlag: msgspec.Raw = _EMPTY  # noqa: N815
    vesselCallSignNumber: msgspec.Raw = _EMPTY  # noqa: N815
    vesselOperatorCarrierCode: msgspec.Raw = _EMPTY  # noqa: N815
    vesselOperatorCarrierCodeListProvider: msgspec.Raw = _EMPTY  # noqa: N815


class _Nothing(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    pass


class _Call(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    modeOfTransport: str  # noqa: N815
    UNLocationCode: str
    transportCallID: str | None = None  # noqa: N815
    transportCallReference: str | None = None  # noqa: N815
    transportCallSequenceNumber: msgspec.Raw = _EMPTY  # noqa: N815
    facilityCode: str | None = None  # noqa: N815
    facilityCodeListProvider: str | None = None  # noqa: N815
    facilityTypeCode: str | None = None  # noqa: N815
    otherFacility: str | None = None  # noqa: N815
    carrierServiceCode: str | None = None  # noqa: N815
    carrierVoyageNumber: str | None = None  # noqa: N815
    exportVoyageNumber: str | None = None  # noqa: N815
    importVoyageNumber: str | None = None  # noqa: N815
    railCarReference: str | None = None  # noqa: N815
    vessel: _Vessel | None = None
    location: _Nothing | None = None


class _Event(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    eventID: str  # noqa: N815
    eventType: str  # noqa: N815
    eventClassifierCode: str  # noqa: N815
    eventDateTime: str  # noqa: N815
    transportCall: _Call  # noqa: N815
    equipmentEventTypeCode: str | None = None  # noqa: N815
    transportEventTypeCode: str | None = None  # noqa: N815
    equipmentReference: str | None = None  # noqa: N815
    eventCreatedDateTime: str | None = None  # noqa: N815
    ISOEquipmentCode: str | None = None
    emptyIndicatorCode: str | None = None  # noqa: N815
    delayReasonCode: str | None = None  # noqa: N815
    documentReferences: list[_Reference] | None = None  # noqa: N815
    references: msgspec.Raw = _EMPTY
    seals: msgspec.Raw = _EMPTY
    isTransshipmentMove: msgspec.Raw = _EMPTY  # noqa: N815
    changeRemark: msgspec.Raw = _EMPTY  # noqa: N815


_TYPES: Final = frozenset(("EQUIPMENT", "TRANSPORT"))
_SOUND: Final[frozenset[str]] = frozenset()
_NO_CONTAINER: Final = frozenset(("container",))
_WITH_RECORDED: Final = {**PATHS, "recorded_at": "eventCreatedDateTime"}


def read_plain(raw: bytes) -> Heard | None:
    """What a plain event says; None of any other."""
    try:
        event = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # the second: a field's name that is no UTF-8
        return None
    call, vessel = event.transportCall, event.transportCall.vessel
    code, other = event.equipmentEventTypeCode, event.transportEventTypeCode
    kind = KINDS.get(code or other or "", CROSSED)
    classifier = CLASSIFIERS.get(event.eventClassifierCode)
    mode = MODES.get(call.modeOfTransport)
    if kind == CROSSED or classifier is None or mode is None or (code is not None and other is not None):
        return None
    if event.eventType not in _TYPES or not _TIME.fullmatch(event.eventDateTime):
        return None
    number = event.equipmentReference
    about_transport = number is None and event.eventType == "TRANSPORT" and kind in OF_A_TRANSPORT
    if about_transport:
        if event.references is not _EMPTY:
            return None
    elif number is None or not _NUMBER.fullmatch(number):
        return None
    recorded, laden = event.eventCreatedDateTime, event.emptyIndicatorCode
    if (recorded is not None and not _TIME.fullmatch(recorded)) or (laden is not None and laden not in LADEN):
        return None
    if (
        call.modeOfTransport.isdigit()
        or not _is_text(event.eventID, ID_LENGTH_MAX)
        or not _is_text(call.UNLocationCode, 100)
    ):
        return None
    texts = (
        event.ISOEquipmentCode, event.delayReasonCode, call.transportCallID, call.transportCallReference,
        call.facilityCode, call.facilityCodeListProvider, call.facilityTypeCode, call.otherFacility,
        call.carrierServiceCode, call.carrierVoyageNumber, call.exportVoyageNumber, call.importVoyageNumber,
        call.railCarReference, call.UNLocationCode, None if vessel is None else vessel.vesselIMONumber,
        None if vessel is None else vessel.vesselName,
    )  # fmt: skip
    if not all(text is None or _is_text(text, 20 if text is event.ISOEquipmentCode else 40) for text in texts):
        return None
    facility = call.facilityTypeCode
    if kind is Kind.GATE_IN and laden == "EMPTY" and facility is not None:
        if facility in DEPOTS:
            kind = Kind.EMPTY_RETURNED
        elif not (facility.isupper() and facility.isalnum()):
            return None
    said = Said(
        container=number or "",
        kind=kind,
        occurred_at=event.eventDateTime,
        node=_codes(call),
        classifier=classifier,
        id=event.eventID,
        recorded_at=recorded,
        mode=mode,
        laden=None if laden is None else LADEN[laden],
        iso_code=event.ISOEquipmentCode,
        wagon=call.railCarReference,
        reason=event.delayReasonCode,
    )
    if not _documents(event, said):
        return None
    _transport(call, vessel, said)
    if about_transport and said.transport is None:
        return None
    unsound = _NO_CONTAINER if about_transport else _SOUND
    return Heard(said, [], unsound, PATHS if recorded is None else _WITH_RECORDED)


def _is_text(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and not text[0].isspace() and not text[-1].isspace()


def _codes(call: _Call) -> tuple[tuple[str, str], ...]:
    codes = [("unlocode", call.UNLocationCode)]
    if call.facilityCode is not None:
        provider = (call.facilityCodeListProvider or "").lower()
        codes.insert(0, (provider if provider in PROVIDERS else "id", call.facilityCode))
    if call.otherFacility is not None:
        codes.append(("name", call.otherFacility))
    return tuple(codes)


def _documents(event: _Event, said: Said) -> bool:
    for each in event.documentReferences or ():
        if not _is_text(each.documentReferenceValue, 40) or not _is_text(each.documentReferenceType, 40):
            return False
        if each.documentReferenceType == "EQ":
            return False
        if each.documentReferenceType == "BKG" and said.booking is None:
            said.booking = each.documentReferenceValue
        elif each.documentReferenceType == "TRD" and said.consignment_note is None:
            said.consignment_note = each.documentReferenceValue
    return True


def _transport(call: _Call, vessel: _Vessel | None, said: Said) -> None:
    ways = call.importVoyageNumber, call.exportVoyageNumber
    first, second = ways if said.kind in COMES else ways[::-1]
    voyage = first or second or call.carrierVoyageNumber
    if vessel is not None:
        imo = vessel.vesselIMONumber
        said.vessel = (vessel_of(imo) if imo else None) or vessel.vesselName
    if said.mode is Mode.RAIL:
        said.train = voyage or call.carrierServiceCode
    else:
        said.voyage = voyage
    said.transport = reference(said) or (
        None if (own := call.transportCallReference or call.transportCallID) is None else f"call {own}"
    )


_decode: Final = msgspec.json.Decoder(_Event).decode
