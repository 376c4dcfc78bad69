"""What came to a node, left it and stood there in each of the last hours, and how a corridor's transits went by week.

Both follow from what hours of event time hold, and from who stands at the node now; so a batch over the same facts, a
worker and several of them give the same. A stay that ended in an hour and took so long began so long before the middle
of that hour: its begin is known to half an hour, and to the 1 % of the histogram. A container that nobody reported out
is in no hour once it is known to be gone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, TypedDict

from msgspec import Meta

from tracker.aggregates.figures import Speed, on_time, speed, times
from tracker.aggregates.group import Group, Transits
from tracker.aggregates.histogram import middle
from tracker.aggregates.tally import Tally
from tracker.aggregates.windows import last_hour
from tracker.domain.moment import HOUR, Millis, hour_of, text
from tracker.domain.network import Direction

HOURS: Final = 24
"""Hours that are told of a node: a day, so that the same hour of yesterday is beside it."""
WEEKS: Final = 4
"""Weeks that are told of a corridor: as many whole ones as are surely kept (`cell.HOURS_KEPT`)."""
_WEEK: Final = 7 * 24
WEEKS_HOURS: Final = WEEKS * _WEEK

Ended = Iterable[tuple[Direction | None, int, Tally]]
"""Of a node: direction, hour, and the stays that ended in it."""
Natural = Annotated[int, Meta(ge=0)]


class HourEntry(TypedDict):
    """An hour of a node in a direction; `waiting`: who stood there at its end, of the running one now."""

    direction: Direction | None
    begins: str
    came: int
    left: int
    waiting: int


class WeekEntry(TypedDict):
    """Seven days of a corridor's section that end at `ends`."""

    section: str | None
    direction: Direction | None
    ends: str
    transits: int
    transit_seconds: dict[str, float]
    on_time: float | None
    speed: Speed


def node_hours(clock: Millis, stays: Mapping[Direction | None, Sequence[Millis]], ended: Ended) -> list[HourEntry]:
    """The last hours of a node, oldest first, for each direction in which something stands or went.

    `stays`: since when each container stands there now.
    """
    last = last_hour(clock)
    hours = range(last - HOURS + 1, last + 1)
    came: dict[Direction | None, Counter[int]] = {}
    left: dict[Direction | None, Counter[int]] = {}
    for way, sinces in stays.items():
        # A source's clock may run fast by minutes: who stands there has come.
        came.setdefault(way, Counter()).update(min(last, hour_of(since)) for since in sinces)
    for way, hour, tally in ended:
        if hour in hours:
            left.setdefault(way, Counter())[hour] += tally.times.size
            began = came.setdefault(way, Counter())
            for number, count in tally.times.counts.items():
                began[min(hour, hour_of(Millis(round(hour * HOUR + HOUR / 2 - middle(number)))))] += count
    found: list[HourEntry] = []
    for way in sorted({*came, *left}, key=lambda each: (each is None, each or "")):
        waiting = len(stays.get(way, ()))
        entries: list[HourEntry] = []
        for hour in reversed(hours):
            coming, going = came.get(way, Counter())[hour], left.get(way, Counter())[hour]
            begins = text(Millis(hour * HOUR))
            entries.append(HourEntry(direction=way, begins=begins, came=coming, left=going, waiting=waiting))
            waiting += going - coming
        found += reversed(entries)
    return found


def weeks_of(hours: Iterable[tuple[Group, int, Tally]], clock: Millis) -> dict[tuple[Transits, int], Tally]:
    """The sums of transits by week before the clock, 0 the last; hours of others and of other times are left out."""
    last, found = last_hour(clock), dict[tuple[Transits, int], Tally]()
    for group, hour, tally in hours:
        week = (last - hour) // _WEEK
        if isinstance(group, Transits) and 0 <= week < WEEKS:
            found.setdefault((group, week), Tally()).merge(tally)
    return found


def week_entries(sums: Mapping[tuple[Transits, int], Tally], clock: Millis) -> list[WeekEntry]:
    """The weeks' figures, of each section and direction, oldest first."""
    last = last_hour(clock)
    return [
        WeekEntry(
            section=group.section,
            direction=group.direction,
            ends=text(Millis((last + 1 - week * _WEEK) * HOUR)),
            transits=tally.count,
            transit_seconds=times(tally),
            on_time=on_time(tally),
            speed=speed(tally),
        )
        for (group, week), tally in sorted(
            sums.items(), key=lambda item: (item[0][0].section or "", item[0][0].direction or "", -item[0][1])
        )
        if tally.count
    ]


def hours_wanted(clock: Millis, hours: int) -> range:
    """The last so many hours before a clock, the running one among them."""
    last = last_hour(clock)
    return range(last - hours + 1, last + 1)
