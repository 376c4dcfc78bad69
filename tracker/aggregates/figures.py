"""Single figures of a tally, in the words of the field; whoever shows figures takes them from here.

A share or a mean needs one value, a quantile five (`SAMPLE_MIN`): below, it can't be said, which is not zero.
"""

from collections.abc import Mapping
from typing import Final, TypedDict

from tracker.aggregates.group import Crossings, Group, Transits
from tracker.aggregates.tally import EUROPEAN, Tally
from tracker.domain.moment import HOUR, SECOND
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network

QUANTILES: Final = (0.5, 0.9, 0.95)
"""The quantiles that are published."""


class Speed(TypedDict):
    """Kilometres per hour with and without dwells (CAREC's SWD and SWOD); None without a known length."""

    with_delay: float | None
    without_delay: float | None


def quantiles(tally: Tally) -> dict[str, float]:
    """Published quantiles in seconds, to the millisecond; a key is absent where the sample is too small."""
    values = tally.times.quantiles(*QUANTILES)
    return {str(q): round(value / SECOND, 3) for q, value in zip(QUANTILES, values, strict=False)}


def times(tally: Tally) -> dict[str, float]:
    """`quantiles` and the `mean` in seconds; the mean is exact and absent only when nothing is counted."""
    mean = tally.mean
    return quantiles(tally) if mean is None else {**quantiles(tally), "mean": round(mean / SECOND, 3)}


def speed(tally: Tally) -> Speed:
    """Sum of km over sum of hours of the transits whose length is known; the same less their dwells."""

    def over(milliseconds: int) -> float | None:
        return tally.metres / 1000 * HOUR / milliseconds if milliseconds > 0 else None

    return Speed(
        with_delay=over(tally.metres_duration),
        without_delay=over(tally.metres_duration - tally.metres_dwell),
    )


def on_time(tally: Tally) -> float | None:
    """The share of planned transits that kept their plan; None without any that had one."""
    return tally.on_time / tally.planned if tally.planned > 0 else None


def buffer(tally: Tally) -> float | None:
    """(p95 - mean) / mean of the times, the buffer time index; None where the sample is too small."""
    mean, p95 = tally.mean, tally.times.quantiles(0.95)
    return (p95[0] - mean) / mean if mean and p95 else None


def volumes(groups: Mapping[Group, Tally], network: Network) -> dict[tuple[str, Direction | None, bool | None], Tally]:
    """What passed the counting lines, by corridor, direction and laden.

    A journey counts at the lines of its own corridor; one that has none, at any line it passed.
    """
    found: dict[tuple[str, Direction | None, bool | None], Tally] = {}
    for group, tally in groups.items():
        if isinstance(group, Crossings) and group.leg is not None:
            corridors = network.counting.get(group.leg, frozenset())
            if group.corridor in corridors or (corridors and group.corridor in (UNDECIDED, OTHER)):
                found.setdefault((group.corridor, group.direction, group.laden), Tally()).merge(tally)
    return found


def country_shares(groups: Mapping[Group, Tally]) -> dict[str, float]:
    """Country to the share of China-Europe journeys, by full transits over all corridors, that crossed it."""
    counts: dict[str, int] = {}
    for group, tally in groups.items():
        if isinstance(group, Transits):
            for country, count in tally.countries.items():
                counts[country] = counts.get(country, 0) + count
    whole = counts.pop(EUROPEAN, 0)
    return {country: count / whole for country, count in sorted(counts.items())} if whole > 0 else {}
