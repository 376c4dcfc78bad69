"""Figures by event time: only where they can be said."""

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from tests.metrics.views import DWELL, NETWORK, NOW, TRANSIT, Stages, several, watch
from tests.railway import build_fact
from tracker.aggregates.windows import Totals
from tracker.domain.facts import FactKind, Side
from tracker.metrics.gauges import Gauges


def test_quantiles_are_absent_below_five_and_counts_are_not(registry: CollectorRegistry) -> None:
    watch(registry, *several(TRANSIT, 4))
    place = {"corridor": "middle", "section": "whole", "direction": "westbound", "window": "24h"}
    assert registry.get_sample_value("rail_corridor_transits", place) == 4
    assert registry.get_sample_value("rail_corridor_transit_seconds", {**place, "quantile": "0.5"}) is None
    assert registry.get_sample_value("rail_corridor_transits", {**place, "direction": "eastbound"}) == 0
    assert (
        registry.get_sample_value("rail_corridor_buffer_ratio", {k: place[k] for k in place if k != "section"}) is None
    )


def test_corridor_figures_are_in_base_units(registry: CollectorRegistry) -> None:
    crossing = build_fact(
        FactKind.CROSSING, NOW - 1, origin="KZ-PORT", goal="AZ-PORT", teu=225, grams=21_000_000, laden=True
    )
    watch(registry, *several(TRANSIT, 5), crossing)
    place = {"corridor": "middle", "direction": "westbound", "window": "7d"}
    seconds = registry.get_sample_value(
        "rail_corridor_transit_seconds", {**place, "section": "whole", "quantile": "0.9"}
    )
    assert seconds == pytest.approx(864_000, rel=0.01)
    speed = registry.get_sample_value(
        "rail_corridor_speed_metres_per_second", {**place, "section": "whole", "kind": "with_delay"}
    )
    assert speed == pytest.approx(4_360_000 / 864_000)
    assert registry.get_sample_value("rail_corridor_volume_teu", {**place, "laden": "true"}) == 2.25
    assert registry.get_sample_value("rail_corridor_volume_grams", {**place, "laden": "true"}) == 21_000_000
    assert registry.get_sample_value("rail_corridor_volume_teu", {**place, "laden": "false"}) == 0


def test_a_volume_of_which_nothing_is_known_is_absent_and_what_nobody_passed_is_zero(
    registry: CollectorRegistry,
) -> None:
    sizeless = build_fact(FactKind.CROSSING, NOW - 1, origin="KZ-PORT", goal="AZ-PORT", laden=True)
    watch(registry, sizeless)
    place = {"corridor": "middle", "direction": "westbound", "window": "7d"}
    for name in ("rail_corridor_volume_teu", "rail_corridor_volume_grams"):
        assert registry.get_sample_value(name, {**place, "laden": "true"}) is None
        assert registry.get_sample_value(name, {**place, "laden": "false"}) == 0


def test_the_target_is_due_pro_rata_by_the_hour(registry: CollectorRegistry) -> None:
    """Of 8,784 t a year 6,648 are due at the begin of the 4th of October 2024, 277 days of 24 h."""
    crossing = build_fact(FactKind.CROSSING, NOW - 5000, origin="KZ-PORT", goal="AZ-PORT", grams=3_324_000_000)
    watch(registry, crossing)
    assert registry.get_sample_value("rail_corridor_target_ratio", {"corridor": "middle"}) == 0.5
    assert registry.get_sample_value("rail_corridor_target_ratio", {"corridor": "northern"}) is None


def test_a_borders_time_is_by_side_and_direction(registry: CollectorRegistry) -> None:
    watch(registry, *several(msgspec.structs.replace(DWELL, side=Side.ENTRY), 5))
    labels = {"side": "entry", "direction": "westbound", "window": "24h", "quantile": "0.5"}
    for name, place in (
        ("rail_border_seconds", {"crossing": "CN-EDGE--KZ-EDGE"}),
        ("rail_node_dwell_seconds", {"node": "KZ-EDGE"}),
    ):
        assert registry.get_sample_value(name, {**labels, **place}) == pytest.approx(36_000, rel=0.01)


def test_a_country_shows_its_share_of_china_europe_transits(registry: CollectorRegistry) -> None:
    watch(registry, *several(msgspec.structs.replace(TRANSIT, countries=("CN", "KZ")), 2), TRANSIT)
    labels = {"country": "KZ", "window": "24h"}
    assert registry.get_sample_value("rail_transit_country_ratio", labels) == pytest.approx(2 / 3)


def test_carriers_and_open_journeys_are_read_at_the_scrape(registry: CollectorRegistry) -> None:
    watch(registry)
    assert registry.get_sample_value("rail_carrier_watermark_timestamp_seconds", {"carrier": "ktz"}) == NOW * 3600
    delay = registry.get_sample_value("rail_reporting_delay_seconds", {"carrier": "ktz", "quantile": "0.95"})
    assert delay == pytest.approx(7200, rel=0.01)
    labels = {"carrier": "quiet", "quantile": "0.95"}
    assert registry.get_sample_value("rail_reporting_delay_seconds", labels) is None
    place = {"corridor": "middle", "direction": "westbound", "state": "unknown"}
    assert registry.get_sample_value("rail_journeys_open", place) == 3
    assert registry.get_sample_value("rail_journeys_open", {**place, "state": "on_time"}) == 4
    assert registry.get_sample_value("rail_journeys_open", {**place, "state": "late"}) == 0
    assert registry.get_sample_value("rail_journeys_open", {**place, "corridor": "northern"}) == 0
    assert registry.get_sample_value("rail_node_containers", {"node": "KZ-EDGE", "direction": "westbound"}) == 4
    assert registry.get_sample_value("rail_node_containers", {"node": "GE-PORT", "direction": "westbound"}) == 0


def test_open_exceptions_are_counted_by_what_is_wrong_and_why(registry: CollectorRegistry) -> None:
    watch(registry)
    labels = {"rule": "dwell", "severity": "critical", "cause": "node", "corridor": "middle"}
    assert registry.get_sample_value("rail_exceptions_open", labels) == 2


def test_nothing_is_read_from_the_stages_before_a_scrape(registry: CollectorRegistry) -> None:
    class Untouchable(Stages):
        def totals(self) -> Totals:
            raise AssertionError("read at registration")

    stages = Untouchable()
    registry.register(Gauges(NETWORK, stages, stages, stages, stages))
