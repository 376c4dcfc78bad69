"""Where records go: a file in the shape `tracker batch` reads, or Kafka."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, BinaryIO, Final

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from tracker.domain.moment import Millis, text
from tracker.simulate.saying import Sent
from tracker.streams.connection import OPEN, Security
from tracker.streams.topics import events_topic

_BATCH: Final = 2_000
"""Records between two waits for acknowledgements when nothing has to be paced."""
_BATCH_BYTES: Final = 128 * 1024
_TICK: Final = 0.05
"""Seconds of wall time that are sent together; shorter ones make batches of one record."""
_PROBE: Final = 1.0
"""Seconds between two attempts to reach a broker."""

_TOPIC_WAIT: Final = 10.0
"""Seconds until a topic nobody has heard of is taken to be missing."""


class BrokerOut(Exception):
    """No broker could be reached, or it refused what was sent. The message is one line for the operator."""


def batch_line(sent: Sent) -> bytes:
    """One line of `tracker batch` input; a body that is no JSON goes in as `raw`, base64.

    >>> batch_line(Sent("ktz", b"", b'{"a":1}', Millis(0))).rstrip()
    b'{"carrier":"ktz","received_at":"1970-01-01T00:00:00Z","body":{"a":1}}'
    """
    head = f'{{"carrier":"{sent.carrier}","received_at":"{text(sent.received_at)}",'.encode()
    try:
        msgspec.json.decode(sent.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return head + b'"raw":"' + base64.b64encode(sent.body) + b'"}\n'
    return head + b'"body":' + sent.body + b"}\n"


def write_lines(file: BinaryIO, sents: Iterable[Sent]) -> Iterable[Sent]:
    """Writes record after record, giving each back once it is written."""
    for sent in sents:
        file.write(batch_line(sent))
        yield sent


class Pace:
    """When a record may go: by simulated time (`speedup`), by number (`rate` a second), or at once (0).

    Records received before `fast_until` are not paced by time: history is caught up with as fast as the
    broker takes it, and simulated time runs from there.
    """

    def __init__(self, *, speedup: float, rate: float, fast_until: Millis) -> None:
        self._speedup, self._rate, self._fast_until = speedup, rate, fast_until
        self._origin: tuple[float, Millis] | None = None
        self._first: float | None = None

    def wait(self, received: Millis, count: int, now: float) -> float:
        """Seconds from `now` (monotonic) until the record number `count` may go; 0 or less: at once."""
        if self._first is None:
            self._first = now
        due = self._first + count / self._rate if self._rate else now
        if self._speedup and received >= self._fast_until:
            if self._origin is None:
                self._origin = (now, received)
            due = max(due, self._origin[0] + (received - self._origin[1]) / 1000 / self._speedup)
        return due - now


@asynccontextmanager
async def producing(
    brokers: str, *, idempotent: bool, wait_seconds: float, security: Security = OPEN
) -> AsyncIterator[AIOKafkaProducer]:
    """A started producer; tries for `wait_seconds` to reach a broker, then raises BrokerOut."""
    deadline = time.monotonic() + wait_seconds
    while True:
        producer = AIOKafkaProducer(
            bootstrap_servers=brokers,
            enable_idempotence=idempotent,
            acks="all",
            max_batch_size=_BATCH_BYTES,
            **security.options(),
        )
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            if time.monotonic() + _PROBE > deadline:
                raise BrokerOut(f"no Kafka broker at {brokers} after {wait_seconds:g} s ({error}): start one") from None
            await asyncio.sleep(_PROBE)
        else:
            break
    try:
        yield producer
    finally:
        await producer.stop()


async def send(
    producer: AIOKafkaProducer, sents: Iterable[Sent], carriers: Sequence[str], pace: Pace
) -> AsyncIterator[Sent]:
    """Sends records in their order, giving each back once it is under way; the last are acknowledged at the end.

    The record's timestamp is its received time. Steps: fill batches per partition; when 2,000 records are
    in them or the next one is not due yet, hand all batches over and wait for their acknowledgements. A
    crash in between leaves a prefix sent (per partition), never a gap. Raises BrokerOut.
    """
    partitions = {carrier: await _partitions(producer, events_topic(carrier)) for carrier in carriers}
    load = _Load(producer)
    for count, sent in enumerate(sents):
        if (wait := pace.wait(sent.received_at, count, time.monotonic())) > 0:
            await load.flush()
            await asyncio.sleep(max(wait, _TICK))
        await load.add(events_topic(sent.carrier), _place(sent.key) % partitions[sent.carrier], sent)
        if load.count >= _BATCH:
            await load.flush()
        yield sent
    await load.flush()


class _Load:
    """Batches being filled, one per partition, and those handed over but not acknowledged."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._batches: dict[tuple[str, int], Any] = {}
        self._under_way: list[Awaitable[Any]] = []
        self.count = 0

    async def add(self, topic: str, partition: int, sent: Sent) -> None:
        key = (topic, partition)
        while True:
            if key not in self._batches:
                self._batches[key] = self._producer.create_batch()
            if self._batches[key].append(timestamp=sent.received_at, key=sent.key, value=sent.body) is not None:
                self.count += 1
                return
            await self._hand_over(key)

    async def flush(self) -> None:
        for key in list(self._batches):
            await self._hand_over(key)
        under_way, self._under_way = self._under_way, []
        self.count = 0
        try:
            await asyncio.gather(*under_way)
        except KafkaError as error:
            raise BrokerOut(f"the broker did not take the reports: {error!r}") from None

    async def _hand_over(self, key: tuple[str, int]) -> None:
        batch = self._batches.pop(key)
        batch.close()
        try:
            self._under_way.append(await self._producer.send_batch(batch, key[0], partition=key[1]))
        except KafkaError as error:
            raise BrokerOut(f"the broker did not take a batch for {key[0]}: {error!r}") from None


async def _partitions(producer: AIOKafkaProducer, topic: str) -> int:
    try:
        async with asyncio.timeout(_TOPIC_WAIT):
            return len(await producer.partitions_for(topic))
    except (KafkaError, TimeoutError):
        raise BrokerOut(f"topic {topic} is not there: run `tracker topics` first") from None


@lru_cache(maxsize=65_536)
def _place(key: bytes) -> int:
    """The hash Kafka's own clients spread keys with: positive murmur2. In Python it costs more than the sending."""
    return int(murmur2(key)) & 0x7FFF_FFFF
