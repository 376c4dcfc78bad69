"""The board: what all workers know of carriers' days, day by day as at once."""

from random import Random

from tracker.aggregates.carrier_day import CarrierDay
from tracker.contract.network_file import load_network
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.streams.board import Board, through_key
from tracker.streams.intake import day_output

NETWORK = load_network()
FIRST = 20_000
SILENT = range(22, 26)
"""Days, after the first, on which one of two carriers says nothing."""


def days() -> list[tuple[int, bytes, bytes]]:
    """Thirty days of two carriers in two partitions: the day, and the record."""
    chance, found = Random(3), []
    for day in range(FIRST, FIRST + 30):
        for carrier in ("ktz", "adyc"):
            if carrier == "adyc" and day - FIRST in SILENT:
                continue
            for partition in (0, 1):
                counted = CarrierDay(containers=[f"TBJU{n:07d}" for n in range(10)])
                heard = bytearray(counted.minutes)
                for _ in range(80):
                    heard[chance.randrange(len(heard))] |= 1 << chance.randrange(8)
                    counted.delays.add(chance.randrange(6 * HOUR))
                counted.minutes = bytes(heard)
                output = day_output(carrier, partition, day, counted)
                found.append((day, output.key or b"", output.value or b""))
    return found


def test_what_is_learned_day_by_day_is_what_is_learned_at_once() -> None:
    records, step, at_once = days(), Board(NETWORK), Board(NETWORK)
    for day in range(FIRST, FIRST + 30):
        for _, key, value in (record for record in records if record[0] == day):
            step.take(key, value)
        step.situation(Millis(day * DAY + 12 * HOUR))
    end = Millis((FIRST + 30) * DAY - 1)
    for _, key, value in records:
        at_once.take(key, value)
    followed, whole = step.situation(end), at_once.situation(end)
    clocks = [Millis(day * DAY) for day in range(FIRST, FIRST + 30)]
    assert [followed.norms(clock) for clock in clocks] == [whole.norms(clock) for clock in clocks]
    assert followed.incidents == whole.incidents
    assert [(each.rule, each.carrier) for each in whole.incidents] == [("carrier_silent", "adyc")]


def test_what_is_known_of_days_to_come_does_not_keep_those_before_the_clock_from_being_learned_from() -> None:
    ahead, at_once, end = Board(NETWORK), Board(NETWORK), Millis((FIRST + 30) * DAY - 1)
    for _, key, value in days():
        ahead.take(key, value)
        at_once.take(key, value)
    whole = at_once.situation(end)
    for day in range(FIRST, FIRST + 30):
        clock = Millis(day * DAY + 12 * HOUR)
        assert ahead.situation(clock).norms(clock) == whole.norms(clock)
    assert ahead.situation(end).incidents == whole.incidents


def test_days_over_which_the_clock_jumps_are_learned_too() -> None:
    jumping, at_once, end = Board(NETWORK), Board(NETWORK), Millis((FIRST + 30) * DAY - 1)
    for _, key, value in days():
        jumping.take(key, value)
        at_once.take(key, value)
    whole = at_once.situation(end)
    for day in (0, 3, 17, 18, 29):
        jumping.situation(Millis((FIRST + day) * DAY + 12 * HOUR))
    followed, clocks = jumping.situation(end), [Millis(day * DAY) for day in range(FIRST, FIRST + 30)]
    assert [followed.norms(clock) for clock in clocks] == [whole.norms(clock) for clock in clocks]
    assert followed.incidents == whole.incidents


def test_what_was_seen_of_a_day_before_it_was_whole_does_not_take_the_place_of_the_whole() -> None:
    key, value = (
        day_output("ktz", 0, FIRST, CarrierDay(reports=7)).key or b"",
        [
            day_output("ktz", 0, FIRST, CarrierDay(reports=reports, containers=[f"TBJU{reports}"])).value
            for reports in (4, 7)
        ],
    )
    board, late = Board(NETWORK), Board(NETWORK)
    for each in value:
        board.take(key, each)
    for each in reversed(value):
        late.take(key, each)
    clock = Millis((FIRST + 1) * DAY)
    assert late.feed("ktz", clock) == board.feed("ktz", clock)
    assert late.feed("ktz", clock).reports == 7


def test_a_day_that_is_told_again_counts_once() -> None:
    board, (_, key, value) = Board(NETWORK), days()[0]
    board.take(key, value)
    before = board.newest
    board.take(key, value)
    assert board.newest == before
    assert before // DAY == FIRST


def test_what_is_no_record_of_the_board_is_left_out() -> None:
    board = Board(NETWORK)
    for key, value in ((b"", b""), (b"carrier:ktz:0:x", b"{}"), (b"carrier:ktz:0:20000", b"{"), (b"\xff", b"1")):
        board.take(key, value)
    assert board.newest == 0


def test_everything_is_taken_in_up_to_where_the_slowest_partition_is() -> None:
    board, sources = Board(NETWORK), [("carrier.ktz.events", 0), ("carrier.ktz.events", 1)]
    board.take(through_key(*sources[0]), str(9 * MINUTE).encode())
    assert board.through(sources) == 0, "nothing is known of the other"
    board.take(through_key(*sources[1]), str(5 * MINUTE).encode())
    assert board.through(sources) == 5 * MINUTE


def test_days_that_are_too_old_are_named_until_they_are_gone_from_the_topic() -> None:
    board, [(_, key, value), *_] = Board(NETWORK), days()
    board.take(key, value)
    assert board.outdated() == []
    later = day_output("ktz", 0, FIRST + 60, CarrierDay(containers=["TBJU0000001"]))
    board.take(later.key or b"", later.value)
    assert board.outdated() == [key]
    board.take(key, value)
    assert board.outdated() == [key], "who reads the topic from its begin sees it again"
    board.take(key, None)
    assert board.outdated() == []
