"""What many readers ask for is made once and shown to all, and so seldom that making it takes little of the time.

The worker's loop is one: what readers take of it the stream does not have.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

SHARE: Final = 0.0025
"""Of the time, what making one thing again and again may take: what takes 10 ms is made every four seconds. A dozen
pages are looked at at once; at twice as much, 20 views a second of all sorts cost the stream 11 %."""
LONGEST_SECONDS: Final = 10.0
"""After so long everything is made anew, however long that takes: a person on duty looks at it."""

T = TypeVar("T")


class Seldom(Generic[T]):
    """Holds one thing, and makes it anew when it is asked for and old enough."""

    def __init__(self, make: Callable[[], T], least: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`least`: seconds for which it is shown in any case."""
        self._make, self._least, self._clock = make, least, clock
        self._held: T | None = None
        self._until = 0.0

    def get(self) -> T:
        """The thing, as old as may be."""
        began = self._clock()
        if self._held is None or began >= self._until:
            self._held = self._make()
            now = self._clock()
            self._until = now + hold(now - began, self._least)
        return self._held


class Shared:
    """Texts by name, each made by one of those who ask for it while the others wait, and shown to all for a while.

    The names come from readers: only the last so many are kept.
    """

    def __init__(self, least: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`least`: seconds for which a text is shown in any case; `most`: how many are kept."""
        self._least, self._most, self._clock = least, most, clock
        self._held: OrderedDict[tuple[str, ...], _Held] = OrderedDict()

    async def get(self, name: tuple[str, ...], make: Callable[[], Awaitable[str]]) -> bytes:
        """The text of a name; what `make` raises is not kept."""
        held = self._held.setdefault(name, _Held())
        self._held.move_to_end(name)
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        async with held.turn:
            began = self._clock()
            if held.body is None or began >= held.until:
                held.body = (await make()).encode()
                now = self._clock()
                held.until = now + hold(now - began, self._least)
            return held.body

    def forget(self) -> None:
        """Show nothing again: what was said has just been changed by somebody who wants to see that."""
        self._held.clear()


class _Held:
    __slots__ = ("body", "turn", "until")

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.until = 0.0
        self.turn = asyncio.Lock()


def hold(took: float, least: float) -> float:
    """For how many seconds something is shown that took so long to make.

    >>> hold(0.002, 1.0), hold(0.01, 1.0), hold(2.0, 1.0)
    (1.0, 4.0, 10.0)
    """
    return min(LONGEST_SECONDS, max(least, took / SHARE))
