"""What incidents explain, when the container is the cause, and what a ledger notes of a container."""

import pytest
from msgspec.structs import replace

from tests.aggregates.notes import (
    DAY_0,
    EDGE,
    FOUR,
    NETWORK,
    clock,
    feeds,
    heard,
    hours,
    position,
    regular,
    train,
    watch,
)
from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.ledger import Ledger, around
from tracker.aggregates.situation import KnownSituation
from tracker.domain.disruption import HOLD_LASTS
from tracker.domain.exceptions import Cause, Rule
from tracker.domain.flows import Flow
from tracker.domain.moment import Millis
from tracker.domain.network import Direction
from tracker.domain.report import Classifier, Kind, Report

# What they explain.


@pytest.fixture(scope="module")
def stopped_edge() -> KnownSituation:
    """A stop of the edge from hour 475 on, seen at 507 and over at 601; reports all the time."""
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600))
    heard(ledger, "ktz", range(0, FOUR * 60, 10))
    return KnownSituation(ledger, NETWORK, clock(FOUR))


def test_a_stop_explains_who_waits_there_from_when_it_is_seen(stopped_edge: KnownSituation) -> None:
    [stop] = stopped_edge.incidents
    waits = position(("CN-EDGE", 440, 450), ("KZ-EDGE", 452, None))
    seen = hours(stop.opened)
    assert seen is not None
    assert stopped_edge.explained(watch(572), waits, clock(seen - 1)) is None
    assert stopped_edge.explained(watch(572), waits, clock(seen)) == stop.id
    assert stopped_edge.cause_of(stop.id) is Cause.NODE
    assert stopped_edge.turns(clock(0), clock(FOUR)) == [stop.opened, stop.resolved]
    assert stopped_edge.turns(stop.opened, stop.resolved or clock(0)) == [stop.resolved]


def test_a_stop_goes_on_to_explain_whom_it_held_back_for_twice_its_length(stopped_edge: KnownSituation) -> None:
    [stop] = stopped_edge.incidents
    assert HOLD_LASTS == 2
    held_back = position(("KZ-EDGE", 452, 602), ("KZ-TOWN", 615, None))
    lasts = 601 + 2 * (601 - 475)
    assert stopped_edge.explained(watch(640, rule=Rule.LATE), held_back, clock(lasts)) == stop.id
    assert stopped_edge.explained(watch(640, rule=Rule.LATE), held_back, clock(lasts + 1)) is None


def test_a_stop_does_not_explain_who_was_gone_before_or_came_after_or_was_elsewhere(
    stopped_edge: KnownSituation,
) -> None:
    gone = position(("KZ-EDGE", 420, 470), ("KZ-TOWN", 474, None))
    after = position(("KZ-EDGE", 602, None))
    elsewhere = position(("AZ-PORT", 452, None))
    for each in (gone, after, elsewhere):
        assert stopped_edge.explained(watch(590), each, clock(620)) is None


def test_where_no_ship_leaves_none_comes_in_either() -> None:
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600), flow=Flow("AZ-PORT", Direction.EASTBOUND))
    heard(ledger, "ktz", range(0, FOUR * 60, 10))
    situation = KnownSituation(ledger, NETWORK, clock(FOUR))
    [stop] = situation.incidents
    ahead = watch(572, rule=Rule.RUN, goal="AZ-PORT")
    at_sea = position(("KZ-PORT", 452, 560))
    assert situation.explained(ahead, at_sea, clock(590)) == stop.id
    late = watch(590, rule=Rule.LATE)
    assert situation.explained(late, position(("KZ-PORT", 452, 560), ("AZ-PORT", 601, None)), clock(610)) == stop.id
    waits = position(("KZ-PORT", 452, None))
    before = position(("KZ-PORT", 400, 420), ("AZ-PORT", 440, None))
    by_rail = position(("AZ-END", 452, 560))
    for each in (waits, before, by_rail):
        assert situation.explained(ahead, each, clock(590)) is None


def test_a_hold_a_missed_report_and_a_way_back_are_never_explained(stopped_edge: KnownSituation) -> None:
    waits = position(("KZ-EDGE", 452, None))
    explained = {rule for rule in Rule if stopped_edge.explained(watch(572, rule=rule), waits, clock(590)) is not None}
    assert explained == {Rule.LATE, Rule.DWELL, Rule.RUN, Rule.SILENT}


def test_a_silent_carrier_explains_its_containers_whose_deadline_came_in_its_silence() -> None:
    situation = KnownSituation(feeds(100, (50, 60)), NETWORK, clock(100))
    [silence] = situation.incidents
    waits = position(("KZ-EDGE", 10, None))
    assert situation.explained(watch(49), waits, clock(55)) is None
    assert situation.explained(watch(50), waits, clock(55)) == silence.id
    assert situation.explained(watch(49, critical=54), waits, clock(55)) == silence.id
    assert situation.explained(watch(50), waits, clock(52.9)) is None
    assert situation.explained(watch(50), waits, clock(61)) is None
    assert situation.cause_of(silence.id) is Cause.CARRIER


def test_a_silent_carrier_explains_whose_next_report_it_usually_brings() -> None:
    situation = KnownSituation(feeds(100, (50, 60)), NETWORK, clock(100))
    [silence] = situation.incidents
    others = position(("AZ-PORT", 10, None), carrier="adyc")
    assert situation.explained(watch(50, goal="KZ-EDGE"), others, clock(55)) == silence.id
    assert situation.explained(watch(50, goal="AZ-PORT"), others, clock(55)) is None
    assert situation.explained(watch(50), others, clock(55)) is None


def test_an_outage_explains_before_a_carrier_and_a_node_do() -> None:
    ledger = Ledger()
    regular(ledger, FOUR, stopped=(480, 600))
    heard(ledger, "ktz", (m for m in range(0, FOUR * 60, 10) if not 560 * 60 < m < 570 * 60))
    situation = KnownSituation(ledger, NETWORK, clock(FOUR))
    waits = position(("KZ-EDGE", 452, None))
    name = situation.explained(watch(562), waits, clock(565))
    assert name is not None
    assert situation.cause_of(name) is Cause.PIPELINE
    name = situation.explained(watch(559), waits, clock(565))
    assert name is not None
    assert situation.cause_of(name) is Cause.NODE


@pytest.mark.parametrize(
    ("others", "gone", "cause"),
    [(5, 3, Cause.CONTAINER), (6, 3, Cause.CONTAINER), (6, 2, Cause.UNKNOWN), (4, 4, Cause.UNKNOWN)],
)
def test_the_container_is_the_cause_when_half_of_five_others_have_gone_on(others: int, gone: int, cause: Cause) -> None:
    ledger = Ledger()
    train(ledger, 100, boxes=1 + others - gone)
    train(ledger, 110, 130, boxes=gone)
    situation = KnownSituation(ledger, NETWORK, clock(200))
    waits = position(("KZ-EDGE", 100, None))
    assert situation.cause(watch(150), waits, clock(150)) is cause
    assert situation.cause(watch(150), waits, clock(130.4)) is Cause.UNKNOWN


def test_boxes_that_came_more_than_a_day_before_or_after_are_no_others() -> None:
    for came, cause in ((76, Cause.CONTAINER), (75, Cause.UNKNOWN), (124, Cause.CONTAINER), (125, Cause.UNKNOWN)):
        ledger = Ledger()
        train(ledger, 100, boxes=1)
        train(ledger, came, 130, boxes=20)
        situation = KnownSituation(ledger, NETWORK, clock(200))
        assert situation.cause(watch(150), position(("KZ-EDGE", 100, None)), clock(150)) is cause


def test_the_company_of_a_box_that_is_alone_in_its_hour_is_that_of_the_hours_around() -> None:
    ledger = Ledger()
    train(ledger, 100, boxes=1)
    train(ledger, 101, 130, boxes=40)
    train(ledger, 102, 110, boxes=9)
    situation = KnownSituation(ledger, NETWORK, clock(200))
    known = [situation.company(position(("KZ-EDGE", 100, None)), clock(at)) for at in (120, 131)]
    assert [(each.others, each.gone, each.has_gone) for each in known] == [(40, 0, False), (40, 40, True)]
    assert known[1].half == clock(130.5)
    together = situation.company(position(("KZ-EDGE", 101, None)), clock(131))
    assert (together.others, together.gone) == (39, 40), "a train that came within its hour is its company alone"


# What the ledger notes.


def test_a_box_is_noted_where_it_came_and_went_and_taken_back_when_it_did_not() -> None:
    ledger = Ledger()
    came = position(("CN-EDGE", 10, 20), ("KZ-EDGE", 22, None))
    gone = position(("CN-EDGE", 10, 20), ("KZ-EDGE", 22, 70))
    beyond = position(("CN-EDGE", 10, 20), ("KZ-EDGE", 22, 70), ("KZ-TOWN", 80, None))
    ledger.moved(None, came, clock(23), NETWORK)
    ledger.moved(came, gone, clock(71), NETWORK)
    ledger.moved(gone, beyond, clock(81), NETWORK)
    ledger.moved(beyond, gone, clock(90), NETWORK)

    def noted(cohorts: object, hour: int, at: float) -> int:
        return around(cohorts[EDGE], clock(hour), 0, clock(at))  # type: ignore[index]  # one of four alike

    assert [noted(ledger.came, 22, at) for at in (22, 23)] == [0, 1]
    assert [noted(ledger.left, 22, at) for at in (70, 71)] == [0, 1]
    assert [noted(ledger.out, 70, at) for at in (70, 71)] == [0, 1]
    assert [noted(ledger.over, 70, at) for at in (71, 81, 89, 90)] == [0, 1, 1, 0]
    # Where it began it came by road: no stay.
    assert around(ledger.came[Flow("CN-EDGE", Direction.WESTBOUND)], clock(10), 0, clock(99)) == 0


def test_of_a_journey_that_ended_or_that_another_follows_nothing_is_taken_back() -> None:
    ledger = Ledger()
    came = position(("CN-EDGE", 10, 20), ("KZ-EDGE", 22, None))
    ledger.moved(None, came, clock(23), NETWORK)
    ledger.moved(came, None, clock(30), NETWORK)
    ledger.moved(came, position(("CN-HUB", 40, None))._replace(journey="k"), clock(41), NETWORK)
    assert around(ledger.came[EDGE], clock(22), 0, clock(99)) == 1


def test_minutes_are_noted_once_and_what_is_planned_tells_of_no_delay() -> None:
    counted = CarrierDay()
    early = Report("ktz", "r", Kind.ARRIVED, "KZ-EDGE", Millis(clock(1) + 5), Millis(clock(1) + 1), 1)
    counted.heard("box", replace(early, classifier=Classifier.PLANNED, received=clock(1), occurred=clock(90)))
    counted.heard("box", early)
    ledger = Ledger()
    ledger.day("ktz", DAY_0, counted)
    assert ledger.minutes == {"ktz": {DAY_0 * 1440 + 60}}
    assert ledger.reporters["KZ-EDGE"] == {"ktz": 1}
