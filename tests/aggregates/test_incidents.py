"""Outages and silent carriers, from ledgers written by hand."""

import pytest

from tests.aggregates.notes import (
    DAY_0,
    NETWORK,
    busy,
    clock,
    feeds,
    heard,
    hours,
    told,
)
from tracker.aggregates.incidents import OUTAGE_GAPS, outages, silences
from tracker.aggregates.ledger import Ledger, usual_gap
from tracker.aggregates.situation import KnownSituation, norms_by_day
from tracker.domain.moment import HOUR, MINUTE

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
