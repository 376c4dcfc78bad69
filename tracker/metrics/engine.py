"""What the engine tells about itself, as `rail_worker_*`: batches, lag, rows, recovery, rebalances."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from tracker.streams.observer import INVARIANTS as OF_ENGINE
from tracker.streams.subjects import INVARIANTS as OF_SUBJECTS

STAGES: Final = ("intake", "transports", "journeys", "subjects")

SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""Bounds of a batch's time; 15 s is when an unacknowledged output stops the worker."""
RECORDS: Final = (1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000)
"""Bounds of a batch's size; 10,000 is the most that is fetched."""


class EngineMetrics:
    """Hears the engine: a `streams.observer.Observer`. Stages' series begin at zero."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Registers its metrics."""
        self._records = Counter(
            "rail_worker_records", "Records that a stage has finished.", ["stage"], registry=registry
        )
        self._batch_records = Histogram(
            "rail_worker_batch_records", "Records in a batch.", ["stage"], buckets=RECORDS, registry=registry
        )
        self._batch_seconds = Histogram(
            "rail_worker_batch_seconds",
            "Seconds from a batch's begin to its offset; the size of the batch: rail_worker_batch_records.",
            ["stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self._processed = Gauge(
            "rail_worker_processed_timestamp_seconds",
            "When a partition's last batch was finished, by the worker's clock.",
            ["topic", "partition"],
            registry=registry,
        )
        self._lag_records = Gauge(
            "rail_worker_lag_records",
            "Records that wait in a partition. Growing for long: add a worker.",
            ["topic", "partition"],
            registry=registry,
        )
        self._lag_seconds = Gauge(
            "rail_worker_lag_seconds",
            "Age of the last record handled while others wait; 0 when none does.",
            ["topic", "partition"],
            registry=registry,
        )
        self._rows = Gauge(
            "rail_worker_state_rows", "Rows of a stage's table, given up ones included.", ["stage"], registry=registry
        )
        self._recovered = Counter(
            "rail_worker_recovered_records",
            "Changelog records read to restore a stage's rows.",
            ["stage"],
            registry=registry,
        )
        self._recovery = Gauge(
            "rail_worker_recovery_seconds", "How long a stage's last restore took.", ["stage"], registry=registry
        )
        self._rebalances = Counter("rail_worker_rebalances", "Times that partitions moved.", registry=registry)
        self._rebalance_seconds = Counter(
            "rail_worker_rebalance_seconds", "Seconds without fetching while partitions moved.", registry=registry
        )
        self._commits = Counter("rail_worker_commits", "Commits of offsets.", registry=registry)
        self._poisons = Counter(
            "rail_worker_poison_records",
            "Records that broke our code and were rejected with E001: read the log and file a bug.",
            ["stage"],
            registry=registry,
        )
        self._sweeps = Histogram(
            "rail_worker_sweep_seconds",
            "Time one sweep took: publishing and reading the situation, judging what was due.",
            buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60),
            registry=registry,
        )
        self._swept = Counter(
            "rail_worker_swept_containers", "Containers judged because their time had come.", registry=registry
        )
        self._sweep_at = Gauge(
            "rail_worker_sweep_timestamp_seconds",
            "When the last sweep ended; long ago: nothing is called late any more.",
            registry=registry,
        )
        self._invariants = Counter(
            "rail_invariant_violations",
            "Things that must never happen. What a name means: streams/observer.py and streams/subjects.py.",
            ["invariant"],
            registry=registry,
        )
        for stage in STAGES:
            for metric in (self._records, self._batch_records, self._batch_seconds, self._recovered, self._poisons):
                metric.labels(stage)
        for name in (*OF_ENGINE, *OF_SUBJECTS):
            self._invariants.labels(name)

    def batch(self, stage: str, topic: str, partition: int, records: int, seconds: float) -> None:
        """A stage finished a batch."""
        self._records.labels(stage).inc(records)
        self._batch_records.labels(stage).observe(records)
        self._batch_seconds.labels(stage).observe(seconds)
        self._processed.labels(topic, partition).set(time.time())

    def lag(self, topic: str, partition: int, records: int, seconds: float | None) -> None:
        """So much waits in a partition of ours."""
        self._lag_records.labels(topic, partition).set(records)
        if seconds is not None:
            self._lag_seconds.labels(topic, partition).set(seconds)

    def rows(self, stage: str, count: int) -> None:
        """A stage has so many rows."""
        self._rows.labels(stage).set(count)

    def rebalanced(self, seconds: float) -> None:
        """Partitions moved: series of those that may have left begin anew, or the last lag would stand for ever."""
        for metric in (self._processed, self._lag_records, self._lag_seconds):
            metric.clear()
        self._rebalances.inc()
        self._rebalance_seconds.inc(seconds)

    def recovered(self, stage: str, records: int, seconds: float) -> None:
        """A stage's rows were restored."""
        self._recovered.labels(stage).inc(records)
        self._recovery.labels(stage).set(seconds)

    def committed(self, partitions: int) -> None:
        """Offsets were committed."""
        self._commits.inc()

    def poison(self, stage: str, topic: str, partition: int, offset: int) -> None:
        """A record broke our code."""
        self._poisons.labels(stage).inc()

    def swept(self, containers: int, seconds: float) -> None:
        """A sweep judged so many containers."""
        self._sweeps.observe(seconds)
        self._swept.inc(containers)
        self._sweep_at.set(time.time())

    def invariant(self, name: str) -> None:
        """Something that must never happen did."""
        self._invariants.labels(name).inc()
