"""What is still to come of a container's way."""

import math
from random import Random

import pytest

from tests.domain.judging import LINES
from tests.domain.told import BOX, RULES, moment, reports
from tracker.domain.chronicle import chronicle
from tracker.domain.company import NOBODY, Company
from tracker.domain.foresight import foresee
from tracker.domain.lognormal import Spread, beyond, spread_of
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Hours
from tracker.domain.position import Position

AT_HORGOS = """
    2/08:00   departed        CN-XIAN        to=GE-POTI
    5/08:00   arrived         CN-HORGOS
"""


def position(table: str) -> Position:
    found = chronicle(reports(table), BOX, RULES, LINES)[-1].position
    assert found is not None
    return found


def hours(position: Position, clock: str, company: Company = NOBODY) -> float:
    """The median of the hours still to come."""
    found = foresee(position, LINES, company)
    assert found is not None
    return found.rest(moment(clock)).median


@pytest.mark.parametrize("hours", [1.0, 20.0, 48.0, 130.0, 400.0])
def test_what_is_left_of_a_time_that_lasts_is_what_is_left_of_those_that_last_longer(hours: float) -> None:
    spread = spread_of(Hours(20, 48))
    draws = Random(1)
    sigma, median = spread.sigma, spread.median
    longer = [x - hours for _ in range(400_000) if (x := median * math.exp(draws.gauss(0, sigma))) > hours]
    left = beyond(spread, hours)
    if len(longer) > 500:
        mean = sum(longer) / len(longer)
        assert left.mean == pytest.approx(mean, rel=0.1)
        assert left.variance == pytest.approx(sum((x - mean) ** 2 for x in longer) / len(longer), rel=0.5)
    assert 0 < left.mean < math.inf
    assert left.variance > 0


def test_what_is_left_has_no_step_where_the_far_end_begins() -> None:
    spread = spread_of(Hours(20, 48))
    edge = spread.median * math.exp(4 * spread.sigma)
    assert beyond(spread, edge * 0.999).mean == pytest.approx(beyond(spread, edge * 1.001).mean, rel=0.15)


def test_the_longer_it_stands_the_later_it_arrives_until_it_is_likelier_to_have_gone_unseen() -> None:
    at = position(AT_HORGOS)
    clocks = ["5/09:00", "5/20:00", "6/12:00"]
    arrivals = [moment(clock) + hours(at, clock) * HOUR for clock in clocks]
    assert arrivals == sorted(arrivals)
    only_waiting = foresee(at, LINES)
    assert only_waiting is not None
    patient = beyond(only_waiting.parts[0], 15 * 24.0).median + sum(part.median for part in only_waiting.parts[1:])
    assert hours(at, "20/08:00") < patient


def test_with_most_of_the_others_gone_it_is_taken_to_have_gone_with_them() -> None:
    at = position(AT_HORGOS)
    train = Company(50, 45, moment("6/01:30"))
    gone = position(AT_HORGOS + "6/00:00   departed        CN-HORGOS")
    assert hours(at, "6/06:00", train) == pytest.approx(hours(gone, "6/06:00"))
    assert hours(at, "6/06:00", train) < hours(at, "6/06:00")
    assert hours(at, "6/06:00", Company(50, 30, moment("6/01:30"))) == hours(at, "6/06:00")
    assert hours(at, "6/06:00", Company(4, 4, moment("6/01:30"))) == hours(at, "6/06:00")


def test_of_a_train_that_has_arrived_a_container_has_arrived_too() -> None:
    gone = position(AT_HORGOS + "6/00:00   departed        CN-HORGOS")
    there = position(AT_HORGOS + "6/00:00   departed        CN-HORGOS\n 6/02:30 arrived KZ-ALTYNKOL")
    train = Company(50, 45, moment("6/04:00"))
    assert hours(gone, "8/06:00", train) == pytest.approx(hours(there, "8/06:00"))


def test_what_is_loaded_leaves_soon() -> None:
    waiting = position(AT_HORGOS)
    loaded = position(AT_HORGOS + "5/20:00   loaded          CN-HORGOS")
    assert loaded.loaded == moment("5/20:00")
    assert hours(loaded, "6/00:00") < hours(waiting, "6/00:00")


def test_where_nothing_is_certain_any_more_it_is_at_the_end_of_its_way() -> None:
    at = position(AT_HORGOS)
    found = foresee(at, LINES)
    assert found is not None
    rest = found.rest(Millis(at.last + 10_000 * 24 * HOUR))
    assert math.isfinite(rest.median)
    assert rest.median > 0


def test_a_container_that_has_not_left_is_foreseen_from_its_departure_on() -> None:
    at = position("2/08:00   loaded        CN-XIAN        to=GE-POTI")
    found = foresee(at, LINES)
    assert found is not None
    assert found.parts[0][:2] == pytest.approx(spread_of(Hours(72))[:2])
    assert all(part != Spread(0.0, 0.0) for part in found.parts)
