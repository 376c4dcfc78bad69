"""A body as an event of DCSA, by the short way where it is plain."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json

from tracker.contract.dcsa.event import SIGNS, is_dcsa, read_event
from tracker.contract.dcsa.fields import NAMES
from tracker.contract.dcsa.plain import read_plain
from tracker.contract.said import Heard
from tracker.domain.faults import fault

_OBJECTS: Final = (
    *("transportCall", "location", "eventLocation", "vessel", "eventClassification", "equipmentDetails"),
    *("transportDetails", "railTransport", "vesselTransport", "facility", "references", "documentReferences"),
    *("referenceType", "referenceValue", "documentReferenceType", "documentReferenceValue"),
)


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


_MEANT: Final = {_bare(name): name for name in (*NAMES, *_OBJECTS)}
_SIGNS: Final = frozenset(map(_bare, SIGNS))


def heard(raw: bytes) -> Heard | None:
    """What an event of DCSA says; None of what is none."""
    if (plain := read_plain(raw)) is not None:
        return plain
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        return None
    return read_event(value) if isinstance(value, dict) and is_dcsa(value) else None


def heard_respelt(value: Mapping[str, Any]) -> Heard | None:
    """The same of an object all of whose names are written another way, as `EventType` or `event_type`."""
    if _SIGNS.isdisjoint(map(_bare, value)):
        return None
    said = read_event(_respelt(value, 4))
    odd = ", ".join(sorted(name for name in value if _MEANT.get(_bare(name), name) != name))
    return said._replace(faults=[*said.faults, fault("W107", odd.partition(",")[0], odd, "the standard's names")])


def _respelt(value: Any, depth: int) -> Any:
    """With the names of the standard, down to the references of an event; a right name stays before one respelt."""
    if isinstance(value, list) and depth:
        return [_respelt(each, depth) for each in value]
    if not isinstance(value, dict) or not depth:
        return value
    found: dict[str, Any] = {}
    right_first = sorted(value, key=lambda name: name != _MEANT.get(_bare(name)))
    for name in right_first:
        meant: str = _MEANT.get(_bare(name), name)
        found.setdefault(meant, _respelt(value[name], depth - 1))
    return found
