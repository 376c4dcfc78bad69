"""Worked examples: reports of a few boxes in, the corridor's figures out. See `tests/domain/told.py` for the tables."""

from itertools import count

import pytest

from tests.domain.told import RULES, WHOLE_WAY, moment, reports
from tracker.aggregates.entries import CorridorEntry, Statistics
from tracker.aggregates.statistics import corridor_statistics
from tracker.domain.container import facts_of_row, fold
from tracker.domain.template import usual_spread

NETWORK = RULES.network

BACK_EMPTY = """
    1/08:00   loaded          GE-POTI        empty 45G1
    1/10:00   departed        GE-POTI
    3/00:00   arrived         AZ-ALAT
    5/00:00   departed        AZ-ALAT        vessel
    5/22:00   arrived         KZ-AKTAU       vessel
"""


def figures(*boxes: str, until: str = "20/00:00") -> Statistics:
    """The figures of boxes, one table each, as of the 20th."""
    facts = [
        fact
        for number, table in zip(count(), boxes, strict=False)
        for fact in facts_of_row(fold(reports(table), f"BOX{number}", RULES), f"BOX{number}", RULES)
    ]
    return corridor_statistics(facts, NETWORK, moment(until))


def middle(statistics: Statistics, direction: str = "westbound", section: str = "whole") -> CorridorEntry:
    """The Middle Corridor's figures of 30 days."""
    (entry,) = (
        e
        for e in statistics["corridors"]
        if (e["corridor"], e["direction"], e["section"], e["window"]) == ("middle", direction, section, "30d")
    )
    return entry


def test_teu_kilometres_are_the_kilometres_of_every_run_by_the_size_of_the_box() -> None:
    """3,400 to Horgos, 10 over the border, 3,100 to Aktau, 463 by sea, 430 + 23 + 360 to Poti: 7,786 km, 2 TEU."""
    entry = middle(figures(WHOLE_WAY))
    assert (entry["teu_km"], entry["runs"], entry["runs_unmeasured"]) == (2 * 7_786, 7, 0)


def test_a_box_still_under_way_has_done_its_kilometres_though_it_has_no_transit_yet() -> None:
    table = "2/08:00 departed CN-XIAN to=GE-POTI 22G1\n 5/08:00 arrived CN-HORGOS\n 5/22:00 departed CN-HORGOS"
    entry = middle(figures(table))
    assert (entry["teu_km"], entry["transits"]) == (3_400, 0)


def test_a_box_of_unknown_size_is_counted_and_its_teu_left_open() -> None:
    sizeless = WHOLE_WAY.replace(" 45G1 24t", "")
    alone = middle(figures(sizeless))
    assert (alone["crossings"], alone["teu"], alone["kg"], alone["teu_km"]) == (1, None, None, None)
    both = middle(figures(sizeless, WHOLE_WAY))
    assert (both["crossings"], both["teu"], both["teu_unknown"]) == (2, 2.0, 1)
    assert (both["kg"], both["kg_unknown"]) == (24_000, 1)


def test_three_boxes_west_and_one_back_empty_are_an_imbalance_of_three_to_one() -> None:
    statistics = figures(WHOLE_WAY, WHOLE_WAY, WHOLE_WAY, BACK_EMPTY)
    west, east = middle(statistics), middle(statistics, "eastbound")
    assert (west["teu"], east["teu"], west["imbalance"], east["imbalance"]) == (6, 2, 3, 3)
    assert (west["empty"], east["empty"]) == (0, 1)
    assert {load: passed["crossings"] for load, passed in east["loads"].items()} == {
        "true": 0,
        "false": 1,
        "unknown": 0,
    }


def test_without_a_plan_a_transit_is_on_time_by_the_median_of_the_usual_way_and_a_day() -> None:
    """17.2 days are usual from Xi'an to Poti, where legs and stays planned sum to 15.5: tails only ever add."""
    usual = usual_spread(NETWORK, "middle", "CN-XIAN", "GE-POTI")
    assert usual is not None
    assert round(usual.median / 24, 1) == 17.2
    assert 18 * 24 < usual.median + 24 < 18.25 * 24
    before = "2/08:00 departed CN-XIAN\n 14/20:00 arrived AZ-ALAT\n"
    assert middle(figures(before + "20/08:00 arrived GE-POTI", until="22/00:00"))["on_time"] == 1
    assert middle(figures(before + "20/14:00 arrived GE-POTI", until="22/00:00"))["on_time"] == 0


def test_a_carriers_plan_goes_before_what_is_usual() -> None:
    """It comes at 17/23:00, after 15.6 days; planned were 13, and a day is given."""
    unplanned = middle(figures(WHOLE_WAY))
    planned = middle(figures(WHOLE_WAY + "    15/08:00 arrived GE-POTI planned recorded=1/09:00\n"))
    assert (unplanned["on_time"], unplanned["planned"]) == (1, 0)
    assert (planned["on_time"], planned["planned"]) == (0, 1)


def test_the_years_tonnes_are_those_over_the_sea_against_a_target_due_by_the_day() -> None:
    """By the 20th of March 78 of 365 days are over: of 10 Mt 2.137 Mt are due, and 48 t have crossed."""
    (target,) = figures(WHOLE_WAY, WHOLE_WAY, BACK_EMPTY)["targets"]
    assert (target["corridor"], target["year"], target["crossings"]) == ("middle", 2026, 3)
    assert (target["kg"], target["kg_unknown"]) == (48_000, 1)
    assert target["due_kg"] == pytest.approx(10_000_000_000 * 78 / 365)
    assert target["ratio"] == pytest.approx(48_000 / (10_000_000_000 * 78 / 365))


def test_a_retracted_report_takes_its_figures_back() -> None:
    gone = "".join(f"{line} retracted\n" for line in WHOLE_WAY.strip().splitlines())
    assert figures(gone) == figures()
