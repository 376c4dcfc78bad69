"""What a message of a foreign format says, in the fields of the native event, for intake to check further."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from tracker.domain.faults import Fault
from tracker.domain.report import Classifier, Kind, Mode

Codes = tuple[tuple[str, str], ...]
"""The ways in which a place is named, best first: scheme (`id` is ours) and code."""


class Said(msgspec.Struct, gc=False):
    """One report. The fields are those of `NativeEvent`, read already; what was not readable has its default.

    `party`: who gave the id, where several may have given the same one. `transport`: the train or vessel it names.
    `containers`: those that a report about a transport lists.
    """

    container: str = ""
    kind: Kind = Kind.PASSED
    occurred_at: str = ""
    node: Codes = ()
    classifier: Classifier = Classifier.ACTUAL
    id: str | None = None
    revision: int | None = None
    retracted: bool = False
    recorded_at: str | None = None
    mode: Mode | None = None
    laden: bool | None = None
    iso_code: str | None = None
    gross_kg: float | None = None
    train: str | None = None
    wagon: str | None = None
    vessel: str | None = None
    voyage: str | None = None
    origin: None = None
    destination: None = None
    booking: str | None = None
    consignment_note: str | None = None
    reason: str | None = None
    sequence: int | None = None
    party: str | None = None
    transport: str | None = None
    containers: tuple[str, ...] = ()


class Heard(NamedTuple):
    """A message read: what it says, its faults so far, the fields it has none of, and their names in its format."""

    said: Said
    faults: list[Fault]
    unsound: frozenset[str]
    paths: Mapping[str, str]
