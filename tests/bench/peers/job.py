"""The transport job: the same small piece of work for every stream processor, so that only the engines differ.

1. `rail.movements` (12 partitions, key container) holds reports of about 290 bytes of JSON. Each is validated; one in a
   hundred is wrong and dropped. A row per container keeps a count and the last ten positions, and is kept in a
   changelog.
2. A report from another node than the one before gives a fact, JSON on `rail.facts` with the corridor as key.
3. A row per corridor adds the facts up: number, sum, least and most of the hours between two nodes.

The rules for all: one process, one thread of processing, outputs by an idempotent producer with acks=all, at least
once, a commit every half second, no compression, Kafka batches up to 512 KiB, state in memory where the engine can.
What a Python contender reads and writes, it does by the functions of this module; Java has `Peer.java`.

Only msgspec and the standard library, so that it can be imported wherever a contender lives.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

REPORTS: Final = "rail.movements"
FACTS: Final = "rail.facts"
PARTITIONS: Final = 12
COMMIT_SECONDS: Final = 0.5
POLL_RECORDS: Final = 10_000
BATCH_BYTES: Final = 512 * 1024
FETCH_BYTES: Final = 1024 * 1024
"""Of one partition in one fetch."""
LINGER_MS: Final = 20

CORRIDORS: Final = 6
KINDS: Final = ("gate_in", "loaded", "departed", "arrived", "passed", "unloaded", "gate_out")
NODES: Final = tuple(f"{country}-NODE{number:02d}" for country in ("CN", "KZ", "AZ", "GE", "PL") for number in range(5))

Name = Annotated[str, Meta(min_length=2, max_length=40)]


class Report(msgspec.Struct):
    """What is validated: every field, by type and bounds."""

    container: Annotated[str, Meta(pattern="^[A-Z]{3}U[0-9]{7}$")]
    kind: Literal["gate_in", "loaded", "departed", "arrived", "passed", "unloaded", "gate_out"]
    node: Name
    occurred: Annotated[int, Meta(ge=0)]
    """Milliseconds of UTC since 1970, as all times here."""
    recorded: Annotated[int, Meta(ge=0)]
    corridor: Name
    carrier: Name
    id: Name
    train: Name
    wagon: Name
    consignment_note: Name
    gross_kg: Annotated[int, Meta(ge=0, le=60_000)]
    laden: bool


class Fact(msgspec.Struct):
    """A container went from one node to another, and how long that took."""

    corridor: str
    container: str
    origin: str
    destination: str
    millis: int


class Box(msgspec.Struct, array_like=True):
    """Row of a container: how many reports it has, and the last ten positions."""

    count: int = 0
    positions: list[tuple[str, int]] = []


class Corridor(msgspec.Struct, array_like=True):
    """Row of a corridor: number, sum, least and most of its facts' milliseconds."""

    count: int = 0
    sum: int = 0
    least: int = 2**62
    most: int = 0


read_report = msgspec.json.Decoder(Report).decode
read_fact = msgspec.json.Decoder(Fact).decode
write_json = msgspec.json.Encoder().encode
write_row = msgspec.msgpack.Encoder().encode
_read_box = msgspec.msgpack.Decoder(Box).decode
_read_corridor = msgspec.msgpack.Decoder(Corridor).decode


def read_box(body: bytes | None) -> Box:
    """The row of a stored body; a new one where there is none."""
    return Box(0, []) if body is None else _read_box(body)


def read_corridor(body: bytes | None) -> Corridor:
    """The same of a corridor."""
    return Corridor() if body is None else _read_corridor(body)


def fold_report(box: Box, report: Report) -> Fact | None:
    """Change the row by a report; the fact, if there is one."""
    fact, before = None, box.positions[-1] if box.positions else None
    if before is not None and before[0] != report.node:
        millis = report.occurred - before[1]
        fact = Fact(report.corridor, report.container, before[0], report.node, millis)
    box.count += 1
    box.positions.append((report.node, report.occurred))
    if len(box.positions) > 10:
        del box.positions[0]
    return fact


def fold_fact(row: Corridor, fact: Fact) -> None:
    """Change the row by a fact."""
    row.count += 1
    row.sum += fact.millis
    row.least = min(row.least, fact.millis)
    row.most = max(row.most, fact.millis)


class Given(NamedTuple):
    """What a contender is started with, by its environment."""

    brokers: str
    app_id: str
    folder: Path

    def environment(self) -> dict[str, str]:
        """The variables."""
        return {"BENCH_BROKERS": self.brokers, "BENCH_APP": self.app_id, "BENCH_FOLDER": str(self.folder)}


def given() -> Given:
    """What this process was started with."""
    return Given(os.environ["BENCH_BROKERS"], os.environ["BENCH_APP"], Path(os.environ["BENCH_FOLDER"]))


@dataclass(frozen=True, slots=True)
class Results:
    """What must come out, and what came out: the rows that are left, and the facts there are."""

    boxes: int
    reports: int
    facts: int
    corridors: dict[str, list[int]]
    """Corridor to its row: number, sum, least, most."""


def bodies(count: int, containers: int = 20_000) -> Iterator[tuple[bytes, bytes]]:
    """Keys and bodies, the same for the same numbers, in order of their time."""
    chance = Random(1)
    numbers = [f"TBJU{number:07d}" for number in range(containers)]
    for number in range(count):
        box = chance.randrange(containers)
        at = 1_780_000_000_000 + number * 1_000
        report = Report(
            numbers[box] if number % 100 else "tbju 12",
            KINDS[number % len(KINDS)],
            chance.choice(NODES),
            at - chance.randrange(500),
            at,
            f"corridor-{box % CORRIDORS}",
            "ktz-express",
            f"R-{number:09d}",
            f"T{box % 997:05d}",
            f"94{box % 99_991:06d}",
            f"CN{box:08d}",
            20_000 + box % 10_000,
            bool(box % 3),
        )
        yield numbers[box].encode(), write_json(report)


def expected(load: Iterable[tuple[bytes, bytes]]) -> Results:
    """What must come out, by a dictionary and a loop."""
    boxes: dict[bytes, Box] = {}
    corridors: dict[str, Corridor] = {}
    facts = 0
    for key, body in load:
        try:
            report = read_report(body)
        except msgspec.DecodeError:
            continue
        fact = fold_report(boxes.setdefault(key, Box(0, [])), report)
        if fact is not None:
            facts += 1
            fold_fact(corridors.setdefault(fact.corridor, Corridor()), fact)
    return results(((key, box.count) for key, box in boxes.items()), facts, corridors.items())


def results(boxes: Iterable[tuple[Any, int]], facts: int, corridors: Iterable[tuple[str, Corridor]]) -> Results:
    """Rows as they are compared: containers with their counts, facts, corridors with their rows."""
    counts = [count for _, count in boxes]
    return Results(
        len(counts),
        sum(counts),
        facts,
        {name: [row.count, row.sum, row.least, row.most] for name, row in sorted(corridors)},
    )
