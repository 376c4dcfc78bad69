"""What the stages would know, and ways to show it to Prometheus."""

from collections.abc import Mapping

import msgspec
from prometheus_client import CollectorRegistry

from tests.railway import build_fact, small_network
from tracker.aggregates.group import Group, group_of
from tracker.aggregates.histogram import Histogram
from tracker.aggregates.standing import Present, Standing
from tracker.aggregates.tally import Tally
from tracker.aggregates.volume import Volume
from tracker.aggregates.windows import WINDOWS, Totals, totals_of
from tracker.aggregates.years import Years, counts_in_years, year_of_hour
from tracker.domain.exceptions import State
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, Millis, hour_of
from tracker.domain.network import Direction
from tracker.metrics.gauges import Gauges

NETWORK = small_network()
NOW = 480_000
WEST = Direction.WESTBOUND
DWELL = build_fact(FactKind.DWELL, NOW - 3, 10, node="KZ-EDGE")
TRANSIT = build_fact(
    FactKind.TRANSIT, NOW - 1, 240, section="whole", full=True, origin="CN-HUB", goal="GE-PORT", metres=4_360_000
)


class Stages:
    """What the three stages would know."""

    def __init__(self, *facts: Fact) -> None:
        self._facts = facts

    def now(self) -> Millis:
        return Millis(NOW * HOUR)

    def watermarks(self) -> Mapping[str, Millis]:
        return {"ktz": Millis(NOW * HOUR)}

    def delays(self) -> Mapping[str, Histogram]:
        delays = Histogram()
        delays.add(2 * HOUR, 20)
        return {"ktz": delays, "quiet": Histogram()}

    def survey(self, clock: Millis) -> "Stages":
        return self

    def open_states(self) -> Mapping[tuple[str, Direction | None, State], int]:
        return {("middle", WEST, "on_time"): 4, ("middle", WEST, "unknown"): 3, ("undecided", None, "unknown"): 2}

    def exception_counts(self) -> Mapping[tuple[str, str, str, str], int]:
        return {("dwell", "critical", "node", "middle"): 2, ("dwell", "critical", "node", "nowhere"): 1}

    def standing(self) -> Standing:
        return {("KZ-EDGE", WEST): Present(4, Millis(0)), ("KZ-EDGE", None): Present(1, Millis(0))}

    def totals(self) -> Totals:
        hours = []
        for fact in self._facts:
            tally = Tally()
            tally.add(fact, NETWORK)
            hours.append((group_of(fact, NETWORK), hour_of(fact.end), tally))
        totals = totals_of(hours, self.now())
        return {name: totals[name] for name in WINDOWS}

    def years(self) -> Years:
        years: dict[tuple[Group, int], Volume] = {}
        for fact in self._facts:
            if counts_in_years(fact, NETWORK):
                place = group_of(fact, NETWORK), year_of_hour(hour_of(fact.end))
                years.setdefault(place, Volume()).add(fact)
        return years


def watch(registry: CollectorRegistry, *facts: Fact) -> None:
    stages = Stages(*facts)
    registry.register(Gauges(NETWORK, stages, stages, stages, stages))


def several(fact: Fact, count: int) -> list[Fact]:
    return [msgspec.structs.replace(fact, journey=str(number)) for number in range(count)]
