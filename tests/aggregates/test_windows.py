"""Windows: whole hours up to the clock, and sums that equal adding everything up anew."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.aggregates.group import Group, Runs
from tracker.aggregates.tally import Tally
from tracker.aggregates.windows import (
    ALL,
    WINDOWS,
    Totals,
    Windows,
    totals_of,
)
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Network

BuildFact = Callable[..., Fact]
GROUPS = (Runs("A--B", None), Runs("B--C", None))
BASE = 480_000  # an hour in 2024


def tally(count: int) -> Tally:
    made = Tally(count=count, duration=count * 7)
    if count:
        made.times.add(7, count)
    return made


def counted(totals: Totals) -> dict[str, dict[Group, Tally]]:
    """Only the sums that hold something: a group that came and went leaves a zero in a running sum."""
    return {
        name: {group: sums for group, sums in groups.items() if sums != Tally()}
        for name, groups in totals.items()
        if name != ALL
    }


def at(hour: float) -> Millis:
    return Millis(round((BASE + hour) * HOUR))


@pytest.mark.parametrize("name", WINDOWS)
def test_at_a_full_hour_a_window_is_exactly_its_hours_up_to_the_clock(name: str) -> None:
    length = WINDOWS[name]
    inside = [(GROUPS[0], BASE + hour, tally(1)) for hour in (-length, -1)]
    outside = [(GROUPS[0], BASE + hour, tally(1)) for hour in (-length - 1, 0)]
    assert totals_of(inside + outside, at(0))[name][GROUPS[0]].count == 2


@pytest.mark.parametrize("name", WINDOWS)
def test_between_full_hours_the_running_hour_is_the_last(name: str) -> None:
    length = WINDOWS[name]
    inside = [(GROUPS[0], BASE + hour, tally(1)) for hour in (-length + 1, 0)]
    outside = [(GROUPS[0], BASE + hour, tally(1)) for hour in (-length, 1)]
    assert totals_of(inside + outside, at(0.4))[name][GROUPS[0]].count == 2


def test_all_has_no_beginning_and_no_end() -> None:
    hours = [(GROUPS[0], hour, tally(1)) for hour in (0, BASE, BASE + 9)]
    assert totals_of(hours, at(0))[ALL][GROUPS[0]].count == 3


changes = st.lists(
    st.tuples(
        st.sampled_from(GROUPS),
        st.integers(min_value=-760, max_value=60),
        st.integers(min_value=0, max_value=3),
        st.one_of(st.none(), st.integers(min_value=0, max_value=30), st.integers(min_value=-800, max_value=800)),
    ),
    max_size=40,
)


@given(changes)
@settings(max_examples=200)
def test_running_sums_equal_adding_everything_up(steps: list[tuple[Runs, int, int, int | None]]) -> None:
    """Hours change in any order while the clock stands, walks, jumps or steps back."""
    windows = Windows()
    hours: dict[tuple[Runs, int], Tally] = {}
    clock = 0.5
    for group, hour, count, move in steps:
        windows.put(group, BASE + hour, tally(count))
        hours[group, BASE + hour] = tally(count)
        if move is not None:
            clock = clock + move if abs(clock + move) < 700 else 0.5
            anew = totals_of(((g, h, t) for (g, h), t in hours.items()), at(clock))
            assert counted(windows.at(at(clock))) == counted(anew)
    anew = totals_of(((g, h, t) for (g, h), t in hours.items()), at(clock))
    assert counted(windows.at(at(clock))) == counted(anew)


@given(st.permutations([(GROUPS[i % 2], BASE - i * 20, tally(i)) for i in range(1, 9)]))
def test_the_order_of_hours_does_not_matter(hours: list[tuple[Runs, int, Tally]]) -> None:
    assert counted(totals_of(hours, at(0))) == counted(totals_of(sorted(hours, key=repr), at(0)))


def test_a_fact_added_and_withdrawn_equals_one_that_never_came(network: Network, fact: BuildFact) -> None:
    run = fact(FactKind.RUN, BASE, 30, origin="CN-HUB", goal="CN-EDGE", teu=225, grams=21_000_001)
    sums = Tally()
    sums.add(run, network)
    windows = Windows()
    windows.put(GROUPS[0], BASE - 1, sums)
    windows.at(at(0))
    sums.add(run, network, sign=-1)
    windows.put(GROUPS[0], BASE - 1, sums)
    assert counted(windows.at(at(0))) == counted(Windows().at(at(0)))


def test_a_noted_tally_may_be_changed_afterwards() -> None:
    windows = Windows()
    mine = tally(1)
    windows.put(GROUPS[0], BASE - 1, mine)
    mine.merge(tally(5))
    assert windows.at(at(0))["24h"][GROUPS[0]].count == 1


def test_an_hour_put_empty_is_dropped_from_sums_and_memory() -> None:
    windows = Windows()
    windows.put(GROUPS[0], BASE - 1, tally(1))
    windows.at(at(0))
    windows.put(GROUPS[0], BASE - 1, Tally())
    assert counted(windows.at(at(0))) == {name: {} for name in WINDOWS}
    assert not any(windows._hours.values())


@given(data=st.data())
def test_merging_partitions_in_any_order_is_equal(network: Network, fact: BuildFact, data: st.DataObject) -> None:
    """Each partition has added and withdrawn what came to it; together they are the sums of what is left."""
    kinds: list[tuple[FactKind, dict[str, Any]]] = [
        (FactKind.CROSSING, {"origin": "KZ-PORT", "goal": "AZ-PORT", "teu": 225}),
        (FactKind.RUN, {"origin": "CN-HUB", "goal": "KZ-EDGE", "teu": 200, "metres": 1_010_000}),
        (FactKind.TRANSIT, {"section": "sea", "origin": "KZ-PORT", "goal": "AZ-PORT", "metres": 450_000}),
    ]
    drawn = data.draw(st.lists(st.tuples(st.sampled_from(kinds), st.integers(1, 900), st.booleans()), max_size=25))
    parts = [Tally() for _ in range(4)]
    whole = Tally()
    for (kind, fields), hours, stays in drawn:
        one = fact(kind, 480_000, None if kind is FactKind.CROSSING else hours, **fields)
        data.draw(st.sampled_from(parts)).add(one, network)
        if stays:
            whole.add(one, network)
        else:
            data.draw(st.sampled_from(parts)).add(one, network, -1)
    merged = Tally()
    for part in data.draw(st.permutations(parts)):
        merged.merge(part)
    assert merged == whole
