"""Logs of a worker: few lines, text or JSON, to standard error. No line per event."""

import json
import logging
import sys
from collections import defaultdict
from collections.abc import Callable
from time import monotonic
from typing import Final

from tracker.domain.moment import SECOND, Millis, text

NOISY: Final = ("aiokafka",)
"""Loggers that repeat themselves: a broker that is down gives some 700 lines a second."""

LINES_MAX: Final = 10
WINDOW_SECONDS: Final = 10.0
"""`LINES_MAX` lines of each noisy logger in a window; what is left out is counted."""


class Limit(logging.Filter):
    """Lets a few lines of each noisy logger through, and says how many it held back."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Nothing held back yet; `clock` gives seconds."""
        super().__init__()
        self._clock = clock
        self._windows: defaultdict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if record.name.partition(".")[0] not in NOISY:
            return True
        begun, lines = self._windows[record.name]
        now = self._clock()
        if now - begun > WINDOW_SECONDS:
            if lines > LINES_MAX:
                record.msg = f"{record.getMessage()} (and {lines - LINES_MAX} lines held back before)"
                record.args = None
            begun, lines = now, 0
        self._windows[record.name] = begun, lines + 1
        return lines < LINES_MAX


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "at": text(Millis(int(record.created * SECOND))),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(log_format: str, level: str) -> None:
    """Set up the root logger of this process; called once, by the command that runs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter() if log_format == "json" else logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    handler.addFilter(Limit())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("faust", "mode", "aiokafka"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    # It warns of timers that come late, as they do in every backlog; lag and readiness tell of what matters.
    logging.getLogger("mode.timers").setLevel(logging.ERROR)
