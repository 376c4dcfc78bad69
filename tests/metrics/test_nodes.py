"""Where nodes are and which are closed, and whether a worker restores."""

import pytest
from prometheus_client import CollectorRegistry

from tests.metrics.views import NETWORK, NOW
from tracker.domain.disruption import Disruption
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction
from tracker.metrics.nodes import Nodes
from tracker.metrics.restoring import Restoring

BEGINS, ENDS = Millis((NOW - 2) * HOUR), Millis((NOW + 2) * HOUR)


def closed(registry: CollectorRegistry, direction: Direction | None, clock: int) -> dict[str, float | None]:
    storm = Disruption("d", "KZ-PORT", direction, BEGINS, ENDS, "storm")
    registry.register(Nodes(NETWORK, lambda: [storm], lambda: Millis(clock)))
    return {
        way: registry.get_sample_value("rail_node_closed", {"node": "KZ-PORT", "direction": way})
        for way in ("westbound", "eastbound")
    }


def test_a_node_is_closed_in_the_direction_that_was_entered(registry: CollectorRegistry) -> None:
    assert closed(registry, Direction.WESTBOUND, NOW * HOUR) == {"westbound": 1, "eastbound": 0}


def test_a_closure_without_a_direction_holds_for_all(registry: CollectorRegistry) -> None:
    assert closed(registry, None, NOW * HOUR) == {"westbound": 1, "eastbound": 1}


@pytest.mark.parametrize(("clock", "is_closed"), [(BEGINS - 1, 0), (BEGINS, 1), (ENDS - 1, 1), (ENDS, 0)])
def test_it_holds_from_its_begin_until_before_its_end(registry: CollectorRegistry, clock: int, is_closed: int) -> None:
    assert closed(registry, None, clock)["westbound"] == is_closed


def test_every_node_has_its_coordinates_for_a_map(registry: CollectorRegistry) -> None:
    registry.register(Nodes(NETWORK, list, lambda: Millis(0)))
    [family] = [each for each in registry.collect() if each.name == "rail_node_info"]
    assert {each.labels["node"]: each.value for each in family.samples} == dict.fromkeys(NETWORK.nodes, 1.0)
    for sample in family.samples:
        node = NETWORK.nodes[sample.labels["node"]]
        seen = float(sample.labels["latitude"]), float(sample.labels["longitude"])
        assert seen == pytest.approx((node.latitude, node.longitude), abs=0.001)


@pytest.mark.parametrize("restores", [True, False])
def test_a_worker_says_whether_it_restores(registry: CollectorRegistry, restores: bool) -> None:
    registry.register(Restoring(lambda: restores))
    assert registry.get_sample_value("rail_worker_restoring") == restores
