"""What carriers say about what happens: reports in their own words, some of them wrong, in received order."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

import msgspec

from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.network import Network
from tracker.domain.report import Classifier, Kind, Mode
from tracker.simulate.habit import Reporters, delayed
from tracker.simulate.journey import Journey, Lot
from tracker.simulate.mishap import Chances, garbage, spoil
from tracker.simulate.options import Traffic
from tracker.simulate.reception import Reception
from tracker.simulate.wording import Native, Places, clock, offset_minutes, suffix

_RETRACTED_FIRST: Final = 0.1
"""Share of retractions that overtake what they take back."""


class Sent(NamedTuple):
    """One record for a carrier's topic. `received_at` becomes the record's timestamp."""

    carrier: str
    key: bytes
    body: bytes
    received_at: Millis


class _Fact(NamedTuple):
    """One true milestone of one container."""

    kind: Kind
    node: str
    at: Millis
    journey: Journey
    lot: Lot
    mode: Mode


class _Waiting(NamedTuple):
    """A report on its way. `again`: milliseconds after which the same bytes come once more, 0 for never."""

    received: Millis
    number: int
    carrier: int
    key: bytes
    message: Native | bytes
    again: int


class Saying:
    """Makes reports of what it is told and holds them until they are received. See `world.Teller`."""

    def __init__(
        self, network: Network, carriers: Sequence[str], options: Traffic, ended: Callable[[Journey], None]
    ) -> None:
        self._network, self._rates = network, options.faults
        self._reporters = Reporters(carriers, options.reporters)
        self._places = Places(network)
        self._reception = Reception(options.scenario, carriers)
        self._clocks = options.scenario.clocks
        self._ended = ended
        self._rng = Random(f"{options.seed}/saying")
        self._outbox: list[_Waiting] = []
        self._number = 0
        self._ids = [0] * len(carriers)
        self._sequences = [0] * len(carriers)
        self._encode = msgspec.json.Encoder().encode
        self._chances = Chances(options.faults)
        self.counts: list[Counter[str]] = [Counter() for _ in carriers]
        """Per carrier: true milestones told (`milestones`), records sent (`sent`), faults by name."""

    def due(self, moment: Millis) -> Iterator[Sent]:
        """Takes out what is received before `moment`, in received order."""
        outbox, carriers = self._outbox, self._reporters.carriers
        while outbox and outbox[0].received < moment:
            received, _, carrier, key, message, again = heapq.heappop(outbox)
            if isinstance(message, Native):
                message.sequence = self._sequences[carrier]
                self._sequences[carrier] += 1
            if self._reception.is_lost(carrier, received):  # after it was numbered: what is lost leaves a gap
                self.counts[carrier]["lost"] += 1
                continue
            body = self._encode(message) if isinstance(message, Native) else message
            if again:
                self._push(Millis(received + again), carrier, key, body, 0)
            self.counts[carrier]["sent"] += 1
            yield Sent(carriers[carrier], key, body, received)

    # The world's side.

    def lot(self, kind: Kind, node: str, at: Millis, lot: Lot, mode: Mode) -> None:
        """One list for all containers of a train or vessel: learned and received at one moment."""
        carrier = self._carrier(node, mode)
        recorded, received = delayed(self._reporters.habits[carrier], self._rng, at)
        for journey in lot.journeys:
            self._tell(_Fact(kind, node, at, journey, lot, mode), carrier, recorded, received)

    def one(self, kind: Kind, node: str, at: Millis, journey: Journey, lot: Lot, mode: Mode) -> None:
        """One container's milestone."""
        carrier = self._carrier(node, mode)
        recorded, received = delayed(self._reporters.habits[carrier], self._rng, at)
        self._tell(_Fact(kind, node, at, journey, lot, mode), carrier, recorded, received)

    def ordered(self, lot: Lot, at: Millis, departs: Millis, arrives: Millis) -> None:
        """Planned departure and arrival, from carriers that plan."""
        self._foretell(lot, at, Kind.DEPARTED, lot.node, departs, Classifier.PLANNED)
        self._foretell(lot, at, Kind.ARRIVED, lot.ahead[-1], arrives, Classifier.PLANNED)

    def underway(self, lot: Lot, at: Millis, arrives: Millis) -> None:
        """The arrival as it is expected now, from carriers that plan."""
        self._foretell(lot, at, Kind.ARRIVED, lot.ahead[-1], arrives, Classifier.ESTIMATED)

    def ended(self, journey: Journey) -> None:
        """Passed on: the truth is written elsewhere."""
        self._ended(journey)

    # Reports.

    def _carrier(self, node: str, mode: Mode) -> int:
        return self._reporters.of(self._network.nodes[node].country, at_sea=mode is Mode.VESSEL)

    def _foretell(self, lot: Lot, at: Millis, kind: Kind, node: str, when: Millis, classifier: Classifier) -> None:
        carrier = self._carrier(lot.node, Mode.RAIL)
        habit = self._reporters.habits[carrier]
        if not habit.plans:
            return
        _, received = delayed(habit, self._rng, at)
        for journey in lot.journeys:
            native = self._native(_Fact(kind, node, when, journey, lot, Mode.RAIL), carrier, at)
            native.classifier = classifier
            self._send(received, carrier, journey, lot, native)

    def _tell(self, fact: _Fact, carrier: int, recorded: Millis, received: Millis) -> None:
        rng, rates, counts = self._rng, self._rates, self.counts[carrier]
        counts["milestones"] += 1
        if not self._chances.any:
            self._send(received, carrier, fact.journey, fact.lot, self._native(fact, carrier, recorded))
            return
        fault = self._chances.fault(rng)
        if fault is not None:
            counts[fault] += 1
        if fault == "missing":
            return
        received = self._late(received, counts)
        native = self._native(fact, carrier, recorded)
        if rng.random() < rates.alias and (other := self._places.other(rng, fact.node)) is not None:
            counts["alias"] += 1
            native.node = other
        match fault:
            case "retraction":
                self._false_report(fact, carrier, recorded, received)
            case "revision":
                received = self._wrong_first(fact, carrier, recorded, received, native)
            case None:
                if rng.random() < rates.two_sources:
                    self._second_source(fact, carrier)
            case _:
                spoil(
                    native,
                    fault,
                    rng,
                    self._places,
                    node=fact.node,
                    at=fact.at,
                    offset=self._offset(fact.node, fact.at),
                    received=received,
                )
        if rng.random() < rates.not_json:
            counts["not_json"] += 1
            self._push(
                received,
                carrier,
                _key(native, self._reporters.habits[carrier].keyed_by_train),
                garbage(rng, self._encode(native)),
                0,
            )
        self._send(received, carrier, fact.journey, fact.lot, native)

    def _late(self, received: Millis, counts: Counter[str]) -> Millis:
        chance = self._rng.random()
        if chance >= self._rates.late_6_hours:
            return received
        counts["late_6_hours"] += 1
        if chance >= self._rates.late_24_hours:
            return Millis(received + round(self._rng.uniform(6, 24) * HOUR))
        counts["late_24_hours"] += 1
        return Millis(received + round(self._rng.uniform(24, 96) * HOUR))

    def _false_report(self, fact: _Fact, carrier: int, recorded: Millis, received: Millis) -> None:
        rng = self._rng
        false = fact._replace(at=Millis(fact.at - rng.randint(180, 720) * MINUTE))
        later = rng.randint(60, 2_880) * MINUTE
        said = self._native(false, carrier, recorded)
        taken_back = self._native(false, carrier, Millis(recorded + later))
        taken_back.id, taken_back.retracted = said.id, True
        taken_back.revision = None if said.revision is None else 1
        moments = (received, Millis(received + later))
        if rng.random() < _RETRACTED_FIRST:
            moments = moments[::-1]
        self._send(moments[0], carrier, fact.journey, fact.lot, said)
        self._send(moments[1], carrier, fact.journey, fact.lot, taken_back)

    def _wrong_first(self, fact: _Fact, carrier: int, recorded: Millis, received: Millis, right: Native) -> Millis:
        """Sends a wrong time now and makes `right` its correction; gives the moment that is received."""
        later = self._rng.randint(60, 720) * MINUTE
        wrong = self._native(fact._replace(at=Millis(fact.at - self._rng.randint(10, 180) * MINUTE)), carrier, recorded)
        right.id, right.recorded_at = wrong.id, clock(Millis(recorded + later)) + "Z"
        right.revision = None if wrong.revision is None else 1
        self._send(received, carrier, fact.journey, fact.lot, wrong)
        return Millis(received + later)

    def _second_source(self, fact: _Fact, carrier: int) -> None:
        if (other := self._reporters.other(self._rng, carrier)) is None:
            return
        self.counts[carrier]["two_sources"] += 1
        again = fact._replace(at=Millis(fact.at + self._rng.choice((-1, 1)) * self._rng.randint(1, 10) * MINUTE))
        recorded, received = delayed(self._reporters.habits[other], self._rng, max(fact.at, again.at))
        self._send(received, other, fact.journey, fact.lot, self._native(again, other, recorded))

    def _native(self, fact: _Fact, carrier: int, recorded: Millis) -> Native:
        kind, node, at, journey, lot, mode = fact
        habit = self._reporters.habits[carrier]
        offset = self._offset(node, at) if habit.local_time else 0
        if self._clocks:
            at, recorded = self._as_its_clock_says(carrier, recorded, at)
        self._ids[carrier] += 1
        size = journey.container.size
        rail, sea = mode is Mode.RAIL, mode is Mode.VESSEL
        return Native(
            container=journey.container.number,
            kind=kind,
            occurred_at=clock(at, offset) + suffix(offset),
            node=node,
            id=f"{self._reporters.carriers[carrier]}-{self._ids[carrier]}",
            revision=0 if habit.revisions else None,
            recorded_at=clock(recorded) + "Z",
            mode=mode,
            laden=journey.laden if habit.says_laden else None,
            iso_code=(habit.sizes[size] if habit.sizes else size) if habit.says_size else None,
            gross_kg=journey.gross_kg,
            train=lot.train if rail else None,
            wagon=journey.wagon if rail else None,
            vessel=lot.vessel if sea else None,
            voyage=lot.voyage if sea else None,
            origin=journey.origin if habit.says_ends else None,
            destination=journey.destination if habit.says_ends else None,
            booking=journey.booking,
            consignment_note=journey.note if rail else None,
        )

    def _as_its_clock_says(self, carrier: int, recorded: Millis, at: Millis) -> tuple[Millis, Millis]:
        name = self._reporters.carriers[carrier]
        wrong = sum(each.hours for each in self._clocks if each.carrier == name and each.holds(recorded)) * HOUR
        return Millis(at + wrong), Millis(recorded + wrong)

    def _offset(self, node: str, at: Millis) -> int:
        return offset_minutes(self._network.nodes[node].zone, at // HOUR)

    def _send(self, received: Millis, carrier: int, journey: Journey, lot: Lot, native: Native) -> None:
        again = 0
        if self._rates.duplicate and self._rng.random() < self._rates.duplicate:
            self.counts[carrier]["duplicate"] += 1
            again = self._rng.randint(1, 720) * MINUTE
        self._push(received, carrier, _key(native, self._reporters.habits[carrier].keyed_by_train), native, again)

    def _push(self, received: Millis, carrier: int, key: bytes, message: Native | bytes, again: int) -> None:
        self._number += 1
        comes = self._reception.received(carrier, received)
        if comes != received:
            self.counts[carrier]["waited"] += 1
        heapq.heappush(self._outbox, _Waiting(comes, self._number, carrier, key, message, again))


def _key(native: Native, by_train: bool) -> bytes:
    return ((native.train or native.vessel if by_train else None) or native.container).encode()
