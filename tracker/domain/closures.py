"""What closures hold a container back: nodes that are known to be closed when it would leave them.

What was planned ends when it was planned to end. A stop that nobody planned ends when nobody knows, and that it is over
is known some hours late: so it is taken to last on for half as long as it has, half a day at most. Who is held back
leaves when it ends.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tracker.domain.foresight import Foresight
from tracker.domain.lines import Lines
from tracker.domain.lognormal import NOTHING, Spread, beyond
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.network import OTHER, UNDECIDED, Direction
from tracker.domain.position import Position

LASTS_ON_MOST: Final = DAY // 2
"""With two days, those that left as it ended were expected a day too late, in simulated border stops."""


class Closure(NamedTuple):
    """A node from which nothing leaves in a direction (None: in any) from `begins` until before `ends`.

    `is_sure`: somebody planned its end; else that is a guess.
    """

    node: str
    direction: Direction | None
    begins: Millis
    ends: Millis
    is_sure: bool

    def holds(self, node: str, direction: Direction | None, at: Millis) -> bool:
        """Whether who would leave a node then is held back."""
        return node == self.node and self.direction in {None, direction} and self.begins <= at < self.ends


def unplanned(node: str, direction: Direction, since: Millis, clock: Millis) -> Closure:
    """A stop that goes on at a clock."""
    return Closure(
        node, direction, since, Millis(clock + min(LASTS_ON_MOST, max(0, clock - since) // 2)), is_sure=False
    )


def held_back(position: Position, ahead: Foresight, lines: Lines, closures: Sequence[Closure], clock: Millis) -> Spread:
    """How many hours later it arrives because of closures on its way; nothing where none holds it back."""
    mean = variance = 0.0
    for node, leaves in _leaving(position, ahead, lines, clock):
        at = Millis(leaves + round(mean * HOUR))
        waits = max((each for each in closures if each.holds(node, position.direction, at)), key=_ends, default=None)
        if waits is not None:
            hours = (waits.ends - at) / HOUR
            mean += hours
            variance += 0.0 if waits.is_sure else hours * hours
    return Spread(mean, variance) if mean else NOTHING


def _leaving(position: Position, ahead: Foresight, lines: Lines, clock: Millis) -> Iterable[tuple[str, Millis]]:
    """Each node that it has yet to leave, with when it would; its goal it does not leave."""
    begun = position.departed
    if begun is None:
        stay = lines.stay_spread(position.node, position.mask) if len(position.visited) > 1 else NOTHING
        stood = (clock - (position.came if position.arrived is None else position.arrived)) / HOUR
        begun = Millis(clock + round((beyond(stay, stood).median if stay.mean > 0 else 0.0) * HOUR))
        yield position.node, begun
    corridor = None if position.corridor in {UNDECIDED, OTHER} else position.corridor
    for node in (lines.network.path(corridor, position.node, ahead.goal) or ())[:-1]:
        way = lines.way(position.node, position.mask, node)
        if way is None:
            continue
        stay = lines.stay_spread(node, position.mask)
        arrives = max(clock, begun + round(way[1].median * HOUR))
        yield node, Millis(arrives + round(stay.median * HOUR))


def _ends(closure: Closure) -> Millis:
    return closure.ends
