"""A train's or vessel's row: what was reported of it, what was loaded on it, and each container's movements with it.

Carriers report "the train departed" and "the container was loaded on the train" apart, in either order. A report about
the transport counts for every container that was aboard then; for which it counts is a function of the set of what the
row holds (`tracker.domain.aboard`), so a loading that comes late, or is corrected or taken back, gives and takes back
movements.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from tracker.domain.aboard import Ride, Told, doings_of, during, may_count, rides
from tracker.domain.crowd import VERSIONS_MAX
from tracker.domain.moment import DAY, Millis
from tracker.domain.movement import Rank, is_same_version, is_same_word, rank
from tracker.domain.report import Kind, Outcome, Report
from tracker.domain.schema import UnknownSchema

SCHEMA: Final = 1
KEPT: Final = 45 * DAY
"""What happened longer before the newest received time than this is let go; what followed from it stands."""
REPORTS_MAX: Final = 500
"""Reports about one transport, the newest by event time: 45 days of a daily train with five stops, twice told."""
BOARDINGS_MAX: Final = 10_000
"""Containers' loadings and unloadings held per transport, the newest; some 100 bytes each, 1 MB when full."""

DERIVED: Final = "#@"
"""In front of the id of a movement that follows from a report about a transport; a carrier's id never begins so."""


_LATER: Final = Millis(1 << 62)


class TransportRow(msgspec.Struct, array_like=True):
    """One transport of one carrier. `boardings`: container to its latest event time and its reports, kept encoded.

    `reports` are in order of time (`_order`). `newest`: the latest received time. `oldest`: no container's latest event
    time is before it.
    """

    schema: int = SCHEMA
    reports: list[Told] = []
    boardings: dict[str, tuple[Millis, msgspec.Raw]] = {}
    newest: Millis = Millis(0)
    oldest: Millis = _LATER


class Ruling(NamedTuple):
    """What a report did. `outcome`: of a report about the transport; None: it was here before, or is of a container.

    `changes`: container and new version of a movement, retracted where it no longer follows.
    """

    outcome: Outcome | None
    changes: Sequence[tuple[str, Report]]


def load(body: bytes | None) -> TransportRow:
    """The row of a stored body; an empty row for None. `msgspec.DecodeError` when it is not a row."""
    row = _decode(body) if body else TransportRow()
    if row.schema != SCHEMA:
        raise UnknownSchema(f"transport row schema {row.schema} seen, {SCHEMA} wanted: run the newer program")
    return row


def dump(row: TransportRow) -> bytes | None:
    """The row's stored body; None when it holds nothing."""
    return _encode(row) if row.reports or row.boardings else None


def apply(row: TransportRow, told: Told, revision: int) -> Ruling:
    """Take one report into the row, in place, and say which movements follow or no longer do.

    `revision` ranks what follows from this report above what followed from earlier ones.
    """
    only = frozenset((told.container,)) if told.container else _touched(row, told)
    before = carried(row, only)
    outcome = None
    if told.container:
        _board(row, told)
    else:
        outcome = _hear(row, told)
    after = carried(row, only)
    changes: list[tuple[str, Report]] = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        if now is None:
            assert was is not None, "a key of either"
            now = replace(was, retracted=True, received=max(was.received, told.report.received))
        changes.append((key[0], replace(now, revision=revision)))
    _let_go(row, told.report.received)
    return Ruling(outcome, changes)


def carried(row: TransportRow, only: Iterable[str] | None = None) -> dict[tuple[str, str], Report]:
    """The movements that follow, by container and id; of some containers, or of all."""
    reports = _in_force(row.reports)
    if not reports:
        return {}
    lists = _lists(reports)
    found: dict[tuple[str, str], Report] = {}
    doings = doings_of(reports)
    for container in {*row.boardings, *lists} if only is None else only:
        for told in lists.get(container, ()):
            _add(found, container, told.report, told.report.received)
        for ride in _rides(row, container, lists):
            for report in during(ride, doings):
                _add(found, container, report, max(report.received, ride.begun.received))
    return found


def _touched(row: TransportRow, told: Told) -> set[str]:
    """The containers for which it may matter that a report about the transport comes, and its other versions go.

    A train has the same number every day, and of those who were aboard in 45 days few are today.
    """
    versions = [told, *(each for each in row.reports if each.report.id == told.report.id)]
    lists = _lists(_in_force(row.reports))
    touched = {container for each in versions for container in each.containers}
    for container in {*row.boardings, *lists} - touched:
        if any(may_count(ride, each.report) for ride in _rides(row, container, lists) for each in versions):
            touched.add(container)
    return touched


def _in_force(versions: Sequence[Told]) -> list[Told]:
    """The versions that hold, in order of time: in that a row has them all."""
    held = _holding(versions)
    return held if len(held) == len(versions) else sorted(held, key=_in_time)


def _lists(reports: Iterable[Told]) -> dict[str, list[Told]]:
    lists: dict[str, list[Told]] = {}
    for told in reports:
        for container in told.containers:
            lists.setdefault(container, []).append(told)
    return lists


def _rides(row: TransportRow, container: str, lists: Mapping[str, Sequence[Told]]) -> Iterable[Ride]:
    boardings = [each.report for each in _holding(_boardings_of(row, container))]
    return rides(boardings, [each.report for each in lists.get(container, ())])


def _add(found: dict[tuple[str, str], Report], container: str, report: Report, received: Millis) -> None:
    identity = DERIVED + report.id
    found[container, identity] = replace(report, id=identity, received=received, revision=None)


def _holding(versions: Iterable[Told]) -> list[Told]:
    best: dict[str, Told] = {}
    for told in versions:
        held = best.setdefault(told.report.id, told)
        if held is not told and rank(told.report) > rank(held.report):
            best[told.report.id] = told
    return [told for told in best.values() if not told.report.retracted]


def _hear(row: TransportRow, told: Told) -> Outcome | None:
    """Take a report about the transport in; its outcome, as of a report in a container's row."""
    versions = [each for each in row.reports if each.report.id == told.report.id]
    outcome, kept = _ranked(versions, told)
    if kept is not versions:
        row.reports = [each for each in row.reports if each.report.id != told.report.id]
        for each in kept:
            insort(row.reports, each, key=_order)
    return outcome


def _board(row: TransportRow, told: Told) -> None:
    held = _boardings_of(row, told.container)
    versions = [each for each in held if each.report.id == told.report.id]
    _, kept = _ranked(versions, Told(told.report))
    others = [each for each in held if each.report.id != told.report.id]
    reports = [each.report for each in _ordered(others + kept)]
    row.oldest = min(row.oldest, reports[-1].occurred)
    row.boardings[told.container] = reports[-1].occurred, msgspec.Raw(_encode(reports))


def _boardings_of(row: TransportRow, container: str) -> list[Told]:
    held = row.boardings.get(container)
    return [] if held is None else [Told(each) for each in _decode_reports(held[1])]


def _ranked(versions: list[Told], told: Told) -> tuple[Outcome | None, list[Told]]:
    """The outcome of one more version of a report, and the versions to keep."""
    report = told.report
    same = next((each for each in versions if is_same_version(each.report, report)), None)
    if same is not None and report.received >= same.report.received:
        return (None if same.report.source == report.source else Outcome.DUPLICATE), versions
    if same is not None:
        earlier = replace(told, report=replace(report, source=same.report.source))
        return Outcome.DUPLICATE, [earlier if each is same else each for each in versions]
    outcome = Outcome.ACCEPTED
    if any(is_same_word(each.report, report) for each in versions):
        outcome = Outcome.DUPLICATE
    elif versions and rank(report) < max(rank(each.report) for each in versions):
        outcome = Outcome.SUPERSEDED
    return outcome, sorted([*versions, told], key=lambda each: rank(each.report))[-VERSIONS_MAX:]


def _let_go(row: TransportRow, received: Millis) -> None:
    """Bring the row back within its bounds; what followed from what is let go stands."""
    row.newest = max(row.newest, received)
    since = row.newest - KEPT
    gone = bisect_left(row.reports, since, key=lambda each: each.report.occurred)
    row.reports = row.reports[max(gone, len(row.reports) - REPORTS_MAX) :]
    if len(row.boardings) > BOARDINGS_MAX or row.oldest < since:
        order = sorted(row.boardings, key=lambda container: (row.boardings[container][0], container))
        row.boardings = {
            each: row.boardings[each] for each in order[-BOARDINGS_MAX:] if row.boardings[each][0] >= since
        }


def _ordered(told: Iterable[Told]) -> list[Told]:
    """In an order that depends on nothing but what is ordered: rows of the same reports are the same bytes."""
    return sorted(told, key=_order)


def _order(told: Told) -> tuple[tuple[Millis, int, str, str], Rank]:
    return _in_time(told), rank(told.report)


def _in_time(told: Told) -> tuple[Millis, int, str, str]:
    report = told.report
    return report.occurred, _PLACES[report.kind], report.node, report.id


_PLACES: Final = {kind: place for place, kind in enumerate(Kind)}
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(TransportRow).decode
_decode_reports: Final = msgspec.msgpack.Decoder(list[Report]).decode
