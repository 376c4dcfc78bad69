"""Stuck containers: which ones a train leaves behind or sets out, where, and for how long."""

from random import Random
from typing import Final

from tracker.domain.moment import DAY, HOUR, MINUTE, Millis, text
from tracker.domain.network import Hours
from tracker.simulate.journey import Journey, Lot
from tracker.simulate.options import Traffic
from tracker.simulate.ways import SPREAD_LEG, SPREAD_STAY, high

_FIRST: Final = 0.2
_LAST: Final = 0.7
"""Of the days of a run: before, hardly anything is under way; later, nobody could tell stuck from slow."""
_AT_NODE: Final = 0.6
"""Share left behind at a node; the rest is set out on a leg."""
_COMPANY: Final = 6
"""Least containers of a lot: enough go on for the one left behind to stand out."""
_SHORT_STAY: Final = Hours(2.0, 6.0)
"""Where the network plans no stay."""


class Strays:
    """Takes single containers out of lots as their time comes; `truth` says which."""

    def __init__(self, options: Traffic, rng: Random) -> None:
        self._rng, self._scenario = rng, options.scenario
        self._closed = self._scenario.closed
        self._at_nodes: list[Millis] = []
        self._on_legs: list[Millis] = []
        first, length = options.start + options.days * _FIRST * DAY, options.days * (_LAST - _FIRST) * DAY
        for place in range(self._scenario.stuck):
            moment = Millis(round(first + length * (place + rng.random()) / self._scenario.stuck))
            (self._at_nodes if rng.random() < _AT_NODE else self._on_legs).append(moment)
        self.truth: list[dict[str, str | None]] = []
        """Container, booking, node or leg, from, to (None: for ever; it may lie beyond the end of the run)."""

    def left_behind(self, lot: Lot, now: Millis) -> tuple[Journey, Millis | None] | None:
        """Takes a container out of a lot that leaves a node, if one is due; with when it will leave, None: never."""
        if not self._at_nodes or now < self._at_nodes[0] or not self._fits(lot):
            return None
        if lot.journeys[0].stops[-1].arrived is None:  # its origin: it would not have set out yet
            return None
        del self._at_nodes[0]
        hours = high(lot.line.stay(lot.node) or _SHORT_STAY, SPREAD_STAY)
        return self._take(lot, now, hours, {"node": lot.node})

    def set_out(self, lot: Lot, now: Millis) -> tuple[Journey, Millis | None] | None:
        """Takes a container out of a train on its way, if one is due; with its arrival at the next node."""
        if not self._on_legs or now < self._on_legs[0] or not self._fits(lot):
            return None
        if lot.leg.mode != "rail" or lot.leg.crossing or lot.ahead[0] in self._closed:
            return None
        del self._on_legs[0]
        hours = high(lot.line.hours(lot.node, lot.ahead[0]), SPREAD_LEG)
        return self._take(lot, now, hours, {"leg": lot.leg.id})

    def _fits(self, lot: Lot) -> bool:
        # Where a closed port or border holds everybody, nobody could say what holds this one.
        return len(lot.journeys) >= _COMPANY and lot.node not in self._closed

    def _take(self, lot: Lot, now: Millis, hours: float, where: dict[str, str]) -> tuple[Journey, Millis | None]:
        rng = self._rng
        journey = rng.choice(lot.journeys)
        lot.journeys.remove(journey)
        days = rng.uniform(*self._scenario.stuck_days)
        until = None
        if rng.random() >= self._scenario.stuck_forever:
            until = Millis(now + round((hours * HOUR + days * DAY) / MINUTE) * MINUTE)
        told: dict[str, str | None] = {"container": journey.container.number, "booking": journey.booking, **where}
        self.truth.append(told | {"from": text(now), "to": None if until is None else text(until)})
        return journey, until
