"""Facts: the finished pieces of journeys that statistics are made of.

A fact's id is a hash of its content, so a corrected time withdraws one fact and adds another. Integers
throughout (milliseconds, grams, metres, hundredths of a TEU): sums then do not depend on their order.
"""

from enum import StrEnum

import msgspec

from tracker.domain.moment import Millis
from tracker.domain.network import Direction


class FactKind(StrEnum):
    """What a fact measures."""

    CROSSING = "crossing"
    DWELL = "dwell"
    RUN = "run"
    TRANSIT = "transit"


class Side(StrEnum):
    """Which side of a border a stay was on: that of the country being left, or of the one entered."""

    EXIT = "exit"
    ENTRY = "entry"


class Fact(msgspec.Struct, frozen=True, eq=True, gc=False):
    """One finished piece of a journey.

    Crossing, run and transit have `origin` and `goal` nodes; a dwell has `node`. `end` decides the hour it
    belongs to; a crossing has only an `end`. `implied`: concluded from a later report, it has no time of
    its own. `direction` is None while the journey's is not known.
    """

    kind: FactKind
    corridor: str
    direction: Direction | None
    container: str
    journey: str
    end: Millis
    start: Millis | None = None
    node: str | None = None
    side: Side | None = None
    origin: str | None = None
    goal: str | None = None
    section: str | None = None
    full: bool = False
    teu: int | None = None
    grams: int | None = None
    laden: bool | None = None
    metres: int | None = None
    countries: tuple[str, ...] = ()
    dwell: int | None = None
    planned_end: Millis | None = None
    implied: bool = False
