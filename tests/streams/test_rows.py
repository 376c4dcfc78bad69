"""Rows as they are stored, and the rule by which they are restored."""

import pytest

from tests.streams.toys import record
from tracker.streams.rows import NOWHERE, Repairs, packed, unpacked
from tracker.streams.stage import Record


def change(offset: int, key: str, row: bytes | None) -> Record:
    return record(offset, key)._replace(value=row)


def test_a_row_keeps_position_and_body() -> None:
    assert unpacked(packed(7, b"body")) == (7, b"body")


def test_a_grave_keeps_its_position() -> None:
    assert unpacked(packed(7, None)) == (7, None)
    assert len(packed(7, None)) == 8


def test_a_row_that_is_not_there_is_before_every_offset() -> None:
    assert unpacked(None) == (NOWHERE, None)
    assert NOWHERE < 0


@pytest.mark.parametrize("position", [0, 255, 256, 2**40])
def test_positions_compare_as_their_bytes(position: int) -> None:
    assert packed(position, b"\xff") < packed(position + 1, b"")


def restored(
    records: list[Record], before: dict[bytes, bytes] | None = None
) -> tuple[dict[bytes, bytes | None], dict[bytes, bytes]]:
    """What the records change, and what is to be repaired."""
    repairs = Repairs()
    held = before or {}
    return repairs.merge(0, records, lambda _, key: held.get(key)), repairs.take(0)


def test_the_higher_position_wins_whatever_comes_last() -> None:
    # A worker that was paused wrote its old row after the new owner's.
    changed, repairs = restored([change(0, "a", packed(9, b"new")), change(1, "a", packed(5, b"old"))])
    assert changed == {b"a": packed(9, b"new")}
    assert repairs == {b"a": packed(9, b"new")}, "to be written again, before compaction drops it"


def test_the_higher_position_wins_over_one_restored_before() -> None:
    changed, repairs = restored([change(1, "a", packed(5, b"old"))], {b"a": packed(9, b"new")})
    assert changed == {}
    assert repairs == {b"a": packed(9, b"new")}


def test_at_equal_positions_the_later_record_wins() -> None:
    # A sweep writes a row without a record having moved its position.
    changed, repairs = restored([change(0, "a", packed(9, b"before")), change(1, "a", packed(9, b"after"))])
    assert changed == {b"a": packed(9, b"after")}
    assert repairs == {}


def test_a_grave_is_not_undone_by_an_old_row() -> None:
    changed, _ = restored([change(0, "a", packed(9, None)), change(1, "a", packed(5, b"risen"))])
    assert changed == {b"a": packed(9, None)}


def test_what_was_to_be_repaired_is_not_once_a_better_row_has_come() -> None:
    changed, repairs = restored([
        change(0, "a", packed(9, b"new")), change(1, "a", packed(5, b"old")), change(2, "a", packed(10, b"newer")),
    ])  # fmt: skip
    assert changed == {b"a": packed(10, b"newer")}
    assert repairs == {}


def test_a_tombstone_removes_the_row() -> None:
    changed, repairs = restored([change(0, "a", packed(9, b"x")), change(1, "a", None)])
    assert changed == {b"a": None}
    assert repairs == {}


def test_repairs_are_of_their_partition_and_go_with_it() -> None:
    repairs = Repairs()
    for partition in (0, 1):
        repairs.merge(partition, [change(1, "a", packed(5, b"old"))], lambda _, key: packed(9, b"new"))
    repairs.drop(1)
    assert repairs.take(1) == {}
    assert repairs.take(0) == {b"a": packed(9, b"new")}
    assert repairs.take(0) == {}
