"""What truly happens: a discrete event simulation of trains, gauge changes, feeders and containers.

Events are handled in the order of their moments. Whatever is told (`Teller`) at an event happens at its
moment or later, so a report can't be received before the event that caused it was handled; that is what
lets the stream be written in received order with a small heap. Memory: open journeys and resting containers.
"""

import heapq
from collections.abc import Callable, Iterator
from functools import partial
from math import ceil
from random import Random
from typing import Final

from tracker.domain.moment import DAY, HOUR, MINUTE, Millis, text
from tracker.domain.network import Hours, Network
from tracker.domain.report import Kind, Mode
from tracker.simulate.barrier import Barriers
from tracker.simulate.containers import Pool
from tracker.simulate.journey import Journey, Lot, Stop
from tracker.simulate.options import Traffic
from tracker.simulate.port import Ports
from tracker.simulate.rolling import train_number, wagon_number
from tracker.simulate.stray import Strays
from tracker.simulate.teller import Teller, after
from tracker.simulate.timetable import Timetable
from tracker.simulate.ways import draw
from tracker.simulate.weather import Weather

_ORDERED_AHEAD: Final = 4 * DAY
"""From the order of a train to its departure: containers are stuffed and brought in during these days."""
_BORDER_STAY: Final = Hours(2.0, 6.0)
_END_STAY: Final = Hours(24.0, 72.0)
"""Stays where the network plans none but a train can't just pass."""
_SHORTEST_RUN: Final = 0.25
"""Hours: no leg is quicker, whatever is drawn."""
_STUFFED: Final = 0.7
_STRIPPED: Final = 0.7
_RETURNED: Final = 0.6
"""Shares of laden journeys whose shipper or depot tells the carrier."""
_HELD: Final = 0.01
_HOLD: Final = Hours(10.0, 90.0)
"""Share of containers a customs office holds at a border, and for how long; some miss their train."""


class World:
    """The network under traffic: iterate over `steps` to let it happen."""

    def __init__(self, network: Network, options: Traffic, teller: Teller) -> None:
        self._options, self._teller = options, teller
        self._rng = Random(f"{options.seed}/world")
        self.weather = Weather(options.seed, options.storms, options.start, options.scenario.storms)
        self.until = Millis(options.start + round(options.days * DAY))
        self.journeys: dict[str, Journey] = {}
        """Open journeys by container number."""
        size = options.containers or ceil(options.trains_per_day * 60 * 365 / 5)
        self._pool = Pool(Random(f"{options.seed}/containers"), size)
        self.timetable = Timetable(network, options)
        self._ports = Ports(self._rng, self, self.weather, teller, self._depart)
        self._barriers = Barriers(options.scenario.stops, Random(f"{options.seed}/barriers"))
        self.strays = Strays(options, Random(f"{options.seed}/strays"))
        self.holds: list[dict[str, str]] = []
        """Customs holds (container, booking, node, from, to), kept only under a scenario, whose runs end."""
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

    def _next_order(self, moment: Millis) -> None:
        gap = self._rng.expovariate(self._options.trains_per_day / 24)
        at = Millis(moment + max(1, round(gap * 60)) * MINUTE)
        if at < self.until:
            self.at(at, self._order)

    def _order(self, now: Millis) -> None:
        self._next_order(now)
        rng = self._rng
        if (order := self.timetable.next(rng)) is None:
            return
        line, source = order.line, rng.choice(order.sources)
        way = line.way(rng, source)
        taken = self._pool.take(source, now, 200 * rng.randint(54, 62)) if way else []
        if way is None or not taken:
            return
        departs = Millis(now + _ORDERED_AHEAD)
        journeys: list[Journey] = []
        for container in taken:
            gross = container.tare + (10 * rng.randint(600, 2_600) if order.is_laden else 0)
            booking, note = f"BK{rng.randrange(10**8):08d}", f"SMGS{rng.randrange(10**8):08d}"
            journeys.append(Journey(container, line, way, order.is_laden, gross, booking, note, departs))
        lot = Lot(journeys, source, way[1:], train=train_number(rng, line.network.nodes[source].country))
        planned = after(departs, self._options.plan_margin * line.hours_ahead(source, way[-1]))
        self._teller.ordered(lot, now, departs, planned)
        for journey in journeys:
            self.journeys[journey.container.number] = journey
            journey.wagon = wagon_number(rng, line.network, source, way[1])
            self._bring_in(journey, lot, departs)
        self.at(departs, partial(self._depart, lot))

    def _bring_in(self, journey: Journey, lot: Lot, departs: Millis) -> None:
        rng = self._rng
        gate_in = after(departs, -rng.uniform(8, 58))
        loaded = after(departs, -rng.uniform(1, 6))
        journey.began = gate_in
        if journey.laden and rng.random() < _STUFFED:
            journey.began = after(gate_in, -rng.uniform(4, 24))
            self._teller.one(Kind.STUFFED, lot.node, journey.began, journey, lot, Mode.TRUCK)
        self._teller.one(Kind.GATE_IN, lot.node, gate_in, journey, lot, Mode.TRUCK)
        self._teller.one(Kind.LOADED, lot.node, loaded, journey, lot, Mode.RAIL)
        journey.stops.append(Stop(lot.node))

    # Running: from node to node.

    def _depart(self, lot: Lot, now: Millis) -> None:
        leaves = self._barriers.leave(lot.node, lot.line.direction, now)
        if leaves > now:
            self.at(leaves, partial(self._go, lot))
        else:
            self._go(lot, now)

    def _go(self, lot: Lot, now: Millis) -> None:
        if (stray := self.strays.left_behind(lot, now)) is not None and stray[1] is not None:
            alone = Lot([stray[0]], lot.node, lot.ahead, lot.train, lot.vessel, lot.voyage)
            leaves = stray[1] if lot.vessel is None else self.weather.open_at(lot.node, stray[1])
            self.at(leaves, partial(self._depart, alone))
        for journey in lot.journeys:
            journey.stops[-1].departed = now
        self._teller.lot(Kind.DEPARTED, lot.node, now, lot, lot.mode)
        if lot.mode is Mode.RAIL:
            hours = lot.line.hours_ahead(lot.node, lot.ahead[-1]) * self._rng.uniform(0.9, 1.2)
            self._teller.underway(lot, now, after(now, hours))
        self._run(now, lot)

    def _run(self, now: Millis, lot: Lot) -> None:
        leg, near, far = lot.leg, lot.node, lot.ahead[0]
        arrives = after(now, max(_SHORTEST_RUN, draw(self._rng, lot.line.hours(near, far))))
        if (stray := self.strays.set_out(lot, now)) is not None and stray[1] is not None:
            self.at(stray[1], partial(self._arrive, Lot([stray[0]], near, lot.ahead, lot.train)))
        if leg.mode == Mode.VESSEL:
            arrives = self.weather.open_at(far, arrives)
        if leg.crossing and leg.mode != Mode.VESSEL:
            crossed = after(now, (arrives - now) / HOUR / 2)
            self._teller.lot(Kind.BORDER_CROSSED, far, min(crossed, arrives), lot, lot.mode)
        self.at(arrives, partial(self._arrive, lot))

    def _arrive(self, lot: Lot, now: Millis) -> None:
        before, node = lot.node, lot.ahead[0]
        lot.node, lot.ahead = node, lot.ahead[1:]
        for journey in lot.journeys:
            journey.stops.append(Stop(node, now))
        ending = [journey for journey in lot.journeys if journey.destination == node]
        onward = [journey for journey in lot.journeys if journey.destination != node]
        if onward and lot.mode is Mode.RAIL and lot.leg.mode != Mode.VESSEL:
            self._call(now, lot, before)
            return
        self._teller.lot(Kind.ARRIVED, node, now, lot, lot.mode)
        for journey in ending:
            self._finish(now, journey, lot)
        if onward:
            lot.journeys = onward
            self._ports.break_up(lot, now)

    def _call(self, now: Millis, lot: Lot, before: str) -> None:
        """A train at a node on its way: it passes, or stays for the border or the gauge change."""
        node, network = lot.node, lot.line.network
        is_border = node in network.border_sides
        wagons_change = _gauge(network, before, node) != _gauge(network, node, lot.ahead[0])
        stay = lot.line.stay(node) or (_BORDER_STAY if is_border or wagons_change else None)
        if stay is None and self._barriers.holds(node, lot.line.direction, now):
            stay = _BORDER_STAY
        if stay is None:
            for journey in lot.journeys:
                journey.stops[-1].departed = now
            self._teller.lot(Kind.PASSED, node, now, lot, Mode.RAIL)
            self._run(now, lot)
            return
        self._teller.lot(Kind.ARRIVED, node, now, lot, Mode.RAIL)
        departs = after(now, lot.line.stay_hours(self._rng, stay))
        behind = self._customs(now, departs, lot) if is_border else []
        came_with = lot.train
        if wagons_change or network.nodes[before].country != network.nodes[node].country:
            lot.train = train_number(self._rng, network.nodes[node].country)
        for late, released in behind:
            lot.journeys.remove(late)
            alone = Lot([late], node, lot.ahead, train=train_number(self._rng, network.nodes[node].country))
            self._leave(now, after(released, self._rng.uniform(2, 12)), alone, came_with, wagons_change)
        if lot.journeys:
            self._leave(now, departs, lot, came_with, wagons_change)

    def _leave(self, now: Millis, departs: Millis, lot: Lot, came_with: str | None, wagons_change: bool) -> None:
        if wagons_change:
            rng, hours = self._rng, (departs - now) / HOUR
            arrival = Lot(lot.journeys, lot.node, lot.ahead, train=came_with)
            for journey in lot.journeys:
                lifted = after(now, hours * rng.uniform(0.1, 0.5))
                self._teller.one(Kind.UNLOADED, lot.node, lifted, journey, arrival, Mode.RAIL)
                journey.wagon = wagon_number(rng, lot.line.network, lot.node, lot.ahead[0])
                self._teller.one(
                    Kind.LOADED, lot.node, after(now, hours * rng.uniform(0.55, 0.95)), journey, lot, Mode.RAIL
                )
        self.at(departs, partial(self._depart, lot))

    def _customs(self, now: Millis, departs: Millis, lot: Lot) -> list[tuple[Journey, Millis]]:
        """Holds some containers; gives those that miss their train, with the moment of their release."""
        behind: list[tuple[Journey, Millis]] = []
        for journey in lot.journeys:
            if self._rng.random() < _HELD:
                held = after(now, (departs - now) / HOUR * self._rng.uniform(0.05, 0.4))
                released = after(held, draw(self._rng, _HOLD))
                self._teller.one(Kind.CUSTOMS_HELD, lot.node, held, journey, lot, Mode.RAIL)
                self._teller.one(Kind.CUSTOMS_RELEASED, lot.node, released, journey, lot, Mode.RAIL)
                if self._options.scenario:
                    self.holds.append(_hold(journey, lot.node, held, released))
                if released > departs - HOUR:
                    behind.append((journey, released))
        return behind

    # The end.

    def _finish(self, now: Millis, journey: Journey, lot: Lot) -> None:
        rng, node, teller = self._rng, lot.node, self._teller
        unloaded = after(now, rng.uniform(1, 10))
        out = after(unloaded, draw(rng, journey.line.stay(node) or _END_STAY))
        teller.one(Kind.UNLOADED, node, unloaded, journey, lot, lot.mode)
        teller.one(Kind.GATE_OUT, node, out, journey, lot, Mode.TRUCK)
        free = after(out, 48)
        if journey.laden and rng.random() < _STRIPPED:
            stripped = after(out, rng.uniform(4, 48))
            teller.one(Kind.STRIPPED, node, stripped, journey, lot, Mode.TRUCK)
            free = after(stripped, 24)
        if journey.laden and rng.random() < _RETURNED:
            returned = after(free, rng.uniform(0, 96))
            teller.one(Kind.EMPTY_RETURNED, node, returned, journey, lot, Mode.TRUCK)
            free = after(returned, 24)
        journey.ended = out
        del self.journeys[journey.container.number]
        teller.ended(journey)
        self._pool.rest(journey.container, node, free)

    def at(self, moment: Millis, act: Callable[[Millis], None]) -> None:
        """Has `act` called at `moment`; equal moments keep the order they came in."""
        self._count += 1
        heapq.heappush(self._events, (moment, self._count, act))


def _hold(journey: Journey, node: str, held: Millis, released: Millis) -> dict[str, str]:
    ends = {"from": text(held), "to": text(released)}
    return {"container": journey.container.number, "booking": journey.booking, "node": node} | ends


def _gauge(network: Network, a: str, b: str) -> int:
    """The gauge a train keeps between two nodes: what both have, the narrower of two.

    Between Horgos and Altynkol both lie; with the narrower one containers are lifted at Altynkol, where the
    terminal is, and at Brest and Akhalkalaki.
    """
    shared = set(network.nodes[a].gauges) & set(network.nodes[b].gauges)
    return min(shared or network.nodes[b].gauges or (0,))
