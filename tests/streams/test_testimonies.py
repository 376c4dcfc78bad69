"""What containers say of carriers, published by several partitions: a scorecard's completeness is that of a batch."""

from collections import Counter
from random import Random

import pytest

from tests.aggregates.test_clocks import CARRIER, LATE_TRAIN, START, TRAIN_AT, agreeing, counted, usual_days
from tests.domain.told import reports
from tests.streams.test_whole_pipeline import world
from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.completeness import completeness_of, reporters_of
from tracker.aggregates.feed import window
from tracker.aggregates.ledger import Ledger
from tracker.domain.container import fold, reports_of
from tracker.domain.delay_bins import SLOT, noted
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.report import Report
from tracker.domain.testifying import recount
from tracker.streams.board import Board
from tracker.streams.intake import day_output
from tracker.streams.known_testimonies import KnownTestimonies
from tracker.streams.stage import Output
from tracker.streams.testimonies import Statements, read_testimony

PARTITIONS = 3
WAY = """
    3/06:00 departed CN-XIAN         by=cr-express
    6/06:00 arrived  CN-HORGOS       by=cr-express
    6/20:00 departed CN-HORGOS       by=cr-express
    6/23:00 arrived  KZ-ALTYNKOL     by=ktz-express
    7/02:00 unloaded KZ-ALTYNKOL     by=utlc
    8/10:00 departed KZ-ALTYNKOL     by=ktz-express
    11/09:00 arrived KZ-AKTAU        by=ktz-express
    13/10:00 loaded  KZ-AKTAU        by=kmtf
    14/09:00 arrived AZ-ALAT         by=kmtf
    14/19:00 departed AZ-ALAT        by=adyc
    15/12:00 passed  GE-TBILISI      by=gr-log
"""
LAST = reports(WAY)[-1].received


def boxes(chance: Random) -> dict[str, list[Report]]:
    """Containers of which some reports are missing."""
    return {f"CSQU{number:07}": [each for each in reports(WAY) if chance.random() < 0.8] for number in range(40)}


def days_of(sent: dict[str, list[Report]]) -> dict[tuple[str, int], CarrierDay]:
    days: dict[tuple[str, int], CarrierDay] = {}
    for container, told in sent.items():
        for each in told:
            day = days.setdefault((each.carrier, each.received // DAY), CarrierDay())
            day.take(each.received, each, container, each.received - each.occurred, None, ())
    return days


@pytest.mark.parametrize("seed", range(5))
def test_partitions_that_publish_in_pieces_tell_the_completeness_that_a_batch_tells(seed: int) -> None:
    chance, rules, ledger = Random(seed), world().rules, Ledger()
    sent = boxes(chance)
    board, partitions = Board(rules.network, rules.mandatory), [Statements() for _ in range(PARTITIONS)]
    for (carrier, day), found in days_of(sent).items():
        output = day_output(carrier, 0, day, found)
        board.take(output.key or b"", output.value)
    for number, (container, told) in enumerate(sent.items()):
        row = fold(told, container, rules)
        ledger.says(recount(row, reports_of(row), rules)[1])
        mine, row = partitions[number % PARTITIONS], fold(told[: chance.randrange(len(told))], container, rules)
        mine.add(recount(row, reports_of(row), rules)[1])
        publish(board.testimonies, partitions, chance)
        whole = fold(told, container, rules)
        mine.add(row.testimony.cells(), -1)
        mine.add(recount(whole, reports_of(whole), rules)[1])
    publish(board.testimonies, partitions)
    days = window(LAST // DAY)
    reporters = reporters_of((carrier, counted) for (carrier, day), counted in days_of(sent).items() if day in days)
    wanted = completeness_of(ledger.testimonies, days, reporters, rules.mandatory)
    assert {carrier: board.feed(carrier, Millis(LAST)).completeness for carrier in wanted} == wanted
    assert 0 < wanted["ktz-express"].told < wanted["ktz-express"].expected


def publish(known: KnownTestimonies, partitions: list[Statements], chance: Random | None = None) -> None:
    for partition, mine in enumerate(partitions):
        if chance is None or chance.random() < 0.3:
            taken(known, known.unlike(partition, mine))


def taken(known: KnownTestimonies, outputs: list[Output]) -> None:
    for output in outputs:
        known.take(output.key or b"", output.value)


def said(times: int, day: int = 100) -> dict[tuple[int, str, int], int]:
    return {(day, "ktz", -2): times}


def test_what_a_worker_that_was_paused_says_again_is_put_right_by_whom_it_concerns() -> None:
    known, mine = KnownTestimonies(), Statements()
    mine.add(said(3))
    taken(known, first := known.unlike(0, mine))
    mine.add(said(2))
    taken(known, known.unlike(0, mine))
    assert known.unlike(0, mine) == []
    taken(known, first)
    assert known.days[100] == {("ktz", -2): 3}
    taken(known, known.unlike(0, mine))
    assert known.days[100] == {("ktz", -2): 5}


def test_what_is_taken_back_is_gone_from_the_topic() -> None:
    known, mine = KnownTestimonies(), Statements()
    mine.add(said(3))
    taken(known, known.unlike(0, mine))
    mine.add(said(3), -1)
    [grave] = known.unlike(0, mine)
    assert (grave.key, grave.value) == (b"testimony:0:100", None)
    taken(known, [grave])
    assert known.days[100] == {}


def test_days_that_are_too_old_are_named_until_they_are_gone() -> None:
    known, mine = KnownTestimonies(), Statements()
    mine.add(said(3))
    taken(known, known.unlike(0, mine))
    mine.add(said(1, day=200))
    taken(known, [each for each in known.unlike(0, mine) if each.value is not None])
    assert set(known.days) == {200}
    assert known.outdated == {b"testimony:0:100"}
    taken(known, [Output("rail.situation", b"testimony:0:100", None)])
    assert known.outdated == set()


def test_what_is_no_testimony_is_left_out() -> None:
    known = KnownTestimonies()
    for key, value in ((b"testimony:x:1", b"{}"), (b"testimony:1", b"{}"), (b"testimony:1:2", b"[1]")):
        assert not known.take(key, value)
    assert read_testimony(b'{"ktz": [[-2, 4]]}') == {("ktz", -2): 4}
    assert known.days == {}


def test_who_looks_ahead_of_what_others_say_knows_better_when_they_have_said_it() -> None:
    timed = [*usual_days(11)[: 48 * 10 * 5], *LATE_TRAIN]
    word = TRAIN_AT + SLOT
    said = Counter(
        {(at // DAY, CARRIER, noted(Millis(at), apart)): 1 for at, apart in agreeing(10)}
        | {(word // DAY, CARRIER, noted(Millis(word), 4 * HOUR)): 5}
    )
    early, late = Board(world().network), Board(world().network)
    for (_, day), counts in counted(timed).items():
        output = day_output(CARRIER, 0, day, CarrierDay(clock=dict(counts)))
        early.take(output.key or b"", output.value)
        late.take(output.key or b"", output.value)
    clock, mine = Millis(START + 20 * DAY), Statements()
    assert early.situation(clock).incidents == []
    mine.add(said)
    for output in late.testimonies.unlike(0, mine):
        early.take(output.key or b"", output.value)
        late.take(output.key or b"", output.value)
    assert [each.hours for each in late.situation(clock).incidents] == [-4]
    assert early.situation(clock).incidents == late.situation(clock).incidents
