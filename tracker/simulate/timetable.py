"""Which trains run: corridors, directions and what the trains carry, in proportion."""

from random import Random
from typing import Final, NamedTuple

from tracker.domain.network import Direction, Network
from tracker.simulate.options import Traffic
from tracker.simulate.ways import Line, lack, lines

_OTHER_SHARE: Final = 5.0
"""Of a corridor the options do not name."""
_OTHER_RATIO: Final = 2.0
"""Laden trains there per laden train back where the corridor does not lead from China."""


class Order(NamedTuple):
    """A train to be run: on which line, from one of which nodes, laden or with empty containers."""

    line: Line
    sources: tuple[str, ...]
    is_laden: bool


class Timetable:
    """All orders that may come, and how often. `skipped`: corridor directions without traffic and why."""

    def __init__(self, network: Network, options: Traffic) -> None:
        self.skipped: dict[str, str] = {}
        self._orders: list[Order] = []
        self._weights: list[float] = []
        for line in lines(network):
            name = line.corridor.id
            if options.corridors is not None and name not in options.corridors:
                continue
            if (word := lack(line)) is not None:
                self.skipped[f"{name} {line.direction}"] = word
                continue
            share = options.shares.get(name, _OTHER_SHARE)
            ratio = options.imbalance if line.direction in _CHINESE else _OTHER_RATIO
            laden = share * (ratio if line.forward else 1.0) / (1 + ratio)
            self._add(Order(line, line.sources, True), laden * (1 - options.exports - options.empties))
            if line.exporters:
                self._add(Order(line, line.exporters, True), laden * options.exports)
            if not line.forward:
                self._add(Order(line, line.sources, False), share * options.empties)

    def next(self, rng: Random) -> Order | None:
        """The next train; None when the network carries no traffic at all."""
        return rng.choices(self._orders, self._weights)[0] if self._orders else None

    def _add(self, order: Order, weight: float) -> None:
        if weight > 0:
            self._orders.append(order)
            self._weights.append(weight)


_CHINESE: Final = (Direction.WESTBOUND, Direction.EASTBOUND)
