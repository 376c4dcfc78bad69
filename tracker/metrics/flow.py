"""What the stages tell about the railway, as counters and histograms of what was processed."""

from collections.abc import Iterable, Sequence
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from tracker.contract.exceptions import INCIDENT_CAUSES
from tracker.domain.exceptions import Rule
from tracker.domain.facts import Fact, FactKind
from tracker.domain.faults import CATALOGUE
from tracker.domain.moment import DAY, HOUR, SECOND
from tracker.domain.network import Direction, Network
from tracker.domain.proof import HORIZONS, Place
from tracker.domain.report import Kind
from tracker.metrics.engine import EngineMetrics
from tracker.metrics.series import Series
from tracker.metrics.under_way import ways_of_nodes

TRANSITIONS: Final = ("opened", "changed", "resolved")

OUTCOMES: Final = ("accepted", "duplicate", "superseded", "rejected")

DAYS: Final = (1, 2, 3, 5, 7, 10, 14, 18, 22, 26, 30, 40, 50, 60)
"""Bounds of transits: end to end takes 10 to 30 days, a section one; beyond 60 nothing is compared."""
HOURS: Final = (1, 3, 6, 12, 18, 24, 36, 48, 72, 96, 144, 240, 480)
"""Bounds of stays: a fast change of gauge takes 3, a closed border three weeks."""


ERROR_HOURS: Final = (1, 2, 4, 6, 9, 12, 18, 24, 36, 48, 72, 120, 240)
"""Bounds of what an expected arrival is off by: half of those a day before it are within 6 hours, a week before, 24."""


class Metrics(EngineMetrics):
    """Hears the stages and the engine: implements every observer of `tracker.streams`.

    Series that can exist are there from the start, at zero, so that a rate sees the first event.
    """

    def __init__(self, registry: CollectorRegistry, network: Network, carriers: Iterable[str]) -> None:
        """Registers its metrics; `carriers` are the ids of the carriers file."""
        super().__init__(registry)
        ProcessCollector(registry=registry)
        self._restated: set[tuple[object, ...]] = set()
        self._journey: str | None = None
        self._reports = Series(
            Counter(
                "rail_reports",
                "Reports by what became of them. Rejected: see rail_report_faults_total, then rail.rejected.",
                ["carrier", "outcome"],
                registry=registry,
            )
        )
        self._faults = Series(
            Counter(
                "rail_report_faults",
                "Faults found in reports. What a code means and how it is mended: schemas/faults.yaml.",
                ["carrier", "fault"],
                registry=registry,
            )
        )
        self._movements = Series(
            Counter(
                "rail_movements",
                "Movements handed on. None from a carrier for long: its feed is quiet.",
                ["carrier", "kind"],
                registry=registry,
            )
        )
        self._transits = Series(
            Histogram(
                "rail_transit_seconds",
                "Transits of a corridor's section as they are processed; the exemplar names a journey.",
                ["corridor", "section", "direction"],
                buckets=[days * DAY / SECOND for days in DAYS],
                registry=registry,
            )
        )
        self._dwells = Series(
            Histogram(
                "rail_dwell_seconds",
                "Stays at a node as they are processed; the exemplar names a journey.",
                ["node", "direction"],
                buckets=[hours * HOUR / SECOND for hours in HOURS],
                registry=registry,
            )
        )
        self._arrivals = Series(
            Counter(
                "rail_node_arrivals",
                "Containers that came in from another node.",
                ["node", "direction"],
                registry=registry,
            )
        )
        self._departures = Series(
            Counter(
                "rail_node_departures",
                "Containers that went out after a stay. Below arrivals for days: the node fills up.",
                ["node", "direction"],
                registry=registry,
            )
        )
        self._withdrawn = Series(
            Counter(
                "rail_statistics_withdrawn",
                "Facts taken back because a report came late, was corrected or retracted.",
                ["fact"],
                registry=registry,
            )
        )
        self._exceptions = Series(
            Counter(
                "rail_exceptions",
                "Versions of exceptions by what happened: opened, changed, resolved.",
                ["rule", "transition"],
                registry=registry,
            )
        )
        self._errors = Series(
            Histogram(
                "rail_eta_error_seconds",
                "How far off an arrival was expected, so long before it; measured two days after it.",
                ["horizon"],
                buckets=[hours * HOUR / SECOND for hours in ERROR_HOURS],
                registry=registry,
            )
        )
        self._foretold = Series(
            Counter(
                "rail_eta_arrivals",
                "These arrivals by where they lay: in the interval from p10 to p90 (aim 0.8), before or after it.",
                ["horizon", "interval"],
                registry=registry,
            )
        )
        self._crowded = Counter(
            "rail_worker_crowded_reports",
            "Reports not kept, because a container has too many of their sort: a stuck device, see domain/crowd.py.",
            registry=registry,
        )
        self._outdated = Counter(
            "rail_worker_outdated_facts",
            "Facts older than any window shows, left out of all but the year: for those times see tracker batch.",
            registry=registry,
        )
        self._begin(network, tuple(carriers))

    def report(self, carrier: str, outcome: str, count: int = 1) -> None:
        """So many reports had an outcome."""
        self._reports[carrier, outcome].inc(count)

    def faults(self, carrier: str, codes: Sequence[str]) -> None:
        """One report had these faults."""
        for code in codes:
            self._faults[carrier, code].inc()

    def movement(self, carrier: str, kind: str, count: int = 1) -> None:
        """So many movements were handed on."""
        self._movements[carrier, kind].inc(count)

    def fact(self, fact: Fact, op: str) -> None:
        """A fact was `added` or `withdrawn`; of one change the withdrawn ones come before the added ones.

        A journey whose corridor is decided has all its facts withdrawn and added again. What is the same
        under its labels has not happened twice, so it is not counted twice.
        """
        if fact.journey != self._journey:
            self._journey = fact.journey
            self._restated.clear()
        if op == "withdrawn":
            self._withdrawn[(fact.kind,)].inc()
            self._restated.add(_series(fact))
        elif self._restated and (series := _series(fact)) in self._restated:
            self._restated.remove(series)
        elif fact.direction is not None:
            self._count(fact, fact.direction)

    def exception(self, rule: str, transition: str) -> None:
        """An exception was opened, changed or resolved."""
        self._exceptions[rule, transition].inc()

    def foretold(self, horizon: str, seconds: float, place: str) -> None:
        """An arrival was expected off by so much."""
        self._errors[(horizon,)].observe(seconds)
        self._foretold[horizon, place].inc()

    def outdated(self, facts: int) -> None:
        """So many facts were left out of the figures."""
        self._outdated.inc(facts)

    def crowded(self, reports: int) -> None:
        """So many reports were not kept."""
        self._crowded.inc(reports)

    def _count(self, fact: Fact, direction: Direction) -> None:
        seconds = 0.0 if fact.start is None else (fact.end - fact.start) / SECOND
        match fact.kind:
            case FactKind.TRANSIT:
                histogram = self._transits[fact.corridor, fact.section, direction]
                histogram.observe(seconds, _exemplar(fact))
            case FactKind.DWELL:
                self._dwells[fact.node, direction].observe(seconds, _exemplar(fact))
                self._departures[fact.node, direction].inc()
            case FactKind.RUN:
                self._arrivals[fact.goal, direction].inc()
            case FactKind.CROSSING:
                pass  # Crossings show as volume, by event time.

    def _begin(self, network: Network, carriers: Sequence[str]) -> None:
        for carrier in carriers:
            for outcome in OUTCOMES:
                self._reports.begin(carrier, outcome)
            for code in CATALOGUE:
                self._faults.begin(carrier, code)
            for kind in Kind:
                self._movements.begin(carrier, kind)
        for corridor in network.corridors.values():
            for section in corridor.sections:
                for direction in (corridor.forward, corridor.backward):
                    self._transits.begin(corridor.id, section.id, direction)
        for node, direction in ways_of_nodes(network):
            for metric in (self._dwells, self._arrivals, self._departures):
                metric.begin(node, direction)
        for fact in FactKind:
            self._withdrawn.begin(fact)
        for horizon, _ in HORIZONS:
            self._errors.begin(horizon)
            for place in get_args(Place):
                self._foretold.begin(horizon, place)
        for rule in (*Rule, *INCIDENT_CAUSES):
            for transition in TRANSITIONS:
                self._exceptions.begin(rule, transition)


def _exemplar(fact: Fact) -> dict[str, str]:
    return {"journey": fact.journey[:_EXEMPLAR_LENGTH_MAX]}


def _series(fact: Fact) -> tuple[object, ...]:
    """What of a fact its series and value depend on."""
    place = (fact.corridor, fact.section) if fact.kind is FactKind.TRANSIT else (fact.node, fact.origin, fact.goal)
    return (fact.kind, fact.direction, *place, fact.start, fact.end)


_EXEMPLAR_LENGTH_MAX: Final = 100
"""OpenMetrics allows 128 characters for an exemplar's labels, names included; longer raises."""
