"""Which movements can't all be true, and which of them is set aside.

A container is not in two places at once, does not travel faster than its mode can, and does not leave a node
before it came there. Of two movements that contradict each other the less trusted is set aside; it comes back
when the other goes. The result is a function of the set: movements are taken in order of trust, and each that
contradicts one already accepted is set aside.

Comparing all pairs of a journey costs a millisecond, so it is done only where needed. *Reach* is the moment by
which a container could have come to the last movement's node from each one before at a leisurely speed. A movement
that is not earlier than that contradicts none before it, by the triangle inequality; one that is earlier is compared
with each of them. Only when one of those does contradict are all pairs compared.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Final

import msgspec

from tracker.domain.journey import Movement
from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.network import Network
from tracker.domain.report import PAPERWORK, Kind, Mode, Report

SPEED_KMH_MAX: Final = {Mode.RAIL: 120.0, Mode.VESSEL: 45.0, Mode.BARGE: 45.0, Mode.TRUCK: 100.0}
"""Faster over the great circle than this nothing goes; where no mode is given, rail."""

ALLOWANCE: Final = 30 * MINUTE
"""What clocks of two places may differ by, and what a way may be shorter than between the nodes' coordinates."""

_LEISURELY_KMH: Final = min(SPEED_KMH_MAX.values())

_STAY_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


Trust = tuple[int, Millis, str, str]
"""Orders what is told, the least first to be believed."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """A movement with the reports that tell of it."""

    movement: Movement
    reports: list[Report]


class Trace(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What of the movements so far a later one may contradict: the last one's kind and node, and the reach.

    `came_from` is the node of the movement before the last, None where there is none.
    """

    kind: Kind
    node: str
    reached: int
    came_from: str | None


def moment_order(movement: Movement) -> tuple[Millis, int, str]:
    """Sorts movements by time, and by the order of a stay and the node where times are equal."""
    return movement.occurred, _STAY_ORDER[movement.kind], movement.node


def agreeing(
    told: Iterable[Told], trust: Callable[[Report], Trust], network: Network
) -> tuple[list[Movement], list[Report], Trace | None]:
    """The movements that can all be true, in `moment_order`, the reports that are set aside, and the trace.

    A movement is trusted as its most trusted report is.
    """
    ordered = sorted(told, key=lambda each: moment_order(each.movement))
    movements = [each.movement for each in ordered]
    trace: Trace | None = None
    for at, movement in enumerate(movements):
        if may_contradict(trace, movement, network) and _contradicts(movements[:at], movement, network):
            break
        trace = follow(trace, movement, network)
    else:
        return movements, [], trace
    kept, aside = _compared(ordered, trust, network)
    trace = None
    for each in kept:
        trace = follow(trace, each.movement, network)
    return [each.movement for each in kept], aside, trace


def _contradicts(before: Sequence[Movement], movement: Movement, network: Network) -> bool:
    """Whether a movement can't be true together with all of those before it."""
    if movement.kind is Kind.ARRIVED and _leaves_before_coming(_last_stays(before), movement):
        return True
    return any(_is_impossible(other, movement, network) for other in before)


def _last_stays(movements: Sequence[Movement]) -> list[Movement]:
    """The last two that say where the container was."""
    return [movement for movement in movements if movement.kind not in PAPERWORK][-2:]


def _compared(
    ordered: list[Told], trust: Callable[[Report], Trust], network: Network
) -> tuple[list[Told], list[Report]]:
    """Compare all pairs: what is kept, in the order given, and what is set aside."""
    aside: list[Report] = []
    accepted: list[tuple[Trust, Told]] = []
    for trusted, each in sorted(((min(map(trust, each.reports)), each) for each in ordered), key=itemgetter(0)):
        if any(_is_impossible(other.movement, each.movement, network) for _, other in accepted):
            aside += each.reports
        else:
            accepted.append((trusted, each))
    kept: list[tuple[Trust, Told]] = []
    paperwork: list[Told] = []
    for trusted, each in sorted(accepted, key=lambda pair: moment_order(pair[1].movement)):
        if each.movement.kind in PAPERWORK:
            paperwork.append(each)
            continue
        if _leaves_before_coming([before.movement for _, before in kept[-2:]], each.movement):
            if trusted > kept[-1][0]:
                aside += each.reports
                continue
            aside += kept.pop()[1].reports
        kept.append((trusted, each))
    together = [*(each for _, each in kept), *paperwork]
    return sorted(together, key=lambda each: moment_order(each.movement)), aside


def _is_impossible(one: Movement, other: Movement, network: Network) -> bool:
    """Whether a container can't have done both."""
    a, b = (one, other) if one.occurred <= other.occurred else (other, one)
    if a.node == b.node or a.kind in PAPERWORK or b.kind in PAPERWORK:
        return False
    leg = network.between.get((a.node, b.node))
    mode = Mode.VESSEL if leg is not None and leg.mode == Mode.VESSEL else b.mode or Mode.RAIL
    return b.occurred - a.occurred + ALLOWANCE < network.great_circle(a.node, b.node) / SPEED_KMH_MAX[mode] * HOUR


def _leaves_before_coming(before: Sequence[Movement], movement: Movement) -> bool:
    """Whether an arrival follows a departure that was the only word of the stay: of the two before, in time.

    Paperwork is not among them: a customs note tells nothing of a stay.
    """
    if movement.kind is not Kind.ARRIVED or len(before) < 2:
        return False
    return before[-1].kind is Kind.DEPARTED and before[-1].node == movement.node and before[-2].node != movement.node


def reach(trace: Trace, node: str, network: Network) -> int:
    """The moment from which on a movement at the node can't contradict the ones so far."""
    if trace.node == node:
        return trace.reached
    return trace.reached + int(network.great_circle(trace.node, node) / _LEISURELY_KMH * HOUR)


def follow(trace: Trace | None, movement: Movement, network: Network) -> Trace | None:
    """The trace after one more movement, which is not earlier than the ones so far."""
    if movement.kind in PAPERWORK:
        return trace
    if trace is None:
        return Trace(movement.kind, movement.node, movement.occurred, None)
    return Trace(movement.kind, movement.node, max(movement.occurred, reach(trace, movement.node, network)), trace.node)


def may_contradict(trace: Trace | None, movement: Movement, network: Network) -> bool:
    """Whether a movement later than all others has to be compared with them one by one."""
    if trace is None or movement.kind in PAPERWORK:
        return False
    again = movement.kind is Kind.ARRIVED and trace.kind is Kind.DEPARTED and trace.node == movement.node
    if again and trace.came_from is not None and trace.came_from != movement.node:
        return True
    return movement.occurred < reach(trace, movement.node, network)
