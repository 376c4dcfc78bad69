"""What canaries show, as `rail_canary_*`: when the last one came out of the notifier, by which everything is known."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge

from tracker.domain.moment import SECOND, Millis


class CanaryMetrics:
    """Hears what comes out: implements `canary.watch.Observer`."""

    def __init__(self, registry: CollectorRegistry, partitions: int, interval: int) -> None:
        """Registers its metrics; a sender that has just started counts as told, so that alerts wait their time."""
        self._told = Gauge(
            "rail_canary_told_timestamp_seconds",
            "When the last canary that came out was late; at first, when this began. Older than 1.5 times "
            "rail_canary_interval_seconds: the chain from report to notice is broken.",
            registry=registry,
        )
        self._partitions = Gauge(
            "rail_canary_partition_told_timestamp_seconds",
            "The same of each partition's own, which is late once in so many intervals as there are partitions.",
            ["partition"],
            registry=registry,
        )
        self._delay = Gauge(
            "rail_canary_delay_seconds",
            "From when it was late until it came out, the last time: some two minutes.",
            registry=registry,
        )
        self._astray = Counter(
            "rail_canary_astray",
            "Canaries told that were not late, or that are not ours: false alarms.",
            registry=registry,
        )
        length = Gauge("rail_canary_interval_seconds", "Seconds between two that are late.", registry=registry)
        length.set(interval / SECOND)
        self._last = Millis(0)
        self._told.set(time.time())
        for partition in range(partitions):
            self._partitions.labels(partition).set(time.time())

    def told(self, partition: int, due: Millis, now: Millis) -> None:
        """The canary of a partition that was late at `due` was told."""
        self._partitions.labels(partition).set(due / SECOND)
        if due >= self._last:
            self._last = due
            self._told.set(due / SECOND)
            self._delay.set((now - due) / SECOND)

    def astray(self) -> None:
        """One was told that should not have been."""
        self._astray.inc()
