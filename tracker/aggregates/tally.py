"""The sums of a set of facts: whole numbers, so that they are equal to the last digit whatever the order.

A tally is what an hour of a group holds and what a window's sum is. Adding and taking out are the same
operation with a sign; a tally that took out all it had added equals a new one.
"""

from typing import Final

import msgspec

from tracker.aggregates.histogram import Histogram
from tracker.aggregates.volume import Volume
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, MINUTE
from tracker.domain.network import Network
from tracker.domain.template import usual_spread

_EUROPE: Final = (
    "AL AM AT AZ BA BE BG BY CH CY CZ DE DK EE ES FI FR GB GE GR HR HU IE IT LT LU LV MD ME MK MT NL NO PL PT RO"
    " RS RU SE SI SK TR UA XK"
)
EUROPE: Final = frozenset(_EUROPE.split())
"""Where a journey from or to China counts as one between China and Europe: Russia, Turkey and the Black Sea
ports belong to it, as in the railways' own China-Europe figures; Central Asia and Iran do not."""

EUROPEAN: Final = ""
"""The key in `Tally.countries` that counts all China-Europe transits; the others are ISO country codes."""


class Carried(msgspec.Struct, array_like=True):
    """Work done on runs: `teu_metres` in hundredths of a TEU times metres, over the runs that know both.

    `unmeasured` counts the others among the `runs`.
    """

    runs: int = 0
    unmeasured: int = 0
    teu_metres: int = 0

    def add(self, run: Fact, sign: int = 1) -> None:
        """Count the work of a run, or with sign -1 take it out."""
        self.runs += sign
        if run.teu is None or run.metres is None:
            self.unmeasured += sign
        else:
            self.teu_metres += sign * run.teu * run.metres

    def merge(self, other: "Carried", sign: int = 1) -> None:
        """Add the work of other runs, or with sign -1 take it out."""
        self.runs += sign * other.runs
        self.unmeasured += sign * other.unmeasured
        self.teu_metres += sign * other.teu_metres


_NO_RUNS: Final = Carried()


class Tally(msgspec.Struct, array_like=True):
    """Sums over facts; field order is the row's schema, append only.

    `teu` in hundredths and `grams` leave out facts that do not know them. `duration` sums end less start in
    milliseconds over facts that have a start, `times` holds the same as a histogram. `metres`,
    `metres_duration` and `metres_dwell` are sums over transits whose length is known: speed must divide the
    way by the time of the same boxes. `planned` counts transits with a carrier's plan, `on_time` those of them that
    kept it within the corridor's tolerance. `countries` counts full China-Europe transits by country
    touched, and all of them under `EUROPEAN`. `teu_unknown` and `grams_unknown` count facts left out of `teu` and
    `grams`. `predicted` counts transits without a plan whose median time the network predicts, `as_predicted` those
    of them that were not later than it by more than the tolerance. `carried` is the work done on runs, by the
    corridor of the journey.
    """

    count: int = 0
    teu: int = 0
    grams: int = 0
    duration: int = 0
    metres: int = 0
    metres_duration: int = 0
    metres_dwell: int = 0
    planned: int = 0
    on_time: int = 0
    times: Histogram = msgspec.field(default_factory=Histogram)
    countries: dict[str, int] = {}
    teu_unknown: int = 0
    grams_unknown: int = 0
    predicted: int = 0
    as_predicted: int = 0
    carried: dict[str, Carried] = {}

    def add(self, fact: Fact, network: Network, sign: int = 1) -> None:
        """Count a fact, or with sign -1 take it out; the network gives tolerances and the nodes' countries."""
        self.count += sign
        self.teu += sign * (fact.teu or 0)
        self.grams += sign * (fact.grams or 0)
        self.teu_unknown += sign * (fact.teu is None)
        self.grams_unknown += sign * (fact.grams is None)
        if fact.start is None:
            return
        duration = fact.end - fact.start
        self.duration += sign * duration
        self.times.add(duration, sign)
        if fact.kind is FactKind.TRANSIT:
            self._add_transit(fact, network, duration, sign)
        elif fact.kind is FactKind.RUN:
            self._sums_of(fact.corridor).add(fact, sign)
            self._drop_if_nothing(fact.corridor)

    def merge(self, other: "Tally", sign: int = 1) -> None:
        """Add another tally, or with sign -1 take it out."""
        self.count += sign * other.count
        self.teu += sign * other.teu
        self.grams += sign * other.grams
        self.duration += sign * other.duration
        self.metres += sign * other.metres
        self.metres_duration += sign * other.metres_duration
        self.metres_dwell += sign * other.metres_dwell
        self.planned += sign * other.planned
        self.on_time += sign * other.on_time
        self.teu_unknown += sign * other.teu_unknown
        self.grams_unknown += sign * other.grams_unknown
        self.predicted += sign * other.predicted
        self.as_predicted += sign * other.as_predicted
        self.times.merge(other.times, sign)
        for country, count in other.countries.items():
            self._count_country(country, sign * count)
        for corridor, carried in other.carried.items():
            self._sums_of(corridor).merge(carried, sign)
            self._drop_if_nothing(corridor)

    @property
    def mean(self) -> float | None:
        """The exact mean duration in milliseconds; None when nothing is counted."""
        return self.duration / self.count if self.count > 0 else None

    @property
    def volume(self) -> Volume:
        """What passed, for sums of crossings."""
        return Volume(self.count, self.teu, self.grams, self.teu_unknown, self.grams_unknown)

    def _add_transit(self, fact: Fact, network: Network, duration: int, sign: int) -> None:
        if fact.metres is not None:
            self.metres += sign * fact.metres
            self.metres_duration += sign * duration
            self.metres_dwell += sign * (fact.dwell or 0)
        self._judge(fact, network, sign)
        if fact.full and _between_china_and_europe(fact, network):
            for country in (EUROPEAN, *fact.countries):
                self._count_country(country, sign)

    def _judge(self, fact: Fact, network: Network, sign: int) -> None:
        """Whether it was on time: by the carrier's plan, else by the median time of the way as at its departure."""
        corridor = network.corridors.get(fact.corridor)
        if corridor is None:
            return
        latest = corridor.tolerance_hours * HOUR
        if fact.planned_end is not None:
            self.planned += sign
            self.on_time += sign * (fact.end <= fact.planned_end + latest)
        elif (usual := usual_spread(network, fact.corridor, fact.origin, fact.goal)) is not None:
            self.predicted += sign
            # To the minute: the network's hours are no better, and so no machine's logarithm shows in a sum.
            median = round(usual.median * HOUR / MINUTE) * MINUTE
            self.as_predicted += sign * (fact.end - (fact.start or 0) <= median + latest)

    def _sums_of(self, corridor: str) -> Carried:
        sums = self.carried.get(corridor)
        if sums is None:
            sums = self.carried[corridor] = Carried()
        return sums

    def _drop_if_nothing(self, corridor: str) -> None:
        if not self.carried[corridor].runs and self.carried[corridor] == _NO_RUNS:
            del self.carried[corridor]

    def _count_country(self, country: str, times: int) -> None:
        count = self.countries.get(country, 0) + times
        if count:
            self.countries[country] = count
        else:
            self.countries.pop(country, None)


def _between_china_and_europe(fact: Fact, network: Network) -> bool:
    ends = [network.nodes[node].country for node in (fact.origin, fact.goal) if node in network.nodes]
    return "CN" in ends and any(country in EUROPE for country in ends)
