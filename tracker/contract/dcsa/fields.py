"""Looks fields up in an event of DCSA, at their place or elsewhere, and notes what was not as the standard writes it.

Senders put fields a level too high or too low, write empty texts for nothing and words in any case. Where the
meaning is plain that is a doubt (W1..), and one of each sort is enough for a report.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tracker.contract.dcsa.codes import folded
from tracker.domain.faults import Fault, fault

Part = tuple[str, Mapping[str, Any]]
"""An object of the event: where it is, ending in a point, and its fields."""

_NOTHING: Final[Mapping[str, Any]] = {}
_DOUBTS: Final = {
    "W102": "at the place that the standard gives them",
    "W103": "null, or no such field",
    "W104": "as the code list writes it",
    "W105": "a text of at most 40 characters",
    "W107": "the name as the standard writes it",
}
NAMES: Final = frozenset(
    (
        *("ISOEquipmentCode", "UNLocationCode", "carrierExportVoyageNumber", "carrierImportVoyageNumber"),
        *("carrierServiceCode", "carrierVoyageNumber", "delayReasonCode", "departureID", "documentTypeCode"),
        *("emptyIndicator", "emptyIndicatorCode", "equipmentEventType", "equipmentEventTypeCode", "equipmentReference"),
        *("eventClassifier", "eventClassifierCode", "eventCreatedDateTime", "eventDateTime", "eventID", "eventType"),
        *("eventTypeCode", "eventUpdatedDateTime", "exportVoyageNumber", "facilityCode", "facilityCodeListProvider"),
        *("facilityName", "facilityType", "facilityTypeCode", "importVoyageNumber", "isRetracted", "locationName"),
        *("modeOfTransport", "modeOfTransportCode", "otherFacility", "railCarReference", "railServiceReference"),
        *(
            "retractedEventID",
            "shipmentEventType",
            "shipmentEventTypeCode",
            "transportCallID",
            "transportCallReference",
        ),
        *("transportEventType", "transportEventTypeCode", "vesselIMONumber", "vesselName"),
    )
)
"""The fields that are read, as the standard writes them; some carriers write `eventId` and `unLocationCode`."""
_MEANT: Final = {name.lower(): name for name in NAMES} | {
    "unlocode": "UNLocationCode",
    "locationunlocode": "UNLocationCode",
    "containernumber": "equipmentReference",
    "imonumber": "vesselIMONumber",
}


class Found(NamedTuple):
    """A field's value as text, and where it stood."""

    text: str
    path: str


class Fields:
    """The objects of one event by the name of what they tell, and the doubts about them."""

    __slots__ = ("_doubts", "_given", "_parts", "faults")

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts
        self._doubts: dict[str, list[str]] = {}
        self.faults: list[Fault] = []
        odd = [
            key for key, (_, fields) in parts.items() for name in fields if name not in NAMES and name.lower() in _MEANT
        ]
        if odd:
            self._parts = {**parts, **{key: self._respelt(parts[key]) for key in odd}}
        # Most fields are given nowhere: this saves to look for each of them in a dozen objects.
        self._given = frozenset().union(*(fields for _, fields in self._parts.values()))

    def find(self, names: Sequence[str], homes: Iterable[str], wrong: str = "E106") -> Found | None:
        """The first of the names that has a text, sought at home first; a value of another sort is fault `wrong`."""
        if self._given.isdisjoint(names):
            return None
        found = self._in(names, homes, wrong)
        if found is None and (found := self._in(names, self._parts, wrong)) is not None:
            self._doubt("W102", found.path)
        return found

    def code(self, names: Sequence[str], homes: Iterable[str], wrong: str = "E106") -> Found | None:
        """The same for a code of a list, folded."""
        found = self.find(names, homes, wrong)
        if found is None:
            return None
        plain = folded(found.text)
        if plain != found.text:
            self._doubt("W104", found.path)
        return Found(plain, found.path)

    def short(self, names: Sequence[str], homes: Iterable[str], longest: int = 40) -> str | None:
        """A text that may be left out, and is when it is too long."""
        return self._bounded(self.find(names, homes, "W105"), longest)

    def here(self, names: Sequence[str], home: str) -> str | None:
        """The same, sought in this one object: other objects have fields of these names too."""
        return None if self._given.isdisjoint(names) else self._bounded(self._in(names, (home,), "W105"), 40)

    def misspelt(self, path: str) -> None:
        """A code at this path is plain, but not of the list."""
        self._doubt("W104", path)

    def renamed(self, path: str) -> None:
        """What stands at this path is plain, but has another name in the standard."""
        self._doubt("W107", path)

    def doubts(self) -> list[Fault]:
        """What was not as it should be, a fault of each sort; empty for nearly every event."""
        return [fault(code, at[0], ", ".join(at), _DOUBTS[code]) for code, at in self._doubts.items()]

    def raw(self, name: str, home: str) -> tuple[Any, str]:
        """A field that is no text, at its place or in any other object, and where; None when there is none."""
        if name not in self._given:
            return None, name
        for key in (home, *self._parts):
            prefix, fields = self._parts[key]
            if (value := fields.get(name)) is not None:
                return value, prefix + name
        return None, name

    def knows(self, home: str) -> bool:
        """Whether events of this version have such an object."""
        return home in self._parts

    def has(self, name: str, home: str) -> bool:
        """Whether a field is given there."""
        return self._parts[home][1].get(name) is not None

    def _in(self, names: Sequence[str], homes: Iterable[str], wrong: str) -> Found | None:
        for home in homes:
            prefix, fields = self._parts[home]
            for name in names:
                value = fields.get(name)
                if value is None:
                    continue
                if value.__class__ is int:  # a number where digits are meant: vessels, voyages, trains
                    return Found(str(value)[:100], prefix + name)
                if value.__class__ is not str:
                    self._wrong(wrong, prefix + name, value)
                elif text := value.strip():
                    return Found(text, prefix + name)
                else:
                    self._doubt("W103", prefix + name)
        return None

    def _respelt(self, part: Part) -> Part:
        """An object with the names as the standard writes them; a right name stays before one that is respelt."""
        prefix, fields = part
        again = dict(fields)
        for name in fields:
            meant = _MEANT.get(name.lower())
            if meant is not None and name not in NAMES:
                self._doubt("W107", prefix + name)
                again.setdefault(meant, fields[name])
        return prefix, again

    def _bounded(self, found: Found | None, longest: int) -> str | None:
        if found is None or len(found.text) <= longest:
            return None if found is None else found.text
        self._doubt("W105", found.path)
        return None

    def _doubt(self, code: str, path: str) -> None:
        paths = self._doubts.setdefault(code, [])
        if path not in paths:
            paths.append(path)

    def _wrong(self, code: str, path: str, value: object) -> None:
        if code in _DOUBTS:
            self._doubt(code, path)
        elif all(each.path != path for each in self.faults):
            self.faults.append(fault(code, path, value, "a text"))


def part(parent: Part, name: str) -> Part:
    """An object inside another; without fields where there is none."""
    prefix, fields = parent
    inner = fields.get(name)
    return (f"{prefix}{name}.", inner) if isinstance(inner, dict) else (prefix, _NOTHING)
