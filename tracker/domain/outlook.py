"""How an open journey stands, and when it is expected at its end: what is shown of it beside where it has been."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.domain.exceptions import RailException, State, Watch
from tracker.domain.expected import HIGH_Q, LOW_Q, expected_of
from tracker.domain.judgement import state_of
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis
from tracker.domain.position import Position


class Arrival(NamedTuple):
    """An expected arrival: the median, and the interval that holds four of five."""

    at: Millis
    low: Millis
    high: Millis


class Outlook(NamedTuple):
    """`expected` is None where the goal is not known, or the container is there."""

    state: State = "unknown"
    expected: Arrival | None = None


def outlook(
    position: Position | None,
    held: Sequence[RailException],
    watched: Sequence[Watch],
    lines: Lines,
    clock: Millis,
) -> Outlook:
    """The outlook at a clock, of what is known and judged by then."""
    if position is None:
        return Outlook()
    found = expected_of(position, lines)
    arrival = None if found is None else Arrival(*(found.at_clock(clock, q) for q in (0.5, LOW_Q, HIGH_Q)))
    return Outlook(state_of(held, watched, clock), arrival)
