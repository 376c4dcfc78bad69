"""When a container was aboard a train or vessel, and what of the transport's doings counts for it. Pure.

From a loading (or a departure that lists the container) on, until it is unloaded or loaded on it anew, until the
transport does again what it did before (trains have the same number every day), and 30 days at the most.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from tracker.domain.moment import DAY, Millis
from tracker.domain.movement import SAME_FACT_WITHIN
from tracker.domain.report import Classifier, Kind, Report

ABOARD_MAX: Final = 30 * DAY
"""A loading counts for what the transport does within this time; the longest sea leg with a wait takes 20 days."""

BOARDINGS: Final = frozenset((Kind.LOADED, Kind.UNLOADED))


class Told(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One report: of a container that was loaded or unloaded, or about the transport (`container` empty).

    `containers`: those that a report about the transport lists, in order; it then counts for them and no others.
    """

    report: Report
    container: str = ""
    containers: tuple[str, ...] = ()


class Ride(NamedTuple):
    """A container aboard: from which report on, when it was unloaded, and the next loading."""

    begun: Report
    unloaded: Report | None = None
    until: Millis | None = None


def rides(boardings: Iterable[Report], lists: Iterable[Report]) -> Iterator[Ride]:
    """A container's rides, by its loadings and unloadings and by the departures that list it, as they hold."""
    events = [
        (each.occurred, each.kind is Kind.LOADED, False, each.id, each)
        for each in boardings
        if each.classifier is Classifier.ACTUAL and each.kind in BOARDINGS
    ]
    events += [
        (each.occurred, True, True, each.id, each)
        for each in lists
        if each.classifier is Classifier.ACTUAL and each.kind is Kind.DEPARTED
    ]
    ride: Ride | None = None
    for occurred, boards, by_list, _, report in sorted(events, key=lambda event: event[:4]):
        if not boards:
            if ride is not None:
                yield ride._replace(unloaded=report)
            ride = None
        elif ride is None:
            ride = Ride(report)
        elif not by_list and not _is_again(ride.begun, report):
            yield ride._replace(until=occurred)
            ride = Ride(report)
    if ride is not None:
        yield ride


def _is_again(one: Report, other: Report) -> bool:
    """Whether a loading tells of the same as the one before."""
    return one.node == other.node and other.occurred - one.occurred <= SAME_FACT_WITHIN


def during(ride: Ride, reports: Sequence[Told]) -> list[Report]:
    """The reports without a list that count for a container during a ride; `reports` are all, in order of time.

    Of several that tell of one thing, as carriers do that send a vessel's departure once for each booking, the one that
    was made first: the others would add nothing to a container but work.
    """
    first: dict[tuple[object, ...], Report] = {}
    for report in _during(ride, reports):
        actual = report.classifier is Classifier.ACTUAL
        thing = report.kind, report.node, report.classifier, None if actual else report.occurred
        held = first.setdefault(thing, report)
        if held is not report and (_made(report), report.id) < (_made(held), held.id):
            first[thing] = report
    return list(first.values())


def _made(report: Report) -> Millis:
    return report.received if report.recorded is None else report.recorded


def _during(ride: Ride, reports: Sequence[Told]) -> Iterator[Report]:
    begun, begin = ride.begun, ride.begun.occurred
    last = begin + ABOARD_MAX if ride.until is None else min(begin + ABOARD_MAX, ride.until - 1)
    ahead = reports[bisect_left(reports, begin, key=lambda told: told.report.occurred) :]
    seen: dict[tuple[Kind, str], Millis] = {}
    away, ended = False, last + 1
    for told in ahead:
        report = told.report
        if report.occurred > last or report.classifier is not Classifier.ACTUAL or _is_other(begun, report):
            continue
        if _is_back(ride, report) or (ride.unloaded is not None and not _is_before(ride.unloaded, report, seen)):
            continue
        at = seen.setdefault((report.kind, report.node), report.occurred)
        if report.occurred - at > SAME_FACT_WITHIN or (away and report.node == begun.node):
            ended = report.occurred  # another run of the same train, or round of the same vessel
            break
        away = away or report.node != begun.node
        if not told.containers:
            yield report
    for told in ahead:
        report = told.report
        if report.classifier is Classifier.ACTUAL or told.containers or _is_other(begun, report):
            continue
        made = _made(report)
        known = seen.get((report.kind, report.node))
        if ride.unloaded is not None and made > ride.unloaded.occurred:
            continue
        if report.occurred < ended and not _is_back(ride, report) and (known is None or made <= known):
            yield report


def _is_back(ride: Ride, report: Report) -> bool:
    """Whether it tells of the transport's coming to where the container was loaded: before the ride began."""
    return report.kind is Kind.ARRIVED and report.node == ride.begun.node


def _is_before(unloaded: Report, report: Report, seen: Mapping[tuple[Kind, str], Millis]) -> bool:
    """Whether something happened while the container was still aboard.

    An arrival where it was unloaded may bear a later time: other clocks, and times that are rounded.
    """
    if report.kind is Kind.ARRIVED and report.node == unloaded.node:
        return report.occurred - unloaded.occurred <= SAME_FACT_WITHIN and (
            report.occurred <= unloaded.occurred or (Kind.ARRIVED, unloaded.node) not in seen
        )
    return report.occurred < unloaded.occurred


def _is_other(one: Report, other: Report) -> bool:
    """Whether what is said of the transport contradicts: another voyage or departure under the same reference."""
    return any(
        a is not None and b is not None and a != b
        for a, b in ((one.train, other.train), (one.vessel, other.vessel), (one.voyage, other.voyage))
    )
