"""A container's row: everything reported of it, and the journeys that follow.

The row equals the fold of its reports in order of event time, whatever order they came in. A report later
than all others is stepped in alone; any other refolds the whole row. Both give the same row.

Row format: a msgpack array, schema number first. Reports are kept encoded one by one, because the usual
report only appends and must not pay for decoding its predecessors: 40 reports cost 30 us to decode.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

import msgspec

from tracker.domain.contradiction import Trace, agreeing
from tracker.domain.crowd import sort_of, thinned
from tracker.domain.exceptions import Judgement
from tracker.domain.facts import Fact
from tracker.domain.flows import Noted
from tracker.domain.guesses import Estimate, estimate_of
from tracker.domain.journey import Journey, settle, step
from tracker.domain.measure import Plan, facts_of
from tracker.domain.moment import Millis
from tracker.domain.movement import (
    SAME_FACT_WITHIN,
    Authority,
    Rank,
    holding,
    in_order,
    movements,
    plan_of,
    rank,
    trust_of,
)
from tracker.domain.network import Network
from tracker.domain.report import Classifier, Kind, Report
from tracker.domain.schema import UnknownSchema
from tracker.domain.testimony import Testimony

SCHEMA: Final = 3
"""Version of the row format, first in every row. A reader takes this one and the one before.

3 has journeys' `carrier` and `held` and visits' `regauged`. A row of 2 gets them from its reports, by a refold when
the next report comes; until then it does not tell of them. Its facts are the same.
"""


NEVER: Final = Millis(-(1 << 62))
"""Before anything happened."""


class ContainerRow(msgspec.Struct, array_like=True):
    """One container. `marks` are 32-bit hashes of the reports' identities, in the reports' order.

    `newest`: the latest event time of a holding actual report. `recent`: kind, node and event time of those
    within the same-fact tolerance of `newest`. `teu`: the size as last reported, in hundredths. `trace`:
    what a later movement may contradict. `aside`: identities of the reports that are set aside, in order.
    `sorts`: the reports' sorts (see `crowd`). `horizon`: what happened up to then was let go, and `teu_before` the
    size as reported until then. `noted`: what its reports told of the flows of nodes. `testimony`: what they say of
    the carriers. `estimates`: of arrivals.
    """

    schema: int = SCHEMA
    marks: list[int] = []
    reports: list[msgspec.Raw] = []
    journeys: list[Journey] = []
    plans: list[Plan] = []
    newest: Millis = NEVER
    recent: list[tuple[Kind, str, Millis]] = []
    teu: int | None = None
    trace: Trace | None = None
    aside: list[tuple[str, str]] = []
    sorts: list[int] = []
    horizon: Millis | None = None
    teu_before: int | None = None
    judgement: Judgement = msgspec.field(default_factory=Judgement)
    noted: Noted = msgspec.field(default_factory=Noted)
    testimony: Testimony = msgspec.field(default_factory=Testimony)
    estimates: list[Estimate] = []

    def insert(self, at: int, mark: int, sort: int, report: Report) -> None:
        """Put a report in whose mark no other has."""
        self.marks.insert(at, mark)
        self.reports.insert(at, msgspec.Raw(_encode(report)))
        self.sorts.insert(at, sort)

    def hold(self, begin: int, end: int, reports: Iterable[Report]) -> None:
        """Put reports of one mark in the place of those from `begin` to `end`; their order is carrier, id, rank."""
        placed = sorted(reports, key=_place)
        self.marks[begin:end] = [mark_of(report) for report in placed]
        self.reports[begin:end] = [msgspec.Raw(_encode(report)) for report in placed]
        self.sorts[begin:end] = [sort_of(report) for report in placed]

    def keep(self, reports: Iterable[Report]) -> None:
        """Hold these reports and no others, in the order of a row: by mark, then as in `hold`."""
        self.hold(0, len(self.reports), ())
        for report in sorted(reports, key=lambda report: (mark_of(report), _place(report))):
            self.hold(len(self.reports), len(self.reports), [report])


@dataclass(frozen=True, slots=True)
class Rules:
    """What the fold needs beside the reports. `mandatory`: of some carriers what they are to tell."""

    network: Network
    authority: Authority
    mandatory: Mapping[str, frozenset[Kind]] = field(default_factory=dict)


def load(body: bytes | None) -> ContainerRow:
    """The row of a stored body; an empty row for None. `msgspec.DecodeError` when it is not a row."""
    if not body:
        return ContainerRow()
    row = _decode(body)
    if row.schema not in {SCHEMA, SCHEMA - 1}:
        raise UnknownSchema(f"row schema {row.schema} seen, {SCHEMA - 1} or {SCHEMA} wanted: run the newer program")
    return row


def dump(row: ContainerRow) -> bytes:
    """The row's stored body."""
    return _encode(row)


def reports_of(row: ContainerRow) -> list[Report]:
    """All versions of all reports the row holds, decoded."""
    return [decode_report(raw) for raw in row.reports]


def aside_of(row: ContainerRow, without: Iterable[tuple[str, str]] = ()) -> list[Report]:
    """The reports that are set aside, in the version that holds, but for those of the identities given."""
    wanted = set(row.aside).difference(without)
    return [report for report in holding(reports_of(row)) if (report.carrier, report.id) in wanted]


def facts_of_row(row: ContainerRow, container: str, rules: Rules) -> list[Fact]:
    """All facts of the row's journeys."""
    return [fact for journey in row.journeys for fact in facts_of(journey, container, row.plans, rules.network)]


def fold(reports: Iterable[Report], container: str, rules: Rules) -> ContainerRow:
    """The row of a set of different reports: the definition that `ruling.apply` must agree with."""
    row = ContainerRow()
    row.keep(thinned(list(reports)))
    refold(row, container, rules)
    return row


def refold(row: ContainerRow, container: str, rules: Rules) -> None:
    """Rebuild everything but the reports from the reports, in place."""
    held = holding(reports_of(row))
    row.journeys, row.recent = [], []
    row.plans = sorted(plan for plan in map(plan_of, held) if plan is not None)
    row.estimates = sorted(each for each in map(estimate_of, held) if each is not None)
    actual = [report for report in held if report.classifier is Classifier.ACTUAL]
    agreed, aside, row.trace = agreeing(
        movements(actual, rules.authority), lambda report: trust_of(report, rules.authority), rules.network
    )
    row.aside = sorted((report.carrier, report.id) for report in aside)
    row.teu = row.teu_before
    for movement in in_order(agreed):
        step(row.journeys, container, movement, rules.network, row.teu)
        row.teu = row.teu if movement.teu is None else movement.teu
    for journey in row.journeys:
        settle(journey, rules.network)
    row.newest = max((report.occurred for report in actual), default=NEVER)
    remember(row, actual)


def remember(row: ContainerRow, reports: Iterable[Report]) -> None:
    """Note which facts a report near `newest` may repeat: those noted and these, within the tolerance."""
    since = row.newest - SAME_FACT_WITHIN
    noted = [entry for entry in row.recent if entry[2] >= since]
    noted += [(report.kind, report.node, report.occurred) for report in reports if report.occurred >= since]
    if len(noted) > 1:
        noted.sort()
    row.recent = noted


def mark_of(report: Report) -> int:
    """A 32-bit mark of the report's identity. Two identities may share one: who finds a mark compares them."""
    return crc32(f"{report.carrier}\0{report.id}".encode())


def _place(report: Report) -> tuple[str, str, Rank]:
    return report.carrier, report.id, rank(report)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(ContainerRow).decode
decode_report: Final = msgspec.msgpack.Decoder(Report).decode
"""A report of a row; `msgspec.DecodeError` when it is none."""
