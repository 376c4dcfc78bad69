"""What a planned disruption explains: who came to the closed node, while it is closed and for twice as long after.

          begins        ends                          twice its length after the end
------------|-------------|-------------|-------------|-------------->
           100           110           120           130          hours
"""

import pytest

from tracker.domain.disruption import Disruption
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction


def hour(number: float) -> Millis:
    return Millis(round(number * HOUR))


CLOSED = Disruption("d", "KZ-AKTAU", Direction.WESTBOUND, hour(100), hour(110), "storm")


def explains(came: float, due: float, clock: float, gone: float | None = None) -> bool:
    return CLOSED.explains(hour(came), None if gone is None else hour(gone), hour(due), hour(clock))


@pytest.mark.parametrize(
    ("due", "clock", "told"),
    [(99.99, 100, False), (100, 100, True), (105, 105, True), (109.99, 109.99, True), (130, 130, True),
     (130.01, 130.01, False)],
)  # fmt: skip
def test_what_comes_due_from_its_begin_until_twice_its_length_after_its_end_is_explained(
    due: float, clock: float, told: bool
) -> None:
    assert explains(came=90, due=due, clock=clock) is told


def test_what_was_due_before_it_began_has_another_reason() -> None:
    assert not explains(came=10, due=99, clock=105)


def test_a_container_that_comes_when_it_is_over_is_not_held_back() -> None:
    assert explains(came=109.99, due=125, clock=125)
    assert not explains(came=110, due=125, clock=125)
    assert not explains(came=110, due=110, clock=110)


def test_a_container_that_was_beyond_before_it_began_is_not_held_back() -> None:
    assert not explains(came=90, gone=99, due=105, clock=105)
    assert explains(came=90, gone=101, due=105, clock=105)


@pytest.mark.parametrize(
    ("node", "direction", "told"),
    [("KZ-AKTAU", Direction.WESTBOUND, True), ("KZ-AKTAU", Direction.EASTBOUND, False), ("KZ-AKTAU", None, False),
     ("KZ-KURYK", Direction.WESTBOUND, False)],
)  # fmt: skip
def test_it_closes_its_own_node_in_its_own_direction(node: str, direction: Direction | None, told: bool) -> None:
    assert CLOSED.is_of(node, direction) is told


@pytest.mark.parametrize("direction", [*Direction, None])
def test_one_without_a_direction_closes_all(direction: Direction | None) -> None:
    closed = Disruption("d", "KZ-AKTAU", None, hour(100), hour(110), "storm")
    assert closed.is_of("KZ-AKTAU", direction)
