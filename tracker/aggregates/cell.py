"""A cell: one hour of event time of one group, and how far each source has been applied to it.

A row of the subjects stage is one cell. Not one row per subject: that would hold 35 days and be rewritten
for every batch, while a batch touches few hours. A fact's `end` decides its hour, so adding and withdrawing
it end in the same cell.

Size: 40 bytes and four per bucket, at most 12 marks of ten bytes; some 100 to 200 bytes an hour, at most
500 groups x 840 hours of them.
"""

from typing import Final, Literal

import msgspec

from tracker.aggregates.group import Group
from tracker.aggregates.tally import Tally
from tracker.domain.facts import Fact
from tracker.domain.network import Network

SCHEMA: Final = 1
"""First element of a cell's row; a reader refuses what it does not know rather than misread sums."""


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """What a cell is of: a group and an hour (whole hours since 1970); the row's key."""

    group: Group
    hour: int

    def key(self) -> bytes:
        """The row's key: JSON, so that a console consumer of the changelog shows something readable.

        >>> from tracker.aggregates.group import Runs
        >>> Slot(Runs("A--B", None), 480000).key()
        b'[["run","A--B",null],480000]'
        """
        return _encode_key(self)


def read_slot(key: bytes) -> Slot:
    """The slot of a row's key; `msgspec.DecodeError` when it is none."""
    return _decode_key(key)


class Cell(msgspec.Struct, array_like=True):
    """The tally of an hour with its marks.

    `marks`: per partition of the facts' source topic the highest (offset, index) applied. One producer
    writes a source partition's facts in order, so what is not above the mark was seen before. A cell that is
    empty again keeps its marks: without them a repeated withdrawal would be applied to nothing.
    """

    schema: Literal[1] = SCHEMA
    marks: dict[int, tuple[int, int]] = {}
    tally: Tally = msgspec.field(default_factory=Tally)

    def apply(self, fact: Fact, network: Network, *, sign: int, source: tuple[int, int, int]) -> bool:
        """Add (sign 1) or withdraw (sign -1) a fact caused by the record at `source`.

        `source` is (partition, offset, index). False when it was applied before and nothing changed.
        """
        partition, *at = source
        mark = (at[0], at[1])
        if partition in self.marks and mark <= self.marks[partition]:
            return False
        self.tally.add(fact, network, sign)
        self.marks[partition] = mark
        return True

    def body(self) -> bytes:
        """The row's body."""
        return _encode(self)


def read_cell(body: bytes) -> Cell:
    """The cell of a row's body; `msgspec.ValidationError` when it is none or its schema is unknown."""
    return _decode(body)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Cell).decode
_encode_key: Final = msgspec.json.Encoder().encode
_decode_key: Final = msgspec.json.Decoder(Slot).decode
