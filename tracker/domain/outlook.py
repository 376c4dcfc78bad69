"""How an open journey stands, and when it is expected at its end: what is shown of it beside where it has been."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from tracker.domain.chronicle import Step
from tracker.domain.exceptions import RailException, State, Watch
from tracker.domain.expected import HIGH_Q, LOW_Q, expected_of
from tracker.domain.judgement import state_of
from tracker.domain.lines import Lines
from tracker.domain.moment import HOUR, Millis
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


class Expectation(NamedTuple):
    """When a journey was expected, as of the clock `made`."""

    journey: str
    made: Millis
    arrival: Arrival


MOVED: Final = HOUR
"""An expected arrival that moves by less is the same."""


def expectations(steps: Iterable[Step], lines: Lines, upto: Millis) -> Iterator[Expectation]:
    """What was expected of a container's journeys at each report received up to a clock, where it moved."""
    last: Expectation | None = None
    for step in steps:
        if step.received > upto:
            return
        arrival = None if step.position is None else arrival_of(step.position, lines, step.received)
        if arrival is None or step.position is None:
            continue
        journey = step.position.journey
        if last is None or last.journey != journey or abs(arrival.at - last.arrival.at) >= MOVED:
            last = Expectation(journey, step.received, arrival)
            yield last


def arrival_of(position: Position, lines: Lines, clock: Millis) -> Arrival | None:
    """When a container is expected at its end, as of a clock; None where that is not known."""
    found = expected_of(position, lines)
    return None if found is None else Arrival(*(found.at_clock(clock, q) for q in (0.5, LOW_Q, HIGH_Q)))


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
    return Outlook(state_of(held, watched, clock), arrival_of(position, lines, clock))
