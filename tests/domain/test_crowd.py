"""A row stays within its bounds whatever a device sends, keeps the journey, and says what it left out."""

from collections import Counter
from random import Random

import msgspec
import pytest

from tests.domain.told import BOX, RULES, WHOLE_WAY, reports, told
from tracker.domain.container import ContainerRow, dump, facts_of_row, fold, load, reports_of
from tracker.domain.crowd import REPORTS_MAX, SORT_MAX
from tracker.domain.facts import Fact
from tracker.domain.moment import HOUR, SECOND, Millis
from tracker.domain.report import Kind, Report
from tracker.domain.ruling import apply
from tracker.domain.schema import UnknownSchema

WAY = reports(WHOLE_WAY)
START = WAY[7].occurred  # the departure from Altynkol


def stuck(number: int, node: str = "KZ-MOYYNTY", kind: Kind = Kind.PASSED) -> Report:
    """The nth report of a device that reports the same passage every ten seconds."""
    at = Millis(START + 30 * HOUR + 10 * SECOND * number)
    return Report("ktz", f"s{node}{kind}{number}", kind, node, at, at, number)


def deliver(sent: list[Report]) -> tuple[ContainerRow, Counter[Fact], int]:
    row, facts, crowded = ContainerRow(), Counter[Fact](), 0
    for report in sent:
        ruling = apply(row, BOX, report, RULES)
        facts.update(ruling.added)
        facts.subtract(ruling.withdrawn)
        crowded += ruling.crowded
    return row, facts, crowded


def test_a_stuck_device_with_10_000_reports_keeps_a_row_under_64_kilobytes_and_the_journey() -> None:
    row, facts, crowded = deliver([*WAY[:8], *(stuck(n) for n in range(10_000)), *WAY[8:]])
    assert len(dump(row)) < 64 * 1024
    assert crowded == 10_000 - SORT_MAX
    assert len(row.journeys) == 1
    assert {fact.section for fact in +facts} >= {"whole", "border-sea", "sea"}
    assert +facts == Counter(facts_of_row(row, BOX, RULES))


def test_a_device_that_repeats_the_whole_way_keeps_a_row_under_64_kilobytes_too() -> None:
    ways = RULES.network.path("middle", "CN-XIAN", "GE-POTI") or ()
    flood = [stuck(n, node, kind) for n in range(40) for node in ways for kind in (Kind.PASSED, Kind.LOADED)]
    row, facts, crowded = deliver(flood)
    assert len(row.reports) <= REPORTS_MAX
    assert len(dump(row)) < 64 * 1024
    assert crowded == len(flood) - len(row.reports)
    assert set(facts.values()) <= {0, 1}


def test_a_device_that_reports_everything_everywhere_keeps_a_row_under_64_kilobytes_too() -> None:
    endless = [kind for kind in Kind if kind not in {Kind.STRIPPED, Kind.EMPTY_RETURNED, Kind.GATE_OUT, Kind.STUFFED}]
    flood = [stuck(n, node, kind) for n, node in enumerate(RULES.network.nodes) for kind in endless]
    row, facts, crowded = deliver(flood)
    assert len(row.reports) <= REPORTS_MAX
    assert len(dump(row)) < 64 * 1024
    assert crowded == len(flood) - len(row.reports)
    assert set(facts.values()) <= {0, 1}


def test_what_is_left_of_a_crowd_does_not_depend_on_the_order() -> None:
    sent = [*WAY, *(stuck(n) for n in range(60))]
    rows = []
    for seed in range(5):
        Random(seed).shuffle(sent)
        row, facts, _ = deliver(sent)
        assert +facts == Counter(facts_of_row(row, BOX, RULES))
        rows.append(dump(row))
    assert set(rows) == {dump(fold(sent, BOX, RULES))}


def test_of_many_revisions_the_newest_holds_and_four_are_kept() -> None:
    arrival = reports("5/08:00 arrived CN-HORGOS id=a")[0]
    revisions = [msgspec.structs.replace(arrival, revision=n, content=n) for n in range(50)]
    Random(1).shuffle(revisions)
    row, _, _ = deliver(revisions)
    assert [report.revision for report in reports_of(row)] == [46, 47, 48, 49]


def test_which_of_five_versions_is_let_go_does_not_depend_on_the_order_when_two_are_of_one_time() -> None:
    arrival = reports("5/08:00 arrived CN-HORGOS id=a")[0]
    silent = msgspec.structs.replace(arrival, recorded=None)
    dated = msgspec.structs.replace(arrival, recorded=silent.received)
    later = [msgspec.structs.replace(arrival, revision=n, content=n) for n in range(3)]
    rows = {dump(deliver([*first, *later])[0]) for first in ([silent, dated], [dated, silent])}
    assert len(rows) == 1


def test_versions_that_correct_the_node_count_with_the_others_of_their_report() -> None:
    arrival = reports("5/08:00 arrived CN-HORGOS id=a")[0]
    sent = [msgspec.structs.replace(arrival, revision=n, content=n) for n in range(5)]
    sent[2] = msgspec.structs.replace(sent[2], node="KZ-ALTYNKOL")
    assert [report.revision for report in reports_of(fold(sent, BOX, RULES))] == [1, 2, 3, 4]
    assert dump(deliver(sent)[0]) == dump(fold(sent, BOX, RULES))


def test_when_the_oldest_journey_is_let_go_its_facts_stand_and_a_report_about_it_is_not_taken_in() -> None:
    sent: list[Report] = []
    year = 40 * 24 * HOUR
    for trip in range(20):
        for number, report in enumerate(WAY):
            shift = {name: Millis(getattr(report, name) + trip * year) for name in ("occurred", "received")}
            sent.append(msgspec.structs.replace(report, id=f"t{trip}-{number}", **shift))
    row, facts, crowded = deliver(sent)
    assert len(row.reports) <= REPORTS_MAX
    assert crowded == len(sent) - len(row.reports)
    whole = [fact for fact in +facts if fact.section == "whole"]
    assert len(whole) == 20
    ruling = apply(row, BOX, msgspec.structs.replace(WAY[0], id="late"), RULES)
    assert (ruling.added, ruling.withdrawn, ruling.crowded) == ([], [], 1)


def test_a_row_of_the_schema_before_is_read_and_goes_on() -> None:
    regauged = "6/10:00 unloaded KZ-ALTYNKOL\n 7/16:00 loaded KZ-ALTYNKOL\n 7/17:00 customs_held KZ-ALTYNKOL\n"
    *early, last = reports(regauged + WHOLE_WAY.strip())
    row = deliver(early)[0]
    fields = msgspec.msgpack.decode(dump(row))
    for journey in fields[3]:
        journey[3] = [visit[:9] for visit in journey[3]]  # 2 had no `regauged`
        del journey[13:]  # and neither `carrier` nor `held`
    old = load(msgspec.msgpack.encode([2, *fields[1:]]))
    assert facts_of_row(old, BOX, RULES) == facts_of_row(row, BOX, RULES)
    told_old, told_new = apply(old, BOX, last, RULES), apply(row, BOX, last, RULES)
    assert dump(old) == dump(row)
    assert (told_old.added, told_old.withdrawn) == (told_new.added, told_new.withdrawn)


def test_a_row_of_an_unknown_schema_is_refused() -> None:
    fields = msgspec.msgpack.decode(dump(told(WHOLE_WAY)))
    with pytest.raises(UnknownSchema, match="schema 99 seen"):
        load(msgspec.msgpack.encode([99, *fields[1:]]))
