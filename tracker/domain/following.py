"""Follows a container's notes: what each report, in the order in which they were received, adds and takes back."""

from collections.abc import Sequence

import msgspec

from tracker.domain.flows import CAME, KEPT, Note, Noted, Presence, Stay, flow_of, minute_of, presences, stays_of
from tracker.domain.guesses import Estimate, guess_of, guesses
from tracker.domain.journey import Journey
from tracker.domain.moment import Millis
from tracker.domain.network import Direction, Network
from tracker.domain.passage import Visited, stops_of, visited_of


class Sight(msgspec.Struct, frozen=True, gc=False):
    """What is seen of a row's open journey: what must be the same for its earlier visits to be so, then the last visit.

    Of that no more than the departures of the last two visits follow from.
    """

    journey: str
    corridor: str
    direction: Direction | None
    visits: int
    departed: Millis | None
    crossed: Millis | None
    passed: Millis | None
    is_arrived: bool


def sight_of(journeys: Sequence[Journey]) -> Sight | None:
    """What is seen of a row's open journey; None without one."""
    last = journeys[-1] if journeys else None
    if last is None or last.status != "open" or not last.visits:
        return None
    at = last.visits[-1]
    return Sight(
        last.id, last.corridor, last.direction, len(last.visits), at.departed, at.crossed, at.passed,
        at.arrived is not None,
    )  # fmt: skip


def follow(
    noted: Noted,
    before: Sight | None,
    now: Sequence[Journey],
    received: Millis,
    network: Network,
    estimates: Sequence[Estimate] = (),
) -> list[Note]:
    """Note what a report changed that was received after all others; gives the new notes.

    `before`: what was seen of the row's journeys, None where they were folded anew since; `now`: the journeys. Of a
    journey that has ended nothing more is learned, and another journey leaves what was noted of the one before.
    `estimates`: those of the row; a new one changes nothing, because of arrivals so long ago it was not known before.
    """
    noted.clock = max(noted.clock, received)
    after = sight_of(now)
    if after is None:
        return []
    journey = now[-1]
    if before is not None and _goes_on(before, after) and noted.is_last(after.journey):
        if after.direction is None or after == before:
            return []
        made = _compare_tail(noted, journey, before.visits, received, network)
        here = journey.visits[-1].node
        if after.visits > before.visits and any(each.node == here for each in estimates):
            was = [each for each in noted.of(journey.id) if guess_of(each[0][0].node) is not None]
            way = visited_at(journey, network)
            found = guess_presences(way, estimates, journey.corridor, journey.direction, network)
            made += noted.enter(was, found, minute_of(received))
        return made
    known = noted.of(journey.id)
    visited = visited_at(journey, network)
    stays = stays_of(visited)
    if not noted.is_last(journey.id):
        if noted.parts:
            noted.forget(minute_of(Millis(received - KEPT)), (journey.id, noted.journeys[noted.parts[-1][0]]))
        noted.begin(journey.id)
    noted.tail = _tail(stays)
    found = presences(stays, journey.direction)
    found += guess_presences(visited, estimates, journey.corridor, journey.direction, network)
    return noted.enter(known, found, minute_of(received))


def visited_at(journey: Journey, network: Network) -> list[Visited]:
    """Each node at which an open journey was reported."""
    return visited_of(stops_of(journey.visits, journey.corridor, journey.direction, network))


def guess_presences(
    visited: Sequence[Visited],
    estimates: Sequence[Estimate],
    corridor: str,
    direction: Direction | None,
    network: Network,
) -> list[Presence]:
    """What estimates were off by, in the form of notes: a place of its own, and hours."""
    if direction is None or not estimates:
        return []
    found = guesses(visited, estimates, corridor, network)
    return [(flow_of(place, direction), CAME, hours) for place, hours in found.elements()]


def tail_of(journeys: Sequence[Journey], network: Network) -> list[tuple[int, int | None]]:
    """The tail of notes that reflect a row's journeys."""
    return [] if sight_of(journeys) is None else _tail(_stays(journeys[-1], 0, network))


def _goes_on(before: Sight, after: Sight) -> bool:
    """Whether, where nothing was folded anew, at most the last two visits changed and one was added."""
    return (
        before.journey == after.journey
        and before.corridor == after.corridor
        and before.direction is after.direction
        and 0 <= after.visits - before.visits <= 1
    )


def _compare_tail(noted: Noted, journey: Journey, visits: int, received: Millis, network: Network) -> list[Note]:
    """The same where only the last two of so many visits may have changed, and one may have come."""
    begin = visits - len(noted.tail)
    # One more than is compared, because on which side of a border one is depends on where one came from.
    first = max(0, begin - 1)
    now = _stays(journey, first, network)[begin - first :]
    was = [(journey.visits[begin + at].node, *hours) for at, hours in enumerate(noted.tail)]
    if now == was:
        return []
    noted.tail = _tail(now)
    before, after = (presences(stays, journey.direction, begin) for stays in (was, now))
    return noted.enter([(presence, 1) for presence in before], after, minute_of(received))


def _stays(journey: Journey, first: int, network: Network) -> list[Stay]:
    """The stays of an open journey from one of its visits on."""
    return stays_of(visited_of(stops_of(journey.visits[first:], journey.corridor, journey.direction, network)))


def _tail(stays: Sequence[Stay]) -> list[tuple[int, int | None]]:
    return [(came, gone) for _, came, gone in stays[-2:]]
