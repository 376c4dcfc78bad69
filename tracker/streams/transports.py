"""The transports stage: reports about trains and vessels, and loadings, in; movements of the containers aboard out.

Nothing comes here from carriers that send no such reports. One row per carrier and transport; see
`tracker.domain.transport` for who is aboard. What is emitted for a record carries its position (`via`), and its offset
ranks it above what was emitted for the same container and report before.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from cramjam import lz4

from tracker.contract.feedback import carrier_id, feedback, to_json
from tracker.contract.records import movement_bytes
from tracker.contract.transports import read_transport
from tracker.domain.aboard import Told
from tracker.domain.report import Outcome
from tracker.domain.transport import TransportRow, apply, dump, load
from tracker.streams.stage import Output, Record
from tracker.streams.topics import MOVEMENTS


class TransportsObserver(Protocol):
    """What the transports stage tells once its rows are stored."""

    def report(self, carrier: str, outcome: str, count: int = 1) -> None:
        """One report about a transport was accepted, or turned out to be a duplicate or superseded."""

    def movement(self, carrier: str, kind: str, count: int = 1) -> None:
        """A movement of a container was found to follow."""


class _Held:
    """A row while a batch works on it, with what happened to it and is not yet stored."""

    __slots__ = ("moved", "outcomes", "row")

    def __init__(self, row: TransportRow) -> None:
        self.row = row
        self.outcomes: list[tuple[str, Outcome]] = []
        self.moved: list[tuple[str, str]] = []


class TransportsStage:
    """Joins transports and the containers aboard; see the module."""

    name = "transports"

    def __init__(self, observer: TransportsObserver) -> None:
        self._observer = observer

    def read(self, record: Record) -> tuple[bytes, Any]:
        """The transport's key and the report."""
        return read_transport(record.value or b"")

    def load(self, body: bytes | None, partition: int, key: bytes) -> _Held:
        """The transport's row."""
        return _Held(load(bytes(lz4.decompress_block(body)) if body else None))

    def apply(self, row: _Held, event: Told, record: Record) -> Iterable[Output]:
        """Take the report into the row; give the movements that follow now, and those that no longer do, retracted."""
        report = event.report
        ruling = apply(row.row, event, record.offset)
        outputs: list[Output] = []
        for container, version in ruling.changes:
            via = (record.partition, record.offset, len(outputs))
            outputs.append(Output(MOVEMENTS, container.encode(), movement_bytes(container, version, via)))
            if not version.retracted:
                row.moved.append((version.carrier, version.kind.value))
        if ruling.outcome is not None:
            row.outcomes.append((report.carrier, ruling.outcome))
            if ruling.outcome is not Outcome.ACCEPTED:
                said = feedback(carrier_id(report.id), report.source, ruling.outcome, ())
                outputs.append(Output(f"carrier.{report.carrier}.feedback", None, to_json(said)))
        return outputs

    def dump(self, row: _Held) -> bytes | None:
        """The row's body."""
        body = dump(row.row)
        return None if body is None else bytes(lz4.compress_block(body))

    def settled(self, partition: int, rows: Sequence[tuple[bytes, _Held]]) -> None:
        """Count what is now certain."""
        for _, held in rows:
            for carrier, outcome in held.outcomes:
                self._observer.report(carrier, outcome.value)
            for carrier, kind in held.moved:
                self._observer.movement(carrier, kind)
            held.outcomes.clear()
            held.moved.clear()

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Nothing is kept beside the rows."""

    def revoked(self, partition: int) -> None:
        """Nothing is kept beside the rows."""
