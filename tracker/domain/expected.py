"""When a container is expected at its end, and when it was to be there: what `late` compares."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.domain.course import is_finish
from tracker.domain.lines import CRITICAL_Q, WARNING_Q, Lines
from tracker.domain.lognormal import NOTHING, Spread, total
from tracker.domain.moment import HOUR, Millis
from tracker.domain.position import Position


class Promise(NamedTuple):
    """When a container was to be at `goal`: the carrier's plan, else what was predicted at first departure.

    `at`: the plan, or the median predicted. `warning` and `critical`: an expected arrival after these is late.
    """

    goal: str
    at: Millis
    warning: Millis
    critical: Millis
    is_planned: bool


class Expected(NamedTuple):
    """The expected arrival at `goal`, as of the last report: `begun` the stay or run it is in, `rest` to come after.

    `spread`: hours from `begun` to the arrival.
    """

    goal: str
    begun: Millis
    spread: Spread
    rest: Spread

    @property
    def at(self) -> Millis:
        """The median as of the last report."""
        return Millis(self.begun + round(self.spread.median * HOUR))

    def at_clock(self, clock: Millis, q: float = 0.5) -> Millis:
        """A quantile as of a clock: what has not happened yet is still to come."""
        hours = self.spread.quantile(q) if self.spread.mean > 0 else 0.0
        rest = self.rest.quantile(q) if self.rest.mean > 0 else 0.0
        return Millis(max(self.begun + round(hours * HOUR), clock + round(rest * HOUR)))


def promise_of(position: Position, lines: Lines) -> Promise | None:
    """What was promised; None while it has not left, or where it goes is not known.

    A carrier's plan is its last planned arrival at the goal made before the first departure.
    """
    if position.left is None:
        return None
    node, departed = position.left
    ahead = lines.way(position.node, position.mask, bound_for(position, lines))
    # Of several ends the one that still lies ahead: an end it has passed was not its own.
    found = None if ahead is None else lines.way(node, position.mask, ahead[0])
    if found is None:
        return None
    goal, spread = found
    warning, critical = lines.thresholds.late
    plan = plan_for(position, goal, departed)
    if plan is not None:
        return Promise(goal, plan, after(plan, warning), after(plan, critical), is_planned=True)
    warns, is_critical = (after(departed, spread.tail(q)) for q in (WARNING_Q, CRITICAL_Q))
    return Promise(goal, after(departed, spread.median), warns, is_critical, is_planned=False)


def bound_for(position: Position, lines: Lines) -> str | None:
    """Where it goes: the reported destination, else the end for which its carrier planned the latest arrival."""
    if position.destination is not None:
        return position.destination
    began = position.visited[0][1]  # plans of earlier journeys are kept too
    planned = [p for p in position.plans if p.at > began and is_finish(p.node, position.mask, lines.network)]
    return max(planned).node if planned else None


def plan_for(position: Position, goal: str, departed: Millis) -> Millis | None:
    """The carrier's planned arrival that holds: the last one made before departure; None without any."""
    plans: Sequence[Millis] = [
        plan.at for plan in sorted(position.plans) if plan.node == goal and plan.made <= departed < plan.at
    ]
    return plans[-1] if plans else None


def expected_of(position: Position, lines: Lines) -> Expected | None:
    """The expected arrival at the destination or first end; None where it is not known or the container is there."""
    bound = bound_for(position, lines)
    found = lines.way(position.node, position.mask, bound)
    if found is None:
        return None
    goal, way = found
    if position.departed is None:
        begun = position.came if position.arrived is None else position.arrived
        stay = lines.stay_spread(position.node, position.mask) if position.visit or len(position.visited) > 1 else None
        return Expected(goal, begun, way if stay is None else total((stay, way)), way)
    ahead = lines.run(position.node, position.mask, bound)
    # The goal itself is next: of a corridor with several ends there may be one beyond, where it does not go.
    onward = None if ahead is None or ahead[0].goal == goal else ahead[0].goal
    rest = None if onward is None else lines.way(onward, position.mask, bound)
    if rest is None or ahead is None:
        return Expected(goal, position.departed, way, NOTHING)
    beyond = total((lines.stay_spread(ahead[0].goal, position.mask), rest[1]))
    return Expected(goal, position.departed, way, beyond)


def after(moment: Millis, hours: float) -> Millis:
    """So many hours later."""
    return Millis(moment + round(hours * HOUR))
