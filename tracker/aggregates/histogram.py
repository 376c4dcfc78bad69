"""A mergeable histogram of durations with a known relative error, from which facts can be withdrawn again.

Why ours and not the `ddsketch` package. The idea is the same (buckets that grow by a constant ratio), but
there nothing can be taken out again (it keeps least and greatest value), and a corrected time withdraws a
fact. Its sums and weights are floats and its bucket numbers come from a logarithm; ours are integers found in
a table of integers, so that merging in any order, on any machine, gives bit-equal rows. It stores a dense run
of bins, while a row here holds one histogram per subject and hour and must cost what it counts: about four
bytes a bucket. And the core imports nothing but the standard library and msgspec.

Size: at most `len(BOUNDS)` buckets (1,220); an hour's cell has a handful, a month of a busy node some 300.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import msgspec

SAMPLE_MIN: Final = 5
"""Below this many values a quantile is not given: it would be one container's story, not the corridor's."""

_LIMIT: Final = 1 << 40
"""35 years in milliseconds; longer values fall into the last bucket and lose the promise of 1 %."""


def _bounds() -> Iterator[int]:
    low = 0
    while low < _LIMIT:
        yield low
        # The greatest value of a bucket is at most 101/99 of the least: the harmonic middle of the two is
        # then at most 1 % from either. Below 50 ms that leaves one whole number to a bucket: exact.
        low = low * 101 // 99 + 1


BOUNDS: Final = tuple(_bounds())
"""The least value of each bucket, ascending."""


def bucket(value: int) -> int:
    """The number of the bucket of a value; that of a negative value mirrors that of its opposite.

    >>> bucket(0), bucket(49), bucket(-49), bucket(86_400_000) == bucket(86_000_000)
    (0, 49, -49, True)
    """
    if value < 0:
        return -bucket(-value)
    return bisect_right(BOUNDS, value) - 1


def middle(number: int) -> float:
    """The value that stands for a bucket: at most 1 % from every value in it."""
    if number < 0:
        return -middle(-number)
    low = BOUNDS[number]
    high = BOUNDS[number + 1] - 1 if number + 1 < len(BOUNDS) else low
    return 2 * low * high / (low + high) if high > low else float(low)


class Histogram(msgspec.Struct, array_like=True):
    """How many values fell into which bucket; equal histograms are equal rows.

    A count may be negative for as long as a withdrawal has come and its addition has not; a bucket whose
    count is zero is not kept, so "added and withdrawn" equals "never".
    """

    counts: dict[int, int] = {}

    def add(self, value: int, times: int = 1) -> None:
        """Count a value `times` times; -1 withdraws one."""
        self._change(bucket(value), times)

    def merge(self, other: "Histogram", sign: int = 1) -> None:
        """Add another histogram, or with sign -1 take it out."""
        for number, times in other.counts.items():
            self._change(number, sign * times)

    @property
    def size(self) -> int:
        """How many values are counted."""
        return sum(self.counts.values())

    def quantiles(self, *qs: float) -> tuple[float, ...]:
        """For each q, ascending, the value that q of the sample does not exceed, within 1 %.

        Empty below five values. Each is the value of rank ceil(q x size), without interpolation between
        two: with few values an interpolated p95 is a time no container took. A q is taken to the
        thousandth, in integers, because 0.95 x 20 must be rank 19 on every machine.

        >>> h = Histogram()
        >>> for hours in (20, 21, 22, 30, 90): h.add(hours * 3_600_000)
        >>> [round(value / 3_600_000) for value in h.quantiles(0.5, 0.95)]
        [22, 91]
        """
        size = self.size
        if size < SAMPLE_MIN:
            return ()
        found: list[float] = []
        ranks = [max(1, -(-round(q * 1000) * size // 1000)) for q in qs]
        seen = 0
        for number in sorted(self.counts):
            seen += self.counts[number]
            while len(found) < len(ranks) and seen >= ranks[len(found)]:
                found.append(middle(number))
        return tuple(found)

    def _change(self, number: int, times: int) -> None:
        count = self.counts.get(number, 0) + times
        if count:
            self.counts[number] = count
        else:
            self.counts.pop(number, None)
