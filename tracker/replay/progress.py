"""How far a replay is, and when it will end: one line now and then on standard error."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final, TextIO

EVERY_SECONDS: Final = 0.5
"""Between two lines on a terminal."""
EVERY_LINE_SECONDS: Final = 10.0
"""Between two lines where lines can't be overwritten."""
_WIDTH: Final = 24


class Progress:
    """Says how many of how many, how fast, and when all will be done at that pace; `shown` False: nothing."""

    def __init__(self, stream: TextIO, what: str, *, shown: bool) -> None:
        self._stream, self._what, self._shown = stream, what, shown
        self._is_terminal = stream.isatty()
        self._began, self._next = time.monotonic(), 0.0

    def update(self, count: int, total: int | None, *, last: bool = False) -> None:
        """Called as often as one likes. Without a total there is no end to be expected."""
        now = time.monotonic()
        if not self._shown or (now < self._next and not last):
            return
        self._next = now + (EVERY_SECONDS if self._is_terminal else EVERY_LINE_SECONDS)
        ending = "\r" if self._is_terminal and not last else "\n"
        self._stream.write(line(self._what, count, total, now - self._began, datetime.now(UTC)) + ending)
        self._stream.flush()


def line(what: str, count: int, total: int | None, seconds: float, now: datetime) -> str:
    """What is said after so many seconds.

    >>> line("replay", 250, 1000, 10.0, datetime(2026, 3, 1, 12, tzinfo=UTC))
    'replay [######                  ]        250 of 1,000 reports       25/s, ends about 12:00:30Z'
    """
    rate = count / max(1e-9, seconds)
    if total is None:
        return f"{what} {count:>10,} reports {rate:>8,.0f}/s"
    share = min(1.0, count / max(1, total))
    end = ""
    if 0 < count < total:
        end = f", ends about {now + timedelta(seconds=(total - count) / rate):%H:%M:%SZ}"
    return f"{what} [{'#' * int(share * _WIDTH):<{_WIDTH}}] {count:>10,} of {total:,} reports {rate:>8,.0f}/s{end}"
