"""A cell: one hour of event time of one group, and how far each source has been applied to it.

A row of the subjects stage is one cell. Not one row per subject: that would hold 35 days and be rewritten
for every batch, while a batch touches few hours. A fact's `end` decides its hour, so adding and withdrawing
it end in the same cell.

Rows go round: a group has one row per hour of `HOURS_KEPT`, and an hour's first fact takes over the row of
the hour that many before. So the table is bounded without a clock, a sweep or a tombstone, and what a row
holds depends on the facts alone. A fact of an hour whose row has moved on is outdated: no window shows it.

A row of crossings at a counting line also carries what was ever applied to it in this year and the last: see
`aggregates.years`. There an outdated fact still counts.

Size: 50 bytes, four per bucket and at most twelve marks of ten bytes; some 95 with its key where traffic is
thin, 200 where it is dense; 20 more for each of two years. At most 500 groups x 840 rows.
"""

from enum import Enum
from typing import Final

import msgspec

from tracker.aggregates.group import Group
from tracker.aggregates.tally import Tally
from tracker.aggregates.volume import Volume
from tracker.aggregates.years import counts_in_years, year_of_hour
from tracker.domain.facts import Fact
from tracker.domain.moment import hour_of
from tracker.domain.network import Network
from tracker.domain.schema import UnknownSchema

SCHEMA: Final = 2
"""First element of a cell's row. A reader takes this one and the one before, and refuses what it does not know
rather than misread sums.

2 has the tally's sums from `teu_unknown` on, and `years`. A row of 1 has them empty: its hours show nothing unknown
and no years. To have them of the past too, the table is rebuilt from `rail.facts`.
"""

HOURS_KEPT: Final = 35 * 24
"""Rows of a group. Five days more than the longest window, because a fact that is ahead of the clock by as much
takes its row from an hour that is still shown; intake refuses what is ahead by more than minutes."""


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """The place of a cell: a group and the hour's place in the round of `HOURS_KEPT`; the row's key."""

    group: Group
    place: int

    def key(self) -> bytes:
        """The row's key: JSON, so that a console consumer of the changelog shows something readable.

        >>> from tracker.aggregates.group import Runs
        >>> Slot(Runs("A--B", None), 360).key()
        b'[["run","A--B",null],360]'
        """
        return _encode_key(self)


def slot_of(group: Group, hour: int) -> Slot:
    """The slot of a group's hour (whole hours since 1970)."""
    return Slot(group, hour % HOURS_KEPT)


def read_slot(key: bytes) -> Slot:
    """The slot of a row's key; `msgspec.DecodeError` when it is none."""
    return _decode_key(key)


class Effect(Enum):
    """What applying a fact did: `REPEATED` was applied before, `OUTDATED` is of an hour no longer kept."""

    COUNTED = "counted"
    REPEATED = "repeated"
    OUTDATED = "outdated"


class Cell(msgspec.Struct, array_like=True):
    """The tally of an hour with its marks. `hour` is -1 before the first fact.

    `marks`: per partition of the facts' source topic the highest (offset, index) applied. One producer
    writes a source partition's facts in order, so what is not above the mark was seen before. A cell that is
    empty again keeps its marks, and so does a row that goes to its next hour: without them a repeated
    withdrawal would be applied to nothing.

    `years`: year to volume, of the year of `hour` and the one before; only what counts at a line.
    """

    schema: int = SCHEMA
    hour: int = -1
    marks: dict[int, tuple[int, int]] = {}
    tally: Tally = msgspec.field(default_factory=Tally)
    years: dict[int, Volume] = {}

    def apply(self, fact: Fact, network: Network, *, sign: int, source: tuple[int, int, int]) -> Effect:
        """Add (sign 1) or withdraw (sign -1) a fact caused by the record at `source` (partition, offset, index)."""
        partition, offset, index = source
        mark = (offset, index)
        if partition in self.marks and mark <= self.marks[partition]:
            return Effect.REPEATED
        self.marks[partition] = mark
        hour = hour_of(fact.end)
        if counts_in_years(fact, network):
            self._add_to_year(fact, hour, sign)
        if hour < self.hour:
            return Effect.OUTDATED
        if hour > self.hour:
            self.hour = hour
            self.tally = Tally()
        self.tally.add(fact, network, sign)
        return Effect.COUNTED

    def _add_to_year(self, fact: Fact, hour: int, sign: int) -> None:
        """A year's volume that is nothing again is not kept, nor one that the row's hour has left behind."""
        year, least = year_of_hour(hour), year_of_hour(max(hour, self.hour)) - 1
        if year >= least:
            self.years.setdefault(year, Volume()).add(fact, sign)
        if len(self.years) > 1 or self.years.get(year) == _NONE:
            kept = sorted(each for each, volume in self.years.items() if each >= least and volume != _NONE)
            self.years = {each: self.years[each] for each in kept}

    def body(self) -> bytes:
        """The row's body."""
        return _encode(self)


def read_cell(body: bytes) -> Cell:
    """The cell of a row's body; `msgspec.ValidationError` when it is none, `UnknownSchema` when it is a newer one."""
    cell = _decode(body)
    if cell.schema not in {SCHEMA - 1, SCHEMA}:
        raise UnknownSchema(f"cell schema {cell.schema} seen, {SCHEMA - 1} or {SCHEMA} wanted: run the newer program")
    cell.schema = SCHEMA
    return cell


_NONE: Final = Volume()
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Cell).decode
_encode_key: Final = msgspec.json.Encoder().encode
_decode_key: Final = msgspec.json.Decoder(Slot).decode
