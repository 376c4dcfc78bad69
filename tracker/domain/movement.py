"""From reports to movements: which version of a report holds, and which reports are one fact.

Everything here is a function of the set of reports. Arrival order enters only as each report's received
time, which is part of the report.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from operator import attrgetter
from typing import Final

import msgspec

from tracker.domain.contradiction import Told, Trust
from tracker.domain.journey import Movement
from tracker.domain.measure import Plan
from tracker.domain.moment import HOUR, Millis
from tracker.domain.report import Classifier, Kind, Report

SAME_FACT_WITHIN: Final = 6 * HOUR
"""Two reports of one kind at one node this far apart are one fact; domain practice, parties differ by minutes."""

Authority = Mapping[str, int]
"""Carrier to rank, 0 the highest; carriers that are not listed rank below all listed ones."""

_BY_TIME: Final = attrgetter("occurred", "carrier", "id")

_REFERENCES: Final = attrgetter("train", "wagon", "vessel", "voyage")

Rank = tuple[bool, int, int, bool, int, int, bool]


def rank(report: Report) -> Rank:
    """How versions of one report compare: the highest holds (revision, recorded or received, retraction, content).

    A version that we corrected ranks just above what it corrects, and below whatever the carrier said later.

    The last element says no more than whether it was recorded: no two versions tie, or arrival would choose.
    """
    revision = report.revision
    at = report.received if report.recorded is None else report.recorded
    corrected = report.corrected or 0
    return (
        revision is not None, revision or 0, at, report.retracted, corrected, report.content,
        report.recorded is not None,
    )  # fmt: skip


def is_same_word(one: Report, other: Report) -> bool:
    """Whether two reports of one identity say the same, whenever it was recorded or received."""
    return (
        one.content == other.content
        and one.retracted == other.retracted
        and one.revision == other.revision
        and one.corrected == other.corrected
    )


def is_same_version(one: Report, other: Report) -> bool:
    """Whether two reports of one identity are the same version, whenever it was received."""
    return is_same_word(one, other) and one.recorded == other.recorded


def holding(versions: Iterable[Report]) -> list[Report]:
    """For each identity the version that holds, without those whose holding version is a retraction."""
    best: dict[tuple[str, str], Report] = {}
    for report in versions:
        identity = (report.carrier, report.id)
        held = best.setdefault(identity, report)
        if held is not report and rank(report) > rank(held):
            best[identity] = report
    return [report for report in best.values() if not report.retracted]


class _Group(msgspec.Struct, frozen=True, gc=False):
    earliest: Millis
    reports: list[Report]


def movements(reports: Iterable[Report], authority: Authority) -> list[Told]:
    """The movements of holding actual reports: one for each group of reports of one fact, unordered.

    Groups of a kind and node are cut from the earliest event time on; references that differ keep apart.
    """
    groups: dict[tuple[Kind, str], list[_Group]] = {}
    for report in sorted(reports, key=_BY_TIME):
        if report.classifier is not Classifier.ACTUAL:
            continue
        same = groups.setdefault((report.kind, report.node), [])
        for group in reversed(same):
            if report.occurred - group.earliest <= SAME_FACT_WITHIN and not _other_transport(report, group.reports):
                group.reports.append(report)
                break
        else:
            same.append(_Group(report.occurred, [report]))
    return [Told(movement_of(group.reports, authority), group.reports) for same in groups.values() for group in same]


def trust_of(report: Report, authority: Authority) -> Trust:
    """Sorts reports of one thing: highest authority, then earliest recorded, then smallest identity first."""
    recorded = report.received if report.recorded is None else report.recorded
    return authority.get(report.carrier, len(authority)), recorded, report.carrier, report.id


def _other_transport(report: Report, others: Iterable[Report]) -> bool:
    """Whether a reference of the report contradicts one of the others': both are given and differ."""
    mine = _REFERENCES(report)
    return any(
        a is not None and b is not None and a != b
        for other in others
        for a, b in zip(mine, _REFERENCES(other), strict=True)
    )


def movement_of(reports: list[Report], authority: Authority) -> Movement:
    """The one movement that a group of reports tells of.

    The time is that of the source with the highest authority, then the earliest recorded, then the smallest
    identity; what that source leaves out comes from the next.
    """
    if len(reports) == 1:
        r = reports[0]
        return Movement(
            r.occurred, r.kind, r.node, r.mode, r.laden, r.teu, r.grams, r.origin, r.destination, r.carrier, r.train
        )
    ordered = sorted(reports, key=lambda report: trust_of(report, authority))
    first = ordered[0]
    names = ("mode", "laden", "teu", "grams", "origin", "destination", "train")
    mode, laden, teu, grams, origin, destination, train = (
        next((value for each in ordered if (value := getattr(each, name)) is not None), None) for name in names
    )
    return Movement(
        first.occurred, first.kind, first.node, mode, laden, teu, grams, origin, destination, first.carrier, train
    )


def plan_of(report: Report) -> Plan | None:
    """The planned arrival that a report tells of, if it does."""
    if report.classifier is not Classifier.PLANNED or report.kind is not Kind.ARRIVED or report.retracted:
        return None
    return Plan(report.received if report.recorded is None else report.recorded, report.occurred, report.node)


def in_order(waiting: list[Movement]) -> list[Movement]:
    """Movements, given in `moment_order`, in the order in which they can have happened.

    Many sources give dates without hours, so ties matter: among equal times what happened at the node the
    container is at comes first, in the order of a stay (`Kind`), so that it leaves one node before it
    reaches the next.
    """
    if all(a.occurred < b.occurred for a, b in pairwise(waiting)):
        return waiting
    ordered: list[Movement] = []
    start = 0
    for end in range(1, len(waiting) + 1):
        if end < len(waiting) and waiting[end].occurred == waiting[start].occurred:
            continue
        tied = waiting[start:end]
        while tied:
            here = ordered[-1].node if ordered else None
            chosen = next((m for m in tied if m.node == here), tied[0])
            tied.remove(chosen)
            ordered.append(chosen)
        start = end
    return ordered
