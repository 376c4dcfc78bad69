"""The place of an event of DCSA: a facility's code, a UN/LOCODE, or a name, in this order of trust."""

from typing import Final

from tracker.contract.dcsa.fields import Fields
from tracker.contract.said import Codes
from tracker.domain.faults import fault

PROVIDERS: Final = frozenset(("bic", "smdg", "uic", "esr"))
"""Lists of facilities that are schemes of ours too. DCSA knows the first two; railways number their stations."""
_CODE_HOMES: Final = ("location", "call", "event location")
_FACILITY_HOMES: Final = ("facility", "location", "call", "event location")
_NAME_HOMES: Final = ("call", "facility", "location", "event location")
_NAMES: Final = ("otherFacility", "facilityName", "locationName")


def codes_of(fields: Fields) -> Codes:
    """All that names the place, best first."""
    codes: list[tuple[str, str]] = []
    facility = fields.find(("facilityCode",), _FACILITY_HOMES, "W105")
    if facility is not None:
        provider = fields.find(("facilityCodeListProvider",), _FACILITY_HOMES, "W105")
        scheme = "" if provider is None else provider.text.lower()
        codes.append((scheme if scheme in PROVIDERS else "id", facility.text[:100]))
    port = fields.find(("UNLocationCode",), _CODE_HOMES, "E402")
    if port is not None:
        codes.append(("unlocode", port.text[:100]))
        other = fields.find(("UNLocationCode",), _OTHERS, "E402") if _has_two(fields) else None
        if other is not None and other.text.upper().split() != port.text.upper().split():
            wanted = f"one place; {port.text} was taken"
            fields.faults.append(fault("W404", other.path, other.text, wanted))
    for name in _NAMES:
        found = fields.find((name,), _NAME_HOMES, "W105")
        if found is not None:
            codes.append(("name", found.text[:100]))
    return tuple(codes)


_OTHERS: Final = ("call", "event location", "location")


def _has_two(fields: Fields) -> bool:
    return fields.has("UNLocationCode", "location") and fields.has("UNLocationCode", "call")
