"""Corridor statistics: the content of `corridors.json`, from all facts (batch) or from windows (a worker).

What the numbers of a corridor mean. **Volume** (`crossings`, `teu`, `kg`) is counted at the corridor's
counting line, once per passage, whoever the box belongs to and wherever it began: that is what a ministry
compares from month to month, and it does not depend on both ends being reported. Transits would undercount
it by every box whose Chinese part nobody reports. It is the same for every section. **Transits** and
their times are those of the section.

Volume says what it does not know: `teu_unknown` and `kg_unknown` count the boxes that `teu` and `kg` leave out. Both
are 0 only where nothing passed, and null where something did and nothing is known of it.

**Work** (`teu_km`) is what was reported to be travelled in the window by the corridor's journeys, from node to node,
done or still under way; `runs_unmeasured` of the `runs` have no size or no length and are left out. Like volume it is
of the corridor, whatever the section, and so is `imbalance` (TEU forward by TEU backward).

Units: seconds, kilograms, TEU; `speed` is kilometres per hour, as its definition (sum of km over sum of
hours) and CAREC have it, while the metric of the same name is in base units. `on_time` is the share of the
transits that kept the carrier's plan (`planned` had one), else the median the network predicts. `empty` is the share
of empty TEU. A quantile of fewer than five values has no key; what else can't be said is null.

`years` and `targets` are of the calendar year to date: see `aggregates.years`.

Every corridor of the network has an entry per section, direction and window, also when it is all zero: a
corridor that stands still must be seen. Nodes, crossings and legs are listed where they count something, and
journeys without a corridor (`undecided`, `other`; section `whole`) where they passed a counting line.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tracker.aggregates.entries import CorridorEntry, CrossingEntry, LegEntry, Load, NodeEntry, Statistics
from tracker.aggregates.figures import (
    LOADS,
    buffer,
    carried,
    empty_share,
    imbalance,
    on_time,
    speed,
    teu_km,
    times,
    volumes,
)
from tracker.aggregates.group import Crossings, Dwells, Group, Runs, Transits, group_of
from tracker.aggregates.standing import NOBODY, Standing
from tracker.aggregates.tally import Carried, Tally
from tracker.aggregates.volume import Volume, kg_of, teu_of
from tracker.aggregates.windows import Totals, totals_of
from tracker.aggregates.years import Years, counts_in_years, target_entries, year_entries, year_of_hour
from tracker.domain.facts import Fact, Side
from tracker.domain.moment import Millis, hour_of, text
from tracker.domain.network import Direction, Network

WHOLE: Final = "whole"
"""The section end to end; also that of an entry which has no sections, only volume."""


def corridor_statistics(
    facts: Iterable[Fact], network: Network, until: Millis, standing: Standing | None = None
) -> Statistics:
    """The statistics of a final set of facts, with the window `all`; reads the facts once."""
    cells: dict[tuple[Group, int], Tally] = {}
    years: dict[tuple[Group, int], Volume] = {}
    for fact in facts:
        group, hour = group_of(fact, network), hour_of(fact.end)
        if (group, hour) not in cells:
            cells[group, hour] = Tally()
        cells[group, hour].add(fact, network)
        if counts_in_years(fact, network):
            years.setdefault((group, year_of_hour(hour)), Volume()).add(fact)
    totals = totals_of(((group, hour, tally) for (group, hour), tally in cells.items()), until)
    return statistics_of(totals, network, until, standing, years)


def statistics_of(
    totals: Totals, network: Network, until: Millis, standing: Standing | None = None, years: Years | None = None
) -> Statistics:
    """The statistics of sums already made, for the windows they have.

    `standing` None: nobody knows what stands at nodes, and `containers` is 0. `years` None: `years` and `targets`
    are empty.
    """
    return Statistics(
        until=text(until),
        corridors=[entry for name, groups in totals.items() for entry in _corridors(name, groups, network)],
        nodes=[e for name, groups in totals.items() for e in _nodes(name, groups, network, standing or {}, until)],
        crossings=[entry for name, groups in totals.items() for entry in _crossings(name, groups)],
        legs=[entry for name, groups in totals.items() for entry in _legs(name, groups)],
        years=[] if years is None else list(year_entries(years, network, until)),
        targets=[] if years is None else list(target_entries(years, network, until)),
    )


def _corridors(window: str, groups: Mapping[Group, Tally], network: Network) -> Iterator[CorridorEntry]:
    volume: dict[tuple[str, Direction | None], Tally] = {}
    loads = volumes(groups, network)
    for (corridor_id, direction, _), tally in loads.items():
        volume.setdefault((corridor_id, direction), Tally()).merge(tally)
    work = carried(groups)
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
        by_load = {load: loads.get((corridor_id, direction, load), _NOTHING) for load in LOADS}
        done = work.get((corridor_id, direction), _NO_WORK)
        yield CorridorEntry(
            corridor=corridor_id,
            section=section_id,
            direction=direction,
            window=window,
            transits=timed.count,
            teu=teu_of(passed.volume),
            kg=kg_of(passed.volume),
            crossings=passed.count,
            transit_seconds=times(timed),
            speed=speed(timed),
            on_time=on_time(timed),
            buffer=buffer(timed),
            planned=timed.planned,
            teu_unknown=passed.teu_unknown,
            kg_unknown=passed.grams_unknown,
            loads={LOADS[load]: _load(tally) for load, tally in by_load.items()},
            empty=empty_share(by_load[True], by_load[False]),
            imbalance=_imbalance(corridor_id, volume, network),
            teu_km=teu_km(done),
            runs=done.runs,
            runs_unmeasured=done.unmeasured,
        )


def _load(tally: Tally) -> Load:
    return Load(crossings=tally.count, teu=teu_of(tally.volume), kg=kg_of(tally.volume))


def _imbalance(
    corridor_id: str, volume: Mapping[tuple[str, Direction | None], Tally], network: Network
) -> float | None:
    corridor = network.corridors.get(corridor_id)
    if corridor is None:
        return None
    there, back = (volume.get((corridor_id, way), _NOTHING) for way in (corridor.forward, corridor.backward))
    return imbalance(there, back)


def _nodes(
    window: str, groups: Mapping[Group, Tally], network: Network, standing: Standing, until: Millis
) -> Iterator[NodeEntry]:
    stays = {
        (group.node, group.side, group.direction): tally
        for group, tally in groups.items()
        if isinstance(group, Dwells) and group.node is not None and tally.count
    }
    for (node, direction), present in standing.items():
        if present.containers:
            stays.setdefault((node, side_of(node, direction, network), direction), _NOTHING)
    for (node, side, direction), tally in sorted(stays.items(), key=lambda item: _order(item[0])):
        present = standing.get((node, direction), NOBODY)
        yield NodeEntry(
            node=node,
            side=side,
            direction=direction,
            window=window,
            dwells=tally.count,
            dwell_seconds=times(tally),
            containers=present.containers,
            age_seconds=present.ages(until),
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
                teu=teu_of(tally.volume),
                kg=kg_of(tally.volume),
                teu_unknown=tally.teu_unknown,
                kg_unknown=tally.grams_unknown,
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
_NO_WORK: Final = Carried()
