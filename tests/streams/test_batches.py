"""The chain of positions, and what counts as held."""

from faust.types import TP

from tests.streams.toys import batch
from tracker.streams.batches import Chain, Held, Verdict

HERE, THERE = TP("in", 0), TP("in", 1)


def test_a_partition_that_was_not_sought_takes_no_batch() -> None:
    assert Chain().judge(HERE, 0) is Verdict.UNKNOWN


def test_a_batch_joins_where_the_one_before_ended() -> None:
    chain = Chain()
    chain.begin(HERE, 10)
    assert chain.judge(HERE, 10) is Verdict.JOINS
    chain.finish(HERE, 20)
    assert chain.judge(HERE, 20) is Verdict.JOINS


def test_a_batch_that_begins_later_shows_a_hole() -> None:
    #   10 ---- 20 |      | 30 ----
    chain = Chain()
    chain.begin(HERE, 10)
    chain.finish(HERE, 20)
    assert chain.judge(HERE, 21) is Verdict.HOLE
    assert chain.next(HERE) == 20


def test_a_batch_that_begins_earlier_joins_and_what_is_known_is_left_out() -> None:
    chain = Chain()
    chain.begin(HERE, 10)
    chain.finish(HERE, 20)
    assert chain.judge(HERE, 15) is Verdict.JOINS
    assert chain.next(HERE) == 20


def test_only_what_was_finished_may_be_committed() -> None:
    chain = Chain()
    chain.begin(HERE, 10)
    assert chain.done(HERE) is None
    assert chain.finished() == []
    chain.finish(HERE, 20)
    assert chain.done(HERE) == 20
    assert chain.finished() == [HERE]


def test_a_chain_never_goes_back_by_finishing() -> None:
    chain = Chain()
    chain.begin(HERE, 10)
    chain.finish(HERE, 20)
    chain.finish(HERE, 15)
    assert (chain.next(HERE), chain.done(HERE)) == (20, 20)


def test_finishing_a_partition_that_is_not_ours_begins_no_chain() -> None:
    chain = Chain()
    chain.finish(HERE, 20)
    assert chain.judge(HERE, 20) is Verdict.UNKNOWN
    assert chain.done(HERE) is None


def test_seeking_begins_anew_with_nothing_to_commit() -> None:
    chain = Chain()
    chain.begin(HERE, 10)
    chain.finish(HERE, 20)
    chain.begin(HERE, 15)
    assert (chain.next(HERE), chain.done(HERE)) == (15, None)


def test_partitions_have_chains_of_their_own_until_they_are_forgotten() -> None:
    chain = Chain()
    chain.begin(HERE, 10)
    chain.begin(THERE, 0)
    chain.finish(THERE, 5)
    assert (chain.next(HERE), chain.next(THERE), sorted(chain)) == (10, 5, [HERE, THERE])
    chain.forget()
    assert (list(chain), chain.finished()) == ([], [])


def test_a_stage_that_is_behind_leaves_the_room_of_the_others() -> None:
    held = Held(100, {"in": "intake", "other": "journeys"}.__getitem__, 2)
    assert held.has_room(HERE)
    waiting = batch(0, 50, held=held)
    assert not held.has_room(THERE)  # its stage has used up its share
    assert held.has_room(TP("other", 0))
    assert held.bytes_left == 50
    waiting.release()
    assert held.has_room(HERE)


def test_a_partition_has_one_batch_in_work_and_one_waiting() -> None:
    held = Held(1_000, lambda _: "intake", 1)
    first, second = batch(0, 1, held=held), batch(1, 2, held=held)
    assert not held.has_room(HERE)
    assert held.has_room(THERE)
    first.release()
    assert held.has_room(HERE)
    second.release()


def test_a_worker_is_behind_while_a_mebibyte_waits() -> None:
    held = Held(10 * Held.BEHIND_BYTES, lambda _: "intake", 1)
    first = batch(0, Held.BEHIND_BYTES, held=held)
    assert not held.is_behind
    second = batch(Held.BEHIND_BYTES, Held.BEHIND_BYTES + 1, held=held)
    assert held.is_behind
    first.release()
    assert not held.is_behind
    second.release()


def test_a_batch_counts_until_it_is_released_or_dropped() -> None:
    held = Held(1_000, lambda _: "intake", 1)
    finished, dropped = batch(0, 10, held=held), batch(10, 30, held=held)
    assert held.bytes_left == 970
    finished.release()
    finished.release()  # twice is once
    assert (held.bytes_left, held.holds(HERE)) == (980, True)
    del dropped  # as Faust does around rebalances: nothing refers to it any more
    assert (held.bytes_left, held.holds(HERE)) == (1_000, False)
