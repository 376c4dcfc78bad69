"""Whether a worker is still being given its partitions, or restores its rows."""

from collections.abc import Callable, Iterator

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from tracker.metrics.series import gauge


class Restoring(Collector):
    """Asks when Prometheus does."""

    def __init__(self, restoring: Callable[[], bool]) -> None:
        """Keeps the question; it is not asked before `collect`."""
        self._restoring = restoring

    def describe(self) -> Iterator[Metric]:
        """Nothing: with this the registry does not ask to learn the name."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """1 or 0."""
        yield gauge(
            "rail_worker_restoring",
            "1 while partitions are assigned or rows restored; for more than minutes: no report is worked on here.",
            [],
            [((), float(self._restoring()))],
        )
