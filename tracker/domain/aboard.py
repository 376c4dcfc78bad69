"""When a container was aboard a train or vessel, and what of the transport's doings counts for it. Pure.

From a loading (or a departure that lists the container) on, until it is unloaded or loaded on it anew, until the
transport does again what it did before (trains have the same number every day), and 30 days at the most.
"""

from bisect import bisect_left, bisect_right
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


class Doing(NamedTuple):
    """One thing that a transport did, or was to do; `is_listed`: only reports with a list tell of it."""

    report: Report
    thing: tuple[object, ...]
    made: Millis
    is_listed: bool


class Doings(NamedTuple):
    """What a transport did (or, in `others`, was to do), in order of time, with the times."""

    actual: Sequence[Doing]
    actual_times: Sequence[Millis]
    others: Sequence[Doing]
    other_times: Sequence[Millis]


def doings_of(reports: Iterable[Told]) -> Doings:
    """The same, of holding reports in order of time; of `others` those without a list.

    Of reports that are alike but for their ids the one that was made first: wherever another counts, it counts instead.
    """
    actual: dict[tuple[object, ...], Doing] = {}
    others: dict[tuple[object, ...], Doing] = {}
    for told in reports:
        report, is_listed = told.report, bool(told.containers)
        thing: tuple[object, ...]
        if report.classifier is Classifier.ACTUAL:
            found, thing = actual, (report.kind, report.node)
        elif not is_listed:
            found, thing = others, (report.kind, report.node, report.classifier, report.occurred)
        else:
            continue
        new = Doing(report, thing, _made(report), is_listed)
        held = found.setdefault((thing, report.occurred, report.train, report.vessel, report.voyage), new)
        if (is_listed, new.made, report.id) < (held.is_listed, held.made, held.report.id):
            found[thing, report.occurred, report.train, report.vessel, report.voyage] = new
    done, to_do = list(actual.values()), list(others.values())
    return Doings(done, [each.report.occurred for each in done], to_do, [each.report.occurred for each in to_do])


def may_count(ride: Ride, report: Report) -> bool:
    """Whether a report about the transport can play any part for a ride: if not, the ride is as without it."""
    begin, unloaded = ride.begun.occurred, ride.unloaded
    if not begin <= report.occurred <= _last(ride):
        return False
    if unloaded is None:
        return True
    if report.classifier is Classifier.ACTUAL:
        return report.occurred - unloaded.occurred <= SAME_FACT_WITHIN
    return _made(report) <= unloaded.occurred


def during(ride: Ride, doings: Doings) -> list[Report]:
    """The reports without a list that count for a container during a ride.

    Of several that tell of one thing, as carriers do that send a vessel's departure once for each booking, the one that
    was made first: the others would add nothing to a container but work.
    """
    first: dict[tuple[object, ...], tuple[Millis, str, Report]] = {}
    for report, thing, made in _during(ride, doings):
        held = first.get(thing)
        if held is None or made < held[0] or (made == held[0] and report.id < held[1]):
            first[thing] = made, report.id, report
    return [report for _, _, report in first.values()]


def _last(ride: Ride) -> Millis:
    """Up to when what the transport does may count."""
    last = ride.begun.occurred + ABOARD_MAX
    return Millis(last if ride.until is None else min(last, ride.until - 1))


def _made(report: Report) -> Millis:
    return report.received if report.recorded is None else report.recorded


def _during(ride: Ride, doings: Doings) -> Iterator[tuple[Report, tuple[object, ...], Millis]]:
    begun, begin, last = ride.begun, ride.begun.occurred, _last(ride)
    here, back = begun.node, (Kind.ARRIVED, begun.node)
    seen: dict[tuple[object, ...], Millis] = {}
    away, ended = False, last + 1
    until = last if ride.unloaded is None else min(last, ride.unloaded.occurred + SAME_FACT_WITHIN)
    times = doings.actual_times
    for at in range(bisect_left(times, begin), bisect_right(times, until)):
        report, thing, made, is_listed = doings.actual[at]
        if thing == back or _is_other(begun, report):  # what came to where it was loaded came before
            continue
        if ride.unloaded is not None and not _is_before(ride.unloaded, report, seen):
            continue
        first = seen.setdefault(thing, times[at])
        if times[at] - first > SAME_FACT_WITHIN or (away and report.node == here):
            ended = times[at]  # another run of the same train, or round of the same vessel
            break
        away = away or report.node != here
        if not is_listed:
            yield report, thing, made
    times = doings.other_times
    for at in range(bisect_left(times, begin), bisect_left(times, ended)):
        report, thing, made, _ = doings.others[at]
        if (ride.unloaded is not None and made > ride.unloaded.occurred) or thing[:2] == back:
            continue
        known = seen.get(thing[:2])
        if (known is None or made <= known) and not _is_other(begun, report):
            yield report, thing, made


def _is_before(unloaded: Report, report: Report, seen: Mapping[tuple[object, ...], Millis]) -> bool:
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
    return (
        (one.train != other.train and one.train is not None and other.train is not None)
        or (one.vessel != other.vessel and one.vessel is not None and other.vessel is not None)
        or (one.voyage != other.voyage and one.voyage is not None and other.voyage is not None)
    )
