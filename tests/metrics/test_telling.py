"""What the notifier shows of itself: series that begin at zero, and how long the oldest word has waited."""

from prometheus_client import CollectorRegistry

from tracker.domain.moment import Millis
from tracker.metrics.exposition import expose
from tracker.metrics.telling import HOW, TellingMetrics

ENDPOINTS = ("desk", "ops")


def shown(pending: dict[str, tuple[int, Millis | None]]) -> tuple[TellingMetrics, CollectorRegistry]:
    registry = CollectorRegistry()
    return TellingMetrics(registry, ENDPOINTS, lambda: pending), registry


def test_every_series_is_there_before_anything_happens() -> None:
    _, registry = shown(dict.fromkeys(ENDPOINTS, (0, None)))
    for endpoint in ENDPOINTS:
        for name in ("rail_notify_failures_total", "rail_notify_given_up_total", "rail_notify_pending"):
            assert registry.get_sample_value(name, {"endpoint": endpoint}) == 0
        for how in HOW:
            assert registry.get_sample_value("rail_notify_told_total", {"endpoint": endpoint, "how": how}) == 0


def test_what_happens_is_counted_by_endpoint() -> None:
    metrics, registry = shown({})
    metrics.told("ops", 7, "limit")
    metrics.failed("ops")
    metrics.given_up("desk", 2)
    metrics.unreadable()
    assert registry.get_sample_value("rail_notify_told_total", {"endpoint": "ops", "how": "limit"}) == 7
    assert registry.get_sample_value("rail_notify_failures_total", {"endpoint": "ops"}) == 1
    assert registry.get_sample_value("rail_notify_given_up_total", {"endpoint": "desk"}) == 2
    assert registry.get_sample_value("rail_notify_unreadable_records_total") == 1
    told = registry.get_sample_value("rail_notify_told_timestamp_seconds", {"endpoint": "ops"})
    assert told is not None
    assert told > 1.7e9


def test_the_age_of_what_is_owed_is_there_only_while_something_is() -> None:
    _, registry = shown({"ops": (3, Millis(1_772_366_400_000)), "desk": (0, None)})
    text = expose(registry, "")[0].decode()
    assert 'rail_notify_pending{endpoint="ops"} 3.0' in text
    assert 'rail_notify_oldest_timestamp_seconds{endpoint="ops"} 1.7723664e+09' in text
    assert 'rail_notify_oldest_timestamp_seconds{endpoint="desk"}' not in text
