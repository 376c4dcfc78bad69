"""When a container is expected, and how its journey stands."""

from itertools import pairwise

import pytest

from tests.domain.judging import LINES, QUIET
from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import Step, chronicle, judged
from tracker.domain.expected import expected_of, promise_of
from tracker.domain.lognormal import NOTHING
from tracker.domain.moment import HOUR, Millis
from tracker.domain.outlook import expectations, outlook
from tracker.domain.rejudge import Judge

JUDGE = Judge(RULES, LINES, QUIET)
MONGOLIA = """
    1/08:00   departed        CN-URUMQI
    4/08:00   arrived         CN-ERENHOT
    6/08:00   departed        CN-ERENHOT
    6/10:00   arrived         MN-ZAMYNUUD
    8/20:00   departed        MN-ZAMYNUUD
"""


def steps(table: str) -> list[Step]:
    return chronicle(reports(table), BOX, RULES, LINES)


def test_where_the_goal_is_next_nothing_is_to_come_after_it() -> None:
    # The corridor has ends beyond Vorsino; the journey has none, and must not be late for one of them.
    position = steps(MONGOLIA)[-1].position
    assert position is not None
    expected = expected_of(position, LINES)
    assert expected is not None
    assert (expected.goal, expected.rest) == ("RU-VORSINO", NOTHING)


def test_what_has_not_happened_yet_is_still_to_come() -> None:
    position = steps(MONGOLIA)[-1].position
    assert position is not None
    expected = expected_of(position, LINES)
    assert expected is not None
    assert shown(expected.at_clock(moment("9/00:00"))) == "15/12:00"  # 160 h after it left
    assert shown(expected.at_clock(moment("20/00:00"))) == "20/00:00"
    assert expected.at_clock(moment("9/00:00"), 0.1) < expected.at < expected.at_clock(moment("9/00:00"), 0.9)


def test_an_expectation_is_told_again_when_it_or_its_interval_moves_by_an_hour_with_a_report_or_the_clock() -> None:
    found = list(expectations(steps(MONGOLIA), LINES, QUIET, moment("16/00:00")))
    told = [each.arrival for each in found]
    moved = [tuple(abs(new - old) for old, new in zip(*each, strict=True)) for each in pairwise(told)]
    assert min(map(max, moved)) >= HOUR
    assert min(at for at, _, _ in moved) < HOUR  # its median stood, and one was surer of it
    assert all(after.made > before.made for before, after in pairwise(found))
    last_report = moment("8/21:00")  # of what happened an hour before
    assert last_report in {each.made for each in found}
    assert len([each for each in found if each.made > last_report]) > 3  # nothing is heard any more
    assert all(each.arrival.low <= each.arrival.at <= each.arrival.high for each in found)
    assert list(expectations(steps(MONGOLIA), LINES, QUIET, Millis(0))) == []


@pytest.mark.parametrize(
    ("hours_late", "clock", "state"),
    [(0, "4/10:00", "on_time"), (15, "4/10:00", "at_risk"), (30, "4/10:00", "late"), (0, "14/00:00", "silent")],
)
def test_the_state_of_a_journey_follows_from_how_late_it_is_expected(hours_late: int, clock: str, state: str) -> None:
    way = """
    2/08:00   departed        CN-XIAN        to=GE-POTI
    4/08:00   arrived         CN-HORGOS
    """
    (*_, expected) = expectations(steps(way), LINES, QUIET, moment("4/09:30"))
    plan = shown(Millis(expected.arrival.at - hours_late * HOUR))
    known = steps(f"{plan} arrived GE-POTI planned received=1/06:00{way}")
    position = known[-1].position
    assert position is not None
    at = moment(clock)
    held, _ = judged(known, LINES, QUIET, at)
    assert outlook(position, (), held, JUDGE, (at, at)).state == state


def test_an_end_that_was_passed_is_not_where_it_goes() -> None:
    beyond = MONGOLIA + "15/20:00 passed RU-VORSINO\n 17/08:00 arrived BY-BREST"
    position = steps(beyond)[-1].position
    assert position is not None
    promise = promise_of(position, LINES)
    assert promise is not None
    assert promise.goal == "PL-LODZ"


def test_where_its_carrier_planned_it_to_arrive_is_where_it_goes() -> None:
    planned = "28/00:00 arrived DE-HAMBURG planned received=1/06:00" + MONGOLIA
    position = steps(planned)[-1].position
    assert position is not None
    promise = promise_of(position, LINES)
    assert promise is not None
    assert (promise.goal, shown(promise.at), promise.is_planned) == ("DE-HAMBURG", "28/00:00", True)
