"""What really happened: journeys and trouble, read from a truth file of `tracker simulate --scenario`."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from tests.evaluate.said import moment
from tracker.domain.network import Network

_SETTLING: Final = 3_600_000
"""Milliseconds after a silence or outage in which what waited comes in (30 minutes by default) and is worked off."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A node on a journey's way; `arrived` None at its origin, `departed` None where it ended or stands for ever."""

    node: str
    arrived: int | None
    departed: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """One true journey. `out` is its gate-out, None when it never got there."""

    container: str
    booking: str
    corridor: str
    direction: str
    origin: str
    destination: str
    began: int
    out: int | None
    stays: tuple[Stay, ...]

    @property
    def arrived(self) -> int | None:
        """When it came to its destination; None: never."""
        last = self.stays[-1]
        return last.arrived if last.node == self.destination else None

    def place_at(self, at: int) -> int:
        """The place in `stays` of the last node it had reached by then; 0 before."""
        reached = [stay.arrived if stay.arrived is not None else self.began for stay in self.stays]
        return max(0, bisect_right(reached, at) - 1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A closed node (`node`, in `directions`, empty: all), a silent carrier (`carrier`), or an outage (neither)."""

    kind: str
    start: int
    end: int
    node: str | None = None
    carrier: str | None = None
    directions: frozenset[str] = frozenset()

    def overlap(self, start: int, end: int) -> int:
        """Milliseconds it has in common with [start, end]."""
        return max(0, min(self.end, end) - max(self.start, start))

    def troubles(self, at: int) -> bool:
        """A moment within it, or while what waited comes in."""
        return self.start <= at < self.end + _SETTLING


@dataclass(frozen=True, slots=True)
class Span:
    """A container stuck, or held by customs, at `place` (a node or leg); `end` None: for ever."""

    place: str
    start: int
    end: int | None


@dataclass(slots=True)
class Truth:
    """Everything true, also what happened after `until`, the clock at which reports end."""

    until: int
    ways: list[Way]
    troubles: list[Trouble]
    stuck: dict[tuple[str, str], list[Span]] = field(default_factory=dict)
    """By container and booking."""
    holds: dict[tuple[str, str], list[Span]] = field(default_factory=dict)

    def is_trouble(self, at: int) -> bool:
        """Reports received then were kept from coming in by a silence or an outage."""
        return any(trouble.troubles(at) for trouble in self.troubles if trouble.node is None)


@dataclass(frozen=True, slots=True)
class Reporters:
    """Who reports what happens at a node or on a leg, as the simulator assigns it: by country, one at sea."""

    network: Network
    named: Mapping[str, str]
    first: str

    def at_node(self, node: str) -> str:
        """The carrier that reports arrivals by land and departures there."""
        return self.named.get(self.network.nodes[node].country, self.first)

    def on_leg(self, near: str, far: str) -> str:
        """The carrier that reports the arrival over a leg."""
        at_sea = self.network.between[near, far].mode == "vessel"
        return self.named.get("vessel", self.first) if at_sea else self.at_node(far)


def read_truth(path: Path) -> Truth:
    """The truth in a file. Raises msgspec.DecodeError or KeyError when it is none."""
    return truth_of(msgspec.json.decode(path.read_bytes()))


def truth_of(document: Mapping[str, Any]) -> Truth:
    """The truth in a decoded document; what a run without a scenario lacks is empty."""
    until = cast(int, moment(document["until"]))
    closed = [
        Trouble(kind, *_ends(each), node=each["node"], directions=frozenset(each.get("directions", ())))
        for kind, key in (("storm", "closures"), ("stop", "stops"))
        for each in document.get(key, ())
    ]
    silences = [Trouble("silence", *_ends(s), carrier=s["carrier"]) for s in document.get("silences", ())]
    outages = [Trouble("outage", *_ends(each)) for each in document.get("outages", ())]
    ways = [way for journey in document["journeys"] if (way := _way(journey)).began <= until]
    truth = Truth(until, ways, closed + silences + outages)
    for spans, key in ((truth.stuck, "stuck"), (truth.holds, "holds")):
        for each in document.get(key, ()):
            place = each.get("node") or each["leg"]
            span = Span(place, cast(int, moment(each["from"])), _moment(each["to"]))
            spans.setdefault((each["container"], each["booking"]), []).append(span)
    return truth


def _way(journey: Mapping[str, Any]) -> Way:
    return Way(
        container=journey["container"],
        booking=journey["booking"],
        corridor=journey["corridor"],
        direction=journey["direction"],
        origin=journey["origin"],
        destination=journey["destination"],
        began=cast(int, moment(journey["began_at"])),
        out=_moment(journey["ended_at"]),
        stays=tuple(
            Stay(node["node"], _moment(node["arrived_at"]), _moment(node["departed_at"])) for node in journey["nodes"]
        ),
    )


def _ends(each: Mapping[str, str]) -> tuple[int, int]:
    start, end = moment(each["from"]), moment(each["to"])
    assert start is not None
    assert end is not None
    return start, end


def _moment(text: str | None) -> int | None:
    return None if text is None else moment(text)
