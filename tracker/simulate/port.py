"""Ports: trains are broken up into feeder lots, feeder lots are made trains again."""

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Final, Protocol

from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Hours
from tracker.domain.report import Kind, Mode
from tracker.simulate.journey import Journey, Lot
from tracker.simulate.quay import Quay
from tracker.simulate.rolling import train_number, wagon_number
from tracker.simulate.teller import Teller, after
from tracker.simulate.weather import Weather

_STAY: Final = Hours(24.0, 72.0)
"""Where the network plans none."""
_READY_SHARE: Final = 0.6
"""Of a stay drawn, until a container is ready to be loaded; the rest goes by while the lot fills up."""
_PATIENCE: Final = 0.8
"""Of the planned stay, after which a vessel or train leaves with what there is; 12 hours at least."""
_BLOCK: Final = 20
"""Containers that are unloaded together."""


class Calendar(Protocol):
    """Where events to come are put."""

    def at(self, moment: Millis, act: Callable[[Millis], None]) -> None:
        """Has `act` called with `moment` once it is reached."""


class Ports:
    """All ports' quays. `depart` is called with each lot that leaves, at its moment."""

    def __init__(
        self,
        rng: Random,
        calendar: Calendar,
        weather: Weather,
        teller: Teller,
        depart: Callable[[Lot, Millis], None],
    ) -> None:
        self._rng, self._calendar, self._weather = rng, calendar, weather
        self._teller, self._depart = teller, depart
        # One per node and way ahead: some hundred on the packaged network.
        self._quays: dict[tuple[str, tuple[str, ...], bool], Quay] = {}

    def break_up(self, lot: Lot, now: Millis) -> None:
        """Unloads a lot whose containers all go on, block by block."""
        stay = lot.line.stay(lot.node) or _STAY
        for first in range(0, len(lot.journeys), _BLOCK):
            block = lot.journeys[first : first + _BLOCK]
            hours = max(3.0, _READY_SHARE * lot.line.stay_hours(self._rng, stay))
            for journey in block:
                lifted = after(now, self._rng.uniform(0.5, hours - 1))
                self._teller.one(Kind.UNLOADED, lot.node, lifted, journey, lot, lot.mode)
            for quay, journeys in self._by_quay(lot.node, block):
                self._calendar.at(after(now, hours), partial(self._ready, quay, journeys, stay))

    def _by_quay(self, node: str, journeys: Iterable[Journey]) -> list[tuple[Quay, list[Journey]]]:
        found: dict[tuple[str, tuple[str, ...], bool], list[Journey]] = {}
        for journey in journeys:
            ahead = journey.ahead(node)
            at_sea = journey.line.leg(node, ahead[0]).mode == Mode.VESSEL
            found.setdefault((node, ahead[:1] if at_sea else ahead, at_sea), []).append(journey)
        for key in found:
            if key not in self._quays:
                self._quays[key] = Quay(*key)
                self._quays[key].announce(self._rng)
        return [(self._quays[key], waiting) for key, waiting in found.items()]

    def _ready(self, quay: Quay, journeys: list[Journey], stay: Hours, now: Millis) -> None:
        quay.add(journeys)
        while quay.is_full:
            self._board(quay, now)
        if quay.waiting and quay.deadline is None:
            quay.deadline = after(now, max(12.0, _PATIENCE * stay.planned))
            self._calendar.at(quay.deadline, partial(self._latest, quay, quay.turn))

    def _latest(self, quay: Quay, turn: int, now: Millis) -> None:
        if quay.turn == turn and quay.waiting:
            self._board(quay, now)

    def _board(self, quay: Quay, now: Millis) -> None:
        rng, node, vessel = self._rng, quay.node, quay.vessel
        journeys = quay.board()
        quay.announce(rng)
        line = journeys[0].line
        lot = Lot(journeys, node, quay.ahead)
        departs = after(now, rng.uniform(4, 8))
        if quay.at_sea:
            departs = self._weather.open_at(node, departs)
            lot.vessel, lot.voyage = vessel, f"{rng.randrange(1_000):03d}{'W' if line.forward else 'E'}"
        else:
            lot.train = train_number(rng, line.network.nodes[node].country)
        hours = (departs - now) / HOUR
        for journey in journeys:
            journey.wagon = None if quay.at_sea else wagon_number(rng, line.network, node, quay.ahead[0])
            self._teller.one(Kind.LOADED, node, after(now, hours * rng.uniform(0.1, 0.9)), journey, lot, lot.mode)
        self._calendar.at(departs, partial(self._depart, lot))
