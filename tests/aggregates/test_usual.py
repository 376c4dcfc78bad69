"""How long stays and runs usually take, found in what is noted of flows, and by which day's reports that is known."""

import pytest

from tests.domain.judging import LINES
from tests.domain.told import BOX, RULES, reports
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.usual import HOLDS_AFTER, KNOWN_AFTER, Days, ended_on
from tracker.domain.chronicle import chronicle
from tracker.domain.facts import Side
from tracker.domain.flows import CAME, LEFT, OUT, OVER, Flow
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.network import Direction
from tracker.domain.norms import Subject, Usual, run_over, stay_at
from tracker.domain.position import Position

NETWORK = RULES.network
WEST = Direction.WESTBOUND
SHU, MOYYNTY = Flow("KZ-SHU", WEST), Flow("KZ-MOYYNTY", WEST)
STAY, RUN = stay_at(*SHU, NETWORK), run_over("KZ-SHU--KZ-MOYYNTY", WEST)
FIRST = 20_000
"""Days since 1970."""


def train(ledger: Ledger, left: float, hours: int, *, boxes: int = 50, after: int = 1, told: bool = True) -> None:
    """Boxes that left Shu at a day, some hours after they came, and were at Moyynty twelve hours later.

    `after`: hours until that is known. `told`: their departure is reported.
    """
    gone = round((FIRST + left) * 24)
    known = (gone + after) * 60
    ledger.flow((SHU, CAME, gone - hours), (gone - hours + after) * 60, boxes)
    ledger.flow((SHU, LEFT, gone - hours), known if told else known + 12 * 60, boxes)
    if told:
        ledger.flow((SHU, OUT, gone), known, boxes)
        ledger.flow((SHU, OVER, gone), known + 12 * 60, boxes)
    ledger.flow((MOYYNTY, CAME, gone + 12), known + 12 * 60, boxes)


def in_service(*flows: Flow, day: int = FIRST) -> Ledger:
    """A ledger that knows of a box that came to each flow and went on three weeks before a day."""
    ledger, hour = Ledger(), (day - 21) * 24
    for flow in flows or (SHU,):
        ledger.flow((flow, CAME, hour), hour * 60, 1)
        ledger.flow((flow, OUT, hour + 1), (hour + 1) * 60, 1)
    return ledger


def usual(ledger: Ledger, day: int) -> dict[Subject, Usual]:
    """What holds so many days after the first."""
    return Days().usual(ledger, NETWORK, FIRST + day)


def sizes(ledger: Ledger, day: int = 0) -> dict[Subject, int]:
    """How many boxes ended what on a day."""
    return {subject: took.size for subject, took in ended_on(ledger, NETWORK, FIRST + day).items()}


def test_the_boxes_that_are_told_of_in_one_minute_give_a_stay_and_a_run() -> None:
    ledger = in_service()
    train(ledger, 0.25, 20)
    found = ended_on(ledger, NETWORK, FIRST)
    assert {subject: took.quantiles(0.5) for subject, took in found.items()} == {
        STAY: pytest.approx((20 * HOUR,), rel=0.01),
        RUN: pytest.approx((12 * HOUR,), rel=0.01),
    }
    assert sizes(ledger, 1) == {}


def test_trains_of_one_minute_are_told_apart_by_who_came_first() -> None:
    ledger = in_service()
    train(ledger, 0.25, 20, boxes=30)
    train(ledger, 0.25, 44, boxes=40)
    took = ended_on(ledger, NETWORK, FIRST)[STAY]
    assert [round(hours / HOUR) for hours in took.quantiles(0.1, 0.5, 0.9)] == [20, 44, 44]


def test_where_nobody_reported_the_departure_there_is_no_stay() -> None:
    ledger = in_service()
    train(ledger, 0.25, 20, told=False)
    assert sizes(ledger) == {}


def test_what_is_known_too_late_is_not_learned() -> None:
    ledger = in_service()
    train(ledger, 0.0, 20, after=24 * KNOWN_AFTER - 1)
    assert sizes(ledger) == {STAY: 50}
    train(ledger, 0.0, 20, after=24 * KNOWN_AFTER)
    assert sizes(ledger) == {STAY: 50}


def test_norms_hold_for_four_weeks_and_only_when_all_they_are_learned_from_was_known_a_day_before() -> None:
    ledger = in_service()
    train(ledger, 0.25, 20)
    assert usual(ledger, HOLDS_AFTER - 1) == {}
    found = usual(ledger, HOLDS_AFTER)[STAY]
    assert found.samples == 50
    assert found.median == pytest.approx(20 * HOUR, rel=0.01)
    assert STAY in usual(ledger, HOLDS_AFTER + 27)
    assert usual(ledger, HOLDS_AFTER + 28) == {}


def test_where_boxes_have_come_for_less_than_ten_days_only_the_quick_are_over_and_nothing_is_learned() -> None:
    ledger = Ledger()
    for day in (0, 9, 10, 11, 40):
        train(ledger, day + 0.25, 6)
    found = {day: sizes(ledger, day) for day in (0, 9, 10, 11, 40)}
    assert found == {0: {}, 9: {}, 10: {}} | {day: {STAY: 50, RUN: 50} for day in (11, 40)}


def test_what_holds_on_a_day_is_final_before_that_day_begins() -> None:
    ledger, days = in_service(), Days()
    train(ledger, 0.25, 20)
    before = days.usual(ledger, NETWORK, FIRST + HOLDS_AFTER)
    for late in range(24, 24 * 40, 24):
        train(ledger, 0.3, 90, after=24 * (HOLDS_AFTER - 1) + late)
    assert days.usual(ledger, NETWORK, FIRST + HOLDS_AFTER) == before == usual(ledger, HOLDS_AFTER)


def test_of_twenty_nine_boxes_nothing_is_learned() -> None:
    ledger = in_service()
    train(ledger, 0.25, 20, boxes=29)
    assert usual(ledger, HOLDS_AFTER) == {}


def test_the_boxes_of_one_train_tell_as_much_as_one() -> None:
    ledger = in_service()
    for day in range(3):
        train(ledger, day + 0.25, 20)
    found = usual(ledger, HOLDS_AFTER + 2)[STAY]
    assert (found.samples, found.trains) == (150, 3)


def test_the_reports_of_a_container_teach_its_stays_and_runs_but_not_where_it_began_nor_over_a_border() -> None:
    way = """
    2/08:00   departed        CN-XIAN        to=GE-POTI
    5/08:00   arrived         CN-HORGOS
    6/00:00   departed        CN-HORGOS
    6/01:00   border_crossed  KZ-ALTYNKOL
    6/02:00   arrived         KZ-ALTYNKOL
    8/02:00   departed        KZ-ALTYNKOL
    8/11:00   arrived         KZ-ALMATY
    """
    steps = chronicle(reports(way), BOX, RULES, LINES)
    flows = [Flow(node, WEST) for node in ("CN-XIAN", "CN-HORGOS", "KZ-ALTYNKOL", "KZ-ALMATY")]
    ledger, before = in_service(*flows, day=steps[0].received // DAY), None
    for step in steps:
        ledger.moved(before, step.position, step.received, NETWORK)
        before = step.position
    assert isinstance(before, Position)
    first = before.visited[0][1] // DAY
    found = [ended_on(ledger, NETWORK, day) for day in range(first, first + 8)]
    took = {
        subject.place: round(took.quantiles(0.5)[0] / HOUR) if took.size > 4 else sum(took.counts.values())
        for each in found
        for subject, took in each.items()
    }
    assert set(took) == {"CN-XIAN--CN-HORGOS", "CN-HORGOS", "KZ-ALTYNKOL", "KZ-ALTYNKOL--KZ-ALMATY"}
    assert Millis(0) < before.last


def test_a_border_node_is_one_subject_on_each_side_of_the_border() -> None:
    assert stay_at("KZ-ALTYNKOL", Direction.WESTBOUND, NETWORK).side is Side.ENTRY
    assert stay_at("KZ-ALTYNKOL", Direction.EASTBOUND, NETWORK).side is Side.EXIT
    assert stay_at("KZ-AKTAU", Direction.EASTBOUND, NETWORK).side is None
