"""Open journeys at a clock, gathered by where they are with one look at each: what figures and lists are made of."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from tracker.aggregates.part import Stays, UnderWay
from tracker.aggregates.standing import Standing, standing_in
from tracker.domain.claim import state_by
from tracker.domain.exceptions import State
from tracker.domain.moment import Millis
from tracker.domain.network import Direction
from tracker.streams.whereabouts import Known, Open, Wanted


class Place(NamedTuple):
    """The containers of one place, in two lists side by side: their keys, and since when each is there."""

    at: Open
    keys: list[bytes]
    sinces: list[Millis]


class Survey:
    """What was open when it was made; costs a look at every open journey, 15 ms for 100,000."""

    def __init__(
        self, views: Iterable[Mapping[bytes, Known]], least: Millis, watermark: Callable[[Iterable[str]], Millis]
    ) -> None:
        """`least`: journeys whose last report is before it count as abandoned. Equal places must be one object."""
        found: dict[int, Place] = {}
        doubted: dict[Open, Open] = {}
        told: dict[tuple[str, ...], Millis] = {}  # the same few carriers report thousands
        for view in views:
            for key, known in view.items():
                if known.last >= least:
                    at = known.place
                    doubt = known.doubt
                    if doubt is not None:
                        mark = told.get(doubt.carriers)
                        if mark is None:
                            mark = told[doubt.carriers] = watermark(doubt.carriers)
                        state = state_by(doubt.claims, mark)
                        if state != at.state:
                            at = msgspec.structs.replace(at, state=state)
                            at = doubted.setdefault(at, at)
                    # By identity: the hash of such a tuple costs more than all the rest.
                    place = found.get(id(at))
                    if place is None:
                        place = found[id(at)] = Place(at, [], [])
                    place.keys.append(key)
                    place.sinces.append(known.since)
        self._places = list(found.values())

    def open_states(self) -> Counter[tuple[str, Direction | None, State]]:
        """How many journeys are open, by corridor, direction and state."""
        found = Counter[tuple[str, Direction | None, State]]()
        for at, keys, _ in self._places:
            found[at.corridor, at.direction, at.state] += len(keys)
        return found

    def stays(self) -> Stays:
        """Since when each container stands where it does, by node and direction."""
        found: Stays = {}
        for at, _, sinces in self._places:
            if at.standing is not None:
                found.setdefault((at.standing, at.direction), []).extend(sinces)
        return found

    def under_way(self) -> UnderWay:
        """How many containers are between nodes, by corridor, direction and the node they left."""
        found = Counter[tuple[str, Direction | None, str]]()
        for at, keys, _ in self._places:
            if at.left is not None:
                found[at.corridor, at.direction, at.left] += len(keys)
        return found

    def standing(self) -> Standing:
        """Who stands at a node, by node and direction, and since when."""
        return standing_in(self.stays())

    def stays_at(self, node: str) -> list[tuple[Direction | None, list[Millis]]]:
        """Since when each container stands at a node, by direction."""
        return [(way, sinces) for (at, way), sinces in self.stays().items() if at == node]

    def bound(self, leads: Callable[[Open], bool], most: int) -> tuple[list[bytes], int]:
        """The containers of places that `leads` takes, those first that were heard of longest ago, and how many."""
        places = [place for place in self._places if leads(place.at)]
        found = ((since, key) for place in places for since, key in zip(place.sinces, place.keys, strict=True))
        return [key for _, key in heapq.nsmallest(most, found)], sum(len(each.keys) for each in places)

    def listing(self, wanted: Wanted, after: str, limit: int, *, oldest: bool = False) -> tuple[list[str], int]:
        """The containers that fit: the first in order after a place, and how many fit.

        The order is that of the containers' numbers, with `oldest` that of `place_of`.
        """
        places = list(self._that_fit(wanted))
        count = sum(len(each.keys) for each in places)
        if not oldest:
            names = (key.decode() for place in places for key in place.keys)
            return heapq.nsmallest(limit, (name for name in names if name > after)), count
        found = ((since, key) for place in places for since, key in zip(place.sinces, place.keys, strict=True))
        if after:
            found = (each for each in found if place_of(*each) > after)
        return [key.decode() for _, key in heapq.nsmallest(limit, found)], count

    def _that_fit(self, wanted: Wanted) -> Iterator[Place]:
        corridor, direction, state, node = wanted
        for place in self._places:
            at = place.at
            if (
                (corridor is None or at.corridor == corridor)
                and (direction is None or at.direction == direction)
                and (state is None or at.state == state)
                and (node is None or at.standing == node)
            ):
                yield place


def place_of(since: Millis, key: bytes) -> str:
    """What sorts a list of containers by since when they stand where they do."""
    return f"{since:015d}{key.decode()}"
