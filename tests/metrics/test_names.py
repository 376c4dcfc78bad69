"""Names and labels as contracted."""

import re

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from tests.metrics.views import DWELL, NETWORK, NOW, TRANSIT, several, watch
from tests.railway import build_fact
from tracker.domain.facts import FactKind, Side
from tracker.domain.moment import HOUR, Millis
from tracker.metrics.exposition import expose
from tracker.metrics.flow import Metrics

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
    "rail_eta_error_seconds": {"horizon"},
    "rail_eta_arrivals_total": {"horizon", "interval"},
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
