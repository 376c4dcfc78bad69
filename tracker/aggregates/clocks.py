"""Carriers' clocks: whether what a carrier reports is, all at once, some whole hours off.

A zone error moves every event time by the same whole hours, and with it the delay of reporting (received less event
time). Each carrier's delays are compared with its usual ones, moved by 1 to 12 hours either way: a run of evidence is
added up for each (CUSUM of log likelihood ratios) and the one that passes the threshold is believed, until another,
or no shift, is as much more likely.

Two other witnesses tell a shift from lateness, but only add to what the delays say. Where a carrier tells when its
system learned of the event, and that clock is off too, so is the time for which a report was on its way: minutes for
most feeds, whole hours all at once. It counts for nothing where it stays as it is: then only event times may be off.
And where several carriers tell of one fact, their times differ (`domain.testimony`), but not which of the two is off:
that adds half of what is needed at most, and takes away without bound. All is integers and goes by closed slots of
received time, so that stream and batch find the same, whatever the order of arrival.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracker.aggregates.likelihood import (
    DELAY,
    DIFFERENCE,
    LAG,
    Counts,
    Learned,
    Likelihoods,
    learned,
    likelihoods,
    usual_wait,
)
from tracker.domain.delay_bins import BINS, BINS_AHEAD, LAG_BINS, LAGS_FROM, SLOT, SLOTS
from tracker.domain.moment import DAY, HOUR, Millis

SHIFTS_MAX: Final = 100
"""Of a carrier that are remembered; one with more has no clock worth the name."""

THRESHOLD: Final = 14_000
"""Sum of a run at which its shift is believed, in thousandths of a natural logarithm: some 12 reports that fit it."""
DOUBT: Final = 800
"""What each report takes from a run: of stray delays some fit any shift and the others none, which must not add up."""
_MOST: Final = 2_000
_LEAST: Final = -3_000
"""What one report says at most for and against a shift."""
_TOGETHER: Final = 12
"""Reports of one slot and bin that count, at most: whole trains are told late now and then."""
_CERTAIN: Final = 24
"""The same of reports that tell what had not happened yet, which no lateness explains."""
_LATE: Final = 12_000
"""What lateness says at most in one slot: several trains that come in late together are no shift yet."""
_LATE_ALL: Final = 24_000
_MANY: Final = 4
_OUTSPOKEN: Final = 4
"""The same where so many bins of delay say so, and so many times as many reports as speak plainly against it: of feeds
that send everything at once."""
_ON_ITS_WAY: Final = 7_000
"""What the time on its way says at most for a shift in one slot: half of `THRESHOLD`."""
_BACKLOG: Final = 6
"""Slots after a pause in which what waited may come in, late by as long as the pause was."""
_OTHERS_MOST: Final = 7_000
"""What differences from other carriers' times say at most for a shift, in all: half of `THRESHOLD`."""


class Shift(NamedTuple):
    """A carrier's times are `hours` later than true ones (negative: earlier).

    `since`: of received time; `opened` the clock at which it was believed, `resolved` that at which no more. `reports`
    came from `since` on until it was believed.
    """

    carrier: str
    hours: int
    since: Millis
    opened: Millis
    resolved: Millis | None
    reports: int


class Run(NamedTuple):
    """Evidence for a shift that has not been refuted: its sum, the slot (since 1970) it begins with, reports in it.

    `fit`: how likely it makes all of them, unbounded, to choose among shifts that all explain them.
    """

    sum: int
    since: int
    reports: int
    fit: int
    others: int = 0
    """What of the sum other carriers' times said."""
    lags: int = 0
    """What of the sum the time on their way said."""


class Followed(NamedTuple):
    """What is known of a carrier's clock after some slots."""

    learned: Learned = ()
    hours: int = 0
    """The shift that is believed now."""
    runs: Mapping[int, Run] = {}
    """By other shifts, 0 for none."""
    shifts: tuple[Shift, ...] = ()
    """All so far; the last may be open."""
    differences: Learned = ()
    """The same as `learned` of differences from other carriers' times."""
    lags: Learned = ()
    """The same of how long reports were on their way."""
    is_whole: bool = False
    """The shift that is believed is of all times that the carrier tells, not of those of events alone."""
    heard: tuple[int, ...] = ()
    """The last slots (since 1970) in which anything was received."""

    def longest_pause(self, number: int) -> int:
        """The most slots between two reports of which the second came up to `_BACKLOG` slots before one."""
        recent = [*(each for each in self.heard if each < number), number]
        return max((b - a for a, b in pairwise(recent) if b >= number - _BACKLOG), default=0)


def follow(before: Followed, carrier: str, day: int, counts: Counts, until: Millis, others: Counts) -> Followed:
    """After one more day: each slot that was closed by `until` looked at, then the day learned from, if it is over.

    `counts`: of delays and of the time on the way; `others`: of differences from other carriers' times.
    """
    delays = _by_slot(((key, times) for key, times in counts.items() if key < LAGS_FROM), BINS)
    lags = _by_slot(((key - LAGS_FROM, times) for key, times in counts.items() if key >= LAGS_FROM), LAG_BINS)
    differences = _by_slot(others.items(), BINS)
    now = before
    likely = Likely(
        likelihoods(before.learned, DELAY),
        likelihoods(before.lags, LAG),
        likelihoods(before.differences, DIFFERENCE),
        usual_wait(before.learned),
    )
    sound: list[int] = []
    for slot in sorted(delays.keys() | differences.keys()):
        number = day * SLOTS + slot
        closed = Millis((number + 1) * SLOT)
        if closed > until:
            break
        pieces = Pieces(delays.get(slot, {}), lags.get(slot, {}), differences.get(slot, {}))
        heard = (*now.heard[-_BACKLOG:], number) if slot in delays else now.heard
        now = now._replace(runs=_weighed(now, pieces, likely, number), heard=heard)
        if now.hours == 0:
            sound.append(slot)
        enough = [(run.fit, -abs(hours), hours) for hours, run in now.runs.items() if run.sum >= THRESHOLD]
        if enough:
            now = _believed(now, carrier, max(enough)[2], closed)
            if now.hours:
                sound = [each for each in sound if (day * SLOTS + each) * SLOT < now.shifts[-1].since]
    if (day + 1) * DAY > until:
        return now
    return now._replace(
        learned=learned(before.learned, [delays[each] for each in sound if each in delays], DELAY),
        lags=learned(before.lags, [lags[each] for each in sound if each in lags], LAG),
        differences=learned(
            before.differences, [differences[each] for each in sound if each in differences], DIFFERENCE
        ),
    )


def _by_slot(counts: Iterable[tuple[int, int]], bins: int) -> dict[int, dict[int, int]]:
    slots: dict[int, dict[int, int]] = {}
    for key, reports in counts:
        slots.setdefault(key // bins, {})[key % bins] = reports
    return slots


def _believed(before: Followed, carrier: str, hours: int, clock: Millis) -> Followed:
    """From a clock on another shift is believed, or none."""
    shifts, run = list(before.shifts), before.runs[hours]
    if before.hours:
        shifts[-1] = shifts[-1]._replace(resolved=clock)
    if hours:
        shifts.append(Shift(carrier, hours, Millis(run.since * SLOT), clock, None, run.reports))
    is_whole = hours != 0 and run.lags > 0
    return before._replace(hours=hours, runs={}, shifts=tuple(shifts[-SHIFTS_MAX:]), is_whole=is_whole)


def _weighed(before: Followed, pieces: "Pieces", likely: "Likely", number: int) -> dict[int, Run]:
    """The runs after the evidence of one slot, against what is believed; those that are refuted are left out."""
    believed, reports = before.hours, sum(pieces.delays.values())
    usual, pause = likely.delays[believed], before.longest_pause(number) * SLOT if pieces.delays else 0
    # What waits so long as a matter of course is among the usual delays already.
    pause = pause if pause > likely.wait else 0
    # By a clock as it is believed to be, it says what had not happened yet.
    delays = [(place, count, place + 3 * believed < BINS_AHEAD - 1) for place, count in pieces.delays.items()]
    # Where only the times of events are off, the others say nothing of when that ends.
    lags = likely.lags if believed == 0 or before.is_whole else {}
    found: dict[int, Run] = {}
    for hours, likelihood in likely.delays.items():
        if hours == believed:
            continue
        waited = hours < believed and (believed - hours) * HOUR <= pause
        run = before.runs.get(hours, Run(0, number, 0, 0))
        way = _of_others(pieces.lags, lags[hours], lags[believed]) if lags and not waited else 0
        way = max(0, min(way, _ON_ITS_WAY))
        added, fit, fits, spoke = 0, run.fit, 0, 0
        for place, count, impossible in delays:
            told = likelihood[place] - usual[place]
            says = max(_LEAST, min(_MOST, told)) - (0 if way else DOUBT)
            if says > 0 and waited:
                continue
            weight = min(count, _TOGETHER)
            fits += says > 0
            spoke += weight if says > 0 else -_OUTSPOKEN * weight if told < -_MOST else 0
            fit += told * weight
            added += says * min(count, _CERTAIN if impossible and says > 0 else weight)
        said = _of_others(pieces.differences, likely.differences[hours], likely.differences[believed])
        others = min(max(0, run.others + said), _OTHERS_MOST)
        if hours < believed:
            added = min(added, _LATE_ALL if fits >= _MANY and spoke > 0 else _LATE)
        added += run.sum + way + (said if said < 0 else others - run.others)
        if added > 0:
            found[hours] = Run(added, run.since, run.reports + reports, fit, others, run.lags + way)
    return found


def _of_others(counted: Counts, likelihood: Sequence[int], usual: Sequence[int]) -> int:
    """What the differences of one slot from other carriers' times, or times on the way, say for a shift."""
    return sum(
        (max(_LEAST, min(_MOST, likelihood[place] - usual[place])) - DOUBT) * min(count, _TOGETHER)
        for place, count in counted.items()
    )


class Pieces(NamedTuple):
    """The evidence of one slot: bins of delays, of times on the way and of differences to how many."""

    delays: Counts
    lags: Counts
    differences: Counts


class Likely(NamedTuple):
    """What delays, times on the way and differences are likely by each shift, and what is waited for usually (ms)."""

    delays: Likelihoods
    lags: Likelihoods
    differences: Likelihoods
    wait: int


def settled(until: Millis) -> int:
    """The last day that is not looked at again after a clock."""
    return until // DAY - 2


_NONE: Final[Mapping[tuple[str, int], Counts]] = {}


def shifts_of(
    days: Mapping[tuple[str, int], Counts],
    until: Millis,
    before: Mapping[str, tuple[int, Followed]] | None = None,
    others: Mapping[tuple[str, int], Counts] = _NONE,
) -> tuple[list[Shift], dict[str, tuple[int, Followed]]]:
    """All shifts up to a clock, and what is known of each carrier after the day before yesterday, to go on from.

    `days`: carrier and day to the counts of its delays, `others` of its differences from other carriers' times. With
    what was known `before`, only later days are looked at.
    """
    known = dict(before or {})
    found: list[Shift] = []
    last = settled(until)
    counted: dict[str, list[int]] = {carrier: [] for carrier in known}
    for carrier, day in sorted(days.keys() | others.keys()):
        counted.setdefault(carrier, []).append(day)
    for carrier in sorted(counted):
        through, followed = known.get(carrier, (-1, Followed()))
        for day in counted[carrier]:
            if day <= through or day * DAY >= until:
                continue
            followed = follow(
                followed, carrier, day, days.get((carrier, day), {}), until, others.get((carrier, day), {})
            )
            if day <= last:
                known[carrier] = day, followed
        found += followed.shifts
    return found, known
