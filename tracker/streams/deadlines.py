"""Which containers of a partition have to be judged at a clock: a heap of deadlines, and those with news.

A sweep costs per container that is due, not per journey. The heap is made anew from the rows after a recovery, so a
restart forgets nothing.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from tracker.domain.exceptions import Judgement, RailException
from tracker.domain.moment import Millis

Labels = tuple[str, str, str, str]


class Deadlines:
    """One partition's. A container may stand in the heap more than once: what is judged too early is harmless."""

    def __init__(self) -> None:
        """Nothing is due."""
        self._heap: list[tuple[Millis, bytes]] = []
        self._news: set[bytes] = set()
        self._open: dict[bytes, bytes] = {}  # encoded: a quarter of what the objects would take
        self.counts: Counter[Labels] = Counter()
        """Open exceptions by rule, severity, cause and corridor."""

    def note(self, key: bytes, judgement: Judgement) -> None:
        """A row is stored with this judgement."""
        if judgement.news:
            self._news.add(key)  # judged at the next sweep, which will know its next deadline
        else:
            self._news.discard(key)
            if judgement.due is not None:
                heapq.heappush(self._heap, (judgement.due, key))
        standing = [each for each in judgement.exceptions if each.is_open]
        before = self._open.pop(key, None)
        if before is not None:
            self.counts.subtract(map(_labels, _decode(before)))
        if standing:
            self._open[key] = _encode(standing)
            self.counts.update(map(_labels, standing))

    def due(self, upto: Millis, *, turned: bool) -> list[bytes]:
        """The keys to be judged at a clock; with `turned`, since incidents came or went, all that have exceptions."""
        found = set(self._news)
        while self._heap and self._heap[0][0] <= upto:
            found.add(heapq.heappop(self._heap)[1])
        if turned:
            found |= self._open.keys()
        return sorted(found)

    def again(self, keys: Iterable[bytes]) -> None:
        """These were due and could not be judged."""
        self._news.update(keys)

    def open(self) -> Iterator[tuple[bytes, RailException]]:
        """Every open exception, with the key of its container."""
        for key, standing in self._open.items():
            for each in _decode(standing):
                yield key, each


def _labels(exception: RailException) -> Labels:
    return exception.rule, exception.severity, exception.cause, exception.corridor


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[RailException]).decode
