"""How an open journey stands, and when it is expected at its end: what is shown of it beside where it has been."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from tracker.domain.chronicle import Knowledge, Step
from tracker.domain.claim import claims_of, reporters_of, state_by
from tracker.domain.closures import held_back
from tracker.domain.exceptions import RailException, State
from tracker.domain.expected import bound_for
from tracker.domain.foresight import Foresight, foresee, foresee_next
from tracker.domain.guesses import last_estimate
from tracker.domain.journey import SILENCE_ABANDONS
from tracker.domain.lines import Lines
from tracker.domain.lognormal import Spread, total
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.norms import Norms
from tracker.domain.position import Position
from tracker.domain.rejudge import Judge
from tracker.domain.report import Report


class Arrival(NamedTuple):
    """An expected arrival: the median, and the interval that holds four of five."""

    at: Millis
    low: Millis
    high: Millis


class Outlook(NamedTuple):
    """`expected` is None where the goal is not known, or the container is there; so is `next`, of the next node."""

    state: State = "unknown"
    expected: Arrival | None = None
    next: tuple[str, Arrival] | None = None


class Expectation(NamedTuple):
    """When a journey was expected, as of the clock `made`."""

    journey: str
    made: Millis
    arrival: Arrival


NEAR: Final = 0.915
FARTHER: Final = 0.04
"""Deviations of the lognormal that stands for all that may be, either side of its median, that hold four of five: a day
before arrivals, and how many more with each factor of e before that. Its p10 and p90 lie at 1.28 and hold nine of ten:
that a container may have gone on unseen adds to the variance as if it were spread out. The farther ahead, the more may
come that is in no table of hours: a storm, a closed border. Of simulated arrivals, five seeds, all corridors.
"""
LEAST_AHEAD: Final = 0.25
"""Days ahead from which on nothing is surer."""
MOVED: Final = HOUR
"""An expected arrival that moves by less is the same."""
LOOKS: Final = 6 * HOUR
"""How often it is looked whether the clock alone has moved it."""


def expectations(steps: Iterable[Step], lines: Lines, knowledge: Knowledge, upto: Millis) -> Iterator[Expectation]:
    """What was expected of a container's journeys up to a clock, where it moved: with each report, and with time."""
    last: Expectation | None = None
    for step, until in _spans(steps, upto):
        if step.position is None:
            continue
        for clock in chain([step.received], _looks(step, until)):
            arrival = arrival_of(step.position, lines, knowledge, clock)
            if arrival is None:
                break
            journey = step.position.journey
            if last is None or last.journey != journey or _has_moved(last.arrival, arrival):
                last = Expectation(journey, clock, arrival)
                yield last


def _has_moved(last: Arrival, now: Arrival) -> bool:
    """Whether an arrival, or what it lies between, is another one."""
    return any(abs(after - before) >= MOVED for before, after in zip(last, now, strict=True))


def _spans(steps: Iterable[Step], upto: Millis) -> Iterator[tuple[Step, Millis]]:
    """The steps received up to a clock, each with the moment until which it was the last."""
    known = [step for step in steps if step.received <= upto]
    for at, step in enumerate(known):
        yield step, known[at + 1].received if at + 1 < len(known) else Millis(upto + 1)


def _looks(step: Step, until: Millis) -> Iterator[Millis]:
    """The clocks between a step and the next at which it is looked at again: whole multiples of `LOOKS`.

    Until its journey counts as abandoned.
    """
    assert step.position is not None
    end = min(until, step.position.last + SILENCE_ABANDONS)
    return map(Millis, range((step.received // LOOKS + 1) * LOOKS, end, LOOKS))


def arrival_of(position: Position, lines: Lines, knowledge: Knowledge, clock: Millis) -> Arrival | None:
    """When a container is expected at its end, by what was known at a clock; None where its end is not known."""
    lines = lines.by(knowledge.norms(clock))
    found = foresee(position, lines, knowledge.company(position, clock))
    return None if found is None else _arrival(found, position, lines, knowledge, clock)


def next_of(position: Position, lines: Lines, knowledge: Knowledge, clock: Millis) -> tuple[str, Arrival] | None:
    """The next node at which it must be reported, and when it is expected there; None where that is not known."""
    lines = lines.by(knowledge.norms(clock))
    found = foresee_next(position, lines, knowledge.company(position, clock))
    return None if found is None else (found.goal, _arrival(found, position, lines, knowledge, clock))


def _arrival(found: Foresight, position: Position, lines: Lines, knowledge: Knowledge, clock: Millis) -> Arrival:
    """The arrival that is foreseen, with what closures hold it back."""
    rest = found.rest(clock)
    if closures := knowledge.closures(clock):
        held = held_back(position, found, lines, closures, clock)
        if held.mean > 0:
            return _within(total((rest, held)), clock)
    return _proved(position, found.goal, knowledge.norms(clock), clock) or _within(rest, clock)


def _within(rest: Spread, clock: Millis) -> Arrival:
    median = rest.median
    ahead = max(LEAST_AHEAD, median * HOUR / DAY)
    reach = math.exp(rest.sigma * (NEAR + FARTHER * math.log(ahead)))
    return Arrival(*(Millis(clock + round(hours * HOUR)) for hours in (median, median / reach, median * reach)))


def _proved(position: Position, goal: str, norms: Norms, clock: Millis) -> Arrival | None:
    """A carrier's estimate, put right by what it is off by as a rule; None where none has proved better than ours."""
    if not norms.guessed or not position.estimates:
        return None
    estimate = last_estimate(position.estimates, goal, position.came)
    if estimate is None:
        return None
    lead = "24h" if estimate.at - clock <= 2 * DAY else "72h" if estimate.at - clock <= 5 * DAY else "7d"
    known = norms.guessed.get((estimate.carrier, lead))
    if known is None or not known.is_better:
        return None
    at, low, high = (Millis(estimate.at - off) for off in (known.median, known.high, known.low))
    return Arrival(at, max(clock, low), high) if at > clock else None


def goal_of(position: Position, lines: Lines) -> str | None:
    """Where that is."""
    found = lines.way(position.node, position.mask, bound_for(position, lines))
    return None if found is None else found[0]


def outlook(
    position: Position | None,
    reports: Iterable[Report],
    held: Sequence[RailException],
    judge: Judge,
    clocks: tuple[Millis, Millis],
) -> Outlook:
    """The outlook at the second of two clocks, of what is known and judged by then; the last report was at the first.

    `reports`: those of the container.
    """
    if position is None:
        return Outlook()
    step, clock = clocks
    watermark = judge.knowledge.watermark(reporters_of(reports, position))
    arrival = arrival_of(position, judge.lines, judge.knowledge, clock)
    onward = None if arrival is None else next_of(position, judge.lines, judge.knowledge, clock)
    state = state_by(claims_of(held, judge.watched(position, step), clock), watermark)
    return Outlook(state, arrival, onward)
