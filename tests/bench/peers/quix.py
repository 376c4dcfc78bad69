"""The transport job on Quix Streams: two streaming data frames, stateful, in the venv of the peers.

In its favour: keys and values stay bytes (its JSON is slower than msgspec's), state is read and written as bytes,
as one value per key, logs are warnings, and the producer of librdkafka waits 20 ms for full batches. Its store is
always RocksDB; its changelog gets one record per changed key and checkpoint.

    python -m tests.bench.peers.quix    # settings in BENCH_*
"""

from typing import Any

import msgspec
from quixstreams import Application
from quixstreams.models import Serializer, TopicConfig

from tests.bench.peers.job import (
    BATCH_BYTES,
    COMMIT_SECONDS,
    FACTS,
    FETCH_BYTES,
    LINGER_MS,
    PARTITIONS,
    REPORTS,
    Fact,
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


class _Facts(Serializer):  # type: ignore[misc]  # it has no types for us
    def __call__(self, value: Fact, ctx: Any) -> bytes:
        return write_json(value)


def _fold(value: bytes, state: Any) -> list[Fact]:
    try:
        report = read_report(value)
    except msgspec.DecodeError:
        return []
    box = read_box(state.get_bytes("row"))
    fact = fold_report(box, report)
    state.set_bytes("row", write_row(box))
    return [] if fact is None else [fact]


def _add_up(value: bytes, state: Any) -> None:
    row = read_corridor(state.get_bytes("row"))
    fold_fact(row, read_fact(value))
    state.set_bytes("row", write_row(row))


def main() -> None:
    """Run until SIGTERM."""
    start = given()
    app = Application(
        broker_address=start.brokers,
        consumer_group=start.app_id,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        state_dir=start.folder,
        loglevel="WARNING",
        consumer_extra_config={"max.partition.fetch.bytes": FETCH_BYTES, "fetch.message.max.bytes": FETCH_BYTES},
        producer_extra_config={"linger.ms": LINGER_MS, "batch.size": BATCH_BYTES, "acks": "all"},
    )
    spread = TopicConfig(num_partitions=PARTITIONS, replication_factor=1)
    reports = app.topic(REPORTS, key_deserializer="bytes", value_deserializer="bytes", config=spread)
    facts = app.topic(
        FACTS, key_deserializer="bytes", value_deserializer="bytes",
        key_serializer="bytes", value_serializer=_Facts(), config=spread,
    )  # fmt: skip
    told = app.dataframe(reports).apply(_fold, stateful=True, expand=True)
    told.to_topic(facts, key=lambda fact: fact.corridor.encode())
    app.dataframe(facts).update(_add_up, stateful=True)
    app.run()


if __name__ == "__main__":
    main()
