"""Few lines, also when a broker is down; one JSON object per line where that is asked for."""

import json
import logging
import sys

from tracker.streams.logs import LINES_MAX, WINDOW_SECONDS, JsonFormatter, Limit


def line(name: str = "aiokafka", message: str = "no connection to %s", *args: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args or ("node 1",), None)


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_logger_that_repeats_itself_is_held_back_and_says_how_often() -> None:
    clock = Clock()
    limit = Limit(clock)
    assert sum(limit.filter(line()) for _ in range(LINES_MAX + 700)) == LINES_MAX
    clock.now += WINDOW_SECONDS + 0.1
    after = line()
    assert limit.filter(after)
    assert after.getMessage() == "no connection to node 1 (and 700 lines held back before)"


def test_loggers_of_one_library_have_windows_of_their_own() -> None:
    limit = Limit(Clock())
    assert sum(limit.filter(line("aiokafka")) for _ in range(LINES_MAX + 1)) == LINES_MAX
    assert limit.filter(line("aiokafka.consumer.group_coordinator"))


def test_our_own_lines_are_never_held_back() -> None:
    limit = Limit(Clock())
    assert all(limit.filter(line("tracker.streams.worker")) for _ in range(1_000))


def test_a_line_of_json_says_when_where_and_what() -> None:
    record = line("tracker.streams.worker", "given up, %s", "no longer ours")
    record.created = 1_772_354_400.25
    assert json.loads(JsonFormatter().format(record)) == {
        "at": "2026-03-01T08:40:00.250Z",
        "level": "error",
        "logger": "tracker.streams.worker",
        "message": "given up, no longer ours",
    }


def test_an_exception_stays_in_its_line() -> None:
    record = line()
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record.exc_info = sys.exc_info()
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert "ValueError: two\nlines" in json.loads(text)["exception"]
