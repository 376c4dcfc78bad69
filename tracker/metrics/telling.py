"""What the notifier tells about itself, as `rail_notify_*`; endpoints are those of the notify file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, ProcessCollector
from prometheus_client.registry import Collector

from tracker.domain.moment import SECOND, Millis
from tracker.metrics.series import Series, gauge

HOW: Final = ("one", "limit", "quiet", "digest")
"""Alone, or together: over the limit, after quiet hours, in a digest."""

Pending = Callable[[], Mapping[str, tuple[int, Millis | None]]]
"""Endpoint to how many versions are owed to it, and since when the oldest is due."""


class TellingMetrics:
    """Hears the notifier: implements `notify.observer.Observer`."""

    def __init__(self, registry: CollectorRegistry, endpoints: Iterable[str], pending: Pending) -> None:
        """Registers its metrics; every series begins at zero."""
        ProcessCollector(registry=registry)
        names = tuple(endpoints)
        self._told = Series(
            Counter(
                "rail_notify_told",
                "Versions of exceptions told and noted, alone or together in a summary or digest.",
                ["endpoint", "how"],
                registry=registry,
            )
        )
        self._failures = Series(
            Counter(
                "rail_notify_failures",
                "Tries that failed; each is tried again for a day. Growing alone: the endpoint is down.",
                ["endpoint"],
                registry=registry,
            )
        )
        self._given_up = Series(
            Counter(
                "rail_notify_given_up",
                "Versions that could not be told and are on rail.untold: tell them by hand.",
                ["endpoint"],
                registry=registry,
            )
        )
        self._last = Series(
            Gauge(
                "rail_notify_told_timestamp_seconds",
                "When an endpoint answered last, by the notifier's clock; 0 before.",
                ["endpoint"],
                registry=registry,
            )
        )
        self._unreadable = Counter(
            "rail_notify_unreadable_records", "Records of rail.exceptions that are none.", registry=registry
        )
        for name in names:
            for series in (self._failures, self._given_up, self._last):
                series.begin(name)
            for how in HOW:
                self._told.begin(name, how)
        registry.register(_Owed(pending))

    def told(self, endpoint: str, versions: int, because: str) -> None:
        """A delivery was answered and noted."""
        self._told[endpoint, because].inc(versions)
        self._last[(endpoint,)].set_to_current_time()

    def failed(self, endpoint: str) -> None:
        """One try failed."""
        self._failures[(endpoint,)].inc()

    def given_up(self, endpoint: str, versions: int) -> None:
        """So many versions are dead letters."""
        self._given_up[(endpoint,)].inc(versions)

    def unreadable(self) -> None:
        """A record is none."""
        self._unreadable.inc()


class _Owed(Collector):
    """What is owed, when asked."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending

    def collect(self) -> Iterator[Metric]:
        owed = self._pending()
        yield gauge(
            "rail_notify_pending",
            "Versions owed to an endpoint by this instance: not yet a minute old, held back, or tried again.",
            ["endpoint"],
            (((name,), count) for name, (count, _) in owed.items()),
        )
        yield gauge(
            "rail_notify_oldest_timestamp_seconds",
            "Since when the oldest of them is due; absent while nothing is owed.",
            ["endpoint"],
            (((name,), since / SECOND) for name, (_, since) in owed.items() if since is not None),
        )
