"""How fast one endpoint is told: deliveries under way at once, and the wait before another try."""

from collections import Counter
from random import Random
from typing import Final

from tracker.domain.moment import SECOND, Millis

UNDER_WAY_MAX: Final = 8
"""Deliveries under way to one endpoint: enough for 100 a second at 80 ms each."""
LONGEST_WAIT: Final = 3_600.0
"""Seconds an endpoint may ask to be left alone (`Retry-After`)."""


class Pace:
    """Fewer at once after each failure, more after each answer; waits that double, with full jitter."""

    def __init__(self, retry: tuple[float, float], chance: Random) -> None:
        """`retry`: first and longest seconds between two tries."""
        self._retry, self._chance = retry, chance
        self._window = UNDER_WAY_MAX / 2
        self._tries: Counter[str] = Counter()
        self._under_way = 0

    def has_room(self) -> bool:
        """Whether one more delivery may begin."""
        return self._under_way < int(self._window)

    def begin(self) -> None:
        """One begins."""
        self._under_way += 1

    def end(self) -> None:
        """One is over, whatever came of it."""
        self._under_way -= 1

    def answered(self, name: str) -> None:
        """The endpoint answered to the delivery of this name."""
        self._window = min(float(UNDER_WAY_MAX), self._window + 0.5)
        self._tries.pop(name, None)

    def failed(self, name: str, now: Millis, after: float | None = None) -> Millis:
        """A try failed; when to try again, not before what the endpoint asked for (`after`, seconds)."""
        self._window = max(1.0, self._window / 2)
        self._tries[name] += 1
        first, longest = self._retry
        # Full jitter: of many that failed together few come back together.
        wait = self._chance.uniform(0, min(longest, first * 2 ** min(self._tries[name] - 1, 30)))
        return Millis(now + int(max(wait, min(after or 0.0, LONGEST_WAIT)) * SECOND))

    def tries(self, name: str) -> int:
        """How many tries of it failed since this instance knows it."""
        return self._tries[name]

    def forget(self, name: str) -> None:
        """It is another's, or given up."""
        self._tries.pop(name, None)
