"""The simulation as a stream of records in received order, for programs and for `run`."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from tracker.domain.moment import Millis, text
from tracker.domain.network import Network
from tracker.simulate.journey import Journey
from tracker.simulate.options import Traffic
from tracker.simulate.saying import Saying, Sent
from tracker.simulate.truth import JourneyTruth, journey_truth, scenario_truth
from tracker.simulate.world import World


class Simulation:
    """One run of the traffic. Iterate over it once, then ask for the `summary`.

    `carriers` are carrier ids in the order of the carriers file; `on_journey` is called with each journey
    that ended. Memory is bounded by the open journeys, the pool of containers and reports not yet received.
    """

    def __init__(
        self,
        network: Network,
        carriers: Sequence[str],
        options: Traffic,
        on_journey: Callable[[JourneyTruth], None] | None = None,
    ) -> None:
        self._options, self._carriers = options, tuple(carriers)
        self._on_journey = on_journey
        self._saying = Saying(network, carriers, options, self._journey_ended)
        self._world = World(network, options, self._saying)
        self.clock = options.start
        """Received time of the last record given."""

    @property
    def skipped(self) -> dict[str, str]:
        """Corridor directions that carry no traffic, and what they lack."""
        return dict(self._world.timetable.skipped)

    @property
    def until(self) -> Millis:
        """No train is ordered from here on; without `drain` nothing is received either."""
        return self._world.until

    def __iter__(self) -> Iterator[Sent]:
        """The records, received order."""
        until = None if self._options.drain else self._world.until
        for moment in self._world.steps():
            if until is not None and moment >= until:
                break
            for sent in self._saying.due(moment):
                self.clock = sent.received_at
                yield sent
        for sent in self._saying.due(until or _END):
            self.clock = sent.received_at
            yield sent

    def under_way(self) -> Iterator[JourneyTruth]:
        """The truth about journeys that have begun and not ended by `clock`."""
        for journey in self._world.journeys.values():
            if journey.began <= self.clock:
                yield journey_truth(journey)

    def summary(self) -> dict[str, Any]:
        """Options, closures and, per carrier, milestones told, records sent and faults put in.

        With a scenario also `storms`, `stops`, `silences`, `outages`, `stuck` (containers) and customs `holds`.
        """
        summary: dict[str, Any] = {
            "seed": self._options.seed,
            "start": text(self._options.start),
            "until": text(self.clock),
            "skipped": self.skipped,
            "closures": [
                {"node": node, "from": text(start), "to": text(end)}
                for node, start, end in self._world.weather.closures(self.clock)
            ],
            "carriers": {
                carrier: dict(sorted(counts.items()))
                for carrier, counts in zip(self._carriers, self._saying.counts, strict=True)
            },
        }
        if scenario := self._options.scenario:
            summary |= scenario_truth(scenario) | {"stuck": self._world.strays.truth, "holds": self._world.holds}
        return summary

    def _journey_ended(self, journey: Journey) -> None:
        if self._on_journey is not None:
            self._on_journey(journey_truth(journey))


_END = Millis(2**62)


def simulate(network: Network, carriers: Sequence[str], options: Traffic) -> Iterator[Sent]:
    """Seeded traffic over a network: records in received order, the same for equal arguments."""
    return iter(Simulation(network, carriers, options))


def shuffled(sents: Iterator[Sent], window: int, seed: int) -> Iterator[Sent]:
    """The records in another order, received times kept.

    Each gives place to one of `window` held back, so memory holds that many; 0 leaves the order, a window
    longer than the stream shuffles it whole.
    """
    if window < 1:
        yield from sents
        return
    rng = Random(f"{seed}/shuffle")
    held: list[Sent] = []
    for sent in sents:
        held.append(sent)
        if len(held) > window:
            place = rng.randrange(len(held))
            held[place], held[-1] = held[-1], held[place]
            yield held.pop()
    rng.shuffle(held)
    yield from held
