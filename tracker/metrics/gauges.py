"""The figures by event time, read from the stages when Prometheus asks.

Cost of a scrape: one pass over the groups of three windows (1,500 tallies) and over open journeys; some
50 ms with 100,000 of them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from tracker.aggregates.figures import LOADS, QUANTILES, buffer, country_shares, on_time, quantiles, speed, volumes
from tracker.aggregates.group import Dwells, Group, Runs, Transits
from tracker.aggregates.histogram import Histogram
from tracker.aggregates.tally import Tally
from tracker.aggregates.volume import kg_of, teu_of
from tracker.aggregates.windows import Totals
from tracker.aggregates.years import Years, target_entries
from tracker.domain.moment import SECOND, Millis
from tracker.domain.network import Network
from tracker.metrics.series import gauge
from tracker.metrics.under_way import JourneysView, Wrong, under_way


class IntakeView(Protocol):
    """What the intake stage knows of carriers."""

    def watermarks(self) -> Mapping[str, Millis]:
        """Carrier to the latest event time it reported."""

    def delays(self) -> Mapping[str, Histogram]:
        """Carrier to the delays of reporting (ms) of its last 24 hours."""


class SubjectsView(Protocol):
    """What the subjects stage has added up."""

    def totals(self) -> Totals:
        """The sums of every window."""

    def years(self) -> Years:
        """The sums of calendar years."""


class Now(Protocol):
    """The clock that ends windows."""

    def now(self) -> Millis:
        """The moment at which windows end."""


_METRES_PER_SECOND: Final = 1 / 3.6
"""One kilometre per hour."""


class Gauges(Collector):
    """Reads the stages' views and gives their figures."""

    def __init__(
        self,
        network: Network,
        intake: IntakeView,
        journeys: JourneysView,
        subjects: SubjectsView,
        clock: Now,
        incidents: Callable[[], Wrong] = dict,
    ) -> None:
        """Keeps the views; nothing is read before `collect`. `incidents`: those that are open, if we publish them."""
        self._network = network
        self._intake = intake
        self._journeys = journeys
        self._subjects = subjects
        self._clock = clock
        self._incidents = incidents

    def describe(self) -> Iterator[Metric]:
        """Nothing: with this the registry does not read the stages to learn the names."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Every figure that can be said now."""
        yield from self._carriers()
        yield from under_way(self._network, self._journeys, self._clock.now(), self._incidents())
        totals = self._subjects.totals()
        yield from self._corridors(totals)
        yield from self._places(totals)

    def _carriers(self) -> Iterator[Metric]:
        yield gauge(
            "rail_carrier_watermark_timestamp_seconds",
            "Latest event time a carrier has reported; far behind now: its feed is quiet.",
            ["carrier"],
            (((carrier,), at / SECOND) for carrier, at in self._intake.watermarks().items()),
        )
        yield gauge(
            "rail_reporting_delay_seconds",
            "Event time to received, of the last 24 hours; what it hides, exceptions learn late.",
            ["carrier", "quantile"],
            (
                ((carrier, str(q)), value / SECOND)
                for carrier, delays in self._intake.delays().items()
                for q, value in zip(QUANTILES, delays.quantiles(*QUANTILES), strict=False)
            ),
        )

    def _corridors(self, totals: Totals) -> Iterator[Metric]:
        sections = [(name, place, tally) for name, place, tally in self._sections(totals)]
        yield gauge(
            "rail_corridor_transits",
            "Transits that ended in the window.",
            ["corridor", "section", "direction", "window"],
            (((*place, name), tally.count) for name, place, tally in sections),
        )
        yield gauge(
            "rail_corridor_transit_seconds",
            "Transit times of the window.",
            ["corridor", "section", "direction", "window", "quantile"],
            (((*place, name, q), value) for name, place, tally in sections for q, value in quantiles(tally).items()),
        )
        yield gauge(
            "rail_corridor_speed_metres_per_second",
            "Way by time of the window's transits, stays counted in (with_delay) or out (without_delay).",
            ["corridor", "section", "direction", "window", "kind"],
            (
                ((*place, name, kind), value * _METRES_PER_SECOND)
                for name, place, tally in sections
                for kind, value in _speeds(tally)
            ),
        )
        whole = [
            (name, (corridor, direction), tally)
            for name, (corridor, section, direction), tally in sections
            if section == self._network.corridors[corridor].sections[0].id
        ]
        yield gauge(
            "rail_corridor_on_time_ratio",
            "Share of transits end to end within the corridor's tolerance of the plan, else of the predicted median.",
            ["corridor", "direction", "window"],
            (((*place, name), share) for name, place, t in whole if (share := on_time(t)) is not None),
        )
        yield gauge(
            "rail_corridor_buffer_ratio",
            "Buffer time index end to end: what to add to the mean to arrive in time 19 times of 20.",
            ["corridor", "direction", "window"],
            (((*place, name), index) for name, place, t in whole if (index := buffer(t)) is not None),
        )
        passed = [((*place, name), tally) for name, place, tally in self._volumes(totals)]
        yield gauge(
            "rail_corridor_volume_teu",
            "TEU over the counting line in the window; absent if no size is known. Imbalance: westbound / eastbound.",
            ["corridor", "direction", "laden", "window"],
            ((place, teu) for place, tally in passed if (teu := teu_of(tally.volume)) is not None),
        )
        yield gauge(
            "rail_corridor_volume_grams",
            "Gross mass over the counting line in the window, where it was reported; absent if none was.",
            ["corridor", "direction", "laden", "window"],
            ((place, tally.grams) for place, tally in passed if kg_of(tally.volume) is not None),
        )
        yield gauge(
            "rail_corridor_target_ratio",
            "Mass over the counting line in the calendar year by what of the yearly target is due by now.",
            ["corridor"],
            (
                ((target["corridor"],), target["ratio"])
                for target in target_entries(self._subjects.years(), self._network, self._clock.now())
                if target["ratio"] is not None
            ),
        )
        yield gauge(
            "rail_transit_country_ratio",
            "Share of the window's China-Europe transits that crossed a country.",
            ["country", "window"],
            (((c, name), share) for name, groups in totals.items() for c, share in country_shares(groups).items()),
        )

    def _places(self, totals: Totals) -> Iterator[Metric]:
        dwells = [(name, g, q) for name, g, q in _quantiles(totals) if isinstance(g, Dwells) and g.direction]
        yield gauge(
            "rail_node_dwell_seconds",
            "Stays at a node that ended in the window; at a border by side.",
            ["node", "side", "direction", "window", "quantile"],
            (
                ((str(g.node), g.side or "", g.direction or "", name, q), value)
                for name, g, found in dwells
                for q, value in found.items()
            ),
        )
        yield gauge(
            "rail_border_seconds",
            "Time to clear one side of a border crossing (CAREC CPMM TFI1).",
            ["crossing", "side", "direction", "window", "quantile"],
            (
                ((self._network.border_sides[str(g.node)].id, g.side, g.direction or "", name, q), value)
                for name, g, found in dwells
                if g.side is not None and g.node in self._network.border_sides
                for q, value in found.items()
            ),
        )
        yield gauge(
            "rail_leg_run_seconds",
            "Runs over a leg that ended in the window.",
            ["leg", "direction", "window", "quantile"],
            (
                ((g.leg, g.direction, name, q), value)
                for name, g, found in _quantiles(totals)
                if isinstance(g, Runs) and g.direction
                for q, value in found.items()
            ),
        )

    def _sections(self, totals: Totals) -> Iterator[tuple[str, tuple[str, str, str], Tally]]:
        for name, groups in totals.items():
            for corridor in self._network.corridors.values():
                for section in corridor.sections:
                    for way in (corridor.forward, corridor.backward):
                        tally = groups.get(Transits(corridor.id, section.id, way), _NOTHING)
                        yield name, (corridor.id, section.id, way), tally

    def _volumes(self, totals: Totals) -> Iterator[tuple[str, tuple[str, str, str], Tally]]:
        for name, groups in totals.items():
            passed = {
                (corridor.id, way, laden): _NOTHING
                for corridor in self._network.corridors.values()
                for way in (corridor.forward, corridor.backward)
                for laden in LOADS.values()
            }
            for (corridor_id, direction, laden_), tally in volumes(groups, self._network).items():
                if direction is not None:
                    passed[corridor_id, direction, LOADS[laden_]] = tally
            for place, tally in passed.items():
                yield name, place, tally


def _quantiles(totals: Totals) -> Iterator[tuple[str, Group, dict[str, float]]]:
    for name, groups in totals.items():
        for group, tally in groups.items():
            if isinstance(group, Dwells | Runs):
                yield name, group, quantiles(tally)


def _speeds(tally: Tally) -> Iterator[tuple[str, float]]:
    for kind, value in speed(tally).items():
        if isinstance(value, float):
            yield kind, value


_NOTHING: Final = Tally()
