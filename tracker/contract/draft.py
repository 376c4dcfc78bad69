"""A report while intake checks it: its fields by our names, and what was found so far."""

from hashlib import blake2b
from typing import Final

import msgspec

from tracker.contract.native import NativeEvent
from tracker.contract.plain_event import PlainEvent
from tracker.contract.said import Said
from tracker.domain.correction import Correction
from tracker.domain.faults import Fault
from tracker.domain.moment import Millis

Source = tuple[int, int, int]
"""Partition, offset and place in the body."""


class Draft(msgspec.Struct, frozen=True, gc=False):
    """Who sent which event, received when and where. `unsound`: fields of no use; `listed`: containers aboard."""

    carrier: str
    event: NativeEvent | PlainEvent | Said
    unsound: frozenset[str]
    received: Millis
    source: Source
    faults: list[Fault]
    correction: Correction | None = None
    listed: tuple[str, ...] = ()


def content_of(fields: tuple[object, ...]) -> int:
    """A hash of 63 bits of all that a carrier said."""
    return int.from_bytes(blake2b(_pack(fields), digest_size=8).digest(), "big") >> 1


_pack: Final = msgspec.msgpack.Encoder().encode
