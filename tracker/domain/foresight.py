"""What is still to come of a container's way, as of a clock: when it will be there, and between which times.

A container is in a stay or a run of which we know since when; then come another, and the rest of its way. Three things
are known beside how long each takes. What lasts already lasts on: of the times a stay may take only those are left that
are longer than it lasted so far. A report may be missing: when its next is overdue it may have gone on unseen, and the
longer nothing is heard the likelier that is; when the others that came with it have gone on, it is taken to have gone
with them. And what was loaded will leave soon.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from tracker.domain.company import NOBODY, Company
from tracker.domain.expected import bound_for
from tracker.domain.lines import Lines
from tracker.domain.lognormal import NOTHING, Spread, beyond, total
from tracker.domain.moment import HOUR, Millis
from tracker.domain.position import Position

UNSEEN: Final = 0.08
"""How likely a report is not to come, or comes a day late: published shares of missing milestones are 5 to 10 %."""
KNOWN_LATE: Final = 1.5
"""Hours that reports usually take: what is overdue by less may have happened."""
LOADED_SHARE: Final = 0.3
LOADED_SIGMA: Final = 0.7
"""From loading to departure it takes a third of a stay, give or take a factor of two: what is loaded is the last of
what a train waits for, but the train waits for all."""
LOADED_LEAST: Final = 2.0
"""Hours it takes at least."""


class Foresight(NamedTuple):
    """What is ahead of a container at `goal`: hours of what it is in since `begun`, and of what comes then.

    `parts`: at most four, none of them nothing. `ways`: of the first part, of the first two, ... together. `thens`: of
    what comes after each.
    """

    goal: str
    begun: Millis
    parts: tuple[Spread, ...]
    ways: tuple[Spread, ...]
    thens: tuple[Spread, ...]

    def rest(self, clock: Millis) -> Spread:
        """Hours from a clock to the arrival."""
        since = (clock - self.begun) / HOUR
        overdue = max(0.0, since - KNOWN_LATE)
        weight = mean = square = before = 0.0
        likely, hours, left = 1.0, 0.0, NOTHING
        for way, then in zip(self.ways, self.thens, strict=True):
            waits = way.above(overdue)
            # It is in this part if it is not through it, and through those before, whose ends nobody reported.
            mine = (waits - before) * likely
            left = beyond(way, since)
            hours = left.mean + then.mean
            weight += mine
            mean += mine * hours
            square += mine * (left.variance + then.variance + hours * hours)
            before, likely = waits, likely * UNSEEN
        if weight < _NO_WEIGHT:
            return Spread(hours, left.variance)  # so long overdue that it can only be at the end of its way
        return Spread(mean / weight, max(0.0, square / weight - (mean / weight) ** 2))


def foresight(goal: str, begun: Millis, parts: Sequence[Spread]) -> Foresight:
    """What is ahead of a container in the first of some parts of its way; those that are nothing are left out."""
    kept = tuple(part for part in parts if part.mean > 0)
    ways = tuple(total(kept[: at + 1]) for at in range(len(kept)))
    thens = tuple(total(kept[at + 1 :]) for at in range(len(kept)))
    return Foresight(goal, begun, kept, ways, thens)


def foresee_next(position: Position, lines: Lines, company: Company = NOBODY) -> Foresight | None:
    """What is ahead of it until the next node at which it must be reported; None where that is not known."""
    ahead = lines.run(position.node, position.mask, bound_for(position, lines))
    if ahead is None:
        return None
    begun, parts = _from_where_it_is(position, lines, [ahead[0].spread], company)
    return foresight(ahead[0].goal, begun, parts)


def foresee(position: Position, lines: Lines, company: Company = NOBODY) -> Foresight | None:
    """What is ahead of a container, in that company; None where its goal is not known, or it is there."""
    bound = bound_for(position, lines)
    found = lines.way(position.node, position.mask, bound)
    if found is None:
        return None
    goal, way = found
    ahead = lines.run(position.node, position.mask, bound)
    # The goal itself may be next: of a corridor with several ends there may be one beyond, where it does not go.
    onward = None if ahead is None or ahead[0].goal == goal else ahead[0].goal
    then = None if onward is None else lines.way(onward, position.mask, bound)
    if ahead is None or onward is None or then is None:
        parts = [way]
    else:
        parts = [ahead[0].spread, lines.stay_spread(onward, position.mask), then[1]]
    begun, parts = _from_where_it_is(position, lines, parts, company)
    return foresight(goal, begun, parts)


def _from_where_it_is(
    position: Position, lines: Lines, parts: list[Spread], company: Company
) -> tuple[Millis, list[Spread]]:
    """Since when it is in the first of the parts of its way, which begin with leaving its node; with its stay there."""
    went = _went(position, company)
    begun = position.departed
    if begun is None and went is not None and len(position.visited) > 1:
        begun = went
    elif begun is None:
        begun, stay = _stay(position, lines)
        parts.insert(0, stay)
    elif went is not None and len(parts) > 1:
        begun, parts = went, parts[1:]
    return begun, parts


def _went(position: Position, company: Company) -> Millis | None:
    """When it went on with the others, whoever did not report it; None if they have not, or are not known."""
    if not company.has_gone or company.half is None:
        return None
    return max(position.departed or position.came, Millis(company.half - round(KNOWN_LATE * HOUR)))


def _stay(position: Position, lines: Lines) -> tuple[Millis, Spread]:
    """The stay it is in: since when, and hours. Where it began it waits for its train, nobody knows how long."""
    begun = position.came if position.arrived is None else position.arrived
    if len(position.visited) == 1:
        return begun, NOTHING
    stay = lines.stay_spread(position.node, position.mask)
    if position.loaded is None or stay.mean <= 0:
        return begun, stay
    hours = max(LOADED_LEAST, LOADED_SHARE * stay.median)
    mean = hours * math.exp(LOADED_SIGMA**2 / 2)
    return max(begun, position.loaded), Spread(mean, mean**2 * math.expm1(LOADED_SIGMA**2))


_NO_WEIGHT: Final = 1e-9
