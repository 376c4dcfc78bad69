"""One line on standard error about how far a simulation is."""

import time
from typing import Final, TextIO

from tracker.domain.moment import DAY, Millis, text

_EVERY: Final = 0.5
"""Seconds between two lines on a terminal."""
_EVERY_LINE: Final = 10.0
"""Seconds between two lines where lines can't be overwritten."""
_WIDTH: Final = 24


class Progress:
    """Says how many reports went out and where the simulated clock stands.

    `shown` None: only when the stream is a terminal. Reads a monotonic clock, nothing else.
    """

    def __init__(self, stream: TextIO, start: Millis, until: Millis, *, shown: bool | None) -> None:
        self._stream, self._start, self._until = stream, start, until
        self._is_terminal = stream.isatty()
        self._shown = self._is_terminal if shown is None else shown
        self._began = time.monotonic()
        self._next = 0.0
        self._count = 0

    def update(self, count: int, clock: Millis) -> None:
        """Called as often as one likes; writes at most twice a second."""
        self._count = count
        if not self._shown or (now := time.monotonic()) < self._next:
            return
        self._next = now + (_EVERY if self._is_terminal else _EVERY_LINE)
        self._write(clock, "\r" if self._is_terminal else "\n")

    def end(self, clock: Millis) -> None:
        """The last line."""
        if self._shown:
            self._write(clock, "\n")

    def _write(self, clock: Millis, ending: str) -> None:
        seconds = max(1e-9, time.monotonic() - self._began)
        share = min(1.0, max(0.0, (clock - self._start) / max(1, self._until - self._start)))
        bar = "#" * round(share * _WIDTH)
        self._stream.write(
            f"simulate [{bar:<{_WIDTH}}] day {(clock - self._start) / DAY:5.1f} {text(clock)[:16]}Z "
            f"{self._count:>10,} reports {self._count / seconds:>8,.0f}/s{ending}"
        )
        self._stream.flush()
