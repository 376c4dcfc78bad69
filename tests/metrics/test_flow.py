"""Counters and histograms of what was processed."""

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from tests.metrics.views import DWELL, NOW, TRANSIT
from tests.railway import build_fact
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import SECOND, Millis
from tracker.metrics.exposition import expose
from tracker.metrics.flow import Metrics
from tracker.streams.counted import JourneysObserver
from tracker.streams.intake import IntakeObserver
from tracker.streams.observer import Observer
from tracker.streams.subjects import SubjectsObserver


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
        "rail_eta_error_seconds_count": {"horizon": "7d"},
        "rail_eta_arrivals_total": {"horizon": "24h", "interval": "before"},
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


def test_an_arrival_counts_with_what_it_was_off_by_and_where_it_lay(
    registry: CollectorRegistry, metrics: Metrics
) -> None:
    metrics.foretold("72h", 20_000.0, "after")
    assert registry.get_sample_value("rail_eta_error_seconds_sum", {"horizon": "72h"}) == 20_000
    assert registry.get_sample_value("rail_eta_arrivals_total", {"horizon": "72h", "interval": "after"}) == 1


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


@pytest.mark.parametrize("fact", [TRANSIT, DWELL], ids=["transit", "stay"])
def test_an_exemplar_names_the_journey_in_openmetrics(
    registry: CollectorRegistry, metrics: Metrics, fact: Fact
) -> None:
    metrics.fact(msgspec.structs.replace(fact, journey="j-77"), "added")
    body, content_type = expose(registry, "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert fact.start is not None
    assert f'# {{journey="j-77"}} {(fact.end - fact.start) / SECOND}'.encode() in body


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
