"""The intake's row of a carrier in one partition: a msgpack array, schema number first, fields appended only."""

from typing import Final

import msgspec

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.histogram import Histogram
from tracker.domain.moment import Millis
from tracker.domain.schema import UnknownSchema
from tracker.streams.accepted import Clean

SCHEMA: Final = 3
"""2 has `days`, 3 has `clean`; a row of before begins without."""


class CarrierRow(msgspec.Struct, array_like=True):
    """What one partition knows of a carrier. `watermark`: the latest event time of an accepted actual report.

    `delays`: hour of received time to the delays (ms) of the actual reports received in it; 24 hours. `days`: day of
    received time (since 1970) to what is learned of it.
    """

    schema: int = SCHEMA
    watermark: Millis | None = None
    received: Millis = Millis(0)
    reports: int = 0
    rejected: int = 0
    delays: dict[int, Histogram] = {}
    days: dict[int, CarrierDay] = {}
    clean: Clean = msgspec.field(default_factory=Clean)


def read_row(body: bytes) -> CarrierRow:
    """The row of a stored body. `msgspec.DecodeError` when it is none, `UnknownSchema` when it is a newer one."""
    row = _decode(body)
    if row.schema > SCHEMA:
        raise UnknownSchema(f"carrier row schema {row.schema} seen, up to {SCHEMA} wanted: run the newer program")
    return row


_decode: Final = msgspec.msgpack.Decoder(CarrierRow).decode
