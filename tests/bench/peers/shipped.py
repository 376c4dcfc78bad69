"""The transport job on Faust as shipped: two agents, two tables, one event at a time.

Settings in its favour as in `tests.bench.shipped`, where each is argued.

    python -m tests.bench.peers.shipped    # settings in BENCH_*
"""

from collections.abc import AsyncIterable
from typing import Any

import faust
import msgspec

from tests.bench.peers.job import (
    COMMIT_SECONDS,
    FACTS,
    PARTITIONS,
    REPORTS,
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
from tests.bench.shipped import favoured, run


def build() -> faust.App:
    """The app."""
    start = given()
    app = favoured(start.app_id, start.brokers, PARTITIONS, COMMIT_SECONDS, datadir=str(start.folder))
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
            box = read_box(boxes.get(key))
            fact = fold_report(box, report)
            if fact is not None:
                _ = await facts.send(key=fact.corridor.encode(), value=write_json(fact))
            boxes[key] = write_row(box)

    async def add_up(stream: AsyncIterable[Any]) -> None:
        events: Any = stream
        async for event in events.events():
            key = event.message.key
            row = read_corridor(corridors.get(key))
            fold_fact(row, read_fact(event.message.value))
            corridors[key] = write_row(row)

    app.agent(app.topic(REPORTS))(fold_reports)
    app.agent(facts)(add_up)
    return app


if __name__ == "__main__":
    run(build())
