"""How far off carriers' estimates were in four weeks, by what was known when a day began."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import accumulate
from typing import Final

from tracker.aggregates.ledger import Cohort, Ledger
from tracker.domain.guesses import Guessed, guess_of
from tracker.domain.moment import HOUR

DAYS: Final = 28
"""Days of received time that are learned from."""
TRAINS_MIN: Final = 20
"""Minutes in which arrivals became known: a train's boxes are one sample, and of fewer nothing is learned."""
_MINUTES: Final = 24 * 60


def guessed_on(ledger: Ledger, day: int) -> dict[tuple[str, str], Guessed]:
    """Carrier and lead to how far off its estimates were, as it holds on a day (whole days since 1970)."""
    known = range((day - DAYS) * _MINUTES, day * _MINUTES)
    sums: defaultdict[tuple[str, str], defaultdict[str, _Off]] = defaultdict(lambda: defaultdict(_Off))
    for (place, _), hours in ledger.guesses.items():
        if (guess := guess_of(place)) is not None:
            mark, carrier, lead = guess
            sums[carrier, lead][mark].add(hours, known)
    return {of: _guessed(each["guess"], each["plain"]) for of, each in sorted(sums.items()) if each["guess"].is_enough}


class _Off:
    """How many boxes were off by so many hours."""

    def __init__(self) -> None:
        self.boxes: Counter[int] = Counter()
        self.minutes: set[int] = set()

    def add(self, hours: Mapping[int, Cohort], known: range) -> None:
        for hour, cohort in hours.items():
            for minute, count in cohort.noted(known):
                self.boxes[hour] += count
                self.minutes.add(minute)

    @property
    def samples(self) -> int:
        return sum(count for count in self.boxes.values() if count > 0)

    @property
    def is_enough(self) -> bool:
        return len(self.minutes) >= TRAINS_MIN and self.samples >= TRAINS_MIN

    def quantile(self, tenths: int) -> int:
        """The first hour that so many tenths of the boxes do not exceed."""
        off = sorted((hour, count) for hour, count in self.boxes.items() if count > 0)
        passed, samples = accumulate(count for _, count in off), self.samples
        return next((hour for (hour, _), upto in zip(off, passed, strict=True) if 10 * upto >= tenths * samples), 0)

    def error(self) -> int:
        """Milliseconds in the mean, once the median is taken off."""
        median, samples = self.quantile(5), max(1, self.samples)
        return sum(abs(hour - median) * count for hour, count in self.boxes.items() if count > 0) * HOUR // samples


def _guessed(said: _Off, plain: _Off) -> Guessed:
    low, median, high = (said.quantile(tenths) * HOUR for tenths in (1, 5, 9))
    return Guessed(said.samples, len(said.minutes), median, low, high, said.error(), plain.error())
