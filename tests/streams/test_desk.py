"""What a carrier is told of its feed is told once, whichever worker asks, and counted as a fault."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.aggregates.test_clocks import START, off_from, usual_days
from tracker.aggregates.carrier_day import CarrierDay
from tracker.contract.network_file import load_network
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.report import Kind, Report
from tracker.streams.board import Board
from tracker.streams.desk import Desk, Told
from tracker.streams.intake import day_output

CLOCK = Millis(START + 11 * DAY)


def kind_of(told: Told) -> str:
    """What a record of the feed is about."""
    return next(each for each in ("incident", "missing", "scorecard") if each in json.loads(told.record.value or b""))


class Counted(Counter[str]):
    """Counts faults as metrics do."""

    def faults(self, carrier: str, codes: Sequence[str]) -> None:
        self.update(f"{carrier} {code}" for code in codes)


def a_report(received: int, delay: int) -> Report:
    """An accepted report of the feed."""
    return Report("alpha", "A", Kind.DEPARTED, "KZ-ALTYNKOL", Millis(received - delay), Millis(received), 0)


def board_of(partitions: int = 3) -> Board:
    """A board that was told of a feed which is three hours off from the tenth day on, spread over partitions."""
    days: dict[tuple[int, int], CarrierDay] = {}
    for number, (received, delay) in enumerate(off_from(usual_days(11), START + 10 * DAY, -3)):
        place = number % partitions, received // DAY
        report = a_report(received, delay) if delay >= 0 else None
        days.setdefault(place, CarrierDay()).take(Millis(received), report, "CSQU3054383", delay, None, ())
    board = Board(load_network())
    for (partition, day), counted in days.items():
        output = day_output("alpha", partition, day, counted)
        board.take(output.key or b"", output.value)
    return board


def test_a_wrong_clock_is_told_once_with_hours_and_since_when() -> None:
    board, counted = board_of(), Counted()
    desk = Desk(board, counted.faults)
    told, *others = desk.said(CLOCK, {"alpha"})
    assert [kind_of(other) for other in others] == ["scorecard"]
    desk.told([told, *others])
    record = json.loads(told.record.value or b"")
    assert told.record.topic == "carrier.alpha.feedback"
    assert (record["outcome"], record["partition"], record["faults"][0]["code"]) == ("accepted", -1, "W305")
    assert (record["id"], record["hours"]) == (None, -3)
    assert record["since"].startswith("2024-10-14T")
    assert record["faults"][0]["seen"].startswith("-3 h on what was received since 2024-10-14T")
    assert list(desk.said(CLOCK, {"alpha"})) == []
    assert list(desk.said(Millis(CLOCK + HOUR), {"alpha"})) == []
    assert counted == {"alpha W305": 1}


def test_what_another_worker_told_is_known_from_the_board() -> None:
    one, other = board_of(), board_of(partitions=2)
    for told in Desk(one, Counted().faults).said(CLOCK, {"alpha"}):
        other.take(told.known.key or b"", told.known.value)
    assert list(Desk(other, Counted().faults).said(CLOCK, {"alpha"})) == []


def test_only_who_has_the_carriers_first_partition_tells_it() -> None:
    assert list(Desk(board_of(), Counted().faults).said(CLOCK, {"beta"})) == []


def numbered(numbers: list[int], late: dict[int, int]) -> Board:
    """A board of a feed whose numbers came an hour apart, and some of them late, so many hours after the begin."""
    days: dict[tuple[int, int], CarrierDay] = {}
    arrivals = [*((hour, number) for hour, number in enumerate(numbers)), *((hour, n) for n, hour in late.items())]
    for hour, number in arrivals:
        received = Millis(START + hour * HOUR)
        day = days.setdefault((number % 3, received // DAY), CarrierDay())
        day.take(received, a_report(received, HOUR), "CSQU3054383", HOUR, number, ())
    board = Board(load_network())
    for (partition, day_number), counted in days.items():
        output = day_output("alpha", partition, day_number, counted)
        board.take(output.key or b"", output.value)
    return board


def told_of(board: Board, hour: int, faults: Counted) -> list[dict[str, Any]]:
    """What the desk says at an hour, all of it written."""
    desk = Desk(board, faults.faults)
    told = list(desk.said(Millis(START + hour * HOUR), {"alpha"}))
    desk.told(told)
    return [json.loads(each.record.value or b"") for each in told if kind_of(each) == "missing"]


def test_missing_numbers_are_told_when_they_are_a_day_old_and_again_when_others_are() -> None:
    numbers, counted = [1, 2, 6, 7, 8], Counted()
    board = numbered(numbers, {})
    assert told_of(board, 20, counted) == []
    [told] = told_of(board, 27, counted)
    assert told["missing"] == {"reports": 3, "ranges": [{"first": 3, "last": 5}]}
    assert told["faults"][0]["code"] == "W602"
    assert told["faults"][0]["seen"] == "3 to 5"
    assert told_of(board, 40, counted) == []
    filled = numbered(numbers, {3: 30, 4: 31, 5: 32})
    filled.told.update(board.told)
    [after] = told_of(filled, 41, counted)
    assert (after["missing"], after["faults"]) == ({"reports": 0, "ranges": []}, [])
    assert counted == {"alpha W602": 1}


def test_the_scorecard_of_a_day_is_told_once_when_it_is_over() -> None:
    board, counted = numbered(list(range(200)), {}), Counted()
    desk = Desk(board, counted.faults)
    cards = []
    for hour in range(100, 150):
        told = list(desk.said(Millis(START + hour * HOUR), {"alpha"}))
        desk.told(told)
        cards += [json.loads(each.record.value or b"")["scorecard"] for each in told]
    assert [card["at"][:13] for card in cards] == ["2024-10-07T23", "2024-10-08T23", "2024-10-09T23"]
    assert cards[-1]["reports"] == 24 * 6
    assert cards[-1]["delay"]["within_12h"] == 1.0
    assert cards[-1]["delay"]["p50_seconds"] == pytest.approx(3600, rel=0.01)
    assert cards[-1]["missing"] == {"reports": 0, "ranges": []}
