"""Where a container's journey is: what the watches of an open journey follow from."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tracker.domain.canary import is_canary
from tracker.domain.container import ContainerRow
from tracker.domain.course import courses_of
from tracker.domain.guesses import Estimate
from tracker.domain.identifiers import container_fault
from tracker.domain.journey import Journey, nodes_of
from tracker.domain.measure import Plan
from tracker.domain.milestones import Missing, missing
from tracker.domain.moment import Millis
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network
from tracker.domain.passage import Stop, Visited, gone_from, stops, visited_of


class Position(NamedTuple):
    """An open journey as it is known now.

    `mask`: the courses it may be on. `node`: the last one it was reported at, `visit` counts its earlier visits
    there, `is_origin`: its journey began there; `arrived` and `departed` as reported (a container that was loaded
    has not departed). `came`: the earliest report there. `left`: node and time of its first reported departure.
    `visited`: each node it was reported at, when it came and, where that was reported, went. `held`: node and time of
    an unreleased customs hold. `astray`: the leg it travelled last, against its direction, with the times it went out
    and came in.
    `set_aside`: node and received time of reports that contradict others. `is_doubtful`: the container number fails
    its check digit, so there may be no such container. `loaded`: when it was loaded at `node`, from which it has not
    departed. `estimates`: of arrivals, of earlier journeys too.
    """

    journey: str
    corridor: str
    direction: Direction | None
    mask: int
    carrier: str
    last: Millis
    node: str
    visit: int
    is_origin: bool
    came: Millis
    arrived: Millis | None
    departed: Millis | None
    destination: str | None
    left: tuple[str, Millis] | None
    visited: tuple[Visited, ...]
    plans: tuple[Plan, ...]
    held: tuple[str, Millis] | None
    astray: tuple[str, Millis, Millis] | None
    missing: tuple[Missing, ...]
    is_doubtful: bool
    set_aside: tuple[tuple[str, Millis], ...] = ()
    loaded: Millis | None = None
    estimates: tuple[Estimate, ...] = ()


def position_of(row: ContainerRow, network: Network, mandatory: frozenset[str]) -> Position | None:
    """The position of the row's open journey; None when none is open. `mandatory`: nodes that must be reported."""
    journey = row.journeys[-1] if row.journeys else None
    if journey is None or journey.status != "open" or not journey.visits:
        return None
    way = stops(journey, network)
    last = way[-1]
    visit = journey.visits[-1]
    departed = gone_from(last)
    mask = courses_of(nodes_of(journey), network, journey.origin, journey.destination)
    if journey.corridor not in {UNDECIDED, OTHER} and journey.direction is not None:
        mask = mask or network.courses_in(journey.direction, journey.corridor)
    left = next(((stop.node, stop.departed) for stop in way if stop.departed is not None and stop is not last), None)
    if left is None and departed is not None:
        left = (last.node, departed)
    return Position(
        journey=journey.id,
        corridor=journey.corridor,
        direction=journey.direction,
        mask=mask,
        carrier=journey.carrier or "",
        last=journey.last,
        node=last.node,
        visit=sum(stop.node == last.node for stop in way[:-1]),
        is_origin=len(journey.visits) == 1 and visit.arrived is None,
        came=last.first,
        arrived=last.arrived,
        departed=departed,
        destination=journey.destination,
        left=left,
        visited=tuple(visited_of(way)),
        plans=tuple(row.plans),
        held=_held(journey),
        astray=_astray(way, journey, network),
        missing=tuple(missing(way, mandatory)),
        is_doubtful=_is_doubtful(journey.id.partition("-")[0]),
        loaded=visit.given_out if departed is None else None,
        estimates=tuple(row.estimates),
    )


@lru_cache(16_384)  # 3 MB; asked for at every step of a container's judgement
def _is_doubtful(container: str) -> bool:
    return container_fault(container) is not None and not is_canary(container)


def _held(journey: Journey) -> tuple[str, Millis] | None:
    """The hold that still stands: a container that was seen elsewhere since was let go, whoever forgot to say so."""
    held, visit = journey.held, journey.visits[-1]
    return None if held is None or (visit.node != held[0] and visit.first > held[1]) else held


def _astray(way: Sequence[Stop], journey: Journey, network: Network) -> tuple[str, Millis, Millis] | None:
    """The last leg, if it led against the journey's direction and both its ends were reported."""
    reported = [stop for stop in way if not stop.implied]
    if len(reported) < 2 or journey.direction is None:
        return None
    a, b = reported[-2:]
    leg = network.between.get((a.node, b.node))
    corridor = None if journey.corridor in {UNDECIDED, OTHER} else journey.corridor
    mine = network.courses_in(journey.direction, corridor)
    against = mine & network.before.get((b.node, a.node), 0) and not mine & network.before.get((a.node, b.node), 0)
    if leg is None or not against or a.departed is None or b.arrived is None or b.arrived < a.departed:
        return None
    return leg.id, min(a.departed, b.arrived), b.arrived  # loaded or across later than it came, some clocks say
