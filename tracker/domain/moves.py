"""How the expected arrival of an open journey moved: what was expected with each report about it, and once a day."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tracker.domain.chronicle import Knowledge, Step
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, MINUTE, Millis
from tracker.domain.outlook import MOVED, Expectation, arrival_of

AT_ONCE: Final = 10 * MINUTE
"""Reports of one container that come within are told together."""


def moves(
    steps: Sequence[Step], journey: str, lines: Lines, knowledge: Knowledge, upto: Millis
) -> Iterator[Expectation]:
    """What was expected of a journey up to a clock, each time that it had moved by an hour or more.

    As `outlook.expectations`, but looked at daily between two reports and not every six hours: this is for a page that
    is asked for, where a look of 0.1 ms counts.
    """
    last: Expectation | None = None
    for step, clock in _looks(steps, journey, upto):
        assert step.position is not None
        arrival = arrival_of(step.position, lines, knowledge, clock)
        if arrival is not None and (last is None or abs(arrival.at - last.arrival.at) >= MOVED):
            last = Expectation(journey, clock, arrival)
            yield last


def _looks(steps: Sequence[Step], journey: str, upto: Millis) -> Iterable[tuple[Step, Millis]]:
    """Of several reports received at once only the last is looked at: a list of many takes seconds to come in."""
    mine = [each for each in steps if each.received <= upto and each.position and each.position.journey == journey]
    for at, step in enumerate(mine):
        end = mine[at + 1].received if at + 1 < len(mine) else upto + 1
        if at + 1 < len(mine) and end - step.received < AT_ONCE:
            continue
        yield from ((step, Millis(clock)) for clock in range(step.received, end, DAY))
