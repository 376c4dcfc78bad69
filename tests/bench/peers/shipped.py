"""The transport job on Faust as shipped: two agents, two tables, one event at a time.

Settings in its favour as in `tests.bench.shipped`, where each is argued.

    python -m tests.bench.peers.shipped    # settings in BENCH_*
"""

import logging
import sys
from collections.abc import AsyncIterable
from typing import Any

import faust
import msgspec

from tests.bench.peers.job import (
    COMMIT_SECONDS,
    FACTS,
    PARTITIONS,
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


def build() -> faust.App:
    """The app."""
    start = given()
    app = faust.App(
        start.app_id,
        broker=f"kafka://{start.brokers}",
        key_serializer="raw",
        value_serializer="raw",
        store="memory://",
        datadir=str(start.folder),
        topic_partitions=PARTITIONS,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=65_536,
        producer_linger=0.02,
        producer_max_batch_size=256 * 1024,
        broker_commit_interval=COMMIT_SECONDS,
    )
    boxes = app.Table("boxes", partitions=PARTITIONS, key_type=bytes, value_type=bytes)
    corridors = app.Table("corridors", partitions=PARTITIONS, key_type=bytes, value_type=bytes)
    facts = app.topic(FACTS)

    async def fold_reports(stream: AsyncIterable[Any]) -> None:
        events: Any = stream
        async for event in events.events():
            try:
                report = read_report(event.message.value)
            except msgspec.DecodeError:
                continue
            key = event.message.key
            body = boxes.get(key)
            box = Box(0, []) if body is None else read_box(body)
            fact = fold_report(box, report)
            if fact is not None:
                _ = await facts.send(key=fact.corridor.encode(), value=write_json(fact))
            boxes[key] = write_row(box)

    async def add_up(stream: AsyncIterable[Any]) -> None:
        events: Any = stream
        async for event in events.events():
            key = event.message.key
            body = corridors.get(key)
            row = Corridor() if body is None else read_corridor(body)
            fold_fact(row, read_fact(event.message.value))
            corridors[key] = write_row(row)

    app.agent(app.topic(REPORTS))(fold_reports)
    app.agent(facts)(add_up)
    return app


def main() -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    worker = faust.Worker(build(), loglevel="info", quiet=True, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
