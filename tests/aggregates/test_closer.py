"""Parts of several workers: a train whose containers two of them have is one train."""

from msgspec.structs import replace

from tracker.aggregates.closer import ENCODER, NODE, Due, NodePart, due_in, stays_in
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Direction

WEST = Direction.WESTBOUND
TRAIN = Due("8001", "KZ-EDGE", "middle", WEST, 30, Millis(0), Millis(10 * HOUR), Millis(8 * HOUR), Millis(14 * HOUR))


def test_a_train_of_two_workers_is_one_foreseen_by_who_has_more_of_it() -> None:
    fewer = replace(TRAIN, containers=25, departed=Millis(-HOUR), at=Millis(11 * HOUR))
    for parts in ([[TRAIN], [fewer]], [[fewer], [TRAIN]]):
        found = due_in(NodePart(Millis(0), due=each) for each in parts)
        assert found == [replace(TRAIN, containers=55, departed=Millis(-HOUR))]


def test_trains_are_in_the_order_in_which_they_are_expected() -> None:
    later, unnamed = replace(TRAIN, name="8002", at=Millis(20 * HOUR)), replace(TRAIN, name=None, at=Millis(5 * HOUR))
    found = due_in([NodePart(Millis(0), due=[later, TRAIN, unnamed])])
    assert [each.name for each in found] == [None, "8001", "8002"]


def test_a_part_is_the_same_after_its_way_between_workers() -> None:
    part = NodePart(Millis(5), [(WEST, [Millis(1)]), (None, [Millis(2)])], [], [TRAIN], 7)
    assert NODE.decode(ENCODER.encode(part)) == part
    assert stays_in([part, part]) == {WEST: [1, 1], None: [2, 2]}
