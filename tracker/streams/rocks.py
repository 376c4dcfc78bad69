"""Rows in RocksDB (package `rocksdict`, extra `rocksdb`): for more rows than fit in memory, and quick restarts.

A database per partition, in the worker's own folder. Rows and the changelog offset they reflect are one write
(Faust writes them one after the other), made after the changelog has acknowledged the rows: the store is never
ahead of it. What it lacks after a crash is read from the changelog.

A database that is damaged is thrown away, and all its rows are read from the changelog: at once where that shows when
it is opened, else the worker stops and its next start does so.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import rocksdict
from faust.stores import rocksdb
from faust.types import TP

from tracker.settings import MEBIBYTE
from tracker.streams.rows import RowStore
from tracker.streams.runtime import Broken

log = logging.getLogger(__name__)

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
        """The row of a key, None where there is none. Raises `Broken`."""
        with self._sound(partition):
            row: bytes | None = self._db_for_partition(partition).get(key)
        return row

    def write(self, partition: int, rows: Mapping[bytes, bytes | None], offset: int) -> None:
        """Replace or remove rows, and say up to where the changelog is in them: one write. Raises `Broken`."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, row in rows.items():
            if row is None:
                batch.delete(key)
            else:
                batch.put(key, row)
        batch.put(self.offset_key, str(offset).encode())
        with self._sound(partition):
            self._db_for_partition(partition).write(batch)

    def rows(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a partition. Raises `Broken`."""
        with self._sound(partition):
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

    def persisted_offset(self, tp: TP) -> int | None:
        """Up to where the changelog is in the rows; None where it has to be read from the beginning."""
        with self._sound(tp.partition):
            offset: int | None = super().persisted_offset(tp)
        return offset

    def _open_for_partition(self, partition: int) -> Any:
        path, mark = self.partition_path(partition), self._mark(partition)
        if mark.exists():
            shutil.rmtree(path, ignore_errors=True)
            mark.unlink()
        try:
            return super()._open_for_partition(partition)
        except Exception as error:
            if not _is_damage(error):
                raise
            log.error("%s is damaged (%s): its rows are restored from the changelog", path, error)
            shutil.rmtree(path, ignore_errors=True)
            return super()._open_for_partition(partition)

    @contextmanager
    def _sound(self, partition: int) -> Iterator[None]:
        """Raises `Broken` for what the database raises; if it is damaged it is thrown away at the next start."""
        try:
            yield
        except Broken:
            raise
        except Exception as error:
            if _is_damage(error):
                self._mark(partition).touch()
            raise Broken(f"{self.partition_path(partition)}: {error}") from error

    def _mark(self, partition: int) -> Path:
        path: Path = self.partition_path(partition)
        return path.with_suffix(".damaged")


def _is_damage(error: Exception) -> bool:
    # rocksdict raises plain exceptions with RocksDB's words; a full disk or a lock that is held begins otherwise.
    return str(error).startswith("Corruption")
