"""Port closures: a two-state process per port, shared by every container that waits there."""

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from tracker.domain.moment import DAY, HOUR, MINUTE, Millis, to_datetime
from tracker.simulate.scenario import Storm

_CLOSED_SHARE: Final = (0.20, 0.20, 0.15, 0.08, 0.05, 0.04, 0.04, 0.05, 0.12, 0.35, 0.50, 0.50)
"""Share of time closed, January to December, after the Caspian ports: October 11 of 31 days, half of
November and December; the other months are estimates."""
_SPELL: Final = 36.0
"""Mean hours of one closure."""
_KEPT: Final = 64
"""Closures remembered per port: questions about the past reach back days, not months."""


class Closure(NamedTuple):
    """A port closed from `start` until `end`."""

    node: str
    start: Millis
    end: Millis


class Weather:
    """When ports are open. `storms` scales the share of time closed; 0 never closes, but for the storms planned."""

    def __init__(self, seed: int, storms: float, start: Millis, planned: Sequence[Storm] = ()) -> None:
        self._seed, self._storms, self._start, self._planned = seed, storms, start, planned
        self._clearing = Random(f"{seed}/clearing")
        self._ports: dict[str, _Port] = {}

    def open_at(self, node: str, moment: Millis) -> Millis:
        """The first moment from `moment` on at which ships may leave or enter the port."""
        before = None
        while moment != before:  # one closure may end in another
            before = moment
            moment = self._by_chance(node, self._as_planned(node, moment))
        return moment

    def _as_planned(self, node: str, moment: Millis) -> Millis:
        for storm in self._planned:
            if storm.node == node and storm.holds(moment):
                moment = Millis(storm.end + round(self._clearing.uniform(0, storm.clears_hours) * 60) * MINUTE)
        return moment

    def _by_chance(self, node: str, moment: Millis) -> Millis:
        if not self._storms:
            return moment
        if node not in self._ports:
            self._ports[node] = _Port(node, Random(f"{self._seed}/weather/{node}"), self._storms, self._start)
        return self._ports[node].open_at(moment)

    def closures(self, until: Millis) -> list[Closure]:
        """The latest closures of every port that was asked about, up to `until`, and the storms planned."""
        found = [c for port in self._ports.values() for c in port.closures]
        return [c for c in found + [Closure(s.node, s.start, s.end) for s in self._planned] if c.start < until]


class _Port:
    def __init__(self, node: str, rng: Random, storms: float, start: Millis) -> None:
        self._node, self._rng, self._storms = node, rng, storms
        self._known = start
        self.closures: deque[Closure] = deque(maxlen=_KEPT)

    def open_at(self, moment: Millis) -> Millis:
        while self._known <= moment:
            self._next_closure()
        for closure in reversed(self.closures):
            if closure.start <= moment < closure.end:
                return closure.end
        return moment

    def _next_closure(self) -> None:
        share = min(0.9, _CLOSED_SHARE[to_datetime(self._known).month - 1] * self._storms)
        open_hours = self._rng.expovariate(share / (_SPELL * (1 - share)))
        # Months differ: an open spell is drawn again at the end of two weeks, which an exponential allows.
        if open_hours * HOUR > 14 * DAY:
            self._known = Millis(self._known + 14 * DAY)
            return
        start = Millis(self._known + round(open_hours * 60) * MINUTE)
        end = Millis(start + max(60, round(self._rng.expovariate(1 / _SPELL) * 60)) * MINUTE)
        self.closures.append(Closure(self._node, start, end))
        self._known = end
