"""The subjects stage: rows of cells, windows of what is stored, nothing twice."""

from collections.abc import Iterable
from random import Random
from typing import Any

import msgspec
import pytest

from tests.railway import build_fact, small_network
from tracker.aggregates.cell import HOURS_KEPT
from tracker.aggregates.group import Dwells, Group, Transits, group_of
from tracker.aggregates.recent import HOURS, WEEKS_HOURS, hours_wanted, weeks_of
from tracker.aggregates.statistics import corridor_statistics
from tracker.aggregates.tally import Tally
from tracker.aggregates.windows import WINDOWS
from tracker.aggregates.years import YEAR
from tracker.contract.records import fact_bytes, fact_record
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, Millis, hour_of
from tracker.streams.clock import DataClock
from tracker.streams.stage import Record, Settling
from tracker.streams.subjects import NEGATIVE_DURATION, SubjectsStage

NOW = 480_000
NETWORK = small_network()
DWELL = build_fact(FactKind.DWELL, NOW - 3, 10, node="KZ-EDGE", teu=200, grams=21_000_000)


class Heard:
    """Remembers what the stage tells."""

    def __init__(self) -> None:
        self.left_out = 0
        self.violations: list[str] = []

    def outdated(self, facts: int) -> None:
        self.left_out += facts

    def invariant(self, name: str) -> None:
        self.violations.append(name)


class Desk:
    """A stage with a store of rows: what the engine does with it, batch by batch."""

    def __init__(self, now: float = NOW) -> None:
        self.clock = DataClock()
        self.clock.saw(Millis(round(now * HOUR)))
        self.heard = Heard()
        self.stage = SubjectsStage(NETWORK, self.clock, self.heard)
        self.store: dict[bytes, bytes] = {}

    def batch(self, *operations: tuple[Fact, bool, int]) -> None:
        """Handles operations (fact, added, source offset) as one batch of partition 4."""
        rows: dict[bytes, Any] = {}
        for fact, added, offset in operations:
            record = record_of(fact, added=added, offset=offset)
            key, event = self.stage.read(record)
            row = rows.setdefault(key, self.stage.load(self.store.get(key), 4, key))
            assert list(self.stage.apply(row, event, record)) == []
        for key, row in rows.items():
            body = self.stage.dump(row)
            self.store[key] = body
        self.stage.settled(4, list(rows.items()))


def record_of(fact: Fact, *, added: bool = True, offset: int = 0) -> Record:
    value = fact_bytes(fact_record(fact, "added" if added else "withdrawn", (7, offset, 0)))
    return Record("rail.facts", 4, offset, 0, b"node:KZ-EDGE", value, ())


def batch_statistics(facts: Iterable[Fact]) -> dict[str, Any]:
    whole = corridor_statistics(facts, NETWORK, Millis(NOW * HOUR))
    return {
        part: [entry for entry in entries if entry.get("window", YEAR) in (*WINDOWS, YEAR)]
        for part, entries in whole.items()
        if isinstance(entries, list)
    }


def live_statistics(stage: SubjectsStage) -> dict[str, Any]:
    live = stage.statistics(Millis(NOW * HOUR))
    return {part: entries for part, entries in live.items() if part != "until"}


def test_the_stage_wants_to_know_what_became_of_its_rows() -> None:
    assert isinstance(Desk().stage, Settling)


def test_stored_facts_show_in_the_statistics() -> None:
    desk = Desk()
    crossing = build_fact(FactKind.CROSSING, NOW - 1, origin="KZ-PORT", goal="AZ-PORT", laden=True, teu=200)
    desk.batch((DWELL, True, 1), (crossing, True, 2))
    assert live_statistics(desk.stage) == batch_statistics([DWELL, crossing])


def test_a_withdrawn_fact_leaves_statistics_as_if_it_never_was() -> None:
    desk = Desk()
    desk.batch((DWELL, True, 1))
    desk.batch((DWELL, False, 2))
    assert live_statistics(desk.stage) == batch_statistics([])


def test_a_repeated_operation_counts_once_even_over_batches() -> None:
    desk = Desk()
    desk.batch((DWELL, True, 1), (DWELL, True, 1))
    desk.batch((DWELL, True, 1))
    assert live_statistics(desk.stage) == batch_statistics([DWELL])


def test_an_emptied_cell_still_knows_what_it_has_seen() -> None:
    desk = Desk()
    desk.batch((DWELL, True, 1), (DWELL, False, 2))
    desk.batch((DWELL, True, 1), (DWELL, False, 2))
    assert live_statistics(desk.stage) == batch_statistics([])


def test_windows_are_rebuilt_from_the_rows_in_another_worker() -> None:
    desk = Desk()
    desk.batch((DWELL, True, 1))
    other = Desk(now=0)
    other.stage.recovered(4, desk.store.items())
    assert live_statistics(other.stage) == batch_statistics([DWELL])
    assert other.clock.now() == (NOW - 3) * HOUR + 1


def test_a_revoked_partition_is_not_shown() -> None:
    desk = Desk()
    desk.batch((DWELL, True, 1))
    desk.stage.revoked(4)
    assert live_statistics(desk.stage) == batch_statistics([])


def test_a_fact_of_an_hour_whose_row_has_moved_on_is_counted_and_left_out() -> None:
    desk = Desk()
    old = build_fact(FactKind.DWELL, NOW - 3 - HOURS_KEPT, 10, node="KZ-EDGE")
    desk.batch((DWELL, True, 1), (old, True, 2))
    assert (len(desk.store), desk.heard.left_out) == (1, 1)
    assert live_statistics(desk.stage) == batch_statistics([DWELL])


def test_rows_and_windows_do_not_grow_beyond_one_round() -> None:
    desk = Desk()
    old = build_fact(FactKind.DWELL, NOW - 3 - HOURS_KEPT, 10, node="KZ-EDGE")
    desk.batch((old, True, 1))
    desk.batch((DWELL, True, 2))
    assert len(desk.store) == 1
    assert live_statistics(desk.stage) == batch_statistics([DWELL])
    desk.stage.statistics(Millis((NOW - HOURS_KEPT) * HOUR))
    assert desk.stage.statistics(Millis((NOW - HOURS_KEPT) * HOUR))["nodes"] == []


def test_a_fact_that_ends_before_it_starts_is_told() -> None:
    desk = Desk()
    desk.batch((build_fact(FactKind.DWELL, NOW - 3, -1, node="KZ-EDGE"), True, 1))
    assert desk.heard.violations == [NEGATIVE_DURATION]


OLD = build_fact(FactKind.CROSSING, NOW - 5_000, origin="KZ-PORT", goal="AZ-PORT", teu=200, grams=21_000_000)
NEW = build_fact(FactKind.CROSSING, NOW - 5_000 + 5 * HOURS_KEPT, origin="KZ-PORT", goal="AZ-PORT", teu=100)


def test_a_year_outlasts_the_hours_that_are_kept() -> None:
    desk = Desk()
    desk.batch((OLD, True, 1))
    desk.batch((NEW, True, 2), (NEW, True, 2))
    assert len(desk.store) == 1
    assert live_statistics(desk.stage)["years"] == batch_statistics([OLD, NEW])["years"]
    desk.batch((OLD, False, 3))
    desk.batch((OLD, False, 3))
    assert live_statistics(desk.stage) == batch_statistics([NEW])


def test_a_row_that_is_stored_again_counts_only_what_came_since() -> None:
    desk = Desk()
    key, _ = desk.stage.read(record_of(OLD, offset=1))
    row = desk.stage.load(None, 4, key)
    for offset, fact in ((1, OLD), (2, NEW)):
        record = record_of(fact, offset=offset)
        desk.stage.apply(row, desk.stage.read(record)[1], record)
        desk.stage.settled(4, [(key, row)])
    assert live_statistics(desk.stage) == batch_statistics([OLD, NEW])


def test_years_are_rebuilt_from_the_rows_in_another_worker_and_gone_with_the_partition() -> None:
    desk, other = Desk(), Desk(now=0)
    desk.batch((OLD, True, 1), (NEW, True, 2))
    other.store = dict(desk.store)
    other.stage.recovered(4, other.store.items())
    assert live_statistics(other.stage) == live_statistics(desk.stage)
    other.batch((NEW, False, 3))
    assert live_statistics(other.stage)["targets"] == batch_statistics([OLD])["targets"]
    other.stage.revoked(4)
    assert live_statistics(other.stage) == batch_statistics([])


@pytest.mark.parametrize("value", [b"", b"{}", b"\xff", b'{"fact":"dwell"}', None])
def test_what_is_no_fact_is_poison(value: bytes | None) -> None:
    with pytest.raises((msgspec.DecodeError, ValueError)):
        Desk().stage.read(Record("rail.facts", 4, 0, 0, None, value, ()))


def test_hours_and_weeks_are_those_of_all_facts_whatever_was_withdrawn_and_however_far_the_windows_were_read() -> None:
    random, desk = Random(11), Desk()
    facts = [
        build_fact(FactKind.TRANSIT, NOW - random.uniform(0, 30 * 24), random.uniform(100, 500), section="whole")
        for _ in range(200)
    ] + [build_fact(FactKind.DWELL, NOW - random.uniform(0, 24), 10, node="KZ-EDGE") for _ in range(50)]
    for offset, fact in enumerate(facts):
        desk.batch((fact, True, offset))
        if offset % 60 == 0:
            desk.stage.totals(Millis(NOW * HOUR))  # what is read is summed and stored: it must be told all the same
    for offset, fact in enumerate(facts[::3], len(facts)):
        desk.batch((fact, False, offset))
    left = [fact for number, fact in enumerate(facts) if number % 3]
    clock = Millis(NOW * HOUR)

    def told(hours: Iterable[tuple[Group, int, Tally]]) -> dict[tuple[Group, int], Tally]:
        return {(group, hour): tally for group, hour, tally in hours if tally.count}

    cells: dict[tuple[Group, int], Tally] = {}
    for fact in left:
        cells.setdefault((group_of(fact, NETWORK), hour_of(fact.end)), Tally()).add(fact, NETWORK)
    of_transits = list(desk.stage.hours(lambda group: isinstance(group, Transits), hours_wanted(clock, WEEKS_HOURS)))
    weeks = weeks_of(((group, hour, tally) for (group, hour), tally in cells.items()), clock)
    assert {place: tally for place, tally in weeks_of(of_transits, clock).items() if tally.count} == weeks
    of_stays = told(desk.stage.hours(lambda group: isinstance(group, Dwells), hours_wanted(clock, HOURS)))
    span = hours_wanted(clock, HOURS)
    assert of_stays == {(g, h): t for (g, h), t in cells.items() if isinstance(g, Dwells) and h in span}
