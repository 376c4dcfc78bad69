"""What is kept on `rail.rejected`: read from its beginning to its end, and sent again to where it came from.

A report that is sent again keeps its received time, its partition and its headers, and gets one more header that names
what was rejected first. So it has its old identity; if it is rejected again it is known for the same report; and if it
is sent twice the tracker calls the second a duplicate.
"""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from tracker.domain.moment import Millis, from_datetime
from tracker.streams.topics import REJECTED, REJECTED_BYTES_MAX

RESENT_OF: Final = "rail-resent-of"
"""The header that names the rejection which a record is sent again for."""

_STALLED_SECONDS: Final = 30.0
"""Without a record for so long, reading is given up: the broker does not bring what it says it has."""
_UNACKNOWLEDGED_MAX: Final = 1_000


class NoRejections(Exception):
    """The topic is not there. The message is one line for the operator."""


class Origin(msgspec.Struct, frozen=True):
    """Where a report was read; `index` is its place in an array."""

    topic: str
    partition: int
    offset: int
    index: int

    def __str__(self) -> str:
        """As it is named on the command line, and the key of its record."""
        return f"{self.topic}-{self.partition}-{self.offset}-{self.index}"


class KeptFault(msgspec.Struct, frozen=True):
    """What is read of a fault."""

    code: str
    message: str
    path: str
    seen: str
    expected: str
    fix: str


class _Record(msgspec.Struct, frozen=True):
    origin: Origin
    received_at: datetime
    raw: str | None
    headers: list[tuple[str, str | None]]
    faults: list[KeptFault]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One rejected report with everything that is kept of it."""

    origin: Origin
    received: Millis
    raw: bytes
    headers: tuple[tuple[str, bytes], ...]
    faults: tuple[KeptFault, ...]
    key: bytes | None
    kept_at: int

    @property
    def carrier(self) -> str | None:
        """Whose report it is; None where one of our own records broke a stage."""
        topic = self.origin.topic
        ours = topic.startswith("carrier.") and topic.endswith(".events")
        return topic.removeprefix("carrier.").removesuffix(".events") if ours else None

    @property
    def original(self) -> str:
        """The name of the first rejection of this report; its own, unless it was sent again.

        A header that names another topic is no word of ours, and is not believed.
        """
        said = next((value.decode(errors="replace") for name, value in self.headers if name == RESENT_OF), "")
        return said if said.startswith(f"{self.origin.topic}-{self.origin.partition}-") else str(self.origin)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejections are meant; what is empty or None leaves all. Times are received times, `until` excluded."""

    names: Collection[str] = ()
    faults: Collection[str] = ()
    carrier: str | None = None
    since: Millis | None = None
    until: Millis | None = None

    def takes(self, kept: Kept) -> bool:
        """Whether a rejection is meant."""
        return (
            (not self.names or kept.original in self.names or str(kept.origin) in self.names)
            and (not self.faults or any(fault.code in self.faults for fault in kept.faults))
            and self.carrier in {None, kept.carrier}
            and (self.since is None or kept.received >= self.since)
            and (self.until is None or kept.received < self.until)
        )


async def rejections(client: Mapping[str, Any], unreadable: list[str]) -> AsyncIterator[Kept]:
    """Every rejection up to the end that the topic has now, partition by partition.

    `client`: how to connect, as aiokafka has it. What is on the topic and none is named in `unreadable`.
    Raises `NoRejections`, `KafkaError`.
    """
    places = [TopicPartition(REJECTED, each) for each in await _partitions(client)]
    # From the earliest by setting: an explicit seek races with the reset to the latest that assigning begins.
    consumer: Any = AIOKafkaConsumer(
        **client, enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=REJECTED_BYTES_MAX
    )
    try:
        await consumer.start()
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        heard = monotonic()
        while left := [place for place in places if await consumer.position(place) < ends[place]]:
            for place, batch in (await consumer.getmany(*left, timeout_ms=1_000)).items():
                heard = monotonic()
                for record in batch:
                    try:
                        yield read_rejection(record)
                    except (msgspec.DecodeError, ValueError) as error:
                        unreadable.append(f"{REJECTED}, partition {place.partition}, offset {record.offset}: {error}")
            if monotonic() - heard > _STALLED_SECONDS:
                raise KafkaError(f"{REJECTED} was not read to its end: nothing for {_STALLED_SECONDS:g} s; try again")
    finally:
        await consumer.stop()


@asynccontextmanager
async def resending(client: Mapping[str, Any]) -> AsyncIterator["Resender"]:
    """Something that sends reports again; all are acknowledged when the block is left. Raises `KafkaError`."""
    producer: Any = AIOKafkaProducer(**client, acks="all", max_request_size=2 * REJECTED_BYTES_MAX)
    await producer.start()
    try:
        resender = Resender(producer)
        yield resender
        await resender.acknowledged()
    finally:
        await producer.stop()


class Resender:
    """Sends rejected reports again."""

    def __init__(self, producer: Any) -> None:
        """Nothing is under way."""
        self._producer = producer
        self._under_way: list[Any] = []

    async def send(self, kept: Kept) -> None:
        """Send a report to where it came from, as it was and when it was."""
        origin, original = kept.origin, kept.original
        headers = [header for header in kept.headers if header[0] != RESENT_OF]
        self._under_way.append(
            await self._producer.send(
                origin.topic,
                kept.raw,
                kept.key,
                partition=origin.partition,
                timestamp_ms=kept.received,
                headers=[*headers, (RESENT_OF, original.encode())],
            )
        )
        if len(self._under_way) >= _UNACKNOWLEDGED_MAX:
            await self.acknowledged()

    async def acknowledged(self) -> None:
        """Wait until the broker has everything."""
        await asyncio.gather(*self._under_way)
        self._under_way.clear()


def newest(kept: Iterable[Kept]) -> dict[str, Kept]:
    """Of each report its last rejection, by the name of the first."""
    found: dict[str, Kept] = {}
    for each in kept:
        before = found.get(each.original)
        if before is None or each.kept_at >= before.kept_at:
            found[each.original] = each
    return found


def read_rejection(record: Any) -> Kept:
    """The rejection that a record of the topic is, as aiokafka has it. Raises `DecodeError`, `ValueError`."""
    read = _decode(record.value or b"")
    return Kept(
        read.origin,
        from_datetime(read.received_at),
        b64decode(read.raw or "", validate=True),
        tuple((name, b64decode(value or "", validate=True)) for name, value in read.headers),
        tuple(read.faults),
        None if read.key is None else b64decode(read.key, validate=True),
        record.timestamp,
    )


async def _partitions(client: Mapping[str, Any]) -> list[int]:
    """The partitions of the topic. Asking a broker for its records might make it, with the wrong settings."""
    brokers = client["bootstrap_servers"]
    admin: Any = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        if REJECTED not in await admin.list_topics():
            raise NoRejections(f"topic {REJECTED} is not on {brokers}; run `tracker topics` first")
        (topic,) = await admin.describe_topics([REJECTED])
        return sorted(each["partition"] for each in topic["partitions"])
    except KafkaConnectionError as error:
        raise KafkaConnectionError(f"no broker at {brokers}; start it, or name another with --brokers") from error
    finally:
        await admin.close()


_decode: Final = msgspec.json.Decoder(_Record).decode
