"""What a carrier is told of its feed is told once, whichever worker asks, and counted as a fault."""

import json
from collections import Counter
from collections.abc import Sequence

from tests.aggregates.test_clocks import START, off_from, usual_days
from tracker.aggregates.carrier_day import CarrierDay
from tracker.contract.network_file import load_network
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.streams.board import Board
from tracker.streams.desk import Desk
from tracker.streams.intake import day_output

CLOCK = Millis(START + 11 * DAY)


class Counted(Counter[str]):
    """Counts faults as metrics do."""

    def faults(self, carrier: str, codes: Sequence[str]) -> None:
        self.update(f"{carrier} {code}" for code in codes)


def board_of(partitions: int = 3) -> Board:
    """A board that was told of a feed which is three hours off from the tenth day on, spread over partitions."""
    days: dict[tuple[int, int], CarrierDay] = {}
    for number, (received, delay) in enumerate(off_from(usual_days(11), START + 10 * DAY, -3)):
        place = number % partitions, received // DAY
        days.setdefault(place, CarrierDay()).timed(Millis(received), delay)
    board = Board(load_network())
    for (partition, day), counted in days.items():
        output = day_output("alpha", partition, day, counted)
        board.take(output.key or b"", output.value)
    return board


def test_a_wrong_clock_is_told_once_with_hours_and_since_when() -> None:
    board, counted = board_of(), Counted()
    desk = Desk(board, counted.faults)
    [told] = desk.said(CLOCK, {"alpha"})
    desk.told([told])
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
    [told] = Desk(one, Counted().faults).said(CLOCK, {"alpha"})
    other.take(told.known.key or b"", told.known.value)
    assert list(Desk(other, Counted().faults).said(CLOCK, {"alpha"})) == []


def test_only_who_has_the_carriers_first_partition_tells_it() -> None:
    assert list(Desk(board_of(), Counted().faults).said(CLOCK, {"beta"})) == []
