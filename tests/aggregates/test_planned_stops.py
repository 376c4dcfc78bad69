"""A stop of a node that a planned disruption explains is not told of; one that outlasts it is.

     disruption        12 h to set off again
-------|------|---------|---------------->  hours of March 2026
      100    150       162
"""

import pytest

from tracker.aggregates.incidents import Incident
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.situation import KnownSituation
from tracker.aggregates.stops import unplanned
from tracker.contract.network_file import load_network
from tracker.domain.disruption import Disruption
from tracker.domain.flows import Flow
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction

WEST = Direction.WESTBOUND


def hour(number: float) -> Millis:
    return Millis(round(number * HOUR))


def closed(begins: float, ends: float, node: str = "KZ-PORT", direction: Direction | None = WEST) -> Disruption:
    return Disruption(f"d{begins}", node, direction, hour(begins), hour(ends), "storm")


def stop(since: float, opened: int, resolved: float | None) -> Incident:
    ended = None if resolved is None else hour(resolved)
    return Incident(
        f"node_stopped-KZ-PORT-westbound-{opened}", "node_stopped", "KZ-PORT", WEST, None,
        hour(since), hour(opened), ended, round((opened - since) * HOUR),
    )  # fmt: skip


def told(stopped: Incident, *disruptions: Disruption, until: float = 1000) -> list[Incident]:
    return unplanned([stopped], disruptions, hour(until))


@pytest.mark.parametrize(("opened", "is_told"), [(99, True), (100, False), (149, False), (161, False), (162, True)])
def test_a_stop_seen_from_the_begin_until_flow_should_be_back_is_planned(opened: int, is_told: bool) -> None:
    stopped = stop(opened - 10, opened, opened + 0.5)
    assert told(stopped, closed(100, 150)) == ([stopped] if is_told else [])


@pytest.mark.parametrize(
    "other", [closed(100, 150, node="KZ-EDGE"), closed(100, 150, direction=Direction.EASTBOUND)]
)  # fmt: skip
def test_a_stop_of_another_node_or_direction_is_told_of(other: Disruption) -> None:
    stopped = stop(110, 120, 140)
    assert told(stopped, other) == [stopped]


def test_a_disruption_of_all_directions_explains_each() -> None:
    assert told(stop(110, 120, 140), closed(100, 150, direction=None)) == []


def test_a_stop_that_outlasts_the_disruption_opens_when_it_should_be_over() -> None:
    assert told(stop(105, 120, 162), closed(100, 150)) == []
    assert told(stop(105, 120, 163), closed(100, 150)) == [stop(105, 162, 163)]
    assert told(stop(105, 120, None), closed(100, 149.5)) == [stop(105, 162, None)]


def test_a_stop_through_several_disruptions_opens_after_the_last() -> None:
    stopped = stop(105, 120, None)
    assert told(stopped, closed(100, 150), closed(160, 200), closed(300, 400)) == [stop(105, 212, None)]


def test_a_stop_that_is_not_seen_yet_when_the_clock_ends_is_not_told_of() -> None:
    assert told(stop(105, 120, None), closed(100, 150), until=161) == []
    assert told(stop(105, 120, None), closed(100, 150), until=162) == [stop(105, 162, None)]


def test_the_situation_knows_a_stop_only_where_no_disruption_explains_it() -> None:
    flow = Flow("KZ-AKTAU", WEST)
    ledger = Ledger()
    for came in range(
        0, 600, 6
    ):  # a train each six hours, gone after a day and a half until the port closes at hour 400
        for _ in range(10):
            ledger.came[flow][came].note(hour(came), 1)
            if came + 36 < 400:
                ledger.left[flow][came].note(hour(came + 36), 1)
                ledger.out[flow][came + 36].note(hour(came + 36), 1)

    def openings(*disruptions: Disruption) -> list[float]:
        found = KnownSituation(ledger, load_network(), hour(600), disruptions).incidents
        return [each.opened / HOUR for each in found if each.rule == "node_stopped"]

    [seen] = openings()
    assert 400 < seen < 500
    assert openings(closed(390, 700, node="KZ-AKTAU")) == []
    assert openings(closed(390, 520, node="KZ-AKTAU")) == [532]
    assert openings(closed(390, 520, node="KZ-KURYK")) == [seen]
