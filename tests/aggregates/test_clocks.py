"""A carrier's clock: whole hours off are found from delays alone, and what only looks like it is not."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.clocks import Shift, shifts_of
from tracker.aggregates.incidents import wrong_clocks
from tracker.domain.delay_bins import SLOT
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis

START = 20_000 * DAY
CARRIER = "alpha"
Timed = Sequence[tuple[int, int] | tuple[int, int, int]]
"""Received time and delay of reports, and how long they were on their way where the carrier says so."""
NOTHING: Timed = ()


def usual_days(days: int, seed: int = 1, *, every: int = 30 * MINUTE, boxes: int = 5) -> list[tuple[int, int]]:
    """A feed that reports some boxes now and then, 10 to 110 minutes late, one in twelve by 6 to 24 hours."""
    draw = Random(seed)
    found: list[tuple[int, int]] = []
    for received in range(START, START + days * DAY, every):
        delay = round(draw.triangular(10, 110, 25) * MINUTE)
        for _ in range(boxes):
            late = draw.random() < 1 / 12
            found.append((received, round(draw.uniform(6, 24) * HOUR) if late else delay))
    return found


def counted(reports: Timed) -> dict[tuple[str, int], dict[int, int]]:
    days: dict[tuple[str, int], CarrierDay] = {}
    for each in reports:
        days.setdefault((CARRIER, each[0] // DAY), CarrierDay()).timed(Millis(each[0]), *each[1:])
    return {place: day.clock for place, day in days.items()}


def found_in(reports: Timed, until: int | None = None, others: Timed = NOTHING) -> list[Shift]:
    """`others`: when differences from other carriers' times became known, in the way of a delay."""
    end = Millis(until if until is not None else max(received for received, *_ in [*reports, *others]) + SLOT)
    return shifts_of(counted(reports), end, None, counted(others))[0]


def off_from(reports: Sequence[tuple[int, int]], begin: int, hours: int, end: int = 2**62) -> list[tuple[int, int]]:
    """The same with event times that many hours later than true from one received time until another."""
    return [(at, delay - hours * HOUR if begin <= at < end else delay) for at, delay, *_ in reports]


@pytest.mark.parametrize("hours", [-12, -8, -5, -3, -2, 2, 3, 5, 8, 12])
def test_a_shift_is_found_within_fifty_reports_with_its_hours_and_its_begin(hours: int) -> None:
    reports, begin = usual_days(12), START + 10 * DAY
    [shift] = found_in(off_from(reports, begin, hours))
    assert (shift.hours, shift.resolved) == (hours, None)
    assert abs(shift.since - begin) <= HOUR
    assert sum(begin <= at < shift.opened for at, _ in reports) <= 50


@pytest.mark.parametrize("hours", [-1, 1])
def test_one_hour_is_less_than_delays_differ_and_takes_longer(hours: int) -> None:
    reports, begin = usual_days(14), START + 10 * DAY
    [shift] = found_in(off_from(reports, begin, hours))
    assert shift.hours == hours
    assert sum(begin <= at < shift.opened for at, _ in reports) <= 250


def test_it_is_over_once_the_clock_is_right() -> None:
    begin, end = START + 9 * DAY, START + 10 * DAY
    [shift] = found_in(off_from(usual_days(12), begin, -3, end))
    assert shift.resolved is not None
    assert 0 < shift.resolved - end <= 6 * HOUR


@pytest.mark.parametrize("seed", range(8))
def test_a_month_without_a_fault_has_none(seed: int) -> None:
    assert found_in(usual_days(30, seed)) == []


@pytest.mark.parametrize("pause", [3, 6, 30])
def test_what_waited_while_nothing_came_in_is_late_and_no_shift(pause: int) -> None:
    stop = START + 10 * DAY
    end = stop + pause * HOUR
    waited = [
        (end + (at - stop) // 60 if stop <= at < end else at, end - at + delay if stop <= at < end else delay)
        for at, delay in usual_days(12)
    ]
    assert found_in(waited) == []


def test_one_train_told_late_is_no_shift_and_one_told_before_it_came_is() -> None:
    usual, at = usual_days(11), START + 10 * DAY + 15 * MINUTE
    assert found_in([*usual, *[(at, 5 * HOUR)] * 55]) == []
    assert found_in([*usual, *[(at, -270 * MINUTE)] * 55])[0].hours in {5, 6}


TRAIN_AT = START + 10 * DAY + 15 * MINUTE
LATE_TRAIN: Timed = [(TRAIN_AT, 5 * HOUR)] * 55
"""A train's whole list comes in four hours later than usual; or its times are four hours too early."""


def agreeing(days: int, seed: int = 2) -> list[tuple[int, int]]:
    """Another carrier tells the same as one report in ten, its times differ by some minutes."""
    draw = Random(seed)
    return [
        (at, round(draw.uniform(-10, 10) * MINUTE))
        for at in range(START, START + days * DAY, 5 * HOUR)
        for _ in range(2)
    ]


def test_another_carrier_s_word_tells_a_shift_from_a_train_that_is_told_late() -> None:
    usual = usual_days(11)[: 48 * 10 * 5]
    others = agreeing(10)
    word = TRAIN_AT + SLOT
    assert found_in([*usual, *LATE_TRAIN], None, [*others, *[(word, 2 * MINUTE)] * 5]) == []
    [shift] = found_in([*usual, *LATE_TRAIN], None, [*others, *[(word, 4 * HOUR + 2 * MINUTE)] * 5])
    assert shift.hours == -4
    assert shift.opened <= word + SLOT, "without it would take another list"


def test_that_two_carriers_differ_does_not_say_which_of_them_is_off() -> None:
    others = [*agreeing(10), *[(START + 10 * DAY + n * HOUR, 3 * HOUR) for n in range(40)]]
    assert found_in(usual_days(12), None, others) == [], "its own delays are as ever"
    [shift] = found_in(off_from(usual_days(12), START + 10 * DAY, -3), None, others)
    assert shift.hours == -3


def test_a_carrier_that_another_confirms_is_not_suspected_for_trains_told_late() -> None:
    usual = usual_days(12)[: 48 * 10 * 5]
    trains = [(TRAIN_AT + n * 2 * HOUR, 5 * HOUR) for n in range(6) for _ in range(55)]
    assert found_in([*usual, *trains]) != []
    assert found_in([*usual, *trains], None, [*agreeing(10), *[(at + SLOT, MINUTE) for at, _ in trains[::6]]]) == []


def on_their_way(reports: Sequence[tuple[int, int]], seed: int = 3) -> list[tuple[int, int, int]]:
    """The same from a carrier that says when it learned of each: at most three minutes before."""
    draw = Random(seed)
    return [(at, delay, round(draw.uniform(0, 3) * MINUTE)) for at, delay in reports]


def all_off(reports: Sequence[tuple[int, int, int]], begin: int, hours: int) -> list[tuple[int, int, int]]:
    """The same when all times that the carrier tells are off."""
    return [
        (at, delay - hours * HOUR, lag - hours * HOUR) if at >= begin else (at, delay, lag)
        for at, delay, lag in reports
    ]


@pytest.mark.parametrize("hours", [-12, -5, -2, -1, 1, 2, 5, 12])
def test_with_the_time_on_its_way_a_shift_of_one_hour_is_found_within_fifty_too(hours: int) -> None:
    reports, begin = on_their_way(usual_days(12)), START + 10 * DAY
    [shift] = found_in(all_off(reports, begin, hours))
    assert (shift.hours, shift.resolved) == (hours, None)
    assert sum(begin <= at < shift.opened for at, *_ in reports) <= 50


def test_one_train_is_enough_where_it_was_on_its_way_for_as_many_whole_hours() -> None:
    usual = on_their_way(usual_days(11)[: 48 * 10 * 5])
    [shift] = found_in([*usual, *[(TRAIN_AT, 5 * HOUR, 4 * HOUR + MINUTE)] * 55])
    assert shift.hours == -4
    assert found_in([*usual, *[(TRAIN_AT, 5 * HOUR, MINUTE)] * 55]) == [], "learned late, and sent at once"
    assert found_in([*usual, *[(TRAIN_AT, 4 * HOUR + 40 * MINUTE, 3 * HOUR + 35 * MINUTE)] * 55]) == [], "was held up"


def test_that_the_time_on_its_way_stays_does_not_end_a_shift_of_the_times_of_events() -> None:
    reports, begin = on_their_way(usual_days(16)), START + 10 * DAY
    off = [(at, delay + 3 * HOUR if at >= begin else delay, lag) for at, delay, lag in reports]
    [shift] = found_in(off)
    assert (shift.hours, shift.resolved) == (-3, None)


@pytest.mark.parametrize("hours", [-8, -5, -3, 3, 5, 8])
def test_in_a_feed_that_sends_every_four_hours_a_shift_is_found_within_fifty_reports(hours: int) -> None:
    draw, begin = Random(4), START + 10 * DAY
    usual = [
        (sent, sent - told + 30 * MINUTE)
        for sent in range(START, START + 12 * DAY, 4 * HOUR)
        for told in sorted(sent - round(draw.uniform(0, 4) * HOUR) for _ in range(12))
    ]
    assert found_in(usual) == []
    [shift] = found_in(off_from(usual, begin, hours))
    assert abs(shift.hours - hours) <= 1
    assert shift.reports <= 50


def test_a_feed_that_begins_with_a_wrong_clock_is_found_where_it_tells_the_future() -> None:
    assert {shift.hours for shift in found_in(off_from(usual_days(3), START, 8))} <= {8, 9, 10}
    assert found_in(off_from(usual_days(3), START, 8)) != []


def test_a_shift_that_lasts_is_not_learned_as_usual() -> None:
    [shift] = found_in(off_from(usual_days(40), START + 10 * DAY, -3))
    assert shift.resolved is None


@given(st.randoms(use_true_random=False), st.integers(-12, 12), st.integers(8 * 24, 12 * 24))
def test_the_order_of_arrival_and_where_one_stopped_before_change_nothing(
    draw: Random, hours: int, stopped: int
) -> None:
    reports = off_from(usual_days(13, every=2 * HOUR, boxes=3), START + 10 * DAY, hours)
    others = off_from(agreeing(13), START + 10 * DAY, hours)
    counts, differences = (counted(draw.sample(each, len(each))) for each in (reports, others))
    whole, _ = shifts_of(counts, Millis(START + 13 * DAY), None, differences)
    _, known = shifts_of(counts, Millis(START + stopped * HOUR), None, differences)
    again, _ = shifts_of(counts, Millis(START + 13 * DAY), known, differences)
    assert again == whole == found_in(reports, START + 13 * DAY, others)


def test_nothing_is_said_of_a_slot_before_it_is_closed() -> None:
    reports = off_from(usual_days(12), START + 10 * DAY, 5)
    [shift] = found_in(reports)
    assert found_in(reports, shift.opened - 1) == []
    assert found_in(reports, shift.opened) == [shift]


def test_an_incident_names_the_carrier_the_hours_and_since_when() -> None:
    shift = Shift(CARRIER, -3, Millis(START), Millis(START + HOUR), None, 40)
    [incident] = wrong_clocks([shift])
    assert (incident.rule, incident.carrier, incident.hours) == ("carrier_clock", CARRIER, -3)
    assert incident.since + incident.threshold == incident.opened
