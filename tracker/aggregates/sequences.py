"""Numbers that a carrier gave its reports and that never came: what of a feed is missing, counted.

A carrier numbers its reports without a gap over its whole topic, whatever the partition. Each partition notes which
numbers it saw on which day; here they are put together. A number is missed from the hour in which a higher one was
received, and is missing once that is 24 hours ago: what is only late is not lost. One that comes later still is taken
back. The result is a function of what was seen and when, by hours, and not of the order of arrival.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from tracker.domain.moment import DAY, HOUR, Millis

BITS: Final = 32
"""Numbers that one entry of a day's note is about."""
BLOCKS_MAX: Final = 2_048
"""Entries of a day in one partition: 65,000 numbers one after the other; what lies beyond is taken for seen by none."""
NUMBER_MAX: Final = 2**53
"""Above that JSON numbers lose their last digits on the way."""
MISSING_AFTER_HOURS: Final = 24
GAPS_MAX: Final = 1_000
"""Ranges of missed numbers that are remembered; the oldest beyond stay missing whatever comes."""
JUMP_MAX: Final = 1_000_000
"""A number so far above all others is a slip, unless most of its day's are: then the carrier counts anew from there."""

_HOURS: Final = DAY // HOUR


class Gap(NamedTuple):
    """Numbers from `first` to `last`, none of which was seen; missed since the hour `since` (since 1970)."""

    first: int
    last: int
    since: int

    @property
    def reports(self) -> int:
        """How many."""
        return self.last - self.first + 1

    def is_missing(self, clock: Millis) -> bool:
        """Whether it is old enough to be called missing."""
        return (self.since + 1 + MISSING_AFTER_HOURS) * HOUR <= clock


class Numbers(NamedTuple):
    """A carrier's numbers after some days. `high`: the highest seen; `gaps` below it, ascending.

    `found`: were missing and came after all. `lost`: of gaps that are no longer remembered.
    """

    high: int | None = None
    gaps: tuple[Gap, ...] = ()
    found: int = 0
    lost: int = 0

    def missing(self, clock: Millis) -> list[Gap]:
        """The ranges that are missing at a clock."""
        return [gap for gap in self.gaps if gap.is_missing(clock)]

    def count(self, clock: Millis) -> int:
        """How many reports are missing at a clock."""
        return self.lost + sum(gap.reports for gap in self.missing(clock))

    def ever(self, clock: Millis) -> int:
        """How many were ever missing: never less than before, as a counter must be."""
        return self.count(clock) + self.found


Seen = Mapping[int, int]
"""Number // BITS to the bits of those that were seen."""
Reach = Mapping[int, int]
"""Hour of the day to the highest number received in it."""


def follow(before: Numbers, day: int, seen: Seen, reach: Reach) -> Numbers:
    """After one more day of received time."""
    numbers = sorted(block * BITS + bit for block, bits in seen.items() for bit in range(BITS) if bits >> bit & 1)
    if not numbers:
        return before
    high = numbers[0] if before.high is None else before.high
    numbers, high, gaps = _one_count(numbers, high, list(before.gaps))
    if not numbers:
        return before
    gaps, found = _filled(gaps, numbers, (day + 1) * _HOURS)
    highest: list[tuple[int, int]] = []
    for hour in sorted(reach):
        if reach[hour] <= numbers[-1] and (not highest or reach[hour] > highest[-1][0]):
            highest.append((reach[hour], day * _HOURS + hour))
    for low, up in pairwise([high, *numbers[bisect_right(numbers, high) :]]):
        if up > low + 1:
            at = bisect_left(highest, (up, 0))
            gaps.append(Gap(low + 1, up - 1, highest[min(at, len(highest) - 1)][1]))
    lost = before.lost + sum(gap.reports for gap in gaps[:-GAPS_MAX])
    return Numbers(max(high, numbers[-1]), tuple(gaps[-GAPS_MAX:]), before.found + found, lost)


def follow_all(before: Numbers, days: Iterable[tuple[int, Seen, Reach]]) -> Numbers:
    """After several days, given in their order."""
    for day, seen, reach in days:
        before = follow(before, day, seen, reach)
    return before


def _one_count(numbers: list[int], high: int, gaps: list[Gap]) -> tuple[list[int], int, list[Gap]]:
    """The numbers that go on from what was counted so far: without slips, or from where the carrier counts anew."""
    beyond = bisect_right(numbers, high + JUMP_MAX)
    if beyond == len(numbers):
        return numbers, high, gaps
    if 2 * beyond >= len(numbers):
        return numbers[:beyond], high, gaps
    return _one_count(numbers[beyond:], numbers[beyond], gaps)


def _filled(gaps: list[Gap], numbers: list[int], end: int) -> tuple[list[Gap], int]:
    """The gaps less what was seen after all, and how many of that had been missing by the hour `end`."""
    left: list[Gap] = []
    found = 0
    for gap in gaps:
        came = numbers[bisect_left(numbers, gap.first) : bisect_right(numbers, gap.last)]
        if gap.is_missing(Millis(end * HOUR)):
            found += len(came)
        for low, up in pairwise([gap.first - 1, *came, gap.last + 1]):
            if up > low + 1:
                left.append(Gap(low + 1, up - 1, gap.since))
    return left, found
