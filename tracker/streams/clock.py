"""The clock that ends windows: the wall's, or the newest time in the data for replays and simulation."""

import time
from typing import Protocol

from tracker.domain.moment import Millis


class Clock(Protocol):
    """Says what time it is for the figures; stages tell it the times they see."""

    def now(self) -> Millis:
        """The moment at which windows end."""

    def saw(self, moment: Millis) -> None:
        """A received or event time was seen in the data."""


class WallClock:
    """The machine's clock in UTC; may step back a little when the machine's time is corrected."""

    def now(self) -> Millis:
        """The current moment."""
        return Millis(time.time_ns() // 1_000_000)

    def saw(self, moment: Millis) -> None:
        """Ignored: the wall doesn't ask the data."""


class DataClock:
    """The newest time seen in the data; never steps back. Before anything was seen it is 1970."""

    def __init__(self) -> None:
        """Nothing seen."""
        self._newest = Millis(0)

    def now(self) -> Millis:
        """The newest moment seen."""
        return self._newest

    def saw(self, moment: Millis) -> None:
        """Moves the clock forward to `moment`, never back."""
        self._newest = max(self._newest, moment)
