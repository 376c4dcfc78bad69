"""A report: one carrier's word about one container, as the journeys stage keeps it.

Field order is the row's schema (msgpack arrays): append only, never reorder; see `container.SCHEMA`.
"""

from enum import StrEnum
from typing import Final

import msgspec

from tracker.domain.moment import Millis


class Kind(StrEnum):
    """What a report says happened. The order is that of a stay and breaks ties of equal times at a node."""

    ARRIVED = "arrived"
    BORDER_CROSSED = "border_crossed"
    PASSED = "passed"
    UNLOADED = "unloaded"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_RELEASED = "customs_released"
    STUFFED = "stuffed"
    GATE_IN = "gate_in"
    LOADED = "loaded"
    GATE_OUT = "gate_out"
    DEPARTED = "departed"
    STRIPPED = "stripped"
    EMPTY_RETURNED = "empty_returned"


PAPERWORK: Final = frozenset((Kind.CUSTOMS_HELD, Kind.CUSTOMS_RELEASED))
"""Kinds that say nothing about where the container is: customs may clear it before it arrives."""


class Classifier(StrEnum):
    """Whether a report tells what happened, what is expected or what was planned."""

    ACTUAL = "actual"
    ESTIMATED = "estimated"
    PLANNED = "planned"


class Mode(StrEnum):
    """The mode of transport."""

    RAIL = "rail"
    VESSEL = "vessel"
    TRUCK = "truck"
    BARGE = "barge"


class Outcome(StrEnum):
    """What became of a report."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class Report(msgspec.Struct, array_like=True, frozen=True, omit_defaults=True, gc=False):
    """One version of one report, checked and rewritten; `(carrier, id)` is its identity.

    `id` is the carrier's, or `#` and a hash of the business fields where the carrier gives none. `mode` is
    None when it was not given, which at a gate-out is not the same as rail. `teu` is in hundredths, `grams`
    the gross mass. `content` is a hash of all the carrier said, 32 bits because only versions of one id are
    compared by it. `source` is the position of the record in the carrier's topic (partition, offset, index).
    `corrected`: when the correction was made by which `occurred` differs from what the carrier said; None: it does not.
    """

    carrier: str
    id: str
    kind: Kind
    node: str
    occurred: Millis
    received: Millis
    content: int
    classifier: Classifier = Classifier.ACTUAL
    revision: int | None = None
    retracted: bool = False
    recorded: Millis | None = None
    mode: Mode | None = None
    laden: bool | None = None
    teu: int | None = None
    grams: int | None = None
    train: str | None = None
    wagon: str | None = None
    vessel: str | None = None
    voyage: str | None = None
    origin: str | None = None
    destination: str | None = None
    booking: str | None = None
    consignment_note: str | None = None
    reason: str | None = None
    source: tuple[int, int, int] = (0, 0, 0)
    corrected: Millis | None = None
