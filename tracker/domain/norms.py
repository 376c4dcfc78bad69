"""What was learned, in place of a guess: of carriers, and of how long stays and runs take.

See `aggregates.situation` and `aggregates.usual`, which learn it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from tracker.domain.facts import Side
from tracker.domain.guesses import Guessed
from tracker.domain.network import Direction, Network
from tracker.domain.passage import FORWARD


class Subject(NamedTuple):
    """What is learned of: stays at a node, on one side of a border, or runs over a leg, in one direction."""

    what: Literal["stay", "run"]
    place: str
    side: Side | None
    direction: Direction


class Usual(NamedTuple):
    """How long it took lately, in milliseconds: quantiles of `samples` boxes, that tell as much as so many `trains`."""

    samples: int
    trains: int
    median: int
    p95: int


@dataclass(frozen=True, slots=True)
class Norms:
    """Learned once a day; `version` is the day they hold for (whole days since 1970), 0 before anything was learned.

    `delays`: carrier to the p95, in milliseconds, by which its reports come after what they tell of. `gaps`: carrier
    to the p95, in milliseconds, between two of its reports. `usual`: how long stays and runs took, where known.
    `guessed`: carrier and lead to how far off its estimates of arrivals were.
    """

    version: int = 0
    delays: Mapping[str, int] = field(default_factory=dict)
    gaps: Mapping[str, int] = field(default_factory=dict)
    usual: Mapping[Subject, Usual] = field(default_factory=dict)
    guessed: Mapping[tuple[str, str], Guessed] = field(default_factory=dict)


NO_NORMS: Final = Norms()
"""Nothing was learned yet."""


def stay_at(node: str, direction: Direction, network: Network) -> Subject:
    """Stays at a node; at a border those on the side that is met first, or last, in that direction."""
    leg = network.border_sides.get(node)
    if leg is None:
        return Subject("stay", node, None, direction)
    side = Side.EXIT if (leg.a == node) == (direction in FORWARD) else Side.ENTRY
    return Subject("stay", node, side, direction)


def run_over(leg: str, direction: Direction) -> Subject:
    """Runs over a leg."""
    return Subject("run", leg, None, direction)
