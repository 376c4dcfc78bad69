"""What the containers of one partition say of carriers, as it is published for all workers.

A record on `rail.situation` is one day of one partition; the sum over partitions is what `tracker batch` counts.

    testimony:7:20551   {"utlc": [[-2, 40], [-1, 37], [8241, 2]], "@KZ-KURYK": [[-2, 1]]}

each: a key of `tracker.domain.testimony`, and how often.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from tracker.domain.testimony import KEPT_DAYS

PREFIX: Final = b"testimony:"
Cells = Counter[tuple[str, int]]
"""Who and key to how often."""


class Statements:
    """One partition's."""

    def __init__(self) -> None:
        """Nothing is said."""
        self._days: dict[int, Cells] = {}
        self._changed: set[int] = set()

    def add(self, cells: Mapping[tuple[int, str, int], int], sign: int = 1) -> None:
        """So much more; `sign` -1: taken back. Days that are too old are let go."""
        for (day, who, key), times in cells.items():
            self._days.setdefault(day, Counter())[who, key] += sign * times
            self._changed.add(day)
        if cells and min(self._days) <= (oldest := max(self._days) - KEPT_DAYS):
            self._changed.update(day for day in self._days if day <= oldest)
            self._days = {day: found for day, found in self._days.items() if day > oldest}

    def changes(self) -> set[int]:
        """The days that changed since they were last asked for."""
        changed, self._changed = self._changed, set()
        return changed

    def all_changed(self, published: Iterable[int]) -> None:
        """Every day is to be looked at again, and those that another published."""
        self._changed |= self._days.keys() | set(published)

    def value(self, day: int) -> bytes | None:
        """What is to be published of a day; None: nothing."""
        said: dict[str, list[tuple[int, int]]] = {}
        for (who, key), times in sorted(self._days.get(day, Counter[tuple[str, int]]()).items()):
            if times:
                said.setdefault(who, []).append((key, times))
        return _encode(said) if said else None


def testimony_key(partition: int, day: int) -> bytes:
    """The key of a record."""
    return PREFIX + f"{partition}:{day}".encode()


def read_testimony(value: bytes | None) -> Cells:
    """The cells of a record. Raises `msgspec.DecodeError` when it is none."""
    cells: Cells = Counter()
    for who, entries in ({} if value is None else _decode(value)).items():
        for key, times in entries:
            cells[who, key] = times
    return cells


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, list[tuple[int, int]]]).decode
