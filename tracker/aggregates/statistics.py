"""Corridor statistics: the content of `corridors.json`, from all facts (batch) or from windows (a worker).

What the numbers of a corridor mean. **Volume** (`crossings`, `teu`, `kg`) is counted at the corridor's
counting line, once per passage, whoever the box belongs to and wherever it began: that is what a ministry
compares from month to month, and it does not depend on both ends being reported. Transits would undercount
it by every box whose Chinese part nobody reports. It is the same for every section. **Transits** and
their times are those of the section.

Units: seconds, kilograms, TEU; `speed` is kilometres per hour, as its definition (sum of km over sum of
hours) and CAREC have it, while the metric of the same name is in base units. `on_time` is the share of the
transits that had a carrier's plan. A quantile of fewer than five values has no key; what else can't be said
is null.

Every corridor of the network has an entry per section, direction and window, also when it is all zero: a
corridor that stands still must be seen. Nodes, crossings and legs are listed where they count something, and
journeys without a corridor (`undecided`, `other`; section `whole`) where they passed a counting line.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypedDict

from tracker.aggregates.figures import Speed, buffer, on_time, speed, times, volumes
from tracker.aggregates.group import Crossings, Dwells, Group, Runs, Transits, group_of
from tracker.aggregates.tally import Tally
from tracker.aggregates.windows import Totals, totals_of
from tracker.domain.facts import Fact, Side
from tracker.domain.moment import Millis, hour_of, text
from tracker.domain.network import Direction, Network

WHOLE: Final = "whole"
"""The section end to end; also that of an entry which has no sections, only volume."""

Standing = Mapping[tuple[str, Direction | None], int]
"""How many containers are at a node now, by direction; comes from open journeys, not from facts."""


class CorridorEntry(TypedDict):
    """A corridor's section in a direction and window."""

    corridor: str
    section: str
    direction: Direction | None
    window: str
    transits: int
    teu: float
    kg: float
    crossings: int
    transit_seconds: dict[str, float]
    speed: Speed
    on_time: float | None
    buffer: float | None


class NodeEntry(TypedDict):
    """Stays at a node; `containers` is how many stand there now, whatever the window."""

    node: str
    side: Side | None
    direction: Direction | None
    window: str
    dwells: int
    dwell_seconds: dict[str, float]
    containers: int


class CrossingEntry(TypedDict):
    """Passages of a crossing or counting leg, journeys of all corridors together."""

    crossing: str
    direction: Direction | None
    window: str
    crossings: int
    teu: float
    kg: float


class LegEntry(TypedDict):
    """Runs over a single leg."""

    leg: str
    direction: Direction | None
    window: str
    runs: int
    run_seconds: dict[str, float]


class Statistics(TypedDict):
    """The content of `corridors.json`."""

    until: str
    corridors: list[CorridorEntry]
    nodes: list[NodeEntry]
    crossings: list[CrossingEntry]
    legs: list[LegEntry]


def corridor_statistics(
    facts: Iterable[Fact], network: Network, until: Millis, standing: Standing | None = None
) -> Statistics:
    """The statistics of a final set of facts, with the window `all`; reads the facts once."""
    cells: dict[tuple[Group, int], Tally] = {}
    for fact in facts:
        place = group_of(fact, network), hour_of(fact.end)
        if place not in cells:
            cells[place] = Tally()
        cells[place].add(fact, network)
    totals = totals_of(((group, hour, tally) for (group, hour), tally in cells.items()), until)
    return statistics_of(totals, network, until, standing)


def statistics_of(totals: Totals, network: Network, until: Millis, standing: Standing | None = None) -> Statistics:
    """The statistics of sums already made, for the windows they have.

    `standing` None: nobody knows what stands at nodes, and `containers` is 0.
    """
    return Statistics(
        until=text(until),
        corridors=[entry for name, groups in totals.items() for entry in _corridors(name, groups, network)],
        nodes=[entry for name, groups in totals.items() for entry in _nodes(name, groups, network, standing or {})],
        crossings=[entry for name, groups in totals.items() for entry in _crossings(name, groups)],
        legs=[entry for name, groups in totals.items() for entry in _legs(name, groups)],
    )


def _corridors(window: str, groups: Mapping[Group, Tally], network: Network) -> Iterator[CorridorEntry]:
    volume: dict[tuple[str, Direction | None], Tally] = {}
    for (corridor_id, direction, _), tally in volumes(groups, network).items():
        volume.setdefault((corridor_id, direction), Tally()).merge(tally)
    places: list[tuple[str, str, Direction | None]] = [
        (corridor.id, section.id, direction)
        for corridor in network.corridors.values()
        for section in corridor.sections
        for direction in (corridor.forward, corridor.backward)
    ]
    listed = {(corridor_id, direction) for corridor_id, _, direction in places}
    places += [(corridor, WHOLE, direction) for corridor, direction in sorted(volume.keys() - listed, key=_order)]
    for corridor_id, section_id, direction in places:
        passed = volume.get((corridor_id, direction), _NOTHING)
        if not passed.count and (corridor_id, direction) not in listed:
            continue
        timed = groups.get(Transits(corridor_id, section_id, direction), _NOTHING)
        yield CorridorEntry(
            corridor=corridor_id,
            section=section_id,
            direction=direction,
            window=window,
            transits=timed.count,
            teu=passed.teu / 100,
            kg=passed.grams / 1000,
            crossings=passed.count,
            transit_seconds=times(timed),
            speed=speed(timed),
            on_time=on_time(timed),
            buffer=buffer(timed),
        )


def _nodes(window: str, groups: Mapping[Group, Tally], network: Network, standing: Standing) -> Iterator[NodeEntry]:
    stays = {
        (group.node, group.side, group.direction): tally
        for group, tally in groups.items()
        if isinstance(group, Dwells) and group.node is not None and tally.count
    }
    for (node, direction), containers in standing.items():
        if containers:
            stays.setdefault((node, side_of(node, direction, network), direction), _NOTHING)
    for (node, side, direction), tally in sorted(stays.items(), key=lambda item: _order(item[0])):
        yield NodeEntry(
            node=node,
            side=side,
            direction=direction,
            window=window,
            dwells=tally.count,
            dwell_seconds=times(tally),
            containers=standing.get((node, direction), 0),
        )


def _crossings(window: str, groups: Mapping[Group, Tally]) -> Iterator[CrossingEntry]:
    passages: dict[tuple[str, Direction | None], Tally] = {}
    for group, tally in groups.items():
        if isinstance(group, Crossings) and group.leg is not None:
            passages.setdefault((group.leg, group.direction), Tally()).merge(tally)
    for (leg, direction), tally in sorted(passages.items(), key=lambda item: _order(item[0])):
        if tally.count:
            yield CrossingEntry(
                crossing=leg,
                direction=direction,
                window=window,
                crossings=tally.count,
                teu=tally.teu / 100,
                kg=tally.grams / 1000,
            )


def _legs(window: str, groups: Mapping[Group, Tally]) -> Iterator[LegEntry]:
    runs = {
        (group.leg, group.direction): tally
        for group, tally in groups.items()
        if isinstance(group, Runs) and tally.count
    }
    for (leg, direction), tally in sorted(runs.items(), key=lambda item: _order(item[0])):
        yield LegEntry(leg=leg, direction=direction, window=window, runs=tally.count, run_seconds=times(tally))


def side_of(node: str, direction: Direction | None, network: Network) -> Side | None:
    """The side of its border on which a node stands for one who travels in a direction; None off borders."""
    crossing = network.border_sides.get(node)
    if crossing is None or direction is None:
        return None
    forward = direction in (Direction.WESTBOUND, Direction.SOUTHBOUND)
    return Side.EXIT if (crossing.a == node) == forward else Side.ENTRY


def _order(place: Iterable[str | None]) -> tuple[str, ...]:
    """Sorts places by text with what is unknown first."""
    return tuple(part or "" for part in place)


_NOTHING: Final = Tally()
