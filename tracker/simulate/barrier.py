"""Border stops at work: who has to wait at a node, and when each may go on."""

from collections.abc import Sequence
from random import Random

from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.simulate.scenario import BorderStop


class Barriers:
    """The queues before stopped borders, one per stop and direction."""

    def __init__(self, stops: Sequence[BorderStop], rng: Random) -> None:
        self._stops, self._rng = stops, rng
        self._next: dict[tuple[int, Direction], Millis] = {}

    def holds(self, node: str, direction: Direction, moment: Millis) -> bool:
        """Who wants to leave at that moment has to wait."""
        return any(
            stop.stops(node, direction) and stop.start <= moment < self._free_from(place, direction)
            for place, stop in enumerate(self._stops)
        )

    def leave(self, node: str, direction: Direction, moment: Millis) -> Millis:
        """When somebody who wants to leave at `moment` does; takes the next place in the queue if there is one."""
        for place, stop in enumerate(self._stops):
            free = self._free_from(place, direction)
            if stop.stops(node, direction) and stop.start <= moment < free:
                moment = free
                gap = stop.headway_hours * self._rng.uniform(0.5, 1.5)
                self._next[place, direction] = Millis(free + max(1, round(gap * HOUR / MINUTE)) * MINUTE)
        return moment

    def _free_from(self, place: int, direction: Direction) -> Millis:
        return self._next.get((place, direction), self._stops[place].end)
