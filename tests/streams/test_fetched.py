"""Records out of fetched bytes, against aiokafka's own reading of the same bytes."""

import gc
import weakref
from typing import Any, NamedTuple

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from tracker.streams.fetched import _stretch, decoded, fetch
from tracker.streams.stage import Record

HERE = TP("in", 3)
ATTRIBUTES = 22
"""Where the second byte of a chunk's attributes lies."""
ABORT, COMMIT = b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"


class Chunk(NamedTuple):
    """A Kafka record batch to be made."""

    records: int
    producer: int = -1
    transactional: bool = False
    control: bytes | None = None
    gap: int = 0  # offsets missing after it: compacted away
    gzip: bool = False


def made(chunks: list[Chunk]) -> tuple[bytes, list[int]]:
    """The bytes of the chunks, and the offset each begins at."""
    data, offset, begun = b"", 0, []
    for chunk in chunks:
        builder: Any = DefaultRecordBatchBuilder(
            2, 1 if chunk.gzip else 0, is_transactional=chunk.transactional, producer_id=chunk.producer,
            producer_epoch=0, base_sequence=0, batch_size=1 << 20,
        )  # fmt: skip
        for index in range(chunk.records):
            key = chunk.control if chunk.control is not None else b"k%d" % index
            builder.append(
                index, 1_000 + offset + index, key, b"v%d" % (offset + index), [("h", b"x")] if index else []
            )
        built = bytearray(builder.build())
        built[:8] = offset.to_bytes(8, "big")
        if chunk.control is not None:
            built[ATTRIBUTES] |= 0x20
        begun.append(offset)
        data += built
        offset += chunk.records + chunk.gap
    return data, begun


def aborted(chunks: list[Chunk], begun: list[int]) -> list[tuple[int, int]]:
    """The broker's list of aborted transactions: (producer, first offset)."""
    found: list[tuple[int, int]] = []
    opened: dict[int, int] = {}
    for chunk, offset in zip(chunks, begun, strict=True):
        if chunk.control is not None:
            first = opened.pop(chunk.producer, None)
            if chunk.control == ABORT and first is not None:
                found.append((chunk.producer, first))
        elif chunk.transactional:
            opened.setdefault(chunk.producer, offset)
    return found


def partition_records(chunks: list[Chunk], since: int, isolation: int = READ_COMMITTED, check: bool = False) -> Any:
    data, begun = made(chunks)
    tp = TopicPartition(*HERE)
    return PartitionRecords(tp, MemoryRecords(data), aborted(chunks, begun), since, None, None, check, isolation)


class Assignment:
    """An assignment of one partition that is where its fetch began."""

    active = True

    def __init__(self, position: int) -> None:
        self.position, self.paused = position, False

    def state_value(self, tp: Any) -> "Assignment":
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def result(records: Any, position: int | None = None) -> Any:
    where = records.next_fetch_offset if position is None else position
    tp = TopicPartition(*HERE)
    return FetchResult(tp, assignment=Assignment(where), partition_records=records, backoff=0.0)


plain = st.builds(Chunk, st.integers(1, 4), st.just(-1), st.just(False), st.none(), st.integers(0, 2), st.booleans())
transactional = st.builds(
    Chunk, st.integers(1, 3), st.integers(1, 2), st.just(True), st.none(), st.integers(0, 1), st.booleans()
)
marker = st.builds(
    Chunk, st.just(1), st.integers(1, 2), st.just(True), st.sampled_from([ABORT, COMMIT]), st.just(0), st.just(False)
)


@given(st.lists(plain | transactional | marker, min_size=1, max_size=12), st.integers(0, 5), st.booleans())
def test_a_stretch_holds_what_aiokafka_reads(chunks: list[Chunk], since: int, committed: bool) -> None:
    since = min(since, chunks[0].records + chunks[0].gap - 1)  # a broker answers from the chunk with the offset on
    isolation = READ_COMMITTED if committed else READ_UNCOMMITTED
    theirs = partition_records(chunks, since, isolation)
    expected = [
        Record("in", 3, m.offset, m.timestamp, m.key, m.value, list(m.headers)) for m in theirs
    ]  # fmt: skip
    fetched = result(partition_records(chunks, since, isolation))
    stretch = _stretch(HERE, fetched)
    assert stretch is not None
    assert decoded(HERE, stretch.chunks, stretch.start) == expected
    assert (stretch.start, stretch.next) == (since, theirs.next_fetch_offset)
    assert fetched._assignment.position == stretch.next
    assert not fetched.has_more()


def test_a_record_is_made_of_what_was_sent() -> None:
    stretch = _stretch(HERE, result(partition_records([Chunk(2)], 0)))
    assert stretch is not None
    assert decoded(HERE, stretch.chunks, 0) == [
        Record("in", 3, 0, 1_000, b"k0", b"v0", []),
        Record("in", 3, 1, 1_001, b"k1", b"v1", [("h", b"x")]),
    ]


def test_a_fetch_that_began_inside_a_chunk_leaves_out_what_is_before() -> None:
    stretch = _stretch(HERE, result(partition_records([Chunk(5)], 3)))
    assert stretch is not None
    assert [record.offset for record in decoded(HERE, stretch.chunks, 3)] == [3, 4]


def test_a_stretch_without_records_still_moves_on() -> None:
    stretch = _stretch(HERE, result(partition_records([Chunk(1, 1, True, ABORT)], 0)))
    assert stretch is not None
    assert (stretch.start, stretch.next, decoded(HERE, stretch.chunks, 0)) == (0, 1, [])


def test_what_was_fetched_before_a_seek_is_not_given() -> None:
    assert _stretch(HERE, result(partition_records([Chunk(5)], 0), position=7)) is None


@pytest.mark.parametrize("position", [0, 7])
def test_what_was_fetched_is_let_go_of_at_once(position: int) -> None:
    # Not when the garbage collector comes by: it comes seldom here, and each would hold a mebibyte.
    fetched = result(partition_records([Chunk(5)], 0), position=position)
    records = weakref.ref(fetched._partition_records)
    gc.disable()
    try:
        _stretch(HERE, fetched)
        assert records() is None
    finally:
        gc.enable()


def test_a_wrong_checksum_stops_the_reading() -> None:
    data = bytearray(made([Chunk(1)])[0])
    data[-1] ^= 1
    records: Any = PartitionRecords(
        TopicPartition(*HERE), MemoryRecords(bytes(data)), None, 0, None, None, True, READ_COMMITTED
    )
    with pytest.raises(CorruptRecordException, match="checksum"):
        _stretch(HERE, result(records))


class Fetcher:
    """As much of a fetcher as is asked for."""

    _closed = False
    _wait_consume_future = None

    def __init__(self, records: dict[TP, Any]) -> None:
        self._records = records
        self._subscriptions = self
        self.reassignment_in_progress = False

    def _notify(self, future: Any) -> None:
        pass

    def is_assigned(self, tp: TP) -> bool:
        return tp == HERE


async def test_only_wanted_partitions_are_taken_and_unassigned_ones_dropped() -> None:
    other, gone = TP("in", 4), TP("in", 3)._replace(topic="gone")
    fetcher = Fetcher({other: None, gone: None, HERE: result(partition_records([Chunk(2)], 0))})
    taken = await fetch(fetcher, {HERE}, timeout=0, bytes_max=1)
    assert [stretch.tp for stretch in taken] == [HERE]
    assert fetcher._records == {}, "those of partitions that are not ours are dropped"


async def test_no_more_is_taken_than_there_is_room_for() -> None:
    results = {TP("in", number): result(partition_records([Chunk(2)], 0)) for number in range(3)}
    fetcher = Fetcher(dict(results))
    taken = await fetch(fetcher, set(results), timeout=0, bytes_max=1)
    assert len(taken) == 1, "the first goes beyond the room, the others wait"
    assert len(fetcher._records) == 2
