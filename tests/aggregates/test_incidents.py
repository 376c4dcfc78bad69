"""Outages, silent carriers and stopped nodes, from ledgers written by hand, and what they explain."""

import pytest
from msgspec.structs import replace

from tests.aggregates.notes import (
    DAY_0,
    EDGE,
    EVERY,
    clock,
    heard,
    hours,
    position,
    regular,
    told,
    train,
    watch,
)
from tests.simulate.traffic import tiny_network
from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.incidents import OUTAGE_GAPS, outages, silences
from tracker.aggregates.ledger import Flow, Ledger, around, usual_gap
from tracker.aggregates.situation import KnownSituation, norms_by_day
from tracker.aggregates.stops import stops
from tracker.contract.network_file import load_network
from tracker.domain.disruption import HOLD_LASTS
from tracker.domain.exceptions import Cause, Rule
from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.domain.report import Classifier, Kind, Report

NETWORK = tiny_network()


FOUR = 4 * 7 * 24


# What is usual.


def test_the_usual_gap_is_the_one_that_one_finds_oneself_in_not_the_one_within_a_train() -> None:
    # Fifty reports within a minute each, then six hours of nothing: nearly all of the time is such hours.
    bursts = [day * 360 + minute for day in range(10) for minute in range(50)]
    assert usual_gap(bursts, MINUTE) == 311 * MINUTE
    assert usual_gap(range(0, 60, 10), MINUTE) == 10 * MINUTE
    assert usual_gap(range(5), MINUTE) is None
    assert usual_gap([*range(191), 200], MINUTE) == MINUTE
    assert usual_gap([*range(190), 200], MINUTE) == 11 * MINUTE


def test_norms_hold_for_a_day_and_are_learned_from_the_seven_days_before_it() -> None:
    ledger = Ledger()
    heard(ledger, "ktz", range(0, 8 * 1440, 30))
    found = norms_by_day(ledger, clock(10 * 24))
    assert sorted(found) == [DAY_0 + day for day in range(1, 11)]
    assert all(norms.version == day for day, norms in found.items())
    assert found[DAY_0 + 1].gaps == {"ktz": 30 * MINUTE}
    assert found[DAY_0 + 1].delays["ktz"] == pytest.approx(HOUR, rel=0.01)
    situation = KnownSituation(ledger, NETWORK, clock(10 * 24))
    assert situation.norms(clock(23.9)).version == 0
    assert situation.norms(clock(24)).version == DAY_0 + 1
    assert situation.norms(clock(47.9)).version == DAY_0 + 1


def test_what_was_reported_on_a_day_tells_nothing_of_that_day_nor_after_a_week() -> None:
    ledger = Ledger()
    heard(ledger, "ktz", range(0, 1440, 30))
    found = norms_by_day(ledger, clock(9 * 24))
    assert [bool(found[DAY_0 + day].gaps) for day in range(1, 10)] == [True] * 7 + [False] * 2
    assert [bool(found[DAY_0 + day].delays) for day in range(1, 10)] == [True] * 7 + [False] * 2


def test_how_late_reports_come_on_a_day_is_known_from_the_next_day_on() -> None:
    ledger = Ledger()
    heard(ledger, "ktz", range(0, 1440, 30))
    heard(ledger, "ktz", range(1440, 2880, 30), late=9 * HOUR)
    found = norms_by_day(ledger, clock(3 * 24))
    assert [found[DAY_0 + day].delays["ktz"] for day in (1, 2)] == pytest.approx([HOUR, 9 * HOUR], rel=0.01)


# Outages.


def busy(until: int, *quiet: tuple[int, int], every: int = 10) -> Ledger:
    """Somebody reports every ten minutes, but in these spans of hours."""
    ledger = Ledger()
    minutes = (m for m in range(0, until * 60, every) if not any(a * 60 < m < b * 60 for a, b in quiet))
    for at, minute in enumerate(minutes):
        heard(ledger, ("ktz", "adyc")[at % 2], [minute])
    return ledger


def test_nothing_from_anybody_for_ten_usual_gaps_is_an_outage_until_something_comes() -> None:
    assert told(outages(busy(80, (50, 56)), clock(80))) == [("pipeline_behind", 50, 50 + 100 / 60, 56)]
    assert OUTAGE_GAPS == 10


def test_an_outage_is_not_known_before_its_time_nor_its_end_before_it() -> None:
    ledger = busy(50)
    assert outages(ledger, clock(51)) == []
    assert [hours(each.resolved) for each in outages(ledger, clock(52))] == [None]


def test_a_shorter_quiet_is_none() -> None:
    assert outages(busy(80, (50, 51)), clock(80)) == []


def test_of_a_busy_feed_half_an_hour_is_the_least() -> None:
    assert outages(busy(80, (50, 50.4), every=1), clock(79.9)) == []  # type: ignore[arg-type]  # part of an hour
    assert told(outages(busy(80, (50, 52), every=1), clock(79.9))) == [("pipeline_behind", 50, 50.5, 52)]


def test_before_anything_is_usual_only_a_day_of_nothing_is_an_outage() -> None:
    assert outages(busy(20, (4, 16)), clock(20)) == []
    assert [hours(each.opened) for each in outages(busy(4), clock(48))] == [pytest.approx(3 + 50 / 60 + 24)]


def test_an_empty_ledger_has_no_incidents() -> None:
    assert KnownSituation(Ledger(), NETWORK, clock(100)).incidents == []


# Silent carriers.


def feeds(until: int, quiet: tuple[float, float], *, boxes: int = 12, every: int = 30) -> Ledger:
    """`ktz` reports every half hour but in a span of hours; `adyc` goes on all the time."""
    ledger = Ledger()
    heard(ledger, "adyc", range(0, until * 60, 10), boxes=5, node="AZ-PORT")
    heard(ledger, "ktz", (m for m in range(0, until * 60, every) if not quiet[0] * 60 < m < quiet[1] * 60), boxes=boxes)
    return ledger


def silent(ledger: Ledger, until: float) -> list[tuple[str, float | None, float | None, float | None]]:
    norms = norms_by_day(ledger, clock(until))
    return told(silences(ledger, norms, outages(ledger, clock(until)), clock(until)))


def test_a_carrier_unheard_for_more_than_two_hours_and_three_usual_gaps_is_silent_from_the_next_whole_hour() -> None:
    assert silent(feeds(100, (50, 60)), 100) == [("carrier_silent", 50, 53, 61)]


def test_a_carrier_that_is_back_is_known_to_be_at_the_next_whole_hour_and_not_before() -> None:
    ledger = feeds(100, (50, 60.5))
    assert silent(ledger, 60.9)[-1][-1] is None
    assert silent(ledger, 61)[-1][-1] == 61


def test_a_carrier_is_not_silent_for_less_or_when_it_is_usual_or_reports_few_containers() -> None:
    assert silent(feeds(100, (50, 52)), 100) == []
    assert silent(feeds(100, (50, 60), boxes=9), 100) == []
    assert silent(feeds(100, (50, 60), every=240), 100) == []


def test_a_carrier_without_history_is_not_silent() -> None:
    assert silent(feeds(23, (5, 20)), 23) == []


def test_what_was_an_outage_of_everybody_is_no_silence_of_one() -> None:
    # One that reports every hour is silent after three. Of twelve hours unheard ten are an outage, two its own.
    for ledger, expected in ((busy(80, (50, 60)), []), (busy(80), [("carrier_silent", 50, 54, 63)])):
        heard(ledger, "utlc", (hour * 60 for hour in range(80) if not 50 < hour < 62))
        assert bool(outages(ledger, clock(80))) is not bool(expected)
        assert [each for each in silent(ledger, 80) if each[1] == 50] == expected


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


# What the ledger notes.


def test_a_box_is_noted_where_it_came_and_went_and_taken_back_when_it_did_not() -> None:
    ledger = Ledger()
    came = position(("CN-EDGE", 10, 20), ("KZ-EDGE", 22, None))
    gone = position(("CN-EDGE", 10, 20), ("KZ-EDGE", 22, 70))
    beyond = position(("CN-EDGE", 10, 20), ("KZ-EDGE", 22, 70), ("KZ-TOWN", 80, None))
    ledger.moved(None, came, clock(23))
    ledger.moved(came, gone, clock(71))
    ledger.moved(gone, beyond, clock(81))
    ledger.moved(beyond, gone, clock(90))

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
    ledger.moved(None, came, clock(23))
    ledger.moved(came, None, clock(30))
    ledger.moved(came, position(("CN-HUB", 40, None))._replace(journey="k"), clock(41))
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
