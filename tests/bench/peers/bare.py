"""The transport job on a bare aiokafka loop, tuned as the tracker is: what Kafka and the work cost without an engine.

Bulk as `tests.bench.bare`: at most 10,000 records between two writes, Kafka batches of 512 KiB written partition by
partition without a future per record, outputs acknowledged before rows and rows before the offset. It restores
nothing, fences nobody and knows no rebalance.

    python -m tests.bench.peers.bare    # settings in BENCH_*
"""

import asyncio
import gc
import signal
from collections import defaultdict
from collections.abc import Mapping
from time import monotonic
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.bench.bare import send
from tests.bench.peers.job import (
    BATCH_BYTES,
    COMMIT_SECONDS,
    FACTS,
    FETCH_BYTES,
    PARTITIONS,
    POLL_RECORDS,
    REPORTS,
    Box,
    Corridor,
    fold_fact,
    fold_report,
    given,
    read_box,
    read_corridor,
    read_fact,
    read_report,
    write_json,
    write_row,
)
from tracker.streams.worker import GC_THRESHOLDS
from tracker.streams.writer import partition_of

Entries = dict[tuple[str, int], list[tuple[bytes, bytes]]]


class Loop:
    """The loop and its rows."""

    def __init__(self) -> None:
        """Nothing is connected yet."""
        start = given()
        self._app = start.app_id
        self._boxes: list[dict[bytes, bytes]] = [{} for _ in range(PARTITIONS)]
        self._corridors: list[dict[bytes, bytes]] = [{} for _ in range(PARTITIONS)]
        self._producer: Any = AIOKafkaProducer(
            bootstrap_servers=start.brokers, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES
        )
        self._consumer: Any = AIOKafkaConsumer(
            REPORTS,
            FACTS,
            bootstrap_servers=start.brokers,
            group_id=start.app_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        self.stopped = False

    async def run(self) -> None:
        """Until stopped."""
        async with self._producer, self._consumer:
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
            done: dict[Any, int] = {}
            committed_at = monotonic()
            while not self.stopped:
                fetched = await self._consumer.getmany(timeout_ms=50, max_records=POLL_RECORDS)
                await self._process(fetched)
                done |= {tp: records[-1].offset + 1 for tp, records in fetched.items()}
                if done and monotonic() - committed_at >= COMMIT_SECONDS:
                    await self._consumer.commit(done)
                    done, committed_at = {}, monotonic()

    async def _process(self, fetched: Mapping[Any, list[Any]]) -> None:
        facts, rows = defaultdict[tuple[str, int], list[tuple[bytes, bytes]]](list), Entries()
        for (topic, partition), records in fetched.items():
            if topic == REPORTS:
                changed = self._fold_reports(partition, records, facts)
            else:
                changed = self._add_up(partition, records)
            rows[f"{self._app}-{topic}-changelog", partition] = list(changed.items())
        await self._write(facts)
        await self._write(rows)

    def _fold_reports(self, partition: int, records: list[Any], facts: Entries) -> dict[bytes, bytes]:
        stored, held = self._boxes[partition], dict[bytes, Box]()
        for record in records:
            try:
                report = read_report(record.value)
            except msgspec.DecodeError:
                continue
            key = record.key
            if (box := held.get(key)) is None:
                body = stored.get(key)
                box = held[key] = read_box(body)
            if (fact := fold_report(box, report)) is not None:
                name = fact.corridor.encode()
                facts[FACTS, partition_of(name, PARTITIONS)].append((name, write_json(fact)))
        changed = {key: write_row(box) for key, box in held.items()}
        stored |= changed
        return changed

    def _add_up(self, partition: int, records: list[Any]) -> dict[bytes, bytes]:
        stored, held = self._corridors[partition], dict[bytes, Corridor]()
        for record in records:
            key = record.key
            if (row := held.get(key)) is None:
                body = stored.get(key)
                row = held[key] = read_corridor(body)
            fold_fact(row, read_fact(record.value))
        changed = {key: write_row(row) for key, row in held.items()}
        stored |= changed
        return changed

    async def _write(self, entries: Entries) -> None:
        await asyncio.gather(*(send(self._producer, topic, at, some) for (topic, at), some in entries.items() if some))


async def _main() -> None:
    loop = Loop()

    def stop() -> None:
        loop.stopped = True

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    await loop.run()


if __name__ == "__main__":
    asyncio.run(_main())
