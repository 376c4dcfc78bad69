"""Silences and outages at work: when a report that was sent is received."""

from collections.abc import Sequence

from tracker.domain.moment import MINUTE, Millis
from tracker.simulate.scenario import Outage, Scenario, Silence


class Reception:
    """When reports are received. What waited keeps its order: the whole wait is pressed into the burst after it."""

    def __init__(self, scenario: Scenario, carriers: Sequence[str]) -> None:
        self._lost: dict[int, list[Silence]] = {}
        self._waits: list[list[Silence | Outage]] = [[] for _ in carriers]
        for silence in scenario.silences:
            if silence.carrier in carriers:
                carrier = carriers.index(silence.carrier)
                (self._lost.setdefault(carrier, []) if silence.lost else self._waits[carrier]).append(silence)
        for waits in self._waits:
            waits.extend(scenario.outages)  # who waits out a silence may still run into one

    def received(self, carrier: int, moment: Millis) -> Millis:
        """The moment a report of the carrier's (by its place in the carriers file) comes in."""
        for wait in self._waits[carrier]:
            if wait.holds(moment):
                share = (moment - wait.start) / (wait.end - wait.start)
                moment = Millis(wait.end + round(share * wait.burst_minutes * MINUTE))
        return moment

    def is_lost(self, carrier: int, moment: Millis) -> bool:
        """A report that would come in at that moment never does."""
        return any(silence.holds(moment) for silence in self._lost.get(carrier, ()))
