"""What is to be told of a node that a journey went by, and by whom.

Of borders, changes of gauge and ports an arrival and a departure are to be told, or what the carriers file says of a
carrier. What anybody told of a stay counts for all: a second carrier's word that is missing is not missed. So nodes of
which no carrier told that has kinds of its own are judged by their times alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tracker.domain.facts import Side
from tracker.domain.moment import Millis
from tracker.domain.network import Network
from tracker.domain.passage import Stop
from tracker.domain.report import Kind, Report

DEFAULT_KINDS: Final = frozenset((Kind.ARRIVED, Kind.DEPARTED))
"""What every carrier is to tell, unless the carriers file says otherwise."""

_COMES: Final = frozenset((Kind.ARRIVED, Kind.UNLOADED, Kind.GATE_IN, Kind.PASSED))
_GOES: Final = frozenset((Kind.DEPARTED, Kind.LOADED, Kind.GATE_OUT, Kind.PASSED))
"""Kinds that tell of an arrival and of a departure; a border crossing tells of one of the two."""
_WHERE: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.ARRIVED: frozenset(("border", "gauge", "port")),
    Kind.DEPARTED: frozenset(("border", "gauge", "port")),
    Kind.LOADED: frozenset(("gauge", "port")),
    Kind.UNLOADED: frozenset(("gauge", "port")),
    Kind.BORDER_CROSSED: frozenset(("border",)),
}
"""The kinds of nodes at which a milestone happens to all that go by; of any other kind none is missed there."""


class Missing(NamedTuple):
    """A node that was passed without a mandatory report; `since` is the first report beyond it."""

    node: str
    visit: int
    since: Millis


def missing(
    way: Sequence[Stop], nodes: Collection[str], own: Mapping[tuple[str, int], frozenset[Kind]] | None = None
) -> list[Missing]:
    """Nodes of which something mandatory was not reported although a later one was; ends of the way excepted.

    `own`: by node and earlier visits there, the kinds that are missed, where other carriers' kinds count too.
    """
    found: list[Missing] = []
    for at, (stop, after) in enumerate(pairwise(way)):
        if at and stop.node in nodes:
            visit = sum(each.node == stop.node for each in way[:at])
            missed = None if own is None else own.get((stop.node, visit))
            if bool(missed) if missed is not None else stop.arrived is None or stop.departed is None:
                found.append(Missing(stop.node, visit, after.first))
    return found


def own_missed(
    way: Sequence[Stop], reports: Sequence[Report], mandatory: Mapping[str, frozenset[Kind]], network: Network
) -> dict[tuple[str, int], frozenset[Kind]]:
    """What is missed of the stops of which a carrier told that has kinds of its own; see `missing`.

    `reports`: the actual ones of a journey that hold, in any order.
    """
    stays: defaultdict[str, list[Stop]] = defaultdict(list)
    for stop in way:
        if not stop.implied:
            stays[stop.node].append(stop)
    told: defaultdict[tuple[str, int], defaultdict[str, set[Kind]]] = defaultdict(lambda: defaultdict(set))
    for report in reports:
        if here := stays.get(report.node):
            begun = sum(stop.first <= report.occurred for stop in here)
            told[report.node, max(0, begun - 1)][report.carrier].add(report.kind)
    found: dict[tuple[str, int], frozenset[Kind]] = {}
    for (node, visit), tellers in told.items():
        if not mandatory.keys().isdisjoint(tellers):
            stop, kinds = stays[node][visit], set().union(*tellers.values())
            wanted = set().union(*(mandatory.get(carrier, DEFAULT_KINDS) for carrier in tellers))
            sorts = network.nodes[node].kinds
            found[node, visit] = frozenset(
                kind
                for kind in wanted
                if not _WHERE.get(kind, frozenset()).isdisjoint(sorts)
                and not (is_known(kind, stop) or tells(kind, kinds, stop.side))
            )
    return found


def is_known(wanted: Kind, stop: Stop) -> bool:
    """Whether the time is known, be it by a border crossing that the neighbour told."""
    return stop.arrived is not None if wanted is Kind.ARRIVED else wanted is Kind.DEPARTED and stop.departed is not None


def tells(wanted: Kind, kinds: set[Kind], side: Side | None) -> bool:
    """Whether reports of these kinds, on a side of a border, tell what is wanted."""
    if wanted is Kind.ARRIVED:
        return not _COMES.isdisjoint(kinds) or (side is Side.ENTRY and Kind.BORDER_CROSSED in kinds)
    if wanted is Kind.DEPARTED:
        return not _GOES.isdisjoint(kinds) or (side is Side.EXIT and Kind.BORDER_CROSSED in kinds)
    return wanted in kinds
