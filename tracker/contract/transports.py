"""Records of `rail.transports`: what was said of a train or vessel, and of containers loaded on it."""

from typing import Final

import msgspec

from tracker.contract.reading import Reading
from tracker.contract.records import MovementRecord, movement_record, report_of
from tracker.domain.aboard import BOARDINGS, Told
from tracker.domain.report import Classifier, Kind, Report
from tracker.domain.transport import Ruling, TransportRow, apply


class TransportRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One report on `rail.transports`, keyed by carrier and transport.

    `movement` without a container is a report about the transport; `containers` are those that it lists.
    """

    transport: str
    movement: MovementRecord
    containers: tuple[str, ...] = ()


def told_of(container: str | None, report: Report, containers: tuple[str, ...]) -> Told | None:
    """What a reading that names a transport tells of it; None where it is a container's alone."""
    if container is None:
        return Told(report, "", containers)
    boards = report.classifier is Classifier.ACTUAL and report.kind in BOARDINGS
    return Told(report, container) if boards or (report.retracted and report.kind is Kind.PASSED) else None


def transport_key(carrier: str, transport: str) -> bytes:
    """The key of a transport's records and of its row: references are the carrier's own."""
    return f"{carrier} {transport}".encode()


def transport_bytes(transport: str, told: Told) -> bytes:
    """The record of a report."""
    return _encode(TransportRecord(transport, movement_record(told.container, told.report), told.containers))


def read_transport(value: bytes) -> tuple[bytes, Told]:
    """Key of the row and report of a record; `DecodeError` or `ValueError` when it is none."""
    record = _decode(value)
    movement = record.movement
    told = Told(report_of(movement), movement.container, record.containers)
    return transport_key(movement.carrier, record.transport), told


class Transports:
    """All transports' rows in memory, for who takes reports in one by one."""

    def __init__(self) -> None:
        """Nothing was reported."""
        self._rows: dict[bytes, TransportRow] = {}
        self._taken = 0

    def take(self, reading: Reading, report: Report) -> Ruling:
        """What an accepted report does to its transport, and for the containers aboard."""
        if reading.transport is None or (told := told_of(reading.container, report, reading.containers)) is None:
            return Ruling(None, ())
        self._taken += 1
        row = self._rows.setdefault(transport_key(report.carrier, reading.transport), TransportRow())
        return apply(row, told, self._taken)


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(TransportRecord).decode
