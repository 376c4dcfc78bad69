"""A worker of the version before, in one group with newer ones: it may not give up, or write over, what they wrote."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest
from cramjam import lz4

from tests.results import Unheard
from tests.streams.toys import World, batch, record
from tracker.aggregates.cell import Cell, Slot
from tracker.aggregates.group import Runs
from tracker.domain.container import ContainerRow
from tracker.domain.schema import UnknownSchema
from tracker.domain.transport import TransportRow
from tracker.service import World as Files
from tracker.service import load_world
from tracker.settings import Settings
from tracker.streams.carrier_row import CarrierRow
from tracker.streams.clock import DataClock
from tracker.streams.engine import Engine
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.merge import Portion
from tracker.streams.observer import Silence
from tracker.streams.runtime import Broken
from tracker.streams.stage import Stage
from tracker.streams.subjects import SubjectsStage
from tracker.streams.transports import TransportsStage


@pytest.fixture(scope="module")
def files() -> Files:
    return load_world(Settings())


STAGES: list[tuple[Callable[[Files], Any], type[msgspec.Struct]]] = [
    (lambda files: IntakeStage(files.intake, Unheard()), CarrierRow),
    (lambda files: TransportsStage(Unheard()), TransportRow),
    (lambda files: JourneysStage(files.rules, Unheard()), ContainerRow),
    (lambda files: SubjectsStage(files.network, DataClock(), Unheard()), Cell),
]


@pytest.mark.parametrize(("make", "row"), STAGES)
def test_every_stage_knows_a_row_that_is_newer_than_the_program(
    make: Callable[[Files], Stage], row: type[msgspec.Struct], files: Files
) -> None:
    with pytest.raises(UnknownSchema, match=r"schema 99 seen, .*run the newer program"):
        make(files).load(newer(row), 0, Slot(Runs("A--B", None), 360).key() if row is Cell else b"MSKU9070323")


def newer(row: type[msgspec.Struct]) -> bytes:
    fields: list[Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(row()))
    body = msgspec.msgpack.encode([99, *fields[1:], "what only the newer program knows"])
    return bytes(lz4.compress_block(body)) if row is TransportRow else body


class Older:
    """A stage that finds a row of a newer program."""

    name = "journeys"

    def read(self, record: Any) -> tuple[bytes, str]:
        return record.key, record.value.decode()

    def load(self, body: bytes | None, partition: int, key: bytes) -> list[str]:
        if body == b"newer":
            raise UnknownSchema("schema 99 seen, run the newer program")
        return []

    def apply(self, row: list[str], event: str, record: Any) -> Iterable[Any]:
        return ()

    def dump(self, row: list[str]) -> bytes | None:
        return b"older"

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None: ...
    def revoked(self, partition: int) -> None: ...


async def test_its_records_are_not_rejected_but_left_for_the_newer_program() -> None:
    world = World()
    world.put("a", 0, b"newer")
    records = [record(1, "b", "1"), record(2, "a", "2")]
    with pytest.raises(Broken, match="run the newer program"):
        await Engine(Older(), world, Silence()).process([Portion(batch(1, 3), records, 3)])
    assert world.written == []
    assert world.body("a") == (0, b"newer")
    assert world.body("b") == (-1, None), "nothing of the round was stored"
