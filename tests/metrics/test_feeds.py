"""Carriers' feeds as metrics: what is missing, how late, how far off the clock."""

import pytest
from prometheus_client import CollectorRegistry

from tracker.aggregates.completeness import Completeness
from tracker.aggregates.feed import Feed
from tracker.aggregates.histogram import Histogram
from tracker.aggregates.incidents import Incident
from tracker.aggregates.sequences import Gap, Numbers
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.metrics.feeds import Feeds

AT = Millis(20_000 * DAY)


def feed(carrier: str, *, gap: int | None = 30 * MINUTE, clock: Incident | None = None) -> Feed:
    delays = Histogram()
    delays.add(HOUR, 3)
    delays.add(13 * HOUR, 1)
    numbers = Numbers(9, (Gap(3, 5, AT // HOUR - 30), Gap(7, 7, AT // HOUR - 2)), found=2)
    return Feed(
        carrier, AT, 4, 0, {}, delays, AT, AT, gap, numbers, clock, Completeness(40, 30) if clock else Completeness()
    )


def test_every_feed_has_its_series(registry: CollectorRegistry) -> None:
    off = Incident("carrier_clock-b-1", "carrier_clock", None, None, "b", AT, AT, None, 0, -3)
    registry.register(Feeds(lambda: [feed("a"), feed("b", gap=None, clock=off)]))
    of_a, of_b = {"carrier": "a"}, {"carrier": "b"}
    assert registry.get_sample_value("rail_carrier_missing_reports_total", of_a) == 5
    assert registry.get_sample_value("rail_carrier_clock_offset_seconds", of_a) == 0
    assert registry.get_sample_value("rail_carrier_clock_offset_seconds", of_b) == -10_800
    assert registry.get_sample_value("rail_carrier_usual_gap_seconds", of_a) == 1_800
    assert registry.get_sample_value("rail_carrier_usual_gap_seconds", of_b) is None
    assert registry.get_sample_value("rail_reporting_punctual_ratio", of_a) == pytest.approx(0.75)
    assert registry.get_sample_value("rail_carrier_completeness_ratio", of_b) == pytest.approx(0.75)
    assert registry.get_sample_value("rail_carrier_completeness_ratio", of_a) is None, "nothing was expected"
    assert registry.get_sample_value("rail_carrier_expected_milestones", of_b) == 40


def test_a_worker_without_the_first_partitions_tells_nothing_twice(registry: CollectorRegistry) -> None:
    registry.register(Feeds(list))
    assert registry.get_sample_value("rail_carrier_missing_reports_total", {"carrier": "a"}) is None
