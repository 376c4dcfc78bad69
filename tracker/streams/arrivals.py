"""Trains and vessels due at a node: of the containers of this worker that left the node before it."""

from collections.abc import Callable, Iterable
from typing import Final

from msgspec.structs import replace

from tracker.aggregates.closer import Due
from tracker.domain.chronicle import located
from tracker.domain.container import ContainerRow, decode_report
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis
from tracker.domain.outlook import next_of
from tracker.domain.position import Position
from tracker.domain.rejudge import Judge
from tracker.domain.report import Classifier, Kind, Report
from tracker.streams.whereabouts import Open

_CARRIES: Final = frozenset((Kind.LOADED, Kind.DEPARTED, Kind.PASSED, Kind.BORDER_CROSSED))
"""Reports that name what a container left on."""


def leads_to(node: str, lines: Lines) -> Callable[[Open], bool]:
    """Whether the next node of containers at a place is this one, by the usual way of their corridor."""

    def leads(place: Open) -> bool:
        if place.left is None or place.direction is None:
            return False
        network = lines.network
        corridor = place.corridor if place.corridor in network.corridors else None
        ahead = lines.run(place.left, network.courses_in(place.direction, corridor), None)
        return ahead is not None and ahead[0].goal == node

    return leads


def due_at(node: str, rows: Iterable[ContainerRow], judge: Judge, clock: Millis) -> list[Due]:
    """What these containers come on to a node, each train once: its containers counted, the first of them foreseen."""
    found: dict[tuple[str | None, str], Due] = {}
    for row in rows:
        position = located(row, judge.rules, judge.lines)
        if position is None or position.departed is None:
            continue
        place = carrying(_reports_at(row, position.node), position.node), position.node
        if place in found:
            known = found[place]
            departed = min(known.departed, position.departed)
            found[place] = replace(known, containers=known.containers + 1, departed=departed)
        elif (due := _due(place[0], position, node, judge, clock)) is not None:
            found[place] = due
    return list(found.values())


def carrying(reports: Iterable[Report], node: str) -> str | None:
    """The train, else the vessel, that the last report of leaving a node names."""
    named = [
        each
        for each in reports
        if each.node == node
        and each.kind in _CARRIES
        and each.classifier is Classifier.ACTUAL
        and not each.retracted
        and (each.train or each.vessel)
    ]
    last = max(named, key=lambda each: (each.occurred, each.id), default=None)
    return None if last is None else last.train or last.vessel


def _reports_at(row: ContainerRow, node: str) -> list[Report]:
    """The reports that name a node: of fifty a handful, and a look at the raw ones costs a tenth of decoding them."""
    name = node.encode()
    return [decode_report(raw) for raw in map(bytes, row.reports) if name in raw]


def _due(name: str | None, position: Position, node: str, judge: Judge, clock: Millis) -> Due | None:
    found = next_of(position, judge.lines, judge.knowledge, clock)
    if found is None or found[0] != node or position.departed is None:
        return None
    arrival = found[1]
    return Due(
        name, position.node, position.corridor, position.direction, 1, position.departed,
        arrival.at, arrival.low, arrival.high,
    )  # fmt: skip
