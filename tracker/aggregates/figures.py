"""Single figures of a tally, in the words of the field; whoever shows figures takes them from here.

A share or a mean needs one value, a quantile five (`SAMPLE_MIN`): below, it can't be said, which is not zero.
"""

from collections.abc import Mapping
from typing import Final, TypedDict

from tracker.aggregates.group import Crossings, Group, LongRuns, Runs, Transits
from tracker.aggregates.tally import EUROPEAN, Carried, Tally
from tracker.aggregates.volume import teu_of
from tracker.domain.moment import HOUR, SECOND
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network

QUANTILES: Final = (0.5, 0.9, 0.95)
"""The quantiles that are published."""

LOADS: Final[Mapping[bool | None, str]] = {True: "true", False: "false", None: "unknown"}
"""Whether a container was laden, as files and metrics say it."""


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
    """The share of transits that kept the carrier's plan or, without one, the median predicted at their departure.

    None without any of either: a transit between ends that no usual way joins has nothing to be late by.
    """
    judged = tally.planned + tally.predicted
    return (tally.on_time + tally.as_predicted) / judged if judged > 0 else None


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
        if isinstance(group, Crossings) and counts_at(group, network):
            found.setdefault((group.corridor, group.direction, group.laden), Tally()).merge(tally)
    return found


def counts_at(group: Crossings, network: Network) -> bool:
    """Whether passages of this leg by journeys of this corridor are its volume."""
    corridors = network.counting.get(group.leg or "", frozenset())
    return group.corridor in corridors or (bool(corridors) and group.corridor in (UNDECIDED, OTHER))


def carried(groups: Mapping[Group, Tally]) -> dict[tuple[str, Direction | None], Carried]:
    """Work done on runs, by the corridor of the journey and the direction of the run."""
    found: dict[tuple[str, Direction | None], Carried] = {}
    for group, tally in groups.items():
        if isinstance(group, Runs | LongRuns):
            for corridor, sums in tally.carried.items():
                found.setdefault((corridor, group.direction), Carried()).merge(sums)
    return found


def teu_km(work: Carried) -> float | None:
    """TEU-kilometres of runs; None where there were some and none knows both its size and its length.

    Every kilometre that a container was reported to travel, whether its journey is done or not: the work of the
    window, as railways count it, not that of the journeys which happened to end in it.
    """
    return None if 0 < work.runs <= work.unmeasured else work.teu_metres / 100_000


def imbalance(forward: Tally, backward: Tally) -> float | None:
    """TEU of one direction by those of the other, as the field says it (7.1 westbound to one eastbound).

    None where nothing came back, or a size is known in neither; one box says nothing: see the counts beside it.
    """
    there, back = teu_of(forward.volume), teu_of(backward.volume)
    return there / back if back and there is not None else None


def empty_share(laden: Tally, empty: Tally) -> float | None:
    """The share of empty TEU, of those whose load and size are known; None without any."""
    return empty.teu / (laden.teu + empty.teu) if laden.teu + empty.teu > 0 else None


def country_shares(groups: Mapping[Group, Tally]) -> dict[str, float]:
    """Country to the share of China-Europe journeys, by full transits over all corridors, that crossed it."""
    counts: dict[str, int] = {}
    for group, tally in groups.items():
        if isinstance(group, Transits):
            for country, count in tally.countries.items():
                counts[country] = counts.get(country, 0) + count
    whole = counts.pop(EUROPEAN, 0)
    return {country: count / whole for country, count in sorted(counts.items())} if whole > 0 else {}
