"""Sums per group over the last 24 hours, 7 days and 30 days, kept up to date hour by hour.

Which hours a window has. A fact belongs to the hour of its `end`. The last hour of every window is the hour
that holds the last millisecond before the clock; a window of n hours is that hour and the n - 1 before it.
At a full hour it is exactly the n hours up to the clock; between full hours the running hour counts as one
of the n, so that what has just happened shows at once, and the window reaches back less than n hours by what
the running hour still lacks.

        clock 12:00   |  9 | 10 | 11 |            3-hour window: 9, 10, 11
        clock 12:20        | 10 | 11 | 12 |       3-hour window: 10, 11, 12

An hour ahead of the clock (a source's clock runs fast) is kept and counts when the clock gets there. Which
hours are kept is the caller's: an hour that is put empty is dropped.

Cost: noting a change is O(1) and adds nothing up; reading adds each changed hour up once, however often it
changed, and each group's hours that moved in or out since the last reading. Memory: an hour's tally is kept as
bytes. Measured with 500 groups x 840 hours of ten facts: 115 MB, 1.2 s for the first reading, 16 ms an hour on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from tracker.aggregates.group import Group
from tracker.aggregates.tally import Tally
from tracker.domain.moment import HOUR, Millis

WINDOWS: Final[Mapping[str, int]] = {"24h": 24, "7d": 7 * 24, "30d": 30 * 24}
"""Name to length in whole hours."""

ALL: Final = "all"
"""The window without a beginning or an end; only a batch has it, because a worker forgets."""

Totals = Mapping[str, Mapping[Group, Tally]]
"""Window name to group to sums."""


def last_hour(clock: Millis) -> int:
    """The last hour of every window that ends at the clock.

    >>> last_hour(Millis(12 * HOUR)), last_hour(Millis(12 * HOUR + 1))
    (11, 12)
    """
    return (clock - 1) // HOUR


def totals_of(hours: Iterable[tuple[Group, int, Tally]], clock: Millis) -> dict[str, dict[Group, Tally]]:
    """The sums of every window computed from all hours at once, `all` too.

    Takes any number of tallies of the same group and hour, and single facts as tallies of one.
    """
    last = last_hour(clock)
    totals: dict[str, dict[Group, Tally]] = {name: {} for name in (*WINDOWS, ALL)}
    for group, hour, tally in hours:
        totals[ALL].setdefault(group, Tally()).merge(tally)
        for name, length in WINDOWS.items():
            if last - length < hour <= last:
                totals[name].setdefault(group, Tally()).merge(tally)
    return totals


class Windows:
    """The hours of one partition's groups and the running sums of their windows."""

    def __init__(self) -> None:
        """No hours, no sums."""
        self._hours: dict[Group, dict[int, bytes]] = {}
        self._changed: dict[tuple[Group, int], bytes] = {}
        self._totals: dict[str, dict[Group, Tally]] = {name: {} for name in WINDOWS}
        self._last: int | None = None

    def put(self, group: Group, hour: int, tally: Tally) -> None:
        """Note what an hour of a group holds now, if anything; the caller may change the tally afterwards."""
        self._changed[group, hour] = _encode(tally)

    def at(self, clock: Millis) -> Totals:
        """The sums of every window that ends at the clock; they stay the windows' own, so only to be read.

        The clock may jump; when it steps back, everything is added up anew from the hours still kept.
        """
        last = last_hour(clock)
        if self._last is not None:
            self._sum_changed(self._last)
        self._store_changed()
        if self._last is None or last < self._last:
            self._sum_anew(last)
        elif last > self._last:
            self._advance(self._last, last)
        self._last = last
        return self._totals

    def hours(self, wanted: Callable[[Group], bool], span: range) -> Iterator[tuple[Group, int, Tally]]:
        """What hours of a span hold of the groups that are wanted; goes through all groups."""
        changed: dict[Group, dict[int, bytes]] = {}
        for (group, hour), body in self._changed.items():
            if wanted(group):
                changed.setdefault(group, {})[hour] = body
        for group in self._hours.keys() | changed.keys():
            if wanted(group):
                bodies = {**self._hours.get(group, {}), **changed.get(group, {})}
                yield from ((group, hour, _decode(bodies[hour])) for hour in bodies.keys() & set(span))

    def _sum_anew(self, last: int) -> None:
        self._totals = {name: {} for name in WINDOWS}
        for group, hours in self._hours.items():
            for name, length in WINDOWS.items():
                self._sum(name, group, _between(hours, last - length, last), 1)

    def _advance(self, old: int, last: int) -> None:
        for group, hours in self._hours.items():
            for name, length in WINDOWS.items():
                self._sum(name, group, _between(hours, old - length, min(old, last - length)), -1)
                self._sum(name, group, _between(hours, max(old, last - length), last), 1)

    def _sum_changed(self, last: int) -> None:
        """Replace in the sums what changed hours held before by what they hold now."""
        for (group, hour), body in self._changed.items():
            before = self._hours.get(group, {}).get(hour)
            for name, length in WINDOWS.items():
                if last - length < hour <= last:
                    self._sum(name, group, () if before is None else (before,), -1)
                    self._sum(name, group, (body,), 1)

    def _store_changed(self) -> None:
        for (group, hour), body in self._changed.items():
            hours = self._hours.setdefault(group, {})
            if body == _NOTHING:
                hours.pop(hour, None)
            else:
                hours[hour] = body
        self._changed.clear()

    def _sum(self, name: str, group: Group, bodies: Iterable[bytes], sign: int) -> None:
        totals = self._totals[name]
        for body in bodies:
            if group not in totals:
                totals[group] = Tally()
            totals[group].merge(_decode(body), sign)


def _between(hours: Mapping[int, bytes], low: int, high: int) -> Iterator[bytes]:
    """The bodies of hours above low and up to high, by whichever is shorter: the span or the mapping."""
    if high - low < len(hours):
        for hour in range(low + 1, high + 1):
            if hour in hours:
                yield hours[hour]
    else:
        for hour, body in hours.items():
            if low < hour <= high:
                yield body


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Tally).decode
_NOTHING: Final = _encode(Tally())
