"""Learned norms on their topic: each version once, whoever publishes it, and the same that a batch writes."""

import json
from random import Random

import pytest

from tests.aggregates.notes import clock
from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.situation import KnownSituation
from tracker.contract.baselines import baseline_json
from tracker.contract.network_file import load_network
from tracker.domain.facts import Side
from tracker.domain.moment import DAY, HOUR, Millis, text
from tracker.domain.network import Direction
from tracker.domain.norms import Norms, Subject, Usual
from tracker.streams.baselines import KEPT_DAYS, Baselines
from tracker.streams.board import Board
from tracker.streams.intake import day_output
from tracker.streams.stage import Output
from tracker.streams.topics import BASELINES

FIRST = clock(0) // DAY


def version(number: int, hours: int = 5) -> Norms:
    return Norms(number, delays={"ktz": hours * HOUR})


def published(to: Baselines, records: list[Output]) -> list[int]:
    """The versions of some records, which are on the topic now."""
    for record in records:
        assert record.topic == BASELINES
        to.take(record.key or b"", record.value)
    return [json.loads(record.value or b"null")["version"] for record in records if record.value]


def test_a_version_is_published_once_when_the_clock_has_come_to_it() -> None:
    board = Baselines()
    assert published(board, board.news([version(FIRST)], clock(0))) == [FIRST]
    assert published(board, board.news([version(FIRST)], clock(1))) == []
    assert published(board, board.news([version(FIRST), version(FIRST + 1)], clock(24))) == [FIRST + 1]


def test_whoever_publishes_next_goes_on_from_what_is_on_the_topic_and_restates_nothing() -> None:
    board, heir = Baselines(), Baselines()
    for record in board.news([version(FIRST), version(FIRST + 1)], clock(24)):
        board.take(record.key or b"", record.value)
        heir.take(record.key or b"", record.value)
    known = [version(day, hours=9) for day in range(FIRST - 3, FIRST + 3)]
    assert published(heir, heir.news(known, clock(48))) == [FIRST + 2]


def test_a_version_can_be_looked_up_for_sixty_days() -> None:
    board = Baselines()
    published(board, board.news([version(FIRST), version(FIRST + 1)], clock(24)))
    later = Millis(clock(0) + KEPT_DAYS * DAY)
    gone = board.forgotten(later)
    assert [(record.key, record.value) for record in gone] == [(str(FIRST).encode(), None)]
    published(board, gone)
    assert board.forgotten(later) == []
    assert published(board, board.news([version(FIRST)], later)) == [], "and does not come back"


@pytest.mark.parametrize("key", [b"", b"latest", b"-3"])
def test_a_record_of_somebody_else_on_the_topic_is_passed_over(key: bytes) -> None:
    board = Baselines()
    board.take(key, b"{}")
    assert published(board, board.news([version(FIRST)], clock(0))) == [FIRST]


def test_what_is_learned_of_places_and_of_carriers_is_told_with_the_days_it_was_learned_from() -> None:
    usual = {
        Subject("stay", "KZ-ALTYNKOL", Side.ENTRY, Direction.WESTBOUND): Usual(900, 20, 30 * HOUR, 60 * HOUR),
        Subject("run", "KZ-ALTYNKOL--KZ-ALMATY", None, Direction.EASTBOUND): Usual(40, 2, 9 * HOUR, 12 * HOUR),
    }
    said = baseline_json(Norms(FIRST, {"ktz": 5 * HOUR}, {"adyc": 7 * HOUR}, usual))
    assert said["holds_from"] == text(clock(0))
    assert (said["learned_from"], said["learned_to"]) == (text(clock(-30 * 24)), text(clock(-2 * 24)))
    assert [(each["leg"], each["node"], each["side"], each["p95_seconds"]) for each in said["norms"]] == [
        ("KZ-ALTYNKOL--KZ-ALMATY", None, None, 12 * 3600),
        (None, "KZ-ALTYNKOL", "entry", 60 * 3600),
    ]
    assert said["carriers"] == [
        {"carrier": "adyc", "delay_p95_seconds": None, "gap_p95_seconds": 7 * 3600},
        {"carrier": "ktz", "delay_p95_seconds": 5 * 3600, "gap_p95_seconds": None},
    ]


def test_what_is_published_day_by_day_is_what_is_learned_of_all_days_at_once() -> None:
    network, chance, ledger = load_network(), Random(4), Ledger()
    board, said = Board(network), list[Output]()
    for day in range(FIRST, FIRST + 20):
        counted = CarrierDay()
        for _ in range(60):
            counted.delays.add(chance.randrange(6 * HOUR))
        heard = bytearray(counted.minutes)
        heard[chance.randrange(len(heard))] = heard[3] = 7
        counted.minutes = bytes(heard)
        ledger.day("ktz", day, counted)
        record = day_output("ktz", 0, day, counted)
        board.take(record.key or b"", record.value)
        at = Millis(day * DAY + chance.randrange(DAY))
        new = board.baselines.news(board.situation(at).learned(), at)
        published(board.baselines, new)
        said += new
    at_once = KnownSituation(ledger, network, Millis((FIRST + 20) * DAY - 1)).learned()
    assert len(at_once) == 19, "nothing is learned on the first day"
    assert [json.loads(record.value or b"") for record in said] == [dict(baseline_json(norms)) for norms in at_once]
