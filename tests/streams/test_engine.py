"""One portion through one stage: what is written, in which order, and what a crash or a poison record changes."""

import asyncio
import base64
import json
from collections.abc import Iterable
from time import monotonic

import pytest

from tests.streams.toys import OUT, TOPIC, Appending, Crash, World, batch, record
from tracker.streams.engine import SLICE, SLICE_SECONDS, Engine
from tracker.streams.merge import Portion
from tracker.streams.observer import Silence
from tracker.streams.stage import Output, Record
from tracker.streams.topics import REJECTED


class Counting(Silence):
    """Counts poison records and batches."""

    def __init__(self) -> None:
        self.poisoned: list[int] = []
        self.batches: list[tuple[str, str, int, int]] = []

    def poison(self, stage: str, topic: str, partition: int, offset: int) -> None:
        self.poisoned.append(offset)

    def batch(self, stage: str, topic: str, partition: int, records: int, seconds: float) -> None:
        self.batches.append((stage, topic, partition, records))


async def run(world: World, records: list[Record], stage: Appending | None = None) -> Appending:
    stage = stage or Appending()
    end = records[-1].offset + 1
    await Engine(stage, world, Silence()).process([Portion(batch(records[0].offset, end), records, end)])
    return stage


async def test_records_of_a_key_are_applied_in_order_and_its_row_is_written_once() -> None:
    world = World()
    stage = await run(world, [record(0, "a", "1"), record(1, "b", "2"), record(2, "a", "3")])
    assert world.body("a") == (2, b"1 3")
    assert world.body("b") == (1, b"2")
    assert [output.value for output in world.written] == [b"0:1", b"1:2", b"2:1 3"]
    assert world.step == 5  # three outputs, two rows
    assert stage.seen == [(0, [(b"a", ["1", "3"]), (b"b", ["2"])])]


async def test_records_a_row_reflects_already_are_skipped() -> None:
    world = World()
    world.put("a", 5, b"x")
    await run(world, [record(4, "a", "1"), record(5, "a", "2"), record(6, "a", "3")])
    assert world.body("a") == (6, b"x 3")
    assert [output.value for output in world.written] == [b"6:x 3"]


async def test_a_row_that_nothing_changed_is_not_written() -> None:
    world = World()
    world.put("a", 5, b"x")
    stage = await run(world, [record(4, "a", "1")])
    assert world.step == 0
    assert stage.seen == [(0, [])]


async def test_a_row_given_up_becomes_a_grave_that_keeps_its_position() -> None:
    world = World()
    await run(world, [record(0, "a", "1"), record(1, "a", "drop")])
    assert world.body("a") == (1, None)
    await run(world, [record(1, "a", "late"), record(2, "a", "new")])
    assert world.body("a") == (2, b"new")


@pytest.mark.parametrize("fault", ["!apply", "!dump"])
async def test_a_record_that_breaks_its_row_leaves_it_as_it_was_before(fault: str) -> None:
    world = World()
    world.put("a", 0, b"x")
    await run(world, [record(1, "a", "1"), record(2, "b", "2"), record(3, "a", fault), record(4, "a", "4")])
    assert world.body("a") == (4, b"x 1 4")
    assert world.body("b") == (2, b"2")
    assert [o.value for o in world.written if o.topic == OUT] == [b"1:x 1", b"2:2", b"4:x 1 4"]
    assert [o.key for o in world.written if o.topic == REJECTED] == [b"in-0-3"]


async def test_a_row_that_only_poison_came_for_is_not_written() -> None:
    world = World()
    await run(world, [record(0, "a", "!apply")])
    assert world.stored == {}


async def test_a_record_that_cannot_be_read_is_rejected_with_everything_about_it() -> None:
    world = World()
    bad = Record(TOPIC, 3, 7, 1_772_354_400_250, b"\xff", b"!read", (("ce_id", b"\x00\x01"),))
    observer = Counting()
    await Engine(Appending(), world, observer).process([Portion(batch(7, 8, 3), [bad], 8)])
    [rejected] = world.written
    assert (rejected.topic, rejected.key) == (REJECTED, b"in-3-7")
    assert rejected.value is not None
    body = json.loads(rejected.value)
    assert body["origin"] == {"topic": "in", "partition": 3, "offset": 7, "index": 0}
    assert body["received_at"] == "2026-03-01T08:40:00.250Z"
    assert (base64.b64decode(body["key"]), base64.b64decode(body["raw"])) == (b"\xff", b"!read")
    assert [(name, base64.b64decode(value)) for name, value in body["headers"]] == [("ce_id", b"\x00\x01")]
    assert body["outcome"] == "rejected"
    [fault] = body["faults"]
    assert (fault["code"], fault["severity"], fault["seen"]) == ("E001", "error", "ValueError: cannot be read")
    assert observer.poisoned == [7]
    assert observer.batches == [("journeys", "in", 3, 1)]


async def test_a_record_without_key_and_value_is_rejected_too() -> None:
    world = World()
    await run(world, [record(0, None, None), record(1, "a", "1")])
    assert world.body("a") == (1, b"1")
    assert json.loads(world.written[0].value or b"")["raw"] is None


async def test_a_stored_row_that_cannot_be_read_rejects_its_records_and_no_others() -> None:
    world = World()
    world.put("a", 0, b"\xff")
    await run(world, [record(1, "a", "1"), record(2, "b", "2"), record(3, "a", "3")])
    assert [o.key for o in world.written if o.topic == REJECTED] == [b"in-0-1", b"in-0-3"]
    assert world.body("a") == (0, b"\xff")
    assert world.body("b") == (2, b"2")


async def test_a_portion_longer_than_a_slice_is_one_write_per_row() -> None:
    world = World()
    await run(world, [record(offset, "a", "1") for offset in range(2 * SLICE + 1)])
    position, body = world.body("a")
    assert (position, body and len(body.split())) == (2 * SLICE, 2 * SLICE + 1)
    assert world.step == 2 * SLICE + 2


async def test_others_have_their_turn_between_partitions_whose_rows_take_long() -> None:
    class Slow(Appending):
        def dump(self, row: list[str]) -> bytes | None:
            until = monotonic() + 2 * SLICE_SECONDS
            while monotonic() < until:
                pass
            return super().dump(row)

    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    portions = [Portion(batch(0, 1, place), [record(0, str(place), "1")], 1) for place in range(8)]
    beside = asyncio.create_task(others())
    world = World()
    slow = asyncio.create_task(Engine(Slow(), world, Silence()).process(portions))
    while not world.written:
        if slow.done():
            await slow  # it failed before it wrote
        await asyncio.sleep(0)
    before = turns
    await slow
    beside.cancel()
    assert before >= 8


async def test_of_the_engines_of_a_worker_one_works_in_each_turn_of_the_loop() -> None:
    turn, worked = 0, list[tuple[int, str]]()

    async def turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    class Slow(Appending):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def dump(self, row: list[str]) -> bytes | None:
            until = monotonic() + 2 * SLICE_SECONDS
            while monotonic() < until:
                pass
            worked.append((turn, self.name))
            return super().dump(row)

    working = asyncio.Lock()
    portions = [Portion(batch(0, 1, place), [record(0, str(place), "1")], 1) for place in range(6)]
    engines = [Engine(Slow(name), World(), Silence(), working) for name in ("intake", "journeys")]
    counter = asyncio.create_task(turns())
    await asyncio.gather(*(each.process(portions) for each in engines))
    counter.cancel()
    assert len({turn for turn, _ in worked}) == len(worked) == 12
    assert [name for _, name in worked[:4]] == ["intake", "journeys", "intake", "journeys"], "each has its turn"


RECORDS = [
    record(0, "a", "1"), record(1, "b", "2"), record(2, "a", "!apply"), record(3, "a", "3"), record(4, "c", "!read"),
    record(5, "b", "!dump"), record(6, "b", "4"), record(7, "c", "5"),
]  # fmt: skip


async def test_a_crash_between_any_two_steps_changes_nothing_in_the_end() -> None:
    smooth = World()
    await run(smooth, RECORDS)
    for crash_at in range(smooth.step):
        world = World()
        world.crash_at = crash_at
        with pytest.raises(Crash):
            await run(world, RECORDS)
        assert not world.stored or set(smooth.written) <= set(world.written), "rows only after all outputs"
        world.crash_at = -1
        await run(world, RECORDS)  # the offset was not committed: a new worker reads them again
        assert world.stored == smooth.stored
        assert _told_apart(world.written) == _told_apart(smooth.written)


async def test_batches_may_be_cut_differently_after_a_crash() -> None:
    smooth = World()
    await run(smooth, RECORDS)
    for cut in range(1, len(RECORDS)):
        world = World()
        await run(world, RECORDS[:cut])
        for begin in range(cut + 1):  # read again from anywhere before
            if begin < len(RECORDS):
                await run(world, RECORDS[begin:])
        assert world.stored == smooth.stored


def _told_apart(written: list[Output]) -> set[tuple[str, bytes | None, bytes | None]]:
    """Outputs as their readers see them: a repeated one carries the same position and content, and is known by it."""
    return {(output.topic, output.key, output.value) for output in written}


class Toilsome(Appending):
    """Takes long for each record, as a train's report does that moves a hundred containers."""

    def apply(self, row: list[str], event: str, record: Record) -> Iterable[Output]:
        busy_until = monotonic() + 0.004
        while monotonic() < busy_until:
            pass
        return super().apply(row, event, record)


async def test_others_have_their_turns_while_few_records_take_long() -> None:
    turns = 0

    async def counting() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(counting())
    await run(World(), [record(offset, "a", "1") for offset in range(60)], Toilsome())
    counter.cancel()
    assert turns > 3, "an acknowledgement takes some turns"
