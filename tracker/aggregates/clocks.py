"""Carriers' clocks: whether what a carrier reports is, all at once, some whole hours off.

A zone error moves every event time by the same whole hours, and with it the delay of reporting (received less event
time). Each carrier's delays are compared with its usual ones, moved by 1 to 12 hours either way: a run of evidence is
added up for each (CUSUM of log likelihood ratios) and the one that passes the threshold is believed, until another,
or no shift, is as much more likely.

Where several carriers tell of one fact, the difference of their times is a second witness (`domain.testimony`): it
tells a shift from lateness, but not which of the two is off. So it only adds to what a carrier's own delays say, half
of what is needed at most, and takes away without bound. All is integers and goes by closed slots of received time, so
that stream and batch find the same, whatever the order of arrival.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import Final, NamedTuple

from tracker.domain.delay_bins import BINS, BINS_AHEAD, SLOT, SLOTS
from tracker.domain.moment import DAY, HOUR, Millis

SHIFTS: Final = tuple(hours for hours in range(-12, 13) if hours)
"""Of the zones a report can be made in, two differ by at most 12 hours here."""

SHIFTS_MAX: Final = 100
"""Of a carrier that are remembered; one with more has no clock worth the name."""

LEARNED_DAYS: Final = 7
LEARNED_LEAST: Final = 30
"""Pieces of evidence below which nothing is usual, and delays of 0 to 4 hours are assumed."""
THRESHOLD: Final = 16_000
"""Sum of a run at which its shift is believed, in thousandths of a natural logarithm: some 14 reports that fit it."""
DOUBT: Final = 800
"""What each report takes from a run: of stray delays some fit any shift and the others none, which must not add up."""
_MOST: Final = 2_000
_LEAST: Final = -3_000
"""What one report says at most for and against a shift."""
_TOGETHER: Final = 12
"""Reports of one slot and bin that count, at most: whole trains are told late now and then."""
_CERTAIN: Final = 24
"""The same of reports that tell what had not happened yet, which no lateness explains."""
_LATE: Final = 14_000
"""What lateness says at most in one slot: several trains that come in late together are no shift yet."""
_BACKLOG: Final = 6
"""Slots after a pause in which what waited may come in, late by as long as the pause was."""
_OTHERS_MOST: Final = 8_000
"""What differences from other carriers' times say at most for a shift, in all: half of `THRESHOLD`."""
_ASSUMED: Final = (range(BINS_AHEAD, BINS_AHEAD + 12), range(BINS_AHEAD - 3, BINS_AHEAD + 3))
"""Delays and differences that are taken to be usual before anything is: 0 to 4 hours, and an hour either way."""
_STRAY: Final = 0.15
"""Share of delays that follow no habit: late ones of any length, and one in 20 of them with a wrong date ahead."""


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


Counts = Mapping[int, int]
"""`noted` keys of one day to numbers of reports."""
Learned = tuple[tuple[int, ...], ...]
"""Pieces of evidence by bin, of each of the last days."""


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
    heard: tuple[int, ...] = ()
    """The last slots (since 1970) in which anything was received."""

    def longest_pause(self, number: int) -> int:
        """The most slots between two reports of which the second came up to `_BACKLOG` slots before one."""
        recent = [*(each for each in self.heard if each < number), number]
        return max((b - a for a, b in pairwise(recent) if b >= number - _BACKLOG), default=0)


def follow(before: Followed, carrier: str, day: int, counts: Counts, until: Millis, others: Counts) -> Followed:
    """After one more day: each slot that was closed by `until` looked at, then the day learned from, if it is over.

    `counts`: of delays; `others`: of differences from other carriers' times.
    """
    slots, differences = _by_slot(counts), _by_slot(others)
    now = before
    likely = Likely(_likelihoods(before.learned, _LATENESS), _likelihoods(before.differences, _DIFFERENCE))
    sound: list[int] = []
    for slot in sorted(slots.keys() | differences.keys()):
        number = day * SLOTS + slot
        closed = Millis((number + 1) * SLOT)
        if closed > until:
            break
        pieces = Pieces(slots.get(slot, {}), differences.get(slot, {}))
        heard = (*now.heard[-_BACKLOG:], number) if slot in slots else now.heard
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
        learned=_learned(before.learned, [slots[each] for each in sound if each in slots]),
        differences=_learned(before.differences, [differences[each] for each in sound if each in differences]),
    )


def _by_slot(counts: Counts) -> dict[int, dict[int, int]]:
    slots: dict[int, dict[int, int]] = {}
    for key, reports in counts.items():
        slots.setdefault(key // BINS, {})[key % BINS] = reports
    return slots


def _learned(before: Learned, sound: Sequence[Mapping[int, int]]) -> Learned:
    """With the pieces of evidence of one more day, in which nothing was off."""
    if not sound:
        return before
    today = [0] * BINS
    for each in sound:
        for place in each:
            today[place] += 1
    return (*before, tuple(today))[-LEARNED_DAYS:]


def _believed(before: Followed, carrier: str, hours: int, clock: Millis) -> Followed:
    """From a clock on another shift is believed, or none."""
    shifts, run = list(before.shifts), before.runs[hours]
    if before.hours:
        shifts[-1] = shifts[-1]._replace(resolved=clock)
    if hours:
        shifts.append(Shift(carrier, hours, Millis(run.since * SLOT), clock, None, run.reports))
    return before._replace(hours=hours, runs={}, shifts=tuple(shifts[-SHIFTS_MAX:]))


def _weighed(before: Followed, pieces: "Pieces", likely: "Likely", number: int) -> dict[int, Run]:
    """The runs after the evidence of one slot, against what is believed; those that are refuted are left out."""
    believed, reports = before.hours, sum(pieces.delays.values())
    usual, pause = likely.delays[believed], before.longest_pause(number) if pieces.delays else 0
    # By a clock as it is believed to be, it says what had not happened yet.
    delays = [(place, count, place + 3 * believed < BINS_AHEAD - 1) for place, count in pieces.delays.items()]
    found: dict[int, Run] = {}
    for hours, likelihood in likely.delays.items():
        if hours == believed:
            continue
        waited = hours < believed and (believed - hours) * HOUR <= pause * SLOT
        run = before.runs.get(hours, Run(0, number, 0, 0))
        added, fit = 0, run.fit
        for place, count, impossible in delays:
            told = likelihood[place] - usual[place]
            says = max(_LEAST, min(_MOST, told)) - DOUBT
            if says > 0 and waited:
                continue
            fit += told * min(count, _TOGETHER)
            added += says * min(count, _CERTAIN if impossible and says > 0 else _TOGETHER)
        said = _of_others(pieces.differences, likely.differences[hours], likely.differences[believed])
        others = min(max(0, run.others + said), _OTHERS_MOST)
        added = run.sum + (min(added, _LATE) if hours < believed else added)
        added += said if said < 0 else others - run.others
        if added > 0:
            found[hours] = Run(added, run.since, run.reports + reports, fit, others)
    return found


def _of_others(differences: Counts, likelihood: Sequence[int], usual: Sequence[int]) -> int:
    """What the differences of one slot from other carriers' times say for a shift."""
    return sum(
        (max(_LEAST, min(_MOST, likelihood[place] - usual[place])) - DOUBT) * min(count, _TOGETHER)
        for place, count in differences.items()
    )


class Pieces(NamedTuple):
    """The evidence of one slot: bins of delays and of differences to how many."""

    delays: Counts
    differences: Counts


Likelihoods = Mapping[int, tuple[int, ...]]
"""Shift (0: none) to the logarithm of how likely each bin is, in thousandths."""


class Likely(NamedTuple):
    """What delays and differences are likely by each shift."""

    delays: Likelihoods
    differences: Likelihoods


_LATENESS: Final = 0
_DIFFERENCE: Final = 1


@lru_cache(maxsize=1024)  # carriers times the two days that are looked at again at every tick, of either sort
def _likelihoods(learned: Learned, sort: int) -> Likelihoods:
    usual = [sum(day[place] for day in learned) for place in range(BINS)]
    if sum(usual) < LEARNED_LEAST:
        usual = [1 if place in _ASSUMED[sort] else 0 for place in range(BINS)]
    total = 4 * sum(usual)
    late, ahead = _STRAY * 0.95 / (BINS - BINS_AHEAD), _STRAY * 0.05 / BINS_AHEAD
    if sort == _DIFFERENCE:  # either of the two may be wrong
        late = ahead = _STRAY / BINS
    logs: list[int] = []
    for place in range(BINS):
        # A neighbour counts half: which side of a bin's edge a delay falls on means nothing.
        near = (usual[place - 1] if place else 0) + 2 * usual[place] + (usual[place + 1] if place + 1 < BINS else 0)
        share = (1 - _STRAY) * near / total + (ahead if place < BINS_AHEAD else late)
        logs.append(round(1000 * log(share)))
    floor = round(1000 * log(ahead))
    found: dict[int, tuple[int, ...]] = {0: tuple(logs)}
    for hours in SHIFTS:
        moved = 3 * hours
        found[hours] = tuple(logs[p + moved] if 0 <= p + moved < BINS else floor for p in range(BINS))
    return found


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
    settled = until // DAY - 2
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
            if day <= settled:
                known[carrier] = day, followed
        found += followed.shifts
    return found, known
