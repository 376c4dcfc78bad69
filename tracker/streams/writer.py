"""Writes outputs and rows in bulk through Faust's producer: in order, acknowledged, and only as the one writer.

Within a partition one Kafka batch follows the other, each acknowledged before the next is sent: a later one must
never land when an earlier one failed, or the high-water mark of whoever reads them would skip the missing one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from time import time_ns
from typing import Any, Final

from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from faust.types import TP

from tracker.streams.batches import Owner
from tracker.streams.rows import RowTable
from tracker.streams.runtime import Broken, Runtime
from tracker.streams.stage import Header, Output

BATCH_BYTES: Final = 512 * 1024
"""Of one Kafka batch; below the 1 MiB a broker takes by default. A larger record goes alone."""

Entry = tuple[bytes | None, bytes | None, Sequence[Header]]


class Unacknowledged(Broken):
    """Kafka did not acknowledge a write in time, or refused it."""


class Fenced(Broken):
    """Someone else writes where only the owner of the partition may."""


class Unpaired(Broken):
    """The worker was given a source partition without the changelog partition that belongs to it."""


class NotOwner(Exception):
    """The batch's generation or lease is over: nothing was written, another worker does it."""


@lru_cache(65_536)  # about 10 MB; murmur2 takes 1.4 us, and a container comes a dozen times in its journey
def partition_of(key: bytes | None, partitions: int) -> int:
    """The partition of a key, as every Kafka client with the default partitioner computes it."""
    if key is None:
        return 0
    return (int(murmur2(key)) & 0x7FFFFFFF) % partitions


class Writer:
    """One worker's way to write."""

    def __init__(self, runtime: Runtime, app: Any) -> None:
        """`app` is the Faust app whose producer and consumer are used; they need not have started."""
        self._runtime, self._app = runtime, app
        self._ends: dict[TP, tuple[int, int]] = {}
        self._writing: defaultdict[TP, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._queueing: defaultdict[TP, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def outputs(self, outputs: Iterable[Output]) -> None:
        """Write and wait until all are acknowledged. Raises `Unacknowledged`."""
        split: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
        partitions = self._runtime.partitions
        for each in outputs:
            place = each.topic, partition_of(each.key, partitions[each.topic])
            split[place].append((each.key, each.value, each.headers))
        await self._all(self._send(topic, partition, entries) for (topic, partition), entries in split.items())

    async def rows(self, table: RowTable, batch: Owner, rows: Mapping[bytes, bytes]) -> None:
        """Write changed rows: acknowledged by the changelog, then to the store.

        Raises `NotOwner` with nothing written, `Fenced` when another writer's record stands where ours should,
        `Unacknowledged`. A crash before the store is written leaves it behind the changelog, which recovery mends.
        """
        changelog = TP(str(table.changelog_topic_name), batch.tp.partition)
        # A changelog partition may have several sources: intake's has one of each carrier.
        async with self._writing[changelog]:
            await self._rows(table, changelog, batch, rows)

    async def _rows(self, table: RowTable, changelog: TP, batch: Owner, rows: Mapping[bytes, bytes]) -> None:
        store, (topic, partition) = table.store, changelog
        if not await self._app.consumer.owns(batch):
            raise NotOwner(repr(batch))
        rows = {**store.repairs.take(partition), **rows}
        if not rows:
            return
        end = self._end(changelog, batch.generation)
        for offset, count in await self._send(topic, partition, [(key, row, ()) for key, row in rows.items()]):
            if offset != end:
                self._runtime.observer.invariant("second_writer")
                raise Fenced(f"{topic}-{partition} was written at {offset}, expected {end}: there is another writer")
            end = offset + count
        self._ends[changelog] = batch.generation, end
        store.write(partition, rows, end - 1)
        # What we wrote ourselves need not be restored after the next rebalance: Faust would read it all again.
        self._app.tables.recovery.active_offsets[changelog] = end - 1

    def _end(self, changelog: TP, generation: int) -> int:
        """The offset our next row must get: where recovery ended, or our own last write of this generation."""
        known, end = self._ends.get(changelog, (None, 0))
        if known == generation:
            return end
        highwaters: Mapping[TP, int] = self._app.tables.recovery.active_highwaters  # the last offsets, by Faust
        if changelog not in highwaters:  # a Counter, which would say 0
            raise Unpaired(f"{changelog.topic}-{changelog.partition} is not ours but its source is: {dict(highwaters)}")
        return highwaters[changelog] + 1

    async def _all(self, sends: Iterable[Any]) -> None:
        """Wait for all, also when one fails: what is still under way must not outlive the batch."""
        for result in await asyncio.gather(*sends, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _send(self, topic: str, partition: int, entries: Sequence[Entry]) -> list[tuple[int, int]]:
        """Write to one partition; (offset, count) of each Kafka batch."""
        producer: Any = self._app.producer._producer
        acknowledged: list[tuple[int, int]] = []
        begun = 0
        while begun < len(entries):
            batch, end = _filled(producer, entries, begun)
            try:
                # Idempotent sends never expire in aiokafka 0.14, so the bound is ours; the shield lets the send
                # go on, since a cancelled one would take the producer's state with it.
                async with asyncio.timeout(self._runtime.settings.ack_seconds):
                    # aiokafka 0.14 takes one batch of a partition at a time, and counts the waiting of the others
                    # anew at every turn: its timeout of seconds is over within one. So they wait here.
                    async with self._queueing[TP(topic, partition)]:
                        sent = await producer.send_batch(batch, topic, partition=partition)
                    acknowledgement = await asyncio.shield(sent)
            except (KafkaError, TimeoutError) as error:
                raise Unacknowledged(f"{topic}-{partition}: {end - begun} records, {error!r}") from error
            acknowledged.append((acknowledgement.offset, end - begun))
            begun = end
        return acknowledged


def _filled(producer: Any, entries: Sequence[Entry], begun: int) -> tuple[Any, int]:
    """A Kafka batch with as many entries as fit, from one on; and the index after the last."""
    batch = producer.create_batch()
    append, now, at = batch._builder.append, time_ns() // 1_000_000, 0
    # A batch takes its first record whatever its size; the broker's limit for the topic is the bound.
    for key, value, headers in islice(entries, begun, None):
        if append(at, now, key, value, list(headers)) is None:
            break
        at += 1
    # As `BatchBuilder.append` keeps it, which would cost as much again as the record.
    batch._relative_offset, end = at, begun + at
    batch.close()  # else single sends of others would be added to it
    return batch, end
