"""Corridor statistics: who counts where, and what is left unsaid."""

import math
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.aggregates.cell import Cell
from tracker.aggregates.entries import CorridorEntry, Statistics
from tracker.aggregates.figures import country_shares
from tracker.aggregates.group import group_of
from tracker.aggregates.standing import Present, Standing
from tracker.aggregates.statistics import corridor_statistics, statistics_of
from tracker.aggregates.volume import Volume
from tracker.aggregates.windows import WINDOWS, Windows, totals_of
from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.moment import HOUR, Millis, hour_of
from tracker.domain.network import Direction, Network

BuildFact = Callable[..., Fact]
WEST, EAST = Direction.WESTBOUND, Direction.EASTBOUND
NOW = 480_000
UNTIL = Millis(NOW * HOUR)
LINE = {"origin": "KZ-PORT", "goal": "AZ-PORT"}


def entry(statistics: Statistics, corridor: str, section: str = "whole", **place: Any) -> CorridorEntry:
    wanted = {"direction": WEST, "window": "24h", **place, "corridor": corridor, "section": section}
    (found,) = (e for e in statistics["corridors"] if all(e[key] == wanted[key] for key in wanted))  # type: ignore[literal-required]  # keys of the test's own
    return found


def test_a_corridor_that_stands_still_is_listed_with_zeros(network: Network) -> None:
    statistics = corridor_statistics([], network, UNTIL)
    assert statistics["until"] == "2024-10-04T00:00:00Z"
    assert len(statistics["corridors"]) == 4 * 2 * 3
    assert entry(statistics, "middle", "sea", window="all", direction=EAST) == {
        "corridor": "middle",
        "section": "sea",
        "direction": "eastbound",
        "window": "all",
        "transits": 0,
        "teu": 0,
        "kg": 0,
        "crossings": 0,
        "transit_seconds": {},
        "speed": {"with_delay": None, "without_delay": None},
        "on_time": None,
        "buffer": None,
        "planned": 0,
        "teu_unknown": 0,
        "kg_unknown": 0,
        "loads": {load: {"crossings": 0, "teu": 0, "kg": 0} for load in ("true", "false", "unknown")},
        "empty": None,
        "imbalance": None,
        "teu_km": 0,
        "runs": 0,
        "runs_unmeasured": 0,
    }
    assert (statistics["nodes"], statistics["crossings"], statistics["legs"]) == ([], [], [])


def test_volume_counts_at_the_line_and_times_count_transits(network: Network, fact: BuildFact) -> None:
    facts = [
        fact(FactKind.TRANSIT, NOW - 1, 100, section="whole", teu=200, grams=5_000, metres=360_000, dwell=50 * HOUR),
        fact(FactKind.CROSSING, NOW - 2, teu=225, grams=20_000_500, laden=True, **LINE),
        fact(FactKind.CROSSING, NOW - 3, teu=100, laden=False, **LINE),
        fact(FactKind.CROSSING, NOW - 3, teu=100, origin="CN-EDGE", goal="KZ-EDGE"),
    ]
    statistics = corridor_statistics(facts, network, UNTIL)
    assert entry(statistics, "middle") == {
        "corridor": "middle",
        "section": "whole",
        "direction": "westbound",
        "window": "24h",
        "transits": 1,
        "teu": 3.25,
        "kg": 20_000.5,
        "crossings": 2,
        "transit_seconds": {"mean": 360_000.0},
        "speed": {"with_delay": 3.6, "without_delay": 7.2},
        "on_time": None,
        "buffer": None,
        "planned": 0,
        "teu_unknown": 0,
        "kg_unknown": 1,
        "loads": {
            "true": {"crossings": 1, "teu": 2.25, "kg": 20_000.5},
            "false": {"crossings": 1, "teu": 1.0, "kg": None},
            "unknown": {"crossings": 0, "teu": 0, "kg": 0},
        },
        "empty": 1 / 3.25,
        "imbalance": None,
        "teu_km": 0,
        "runs": 0,
        "runs_unmeasured": 0,
    }
    assert [(e["crossing"], e["crossings"], e["teu"]) for e in statistics["crossings"] if e["window"] == "24h"] == [
        ("CN-EDGE--KZ-EDGE", 1, 1.0),
        ("KZ-PORT--AZ-PORT", 2, 3.25),
    ]


def test_a_journey_of_another_corridor_does_not_count_at_this_line(network: Network, fact: BuildFact) -> None:
    stray = fact(FactKind.CROSSING, NOW - 2, corridor="northern", **LINE)
    statistics = corridor_statistics([stray], network, UNTIL)
    assert entry(statistics, "middle")["crossings"] == entry(statistics, "northern")["crossings"] == 0


@pytest.mark.parametrize("corridor", ["other", "undecided"])
def test_a_journey_without_a_corridor_is_listed_where_it_passed_a_line(
    corridor: str, network: Network, fact: BuildFact
) -> None:
    facts = [
        fact(FactKind.CROSSING, NOW - 2, corridor=corridor, direction=None, teu=100, **LINE),
        fact(FactKind.CROSSING, NOW - 2, corridor=corridor, direction=None, origin="CN-EDGE", goal="KZ-EDGE"),
    ]
    statistics = corridor_statistics(facts, network, UNTIL)
    assert entry(statistics, corridor, direction=None)["crossings"] == 1


def test_quantiles_and_buffer_need_five_values(network: Network, fact: BuildFact) -> None:
    transits = [fact(FactKind.TRANSIT, NOW - 1, hours, section="whole") for hours in (100, 100, 100, 100, 200)]
    four = entry(corridor_statistics(transits[1:], network, UNTIL), "middle")
    five = entry(corridor_statistics(transits, network, UNTIL), "middle")
    assert (four["transit_seconds"], four["buffer"]) == ({"mean": 450_000.0}, None)
    assert five["transit_seconds"]["mean"] == 432_000.0
    assert math.isclose(five["transit_seconds"]["0.5"], 360_000, rel_tol=0.01)
    assert math.isclose(five["transit_seconds"]["0.95"], 720_000, rel_tol=0.01)
    assert five["buffer"] is not None
    assert math.isclose(five["buffer"], 720 / 432 - 1, rel_tol=0.03)


def test_the_share_on_time_is_that_of_planned_transits(network: Network, fact: BuildFact) -> None:
    plans = [None, Millis((NOW - 2) * HOUR), Millis((NOW - 200) * HOUR), Millis((NOW - 20) * HOUR)]
    facts = [fact(FactKind.TRANSIT, NOW - 1, 50, section="whole", planned_end=plan) for plan in plans]
    assert entry(corridor_statistics(facts, network, UNTIL), "middle")["on_time"] == 2 / 3


def test_a_node_shows_its_stays_by_side_and_what_stands_there_now(network: Network, fact: BuildFact) -> None:
    stays = [fact(FactKind.DWELL, NOW - 1, 10, node="KZ-EDGE", side=Side.ENTRY)]
    standing: Standing = {
        ("KZ-EDGE", WEST): Present(7, Millis(UNTIL - 90 * HOUR), Millis(UNTIL - 9 * HOUR)),
        ("CN-EDGE", WEST): Present(3, Millis(UNTIL - HOUR)),
        ("GE-PORT", None): Present(2, Millis(UNTIL + 1)),
        ("KZ-PORT", WEST): Present(),
    }
    nodes = [n for n in corridor_statistics(stays, network, UNTIL, standing)["nodes"] if n["window"] == "7d"]
    assert [(n["node"], n["side"], n["direction"], n["dwells"], n["containers"]) for n in nodes] == [
        ("CN-EDGE", "exit", "westbound", 0, 3),
        ("GE-PORT", None, None, 0, 2),
        ("KZ-EDGE", "entry", "westbound", 1, 7),
    ]
    assert nodes[2]["dwell_seconds"] == {"mean": 36_000.0}
    ages = [n["age_seconds"] for n in nodes]
    assert ages == [{"max": 3_600.0}, {"max": 0.0}, {"0.5": 32_400.0, "max": 324_000.0}]


def test_only_single_legs_make_leg_figures(network: Network, fact: BuildFact) -> None:
    facts = [
        fact(FactKind.RUN, NOW - 1, 30, origin="CN-HUB", goal="CN-EDGE"),
        fact(FactKind.RUN, NOW - 1, 60, origin="CN-HUB", goal="KZ-EDGE"),
    ]
    legs = corridor_statistics(facts, network, UNTIL)["legs"]
    assert [(leg["leg"], leg["window"], leg["runs"]) for leg in legs] == [
        ("CN-HUB--CN-EDGE", window, 1) for window in ("24h", "7d", "30d", "all")
    ]


def test_a_countrys_share_is_of_full_transits_between_china_and_europe(network: Network, fact: BuildFact) -> None:
    whole = {"section": "whole", "full": True, "origin": "CN-HUB"}
    facts = [
        fact(FactKind.TRANSIT, NOW - 1, 9, goal="GE-PORT", countries=("CN", "KZ", "AZ", "GE"), **whole),
        fact(FactKind.TRANSIT, NOW - 1, 9, goal="PL-HUB", countries=("CN", "KZ", "PL"), corridor="northern", **whole),
    ]
    shares = country_shares(totals_of(hours_of(facts, network), UNTIL)["30d"])
    assert shares == {"AZ": 0.5, "CN": 1.0, "GE": 0.5, "KZ": 1.0, "PL": 0.5}


def hours_of(facts: Iterable[Fact], network: Network) -> list[Any]:
    hours = []
    for one in facts:
        cell = Cell()
        cell.tally.add(one, network)
        hours.append((group_of(one, network), hour_of(one.end), cell.tally))
    return hours


places: list[tuple[FactKind, dict[str, Any]]] = [
    (FactKind.TRANSIT, {"section": "whole", "full": True, "origin": "CN-HUB", "goal": "GE-PORT", "metres": 4_000_000}),
    (FactKind.TRANSIT, {"section": "sea", "planned_end": Millis((NOW - 300) * HOUR)}),
    (FactKind.DWELL, {"node": "KZ-EDGE", "side": Side.ENTRY}),
    (FactKind.RUN, {"origin": "CN-HUB", "goal": "CN-EDGE"}),
    (FactKind.CROSSING, {**LINE, "laden": True, "teu": 225, "grams": 17_000_001}),
    (FactKind.CROSSING, {**LINE, "laden": None, "corridor": "undecided"}),
    (FactKind.CROSSING, {**LINE, "direction": EAST, "laden": False, "teu": 100}),
    (FactKind.RUN, {"origin": "CN-HUB", "goal": "CN-EDGE", "teu": 200, "metres": 1_000_000}),
    (FactKind.RUN, {"origin": "CN-HUB", "goal": "KZ-EDGE", "teu": 225, "metres": 1_010_000}),
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(places),
            st.floats(min_value=-1000, max_value=2) | st.floats(min_value=-20_000, max_value=2),
            st.floats(min_value=0, max_value=900),
            st.booleans(),
        ),
        max_size=30,
    ),
    st.randoms(),
)
def test_a_worker_and_a_batch_give_equal_statistics(
    network: Network, fact: BuildFact, drawn: list[Any], chance: Random
) -> None:
    """Facts added and some withdrawn, in any order, by cells and windows: as if the rest had come at once."""
    operations = []
    final = []
    for number, ((kind, fields), end, hours, stays) in enumerate(drawn):
        one = fact(kind, NOW + end, None if kind is FactKind.CROSSING else hours, journey=str(number), **fields)
        operations.append((one, 1))
        if stays:
            final.append(one)
        else:
            operations.append((one, -1))
    chance.shuffle(operations)
    windows = Windows()
    cells: dict[Any, Cell] = {}
    years: dict[Any, Volume] = {}
    for offset, (one, sign) in enumerate(operations):
        group, hour = group_of(one, network), hour_of(one.end)
        cell = cells.setdefault((group, hour), Cell())
        cell.apply(one, network, sign=sign, source=(0, offset, 0))
        windows.put(group, hour, cell.tally)
    batch = corridor_statistics(final, network, UNTIL)
    for (group, _), cell in cells.items():
        for year, volume in cell.years.items():
            years.setdefault((group, year), Volume()).merge(volume)
    live = statistics_of(windows.at(UNTIL), network, UNTIL, years=years)
    for part in ("corridors", "nodes", "crossings", "legs"):
        assert live[part] == [e for e in batch[part] if e["window"] in WINDOWS]
    assert (live["years"], live["targets"]) == (batch["years"], batch["targets"])
