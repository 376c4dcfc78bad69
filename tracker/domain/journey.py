"""Journeys: what a container does from its first report at an origin to its last at a destination.

`step` puts the next movement, in order of event time, into the container's journeys. Folding all movements
with it gives the journeys; a movement later than all others may be put in alone, with the same result.
Field order of the structs is the row's schema (msgpack arrays): append only; see `container.SCHEMA`.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

import msgspec

from tracker.domain.course import courses_of, decide, is_finish
from tracker.domain.moment import DAY, Millis, to_datetime
from tracker.domain.network import UNDECIDED, Direction, Network
from tracker.domain.report import PAPERWORK, Kind, Mode

Status = Literal["open", "ended", "returned"]

BEGINS: Final = frozenset((Kind.STUFFED, Kind.GATE_IN, Kind.LOADED, Kind.ARRIVED, Kind.DEPARTED, Kind.PASSED))
"""Kinds that begin a journey when none is open."""
_BEGINS_HERE: Final = BEGINS - {Kind.ARRIVED, Kind.PASSED}
"""Of those the ones that a container does where it stands."""
_CLOSES_ANYWHERE: Final = frozenset((Kind.STRIPPED, Kind.EMPTY_RETURNED))
_STAYS_NOWHERE: Final = _CLOSES_ANYWHERE | PAPERWORK
"""Kinds that make no stay: what is cleared by customs may not have arrived, what is stripped is at its end."""
_LEAVES: Final = frozenset((Kind.LOADED, Kind.DEPARTED))

SILENCE_ABANDONS: Final = 45 * DAY
"""Event time without a report after which an open journey counts as abandoned: beyond p99.5 of any transit."""


class Movement(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened to a container, whoever reported it; attributes are None where nobody said."""

    occurred: Millis
    kind: Kind
    node: str
    mode: Mode | None = None
    laden: bool | None = None
    teu: int | None = None
    grams: int | None = None
    origin: str | None = None
    destination: str | None = None
    carrier: str | None = None
    train: str | None = None


class Regauging(NamedTuple):
    """A change of gauge at a node that has two: when unloaded and from which train; when loaded on another.

    `train` None: nobody said, and then any other loading by rail is one on another train. `loaded` None: not yet.
    """

    unloaded: Millis
    train: str | None
    loaded: Millis | None = None


class Visit(msgspec.Struct, array_like=True, omit_defaults=True, gc=False):
    """A stay at a node as reported; `first` is the earliest movement there.

    `taken_in`: first of unloaded and gate-in. `given_out`: last of loaded and gate-out. `crossed`: first
    border crossing reported here. `begun_again`: first beginning kind after the arrival here. `regauged`: unloaded from
    a train at a node with two gauges, and loaded on another.
    """

    node: str
    first: Millis
    arrived: Millis | None = None
    taken_in: Millis | None = None
    departed: Millis | None = None
    given_out: Millis | None = None
    crossed: Millis | None = None
    passed: Millis | None = None
    begun_again: Millis | None = None
    regauged: Regauging | None = None

    def tells(self) -> tuple[object, ...]:
        """What times follow from: two visits that tell the same give the same facts."""
        came = self.taken_in if self.arrived is None else self.arrived
        left = self.given_out if self.departed is None else self.departed
        return came, left, self.arrived is None, self.departed is None, self.crossed, self.passed


class Journey(msgspec.Struct, array_like=True, omit_defaults=True, gc=False):
    """A container's journey; `corridor` and `direction` follow from the visits, `last` is its last movement.

    `teu` in hundredths, `grams` the gross mass; each the newest that was reported. `carrier`: who reported the last
    movement. `held`: node and time of a customs hold that was not released.
    """

    id: str
    began: Millis
    last: Millis
    visits: list[Visit]
    status: Status = "open"
    ended: Millis | None = None
    corridor: str = UNDECIDED
    direction: Direction | None = None
    laden: bool | None = None
    teu: int | None = None
    grams: int | None = None
    origin: str | None = None
    destination: str | None = None
    carrier: str | None = None
    held: tuple[str, Millis] | None = None


@lru_cache(8_192)  # 2 MB; a row that is folded anew asks for the ids it had
def journey_id(container: str, began: Millis, node: str) -> str:
    """The id of the journey that began then and there: a replay gives the same one.

    >>> journey_id("CSQU3054383", Millis(1772354400000), "CN-XIAN")
    'CSQU3054383-20260301-64c9d2'
    """
    tail = blake2b(f"{container} {began} {node}".encode(), digest_size=3).hexdigest()
    return f"{container}-{to_datetime(began):%Y%m%d}-{tail}"


def step(journeys: list[Journey], container: str, movement: Movement, network: Network, teu: int | None) -> None:
    """Put the next movement into the container's journeys, in place.

    `teu` is the container's size as last reported, for a journey that begins now. A movement that neither
    begins a journey nor finds one open belongs to the ended one and changes nothing there: a journey has
    ended at its first closing event. Corridor and direction are not decided here: see `settle`.
    """
    journey = journeys[-1] if journeys and journeys[-1].status == "open" else None
    if journey is not None and _begins_anew(journey, movement, network):
        successor = _close_before(journey, movement, container, network)
        if successor is not None:
            successor.teu = teu
            journeys.append(successor)
        journey = successor
    if journey is None:
        if movement.kind not in BEGINS:
            return
        identity = journey_id(container, movement.occurred, movement.node)
        journey = Journey(identity, movement.occurred, movement.occurred, [], teu=teu)
        journeys.append(journey)
    _travel(journey, movement, network)
    _end(journey, movement, network)


def _travel(journey: Journey, movement: Movement, network: Network) -> None:
    """Enter a movement of this journey: where the container is, and what is newly known of it."""
    journey.last = movement.occurred
    journey.carrier = movement.carrier
    if movement.kind is Kind.CUSTOMS_HELD and journey.held is None:
        journey.held = movement.node, movement.occurred
    elif movement.kind is Kind.CUSTOMS_RELEASED and journey.held is not None and journey.held[0] == movement.node:
        journey.held = None
    if movement.origin is not None:
        journey.origin = movement.origin
    if movement.destination is not None:
        journey.destination = movement.destination
    if movement.teu is not None:
        journey.teu = movement.teu
    if movement.grams is not None:
        journey.grams = movement.grams
    if movement.kind is Kind.STUFFED:
        journey.laden = True
    if movement.laden is not None and movement.kind not in _CLOSES_ANYWHERE:
        journey.laden = movement.laden
    if movement.kind not in _STAYS_NOWHERE:
        if not journey.visits or _is_new_visit(journey.visits[-1], movement):
            journey.visits.append(Visit(movement.node, movement.occurred))
        _enter(journey.visits[-1], movement)
        if movement.kind is Kind.UNLOADED or movement.kind is Kind.LOADED:
            _regauge(journey.visits[-1], movement, network)


def settle(journey: Journey, network: Network) -> None:
    """Decide corridor and direction of a journey from where it has been."""
    journey.corridor, journey.direction = decide(nodes_of(journey), journey.origin, journey.destination, network)


def nodes_of(journey: Journey) -> list[str]:
    """The nodes a journey was reported at, in order, a repeated neighbour once."""
    nodes: list[str] = []
    last: str | None = None
    for visit in journey.visits:
        if visit.node != last:
            last = visit.node
            nodes.append(last)
    return nodes


def _is_new_visit(visit: Visit, movement: Movement) -> bool:
    return visit.node != movement.node or (movement.kind is Kind.ARRIVED and visit.departed is not None)


def _enter(visit: Visit, movement: Movement) -> None:
    """Movements come in order of time, so the first to fill a field is the earliest."""
    at, kind = movement.occurred, movement.kind
    if visit.arrived is not None and visit.begun_again is None and kind in _BEGINS_HERE:
        visit.begun_again = at
    if kind is Kind.ARRIVED:
        visit.arrived = at if visit.arrived is None else visit.arrived
    elif kind is Kind.DEPARTED:
        visit.departed = at
    elif kind is Kind.UNLOADED or kind is Kind.GATE_IN:
        visit.taken_in = at if visit.taken_in is None else visit.taken_in
    elif kind is Kind.LOADED or kind is Kind.GATE_OUT:
        visit.given_out = at
    elif kind is Kind.BORDER_CROSSED:
        visit.crossed = at if visit.crossed is None else visit.crossed
    elif kind is Kind.PASSED:
        visit.passed = at if visit.passed is None else visit.passed


def _regauge(visit: Visit, movement: Movement, network: Network) -> None:
    node = network.nodes.get(movement.node)
    if node is None or len(node.gauges) < 2 or movement.mode not in {None, Mode.RAIL}:
        return
    change = visit.regauged
    if movement.kind is Kind.UNLOADED:
        visit.regauged = Regauging(movement.occurred, movement.train) if change is None else change
    elif change is not None and (change.train is None or change.train != movement.train):
        visit.regauged = change._replace(loaded=movement.occurred)


def _end(journey: Journey, movement: Movement, network: Network) -> None:
    kind, node = movement.kind, movement.node
    if kind in _CLOSES_ANYWHERE:
        journey.status, journey.ended = "ended", movement.occurred
    elif kind is Kind.GATE_OUT and movement.mode in {None, Mode.TRUCK}:
        if node == journey.destination or _is_at_its_end(journey, network):
            journey.status, journey.ended = "ended", movement.occurred
    elif kind is Kind.ARRIVED and len(journey.visits) > 1:
        came_from = journey.visits[0].node
        if node == came_from and node in network.ends and any(v.node != node for v in journey.visits):
            journey.status, journey.ended = "returned", movement.occurred


def _is_at_its_end(journey: Journey, network: Network) -> bool:
    """Whether the container is at a destination end of its course, having come there and not begun there."""
    if len(journey.visits) == 1 and journey.visits[-1].arrived is None:
        return False
    nodes = nodes_of(journey)
    mask = courses_of(nodes, network)
    if not mask:
        corridor, direction = decide(nodes, journey.origin, journey.destination, network)
        mask = network.courses_in(direction, corridor)
    return is_finish(nodes[-1], mask, network)


def _begins_anew(journey: Journey, movement: Movement, network: Network) -> bool:
    """Whether a movement begins another journey although this one was not reported to have ended.

    A container is not stuffed again on one journey once it has left. It does not stand at an origin's gate
    off its way, nor leave where it came from, without having returned. Having reached its end it travels on
    only beyond that end. And it does not turn up off its way after a silence that counts as abandonment.
    """
    visit = journey.visits[-1] if journey.visits else None
    if visit is None or movement.kind not in BEGINS:
        return False
    if movement.kind is Kind.STUFFED:
        return len(journey.visits) > 1 or visit.departed is not None or visit.node != movement.node
    if visit.node == movement.node or courses_of([*nodes_of(journey), movement.node], network):
        return False
    if movement.kind is Kind.GATE_IN and movement.node in network.ends:
        return True
    if movement.kind in _LEAVES and movement.node == journey.visits[0].node and movement.node in network.ends:
        return True
    near = (visit.node, movement.node) in network.between
    return _is_at_its_end(journey, network) or (movement.occurred - journey.last > SILENCE_ABANDONS and not near)


def _close_before(journey: Journey, movement: Movement, container: str, network: Network) -> Journey | None:
    """End a journey whose end nobody reported; what it did after arriving at its end begins the next."""
    visit = journey.visits[-1]
    journey.status, journey.ended = "ended", journey.last
    again = visit.begun_again
    if again is None or movement.kind in {Kind.STUFFED, Kind.GATE_IN} or not _is_at_its_end(journey, network):
        return None
    begun = Visit(visit.node, again, departed=visit.departed, given_out=visit.given_out)
    identity = journey_id(container, again, visit.node)
    successor = Journey(identity, again, journey.last, [begun], laden=journey.laden, grams=journey.grams)
    times = (visit.arrived, visit.taken_in, visit.first)
    journey.ended = max(time for time in times if time is not None and time <= again)
    visit.departed = visit.given_out = visit.begun_again = visit.regauged = None
    return successor
