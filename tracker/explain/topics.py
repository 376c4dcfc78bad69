"""What is recorded of an exception in Kafka: its versions, its container's movements, what was known of everything."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tracker.contract.records import read_movement
from tracker.domain.moment import Millis
from tracker.domain.network import Network
from tracker.domain.report import Report
from tracker.streams.board import Board, BoardReader
from tracker.streams.connection import OPEN, Security
from tracker.streams.topics import EXCEPTIONS, MOVEMENTS
from tracker.streams.writer import partition_of

READ_SECONDS: Final = 600.0
"""Within which one partition must be read: a month of movements is some millions of records."""


@dataclass(slots=True)
class Recorded:
    """What the topics hold. `versions`: those of the exception that compaction left, in order.

    `reaches`: the time of the oldest movement in the container's partition, where older ones were deleted.
    """

    versions: list[dict[str, Any]] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    reaches: Millis | None = None


async def read_recorded(brokers: str, exception: str, partitions: int, security: Security = OPEN) -> Recorded:
    """What is recorded of an exception. Raises `KafkaError`."""
    found = Recorded()
    key = exception.encode()

    def version(record: Any) -> None:
        if record.key == key and record.value is not None:
            found.versions.append(json.loads(record.value))

    await _read(brokers, security, TopicPartition(EXCEPTIONS, partition_of(key, partitions)), version)
    number = found.versions[-1]["container"] if found.versions else None
    if number is None:
        return found
    box = number.encode()
    first: list[int] = []

    def movement(record: Any) -> None:
        if not first:
            first.append(record.timestamp)
        if record.key == box and record.value is not None:
            found.reports.append(read_movement(record.value)[1])

    begin = await _read(brokers, security, TopicPartition(MOVEMENTS, partition_of(box, partitions)), movement)
    found.reaches = Millis(first[0]) if begin and first else None
    return found


async def read_board(brokers: str, network: Network, security: Security = OPEN) -> Board:
    """What was known of everything else. Raises `KafkaError`."""
    board = Board(network)
    reader = BoardReader(board, brokers, security)
    try:
        await reader.refresh()
    finally:
        await reader.stop()
    return board


async def _read(brokers: str, security: Security, place: Any, take: Callable[[Any], None]) -> int:
    """Read a partition to its end; gives the offset at which it begins."""
    # `earliest` by setting: a seek may lose against the reset of a position that is new.
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=brokers, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_committed", **security.options(),
    )  # fmt: skip
    try:
        await consumer.start()
        consumer.assign([place])
        begin = (await consumer.beginning_offsets([place]))[place]
        end = (await consumer.end_offsets([place]))[place]
        async with asyncio.timeout(READ_SECONDS):
            while await consumer.position(place) < end:
                for records in (await consumer.getmany(place, timeout_ms=200, max_records=5_000)).values():
                    for record in records:
                        take(record)
    except TimeoutError:
        raise KafkaError(f"{place.topic} was not read to its end within {READ_SECONDS:g} s") from None
    finally:
        await consumer.stop()
    return int(begin)
