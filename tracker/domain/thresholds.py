"""Thresholds: the hours that are rules rather than norms, and the lines that an operator sets for a place.

What a thresholds file says holds as it stands: such a line may be below the least that others have, and it is in the
place of the template's (an exception calls its source `template`) and of whatever is learned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.domain.facts import Side
from tracker.domain.network import Course, Direction

Pair = tuple[float, float]
"""Hours after which a condition warns, and after which it is critical."""


class Scope(NamedTuple):
    """Where an override holds; None is everywhere. `side`: of a border.

    What is said of a corridor holds for its children too: both are possible until a container comes to where they part.
    """

    corridor: str | None = None
    direction: Direction | None = None
    side: Side | None = None

    def covers(self, course: Course, parent: str | None, side: Side | None) -> bool:
        """Whether a container on a course, whose corridor may have a parent, on this side of the border, is meant."""
        return (
            self.corridor in {None, course.corridor, parent}
            and self.direction in {None, course.direction}
            and self.side in {None, side}
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What an operator set for a node or leg: hours for all, and overrides of which the first that fits holds.

    `hours` None: where no override fits the network's hours hold.
    """

    hours: Pair | None = None
    overrides: tuple[tuple[Scope, Pair], ...] = ()

    def of(self, course: Course, parent: str | None, side: Side | None = None) -> Pair | None:
        """The hours set for a course, whose corridor may have a parent; None for none."""
        return next((hours for scope, hours in self.overrides if scope.covers(course, parent, side)), self.hours)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Hours that are rules rather than norms; all are defaults that a thresholds file overrides.

    `late`, `silent_rail`, `silent_sea` and `held`: warning and critical. `missed`: from the first report beyond a node
    until what was to be reported there counts as missed. `least`: no line of a stay or run that is computed is below.
    `stays` (by node) and `runs` (by the first leg): lines in place of the network's.
    `gate_outs`: the carriers that report every gate-out, by the carriers file; None: all do.
    """

    late: Pair = (24.0, 72.0)
    silent_rail: Pair = (36.0, 72.0)
    silent_sea: Pair = (48.0, 96.0)
    held: Pair = (24.0, 72.0)
    missed: float = 12.0
    least: float = 12.0
    stays: Mapping[str, Setting] = field(default_factory=dict)
    runs: Mapping[str, Setting] = field(default_factory=dict)
    gate_outs: frozenset[str] | None = None
