"""Which containers of a partition have to be judged at a clock: a heap of deadlines, and those with news.

A sweep costs per container that is due, not per journey. The heap is made anew from the rows after a recovery, so a
restart forgets nothing.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from tracker.domain.canary import is_canary
from tracker.domain.exceptions import Cause, Judgement, RailException, Rule, Severity
from tracker.domain.moment import Millis

Labels = tuple[str, str, str, str]


class Brief(msgspec.Struct, frozen=True, gc=False):
    """What lists of exceptions are filtered and sorted by; a fifth of the whole, which is read of those shown only."""

    deadline: Millis
    id: str
    rule: Rule
    severity: Severity
    cause: Cause
    corridor: str
    place: str


class Deadlines:
    """One partition's. A container may stand in the heap more than once: what is judged too early is harmless."""

    def __init__(self) -> None:
        """Nothing is due."""
        self._heap: list[tuple[Millis, bytes]] = []
        self._news: set[bytes] = set()
        self._open: dict[bytes, bytes] = {}  # encoded: a quarter of what the objects would take
        self._briefs: dict[bytes, list[Brief]] = {}  # of those who were listed; 7 MB where 30,000 are open
        self._over: dict[str, tuple[bytes, bytes, Brief]] = {}
        self.counts: Counter[Labels] = Counter()
        """Open exceptions by rule, severity, cause and corridor."""
        self.children: Counter[str] = Counter()
        """How many of them each incident explains."""

    def note(self, key: bytes, judgement: Judgement) -> None:
        """A row is stored with this judgement."""
        if judgement.news:
            self._news.add(key)  # judged at the next sweep, which will know its next deadline
        else:
            self._news.discard(key)
            if judgement.due is not None:
                heapq.heappush(self._heap, (judgement.due, key))
        if is_canary(key.decode()):
            return  # in no list and no count
        standing = [each for each in judgement.exceptions if each.is_open]
        self._note_over(key, judgement.exceptions)
        before = self._open.pop(key, None)
        if before is not None:
            self._briefs.pop(key, None)
            gone = _decode(before)
            self.counts.subtract(map(_labels, gone))
            self.children.subtract(_incidents(gone))
        if standing:
            self._open[key] = _encode(standing)
            self.counts.update(map(_labels, standing))
            self.children.update(_incidents(standing))

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

    def over(self) -> Iterator[tuple[bytes, Brief]]:
        """Exceptions that were resolved, of those noted last; with the key of their container."""
        for key, _, brief in self._over.values():
            yield key, brief

    def _note_over(self, key: bytes, exceptions: Iterable[RailException]) -> None:
        """Those that are new here are the last ones; one that is open again is none of them."""
        for each in exceptions:
            if each.is_open:
                self._over.pop(each.id, None)
            elif each.id not in self._over:
                self._over[each.id] = (key, _encode([each]), _brief(each))
                if len(self._over) > OVER_MAX:
                    self._over.pop(next(iter(self._over)))

    def open(self) -> Iterator[tuple[bytes, Brief]]:
        """Every open exception, with the key of its container."""
        for key, standing in self._open.items():
            found = self._briefs.get(key)
            if found is None:
                found = self._briefs[key] = [_brief(each) for each in _decode(standing)]
            for each in found:
                yield key, each

    def whole(self, key: bytes, exception: str) -> RailException:
        """One that was listed just now. Raises KeyError where there is no such one."""
        if exception in self._over:
            return _decode(self._over[exception][1])[0]
        return {each.id: each for each in _decode(self._open[key])}[exception]


OVER_MAX: Final = 2_000
"""Resolved exceptions of a partition that can be asked for: 0.5 MB. The rest is on `rail.exceptions`."""


def _brief(each: RailException) -> Brief:
    return Brief(each.deadline, each.id, each.rule, each.severity, each.cause, each.corridor, each.place)


def _labels(exception: RailException) -> Labels:
    return exception.rule, exception.severity, exception.cause, exception.corridor


def _incidents(standing: Iterable[RailException]) -> Iterator[str]:
    return (each.incident for each in standing if each.incident is not None)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[RailException]).decode
