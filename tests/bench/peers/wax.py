"""The transport job on Bytewax, in the venv of the peers.

Bytewax has no changelog: it writes the state that changed in an epoch (half a second, as others commit) into SQLite
files, which is what it restores from. In its favour: one worker, stateful steps that take batches and hand out their
state as bytes once per epoch (its simple operators copy it deeply), a sink that batches. Its sources take the default
of 1,000 records of a partition at once: ten times as many go through each step whole before the next one begins.
It commits no offsets; librdkafka is told to commit what was handed over, so that the end can be seen from outside.

    python -m tests.bench.peers.wax    # settings in BENCH_*
"""

import signal
import sys
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kafka
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from tests.bench.peers.job import (
    BATCH_BYTES,
    COMMIT_SECONDS,
    FACTS,
    FETCH_BYTES,
    LINGER_MS,
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


class _Boxes(StatefulBatchLogic):  # type: ignore[misc]  # it has no types for us
    def __init__(self, body: bytes | None) -> None:
        self._box = read_box(body)

    def on_batch(self, values: Iterable[Any]) -> tuple[list[Fact], bool]:
        facts = []
        for report in values:
            if (fact := fold_report(self._box, report)) is not None:
                facts.append(fact)
        return facts, False

    def snapshot(self) -> bytes:
        return write_row(self._box)


class _Corridors(StatefulBatchLogic):  # type: ignore[misc]  # it has no types for us
    def __init__(self, body: bytes | None) -> None:
        self._row = read_corridor(body)

    def on_batch(self, values: Iterable[Any]) -> tuple[list[Any], bool]:
        for fact in values:
            fold_fact(self._row, fact)
        return [], False

    def snapshot(self) -> bytes:
        return write_row(self._row)


def _report(message: Any) -> tuple[str, Any] | None:
    try:
        report = read_report(message.value)
    except msgspec.DecodeError:
        return None
    return report.container, report


def _fact(message: Any) -> tuple[str, Fact]:
    fact = read_fact(message.value)
    return fact.corridor, fact


def _sent(keyed: tuple[str, Fact]) -> Any:
    fact = keyed[1]
    return KafkaSinkMessage(fact.corridor.encode(), write_json(fact))


def build() -> Any:
    """The flow."""
    start = given()
    flow, brokers = Dataflow("peer"), [start.brokers]
    reading = {
        "group.id": start.app_id,
        "enable.auto.commit": "true",
        "auto.commit.interval.ms": str(round(COMMIT_SECONDS * 1000)),
        "max.partition.fetch.bytes": str(FETCH_BYTES),
    }
    writing = {
        "linger.ms": str(LINGER_MS), "batch.size": str(BATCH_BYTES), "acks": "all", "enable.idempotence": "true",
    }  # fmt: skip
    came = kafka.input("reports", flow, brokers=brokers, topics=[REPORTS], add_config=reading)
    reports = op.filter_map("read", came.oks, _report)
    told = op.map("tell", op.stateful_batch("boxes", reports, _Boxes), _sent)
    kafka.output("facts", told, brokers=brokers, topic=FACTS, add_config=writing)
    heard = kafka.input("heard", flow, brokers=brokers, topics=[FACTS], add_config=reading)
    op.inspect("end", op.stateful_batch("corridors", op.map("fact", heard.oks, _fact), _Corridors), lambda *_: None)
    return flow


def main() -> None:
    """Run until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder = given().folder
    init_db_dir(folder, 1)
    cli_main(
        build(),
        workers_per_process=1,
        epoch_interval=timedelta(seconds=COMMIT_SECONDS),
        recovery_config=RecoveryConfig(str(folder), backup_interval=timedelta(0)),
    )


if __name__ == "__main__":
    main()
