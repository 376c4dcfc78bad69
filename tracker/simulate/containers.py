"""The containers there are: a bounded pool of valid numbers that rest at nodes between journeys."""

import heapq
from dataclasses import dataclass
from random import Random
from typing import Final

from tracker.domain.identifiers import check_digit, teu_of
from tracker.domain.moment import DAY, Millis

_OWNERS: Final = ("TBJU", "TKRU", "RZDU", "TCNU", "TEMU", "COSU", "KZTU", "CXRU", "ADYU", "TGHU")
"""Plausible owner codes, lessors and railways; none is claimed to own the serials drawn."""
_SIZES: Final = (("45G1", 78, 3_900), ("22G1", 16, 2_300), ("L5G1", 6, 4_800))
"""Size-type, share in per cent, tare in kg: block trains carry forty foot high cubes."""
_FORGOTTEN: Final = 20 * DAY
"""A container idle this long elsewhere may come back by ways nobody reports (sea, mostly)."""


@dataclass(slots=True, order=True)
class Container:
    """One container: its number, size-type, hundredths of a TEU and tare in kg. Ordered by number."""

    number: str
    size: str
    teu: int
    tare: int


class Pool:
    """Containers at rest, by node. Holds `size` numbers at most (200 bytes each)."""

    def __init__(self, rng: Random, size: int) -> None:
        self._rng = rng
        self._size = size
        self._numbers: set[str] = set()
        self._resting: dict[str, list[tuple[Millis, Container]]] = {}

    def take(self, node: str, now: Millis, hundredths: int) -> list[Container]:
        """Free containers at `node` up to about that much TEU; fewer when the pool is used up."""
        taken: list[Container] = []
        room = hundredths
        while room >= 100 and (container := self._next(node, now)) is not None:
            taken.append(container)
            room -= container.teu
        return taken

    def rest(self, container: Container, node: str, free: Millis) -> None:
        """Leaves a container at `node`, to be used again from `free` on."""
        heapq.heappush(self._resting.setdefault(node, []), (free, container))

    def _next(self, node: str, now: Millis) -> Container | None:
        here = self._resting.get(node)
        if here and here[0][0] <= now:
            return heapq.heappop(here)[1]
        if len(self._numbers) < self._size:
            return self._new()
        waiting = [(heap[0][0], place) for place, heap in self._resting.items() if heap]
        if waiting and (oldest := min(waiting))[0] <= now - _FORGOTTEN:
            return heapq.heappop(self._resting[oldest[1]])[1]
        return None

    def _new(self) -> Container:
        while True:
            stem = f"{self._rng.choice(_OWNERS)}{self._rng.randrange(1_000_000):06d}"
            if stem not in self._numbers:
                break
        self._numbers.add(stem)
        size, _, tare = self._rng.choices(_SIZES, [share for _, share, _ in _SIZES])[0]
        teu = teu_of(size)
        assert teu is not None
        return Container(f"{stem}{check_digit(stem)}", size, teu, tare)
