"""Exceptions and incidents as they are written on `rail.exceptions`, in `exceptions.jsonl` and by the API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tracker.aggregates.incidents import Incident, IncidentRule
from tracker.contract.feedback import carrier_id
from tracker.contract.written import EvidenceRecord, ExceptionRecord
from tracker.domain.exceptions import Cause, RailException, Rule, Severity
from tracker.domain.moment import HOUR, SECOND, Millis, text
from tracker.domain.report import Report

EVIDENCE_MAX: Final = 5
"""Reports named as evidence of one version."""

_ON_A_LEG: Final = frozenset((Rule.RUN, Rule.WRONG_WAY))
INCIDENT_CAUSES: Final[Mapping[IncidentRule, Cause]] = {
    "node_stopped": Cause.NODE,
    "carrier_silent": Cause.CARRIER,
    "carrier_clock": Cause.CARRIER,
    "pipeline_behind": Cause.PIPELINE,
}
_OVER: Final[Mapping[IncidentRule, str]] = {
    "node_stopped": "flow is back",
    "carrier_silent": "reporting again",
    "carrier_clock": "clock is right",
    "pipeline_behind": "receiving again",
}
"""Why an incident is over."""


def evidence_of(exception: RailException, reports: Iterable[Report]) -> list[Report]:
    """The newest reports known at a version's clock, of all that tell of what happened since the exception began."""
    known = [report for report in reports if report.received <= exception.at]
    known.sort(key=lambda report: (report.occurred, report.carrier, report.id))
    told = [report for report in known if report.occurred >= exception.since] or known[-1:]
    return told[-EVIDENCE_MAX:]


def exception_json(
    exception: RailException, container: str, evidence: Sequence[Report], *, replay: bool = False
) -> ExceptionRecord:
    """The record of one version."""
    said: ExceptionRecord = {
        "id": exception.id,
        "version": exception.version,
        "at": text(exception.at),
        "rule": exception.rule,
        "status": "open" if exception.is_open else "resolved",
        "severity": exception.severity,
        "container": container,
        "journey": exception.journey,
        "corridor": exception.corridor,
        "direction": exception.direction,
        "carrier": exception.carrier,
        "since": text(exception.since),
        "deadline": text(exception.deadline),
        "detected_at": text(exception.opened),
        "resolved_at": _text(exception.resolved),
        "cause": exception.cause,
        "reason": exception.reason,
        "threshold_seconds": exception.threshold / SECOND,
        "threshold_source": exception.source,
        "norms_version": exception.norms,
        "incident": exception.incident,
        "suppressed_by": exception.suppressed_by,
        "evidence": [_evidence(report) for report in evidence],
        "replay": replay,
    }
    said["leg" if exception.rule in _ON_A_LEG else "node"] = exception.place
    return said


def incident_json(incident: Incident, version: int, children: int) -> ExceptionRecord:
    """The record of an incident's opening (version 1) or end (2); `children` are the exceptions it explains then."""
    is_over = version > 1
    at = incident.resolved if is_over and incident.resolved is not None else incident.opened
    return {
        "id": incident.id,
        "version": version,
        "at": text(at),
        "rule": incident.rule,
        "status": "resolved" if is_over else "open",
        "severity": Severity.CRITICAL,
        "container": None,
        "journey": None,
        "corridor": None,
        "direction": incident.direction,
        "node": incident.node,
        "carrier": incident.carrier,
        "since": text(incident.since),
        "deadline": text(Millis(incident.since + incident.threshold)),
        "detected_at": text(incident.opened),
        "resolved_at": text(at) if is_over else None,
        "cause": INCIDENT_CAUSES[incident.rule],
        "reason": _OVER[incident.rule] if is_over else None,
        # Of a wrong clock: by how much its times are later than true ones.
        "threshold_seconds": incident.threshold / SECOND if incident.hours is None else incident.hours * HOUR / SECOND,
        "threshold_source": "learned",
        "norms_version": 0,
        "incident": None,
        "suppressed_by": None,
        "evidence": [],
        "children": children,
        "replay": False,
    }


def _evidence(report: Report) -> EvidenceRecord:
    partition, offset, _ = report.source
    return {
        "topic": f"carrier.{report.carrier}.events",
        "partition": partition,
        "offset": offset,
        "carrier": report.carrier,
        "report": carrier_id(report.id),
    }


def _text(moment: Millis | None) -> str | None:
    return None if moment is None else text(moment)
