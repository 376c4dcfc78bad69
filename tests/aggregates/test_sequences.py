"""Numbers that never came are counted, those that only come late are taken back, in whatever order they were seen."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.sequences import GAPS_MAX, JUMP_MAX, Gap, Numbers, follow_all
from tracker.domain.moment import DAY, HOUR, Millis

START = 20_000 * DAY
HOUR_OF_START = START // HOUR


def days_of(seen: list[tuple[int, int]], partitions: int = 1) -> dict[int, CarrierDay]:
    """Notes of numbers (hour, number), by day, put together from some partitions."""
    parts: dict[tuple[int, int], CarrierDay] = {}
    for place, (hour, number) in enumerate(seen):
        at = Millis(START + hour * HOUR + 1)
        parts.setdefault((place % partitions, at // DAY), CarrierDay()).numbered(at, number)
    days: dict[int, CarrierDay] = {}
    for (_, day), part in sorted(parts.items()):
        days.setdefault(day, CarrierDay()).merge(part)
    return days


def numbers_of(seen: list[tuple[int, int]], partitions: int = 1) -> Numbers:
    days = days_of(seen, partitions)
    return follow_all(Numbers(), ((day, days[day].seen, days[day].reach) for day in sorted(days)))


def ranges(numbers: Numbers, hour: int) -> list[tuple[int, int]]:
    return [(gap.first, gap.last) for gap in numbers.missing(Millis(START + hour * HOUR))]


def test_a_gap_is_missing_when_it_is_a_day_old() -> None:
    numbers = numbers_of([(0, 1), (0, 2), (5, 6), (30, 7)])
    assert ranges(numbers, 5 + 24) == []
    assert ranges(numbers, 5 + 25) == [(3, 5)]
    assert numbers.count(Millis(START + 30 * HOUR)) == 3


def test_what_comes_late_is_taken_back_and_was_missing_all_the_same() -> None:
    numbers = numbers_of([(0, 1), (5, 6), (80, 4)])
    assert ranges(numbers, 100) == [(2, 3), (5, 5)]
    assert (numbers.count(Millis(START + 100 * HOUR)), numbers.ever(Millis(START + 100 * HOUR))) == (3, 4)


def test_what_comes_within_a_day_was_never_missing() -> None:
    numbers = numbers_of([(0, 1), (5, 4), (8, 3), (9, 2)])
    assert numbers == Numbers(high=4)


def test_a_slip_does_not_make_a_million_missing_and_a_new_count_does_not_either() -> None:
    slip = numbers_of([(0, 1), (1, 9_000_000_000), (2, 2), (3, 4)])
    assert ranges(slip, 100) == [(3, 3)]
    anew = numbers_of([(0, 1), (0, 3), (30, 5 * JUMP_MAX), (31, 5 * JUMP_MAX + 2)])
    assert ranges(anew, 100) == [(2, 2), (5 * JUMP_MAX + 1, 5 * JUMP_MAX + 1)]


def test_repeated_numbers_change_nothing() -> None:
    assert numbers_of([(0, 1), (1, 3)] * 3) == numbers_of([(0, 1), (1, 3)])


def test_what_is_remembered_is_bounded_and_what_is_forgotten_stays_counted() -> None:
    numbers = numbers_of([(number // 100, 2 * number) for number in range(2 * GAPS_MAX)])
    assert len(numbers.gaps) == GAPS_MAX
    assert numbers.count(Millis(START + 1_000 * HOUR)) == 2 * GAPS_MAX - 1


def test_a_number_beyond_what_json_holds_is_not_noted() -> None:
    assert days_of([(0, 10**30)])[START // DAY].seen == {}


@given(
    st.lists(st.tuples(st.integers(0, 150), st.integers(0, 300)), min_size=1, max_size=120),
    st.randoms(use_true_random=False),
    st.integers(1, 5),
)
def test_it_is_what_a_plain_count_finds_whatever_the_order_and_the_partitions(
    seen: list[tuple[int, int]], draw: Random, partitions: int
) -> None:
    # A carrier begins with its lowest number: what comes below it later was never missed.
    seen = [(0, 0), *seen]
    clock = Millis(START + 200 * HOUR)
    numbers = numbers_of(draw.sample(seen, len(seen)), partitions)
    known = {number for _, number in seen}
    missed = [n for n in range(max(known)) if n not in known]
    since = {n: min(hour for hour, number in seen if number > n) for n in missed}
    missing = {n for n in missed if (since[n] + 25) * HOUR <= 200 * HOUR}
    found = {n for gap in numbers.missing(clock) for n in range(gap.first, gap.last + 1)}
    assert found == missing
    for gap in numbers.gaps:
        assert {since[n] + HOUR_OF_START for n in range(gap.first, gap.last + 1)} == {gap.since}


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(0, 300)), min_size=1, max_size=80))
def test_the_counter_never_falls(seen: list[tuple[int, int]]) -> None:
    days = days_of([(0, 0), *seen])
    numbers, before = Numbers(), 0
    for day in range(START // DAY, START // DAY + 8):
        for hour in range(24):
            now = numbers.ever(Millis(day * DAY + hour * HOUR))
            assert now >= before
            before = now
        if day in days:
            numbers = follow_all(numbers, [(day, days[day].seen, days[day].reach)])


def test_a_gap_says_how_many() -> None:
    assert Gap(3, 5, 0).reports == 3
