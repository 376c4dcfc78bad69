"""A container's row: everything reported of it, and the journeys that follow.

The row equals the fold of its reports in order of event time, whatever order they came in. A report later
than all others is stepped in alone; any other refolds the whole row. Both give the same row.

Row format: a msgpack array, schema number first. Reports are kept encoded one by one, because the usual
report only appends and must not pay for decoding its predecessors: 40 reports cost 30 us to decode.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec.structs import replace

from tracker.domain.contradiction import Trace, agreeing, follow, may_contradict
from tracker.domain.facts import Fact
from tracker.domain.journey import Journey, step
from tracker.domain.measure import Plan, facts_of, last_facts_of
from tracker.domain.moment import Millis
from tracker.domain.movement import (
    SAME_FACT_WITHIN,
    Authority,
    holding,
    in_order,
    is_same_version,
    is_same_word,
    movement_of,
    movements,
    plan_of,
    rank,
)
from tracker.domain.network import Network
from tracker.domain.report import Classifier, Kind, Report

SCHEMA: Final = 1
"""Version of the row format, first in every row. A reader takes this one and the one before."""


class Outcome(StrEnum):
    """What became of a report."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class ContainerRow(msgspec.Struct, array_like=True):
    """One container. `identities` are 63-bit hashes of the reports' identities, in the reports' order.

    `newest`: the latest event time of a holding actual report. `recent`: kind, node and event time of those
    within the same-fact tolerance of `newest`. `teu`: the size as last reported, in hundredths. `trace`:
    what a later movement may contradict. `aside`: identities of the reports that are set aside, in order.
    """

    schema: int = SCHEMA
    identities: list[int] = []
    reports: list[msgspec.Raw] = []
    journeys: list[Journey] = []
    plans: list[Plan] = []
    newest: Millis = Millis(-(1 << 62))
    recent: list[tuple[Kind, str, Millis]] = []
    teu: int | None = None
    trace: Trace | None = None
    aside: list[int] = []


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one report did to a row: its outcome, and the facts that no longer hold and that now do.

    An outcome of None: the very record was here before (delivery is at least once) and has its outcome already.
    `set_aside`: the reports, this one or others, that now contradict more trusted ones and did not before.
    """

    outcome: Outcome | None
    withdrawn: list[Fact]
    added: list[Fact]
    set_aside: Sequence[Report] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the fold needs beside the reports."""

    network: Network
    authority: Authority


def load(body: bytes | None) -> ContainerRow:
    """The row of a stored body; an empty row for None. `msgspec.DecodeError` when it is not a row."""
    return _decode(body) if body else ContainerRow()


def dump(row: ContainerRow) -> bytes:
    """The row's stored body."""
    return _encode(row)


def reports_of(row: ContainerRow) -> list[Report]:
    """All versions of all reports the row holds, decoded."""
    return [_decode_report(raw) for raw in row.reports]


def aside_of(row: ContainerRow, without: Iterable[int] = ()) -> list[Report]:
    """The reports that are set aside, in the version that holds, but for those of the identities given."""
    wanted = set(row.aside).difference(without)
    return [report for report in holding(reports_of(row)) if _identity(report) in wanted]


def facts_of_row(row: ContainerRow, container: str, rules: Rules) -> list[Fact]:
    """All facts of the row's journeys."""
    return [fact for journey in row.journeys for fact in facts_of(journey, container, row.plans, rules.network)]


def fold(reports: Iterable[Report], container: str, rules: Rules) -> ContainerRow:
    """The row of a set of different reports: the definition that `apply` must agree with."""
    row = ContainerRow()
    for identity, report in sorted(((_identity(r), r) for r in reports), key=lambda pair: (pair[0], rank(pair[1]))):
        row.identities.append(identity)
        row.reports.append(msgspec.Raw(_encode(report)))
    _refold(row, container, rules)
    return row


def apply(row: ContainerRow, container: str, report: Report, rules: Rules) -> Ruling:
    """Take one report into the row, in place, and say what it changed."""
    identity = _identity(report)
    at = bisect_left(row.identities, identity)
    known = at < len(row.identities) and row.identities[at] == identity
    outcome: Outcome | None = Outcome.ACCEPTED
    if known:
        outcome, changed = _add_version(row, report, identity, at)
        if not changed:
            return Ruling(outcome, [], [])
    else:
        row.identities.insert(at, identity)
        row.reports.insert(at, msgspec.Raw(_encode(report)))
        if report.retracted or (report.classifier is not Classifier.ACTUAL and plan_of(report) is None):
            return Ruling(outcome, [], [])
    if not known and _is_last(row, report, rules):
        return Ruling(outcome, *_append(row, container, report, rules))
    before, aside = facts_of_row(row, container, rules), row.aside
    if not known and (plan := plan_of(report)) is not None:
        insort(row.plans, plan)
    else:
        _refold(row, container, rules)
    now_aside = aside_of(row, without=aside) if row.aside != aside else ()
    return Ruling(outcome, *_difference(before, facts_of_row(row, container, rules)), now_aside)


def _append(row: ContainerRow, container: str, report: Report, rules: Rules) -> tuple[list[Fact], list[Fact]]:
    """Step a last report in alone; the facts withdrawn and added."""
    network, plans = rules.network, row.plans
    last = row.journeys[-1] if row.journeys and row.journeys[-1].status == "open" else None
    others = len(row.journeys) - (last is not None)
    was = None if last is None else replace(last, visits=[*last.visits[:-1], *map(replace, last.visits[-1:])])
    movement = movement_of([report], rules.authority)
    step(row.journeys, container, movement, network, row.teu)
    _remember(row, report)
    row.trace = follow(row.trace, movement, network)
    now = row.journeys[others:]
    if was is None or len(now) != 1 or not _goes_on_as(was, now[0]):
        before = [] if was is None else facts_of(was, container, plans, network)
        return _difference(before, [fact for journey in now for fact in facts_of(journey, container, plans, network)])
    if len(was.visits) == len(now[0].visits) and was.visits[-1].tells() == now[0].visits[-1].tells():
        return [], []
    since = max(0, len(was.visits) - 3)
    ends = frozenset((was.visits[-1].node, now[0].visits[-1].node))
    return _difference(
        last_facts_of(was, since, ends, container, plans, network),
        last_facts_of(now[0], since, ends, container, plans, network),
    )


def _goes_on_as(was: Journey, now: Journey) -> bool:
    """Whether a journey went on without anything that reaches back into its earlier facts: see `last_facts_of`."""
    return (
        len(was.visits) > 0
        and len({visit.node for visit in now.visits}) == len(now.visits)
        and was.corridor == now.corridor
        and was.direction is now.direction
        and was.laden is now.laden
        and was.teu == now.teu
        and was.grams == now.grams
    )


def _is_last(row: ContainerRow, report: Report, rules: Rules) -> bool:
    """Whether a report of a new identity comes after everything else and can only be a fact of its own."""
    if report.classifier is not Classifier.ACTUAL or report.occurred <= row.newest:
        return False
    since = report.occurred - SAME_FACT_WITHIN
    if any(k is report.kind and n == report.node and at >= since for k, n, at in row.recent):
        return False
    return not may_contradict(row.trace, movement_of([report], rules.authority), rules.network)


def _add_version(row: ContainerRow, report: Report, identity: int, at: int) -> tuple[Outcome | None, bool]:
    """Add another version of a known report, versions in order of rank; its outcome, and whether anything changed."""
    end = bisect_right(row.identities, identity)
    versions = [_decode_report(raw) for raw in row.reports[at:end]]
    same = next((version for version in versions if is_same_version(version, report)), None)
    if same is not None and report.received >= same.received:
        return None if same.source == report.source else Outcome.DUPLICATE, False
    outcome = Outcome.DUPLICATE
    if same is not None:
        # The same words were received earlier than we knew: without a recorded time that is their rank. They keep
        # the position of those that came first, which were accepted and must not be called duplicates later.
        versions.remove(same)
        report = replace(report, source=same.source)
    else:
        row.identities.insert(at, identity)
        # What is only said again is a duplicate, though its rank may still decide.
        if not any(is_same_word(version, report) for version in versions):
            outcome = Outcome.ACCEPTED if rank(report) > max(map(rank, versions)) else Outcome.SUPERSEDED
    versions = sorted([*versions, report], key=rank)
    row.reports[at:end] = [msgspec.Raw(_encode(version)) for version in versions]
    return outcome, True


def _refold(row: ContainerRow, container: str, rules: Rules) -> None:
    """Rebuild everything but the reports from the reports."""
    held = holding(reports_of(row))
    row.journeys, row.recent, row.teu, row.newest = [], [], None, ContainerRow().newest
    row.plans = sorted(plan for plan in map(plan_of, held) if plan is not None)
    actual = sorted((r for r in held if r.classifier is Classifier.ACTUAL), key=lambda r: r.occurred)
    teu: int | None = None
    agreed, aside = agreeing(movements(actual, rules.authority), rules.network)
    row.aside, row.trace = sorted(map(_identity, aside)), None
    for movement in agreed:
        row.trace = follow(row.trace, movement, rules.network)
    for movement in in_order(agreed):
        step(row.journeys, container, movement, rules.network, teu)
        teu = teu if movement.teu is None else movement.teu
    for report in actual:
        _remember(row, report)
    row.teu = teu


def _remember(row: ContainerRow, report: Report) -> None:
    """Note a report whose event time is not before that of any noted one."""
    row.newest = report.occurred
    since = report.occurred - SAME_FACT_WITHIN
    row.recent = [entry for entry in row.recent if entry[2] >= since]
    row.recent.append((report.kind, report.node, report.occurred))
    row.recent.sort()
    row.teu = row.teu if report.teu is None else report.teu


def _difference(before: list[Fact], after: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Facts withdrawn and added, each in the order of its list; facts are distinct within a list."""
    if before == after:
        return [], []
    was, now = set(before), set(after)
    return [fact for fact in before if fact not in now], [fact for fact in after if fact not in was]


def _identity(report: Report) -> int:
    digest = blake2b(f"{report.carrier}\0{report.id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(ContainerRow).decode
_decode_report: Final = msgspec.msgpack.Decoder(Report).decode
