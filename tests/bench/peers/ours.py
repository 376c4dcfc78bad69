"""The transport job on the tracker's runtime: batches through Faust, two small stages, the memory store.

python -m tests.bench.peers.ours    # settings in BENCH_*; BENCH_STORE=rocksdb
"""

import os
import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from tests.bench.peers.job import (
    COMMIT_SECONDS,
    FACTS,
    PARTITIONS,
    POLL_RECORDS,
    Box,
    Corridor,
    Report,
    fold_fact,
    fold_report,
    given,
    read_box,
    read_corridor,
    read_fact,
    read_report,
    write_json,
    write_row,
)
from tracker.settings import Settings
from tracker.streams.app import build_app
from tracker.streams.observer import Silence
from tracker.streams.stage import Output, Record
from tracker.streams.worker import run_worker


class Kept:
    """What the two stages share: rows are decoded, encoded, and nothing is kept beside them."""

    name = ""

    def dump(self, row: Any) -> bytes | None:
        """The body."""
        return write_row(row)

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Go through them, as any stage with a view does."""
        for _ in rows:
            pass

    def revoked(self, partition: int) -> None:
        """Nothing is kept."""


class Boxes(Kept):
    """Reports to facts."""

    name = "journeys"

    def read(self, record: Record) -> tuple[bytes, Report | None]:
        """A wrong report is a value, as in the tracker's intake."""
        try:
            return record.key or b"", read_report(record.value or b"")
        except msgspec.DecodeError:
            return b"", None

    def load(self, body: bytes | None, partition: int, key: bytes) -> Box:
        """The row."""
        return read_box(body)

    def dump(self, row: Box) -> bytes | None:
        """The body; the row that wrong reports are counted to has none."""
        return write_row(row) if row.count else None

    def apply(self, row: Box, event: Report | None, record: Record) -> list[Output]:
        """Fold."""
        fact = None if event is None else fold_report(row, event)
        return [] if fact is None else [Output(FACTS, fact.corridor.encode(), write_json(fact))]


class Corridors(Kept):
    """Facts to sums."""

    name = "subjects"

    def read(self, record: Record) -> tuple[bytes, Any]:
        """By corridor."""
        return record.key or b"", read_fact(record.value or b"")

    def load(self, body: bytes | None, partition: int, key: bytes) -> Corridor:
        """The row."""
        return read_corridor(body)

    def apply(self, row: Corridor, event: Any, record: Record) -> list[Output]:
        """Add up."""
        fold_fact(row, event)
        return []


class Saying(Silence):
    """Says what was restored; silent else."""

    def recovered(self, stage: str, records: int, seconds: float) -> None:
        """In the words that `tests.bench.restore` reads."""
        print(f"restored {records} in {seconds * 1000:.0f} ms", flush=True)


def main() -> int:
    """Run until SIGTERM."""
    start = given()
    settings = Settings(
        brokers=start.brokers,
        app_id=start.app_id,
        partitions=PARTITIONS,
        retention_days=0,
        web_port=0,
        commit_seconds=COMMIT_SECONDS,
        max_poll_records=POLL_RECORDS,
        store="rocksdb" if os.environ.get("BENCH_STORE") == "rocksdb" else "memory",
        data_dir=start.folder,
    )
    return run_worker(build_app(settings, (), {stage.name: stage for stage in (Boxes(), Corridors())}, Saying()))


if __name__ == "__main__":
    sys.exit(main())
