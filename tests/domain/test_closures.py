"""What is known to be closed is in what is expected."""

import pytest

from tests.domain.judging import AT_ALTYNKOL, AT_SEA, IN_GEORGIA, LEFT, LINES, QUIET, Fixed
from tests.domain.told import BOX, RULES, moment, reports
from tracker.domain.chronicle import chronicle
from tracker.domain.closures import LASTS_ON_MOST, Closure, unplanned
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.network import Direction
from tracker.domain.outlook import Arrival, arrival_of, next_of
from tracker.domain.position import Position

WEST, EAST = Direction.WESTBOUND, Direction.EASTBOUND
NOW = "6/12:00"


def position(table: str) -> Position:
    found = chronicle(reports(table), BOX, RULES, LINES)[-1].position
    assert found is not None
    return found


def expected(table: str, *closed: Closure, now: str = NOW) -> Arrival:
    found = arrival_of(position(table), LINES, Fixed(closed=closed), moment(now))
    assert found is not None
    return found


def closed(node: str, begins: str, ends: str, direction: Direction | None = WEST) -> Closure:
    return Closure(node, direction, moment(begins), moment(ends), is_sure=True)


def later(table: str, *closures: Closure, now: str = NOW) -> float:
    """Hours by which closures put off the arrival."""
    return (expected(table, *closures, now=now).at - expected(table, now=now).at) / HOUR


def test_who_stands_where_it_is_closed_leaves_when_it_opens() -> None:
    usual = later(AT_ALTYNKOL, closed("KZ-ALTYNKOL", "6/00:00", "12/00:00"))
    assert 60 < usual < 130  # of the 132 h to its end a stay would have taken some anyway
    assert later(AT_ALTYNKOL, closed("KZ-ALTYNKOL", "6/00:00", "14/00:00")) == pytest.approx(usual + 48, abs=3)


def test_a_node_ahead_that_is_closed_when_it_would_leave_it_holds_it_back() -> None:
    assert later(AT_ALTYNKOL, closed("KZ-AKTAU", "9/00:00", "20/00:00")) > 48
    assert later(AT_ALTYNKOL, closed("KZ-AKTAU", "9/00:00", "20/00:00", None)) > 48
    assert later(LEFT, closed("KZ-AKTAU", "9/00:00", "20/00:00"), now="2/12:00") > 24


def test_a_closure_is_of_its_node_its_direction_and_its_time() -> None:
    assert later(AT_ALTYNKOL, closed("KZ-AKTAU", "9/00:00", "20/00:00", EAST)) == 0
    assert later(AT_ALTYNKOL, closed("KZ-AKTAU", "6/00:00", "7/00:00")) == 0
    assert later(AT_ALTYNKOL, closed("KZ-AKTAU", "25/00:00", "30/00:00")) == 0
    assert later(AT_ALTYNKOL, closed("CN-ERENHOT", "6/00:00", "30/00:00")) == 0
    assert later(AT_SEA, closed("KZ-AKTAU", "9/00:00", "30/00:00"), now="14/02:00") == 0  # it has left it


def test_one_closure_after_another_adds_up_only_where_it_would_still_be_closed() -> None:
    first, second = closed("KZ-ALTYNKOL", "6/00:00", "14/00:00"), closed("KZ-AKTAU", "9/00:00", "16/00:00")
    assert later(AT_ALTYNKOL, first, second) == pytest.approx(later(AT_ALTYNKOL, first), abs=1)
    third = closed("KZ-AKTAU", "9/00:00", "30/00:00")
    assert later(AT_ALTYNKOL, first, third) == pytest.approx(later(AT_ALTYNKOL, third), abs=1)


def test_a_stop_whose_end_nobody_knows_lasts_on_and_makes_the_interval_wider() -> None:
    now = moment("7/12:00")
    stop = unplanned("KZ-ALTYNKOL", WEST, moment("6/00:00"), now)
    assert stop.ends == now + LASTS_ON_MOST
    assert unplanned("KZ-ALTYNKOL", WEST, moment("6/22:00"), now).ends == now + 7 * HOUR
    planned = stop._replace(is_sure=True, ends=Millis(now + 5 * DAY))
    guessed = planned._replace(is_sure=False)
    sure, open_ended = (expected(AT_ALTYNKOL, each, now="7/12:00") for each in (planned, guessed))
    assert open_ended.high - open_ended.low > sure.high - sure.low
    at_the_border = IN_GEORGIA.replace("16/20:00  departed   GE-GARDABANI", "")
    stopped = unplanned("GE-GARDABANI", WEST, moment("15/12:00"), moment("16/20:00"))
    assert later(at_the_border, stopped, now="16/20:00") > 0


def test_the_next_node_is_expected_too_and_a_closure_puts_it_off_as_well() -> None:
    now = moment(NOW)
    there = next_of(position(AT_ALTYNKOL), LINES, QUIET, now)
    assert there is not None
    node, arrival = there
    assert node == "KZ-AKTAU"
    assert now < arrival.low < arrival.at < arrival.high < expected(AT_ALTYNKOL).high
    shut = Fixed(closed=[closed("KZ-ALTYNKOL", "6/00:00", "14/00:00")])
    held = next_of(position(AT_ALTYNKOL), LINES, shut, now)
    assert held is not None
    assert held[1].at >= moment("14/00:00")


def test_under_way_the_next_node_is_the_one_it_goes_to_and_at_the_end_there_is_none() -> None:
    there = next_of(position(AT_SEA), LINES, QUIET, moment("14/02:00"))
    assert there is not None
    assert there[0] == "AZ-ALAT"
    assert abs(there[1].at - moment("14/22:00")) < 6 * HOUR  # 20 h of sea are planned
    end = position(AT_SEA + "17/16:00 arrived GE-POTI")
    assert next_of(end, LINES, QUIET, moment("17/18:00")) is None
