"""How likely delays, lags and differences are by a clock that is right, and by one that is whole hours off.

What is usual is learned from its own last days in pieces of evidence (a slot and a bin), so that a train of 55
boxes, reported at one moment, counts once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log
from typing import Final, NamedTuple

from tracker.domain.delay_bins import BIN, BINS, BINS_AHEAD, LAG_BIN, LAG_BINS, LAG_BINS_AHEAD
from tracker.domain.moment import HOUR

SHIFTS: Final = tuple(hours for hours in range(-12, 13) if hours)
"""Of the zones a report can be made in, two differ by at most 12 hours here."""
LEARNED_DAYS: Final = 7
LEARNED_LEAST: Final = 30
"""Pieces of evidence below which nothing is usual, and delays of 0 to 4 hours are assumed."""
_WAITS_LEAST: Final = 12
"""Pieces in the busiest hour of delay below which a few stray ones would pass for usual."""
_STRAY: Final = 0.15
"""Share of delays that follow no habit: late ones of any length, and one in 20 of them with a wrong date ahead."""

Counts = Mapping[int, int]
"""Bins to numbers of reports."""
Learned = tuple[tuple[int, ...], ...]
"""Pieces of evidence by bin, of each of the last days."""
Likelihoods = Mapping[int, tuple[int, ...]]
"""Shift (0: none) to the logarithm of how likely each bin is, in thousandths; empty while nothing is known."""


class Scale(NamedTuple):
    """How a sort of evidence is counted.

    `hour`: bins in an hour. `ahead`: bins below zero. `assumed`: what is taken to be usual before anything is; None:
    nothing. `either`: a stray one lies as likely on either side, because any of two may be wrong. `prompt`: bins above
    zero in which a quarter of it must lie (stray ones are many pieces), or it tells nothing; 0: no such rule.
    """

    bins: int
    hour: int
    ahead: int
    assumed: range | None
    either: bool = False
    prompt: int = 0


DELAY: Final = Scale(BINS, HOUR // BIN, BINS_AHEAD, range(BINS_AHEAD, BINS_AHEAD + 12))
DIFFERENCE: Final = Scale(BINS, HOUR // BIN, BINS_AHEAD, range(BINS_AHEAD - 3, BINS_AHEAD + 3), either=True)
"""0 to 4 hours, and an hour either way, are taken to be usual before anything is."""
LAG: Final = Scale(LAG_BINS, HOUR // LAG_BIN, LAG_BINS_AHEAD, None, prompt=6)
"""Of a feed that sends what it learns within half an hour: what is spread over hours is spread too thin to be known."""


def learned(before: Learned, slots: Sequence[Counts], scale: Scale) -> Learned:
    """With the pieces of evidence of one more day: of slots in which nothing was off."""
    if not slots:
        return before
    today = [0] * scale.bins
    for each in slots:
        for place in each:
            today[place] += 1
    return (*before, tuple(today))[-LEARNED_DAYS:]


@lru_cache(maxsize=1024)  # carriers times the two days that are looked at again at every tick, of each sort
def likelihoods(known: Learned, scale: Scale) -> Likelihoods:
    """How likely each bin is by each shift."""
    usual, bins, ahead = _sums(known, scale), scale.bins, scale.ahead
    if sum(usual) < LEARNED_LEAST:
        if scale.assumed is None:
            return {}
        usual = [1 if place in scale.assumed else 0 for place in range(bins)]
    if scale.prompt and 4 * sum(usual[ahead - 1 : ahead + scale.prompt]) < sum(usual):
        return {}
    total = 4 * sum(usual)
    late, early = _STRAY * 0.95 / (bins - ahead), _STRAY * 0.05 / ahead
    if scale.either:
        late = early = _STRAY / bins
    logs: list[int] = []
    for place in range(bins):
        # A neighbour counts half: which side of a bin's edge a delay falls on means nothing.
        near = (usual[place - 1] if place else 0) + 2 * usual[place] + (usual[place + 1] if place + 1 < bins else 0)
        share = (1 - _STRAY) * near / total + (early if place < ahead else late)
        logs.append(round(1000 * log(share)))
    floor = round(1000 * log(early))
    found: dict[int, tuple[int, ...]] = {0: tuple(logs)}
    for hours in SHIFTS:
        moved = scale.hour * hours
        found[hours] = tuple(logs[p + moved] if 0 <= p + moved < bins else floor for p in range(bins))
    return found


@lru_cache(maxsize=1024)
def usual_wait(known: Learned) -> int:
    """The longest delay (ms) that is usual: of the hours of delay the last with a third of the busiest one's pieces.

    0 while too little is known. What lies beyond the bins is not told apart, and left out.
    """
    usual = _sums(known, DELAY)[BINS_AHEAD:-1]
    hours = [sum(usual[place : place + DELAY.hour]) for place in range(len(usual) - DELAY.hour)]
    if not hours or max(hours) < _WAITS_LEAST:
        return 0
    last = max(place for place, pieces in enumerate(hours) if 3 * pieces >= max(hours))
    return (last + DELAY.hour) * BIN


def _sums(known: Learned, scale: Scale) -> list[int]:
    return [sum(day[place] for day in known) for place in range(scale.bins)]
