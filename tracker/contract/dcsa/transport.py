"""What an event of DCSA says of trains, wagons and vessels: the fields of ours, and the reference that joins reports.

A train and what it carries are told of apart: containers are loaded on it, and it departs. The reference by which the
two find each other is made of what both name (`named`); runs of one train on several days, and voyages of one vessel,
are told apart by the time and by what else is given (`tracker.domain.transport`).
"""

import re
from typing import Any, Final

from tracker.contract.dcsa.fields import Fields
from tracker.contract.said import Said
from tracker.domain.report import Kind, Mode, Report

_IMO: Final = re.compile(r"IMO\s*([0-9]{7})", re.IGNORECASE)
_IMPORT: Final = ("carrierImportVoyageNumber", "importVoyageNumber", "universalImportVoyageReference")
_EXPORT: Final = ("carrierExportVoyageNumber", "exportVoyageNumber", "universalExportVoyageReference")
_ANY: Final = ("carrierVoyageNumber", "universalVoyageReference")
COMES: Final = frozenset((Kind.ARRIVED, Kind.UNLOADED))
"""What happens at the end of a voyage."""
_REFERENCES: Final = (
    ("references", "top"),
    ("shipmentReferences", "shipment"),
    ("documentReferences", "top"),
    ("relatedDocumentReferences", "top"),
)
_DOCUMENTS: Final = (
    ("documentReferences", "top"),
    ("relatedDocumentReferences", "top"),
    ("additionalDocumentReferences", "top"),
)
_TYPES: Final = ("referenceType", "documentReferenceType", "typeCode", "type")
_VALUES: Final = ("referenceValue", "documentReferenceValue", "reference", "value")


def aboard(fields: Fields, said: Said) -> None:
    """Train, wagon, vessel and voyage. On rails the voyage's number is the train's."""
    said.wagon = fields.short(("railCarReference",), ("rail",))
    said.train = fields.short(("railServiceReference",), ("rail",))
    imo = fields.short(("vesselIMONumber",), ("vessel",))
    said.vessel = (vessel_of(imo) if imo else None) or (
        fields.short(("vesselName",), ("vessel",)) or fields.here(("name",), "vessel")
    )
    voyage = _voyage(fields, said.kind)
    if said.mode is None and said.vessel is not None:
        said.mode = Mode.VESSEL
    if said.mode is Mode.RAIL:
        departure = fields.short(("departureID",), ("rail",))
        said.train = said.train or voyage or fields.short(("carrierServiceCode",), ("call",))
        said.voyage = departure
    else:
        said.voyage = voyage


def vessel_of(imo: str) -> str:
    """An IMO number without the letters that some write in front of it.

    >>> vessel_of("IMO 9321483"), vessel_of("9321483"), vessel_of("IMO")
    ('9321483', '9321483', 'IMO')
    """
    found = _IMO.fullmatch(imo)
    return imo if found is None else found[1]


def named(fields: Fields, said: Said) -> str | None:
    """The reference of the transport, the same for all who name it; None when nothing names one."""
    if (found := reference(said)) is not None:
        return found
    call = fields.find(("transportCallReference", "transportCallID"), ("call",), "W105")
    return None if call is None else f"call {call.text[:100]}"


def reference(said: Said | Report) -> str | None:
    """The same of the train, vessel or voyage; None when none is given."""
    for sort, value in (("train", said.train), ("vessel", said.vessel), ("voyage", said.voyage)):
        if value is not None:
            return f"{sort} {'_'.join(value.upper().split())}"
    return None


def listed(fields: Fields) -> tuple[str, ...]:
    """The containers that the event lists in its references, as they are written."""
    return tuple(dict.fromkeys(_references(fields, _REFERENCES, "EQ")))


def documents(fields: Fields) -> tuple[str | None, str | None]:
    """Booking and consignment note: a transport document, which on rails is the SMGS or CIM note."""
    found = (next((v for v in _references(fields, _DOCUMENTS, code) if len(v) <= 40), None) for code in ("BKG", "TRD"))
    booking, note = found
    return booking or fields.short(("carrierBookingReference",), ("top",)), note


def _voyage(fields: Fields, kind: Kind) -> str | None:
    """A call has two voyages: a vessel comes with one and leaves with the other."""
    ways = ((_IMPORT, "import voyage"), (_EXPORT, "export voyage"))
    for names, home in ways if kind in COMES else ways[::-1]:
        known = fields.short(names, ("call",))
        if known is None and fields.knows(home):
            known = fields.here(_ANY, home)
        if known is not None:
            return known
    return fields.here(_ANY, "call") or fields.here(_ANY, "top")


def _references(fields: Fields, places: tuple[tuple[str, str], ...], wanted: str) -> list[str]:
    values: list[str] = []
    for name, home in places:
        entries = fields.raw(name, home if fields.knows(home) else "top")[0]
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and _first(entry, _TYPES) == wanted and (value := _first(entry, _VALUES)):
                values.append(value)
    return values


def _first(entry: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((value.strip() for name in names if isinstance(value := entry.get(name), str)), None)
