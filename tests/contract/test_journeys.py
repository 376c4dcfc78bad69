"""A journey as it is shown: where it stands and since when, and where it changed gauge."""

from typing import Any

import pytest

from tests.domain.told import BOX, RULES, WHOLE_WAY, moment, shown, told
from tracker.contract.journeys import journey_json, standing_at
from tracker.domain.journey import SILENCE_ABANDONS
from tracker.domain.moment import Millis

NETWORK = RULES.network
LATER = moment("25/00:00")


def standing(table: str) -> tuple[str, str] | None:
    """Node and since when the last journey's container stands there."""
    found = standing_at(told(table).journeys[-1], LATER, NETWORK)
    return None if found is None else (found.node, shown(found.since))


def changes(table: str) -> dict[str, float]:
    """The nodes where the last journey changed gauge, and the hours from unloaded to loaded."""
    journey: dict[str, Any] = journey_json(told(table).journeys[-1], BOX, LATER, NETWORK)
    assert all(visit["gauge_change"] is (visit["gauge_change_seconds"] is not None) for visit in journey["visits"])
    return {v["node"]: v["gauge_change_seconds"] / 3600 for v in journey["visits"] if v["gauge_change"]}


def test_it_stands_since_its_arrival() -> None:
    table = "2/08:00 departed CN-XIAN\n 5/08:00 arrived CN-HORGOS\n 5/20:00 unloaded CN-HORGOS"
    assert standing(table) == ("CN-HORGOS", "5/08:00")


def test_without_a_reported_arrival_it_stands_since_the_first_report_there() -> None:
    assert standing("1/08:00 stuffed CN-XIAN\n 1/12:00 loaded CN-XIAN") is None, "loaded: it has gone out"
    assert standing("1/08:00 stuffed CN-XIAN\n 1/12:00 gate_in CN-XIAN") == ("CN-XIAN", "1/12:00")
    assert standing("1/08:00 stuffed CN-XIAN") == ("CN-XIAN", "1/08:00")


def test_on_the_way_ended_or_abandoned_it_stands_nowhere() -> None:
    assert standing("2/08:00 departed CN-XIAN") is None
    assert standing(WHOLE_WAY) is None
    journey = told("5/08:00 arrived CN-HORGOS").journeys[-1]
    assert standing_at(journey, Millis(journey.last + SILENCE_ABANDONS + 1), NETWORK) is None


def test_unloaded_from_one_train_and_loaded_on_another_where_two_gauges_meet_is_a_change_of_gauge() -> None:
    table = """
        6/00:00  arrived   KZ-ALTYNKOL  train=X8011
        6/10:00  unloaded  KZ-ALTYNKOL  train=X8011
        7/16:00  loaded    KZ-ALTYNKOL  train=1420
        8/00:00  departed  KZ-ALTYNKOL  train=1420
    """
    assert changes(table) == {"KZ-ALTYNKOL": 30}
    assert changes(table.replace("train=X8011", "").replace("train=1420", "")) == {"KZ-ALTYNKOL": 30}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("6/10:00 unloaded KZ-ALTYNKOL train=A\n 7/16:00 loaded KZ-ALTYNKOL train=A", "the same train"),
        ("6/10:00 unloaded KZ-ALTYNKOL\n 7/16:00 loaded KZ-ALTYNKOL truck", "taken on by road"),
        ("6/10:00 gate_in KZ-ALTYNKOL truck\n 7/16:00 loaded KZ-ALTYNKOL", "it came by road"),
        ("6/10:00 unloaded KZ-ALMATY train=A\n 7/16:00 loaded KZ-ALMATY train=B", "one gauge only"),
        ("6/10:00 loaded KZ-ALTYNKOL train=A\n 7/16:00 unloaded KZ-ALTYNKOL train=B", "not loaded again"),
    ],
)
def test_what_is_no_change_of_gauge(table: str, why: str) -> None:
    assert changes("5/08:00 arrived CN-HORGOS\n" + table) == {}, why


def test_a_late_report_of_the_unloading_makes_the_change_known() -> None:
    table = "5/08:00 arrived CN-HORGOS\n 7/16:00 loaded KZ-ALTYNKOL\n 8/00:00 departed KZ-ALTYNKOL"
    assert changes(table) == {}
    assert changes(table + "\n 6/10:00 unloaded KZ-ALTYNKOL") == {"KZ-ALTYNKOL": 30}
