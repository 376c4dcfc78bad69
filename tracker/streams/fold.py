"""Folds one batch's records into rows, in memory; writes nothing.

Two ways. The quick one applies each record once and encodes each row once. A record that raises while it is
applied may leave its row half changed, so then everything is thrown away and the batch is folded the careful
way, in which the row is kept, encoded, from before each record. That is slower, and needed only while a fault
of our own is out there: bad reports are values of the stages, not exceptions.

Catching everything is right here, and nowhere else but in `agents.py`: Faust takes a message whose agent raised
for done, so a record that breaks our code would be lost without a word, and its batch with it.

A row that a newer program wrote, or that the store cannot give, is no fault of the record: the worker stops.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tracker.domain.schema import UnknownSchema
from tracker.streams.rejection import poisoned
from tracker.streams.rows import NOWHERE, packed, unpacked
from tracker.streams.runtime import Broken
from tracker.streams.stage import Output, Record, Stage, SweepingStage

ReadRow = Callable[[bytes], bytes | None]
"""The stored row of a key; None where there is none."""


class Spoiled(Exception):
    """A record broke a row: fold the batch the careful way."""


class _Held:
    """A row while its batch is folded."""

    __slots__ = ("changed", "position", "row")

    def __init__(self, row: Any, position: int) -> None:
        self.row, self.position, self.changed = row, position, False


class Fold:
    """What a batch of one partition comes to: rows, outputs, poison records. The quick way."""

    def __init__(self, stage: Stage, partition: int, read_row: ReadRow, outputs: list[Output] | None = None) -> None:
        """Begins with no record; `outputs` may be shared with other folds, to have one order."""
        self._stage, self._partition, self._read_row = stage, partition, read_row
        self._held: dict[bytes, _Held] = {}
        self.outputs: list[Output] = [] if outputs is None else outputs
        """In the order of the records that caused them."""
        self.poison: list[tuple[Record, Exception]] = []
        """The records that broke our code, and how."""

    def feed(self, records: Iterable[Record]) -> None:
        """Apply records, those that a row already reflects left out. Raises `Spoiled`."""
        read, apply, held, outputs = self._stage.read, self._stage.apply, self._held, self.outputs
        for record in records:
            try:
                key, event = read(record)
            except Exception as error:  # noqa: BLE001  # see above
                self.poison.append((record, error))
                continue
            try:
                if (row := held.get(key)) is None:
                    row = held[key] = self._load(key)
                if record.offset > row.position:
                    outputs += apply(row.row, event, record)
                    row.position = record.offset
                    row.changed = True
            except Broken:
                raise
            except Exception as error:
                raise Spoiled from error

    def rows(self) -> dict[bytes, bytes]:
        """The rows that changed, as they are stored. Raises `Spoiled`."""
        dump = self._stage.dump
        try:
            return {key: packed(held.position, dump(held.row)) for key, held in self._held.items() if held.changed}
        except Exception as error:
            raise Spoiled from error

    def settled(self) -> list[tuple[bytes, Any]]:
        """The rows that changed, as the stage knows them."""
        return [(key, held.row) for key, held in self._held.items() if held.changed]

    def rejected(self) -> Iterator[Output]:
        """What is kept of the poison records."""
        for record, error in self.poison:
            yield poisoned(record, self._stage.name, error)

    def _load(self, key: bytes) -> _Held:
        position, body = unpacked(self._read_row(key))
        return _Held(_loaded(self._stage, body, self._partition, key), position)


def _loaded(stage: Stage, body: bytes | None, partition: int, key: bytes) -> Any:
    """The row of a stored body. Raises `Broken` when a newer program wrote it, whatever the stage raises else."""
    try:
        return stage.load(body, partition, key)
    except UnknownSchema as error:
        raise Broken(f"{stage.name}, row {key!r} of partition {partition}: {error}") from error


class Sweep:
    """What judging rows of one partition comes to: rows with their positions as they were, outputs."""

    def __init__(self, stage: SweepingStage, partition: int, read_row: ReadRow) -> None:
        """Begins with no row."""
        self._stage, self._partition, self._read_row = stage, partition, read_row
        self.outputs: list[Output] = []
        self.rows: dict[bytes, bytes] = {}
        self.settled: list[tuple[bytes, Any]] = []
        self.poison: list[tuple[bytes, Exception]] = []
        """The keys of rows that could not be judged, and why: they stay as they are."""

    def judge(self, key: bytes, work: Callable[[Any], Iterable[Output]]) -> None:
        """Have work done on one row, if it is there. Raises `Broken`."""
        position, body = unpacked(self._read_row(key))
        if body is None:
            return
        try:
            row = _loaded(self._stage, body, self._partition, key)
            outputs = work(row)
            stored = packed(position, self._stage.dump(row))
        except Broken:
            raise
        except Exception as error:  # noqa: BLE001  # see above
            self.poison.append((key, error))
            return
        self.outputs += outputs
        self.rows[key] = stored
        self.settled.append((key, row))


class CarefulFold(Fold):
    """The same, with every row kept as it was before each record. Raises `Broken`."""

    def __init__(self, stage: Stage, partition: int, read_row: ReadRow, outputs: list[Output] | None = None) -> None:
        """Begins with no record."""
        super().__init__(stage, partition, read_row, outputs)
        self._bodies: dict[bytes, bytes | None] = {}

    def feed(self, records: Iterable[Record]) -> None:
        """Apply records one by one; the ones that break their row are rejected and the row put back."""
        for record in records:
            try:
                self._apply(record)
            except Broken:
                raise
            except Exception as error:  # noqa: BLE001  # see above
                self.poison.append((record, error))

    def rows(self) -> dict[bytes, bytes]:
        """The rows that changed, as they are stored."""
        return {key: packed(held.position, self._bodies[key]) for key, held in self._held.items() if held.changed}

    def _apply(self, record: Record) -> None:
        key, event = self._stage.read(record)
        held = self._held.get(key)
        if held is None:
            position, body = unpacked(self._read_row(key))
            # The stored body, not the row: if it cannot be read each of its records is rejected.
            held = _Held(None, position)
            self._bodies[key] = body
        if record.offset <= held.position:
            return
        before = self._bodies[key]
        row = _loaded(self._stage, before, self._partition, key)
        outputs: Sequence[Output] = list(self._stage.apply(row, event, record))
        self._bodies[key] = self._stage.dump(row)
        self.outputs += outputs
        held.row, held.position, held.changed = row, record.offset, True
        self._held[key] = held


assert NOWHERE < 0  # every offset is above the position of a row that is not there
