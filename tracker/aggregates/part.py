"""One worker's part of the figures, and the whole that several parts make.

Groups and containers lie in partitions, partitions with workers: a figure is the same whichever worker is asked when
every part is put together here. Sums are whole numbers, so the order of the parts does not matter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from tracker.aggregates.entries import Statistics
from tracker.aggregates.group import Group
from tracker.aggregates.standing import standing_in
from tracker.aggregates.statistics import statistics_of
from tracker.aggregates.tally import Tally
from tracker.aggregates.volume import Volume
from tracker.aggregates.windows import WINDOWS, Totals
from tracker.aggregates.years import Years
from tracker.domain.exceptions import State
from tracker.domain.moment import Millis
from tracker.domain.network import Direction, Network

Stays = dict[tuple[str, Direction | None], list[Millis]]
"""Who stands at a node now: since when each container does, by node and direction."""

OpenJourneys = Mapping[tuple[str, Direction | None, State], int]
"""Open journeys by corridor, direction and state."""


UnderWay = Mapping[tuple[str, Direction | None, str], int]
"""Containers between two nodes, by corridor, direction and the node they left."""

Wrong = Mapping[tuple[str, str, str, str], int]
"""Open exceptions by rule, severity, cause and corridor."""


class Part(msgspec.Struct, array_like=True):
    """What one worker's partitions hold; the form in which workers give it to each other.

    `clock` is that of the worker. Groups are listed with their sums per window, years of corridors with theirs.
    """

    clock: int
    totals: list[tuple[str, Group, Tally]] = []
    years: list[tuple[Group, int, Volume]] = []
    stays: list[tuple[str, Direction | None, list[Millis]]] = []
    open: list[tuple[str, Direction | None, State, int]] = []
    under_way: list[tuple[str, Direction | None, str, int]] = []
    wrong: list[tuple[str, str, str, str, int]] = []


class Whole(msgspec.Struct):
    """The figures of all parts: statistics as in `corridors.json`, open journeys, and what is wrong with them."""

    statistics: Statistics
    open: OpenJourneys
    under_way: UnderWay
    wrong: Wrong


def part_of(
    clock: Millis,
    totals: Totals,
    years: Years,
    stays: Stays,
    journeys: OpenJourneys,
    under_way: UnderWay,
    wrong: Wrong,
) -> Part:
    """A worker's part, of what its stages hold."""
    return Part(
        clock,
        [(name, group, tally) for name, groups in totals.items() for group, tally in groups.items()],
        [(group, year, volume) for (group, year), volume in years.items()],
        [(node, way, sinces) for (node, way), sinces in stays.items()],
        [(*place, count) for place, count in journeys.items()],
        [(*place, count) for place, count in under_way.items()],
        [(*labels, count) for labels, count in wrong.items() if count],
    )


def whole_of(parts: Iterable[Part], network: Network) -> Whole:
    """All parts together, at the latest of their clocks.

    A group that two parts hold, because its partition is on the move, counts once, as the later part has it.
    """
    totals: dict[str, dict[Group, Tally]] = {name: {} for name in WINDOWS}
    years: dict[tuple[Group, int], Volume] = {}
    stays: defaultdict[tuple[str, Direction | None], list[Millis]] = defaultdict(list)
    journeys: Counter[tuple[str, Direction | None, State]] = Counter()
    under_way: Counter[tuple[str, Direction | None, str]] = Counter()
    wrong: Counter[tuple[str, str, str, str]] = Counter()
    clock = Millis(0)
    for part in parts:
        clock = max(clock, Millis(part.clock))
        for name, group, tally in part.totals:
            totals.setdefault(name, {})[group] = tally
        years.update(((group, year), volume) for group, year, volume in part.years)
        for node, way, sinces in part.stays:
            stays[node, way] += sinces
        for corridor, way, state, count in part.open:
            journeys[corridor, way, state] += count
        for corridor, way, node, count in part.under_way:
            under_way[corridor, way, node] += count
        for *labels, count in part.wrong:
            wrong[labels[0], labels[1], labels[2], labels[3]] += count
    return Whole(statistics_of(totals, network, clock, standing_in(stays), years), journeys, under_way, wrong)


def encoded(part: Part) -> bytes:
    """The part as it goes from worker to worker."""
    return _ENCODER.encode(part)


def decoded(body: bytes) -> Part:
    """The part of another worker. Raises `msgspec.DecodeError` where it is none of ours (another version)."""
    return _DECODER.decode(body)


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Part)
