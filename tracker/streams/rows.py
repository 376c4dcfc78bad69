"""State rows, and the two stores that hold them: memory, and RocksDB (`rocks.py`).

A row is eight bytes of position and a body. The position is the offset, in the stage's input partition, of the
last record the row reflects. Both are one write, to the changelog as to the store, so they cannot part. A row
with an empty body is a *grave*: no longer needed, its position kept, so that an old row that comes late does
not rise again. (Graves are not yet turned into tombstones; that may happen once the compaction lag has passed.)

The rule of restore: a row with a lower position never replaces one with a higher; at equal positions the later
record wins. So what a worker that was paused writes late does no harm while the better row is not yet compacted
away (`topics.COMPACTION_LAG`). The better row is written again with the next batch of its partition.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Final, cast

from faust.stores import memory
from faust.tables import Table
from faust.types import TP

from tracker.streams.batches import Batch
from tracker.streams.runtime import Runtime
from tracker.streams.stage import Record, Stage

POSITION_BYTES: Final = 8
NOWHERE: Final = -1
"""The position of a row that is not there: before the first offset."""


def packed(position: int, body: bytes | None) -> bytes:
    """A row as it is stored; a body of None makes a grave."""
    return position.to_bytes(POSITION_BYTES, "big") + (body or b"")


def unpacked(row: bytes | None) -> tuple[int, bytes | None]:
    """Position and body of a stored row; the body of a grave is None."""
    if row is None:
        return NOWHERE, None
    return int.from_bytes(row[:POSITION_BYTES], "big"), row[POSITION_BYTES:] or None


class Repairs:
    """Applies the rule of restore, and remembers the better rows that have to be written again."""

    def __init__(self) -> None:
        """Nothing to repair."""
        self._rows: defaultdict[int, dict[bytes, bytes]] = defaultdict(dict)

    def merge(self, partition: int, records: Iterable[Record], read: Any) -> dict[bytes, bytes | None]:
        """What changelog records change; `read(partition, key)` gives the row as it is, None where there is none.

        A record without a value (nothing of ours writes one) removes the row.
        """
        changed: dict[bytes, bytes | None] = {}
        repairs = self._rows[partition]
        for record in records:
            key, new = record.key or b"", record.value
            old = changed[key] if key in changed else read(partition, key)
            if new is not None and old is not None and old[:POSITION_BYTES] > new[:POSITION_BYTES]:
                repairs[key] = old
            else:
                changed[key] = new
                repairs.pop(key, None)
        return changed

    def take(self, partition: int) -> dict[bytes, bytes]:
        """The rows of a partition to be written again; they are no longer remembered."""
        return self._rows.pop(partition, {})

    def drop(self, partition: int) -> None:
        """The partition is no longer ours."""
        self._rows.pop(partition, None)


class RowStore:
    """What both stores share: restoring a batch at a time, and telling the stage what it owns.

    Mixed in before one of Faust's stores.
    """

    app: Any
    table: Any

    def begin(self) -> None:
        """Set up; the stores call it when Faust has made them."""
        self.repairs = Repairs()
        self._new: set[int] = set()
        self._restored = 0
        self._restoring_since = 0.0

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The row of a key, None where there is none."""
        raise NotImplementedError

    def write(self, partition: int, rows: Mapping[bytes, bytes | None], offset: int) -> None:
        """Replace or (None) remove rows; the store then reflects the changelog up to this offset, inclusive."""
        raise NotImplementedError

    def rows(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a partition, graves included."""
        raise NotImplementedError

    def row_keys(self) -> Iterator[bytes]:
        """The keys of all rows, as of when each partition is begun with; it may be gone through while rows change."""
        raise NotImplementedError

    def count(self) -> int:
        """Rows held, graves included."""
        raise NotImplementedError

    def restore(self, batch: Batch, records: Sequence[Record]) -> None:
        """Apply a batch of the changelog."""
        self._restoring_since = self._restoring_since or monotonic()
        partition = batch.tp.partition
        self._new.add(partition)
        self._restored += len(records)
        self.write(partition, self.repairs.merge(partition, records, self.read), batch.next - 1)

    def rebalanced(self, revoked: Iterable[TP], assigned: Iterable[TP]) -> None:
        """Partitions went and came."""
        stage = cast(RowTable, self.table).stage
        for partition in self._ours(revoked):
            self.repairs.drop(partition)
            self._new.discard(partition)
            stage.revoked(partition)
        self._new.update(self._ours(assigned))

    def told(self) -> None:
        """Recovery is complete: tell the stage of partitions that are new or were changed by others."""
        table = cast(RowTable, self.table)
        for partition in sorted(self._new):
            table.stage.recovered(partition, _bodies(self.rows(partition)))
        self._new.clear()
        if self._restored:
            seconds = monotonic() - self._restoring_since
            table.runtime.observer.recovered(table.stage.name, self._restored, seconds)
        self._restored, self._restoring_since = 0, 0.0

    def _ours(self, tps: Iterable[TP]) -> list[int]:
        return [tp.partition for tp in tps if tp.topic == self.table.changelog_topic_name]


def _bodies(rows: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    for key, row in rows:
        if body := row[POSITION_BYTES:]:
            yield key, body


class MemoryRows(RowStore, memory.Store[bytes, bytes]):
    """Rows in a dict per partition, dropped with the partition (Faust's keeps the rows of lost ones)."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    def __post_init__(self) -> None:
        """Called by Faust at the end of its constructor."""
        super().__post_init__()
        self.begin()
        self._partitions: defaultdict[int, dict[bytes, bytes]] = defaultdict(dict)

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The row of a key, None where there is none."""
        return self._partitions[partition].get(key)

    def write(self, partition: int, rows: Mapping[bytes, bytes | None], offset: int) -> None:
        """Replace or remove rows."""
        held = self._partitions[partition]
        for key, row in rows.items():
            if row is None:
                held.pop(key, None)
            else:
                held[key] = row

    def rows(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a partition."""
        yield from self._partitions[partition].items()

    def row_keys(self) -> Iterator[bytes]:
        """The keys of all rows."""
        for partition in list(self._partitions):
            yield from list(self._partitions.get(partition, ()))

    def count(self) -> int:
        """Rows held."""
        return sum(len(rows) for rows in self._partitions.values())

    def apply_changelog_batch(self, batch: Any, to_key: Any = None, to_value: Any = None) -> None:
        """Nothing: restored on arrival."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forget partitions that went."""
        self.rebalanced(revoked, newly_assigned)
        for partition in self._ours(revoked):
            self._partitions.pop(partition, None)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Nothing left to do: partitions that went are gone already."""


class RowTable(Table[bytes, bytes]):
    """A stage's table. Faust owns its assignment and recovery; rows are read and written by the engine only."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    stage: Stage
    runtime: Runtime

    def _new_store(self) -> Any:
        if self.runtime.settings.store == "rocksdb":
            from tracker.streams.rocks import RocksRows

            make: Any = RocksRows
        else:
            make = MemoryRows
        return make(
            f"{self.runtime.settings.store}://",
            self.app,
            self,
            table_name=self.name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            loop=self.loop,
            options=dict(self.options or {}),
        )

    async def on_changelog_event(self, event: Any) -> None:
        """Restore a batch on its arrival. Faust would gather some first, and take them for read before they are."""
        batch: Batch = event.value
        if records := cast(Any, self.app.consumer).restored(batch):
            try:
                self.store.restore(batch, records)
            except Exception as fault:  # whatever it is, Faust would log it and go on without these rows
                self.runtime.control.halt(f"{batch!r} could not be restored: {fault!r}")
                raise

    @property
    def store(self) -> RowStore:
        """The rows."""
        return cast(RowStore, self.data)
