"""A cell: every fact counted once, withdrawn exactly, whatever is repeated."""

from collections.abc import Callable
from itertools import permutations

import msgspec
import pytest

from tracker.aggregates.cell import HOURS_KEPT, SCHEMA, Cell, Effect, read_cell, read_slot, slot_of
from tracker.aggregates.group import Crossings, Dwells, Group, LongRuns, Runs, Transits, group_of
from tracker.aggregates.tally import EUROPEAN, Tally
from tracker.aggregates.volume import Volume
from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction, Network

BuildFact = Callable[..., Fact]
WEST = Direction.WESTBOUND


def test_a_repeated_record_changes_nothing(network: Network, fact: BuildFact) -> None:
    dwell = fact(FactKind.DWELL, 100, 5, node="KZ-EDGE")
    cell = Cell()
    assert cell.apply(dwell, network, sign=1, source=(3, 70, 1)) is Effect.COUNTED
    before = cell.body()
    assert cell.apply(dwell, network, sign=1, source=(3, 70, 1)) is Effect.REPEATED
    assert cell.apply(dwell, network, sign=1, source=(3, 69, 9)) is Effect.REPEATED
    assert cell.body() == before


def test_sources_of_other_partitions_and_later_indexes_are_applied(network: Network, fact: BuildFact) -> None:
    dwell = fact(FactKind.DWELL, 100, 5, node="KZ-EDGE")
    cell = Cell()
    for source in ((3, 70, 1), (3, 70, 2), (3, 71, 0), (0, 2, 0)):
        assert cell.apply(dwell, network, sign=1, source=source) is Effect.COUNTED
    assert (cell.tally.count, cell.marks) == (4, {3: (71, 0), 0: (2, 0)})


def test_a_cell_that_is_empty_again_keeps_its_marks(network: Network, fact: BuildFact) -> None:
    dwell = fact(FactKind.DWELL, 100, 5, node="KZ-EDGE", teu=200, grams=7)
    cell = Cell()
    cell.apply(dwell, network, sign=1, source=(3, 70, 1))
    cell.apply(dwell, network, sign=-1, source=(3, 75, 0))
    restored = read_cell(cell.body())
    assert restored.tally == Tally()
    assert restored.apply(dwell, network, sign=-1, source=(3, 75, 0)) is Effect.REPEATED


def test_a_row_goes_to_its_next_hour_empty_but_with_its_marks(network: Network, fact: BuildFact) -> None:
    old, new = (fact(FactKind.DWELL, hour, 5, node="KZ-EDGE") for hour in (100, 100 + HOURS_KEPT))
    cell = Cell()
    cell.apply(old, network, sign=1, source=(3, 70, 1))
    assert cell.apply(new, network, sign=1, source=(3, 80, 0)) is Effect.COUNTED
    assert (cell.hour, cell.tally.count, cell.marks) == (100 + HOURS_KEPT, 1, {3: (80, 0)})


def test_what_belongs_to_an_hour_whose_row_has_moved_on_is_outdated(network: Network, fact: BuildFact) -> None:
    old, new = (fact(FactKind.DWELL, hour, 5, node="KZ-EDGE") for hour in (100, 100 + HOURS_KEPT))
    cell = Cell()
    cell.apply(new, network, sign=1, source=(3, 80, 0))
    for sign, offset in ((1, 81), (-1, 82)):
        assert cell.apply(old, network, sign=sign, source=(3, offset, 0)) is Effect.OUTDATED
    assert (cell.hour, cell.tally.count) == (100 + HOURS_KEPT, 1)


def test_hours_that_share_a_row_are_35_days_apart(network: Network) -> None:
    group = Runs("A--B", None)
    assert slot_of(group, 100) == slot_of(group, 100 + HOURS_KEPT)
    assert len({slot_of(group, hour) for hour in range(100, 100 + HOURS_KEPT)}) == HOURS_KEPT == 35 * 24


def test_a_row_survives_its_bytes(network: Network, fact: BuildFact) -> None:
    cell = Cell()
    whole = fact(FactKind.TRANSIT, 500, 400, section="whole", full=True, origin="CN-HUB", goal="GE-PORT", metres=9)
    cell.apply(whole, network, sign=1, source=(0, 1, 2))
    assert read_cell(cell.body()) == cell


def test_a_row_of_an_unknown_schema_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        read_cell(msgspec.msgpack.encode([3, {}, []]))


@pytest.mark.parametrize(
    "group",
    [
        Transits("middle", "whole", WEST),
        Dwells("KZ-EDGE", Side.ENTRY, None),
        Runs("CN-EDGE--KZ-EDGE", WEST),
        LongRuns("other", None),
        Crossings("middle", "KZ-PORT--AZ-PORT", WEST, True),
        Crossings("middle", "KZ-PORT--AZ-PORT", WEST, None),
    ],
)
def test_a_key_survives_its_bytes(group: Group) -> None:
    assert read_slot(slot_of(group, 487_000).key()) == slot_of(group, 487_000)


@pytest.mark.parametrize(
    ("kind", "fields", "group"),
    [
        (FactKind.TRANSIT, {"section": "sea"}, Transits("middle", "sea", WEST)),
        (FactKind.DWELL, {"node": "KZ-EDGE", "side": Side.ENTRY}, Dwells("KZ-EDGE", Side.ENTRY, WEST)),
        (FactKind.RUN, {"origin": "KZ-EDGE", "goal": "CN-EDGE"}, Runs("CN-EDGE--KZ-EDGE", WEST)),
        (FactKind.RUN, {"origin": "CN-HUB", "goal": "KZ-EDGE"}, LongRuns("middle", WEST)),
        (
            FactKind.CROSSING,
            {"origin": "KZ-PORT", "goal": "AZ-PORT", "laden": False},
            Crossings("middle", "KZ-PORT--AZ-PORT", WEST, False),
        ),
    ],
)
def test_a_fact_has_one_group(
    kind: FactKind, fields: dict[str, object], group: Group, network: Network, fact: BuildFact
) -> None:
    assert group_of(fact(kind, 10, 5, **fields), network) == group


def test_groups_of_different_kinds_with_equal_fields_differ() -> None:
    assert len({Transits("a", None, None), Dwells("a", None, None)}) == 2


def test_on_time_is_the_plan_plus_the_corridors_tolerance(network: Network, fact: BuildFact) -> None:
    plan = Millis(1000 * HOUR)
    just = fact(FactKind.TRANSIT, 1024, 9, section="whole", planned_end=plan)
    tally = Tally()
    tally.add(just, network)
    tally.add(msgspec.structs.replace(just, end=Millis(just.end + 1)), network)
    tally.add(msgspec.structs.replace(just, planned_end=None), network)
    assert (tally.planned, tally.on_time) == (2, 1)


def test_speed_counts_only_transits_whose_length_is_known(network: Network, fact: BuildFact) -> None:
    tally = Tally()
    tally.add(fact(FactKind.TRANSIT, 1000, 10, section="sea", metres=450_000, dwell=2 * HOUR), network)
    tally.add(fact(FactKind.TRANSIT, 1000, 77, section="sea"), network)
    assert (tally.metres, tally.metres_duration, tally.metres_dwell) == (450_000, 10 * HOUR, 2 * HOUR)


def test_only_full_transits_between_china_and_europe_count_for_countries(network: Network, fact: BuildFact) -> None:
    whole = fact(
        FactKind.TRANSIT, 9, 8, section="whole", full=True, origin="GE-PORT", goal="CN-HUB", countries=("CN", "GE")
    )
    tally = Tally()
    tally.add(whole, network)
    tally.add(msgspec.structs.replace(whole, full=False), network)
    tally.add(msgspec.structs.replace(whole, origin="KZ-PORT"), network)
    assert tally.countries == {EUROPEAN: 1, "CN": 1, "GE": 1}


LINE = {"origin": "KZ-PORT", "goal": "AZ-PORT", "grams": 9_000_000, "teu": 200}
NEXT = 480_012 // HOURS_KEPT * HOURS_KEPT  # an hour of July 2024 in the first place of the round


def test_a_row_of_a_counting_line_remembers_its_years_when_it_goes_to_its_next_hour(
    network: Network, fact: BuildFact
) -> None:
    cell = Cell()
    for number, hour in enumerate((NEXT, NEXT + HOURS_KEPT, NEXT + 2 * HOURS_KEPT)):
        cell.apply(fact(FactKind.CROSSING, hour, **LINE), network, sign=1, source=(3, number, 0))
    assert cell.tally.count == 1
    assert cell.years == {2024: Volume(3, 600, 27_000_000, 0, 0)}


def test_an_outdated_passage_still_counts_in_its_year_and_can_be_withdrawn(network: Network, fact: BuildFact) -> None:
    old, new = (fact(FactKind.CROSSING, hour, **LINE) for hour in (NEXT, NEXT + HOURS_KEPT))
    cell = Cell()
    cell.apply(new, network, sign=1, source=(3, 1, 0))
    assert cell.apply(old, network, sign=1, source=(3, 2, 0)) is Effect.OUTDATED
    assert cell.years[2024].count == 2
    assert cell.apply(old, network, sign=-1, source=(3, 3, 0)) is Effect.OUTDATED
    assert cell.apply(old, network, sign=-1, source=(3, 3, 0)) is Effect.REPEATED
    cell.apply(new, network, sign=-1, source=(3, 4, 0))
    assert (cell.years, cell.tally) == ({}, Tally())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_row_keeps_its_year_and_the_one_before_in_whatever_order_they_come(
    order: tuple[int, ...], network: Network, fact: BuildFact
) -> None:
    year = 11 * HOURS_KEPT  # 385 days, in the same place of the round
    facts = [fact(FactKind.CROSSING, NEXT + number * year, **LINE) for number in range(3)]
    cell = Cell()
    for offset, number in enumerate(order):
        cell.apply(facts[number], network, sign=1, source=(3, offset, 0))
    assert {each: volume.count for each, volume in cell.years.items()} == {2025: 1, 2026: 1}
    assert list(cell.years) == sorted(cell.years), "equal rows are equal bytes"


def test_only_passages_of_counting_lines_have_years(network: Network, fact: BuildFact) -> None:
    cell = Cell()
    cell.apply(fact(FactKind.CROSSING, NEXT, origin="CN-EDGE", goal="KZ-EDGE"), network, sign=1, source=(3, 1, 0))
    cell.apply(fact(FactKind.DWELL, NEXT, 5, node="KZ-EDGE"), network, sign=1, source=(3, 2, 0))
    assert cell.years == {}


def test_a_row_of_the_schema_before_is_read_and_written_as_the_new_one() -> None:
    """As 0.1.0 wrote it: eleven sums, nothing said of what is unknown, no years."""
    tally = [2, 400, 0, 7_200_000, 0, 0, 0, 0, 0, [{400: 2}], {}]
    old = msgspec.msgpack.encode([1, 487_000, {3: (70, 1)}, tally])
    cell = read_cell(old)
    assert (cell.hour, cell.marks, cell.tally.count, cell.tally.times.counts) == (487_000, {3: (70, 1)}, 2, {400: 2})
    assert (cell.tally.teu_unknown, cell.tally.carried, cell.years) == (0, {}, {})
    assert msgspec.msgpack.decode(cell.body())[0] == SCHEMA == 2
    assert read_cell(cell.body()) == cell
