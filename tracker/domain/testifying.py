"""Counts what a container's reports say of the carriers that made them; see `testimony`.

Milestones are those of nodes where a journey must be reported (borders, changes of gauge, ports), its ends left out,
once a later node was reported: arrival and departure, or what the carriers file says of a carrier. What somebody told
counts for those who told it. What nobody did counts against those who told something else of that stay, and where
nobody told anything against the node. A second carrier's word that is missing is not missed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tracker.domain.chronicle import received_order
from tracker.domain.container import ContainerRow, Rules
from tracker.domain.delay_bins import SLOT, noted
from tracker.domain.journey import Journey
from tracker.domain.lines import mandatory_nodes
from tracker.domain.milestones import DEFAULT_KINDS, is_known, tells
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.movement import SAME_FACT_WITHIN, holding
from tracker.domain.passage import Stop, stops
from tracker.domain.report import PAPERWORK, Classifier, Kind, Report
from tracker.domain.testimony import EXPECTED, KEPT_DAYS, TOLD, Count, Testimony

FURTHEST: Final = 13 * HOUR
"""Two carriers' times this far apart may still be of one fact: the furthest shift of a zone is twelve hours."""

Cells = Counter[tuple[int, str, int]]


def reach(journeys: Sequence[Journey]) -> tuple[int, int, str | None]:
    """What must stay the same for a report that was put in last to say nothing of nodes that were passed."""
    if not journeys:
        return 0, 0, None
    return len(journeys), len(journeys[-1].visits), journeys[-1].carrier


def recount(row: ContainerRow, reports: Sequence[Report], rules: Rules) -> tuple[Cells, Cells]:
    """Count anew by the row's reports; what is no longer so, and what is so now. Changes the row's testimony."""
    cells: Cells = Counter()
    actual = [each for each in holding(reports) if each.classifier is Classifier.ACTUAL and each.kind not in PAPERWORK]
    _milestones(cells, row, actual, rules)
    _differences(cells, reports)
    since = max((day for day, _, _ in cells), default=0) - KEPT_DAYS
    old = row.testimony.cells()
    counts = [Count(*cell, times) for cell, times in sorted(cells.items()) if cell[0] >= since and times]
    row.testimony = Testimony(False, _is_mixed(row, actual), counts)
    now = row.testimony.cells()
    return old - now, now - old


def _milestones(cells: Cells, row: ContainerRow, actual: Sequence[Report], rules: Rules) -> None:
    nodes = mandatory_nodes(rules.network)
    ways = [stops(journey, rules.network) for journey in row.journeys]
    told = _told(actual, [stop for way in ways for stop in way if not stop.implied])
    for way in ways:
        for at, (stop, after) in enumerate(pairwise(way)):
            if at and stop.node in nodes:
                _of_stop(cells, stop, after.first // DAY, told.get(id(stop), {}), rules.mandatory)


def _told(actual: Sequence[Report], stays: Sequence[Stop]) -> Mapping[int, Mapping[str, set[Kind]]]:
    """Stop (by identity) to what each carrier told of it: of several stays at a node the last that had begun."""
    at: defaultdict[str, list[Stop]] = defaultdict(list)
    for stop in stays:
        at[stop.node].append(stop)
    found: defaultdict[int, defaultdict[str, set[Kind]]] = defaultdict(lambda: defaultdict(set))
    for report in actual:
        here = at.get(report.node)
        if here:
            begun = [stop for stop in here if stop.first <= report.occurred + SAME_FACT_WITHIN]
            found[id(begun[-1] if begun else here[0])][report.carrier].add(report.kind)
    return found


def _of_stop(
    cells: Cells,
    stop: Stop,
    day: int,
    told: Mapping[str, set[Kind]],
    mandatory: Mapping[str, frozenset[Kind]],
) -> None:
    if not told:
        cells[day, f"@{stop.node}", EXPECTED] += 1
        return
    anybody = set().union(*told.values())
    for carrier, kinds in told.items():
        for wanted in mandatory.get(carrier, DEFAULT_KINDS):
            if tells(wanted, kinds, stop.side):
                cells[day, carrier, EXPECTED] += 1
                cells[day, carrier, TOLD] += 1
            elif not (is_known(wanted, stop) or tells(wanted, anybody, stop.side)):
                cells[day, carrier, EXPECTED] += 1


def _differences(cells: Cells, reports: Sequence[Report]) -> None:
    """Each report's time against those of other carriers that came before it and tell of the same."""
    groups: defaultdict[tuple[Kind, str], list[Report]] = defaultdict(list)
    for report in reports:
        if report.classifier is Classifier.ACTUAL and not report.retracted and report.corrected is None:
            groups[report.kind, report.node].append(report)
    for group in groups.values():
        if len({report.carrier for report in group}) > 1:
            for carrier, received, difference in _pairs(group):
                counts_from = Millis(received + SLOT)  # so that all workers know it when that slot is looked at
                cells[counts_from // DAY, carrier, noted(counts_from, difference)] += 1


def _pairs(group: Sequence[Report]) -> Iterator[tuple[str, Millis, int]]:
    """Carrier, when it became known, and by how much earlier its time is than another's, in the way of a delay.

    Each is compared with the nearest of every other carrier; what only repeats a time says nothing.
    """
    last: dict[tuple[str, str], Report] = {}
    for report in sorted(group, key=received_order):
        before = last.get((report.carrier, report.id))
        if before is not None and before.occurred == report.occurred:
            continue
        last[report.carrier, report.id] = report
        nearest: dict[str, Report] = {}
        for other in last.values():
            apart = abs(other.occurred - report.occurred)
            if other.carrier != report.carrier and apart <= FURTHEST:
                known = nearest.get(other.carrier)
                if known is None or (apart, other.id) < (abs(known.occurred - report.occurred), known.id):
                    nearest[other.carrier] = other
        for other in nearest.values():
            yield report.carrier, report.received, other.occurred - report.occurred
            yield other.carrier, report.received, report.occurred - other.occurred


def _is_mixed(row: ContainerRow, actual: Sequence[Report]) -> bool:
    if not row.journeys or not row.journeys[-1].visits:
        return False
    node = row.journeys[-1].visits[-1].node
    return len({report.carrier for report in actual if report.node == node}) > 1
