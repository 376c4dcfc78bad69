"""How long a leg, a stay or a whole way takes, as a lognormal distribution in hours.

Times on a railway have a floor and a long tail: hours of a leg or stay are lognormal, with the network's planned
hours as the median and its p95 as the tail. Hours of a way are a sum of such. A sum of medians is not its median: it
is early, because tails only ever add. The sum of independent lognormals is near enough a lognormal of the same mean
and variance (the method of moments of L. F. Fenton, "The sum of log-normal probability distributions in scatter
transmission systems", IRE Transactions on Communications Systems, 1960), but for its tail: the p99 of a way of ten
parts is early by a day in twenty. So lines are drawn at the tail of a lognormal shifted to have the third moment too.
"""

import math
from collections.abc import Iterable
from functools import lru_cache
from statistics import NormalDist
from typing import Final, NamedTuple

from tracker.domain.network import Hours

SIGMA_DEFAULT: Final = 0.2
"""Where no p95 is known: one in twenty takes 39 % longer than planned, as on legs whose p95 is published."""

_NORMAL: Final = NormalDist()
Z95: Final = _NORMAL.inv_cdf(0.95)
"""Standard deviations from the median to the p95 of a normal distribution, 1.645; on a lognormal, of its logarithm."""
Z99: Final = _NORMAL.inv_cdf(0.99)
"""The same for the p99, 2.326."""


class Spread(NamedTuple):
    """A lognormal distribution by its mean in hours and its variance in square hours: what adds up.

    `third`: of a sum, the third central moment too, in cubic hours; 0: that of the lognormal. Only `tail` heeds it.
    """

    mean: float
    variance: float
    third: float = 0.0

    @property
    def sigma(self) -> float:
        """The standard deviation of the logarithm; 0 when every time is the mean."""
        return math.sqrt(math.log1p(self.variance / self.mean**2)) if self.mean > 0 else 0.0

    @property
    def median(self) -> float:
        """Hours that half of the times do not exceed."""
        return self.mean / math.sqrt(1 + self.variance / self.mean**2) if self.mean > 0 else 0.0

    def quantile(self, q: float) -> float:
        """Hours that a share `q` of the times does not exceed; `q` above 0 and below 1, else `StatisticsError`.

        >>> leg = spread_of(Hours(20, 48))
        >>> [round(leg.quantile(q), 3) for q in (0.5, 0.95)]
        [20.0, 48.0]
        """
        return _quantile(self, q)

    def quantiles(self, qs: Iterable[float]) -> tuple[float, ...]:
        """Several quantiles, of a distribution that is not asked again: they are not remembered."""
        if self.mean <= 0:
            return tuple(0.0 for _ in qs)
        sigma, median = self.sigma, self.median
        return tuple(median * math.exp(_NORMAL.inv_cdf(q) * sigma) for q in qs)

    def tail(self, q: float) -> float:
        """Hours that a large share `q` of the times does not exceed, from 0.9 to below 1: exact in three moments.

        >>> round(total([spread_of(Hours(48, 120))] * 10).tail(0.99)), round(spread_of(Hours(20, 48)).tail(0.95))
        (860, 48)
        """
        return _tail(self, q)

    def above(self, hours: float) -> float:
        """The share of the times that exceeds some hours.

        >>> leg = spread_of(Hours(20, 48))
        >>> [round(leg.above(hours), 3) for hours in (0, 20, 48)]
        [1.0, 0.5, 0.05]
        """
        if hours <= 0:
            return 1.0
        sigma = self.sigma
        if sigma <= 0:
            return float(hours < self.mean)
        return _NORMAL.cdf((math.log(self.median) - math.log(hours)) / sigma)


@lru_cache(16_384)  # some 3 MB; a network's ways have a few thousand, and each is asked for again at every report
def _quantile(spread: Spread, q: float) -> float:
    return spread.median * math.exp(_NORMAL.inv_cdf(q) * spread.sigma)


@lru_cache(16_384)  # as above
def _tail(spread: Spread, q: float) -> float:
    if not spread.third or spread.variance <= 0:
        return _quantile(spread, q)
    growth = _growth(spread.third / spread.variance**1.5)
    median = math.sqrt(spread.variance / (growth * (growth - 1)))
    shift = spread.mean - median * math.sqrt(growth)
    return shift + median * math.exp(_NORMAL.inv_cdf(q) * math.sqrt(math.log(growth)))


def _growth(skewness: float) -> float:
    """The power of e to sigma squared, w, of a lognormal so skew: (w + 2) sqrt(w - 1) is its skewness.

    >>> w = math.exp(0.532**2)
    >>> round(math.sqrt(math.log(_growth((w + 2) * math.sqrt(w - 1)))), 3)
    0.532
    """
    half = 1 + skewness**2 / 2
    root = math.exp(math.log(half + math.sqrt(half**2 - 1)) / 3)
    return root + 1 / root - 1


def _third(spread: Spread) -> float:
    """The third central moment."""
    if spread.third or spread.mean <= 0:
        return spread.third
    w = 1 + spread.variance / spread.mean**2
    return spread.mean**3 * (w - 1) ** 2 * (w + 2)


NOTHING: Final = Spread(0.0, 0.0)
"""A way of no length: takes no time, for certain."""


def sigma_of(planned_hours: float, p95_hours: float | None) -> float:
    """The standard deviation of the logarithm of hours with that median and p95; both above 0, p95 not below.

    >>> round(sigma_of(20, 48), 3), sigma_of(20, None)
    (0.532, 0.2)
    """
    return SIGMA_DEFAULT if p95_hours is None else math.log(p95_hours / planned_hours) / Z95


def spread_of(hours: Hours) -> Spread:
    """The distribution of planned hours (its median) and their p95."""
    sigma = sigma_of(hours.planned, hours.p95)
    mean = hours.planned * math.exp(sigma**2 / 2)
    return Spread(mean, mean**2 * math.expm1(sigma**2))


def total(spreads: Iterable[Spread]) -> Spread:
    """The distribution of the sum of independent times: exact in three moments, lognormal by approximation.

    Sums do not depend on the order of what is summed, to the last digit.
    """
    listed = list(spreads)
    return Spread(
        math.fsum(each.mean for each in listed),
        math.fsum(each.variance for each in listed),
        math.fsum(map(_third, listed)),
    )


def beyond(spread: Spread, hours: float) -> Spread:
    """What is left of times that exceed some hours: the distribution of the rest, exact in mean and variance.

    Of a lognormal the rest grows with what has passed: who waited long waits longer. Far beyond all usual times it is
    exponential.

    >>> leg = spread_of(Hours(20, 48))
    >>> [round(beyond(leg, hours).median) for hours in (0, 20, 48, 96)]
    [20, 9, 9, 12]
    """
    sigma = spread.sigma
    if hours <= 0 or sigma <= 0:
        return Spread(max(0.0, spread.mean - max(0.0, hours)), spread.variance)
    middle = math.log(spread.median)
    z = (math.log(hours) - middle) / sigma
    share = _NORMAL.cdf(-z)
    if z > _FAR:
        rest = sigma * hours / z  # the inverse of the rate at which such times end, for large z
        return Spread(rest, rest**2)
    mean = math.exp(middle + sigma**2 / 2) * _NORMAL.cdf(sigma - z) / share
    square = math.exp(2 * middle + 2 * sigma**2) * _NORMAL.cdf(2 * sigma - z) / share
    return Spread(max(0.0, mean - hours), max(0.0, square - mean**2))


_FAR: Final = 4.0
"""Standard deviations: one time of 30,000 is longer, and sums of smaller shares lose digits."""
