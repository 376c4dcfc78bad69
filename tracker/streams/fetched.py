"""From fetched bytes to records: what aiokafka's fetcher holds, taken out without an object per message.

aiokafka hands out one `ConsumerRecord` per message, a dataclass of eleven fields: a sixth of the engine's
time. Here a *stretch*, all that was fetched of one partition, leaves the fetcher as undecoded chunks (Kafka's
record batches) and becomes `Record` tuples only when an agent takes it up; a stretch that is dropped on the way
costs nothing, and what waits is bounded by its bytes.

The bookkeeping (positions, aborted transactions, control chunks, checksums) is that of
`aiokafka.consumer.fetcher` 0.14.0, a chunk at a time; `guard.py` names every private part used.
"""

import asyncio
from collections.abc import Container
from time import monotonic
from typing import Any, NamedTuple, cast

from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException
from faust.types import TP

from tracker.streams.stage import Record


class Stretch(NamedTuple):
    """What one fetch brought of one partition: from offset `start`, the next fetch is from `next`.

    Offsets without a record in between (compacted, aborted, control) are no gap: both ends are fetch
    positions, so the stretches of a partition form a chain. `chunks` may hold no record at all.
    """

    tp: TP
    start: int
    next: int
    chunks: list[Any]
    size: int


def decoded(tp: TP, chunks: list[Any], since: int) -> list[Record]:
    """The records of the chunks from offset `since` on. Each chunk can be read once."""
    topic, partition = tp.topic, tp.partition
    new = tuple.__new__  # a NamedTuple's own constructor costs twice as much
    records: list[Record] = []
    for chunk in chunks:
        records += [new(Record, (topic, partition, r.offset, r.timestamp, r.key, r.value, r.headers)) for r in chunk]
    if records and records[0].offset < since:  # the fetch began inside a chunk
        return [record for record in records if record.offset >= since]
    return records


async def fetch(fetcher: Any, wanted: Container[TP], *, timeout: float, bytes_max: int) -> list[Stretch]:
    """What the fetcher holds of the wanted partitions; waits up to `timeout` seconds for something.

    At most `bytes_max` and one stretch more are taken. Every stretch that moves a position is given, also one
    without records, so that nothing but a dropped stretch can break the chain.
    """
    if fetcher._closed:
        raise ConsumerStoppedError
    deadline = monotonic() + timeout
    while True:
        if fetcher._subscriptions.reassignment_in_progress:
            # What the fetcher holds may not be ours any more; aiokafka waits for ever here, a stop could not.
            await asyncio.wait([fetcher._subscriptions.wait_for_assignment()], timeout=deadline - monotonic())
            if fetcher._subscriptions.reassignment_in_progress:
                return []
        taken = _take(fetcher, wanted, bytes_max)
        left = deadline - monotonic()
        if taken or left <= 0:
            return taken
        waiter = fetcher._create_fetch_waiter()
        done, _ = await asyncio.wait([waiter], timeout=left)
        if not done:
            waiter.cancel()
            return []
        if fetcher._closed:
            return []


def _take(fetcher: Any, wanted: Container[TP], bytes_max: int) -> list[Stretch]:
    taken: list[Stretch] = []
    for tp in list(fetcher._records):
        if tp not in wanted:
            if not fetcher._subscriptions.is_assigned(tp):
                del fetcher._records[tp]
            continue
        result = fetcher._records[tp]
        if not isinstance(result, FetchResult):
            if taken:
                return taken  # the error is for the next call
            del fetcher._records[tp]
            fetcher._notify(fetcher._wait_consume_future)
            result.check_raise()
        stretch = _stretch(TP(*tp), result)
        del fetcher._records[tp]
        fetcher._notify(fetcher._wait_consume_future)
        if stretch is not None:
            taken.append(stretch)
            bytes_max -= stretch.size
            if bytes_max <= 0:
                break
    return taken


def _stretch(tp: TP, result: Any) -> Stretch | None:
    """All that a fetch result holds; None when the partition was sought, paused or revoked since."""
    records = result._partition_records
    if records is not None:
        # aiokafka's iterator, which is not used here, refers back to it: without this a fetched mebibyte would stay
        # until the garbage collector comes by, hundreds of them.
        records._records_iterator = None
    if not result.check_assignment(tp) or not result.has_more():
        return None
    start, size = records.next_fetch_offset, records._records.size_in_bytes()
    chunks = _chunks(tp, records)
    result._update_position()
    result._partition_records = None
    return Stretch(tp, start, records.next_fetch_offset, chunks, size)


def _chunks(tp: TP, records: Any) -> list[Any]:
    chunks: list[Any] = []
    committed_only = records._isolation_level == READ_COMMITTED
    while records._records.has_next():
        chunk = records._records.next_batch()
        if records._check_crcs and not chunk.validate_crc():
            raise CorruptRecordException(f"a checksum of {tp} is wrong at offset {chunk.base_offset}")
        records.next_fetch_offset = chunk.next_offset
        if committed_only and chunk.producer_id is not None and _aborted(records, chunk):
            continue
        if not chunk.is_control_batch:
            chunks.append(chunk)
    return chunks


def _aborted(records: Any, chunk: Any) -> bool:
    """Whether a chunk belongs to a transaction that was given up; keeps the book of those begun and ended."""
    records._consume_aborted_up_to(chunk.base_offset)
    if chunk.is_control_batch and records._contains_abort_marker(chunk):
        records._aborted_producers.discard(chunk.producer_id)
    return cast(bool, chunk.is_transactional and chunk.producer_id in records._aborted_producers)
