"""A stage, a store and a log in memory, to run the engine without Kafka; and builders of records."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from faust.types import TP

from tracker.streams.batches import Batch, Held, Owner
from tracker.streams.fetched import Stretch
from tracker.streams.rows import packed, unpacked
from tracker.streams.stage import Output, Record

TOPIC = "in"
OUT = "out"


def record(offset: int, key: str | None = "k", value: str | None = "1", partition: int = 0) -> Record:
    """A record; the value is text."""
    encoded = None if value is None else value.encode()
    return Record(TOPIC, partition, offset, 1_000 + offset, None if key is None else key.encode(), encoded, ())


def batch(start: int, end: int, partition: int = 0, *, held: Held | None = None, generation: int = 1) -> Batch:
    """A batch without records, of the offsets from `start` to before `end`."""
    tp = TP(TOPIC, partition)
    return Batch(Stretch(tp, start, end, [], end - start), generation, 0.0, held or plenty())


def plenty() -> Held:
    """Room for everything."""
    return Held(1_000_000, lambda topic: topic, 1)


class Appending:
    """Appends each value to the row of its key, and emits the row so far with the position it was caused by.

    `broken` values raise: `!read` when read, `!apply` after the row was changed, `!dump` when the row is encoded.
    A value of `drop` gives the row up.
    """

    name = "journeys"

    def __init__(self) -> None:
        """Keeps what it was told."""
        self.applied: list[int] = []
        self.seen: list[tuple[int, list[tuple[bytes, list[str]]]]] = []
        self.held: dict[int, dict[bytes, bytes]] = {}

    def read(self, record: Record) -> tuple[bytes, str]:
        """Key and text."""
        assert record.key is not None
        assert record.value is not None
        if record.value == b"!read":
            raise ValueError("cannot be read")
        return record.key, record.value.decode()

    def load(self, body: bytes | None, partition: int, key: bytes) -> list[str]:
        """The values so far."""
        return [] if body is None else body.decode().split()

    def apply(self, row: list[str], event: str, record: Record) -> Iterable[Output]:
        """Change the row first, then raise or emit."""
        self.applied.append(record.offset)
        row.append(event)
        yield Output(OUT, record.key, f"{record.offset}:{' '.join(row)}".encode())
        if event == "!apply":
            raise RuntimeError("after the row was changed and something was emitted")

    def dump(self, row: list[str]) -> bytes | None:
        """The values, or nothing when the last gave the row up."""
        if "!dump" in row:
            raise OverflowError("cannot be encoded")
        return None if row and row[-1] == "drop" else " ".join(row).encode()

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep what was told."""
        self.held[partition] = dict(rows)

    def revoked(self, partition: int) -> None:
        """Forget it."""
        self.held.pop(partition, None)

    def settled(self, partition: int, rows: Sequence[tuple[bytes, Any]]) -> None:
        """Keep what was told."""
        self.seen.append((partition, [(key, list(row)) for key, row in rows]))


class Crash(BaseException):
    """The process ends here."""


class World:
    """Rows and outputs that outlive the engine. `crash_at` counts steps; at that one everything stops."""

    def __init__(self) -> None:
        """Empty."""
        self.stored: dict[tuple[int, bytes], bytes] = {}
        self.written: list[Output] = []
        self.crash_at = -1
        self.step = 0

    def read(self, partition: int, key: bytes) -> bytes | None:
        """A stored row."""
        return self.stored.get((partition, key))

    async def outputs(self, outputs: Iterable[Output]) -> None:
        """Each output is a step."""
        for output in outputs:
            self._step()
            self.written.append(output)

    async def rows(self, batch: Owner, rows: Mapping[bytes, bytes]) -> None:
        """Each row is a step: Kafka may take some and not others."""
        for key, row in rows.items():
            self._step()
            self.stored[batch.tp.partition, key] = row

    def body(self, key: str, partition: int = 0) -> tuple[int, bytes | None]:
        """Position and body of a stored row."""
        return unpacked(self.read(partition, key.encode()))

    def put(self, key: str, position: int, body: bytes | None, partition: int = 0) -> None:
        """Store a row."""
        self.stored[partition, key.encode()] = packed(position, body)

    def _step(self) -> None:
        if self.step == self.crash_at:
            raise Crash
        self.step += 1
