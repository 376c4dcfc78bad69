"""Events of DCSA as they are accepted without a doubt: for `schemas/`, from the code lists by which they are read.

Other fields of the standard may be there and are not read. What is written otherwise and plain is accepted with a
doubt (`faults.md`), so that what is not valid by these schemas need not be rejected.
"""

from typing import Annotated, Any, Final, Required, TypedDict

from msgspec import Meta

from tracker.contract.dcsa.codes import (
    BORDERS,
    CLASSIFIERS,
    DEPOTS,
    KINDS,
    LADEN,
    MODES,
    NO_MOVEMENT,
    SHIPMENT_KINDS,
    WAY_POINTS,
)


def _listed(codes: Any) -> Meta:
    return Meta(extra_json_schema={"enum": sorted(codes)})


def _short(codes: Any, *, words: bool) -> list[str]:
    """The codes of version 2, or the words of version 3: these have more than four letters."""
    return [code for code in codes if (len(code) > 4) is words]


Time = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})$",
        description="With an offset; none is ever guessed.",
    ),
]
Container = Annotated[str, Meta(pattern="^[A-Z]{3}U[0-9]{7}$", description="ISO 6346 with a right check digit.")]
Identity = Annotated[str, Meta(min_length=1, max_length=500, description="Of your own; a newer event replaces it.")]
Text = Annotated[str, Meta(min_length=1, max_length=40)]
Mode = Annotated[str, _listed([*(each for each in MODES if not each.isdigit())])]
Laden = Annotated[str, _listed(LADEN)]
_MOVES: Final = [*KINDS, *NO_MOVEMENT]
Code2 = Annotated[
    str, _listed(_short(_MOVES, words=False)), Meta(description="Of those that move nothing, E505 is said.")
]
Word3 = Annotated[str, _listed(_MOVES), Meta(description="Of those that move nothing, E505 is said.")]
Paper = Annotated[str, _listed({*SHIPMENT_KINDS, *NO_MOVEMENT}), Meta(description="HOLD and RELS of customs count.")]


class Vessel(TypedDict, total=False):
    """The vessel of a call."""

    vesselIMONumber: Text | int
    vesselName: Text


class Call2(TypedDict, total=False):
    """Where, and with what. `UNLocationCode`, `facilityCode` or `otherFacility` names the place."""

    transportCallID: Text
    modeOfTransport: Mode
    UNLocationCode: Text
    facilityCode: Text
    facilityCodeListProvider: Text
    facilityTypeCode: Text
    otherFacility: Text
    carrierServiceCode: Text
    carrierVoyageNumber: Text
    exportVoyageNumber: Text
    importVoyageNumber: Text
    vessel: Vessel | None


class Document2(TypedDict, total=False):
    """A document: BKG is the booking, TRD the consignment note."""

    documentReferenceType: Required[Text]
    documentReferenceValue: Required[str]


class Reference2(TypedDict, total=False):
    """Of a transport event, EQ is a container that it carries."""

    referenceType: Text
    referenceValue: str


class Event2(TypedDict, total=False):
    """An event of DCSA Track & Trace 2.2: of equipment, of a transport, or of a shipment."""

    eventID: Identity
    eventType: Annotated[str, _listed(("EQUIPMENT", "TRANSPORT", "SHIPMENT"))]
    eventClassifierCode: Required[Annotated[str, _listed(_short(CLASSIFIERS, words=False))]]
    eventDateTime: Required[Time]
    eventCreatedDateTime: Time | None
    equipmentEventTypeCode: Code2
    transportEventTypeCode: Code2
    shipmentEventTypeCode: Paper
    documentTypeCode: Text
    equipmentReference: Container | None
    ISOEquipmentCode: Annotated[str, Meta(min_length=1, max_length=20)] | None
    emptyIndicatorCode: Laden | None
    isRetracted: bool | None
    retractedEventID: Identity | None
    transportCall: Required[Call2]
    documentReferences: list[Document2] | None
    references: list[Reference2] | None
    delayReasonCode: Text | None


class Classification3(TypedDict, total=False):
    """What happened, in words."""

    eventType: Text
    eventClassifier: Required[Annotated[str, _listed(_short(CLASSIFIERS, words=True))]]
    equipmentEventType: Word3
    transportEventType: Word3
    shipmentEventType: Paper


class Facility3(TypedDict, total=False):
    """A facility."""

    facilityCode: Text
    facilityCodeListProvider: Text
    facilityName: Text


class Place3(TypedDict, total=False):
    """Where; a code or a name. `facilityType` tells a border from a way point, and a depot."""

    UNLocationCode: Text
    locationName: Text
    facilityType: Annotated[Text, Meta(examples=sorted({*BORDERS, *WAY_POINTS, *DEPOTS}))]
    facility: Facility3 | None


class Equipment3(TypedDict, total=False):
    """The container."""

    equipmentReference: Container
    ISOEquipmentCode: Annotated[str, Meta(min_length=1, max_length=20)]
    emptyIndicator: Laden


class Rail3(TypedDict, total=False):
    """The train and the wagon."""

    railCarReference: Text
    railServiceReference: Text
    departureID: Text


class Call3(TypedDict, total=False):
    """The transport."""

    transportCallReference: Text
    modeOfTransport: Mode
    railTransport: Rail3 | None
    vesselTransport: Vessel | None


class Details3(TypedDict, total=False):
    """The transport, and why it is late."""

    delayReasonCodes: list[Text]
    transportCall: Call3


class Event3(TypedDict, total=False):
    """An event of DCSA Track & Trace 3.0, the beta of 2026; several in `{"events": [...]}`."""

    eventID: Identity
    isRetracted: bool
    eventDateTime: Required[Time]
    eventUpdatedDateTime: Time | None
    eventLocation: Required[Place3]
    eventClassification: Required[Classification3]
    equipmentDetails: Equipment3
    transportDetails: Details3
