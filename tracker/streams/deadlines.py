"""Which containers of a partition have to be judged at a clock: a heap of deadlines, and those with news.

A sweep costs per container that is due, not per journey. The heap is made anew from the rows after a recovery, so a
restart forgets nothing.
"""

import heapq
from collections.abc import Iterable, Iterator

from tracker.domain.exceptions import Judgement, RailException
from tracker.domain.moment import Millis


class Deadlines:
    """One partition's. An entry of the heap that no longer holds is passed over when its time comes."""

    def __init__(self) -> None:
        """Nothing is due."""
        self._due: dict[bytes, Millis] = {}
        self._heap: list[tuple[Millis, bytes]] = []
        self._news: set[bytes] = set()
        self._open: dict[bytes, tuple[RailException, ...]] = {}

    def note(self, key: bytes, judgement: Judgement) -> None:
        """A row is stored with this judgement."""
        if judgement.news:
            self._news.add(key)
        else:
            self._news.discard(key)
        if judgement.due is None:
            self._due.pop(key, None)
        elif self._due.get(key) != judgement.due:
            self._due[key] = judgement.due
            heapq.heappush(self._heap, (judgement.due, key))
        if standing := tuple(each for each in judgement.exceptions if each.is_open):
            self._open[key] = standing
        else:
            self._open.pop(key, None)

    def due(self, upto: Millis, *, turned: bool) -> list[bytes]:
        """The keys to be judged at a clock; with `turned`, since incidents came or went, all that have exceptions."""
        found = set(self._news)
        while self._heap and self._heap[0][0] <= upto:
            at, key = heapq.heappop(self._heap)
            if self._due.get(key) == at:
                del self._due[key]
                found.add(key)
        return sorted(found | self._open.keys() if turned else found)

    def again(self, keys: Iterable[bytes]) -> None:
        """These were due and could not be judged."""
        self._news.update(keys)

    def open(self) -> Iterator[tuple[bytes, RailException]]:
        """Every open exception, with the key of its container."""
        for key, standing in self._open.items():
            for each in standing:
                yield key, each

    @property
    def waiting(self) -> int:
        """How many containers have a deadline or news."""
        return len(self._due.keys() | self._news)
