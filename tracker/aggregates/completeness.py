"""Completeness: of the milestones that a carrier was to tell, of journeys that have gone on, how many it told.

What nobody told of a node is counted against whoever reports most often there, by the reports of the same days.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tracker.aggregates.carrier_day import CarrierDay
from tracker.domain.milestones import DEFAULT_KINDS
from tracker.domain.report import Kind
from tracker.domain.testimony import EXPECTED, TOLD

Testimonies = Mapping[int, Mapping[tuple[str, int], int]]
"""Day to what all containers' reports say of carriers: who and key to how often."""
Mandatory = Mapping[str, frozenset[Kind]]
"""What carriers are to tell, of those that have kinds of their own."""


class Completeness(NamedTuple):
    """Milestones that were to be told, and those that were."""

    expected: int = 0
    told: int = 0

    @property
    def share(self) -> float | None:
        """None where nothing was expected."""
        return self.told / self.expected if self.expected else None


def reporters_of(days: Iterable[tuple[str, CarrierDay]]) -> dict[str, str]:
    """Node to the carrier that reported there most often, of some days; of two the first by name."""
    counts: dict[str, Counter[str]] = {}
    for carrier, counted in days:
        for node, reports in counted.nodes.items():
            counts.setdefault(node, Counter())[carrier] += reports
    return {node: min(found, key=lambda carrier: (-found[carrier], carrier)) for node, found in counts.items()}


def completeness_of(
    testimonies: Testimonies, days: Iterable[int], reporters: Mapping[str, str], mandatory: Mandatory
) -> dict[str, Completeness]:
    """Every carrier's, over milestones of nodes that were left behind on some days of event time."""
    expected, told = Counter[str](), Counter[str]()
    for day in days:
        for (who, key), times in testimonies.get(day, {}).items():
            if who.startswith("@"):
                carrier = reporters.get(who[1:])
                if carrier is not None and key == EXPECTED:
                    expected[carrier] += times * len(mandatory.get(carrier, DEFAULT_KINDS))
            elif key == EXPECTED:
                expected[who] += times
            elif key == TOLD:
                told[who] += times
    return {carrier: Completeness(expected[carrier], told[carrier]) for carrier in sorted(expected)}
