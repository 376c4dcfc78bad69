"""Carriers' feeds as a whole, read from the board when Prometheus asks; told by one of all workers."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from tracker.aggregates.feed import Feed
from tracker.domain.moment import HOUR, SECOND
from tracker.metrics.series import gauge


class Feeds(Collector):
    """Reads the feeds at each scrape: some milliseconds, of which the numbers of the last days are the most."""

    def __init__(self, feeds: Callable[[], Iterable[Feed]]) -> None:
        """Keeps what to ask; nothing is read before `collect`."""
        self._feeds = feeds

    def describe(self) -> Iterator[Metric]:
        """Nothing: with this the registry does not read to learn the names."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Every carrier's."""
        feeds = list(self._feeds())
        missing = CounterMetricFamily(
            "rail_carrier_missing_reports",
            "Numbers in a carrier's `sequence` that had not come a day after a higher one; some may have come later.",
            labels=["carrier"],
        )
        for feed in feeds:
            missing.add_metric([feed.carrier], feed.numbers.ever(feed.at))
        yield missing
        yield gauge(
            "rail_carrier_clock_offset_seconds",
            "By how many whole hours a carrier's times seem later than true ones; 0: right, or too little is known.",
            ["carrier"],
            (((f.carrier,), 0 if f.clock is None else (f.clock.hours or 0) * HOUR / SECOND) for f in feeds),
        )
        yield gauge(
            "rail_carrier_usual_gap_seconds",
            "P95 of the gap between reports that one finds oneself in, of seven days. Quiet: three of them.",
            ["carrier"],
            (((f.carrier,), f.gap / SECOND) for f in feeds if f.gap is not None),
        )
        yield gauge(
            "rail_reporting_punctual_ratio",
            "Share of actual reports that came within 12 hours of the event, of seven days.",
            ["carrier"],
            (((f.carrier,), share) for f in feeds if (share := f.punctual) is not None),
        )
        yield gauge(
            "rail_carrier_completeness_ratio",
            "Share of the milestones a carrier was to tell of nodes that journeys left behind, of seven days.",
            ["carrier"],
            (((f.carrier,), share) for f in feeds if (share := f.completeness.share) is not None),
        )
        yield gauge(
            "rail_carrier_expected_milestones",
            "How many milestones that share is of.",
            ["carrier"],
            (((f.carrier,), f.completeness.expected) for f in feeds),
        )
