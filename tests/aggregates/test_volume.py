"""Volume, work and targets: what is not known is no zero, and a year outlasts the windows."""

from collections.abc import Callable
from typing import Any

from tracker.aggregates.entries import CorridorEntry, Statistics
from tracker.aggregates.statistics import corridor_statistics
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction, Hours, Leg, Network
from tracker.domain.template import run_hours, usual_spread

BuildFact = Callable[..., Fact]
WEST, EAST = Direction.WESTBOUND, Direction.EASTBOUND
NOW = 480_000  # 2024-10-04T00:00Z
UNTIL = Millis(NOW * HOUR)
LINE = {"origin": "KZ-PORT", "goal": "AZ-PORT"}
BACK = {"origin": "AZ-PORT", "goal": "KZ-PORT", "direction": EAST}


def entry(statistics: Statistics, corridor: str, section: str = "whole", way: Direction = WEST) -> CorridorEntry:
    (found,) = (
        e
        for e in statistics["corridors"]
        if (e["corridor"], e["section"], e["direction"], e["window"]) == (corridor, section, way, "24h")
    )
    return found


def test_what_nobody_knows_is_no_zero(network: Network, fact: BuildFact) -> None:
    passages = [fact(FactKind.CROSSING, NOW - 2, journey=str(n), laden=True, **LINE) for n in range(3)]
    silent = entry(corridor_statistics(passages, network, UNTIL), "middle")
    assert (silent["crossings"], silent["teu"], silent["kg"]) == (3, None, None)
    assert (silent["teu_unknown"], silent["kg_unknown"]) == (3, 3)
    told = [*passages, fact(FactKind.CROSSING, NOW - 2, laden=True, teu=200, **LINE)]
    partly = entry(corridor_statistics(told, network, UNTIL), "middle")
    assert (partly["crossings"], partly["teu"], partly["teu_unknown"], partly["kg"]) == (4, 2.0, 3, None)
    crossings = corridor_statistics(told, network, UNTIL)["crossings"]
    assert [(e["teu"], e["teu_unknown"], e["kg"], e["kg_unknown"]) for e in crossings] == [(2.0, 3, None, 4)] * 4


def test_teu_kilometres_are_of_every_run_reported_over_one_leg_or_several(network: Network, fact: BuildFact) -> None:
    """2 TEU over 1,000 km on a leg, 1 TEU over 1,010 km past the border: 3,010 TEU-km; the third has no size."""
    leg = {"origin": "CN-HUB", "goal": "CN-EDGE", "metres": 1_000_000}
    facts = [
        fact(FactKind.RUN, NOW - 1, 30, teu=200, **leg),
        fact(FactKind.RUN, NOW - 1, 40, origin="CN-HUB", goal="KZ-EDGE", teu=100, metres=1_010_000),
        fact(FactKind.RUN, NOW - 1, 40, **leg),
        fact(FactKind.RUN, NOW - 1, 30, corridor="northern", teu=100, **leg),
    ]
    statistics = corridor_statistics(facts, network, UNTIL)
    middle = entry(statistics, "middle")
    assert (middle["teu_km"], middle["runs"], middle["runs_unmeasured"]) == (3_010, 3, 1)
    assert entry(statistics, "middle", "sea")["teu_km"] == 3_010
    assert entry(statistics, "northern")["teu_km"] == 1_000
    assert entry(statistics, "middle", way=EAST)["teu_km"] == 0
    lost = entry(corridor_statistics(facts[2:3], network, UNTIL), "middle")
    assert (lost["teu_km"], lost["runs"]) == (None, 1)


def test_imbalance_is_teu_there_by_teu_back(network: Network, fact: BuildFact) -> None:
    there = [fact(FactKind.CROSSING, NOW - 2, journey=str(n), teu=200, **LINE) for n in range(7)]
    statistics = corridor_statistics([*there, fact(FactKind.CROSSING, NOW - 2, teu=200, **BACK)], network, UNTIL)
    assert entry(statistics, "middle")["imbalance"] == entry(statistics, "middle", way=EAST)["imbalance"] == 7
    assert entry(corridor_statistics(there, network, UNTIL), "middle")["imbalance"] is None


def test_without_a_carriers_plan_the_networks_median_judges(network: Network, fact: BuildFact) -> None:
    """The sea is planned for 24 h, a single leg: its median is the plan, and the corridor's 24 h are on top."""
    sea: dict[str, Any] = {"section": "sea", "origin": "KZ-PORT", "goal": "AZ-PORT"}
    facts = [fact(FactKind.TRANSIT, NOW - 1, hours, **sea) for hours in (20, 48, 48.1)]
    facts.append(fact(FactKind.TRANSIT, NOW - 1, 300, planned_end=Millis((NOW - 1) * HOUR), **sea))
    shown = entry(corridor_statistics(facts, network, UNTIL), "middle", "sea")
    assert (shown["on_time"], shown["planned"]) == (3 / 4, 1)


def test_the_expected_time_of_a_way_is_later_than_the_sum_of_its_planned_hours(network: Network) -> None:
    usual = usual_spread(network, "middle", "CN-HUB", "GE-PORT")
    assert usual is not None
    assert 5 * 24 < usual.median < usual.mean
    assert usual_spread(network, "middle", "GE-PORT", "PL-HUB") is None
    assert usual_spread(network, "middle", "GE-PORT", "GE-PORT") is None


def test_a_leg_takes_the_hours_of_its_way_back_where_they_differ() -> None:
    leg = Leg("A--B", "A", "B", 100, Hours(10), back=Hours(14))
    assert (run_hours(leg, "A").planned, run_hours(leg, "B").planned) == (10, 14)
    assert run_hours(Leg("A--B", "A", "B", 100, Hours(10)), "B").planned == 10


def test_the_year_to_date_is_that_of_the_clock_against_what_is_due(network: Network, fact: BuildFact) -> None:
    """A tonne an hour is due, the running hour counted: 6,648 t at the begin of the 4th of October of a leap year."""
    facts = [
        fact(FactKind.CROSSING, NOW - 6_000, teu=200, grams=6_000_000_000, **LINE),
        fact(FactKind.CROSSING, NOW - 1, grams=648_000_000, **BACK),
        fact(FactKind.CROSSING, NOW - 1, direction=None, **LINE),
        fact(FactKind.CROSSING, NOW - 7_000, grams=9_000_000_000, **LINE),  # in December
    ]
    statistics = corridor_statistics(facts, network, UNTIL)
    assert statistics["targets"] == [
        {
            "corridor": "middle",
            "year": 2024,
            "crossings": 3,
            "kg": 6_648_000.0,
            "kg_unknown": 1,
            "target_kg": 8_784_000.0,
            "due_kg": 6_648_000.0,
            "ratio": 1.0,
        }
    ]
    west = next(e for e in statistics["years"] if (e["corridor"], e["direction"]) == ("middle", WEST))
    assert west == {
        "corridor": "middle",
        "direction": "westbound",
        "window": "year",
        "year": 2024,
        "crossings": 1,
        "teu": 2.0,
        "teu_unknown": 0,
        "kg": 6_000_000.0,
        "kg_unknown": 0,
    }
    assert len(statistics["years"]) == 5, "two directions of two corridors, and the middle's unknown one"
