"""Three toy stages and a worker of them, for fault tests of the engine: everything in them is exact or visibly wrong.

Reports go in as `{"k": key, "n": number}`; each key's row is a chain of checksums over all that was applied, in
order, so a lost, repeated or reordered record changes it. `tests/broker/world.py` computes what must come out.

Run as a program it is one worker: `python -m tests.broker.toy SETTINGS_JSON [SECONDS_PER_BATCH]`.
"""

import json
import sys
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from tracker.settings import Settings
from tracker.streams.app import build_app
from tracker.streams.stage import Output, Record
from tracker.streams.topics import FACTS, MOVEMENTS
from tracker.streams.worker import run_worker

CARRIERS = ("aaa", "bbb")
BOOM = -1
"""A number that breaks the toy journeys stage after it has changed the row."""


class Event(msgspec.Struct):
    """A toy report, movement or fact: key, number, and where it came from."""

    k: str
    n: int
    origin: tuple[int, int, int] = (0, 0, 0)


class Row(msgspec.Struct, array_like=True):
    """Count, chain of checksums, and per source partition the highest (offset, index) applied."""

    n: int = 0
    crc: int = 0
    marks: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)


read_event = msgspec.json.Decoder(Event).decode
read_row = msgspec.msgpack.Decoder(Row).decode


class Toy:
    """What the toy stages share."""

    name = ""

    def __init__(self) -> None:
        self.pause = 0.0

    def read(self, record: Record) -> tuple[bytes, Event]:
        return record.key or b"", read_event(record.value or b"")

    def load(self, body: bytes | None, partition: int, key: bytes) -> Row:
        return Row() if body is None else read_row(body)

    def dump(self, row: Row) -> bytes | None:
        return msgspec.msgpack.encode(row)

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        for _ in rows:
            pass

    def revoked(self, partition: int) -> None:
        pass

    def settled(self, partition: int, rows: Any) -> None:
        if self.pause:
            time.sleep(self.pause)


class Intake(Toy):
    """Reports to movements, keyed by `k`; a row per carrier that counts them."""

    name = "intake"

    def read(self, record: Record) -> tuple[bytes, Event]:
        return record.topic.encode(), read_event(record.value or b"")

    def apply(self, row: Row, event: Event, record: Record) -> list[Output]:
        row.n += 1
        row.crc ^= zlib.crc32(b"%d-%d-%d" % (record.partition, record.offset, event.n))
        event.origin = (record.partition, record.offset, 0)
        carrier = record.topic.split(".")[1]
        return [Output(MOVEMENTS, event.k.encode(), msgspec.json.encode(event), (("carrier", carrier.encode()),))]


class Journeys(Toy):
    """Movements to facts; each source (carrier, partition) has its own mark, so repeated movements are told."""

    name = "journeys"

    def apply(self, row: Row, event: Event, record: Record) -> list[Output]:
        carrier = CARRIERS.index(record.headers[0][1].decode())
        source, at = carrier * 1000 + event.origin[0], (event.origin[1], event.origin[2])
        if at <= row.marks.get(source, (-1, -1)):
            return []
        row.marks[source] = at
        row.n += 1
        # Order between carriers is not given, so the checksum is of the set.
        row.crc ^= zlib.crc32(b"%d-%d-%d" % (source, at[0], event.n))
        if event.n == BOOM:
            raise RuntimeError("a fault of ours, after the row was changed")
        fact = Event(f"subject-{zlib.crc32(event.k.encode()) % 7}", event.n, (record.partition, record.offset, 0))
        return [Output(FACTS, fact.k.encode(), msgspec.json.encode(fact))]


class Subjects(Toy):
    """Facts to sums."""

    name = "subjects"

    def apply(self, row: Row, event: Event, record: Record) -> list[Output]:
        source, at = event.origin[0], (event.origin[1], event.origin[2])
        if at > row.marks.get(source, (-1, -1)):
            row.marks[source] = at
            row.n += 1
            row.crc += event.n
        return []


def main() -> int:
    settings = Settings(**json.loads(sys.argv[1]))
    stages = {stage.name: stage for stage in (Intake(), Journeys(), Subjects())}
    if len(sys.argv) > 2:
        stages["journeys"].pause = float(sys.argv[2])
    return run_worker(build_app(settings, CARRIERS, stages))


if __name__ == "__main__":
    Path(".").resolve()
    sys.exit(main())
