"""Expected arrivals held against true ones, beside what a table of hours or of past journeys would have said.

Both rivals know where the container truly was at the moment asked, and the tracker only what was reported by then. The
template adds the planned hours of what is left; the empirical median adds the median time from the same point to the
same end over the journeys of the corridor and direction that had arrived by then, and is the template below five.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from tests.evaluate.lines import HOUR, Lines
from tests.evaluate.said import moment
from tests.evaluate.truth import Truth, Way

HORIZONS: Final = (24, 72, 168)
"""Hours before the true arrival."""
_CHANGE: Final = 24 * HOUR
"""A person is told of a change of a day or more."""
_FEWEST: Final = 5
_SAME_JOURNEY: Final = 48 * HOUR
"""A journey of the tracker's is the true one that its container began nearest to it, within two days."""


class Expected(msgspec.Struct):
    """One line of `expected.jsonl`."""

    journey: str
    made_at: str
    at: str
    low: str | None = None
    high: str | None = None


class JourneyLine(msgspec.Struct):
    """One line of `journeys.jsonl`, as far as it is needed."""

    journey: str
    container: str
    began_at: str


@dataclass(slots=True)
class Errors:
    """Of one horizon: hours off, of each arrival that the tracker had an expectation for then."""

    asked: int = 0
    """Arrivals that lie so far ahead of a moment on their way within the run."""
    tracker: list[float] = field(default_factory=list)
    template: list[float] = field(default_factory=list)
    empirical: list[float] = field(default_factory=list)
    inside: int = 0
    """Arrivals between `low` and `high`."""
    intervals: int = 0


@dataclass(slots=True)
class Arrivals:
    """What expected arrivals came to. `changes`: per journey with any, how often a person was told of another day."""

    errors: dict[int, Errors]
    changes: list[int]


def read_expected(folder: Path) -> tuple[list[Expected], list[JourneyLine]]:
    """What `tracker batch` wrote into a folder."""
    return (
        [_expected(line) for line in (folder / "expected.jsonl").read_bytes().splitlines()],
        [_journey(line) for line in (folder / "journeys.jsonl").read_bytes().splitlines()],
    )


def arrivals(expected: Iterable[Expected], journeys: Iterable[JourneyLine], lines: Lines, truth: Truth) -> Arrivals:
    """Judges every expectation by the true arrival. Both inputs in any order."""
    of = _of_ways(expected, journeys, truth)
    rivals = Rivals(lines, truth)
    errors = {hours: Errors() for hours in HORIZONS}
    for place, way in enumerate(truth.ways):
        departed, arrived = way.stays[0].departed, way.arrived
        if departed is None or arrived is None:
            continue
        for hours, error in errors.items():
            asked = arrived - hours * HOUR
            if not departed <= asked <= truth.until:
                continue
            error.asked += 1
            made = of.get(place, [])
            known = bisect_right(made, asked, key=lambda each: each[0])
            if known:
                _, at, low, high = made[known - 1]
                error.tracker.append(abs(at - arrived) / HOUR)
                error.template.append(abs(rivals.template(way, asked) - arrived) / HOUR)
                error.empirical.append(abs(rivals.empirical(way, asked) - arrived) / HOUR)
                if low is not None and high is not None:
                    error.intervals += 1
                    error.inside += low <= arrived <= high
    return Arrivals(errors, [_changes([each[1] for each in made]) for made in of.values()])


_Made = tuple[int, int, int | None, int | None]


def _of_ways(
    expected: Iterable[Expected], journeys: Iterable[JourneyLine], truth: Truth
) -> Mapping[int, Sequence[_Made]]:
    """Each true journey's expectations (made, at, low, high) in the order they were made, by its place in `ways`."""
    ways: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, way in enumerate(truth.ways):
        ways[way.container].append((way.began, place))
    place_of: dict[str, int] = {}
    for journey in journeys:
        began = _moment(journey.began_at)
        near = min(ways.get(journey.container, ()), key=lambda way: abs(way[0] - began), default=None)
        if near is not None and abs(near[0] - began) <= _SAME_JOURNEY:
            place_of[journey.journey] = near[1]
    of: dict[int, list[_Made]] = defaultdict(list)
    for each in expected:
        if (found := place_of.get(each.journey)) is not None:
            low, high = (None if time is None else _moment(time) for time in (each.low, each.high))
            of[found].append((_moment(each.made_at), _moment(each.at), low, high))
    for made in of.values():
        made.sort(key=lambda each: each[0])
    return of


class Rivals:
    """What one would expect without a tracker, knowing the truth until a moment."""

    def __init__(self, lines: Lines, truth: Truth) -> None:
        self._lines = lines
        past: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
        for way in truth.ways:
            if (arrived := way.arrived) is not None:
                for point, at in _points(way):
                    past[_key(way, point)].append((arrived, arrived - at))
        self._past = {key: sorted(several) for key, several in past.items()}

    def template(self, way: Way, now: int) -> int:
        point, at = _last_point(way, now)
        node = point.partition(" ")[2]
        nodes = [stay.node for stay in way.stays]
        ahead = sum(hours.planned for hours in self._lines.way(way.corridor, nodes[nodes.index(node) :]))
        stay = self._lines.stay(way.corridor, node) if point.startswith("in ") else None
        return max(now, at + round((ahead + (stay.planned if stay else 0.0)) * HOUR))

    def empirical(self, way: Way, now: int) -> int:
        point, at = _last_point(way, now)
        past = self._past.get(_key(way, point), [])
        known = past[: bisect_right(past, now, key=lambda each: each[0])]
        if len(known) < _FEWEST:
            return self.template(way, now)
        return max(now, at + round(median(took for _, took in known)))


def _points(way: Way) -> Iterable[tuple[str, int]]:
    """Arrivals and departures of a journey in order, those at its end left out."""
    for stay in way.stays:
        if stay.arrived is not None and stay.node != way.destination:
            yield f"in {stay.node}", stay.arrived
        if stay.departed is not None:
            yield f"out {stay.node}", stay.departed


def _last_point(way: Way, now: int) -> tuple[str, int]:
    return [point for point in _points(way) if point[1] <= now][-1]


def _key(way: Way, point: str) -> tuple[str, ...]:
    return way.corridor, way.direction, way.destination, point


def _changes(expectations: Sequence[int]) -> int:
    told, count = expectations[0], 0
    for at in expectations[1:]:
        if abs(at - told) >= _CHANGE:
            told, count = at, count + 1
    return count


def _moment(text: str) -> int:
    read = moment(text)
    if read is None:
        raise ValueError(f"time {text!r} in what tracker batch wrote, wanted one with offset")
    return read


_expected = msgspec.json.Decoder(Expected).decode
_journey = msgspec.json.Decoder(JourneyLine).decode
