"""Three toy stages and a worker of them, for fault tests of the engine: everything in them is exact or visibly wrong.

Reports go in as `{"k": key, "n": number}`. A row counts what was applied and keeps a checksum over it, so a record
that is lost or applied twice changes it. `world.py` computes what must come out.

Run as a program it is one worker: `python -m tests.broker.toy SETTINGS_JSON [FAULT...]`, where a fault is
`drop` (a fifth of the fetched batches is lost on the way to the agents) or `slow` (a tenth of a second per batch).
"""

import json
import random
import sys
import time
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from tracker.settings import Settings
from tracker.streams.app import build_app
from tracker.streams.consumer import Consumer
from tracker.streams.stage import Output, Record
from tracker.streams.topics import FACTS, MOVEMENTS
from tracker.streams.transport import Transport
from tracker.streams.worker import run_worker

CARRIERS: Final = ("aaa", "bbb")
BOOM: Final = -1
"""A number that breaks the journeys stage after it has changed the row."""
SUBJECTS: Final = 7


class Event(msgspec.Struct):
    """A toy report, movement or fact: key, number, and the position of the record that caused it."""

    k: str
    n: int
    origin: tuple[int, int, int] = (0, 0, 0)


class Row(msgspec.Struct, array_like=True):
    """Count, checksum, and per source the highest (offset, index) applied."""

    n: int = 0
    sum: int = 0
    marks: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)


read_event = msgspec.json.Decoder(Event).decode
read_row = msgspec.msgpack.Decoder(Row).decode


def checksum(source: int, offset: int, number: int) -> int:
    """Of one applied record; added up, so that it does not depend on an order that Kafka does not give."""
    return zlib.crc32(b"%d-%d-%d" % (source, offset, number))


def subject_of(key: str) -> str:
    """The subject of a fact."""
    return f"subject-{zlib.crc32(key.encode()) % SUBJECTS}"


def source_of(carrier: str, partition: int) -> int:
    """A number for a partition of a carrier's topic."""
    return CARRIERS.index(carrier) * 1000 + partition


class Toy:
    """What the toy stages share."""

    name = ""

    def __init__(self, slow: bool = False) -> None:
        """`slow` takes a tenth of a second per batch."""
        self._slow = slow

    def read(self, record: Record) -> tuple[bytes, Event]:
        """Key and event."""
        return record.key or b"", read_event(record.value or b"")

    def load(self, body: bytes | None, partition: int, key: bytes) -> Row:
        """The row."""
        return Row() if body is None else read_row(body)

    def dump(self, row: Row) -> bytes | None:
        """The body."""
        return msgspec.msgpack.encode(row)

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Read every row: one that cannot be read fails the test."""
        for _, body in rows:
            read_row(body)

    def revoked(self, partition: int) -> None:
        """Nothing is kept."""

    def settled(self, partition: int, rows: Sequence[tuple[bytes, Any]]) -> None:
        """Take time."""
        if self._slow:
            time.sleep(0.1)


class Intake(Toy):
    """Reports to movements, keyed by `k`; one row per carrier."""

    name = "intake"

    def read(self, record: Record) -> tuple[bytes, Event]:
        """A row per carrier."""
        return record.topic.encode(), read_event(record.value or b"")

    def apply(self, row: Row, event: Event, record: Record) -> list[Output]:
        """Every report becomes a movement."""
        carrier = record.topic.split(".")[1]
        row.n += 1
        row.sum += checksum(source_of(carrier, record.partition), record.offset, event.n)
        event.origin = (source_of(carrier, record.partition), record.offset, 0)
        return [Output(MOVEMENTS, event.k.encode(), msgspec.json.encode(event))]


class Journeys(Toy):
    """Movements to facts; a movement seen before is known by its origin."""

    name = "journeys"

    def apply(self, row: Row, event: Event, record: Record) -> list[Output]:
        """Every movement becomes a fact."""
        source, *at = event.origin
        if tuple(at) <= row.marks.get(source, (-1, -1)):
            return []
        row.marks[source] = (at[0], at[1])
        row.n += 1
        row.sum += checksum(source, at[0], event.n)
        if event.n == BOOM:
            raise RuntimeError("a fault of ours, after the row was changed")
        fact = Event(subject_of(event.k), event.n, (record.partition, record.offset, 0))
        return [Output(FACTS, fact.k.encode(), msgspec.json.encode(fact), (("of", event.k.encode()),))]


class Subjects(Toy):
    """Facts to sums."""

    name = "subjects"

    def apply(self, row: Row, event: Event, record: Record) -> list[Output]:
        """Every fact is added up."""
        source, *at = event.origin
        if tuple(at) > row.marks.get(source, (-1, -1)):
            row.marks[source] = (at[0], at[1])
            row.n += 1
            row.sum += event.n
        return []


class DroppingConsumer(Consumer):
    """Loses a fifth of what it fetches, as Faust does around rebalances."""

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        fetched = await super()._getmany(active_partitions, timeout)
        return {tp: batches for tp, batches in fetched.items() if random.random() > 0.2}


def main() -> int:
    """Run one worker."""
    faults = sys.argv[2:]
    if "drop" in faults:
        Transport.Consumer = DroppingConsumer
    stages = {stage.name: stage for stage in (Intake(), Journeys("slow" in faults), Subjects())}
    return run_worker(build_app(Settings(**json.loads(sys.argv[1])), CARRIERS, stages))


if __name__ == "__main__":
    sys.exit(main())
