"""Nodes that trains leave, or do not, from ledgers written by hand."""

from tests.aggregates.notes import (
    DAY_0,
    EDGE,
    EVERY,
    FOUR,
    NETWORK,
    clock,
    regular,
    told,
    train,
)
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.stops import stops
from tracker.contract.network_file import load_network
from tracker.domain.flows import Flow
from tracker.domain.network import Direction

# Stopped nodes.


def stopped(ledger: Ledger, until: int) -> list[tuple[str, float | None, float | None, float | None]]:
    return told(stops(ledger, NETWORK, clock(until)))


def test_a_node_that_trains_leave_as_usual_is_not_stopped() -> None:
    ledger = Ledger()
    regular(ledger, FOUR)
    assert stopped(ledger, FOUR) == []


def test_a_node_that_no_train_leaves_is_stopped_until_they_leave_again() -> None:
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600))
    # The last train before it left at 474 and was told of within that hour; by 507 eight more were to leave.
    assert stopped(ledger, FOUR) == [("node_stopped", 475, 507, 601)]


def test_a_stop_is_not_known_to_be_over_before_it_is() -> None:
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600))
    assert stopped(ledger, 600)[0][3] is None


def test_a_straggler_does_not_end_a_stop_but_a_train_does() -> None:
    for boxes, is_over in ((7, False), (8, True)):
        ledger = Ledger()
        regular(ledger, 570, stopped=(480, 1000))
        train(ledger, 440, 560, boxes=boxes)
        [(_, _, _, resolved)] = stopped(ledger, 570)
        assert (resolved == 561) is is_over


def test_a_departure_from_before_the_stop_that_is_told_of_late_does_not_end_it() -> None:
    ledger = Ledger()
    regular(ledger, 570, stopped=(480, 1000))
    for _ in range(50):
        ledger.out[EDGE][DAY_0 * 24 + 470].note(clock(560.5), 1)
    assert stopped(ledger, 570)[0][3] is None


def test_a_node_where_nothing_waits_is_not_stopped() -> None:
    ledger = Ledger()
    regular(ledger, 480)
    for came in range(432, 480, EVERY):  # those that still waited at the end leave too, and none comes any more
        for _ in range(50):
            ledger.left[EDGE][DAY_0 * 24 + came].note(clock(came + 48.5), 1)
            ledger.out[EDGE][DAY_0 * 24 + came + 48].note(clock(came + 48.5), 1)
    assert stopped(ledger, FOUR) == []


def test_of_a_node_that_nothing_ever_left_nothing_is_known() -> None:
    ledger = Ledger()
    for came in range(0, 200, EVERY):
        train(ledger, came)
    assert stopped(ledger, 200) == []


def test_an_end_of_a_corridor_and_a_node_without_a_planned_stay_are_never_stopped() -> None:
    for node in ("AZ-END", "CN-HUB", "KZ-TOWN"):
        ledger = Ledger()
        regular(ledger, FOUR, stopped=(480, 600), flow=Flow(node, Direction.WESTBOUND))
        assert stopped(ledger, FOUR) == []


def test_boxes_wait_for_trucks_at_an_end_where_a_stay_is_planned_and_that_is_no_stop() -> None:
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600), flow=Flow("GE-POTI", Direction.WESTBOUND))
    regular(ledger, FOUR, stopped=(480, 600), flow=Flow("GE-GARDABANI", Direction.WESTBOUND))
    assert {each.node for each in stops(ledger, load_network(), clock(FOUR))} == {"GE-GARDABANI"}


def test_one_direction_stops_and_the_other_does_not() -> None:
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600))
    regular(ledger, FOUR, flow=Flow("KZ-EDGE", Direction.EASTBOUND))
    assert [(each.node, each.direction) for each in stops(ledger, NETWORK, clock(FOUR))] == [EDGE]


def test_what_is_judged_of_a_node_at_a_clock_does_not_depend_on_what_came_after() -> None:
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600))
    whole = stops(ledger, NETWORK, clock(FOUR))
    for until in range(470, 620, 10):
        early = stops(ledger, NETWORK, clock(until))
        assert [each.id for each in early] == [each.id for each in whole if each.opened <= clock(until)]


def test_before_the_first_train_left_nothing_is_known_of_a_node_also_when_looking_back() -> None:
    # Twelve hours are planned there and trains take 48, so that many are due before the first one leaves.
    ledger = Ledger()
    regular(ledger, FOUR, flow=Flow("GE-GARDABANI", Direction.WESTBOUND))
    assert stops(ledger, load_network(), clock(47)) == []
    assert stops(ledger, load_network(), clock(FOUR)) == []
