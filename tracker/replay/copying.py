"""Carriers' reports copied as they were and when they were: from their topics on one Kafka, or files, to another.

Bodies, keys, headers and received times stay, and the order within a partition. So what is made of them is the same.
"""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from tracker.contract.sent_lines import headers_of, read_lines
from tracker.domain.moment import Millis, from_datetime
from tracker.streams.connection import Security
from tracker.streams.stage import Header
from tracker.streams.topics import events_topic

STALLED_SECONDS: Final = 30.0
"""Without a record for so long, reading is given up: the broker does not bring what it says it has."""
TAKEN_MAX: Final = 20_000
"""Records held at once, of files as of topics; some 10 MB."""

Told = Callable[[int, int | None], None]
"""Hears how many records are copied, and how many there are if that is known."""


class Span(NamedTuple):
    """Received times: from the first on, before the last; None: no bound."""

    since: Millis | None
    until: Millis | None

    def holds(self, received: int) -> bool:
        """Whether a time is in it."""
        return (self.since is None or received >= self.since) and (self.until is None or received < self.until)


class Copied(NamedTuple):
    """One record to be written."""

    received: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


Taken = dict[tuple[str, int], list[Copied]]
"""Topic and partition to records, in their order."""


async def places_of(brokers: str, security: Security, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of those topics that are there. Raises `KafkaError`."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers, **security.options())
    try:
        await admin.start()
        there = await admin.describe_topics()
    except KafkaConnectionError as error:
        raise security.refused(brokers) from error
    finally:
        await admin.close()
    wanted = frozenset(topics)
    return [TopicPartition(t["topic"], p["partition"]) for t in there if t["topic"] in wanted for p in t["partitions"]]


async def copy_topics(
    brokers: str, security: Security, producer: Any, carriers: Iterable[str], span: Span, told: Told
) -> int:
    """All that the carriers' topics hold now, of a span; how many records. Raises `KafkaError`.

    A partition becomes the one of the same number, or where there are fewer, its remainder.
    """
    places = await places_of(brokers, security, map(events_topic, carriers))
    if not places:
        return 0
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=brokers, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_committed", **security.options(),
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        firsts = await consumer.beginning_offsets(places)
        if span.since is not None:
            found = await consumer.offsets_for_times(dict.fromkeys(places, span.since))
            firsts = {tp: ends[tp] if at is None else at.offset for tp, at in found.items()}
        for tp, first in firsts.items():
            consumer.seek(tp, first)
        count, total = 0, sum(ends[tp] - firsts[tp] for tp in places)
        while left := [tp for tp in places if await consumer.position(tp) < ends[tp]]:
            batches = await _fetched(consumer, left)
            taken: Taken = {
                tuple(tp): [
                    Copied(each.timestamp, each.key, each.value, each.headers)
                    for each in records
                    if each.offset < ends[tp] and span.holds(each.timestamp)
                ]
                for tp, records in batches.items()
            }
            count += await _write(producer, taken)
            told(count, total)
        return count
    finally:
        await consumer.stop()


async def copy_files(files: Sequence[Path], producer: Any, carriers: Iterable[str], span: Span, told: Told) -> int:
    """All lines of files, of a span; how many records. Raises `InputError`, `KafkaError`.

    What carriers that are not known sent is left out, as `tracker batch` has no topic for it either.
    """
    spread = {each: len(await producer.partitions_for(events_topic(each))) for each in carriers}
    count, taken, held = 0, Taken(), 0
    for line, body in read_lines(files):
        received = from_datetime(line.received_at)
        if line.carrier not in spread or not span.holds(received):
            continue
        # Equal bodies in one partition: which of them is the first is then known.
        place = events_topic(line.carrier), zlib.crc32(body) % spread[line.carrier]
        taken.setdefault(place, []).append(Copied(received, None, body, headers_of(line)))
        held += 1
        if held == TAKEN_MAX:
            count += await _write(producer, taken)
            taken, held = Taken(), 0
            told(count, None)
    count += await _write(producer, taken)
    told(count, count)
    return count


async def _fetched(consumer: Any, places: Sequence[Any]) -> dict[Any, list[Any]]:
    """The next records; raises `KafkaError` when none come."""
    try:
        async with asyncio.timeout(STALLED_SECONDS):
            while not (batches := await consumer.getmany(*places, timeout_ms=200, max_records=TAKEN_MAX)):
                # A transaction's end or what was aborted may stand last: then the position has moved on.
                if all([await consumer.position(tp) >= (await consumer.end_offsets([tp]))[tp] for tp in places]):
                    return {}
    except TimeoutError:
        raise KafkaError(f"{places[0].topic} and others: no record within {STALLED_SECONDS:g} s; try again") from None
    return dict(batches)


async def _write(producer: Any, taken: Taken) -> int:
    """Write and wait until all are acknowledged; how many. A partition's batches go one after the other."""
    spread: defaultdict[tuple[str, int], list[Copied]] = defaultdict(list)
    for (topic, partition), records in taken.items():
        spread[topic, partition % len(await producer.partitions_for(topic))] += records
    await asyncio.gather(*(_send(producer, *place, records) for place, records in spread.items() if records))
    return sum(map(len, spread.values()))


async def _send(producer: Any, topic: str, partition: int, records: Sequence[Copied]) -> None:
    batch, last = producer.create_batch(), len(records) - 1
    for number, record in enumerate(records):
        headers = list(record.headers)
        given = {"timestamp": record.received, "key": record.key, "value": record.value, "headers": headers}
        if batch.append(**given) is None:
            await _acknowledged(producer, batch, topic, partition)
            batch = producer.create_batch()
            batch.append(**given)
        if number == last:
            await _acknowledged(producer, batch, topic, partition)


async def _acknowledged(producer: Any, batch: Any, topic: str, partition: int) -> None:
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))
