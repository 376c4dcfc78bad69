"""The flows of all partitions, as every worker reads them: the ledger that `tracker batch` makes of all reports."""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

from tracker.aggregates.ledger import Ledger
from tracker.aggregates.stops import StopWatch
from tracker.domain.flows import OVER
from tracker.domain.guesses import guess_of
from tracker.domain.moment import Millis
from tracker.domain.network import Network
from tracker.streams.flows import HOURS_KEPT, Cell, Flows, flow_key, read_flows
from tracker.streams.stage import Output
from tracker.streams.topics import SITUATION

log = logging.getLogger(__name__)

_DAY: Final = 24


class KnownFlows:
    """Records by partition and hour, and what they add up to."""

    def __init__(self, network: Network) -> None:
        """Nothing is known."""
        self._network = network
        self._values: dict[tuple[int, int], bytes] = {}
        self._ledger = Ledger()
        self._touched: set[tuple[int, int]] = set()
        self._newest = 0
        self.outdated: set[bytes] = set()
        """Keys of records that are too old and still on the topic."""
        self.watch = StopWatch(network)
        """Finds stops in them, hour by hour."""

    def take(self, key: bytes, value: bytes | None) -> bool:
        """One record; whether it tells anything new. What is of no use is left out, with a line in the log."""
        try:
            _, partition, hour = key.decode().split(":")
            place = int(partition), int(hour)
            new = self._read(place[1], value)
        except (ValueError, KeyError, msgspec.DecodeError) as error:
            log.warning("a record of %s is of no use: key %r, %r", SITUATION, key[:80], error)
            return False
        if value is None:
            self.outdated.discard(key)
        elif place[1] <= self._newest - HOURS_KEPT - _DAY:
            self.outdated.add(key)
            return False
        self._touched.add(place)
        old = self._values.get(place)
        if old == value:
            return False
        change = new
        if old is not None:
            change = Counter(new)
            change.subtract(self._read(place[1], old))
        self._add(place[1], change)
        if value is None:
            self._values.pop(place, None)
        else:
            self._values[place] = value
        if place[1] >= self._newest + _DAY:
            self._newest = place[1]
            self._forget()
        return True

    def looking(self, clock: Millis) -> Iterator[object]:
        """Find stops up to a clock, one flow after the other: so that others have their turn between."""
        yield from self.watch.looking(self._ledger, clock)

    def share(self, ledger: Ledger) -> None:
        """Let a ledger have what is noted of flows; it is the same for all."""
        mine = self._ledger
        ledger.came, ledger.left, ledger.out, ledger.over = mine.came, mine.left, mine.out, mine.over
        ledger.guesses = mine.guesses

    def unlike(self, partition: int, flows: Flows) -> list[Output]:
        """What has to be published for a partition to be known as it is.

        Only hours that changed, here or by the word of another: one that was paused may say again what it knew.
        """
        heard = [place for place in self._touched if place[0] == partition]
        self._touched.difference_update(heard)
        hours = {*flows.changes(), *(hour for _, hour in heard)}
        values = {hour: flows.value(hour) for hour in sorted(hours)}
        return [
            Output(SITUATION, flow_key(partition, hour), value)
            for hour, value in values.items()
            if value != self._values.get((partition, hour))
        ]

    def hours(self, partition: int) -> list[int]:
        """The hours of which a partition told something."""
        return [hour for place, hour in self._values if place == partition]

    def _read(self, hour: int, value: bytes | None) -> Counter[Cell]:
        cells: Counter[Cell] = Counter()
        if value is not None:
            for cell, count in read_flows(hour, value):
                if guess_of(cell[0].node) is None:
                    self._network.nodes[cell[0].node]
                cells[cell] = count
        return cells

    def _add(self, hour: int, change: Counter[Cell]) -> None:
        for (flow, what, at, minute), count in change.items():
            if count:
                self._ledger.flow((flow, what, at), minute, count)
                if what != OVER and guess_of(flow.node) is None:
                    self.watch.changed(flow, hour, (what, at, minute), count)

    def _forget(self) -> None:
        """Let go of hours that are too old: what was found in them stays found."""
        for place in [each for each in self._values if each[1] <= self._newest - HOURS_KEPT - _DAY]:
            self.outdated.add(flow_key(*place))
            for (flow, what, at, minute), count in self._read(place[1], self._values.pop(place)).items():
                self._ledger.flow((flow, what, at), minute, -count)
