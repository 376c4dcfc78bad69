"""What truly happens: a discrete event simulation of trains, gauge changes, feeders and containers.

Events are handled in the order of their moments. Whatever is told (`Teller`) at an event happens at its
moment or later, so a report can't be received before the event that caused it was handled; that is what
lets the stream be written in received order with a small heap. Memory: open journeys and resting containers.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import ceil
from random import Random
from typing import Final, Protocol

from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.network import Direction, Hours, Network
from tracker.domain.report import Kind, Mode
from tracker.simulate.containers import Pool
from tracker.simulate.journey import Journey, Lot, Stop
from tracker.simulate.options import Traffic
from tracker.simulate.quay import Quay
from tracker.simulate.rolling import train_number, wagon_number
from tracker.simulate.ways import Line, draw, lack, lines
from tracker.simulate.weather import Weather

_ORDERED_AHEAD: Final = 4 * DAY
"""From the order of a train to its departure: containers are stuffed and brought in during these days."""
_BORDER_STAY: Final = Hours(2.0, 6.0)
_PORT_STAY: Final = Hours(24.0, 72.0)
_END_STAY: Final = Hours(24.0, 72.0)
"""Stays where the network plans none but a train can't just pass."""
_SHORTEST_RUN: Final = 0.25
"""Hours: no leg is quicker, whatever is drawn."""
_HELD: Final = 0.01
_HOLD: Final = Hours(10.0, 90.0)
"""Share of containers a customs office holds at a border, and for how long; some miss their train."""
_BLOCK: Final = 20
"""Containers of a train that are unloaded as one block at a port."""


class Teller(Protocol):
    """Who is told what happened; `saying.Saying` makes reports of it."""

    def lot(self, kind: Kind, node: str, at: Millis, lot: Lot, mode: Mode) -> None:
        """The same happened to all containers of a lot at one moment."""

    def one(self, kind: Kind, node: str, at: Millis, journey: Journey, lot: Lot, mode: Mode) -> None:
        """Something happened to one container; `lot` is what it came with or goes with."""

    def ordered(self, lot: Lot, at: Millis, departs: Millis, arrives: Millis) -> None:
        """A train was ordered: its plan becomes known."""

    def underway(self, lot: Lot, at: Millis, arrives: Millis) -> None:
        """A lot left a node; its arrival at its destination is estimated anew."""

    def ended(self, journey: Journey) -> None:
        """A journey is over; all its stops are known."""


class World:
    """The network under traffic. `step` handles one event at a time."""

    def __init__(self, network: Network, options: Traffic, teller: Teller) -> None:
        self._options, self._teller = options, teller
        self._rng = Random(f"{options.seed}/world")
        self.weather = Weather(options.seed, options.storms, options.start)
        self.until = Millis(options.start + round(options.days * DAY))
        self.skipped: dict[str, str] = {}
        """Corridor directions without traffic, and what they lack."""
        self.journeys: dict[str, Journey] = {}
        """Open journeys by container number."""
        size = options.containers or ceil(options.trains_per_day * 60 * 365 / 5)
        self._pool = Pool(Random(f"{options.seed}/containers"), size)
        self._quays: dict[tuple[str, tuple[str, ...], bool], Quay] = {}
        self._orders, self._weights = self._timetable(network)
        self._events: list[tuple[Millis, int, Callable[[Millis], None]]] = []
        self._count = 0
        self._next_order(options.start)

    def steps(self) -> Iterator[Millis]:
        """Handles event after event, giving the moment of each before it is handled; ends when none is left."""
        while self._events:
            moment, _, act = heapq.heappop(self._events)
            yield moment
            act(moment)

    # Orders: which trains run.

    def _timetable(self, network: Network) -> tuple[list[tuple[Line, str]], list[float]]:
        orders: list[tuple[Line, str]] = []
        weights: list[float] = []
        for line in lines(network):
            name = line.corridor.id
            if self._options.corridors is not None and name not in self._options.corridors:
                continue
            if (word := lack(line)) is not None:
                self.skipped[f"{name} {line.direction}"] = word
                continue
            share = self._options.shares.get(name, 5.0)
            ratio = self._options.imbalance if line.direction in {Direction.WESTBOUND, Direction.EASTBOUND} else 2.0
            laden = ratio / (1 + ratio) if line.forward else 1 / (1 + ratio)
            plain = 1 - self._options.exports - self._options.empties
            orders.append((line, "laden"))
            weights.append(share * laden * max(plain, 0.05))
            if line.exporters:
                orders.append((line, "export"))
                weights.append(share * laden * self._options.exports)
            if not line.forward:
                orders.append((line, "empty"))
                weights.append(share * self._options.empties)
        return orders, weights

    def _next_order(self, moment: Millis) -> None:
        if not self._orders:
            return
        gap = self._rng.expovariate(self._options.trains_per_day / 24)
        at = Millis(moment + max(1, round(gap * 60)) * MINUTE)
        if at < self.until:
            self._at(at, self._order)

    def _order(self, now: Millis) -> None:
        self._next_order(now)
        rng = self._rng
        line, sort = rng.choices(self._orders, self._weights)[0]
        source = rng.choice(line.exporters if sort == "export" else line.sources)
        way = line.way(rng, source)
        taken = self._pool.take(source, now, 200 * rng.randint(54, 62)) if way else []
        if way is None or not taken:
            return
        departs = Millis(now + _ORDERED_AHEAD)
        journeys: list[Journey] = []
        for container in taken:
            laden = sort != "empty"
            gross = container.tare + (10 * rng.randint(600, 2_600) if laden else 0)
            booking = f"BK{rng.randrange(10**8):08d}"
            journeys.append(
                Journey(container, line, way, laden, gross, booking, f"SMGS{rng.randrange(10**8):08d}", departs)
            )
        lot = Lot(journeys, source, way[1:], train=train_number(rng, line.network.nodes[source].country))
        planned = Millis(departs + round(1.05 * line.hours_ahead(source, way[-1]) * 60) * MINUTE)
        self._teller.ordered(lot, now, departs, planned)
        for journey in journeys:
            self.journeys[journey.container.number] = journey
            journey.wagon = wagon_number(rng, line.network, source, way[1])
            self._bring_in(journey, lot, departs)
        self._at(departs, partial(self._depart, lot))

    def _bring_in(self, journey: Journey, lot: Lot, departs: Millis) -> None:
        rng = self._rng
        gate_in = _minutes_before(departs, rng.uniform(8, 58))
        loaded = _minutes_before(departs, rng.uniform(1, 6))
        journey.began = gate_in
        if journey.laden and rng.random() < 0.7:
            journey.began = _minutes_before(gate_in, rng.uniform(4, 24))
            self._teller.one(Kind.STUFFED, lot.node, journey.began, journey, lot, Mode.TRUCK)
        self._teller.one(Kind.GATE_IN, lot.node, gate_in, journey, lot, Mode.TRUCK)
        self._teller.one(Kind.LOADED, lot.node, loaded, journey, lot, Mode.RAIL)
        journey.stops.append(Stop(lot.node))

    # Running: from node to node.

    def _depart(self, lot: Lot, now: Millis) -> None:
        mode = _mode(lot)
        for journey in lot.journeys:
            journey.stops[-1].departed = now
        self._teller.lot(Kind.DEPARTED, lot.node, now, lot, mode)
        line = lot.line
        if mode is not Mode.VESSEL:
            hours = line.hours_ahead(lot.node, lot.ahead[-1]) * self._rng.uniform(0.9, 1.2)
            self._teller.underway(lot, now, _after(now, hours))
        self._run(now, lot)

    def _run(self, now: Millis, lot: Lot) -> None:
        leg, near, far = lot.leg, lot.node, lot.ahead[0]
        arrives = _after(now, max(_SHORTEST_RUN, draw(self._rng, lot.line.hours(near, far))))
        if leg.mode == Mode.VESSEL:
            arrives = self.weather.open_at(far, arrives)
        if leg.crossing and leg.mode != Mode.VESSEL:
            crossed = _after(now, (arrives - now) / HOUR / 2)
            self._teller.lot(Kind.BORDER_CROSSED, far, min(crossed, arrives), lot, _mode(lot))
        self._at(arrives, partial(self._arrive, lot))

    def _arrive(self, lot: Lot, now: Millis) -> None:
        came_by = lot.leg.mode
        before, node = lot.node, lot.ahead[0]
        lot.node, lot.ahead = node, lot.ahead[1:]
        mode = Mode.VESSEL if came_by == Mode.VESSEL else Mode.RAIL
        for journey in lot.journeys:
            journey.stops.append(Stop(node, now))
        if mode is Mode.VESSEL:
            self._teller.lot(Kind.ARRIVED, node, now, lot, mode)
            self._break_up(now, lot, mode)
        elif not lot.ahead:
            self._teller.lot(Kind.ARRIVED, node, now, lot, mode)
            self._finish(now, lot, mode)
        elif lot.leg.mode == Mode.VESSEL:
            self._teller.lot(Kind.ARRIVED, node, now, lot, mode)
            self._break_up(now, lot, mode)
        else:
            self._call(now, lot, before)

    def _call(self, now: Millis, lot: Lot, before: str) -> None:
        """A train at a node on its way: it passes, or stays for the border or the gauge change."""
        node, network = lot.node, lot.line.network
        is_border = node in network.border_sides
        wagons_change = _gauge(network, before, node) != _gauge(network, node, lot.ahead[0])
        stay = lot.line.stay(node) or (_BORDER_STAY if is_border or wagons_change else None)
        if stay is None:
            for journey in lot.journeys:
                journey.stops[-1].departed = now
            self._teller.lot(Kind.PASSED, node, now, lot, Mode.RAIL)
            self._run(now, lot)
            return
        self._teller.lot(Kind.ARRIVED, node, now, lot, Mode.RAIL)
        departs = _after(now, lot.line.stay_hours(self._rng, stay))
        behind = self._customs(now, departs, lot) if is_border else []
        came_with = lot.train
        if wagons_change or network.nodes[before].country != network.nodes[node].country:
            lot.train = train_number(self._rng, network.nodes[node].country)
        for late, released in behind:
            lot.journeys.remove(late)
            alone = Lot([late], node, lot.ahead, train=train_number(self._rng, network.nodes[node].country))
            self._leave(now, _after(released, self._rng.uniform(2, 12)), alone, came_with, wagons_change)
        if lot.journeys:
            self._leave(now, departs, lot, came_with, wagons_change)

    def _leave(self, now: Millis, departs: Millis, lot: Lot, came_with: str | None, wagons_change: bool) -> None:
        if wagons_change:
            rng, hours = self._rng, (departs - now) / HOUR
            arrival = Lot(lot.journeys, lot.node, lot.ahead, train=came_with)
            for journey in lot.journeys:
                lifted = _after(now, hours * rng.uniform(0.1, 0.5))
                self._teller.one(Kind.UNLOADED, lot.node, lifted, journey, arrival, Mode.RAIL)
                journey.wagon = wagon_number(rng, lot.line.network, lot.node, lot.ahead[0])
                self._teller.one(
                    Kind.LOADED, lot.node, _after(now, hours * rng.uniform(0.55, 0.95)), journey, lot, Mode.RAIL
                )
        self._at(departs, partial(self._depart, lot))

    def _customs(self, now: Millis, departs: Millis, lot: Lot) -> list[tuple[Journey, Millis]]:
        """Holds some containers; gives those that miss their train, with the moment of their release."""
        behind: list[tuple[Journey, Millis]] = []
        for journey in lot.journeys:
            if self._rng.random() < _HELD:
                held = _after(now, (departs - now) / HOUR * self._rng.uniform(0.05, 0.4))
                released = _after(held, draw(self._rng, _HOLD))
                self._teller.one(Kind.CUSTOMS_HELD, lot.node, held, journey, lot, Mode.RAIL)
                self._teller.one(Kind.CUSTOMS_RELEASED, lot.node, released, journey, lot, Mode.RAIL)
                if released > departs - HOUR:
                    behind.append((journey, released))
        return behind

    # Ports: lots are broken up and made anew.

    def _break_up(self, now: Millis, lot: Lot, mode: Mode) -> None:
        ending = [journey for journey in lot.journeys if journey.destination == lot.node]
        if ending:
            self._finish(now, Lot(ending, lot.node, (), lot.train, lot.vessel, lot.voyage), mode)
        onward = [journey for journey in lot.journeys if journey.destination != lot.node]
        stay = lot.line.stay(lot.node) or _PORT_STAY
        for first in range(0, len(onward), _BLOCK):
            block = onward[first : first + _BLOCK]
            # The rest of the planned stay goes by while a lot fills up.
            hours = max(3.0, 0.6 * lot.line.stay_hours(self._rng, stay))
            for journey in block:
                lifted = _after(now, self._rng.uniform(0.5, hours - 1))
                self._teller.one(Kind.UNLOADED, lot.node, lifted, journey, lot, mode)
            for quay, journeys in self._by_quay(lot.node, block):
                self._at(_after(now, hours), partial(self._ready, quay, journeys, stay))

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
            self._board(now, quay)
        if quay.waiting and quay.deadline is None:
            quay.deadline = _after(now, max(12.0, 0.8 * stay.planned))
            turn = quay.turn
            self._at(quay.deadline, partial(self._latest, quay, turn))

    def _latest(self, quay: Quay, turn: int, now: Millis) -> None:
        if quay.turn == turn and quay.waiting:
            self._board(now, quay)

    def _board(self, now: Millis, quay: Quay) -> None:
        rng, vessel = self._rng, quay.vessel
        journeys = quay.board()
        quay.announce(rng)
        line, node = journeys[0].line, quay.node
        departs = _after(now, rng.uniform(4, 8))
        if quay.at_sea:
            departs = self.weather.open_at(node, departs)
            lot = Lot(
                journeys,
                node,
                quay.ahead,
                vessel=vessel,
                voyage=f"{rng.randrange(1_000):03d}{'W' if line.forward else 'E'}",
            )
        else:
            lot = Lot(journeys, node, quay.ahead, train=train_number(rng, line.network.nodes[node].country))
        hours = (departs - now) / HOUR
        mode = _mode(lot)
        for journey in journeys:
            journey.wagon = None if quay.at_sea else wagon_number(rng, line.network, node, quay.ahead[0])
            self._teller.one(Kind.LOADED, node, _after(now, hours * rng.uniform(0.1, 0.9)), journey, lot, mode)
        self._at(departs, partial(self._depart, lot))

    # The end.

    def _finish(self, now: Millis, lot: Lot, mode: Mode) -> None:
        rng, node = self._rng, lot.node
        for journey in lot.journeys:
            unloaded = _after(now, rng.uniform(1, 10))
            out = _after(unloaded, draw(rng, lot.line.stay(node) or _END_STAY))
            self._teller.one(Kind.UNLOADED, node, unloaded, journey, lot, mode)
            self._teller.one(Kind.GATE_OUT, node, out, journey, lot, Mode.TRUCK)
            free = _after(out, 48)
            if journey.laden and rng.random() < 0.7:
                stripped = _after(out, rng.uniform(4, 48))
                self._teller.one(Kind.STRIPPED, node, stripped, journey, lot, Mode.TRUCK)
                free = _after(stripped, 24)
            if journey.laden and rng.random() < 0.6:
                returned = _after(free, rng.uniform(0, 96))
                self._teller.one(Kind.EMPTY_RETURNED, node, returned, journey, lot, Mode.TRUCK)
                free = _after(returned, 24)
            journey.ended = out
            del self.journeys[journey.container.number]
            self._teller.ended(journey)
            self._pool.rest(journey.container, node, free)

    def _at(self, moment: Millis, act: Callable[[Millis], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (moment, self._count, act))


def _mode(lot: Lot) -> Mode:
    return Mode.VESSEL if lot.vessel is not None else Mode.RAIL


def _gauge(network: Network, a: str, b: str) -> int:
    """The gauge a train keeps between two nodes: what both have, the narrower of two.

    Between Horgos and Altynkol both lie; with the narrower one containers are lifted at Altynkol, where the
    terminal is, and at Brest and Akhalkalaki.
    """
    shared = set(network.nodes[a].gauges) & set(network.nodes[b].gauges)
    return min(shared or network.nodes[b].gauges or (0,))


def _after(moment: Millis, hours: float) -> Millis:
    return Millis(moment + max(0, round(hours * 60)) * MINUTE)


def _minutes_before(moment: Millis, hours: float) -> Millis:
    return Millis(moment - round(hours * 60) * MINUTE)
