"""The topics of a race: what is laid before a run, how far a group is, and what is left after it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.bench.peers.job import FACTS, PARTITIONS, REPORTS, Results, bodies, expected
from tracker.streams.writer import partition_of

LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Load:
    """Records for one run, by partition, and what must come of them."""

    reports: int
    wanted: Results
    partitions: list[list[tuple[bytes, bytes]]]

    @classmethod
    def of(cls, count: int) -> "Load":
        """So many reports."""
        made, spread = list(bodies(count)), [list[tuple[bytes, bytes]]() for _ in range(PARTITIONS)]
        for key, body in made:
            spread[partition_of(key, PARTITIONS)].append((key, body))
        return cls(count, expected(made), spread)


class Field:
    """The topics, as the race sees them."""

    def __init__(self, brokers: str) -> None:
        """Nothing is asked before it is entered."""
        self._brokers = brokers
        self._admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers)
        self._reader: Any = AIOKafkaConsumer(bootstrap_servers=brokers)
        self._laid: Load | None = None

    async def __aenter__(self) -> "Field":
        """Connect."""
        await self._admin.start()
        await self._reader.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._reader.stop()
        await self._admin.close()

    async def lay(self, load: Load) -> None:
        """Only the load is there: everything else is deleted."""
        kept = {REPORTS} if self._laid is load else set()
        old = {topic for topic in await self._admin.list_topics() if not topic.startswith("__")} - kept
        if old:
            await self._admin.delete_topics(sorted(old))
            while old & set(await self._admin.list_topics()):
                await asyncio.sleep(LOOK_SECONDS)
        await self.make(*({REPORTS, FACTS} - kept))
        if not kept:
            await self._fill(load)
            self._laid = load

    async def make(self, *topics: str) -> None:
        """Topics of twelve partitions, once they are there."""
        await self._admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in topics])
        while not set(topics) <= set(await self._admin.list_topics()):
            await asyncio.sleep(LOOK_SECONDS)

    async def _fill(self, load: Load) -> None:
        producer: Any = AIOKafkaProducer(bootstrap_servers=self._brokers, acks="all", max_batch_size=512 * 1024)
        async with producer:
            for partition, records in enumerate(load.partitions):
                await write(producer, REPORTS, partition, records)

    async def end(self, *topics: str) -> dict[TopicPartition, int]:
        """The ends of topics."""
        return dict(await self._reader.end_offsets([TopicPartition(t, p) for t in topics for p in range(PARTITIONS)]))

    async def facts(self) -> int:
        """How many there are."""
        return sum((await self.end(FACTS)).values())

    async def is_done(self, group: str, facts: int) -> bool:
        """Whether all facts are there, and the group has committed the ends of both inputs."""
        if await self.facts() < facts:
            return False
        committed, ends = await self._admin.list_consumer_group_offsets(group), await self.end(REPORTS, FACTS)
        return all(not end or ((at := committed.get(tp)) and at.offset >= end) for tp, end in ends.items())

    async def last(self, topic: str) -> dict[bytes, bytes]:
        """The last value of every key of a topic that is left."""
        described = await self._admin.describe_topics([topic])
        tps = [TopicPartition(topic, each["partition"]) for each in described[0]["partitions"]]
        found: dict[bytes, bytes | None] = {}
        # One of its own: it would go on asking for topics that are deleted before the next run.
        reader: Any = AIOKafkaConsumer(
            bootstrap_servers=self._brokers, auto_offset_reset="earliest", max_partition_fetch_bytes=8 * 1024 * 1024
        )
        async with reader:
            reader.assign(tps)
            ends = await reader.end_offsets(tps)
            while any([await reader.position(tp) < end for tp, end in ends.items()]):
                for records in (await reader.getmany(timeout_ms=500)).values():
                    found |= {record.key: record.value for record in records}
        return {key: value for key, value in found.items() if value is not None}


async def write(producer: Any, topic: str, partition: int, records: Sequence[tuple[bytes, bytes]]) -> None:
    """Write records to a partition, in batches, acknowledged."""
    if not records:
        return
    batch = producer.create_batch()
    for key, body in records:
        if batch.append(key=key, value=body, timestamp=None) is None:
            await (await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=body, timestamp=None)
    await (await producer.send_batch(batch, topic, partition=partition))
