"""Rows in RocksDB (package `rocksdict`, extra `rocksdb`): for more rows than fit in memory, and quick restarts.

A database per partition, in the worker's own folder. Rows and the changelog offset they reflect are one write
(Faust writes them one after the other), made after the changelog has acknowledged the rows: the store is never
ahead of it. What it lacks after a crash is read from the changelog.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

import rocksdict
from faust.stores import rocksdb
from faust.types import TP

from tracker.settings import MEBIBYTE
from tracker.streams.rows import RowStore

OPTIONS: Final[Mapping[str, Any]] = {
    "driver": "rocksdict",
    # Faust's defaults are a cache of 2 GiB and three buffers of 64 MiB for each partition of each table.
    "block_cache_size": 16 * MEBIBYTE,
    "write_buffer_size": 8 * MEBIBYTE,
}
"""Of each partition's database."""


class RocksRows(RowStore, rocksdb.Store):
    """Rows on disk."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    def __init__(self, *args: Any, options: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """As Faust makes it."""
        # A fresh dict: Faust removes entries from the one it is given.
        super().__init__(*args, options={**OPTIONS, **(options or {})}, **kwargs)
        self.begin()

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The row of a key, None where there is none."""
        row: bytes | None = self._db_for_partition(partition).get(key)
        return row

    def write(self, partition: int, rows: Mapping[bytes, bytes | None], offset: int) -> None:
        """Replace or remove rows, and say up to where the changelog is in them: one write."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, row in rows.items():
            if row is None:
                batch.delete(key)
            else:
                batch.put(key, row)
        batch.put(self.offset_key, str(offset).encode())
        self._db_for_partition(partition).write(batch)

    def rows(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a partition."""
        for key, row in self._db_for_partition(partition).items():
            if key != self.offset_key:
                yield key, row

    def row_keys(self) -> Iterator[bytes]:
        """The keys of all rows."""
        for db in list(self._dbs.values()):
            yield from (
                key
                for key in db.keys()  # noqa: SIM118  # not a dictionary
                if key != self.offset_key
            )

    def count(self) -> int:
        """About how many rows are held; RocksDB keeps no exact count."""
        estimates = (db.property_int_value("rocksdb.estimate-num-keys") or 0 for db in self._dbs.values())
        return sum(max(0, int(estimate) - 1) for estimate in estimates)

    def apply_changelog_batch(self, batch: Any, to_key: Any = None, to_value: Any = None) -> None:
        """Nothing: restored on arrival."""

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Close what went, open what came."""
        self.rebalanced(revoked, newly_assigned)
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
