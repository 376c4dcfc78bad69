"""Records of several partitions are taken in order of time, never out of the order of their partition."""

from collections import Counter

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from tracker.streams.batches import Batch, Held
from tracker.streams.fetched import Stretch
from tracker.streams.merge import Opened, Portion, in_time, shares
from tracker.streams.stage import Record

HELD = Held(1 << 20, lambda topic: topic, 1)


def opened(partition: int, times: list[int]) -> Opened:
    tp = TP("in", partition)
    records = [Record("in", partition, offset, at, b"k", b"v", ()) for offset, at in enumerate(times)]
    return Opened(Batch(Stretch(tp, 0, len(times), [], 0), 1, 0.0, HELD), records)


backlogs = st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=30), min_size=1, max_size=6)


def taken_of(backlog: list[list[int]], most: int) -> tuple[dict[TP, Opened], list[Portion]]:
    every = {TP("in", partition): opened(partition, times) for partition, times in enumerate(backlog)}
    return every, [every[tp].take(count) for tp, count in shares(every, most).items()]


@given(backlogs, st.integers(1, 60))
def test_rounds_come_to_an_end_and_take_every_record_once(backlog: list[list[int]], most: int) -> None:
    every = {TP("in", partition): opened(partition, times) for partition, times in enumerate(backlog)}
    seen: Counter[tuple[int, int]] = Counter()
    while every:
        portions = [every[tp].take(count) for tp, count in shares(every, most).items()]
        seen.update((record.partition, record.offset) for portion in portions for record in portion.records)
        assert any(portion.records for portion in portions)
        every = {tp: each for tp, each in every.items() if not each.is_done}
    assert seen == Counter((p, offset) for p, times in enumerate(backlog) for offset in range(len(times)))


@given(backlogs, st.integers(1, 60))
def test_a_round_keeps_the_order_of_each_partition_and_of_time_between_them(
    backlog: list[list[int]], most: int
) -> None:
    _, portions = taken_of(backlog, most)
    merged = [record for _, run in in_time(portions) for record in run]
    for portion in portions:
        assert [r for r in merged if r.partition == portion.batch.tp.partition] == list(portion.records)
    latest: dict[int, int] = {}
    times: list[int] = []
    for record in merged:
        latest[record.partition] = max(latest.get(record.partition, 0), record.timestamp)
        times.append(latest[record.partition])
    assert times == sorted(times)


def test_what_fits_is_taken_whole() -> None:
    _, portions = taken_of([[1, 2], [9]], 10)
    assert [(len(portion.records), portion.offset) for portion in portions] == [(2, 2), (1, 1)]


def test_of_a_backlog_no_record_is_taken_that_is_later_than_what_may_still_come_before_it() -> None:
    _, portions = taken_of([list(range(100)), list(range(0, 400, 4))], 160)
    assert [len(portion.records) for portion in portions] == [100, 25]


def test_a_partition_that_ended_long_ago_does_not_hold_up_the_others() -> None:
    _, portions = taken_of([[0], list(range(100, 200))], 80)
    assert [len(portion.records) for portion in portions] == [1, 9]
    assert portions[1].offset == 9
