"""Metrics: names as contracted, series from the start, figures only where they can be said."""

import re
from collections.abc import Mapping

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from tests.railway import build_fact, small_network
from tracker.aggregates.group import group_of
from tracker.aggregates.histogram import Histogram
from tracker.aggregates.tally import Tally
from tracker.aggregates.windows import WINDOWS, Totals, totals_of
from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.moment import HOUR, SECOND, Millis, hour_of
from tracker.domain.network import Direction
from tracker.metrics.exposition import expose
from tracker.metrics.flow import Metrics
from tracker.metrics.gauges import Gauges
from tracker.streams.intake import IntakeObserver
from tracker.streams.journeys import JourneysObserver
from tracker.streams.observer import Observer
from tracker.streams.subjects import SubjectsObserver

NETWORK = small_network()
NOW = 480_000
WEST = Direction.WESTBOUND
DWELL = build_fact(FactKind.DWELL, NOW - 3, 10, node="KZ-EDGE")
TRANSIT = build_fact(
    FactKind.TRANSIT, NOW - 1, 240, section="whole", full=True, origin="CN-HUB", goal="GE-PORT", metres=4_360_000
)


class Stages:
    """What the three stages would know."""

    def __init__(self, *facts: Fact) -> None:
        self._facts = facts

    def now(self) -> Millis:
        return Millis(NOW * HOUR)

    def watermarks(self) -> Mapping[str, Millis]:
        return {"ktz": Millis(NOW * HOUR)}

    def delays(self) -> Mapping[str, Histogram]:
        delays = Histogram()
        delays.add(2 * HOUR, 20)
        return {"ktz": delays, "quiet": Histogram()}

    def open_journeys(self, clock: Millis) -> Mapping[tuple[str, Direction | None], int]:
        return {("middle", WEST): 7, ("undecided", None): 2}

    def standing(self, clock: Millis) -> Mapping[tuple[str, Direction | None], int]:
        return {("KZ-EDGE", WEST): 4, ("KZ-EDGE", None): 1}

    def totals(self) -> Totals:
        hours = []
        for fact in self._facts:
            tally = Tally()
            tally.add(fact, NETWORK)
            hours.append((group_of(fact, NETWORK), hour_of(fact.end), tally))
        totals = totals_of(hours, self.now())
        return {name: totals[name] for name in WINDOWS}


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> Metrics:
    return Metrics(registry, NETWORK, ["ktz", "quiet"])


def watch(registry: CollectorRegistry, *facts: Fact) -> None:
    stages = Stages(*facts)
    registry.register(Gauges(NETWORK, stages, stages, stages, stages))


def several(fact: Fact, count: int) -> list[Fact]:
    return [msgspec.structs.replace(fact, journey=str(number)) for number in range(count)]


def test_it_is_an_observer_of_the_engine_and_of_the_stages(metrics: Metrics) -> None:
    listeners: tuple[Observer, IntakeObserver, JourneysObserver, SubjectsObserver] = (metrics,) * 4
    assert all(listeners)


def test_counters_that_can_count_are_zero_from_the_start(registry: CollectorRegistry, metrics: Metrics) -> None:
    for name, labels in {
        "rail_reports_total": {"carrier": "quiet", "outcome": "superseded"},
        "rail_report_faults_total": {"carrier": "ktz", "fault": "E201"},
        "rail_movements_total": {"carrier": "ktz", "kind": "border_crossed"},
        "rail_transit_seconds_count": {"corridor": "northern", "section": "whole", "direction": "eastbound"},
        "rail_dwell_seconds_count": {"node": "GE-PORT", "direction": "eastbound"},
        "rail_node_arrivals_total": {"node": "CN-HUB", "direction": "westbound"},
        "rail_statistics_withdrawn_total": {"fact": "run"},
        "rail_invariant_violations_total": {"invariant": "negative_count"},
        "rail_worker_poison_records_total": {"stage": "subjects"},
        "rail_worker_commits_total": {},
    }.items():
        assert registry.get_sample_value(name, labels) == 0, name


def test_reports_and_their_faults_are_counted_by_carrier(registry: CollectorRegistry, metrics: Metrics) -> None:
    metrics.report("ktz", "rejected")
    metrics.faults("ktz", ["E201", "W301"])
    metrics.movement("ktz", "departed")
    assert registry.get_sample_value("rail_reports_total", {"carrier": "ktz", "outcome": "rejected"}) == 1
    assert registry.get_sample_value("rail_report_faults_total", {"carrier": "ktz", "fault": "W301"}) == 1
    assert registry.get_sample_value("rail_movements_total", {"carrier": "ktz", "kind": "departed"}) == 1


def test_a_stay_counts_as_dwell_and_departure_and_a_run_as_arrival(
    registry: CollectorRegistry, metrics: Metrics
) -> None:
    metrics.fact(DWELL, "added")
    metrics.fact(build_fact(FactKind.RUN, NOW, 5, origin="CN-EDGE", goal="KZ-EDGE"), "added")
    place = {"node": "KZ-EDGE", "direction": "westbound"}
    assert registry.get_sample_value("rail_dwell_seconds_sum", place) == 36_000
    assert registry.get_sample_value("rail_node_departures_total", place) == 1
    assert registry.get_sample_value("rail_node_arrivals_total", place) == 1


def test_what_a_decided_corridor_adds_again_is_not_counted_again(registry: CollectorRegistry, metrics: Metrics) -> None:
    undecided = msgspec.structs.replace(DWELL, corridor="undecided")
    for fact, op in ((undecided, "added"), (undecided, "withdrawn"), (DWELL, "added")):
        metrics.fact(fact, op)
    place = {"node": "KZ-EDGE", "direction": "westbound"}
    assert registry.get_sample_value("rail_dwell_seconds_count", place) == 1
    assert registry.get_sample_value("rail_statistics_withdrawn_total", {"fact": "dwell"}) == 1


def test_a_corrected_time_is_counted_as_it_was_processed(registry: CollectorRegistry, metrics: Metrics) -> None:
    later = msgspec.structs.replace(DWELL, end=Millis(DWELL.end + SECOND))
    for fact, op in ((DWELL, "added"), (DWELL, "withdrawn"), (later, "added")):
        metrics.fact(fact, op)
    assert registry.get_sample_value("rail_dwell_seconds_count", {"node": "KZ-EDGE", "direction": "westbound"}) == 2


def test_a_fact_whose_direction_is_not_known_has_no_series(registry: CollectorRegistry, metrics: Metrics) -> None:
    before = expose(registry, "")[0].count(b"rail_dwell_seconds_count{")
    metrics.fact(msgspec.structs.replace(DWELL, direction=None), "added")
    assert expose(registry, "")[0].count(b"rail_dwell_seconds_count{") == before


def test_a_transits_exemplar_names_its_journey_in_openmetrics(registry: CollectorRegistry, metrics: Metrics) -> None:
    metrics.fact(msgspec.structs.replace(TRANSIT, journey="j-77"), "added")
    body, content_type = expose(registry, "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert b'# {journey="j-77"} 864000.0' in body


def test_an_exemplar_longer_than_openmetrics_allows_is_cut(metrics: Metrics) -> None:
    metrics.fact(msgspec.structs.replace(TRANSIT, journey="j" * 500), "added")


def test_engine_figures_follow_what_it_tells(registry: CollectorRegistry, metrics: Metrics) -> None:
    metrics.batch("intake", "carrier.ktz.events", 3, 250, 0.2)
    metrics.lag("rail.facts", 3, 10, 1.5)
    metrics.rows("journeys", 77)
    metrics.recovered("journeys", 900, 3.0)
    metrics.committed(4)
    metrics.poison("intake", "carrier.ktz.events", 3, 9)
    metrics.invariant("second_writer")
    metrics.outdated(3)
    values = {
        ("rail_worker_records_total", "intake"): 250,
        ("rail_worker_batch_seconds_sum", "intake"): 0.2,
        ("rail_worker_state_rows", "journeys"): 77,
        ("rail_worker_recovered_records_total", "journeys"): 900,
        ("rail_worker_poison_records_total", "intake"): 1,
    }
    for (name, stage), value in values.items():
        assert registry.get_sample_value(name, {"stage": stage}) == value
    assert registry.get_sample_value("rail_worker_lag_records", {"topic": "rail.facts", "partition": "3"}) == 10
    assert registry.get_sample_value("rail_invariant_violations_total", {"invariant": "second_writer"}) == 1
    assert registry.get_sample_value("rail_worker_outdated_facts_total") == 3


def test_lag_of_partitions_that_may_have_left_does_not_stand_for_ever(
    registry: CollectorRegistry, metrics: Metrics
) -> None:
    metrics.lag("rail.facts", 3, 10, 1.5)
    metrics.rebalanced(2.5)
    assert registry.get_sample_value("rail_worker_lag_records", {"topic": "rail.facts", "partition": "3"}) is None
    assert registry.get_sample_value("rail_worker_rebalance_seconds_total") == 2.5


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
    assert registry.get_sample_value("rail_journeys_open", place) == 7
    assert registry.get_sample_value("rail_journeys_open", {**place, "corridor": "northern"}) == 0
    assert registry.get_sample_value("rail_node_containers", {"node": "KZ-EDGE", "direction": "westbound"}) == 4
    assert registry.get_sample_value("rail_node_containers", {"node": "GE-PORT", "direction": "westbound"}) == 0


def test_nothing_is_read_from_the_stages_before_a_scrape(registry: CollectorRegistry) -> None:
    class Untouchable(Stages):
        def totals(self) -> Totals:
            raise AssertionError("read at registration")

    stages = Untouchable()
    registry.register(Gauges(NETWORK, stages, stages, stages, stages))


CONTRACTED = {
    "rail_reports_total": {"carrier", "outcome"},
    "rail_report_faults_total": {"carrier", "fault"},
    "rail_movements_total": {"carrier", "kind"},
    "rail_reporting_delay_seconds": {"carrier", "quantile"},
    "rail_carrier_watermark_timestamp_seconds": {"carrier"},
    "rail_transit_seconds": {"corridor", "section", "direction"},
    "rail_dwell_seconds": {"node", "direction"},
    "rail_corridor_transit_seconds": {"corridor", "section", "direction", "window", "quantile"},
    "rail_corridor_transits": {"corridor", "section", "direction", "window"},
    "rail_corridor_volume_teu": {"corridor", "direction", "laden", "window"},
    "rail_corridor_volume_grams": {"corridor", "direction", "laden", "window"},
    "rail_corridor_speed_metres_per_second": {"corridor", "section", "direction", "window", "kind"},
    "rail_corridor_on_time_ratio": {"corridor", "direction", "window"},
    "rail_corridor_buffer_ratio": {"corridor", "direction", "window"},
    "rail_transit_country_ratio": {"country", "window"},
    "rail_journeys_open": {"corridor", "direction", "state"},
    "rail_node_dwell_seconds": {"node", "side", "direction", "window", "quantile"},
    "rail_node_containers": {"node", "direction"},
    "rail_node_arrivals_total": {"node", "direction"},
    "rail_node_departures_total": {"node", "direction"},
    "rail_border_seconds": {"crossing", "side", "direction", "window", "quantile"},
    "rail_leg_run_seconds": {"leg", "direction", "window", "quantile"},
    "rail_statistics_withdrawn_total": {"fact"},
    "rail_invariant_violations_total": {"invariant"},
}


def everything(registry: CollectorRegistry, metrics: Metrics) -> str:
    plan = Millis(NOW * HOUR)
    transit = msgspec.structs.replace(TRANSIT, planned_end=plan, countries=("CN", "GE"))
    run = build_fact(FactKind.RUN, NOW - 1, 5, origin="CN-HUB", goal="CN-EDGE")
    border = msgspec.structs.replace(DWELL, side=Side.ENTRY)
    watch(registry, *(one for fact in (transit, run, border) for one in several(fact, 5)))
    metrics.batch("intake", "carrier.ktz.events", 3, 250, 0.2)
    metrics.lag("rail.facts", 3, 10, 1.5)
    metrics.rows("journeys", 77)
    metrics.recovered("journeys", 900, 3.0)
    return expose(registry, "")[0].decode()


def test_names_and_labels_are_those_of_the_contract(registry: CollectorRegistry, metrics: Metrics) -> None:
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(everything(registry, metrics)):
        for sample in family.samples:
            name = sample.name if family.type == "counter" else family.name
            labels.setdefault(name, set()).update(set(sample.labels) - {"le"})
    assert {name: labels.get(name) for name in CONTRACTED} == CONTRACTED


def test_names_have_our_prefix_and_a_base_unit_and_counters_end_in_total(
    registry: CollectorRegistry, metrics: Metrics
) -> None:
    unit = re.compile(r"(_seconds|_ratio|_grams|_teu|_metres_per_second|_transits|_containers|_open|_records|_rows)$")
    seen = set()
    for family in text_string_to_metric_families(everything(registry, metrics)):
        if family.name.startswith("process_"):
            continue
        assert family.name.startswith("rail_")
        assert family.documentation, family.name
        for sample in family.samples:
            if family.type == "counter":
                assert sample.name.endswith("_total"), sample.name
            else:
                assert unit.search(family.name), family.name
                assert not family.name.endswith("_total")
            assert not sample.labels.keys() & {"container", "train", "wagon", "journey"}, sample
        seen.add(family.name)
    assert len(seen) > 35


def test_no_series_was_named_by_the_library_alone(registry: CollectorRegistry, metrics: Metrics) -> None:
    assert "_created" not in everything(registry, metrics)


def test_two_registries_do_not_see_each_other() -> None:
    first, second = CollectorRegistry(), CollectorRegistry()
    Metrics(first, NETWORK, ["ktz"]).committed(1)
    Metrics(second, NETWORK, ["ktz"])
    assert second.get_sample_value("rail_worker_commits_total") == 0
