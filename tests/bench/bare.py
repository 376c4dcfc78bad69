"""The contender "bare loop": what Kafka and the core cost when there is no engine at all.

One aiokafka consumer over all inputs, one idempotent producer, no threads; the same core (`core.build_core`), rows
as bytes in a dict per partition as the tracker's memory store has them. Tuned as the tracker is: the same fetch
sizes, at most 10,000 records between two writes, Kafka batches of 512 KiB written partition by partition without a
future per record, outputs acknowledged before rows and rows before the offset, a commit every half second.

What it leaves out is what an engine is for: it restores nothing, fences nobody, knows no rebalance, and a record
that breaks the core ends it.

    python -m tests.bench.bare    # settings in TRACKER_*
"""

import asyncio
import gc
import signal
from collections import defaultdict
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from tests.bench.core import build_core
from tracker.settings import Settings, load_settings
from tracker.streams.stage import Output, Stage
from tracker.streams.topics import FACTS, MOVEMENTS, changelog_topic, events_topic
from tracker.streams.worker import GC_THRESHOLDS
from tracker.streams.writer import BATCH_BYTES, partition_of

Entry = tuple[bytes | None, bytes | None]

WAIT_MS: Final = 50


class Loop:
    """The loop and what it holds."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        core = build_core(settings)
        self._settings = settings
        self._stages: dict[str, Stage] = {events_topic(carrier): core.intake for carrier in core.carriers}
        self._stages |= {MOVEMENTS: core.journeys, FACTS: core.subjects}
        self._rows: defaultdict[tuple[str, int], dict[bytes, bytes]] = defaultdict(dict)
        self._spread = dict.fromkeys((MOVEMENTS, FACTS, "rail.rejected"), settings.partitions)
        self._producer: Any = AIOKafkaProducer(
            bootstrap_servers=settings.brokers, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES
        )
        self._consumer: Any = AIOKafkaConsumer(
            *self._stages,
            bootstrap_servers=settings.brokers,
            group_id=settings.app_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=settings.fetch_bytes,
            fetch_max_bytes=settings.buffer_bytes,
            isolation_level="read_committed",
        )
        self.stopped = False

    async def run(self) -> None:
        """Until stopped."""
        async with self._producer, self._consumer:
            while not self._consumer.assignment():
                await asyncio.sleep(0.01)
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            print("ready", flush=True)
            done: dict[TopicPartition, int] = {}
            committed_at = monotonic()
            while not self.stopped:
                fetched = await self._consumer.getmany(timeout_ms=WAIT_MS, max_records=self._settings.max_poll_records)
                done |= await self._process(fetched)
                if done and monotonic() - committed_at >= self._settings.commit_seconds:
                    await self._consumer.commit(done)
                    done, committed_at = {}, monotonic()

    async def _process(self, fetched: dict[TopicPartition, list[ConsumerRecord]]) -> dict[TopicPartition, int]:
        entries: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
        changed: list[tuple[Stage, int, dict[bytes, Any]]] = []
        for tp, records in fetched.items():
            stage = self._stages[tp.topic]
            held, outputs = self._fold(stage, tp.partition, records)
            changed.append((stage, tp.partition, held))
            for topic, key, value in ((each.topic, each.key, each.value) for each in outputs):
                entries[topic, partition_of(key, self._spread.get(topic, 1))].append((key, value))
        await self._write(entries)
        rows: defaultdict[tuple[str, int], dict[bytes, bytes]] = defaultdict(dict)
        for stage, partition, held in changed:
            rows[stage.name, partition] |= {key: stage.dump(row) or b"" for key, row in held.items()}
        app = self._settings.app_id
        await self._write({(changelog_topic(app, name), at): list(new.items()) for (name, at), new in rows.items()})
        for place, new in rows.items():
            self._rows[place] |= new
        for stage, partition, held in changed:
            stage.settled(partition, list(held.items()))  # type: ignore[attr-defined]  # all three have it
        return {tp: records[-1].offset + 1 for tp, records in fetched.items()}

    def _fold(
        self, stage: Stage, partition: int, records: Sequence[ConsumerRecord]
    ) -> tuple[dict[bytes, Any], list[Output]]:
        stored, held, outputs = self._rows[stage.name, partition], dict[bytes, Any](), list[Output]()
        for each in records:
            record: Any = each
            key, event = stage.read(record)
            if (row := held.get(key)) is None:
                row = held[key] = stage.load(stored.get(key), partition, key)
            outputs += stage.apply(row, event, record)
        return held, outputs

    async def _write(self, entries: dict[tuple[str, int], list[Entry]]) -> None:
        await asyncio.gather(*(send(self._producer, topic, at, some) for (topic, at), some in entries.items()))


async def send(producer: Any, topic: str, partition: int, entries: Iterable[Entry]) -> None:
    """Write records to a partition in batches as large as they may be; acknowledged when this returns."""
    acknowledgements, batch = [], producer.create_batch()
    for key, value in entries:
        if batch.append(key=key, value=value, timestamp=None) is None:
            batch.close()
            acknowledgements.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    batch.close()
    acknowledgements.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*acknowledgements)


async def _main() -> None:
    loop = Loop(load_settings())

    def stop() -> None:
        loop.stopped = True

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    await loop.run()


if __name__ == "__main__":
    asyncio.run(_main())
