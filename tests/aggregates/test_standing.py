"""Who stands at a node now: their ages are a figure of their own."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.aggregates.histogram import SAMPLE_MIN
from tracker.aggregates.standing import Present, standing_of
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction

WEST = Direction.WESTBOUND
NOW = Millis(480_000 * HOUR)


def since(*hours: int) -> list[tuple[str, Direction | None, Millis]]:
    return [("KZ-EDGE", WEST, Millis(NOW - h * HOUR)) for h in hours]


def test_the_oldest_is_told_of_any_number_and_the_middle_one_of_five() -> None:
    (four,) = standing_of(since(1, 80, 3, 2)).values()
    assert four.ages(NOW) == {"max": 80 * 3_600.0}
    (five,) = standing_of(since(9, 1, 80, 3, 2)).values()
    assert (five.containers, five.ages(NOW)) == (5, {"0.5": 3 * 3_600.0, "max": 80 * 3_600.0})


def test_ages_grow_with_the_clock_and_are_never_below_zero() -> None:
    (present,) = standing_of(since(1)).values()
    assert [present.ages(Millis(NOW + h * HOUR))["max"] / 3_600 for h in (-2, 0, 30)] == [0, 1, 31]


def test_each_node_and_direction_has_its_own() -> None:
    found = standing_of([*since(1, 2), ("KZ-EDGE", None, NOW), ("KZ-PORT", WEST, NOW)])
    assert {place: present.containers for place, present in found.items()} == {
        ("KZ-EDGE", WEST): 2,
        ("KZ-EDGE", None): 1,
        ("KZ-PORT", WEST): 1,
    }


@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=40))
def test_half_of_those_there_are_not_there_for_longer_than_the_middle_one(hours: list[int]) -> None:
    ages = sorted(hours)
    (present,) = standing_of(since(*hours)).values()
    assert present.ages(NOW).get("0.5") == (ages[(len(ages) + 1) // 2 - 1] * 3_600 if len(ages) >= SAMPLE_MIN else None)
    assert present == Present(len(ages), Millis(NOW - ages[-1] * HOUR), present.median)
