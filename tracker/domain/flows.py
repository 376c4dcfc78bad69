"""Flows: what a container's reports tell of the nodes it came to and left, and when that became known.

Everything is noted by whole hours of event time and whole minutes of received time, so that notes of many containers
add up to small numbers. A note is taken back when what was reported later shows that it was otherwise. A container's
notes are a function of its reports taken in the order in which they were received: `Noted` follows them one by one,
and is made anew from the report on that came out of this order.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from tracker.domain.moment import DAY, MINUTE, Millis, hour_of
from tracker.domain.network import Direction
from tracker.domain.passage import Visited

WHATS: Final = ("came", "left", "out", "over")
"""`came`, `left`: by the hour in which it came; `out`, `over` (it is at the next node): by that in which it left."""
CAME, LEFT, OUT, OVER = range(4)

KEPT: Final = 60 * DAY
"""Received time for which notes are kept: what is usual is learned from four weeks, a stop looks back three more."""

_HOUR: Final = 60
"""Minutes."""


class Flow(NamedTuple):
    """A node in a direction of travel."""

    node: str
    direction: Direction


flow_of: Final = lru_cache(4_096)(Flow)
"""A flow, made once: there are two of each node, and notes of every report name some."""


@lru_cache(4_096)
def flow_at(place: str) -> Flow:
    """The flow of a text as rows have it: node and direction."""
    node, direction = place.split(" ")
    return flow_of(node, Direction(direction))


class Note(NamedTuple):
    """A box (`sign` -1: one less) came somewhere, or went, in an hour; known from `minute` (since 1970) on."""

    flow: Flow
    what: int
    hour: int
    minute: int
    sign: int


Stay = tuple[str, int, int | None]
"""Node, and the hours of coming and, where that was reported, going."""
Presence = tuple[Flow, int, int]
"""Flow, what, and the hour of event time."""


def minute_of(received: Millis) -> int:
    """The first minute since 1970 at whose begin what was received then is known."""
    return -(-received // MINUTE)


def stays_of(visited: Sequence[Visited]) -> list[Stay]:
    """Visits by whole hours."""
    return [(node, hour_of(came), None if gone is None else hour_of(gone)) for node, came, gone in visited]


def presences(stays: Sequence[Stay], direction: Direction | None, begin: int = 0) -> list[Presence]:
    """Where a box came and left, each by its hour, by its last stays; `begin`: how many there were before them.

    Where it began it came by road and waits for its train to be made up: no stay is planned there.
    """
    found: list[Presence] = []
    if direction is None:
        return found
    last = len(stays) - 1
    for at, (node, came, gone) in enumerate(stays):
        flow = flow_of(node, direction)
        if at + begin:
            found.append((flow, CAME, came))
            if at < last or gone is not None:
                found.append((flow, LEFT, came))
        if gone is not None:
            found.append((flow, OUT, gone))
            if at < last:
                found.append((flow, OVER, gone))
    return found


class Noted(msgspec.Struct, array_like=True, omit_defaults=True):
    """The notes of a container, in order of received time; a part of its row.

    `clock`: received time of the last report that was noted. `behind`: that of the first one that came out of order
    since, from which on all is to be noted anew; None: all is noted. `tail`: the hours of coming and going of the last
    visits. `parts`: journey (of `journeys`) and first note of each stretch. `notes`: three numbers each: place, what
    and sign; minutes since the note before; hours that it lies back. `since`: the minute before which all was let go.
    Append only, as all of a row.
    """

    clock: Millis = Millis(0)
    behind: Millis | None = None
    tail: list[tuple[int, int | None]] = []
    journeys: list[str] = []
    parts: list[tuple[int, int]] = []
    minute: int = 0
    places: list[str] = []
    notes: list[int] = []
    since: int = 0

    def all(self) -> Iterator[Note]:
        """Every note."""
        places = [flow_at(each) for each in self.places]
        minute = 0
        for at in range(0, len(self.notes), 3):
            code, since, back = self.notes[at : at + 3]
            minute += since
            yield Note(places[code >> 3], code >> 1 & 3, minute // _HOUR - back, minute, -1 if code & 1 else 1)

    def until(self, minute: int) -> "Noted":
        """The notes known up to a minute, without a tail."""
        kept, at, last = 0, 0, 0
        while kept < len(self.notes) and at + self.notes[kept + 1] <= minute:
            at, kept = at + self.notes[kept + 1], kept + 3
            last = at
        parts = [part for part in self.parts if part[1] < kept]
        return Noted(Millis(0), None, [], list(self.journeys), parts, last, list(self.places), self.notes[:kept])

    def forget(self, minute: int, kept: Sequence[str] = ()) -> None:
        """Let go of the first stretches that were known before a minute, but for those of some journeys."""
        gone, at = 0, 0
        while len(self.parts) > 1 and self.journeys[self.parts[0][0]] not in kept:
            end = self.parts[1][1]
            last = at + sum(self.notes[gone + 1 : end : 3])
            if last >= minute:
                break
            gone, at = end, last
            del self.parts[0]
        if gone:
            self.since = at + 1
            names = [self.journeys[journey] for journey, _ in self.parts]
            self.journeys = list(dict.fromkeys(names))
            begins = [begin - gone for _, begin in self.parts]
            self.parts = [(self.journeys.index(name), begin) for name, begin in zip(names, begins, strict=True)]
            self.notes = self.notes[gone:]
            if self.notes:
                self.notes[1] += at
            else:
                self.minute = 0  # the next note is the first

    def of(self, journey: str) -> Iterator[tuple[Presence, int]]:
        """What a journey's notes say, each with its sign; from the last back, because that is where its own are."""
        if journey not in self.journeys:
            return
        number, end, minute = self.journeys.index(journey), len(self.notes), self.minute
        mine = sum(whose == number for whose, _ in self.parts)
        for whose, begin in reversed(self.parts):
            if whose != number:
                minute -= sum(self.notes[begin + 1 : end : 3])
            else:
                for at in range(end - 3, begin - 3, -3):
                    code, since, back = self.notes[at : at + 3]
                    place = flow_at(self.places[code >> 3])
                    yield (place, code >> 1 & 3, minute // _HOUR - back), -1 if code & 1 else 1
                    minute -= since
                mine -= 1
                if not mine:
                    return
            end = begin

    def is_last(self, journey: str) -> bool:
        """Whether the last notes are a journey's."""
        return bool(self.parts) and self.journeys[self.parts[-1][0]] == journey

    def begin(self, journey: str) -> None:
        """What is noted from now on is a journey's."""
        if journey not in self.journeys:
            self.journeys.append(journey)
        self.parts.append((self.journeys.index(journey), len(self.notes)))

    def enter(self, was: Iterable[tuple[Presence, int]], now: Iterable[Presence], minute: int) -> list[Note]:
        """Note a difference to what was, each with its count, known from a minute on; gives the new notes."""
        changes: dict[Presence, int] = {}
        for presence in now:
            changes[presence] = changes.get(presence, 0) + 1
        for presence, count in was:
            changes[presence] = changes.get(presence, 0) - count
        made: list[Note] = []
        for presence, change in sorted(changes.items()):
            if change:
                made += [Note(*presence, minute, 1 if change > 0 else -1)] * abs(change)
        for note in made:
            place = " ".join(note.flow)
            if place not in self.places:
                self.places.append(place)
            code = self.places.index(place) << 3 | note.what << 1 | (note.sign < 0)
            self.notes += (code, minute - self.minute, minute // _HOUR - note.hour)
            self.minute = minute
        return made
