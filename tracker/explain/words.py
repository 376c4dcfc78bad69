"""A verdict in plain words."""

from collections.abc import Iterator
from typing import Any, Final

from tracker.contract.feedback import carrier_id
from tracker.domain.moment import HOUR, text
from tracker.explain.verdict import Record, Verdict

_RULES: Final = {
    "held": "customs hold it and have not released it",
    "wrong_way": "it goes against the direction of its journey",
    "late": "it is expected later than planned",
    "dwell": "it stands too long",
    "run": "it is too long between two places",
    "silent": "nothing was heard of it for too long",
    "missed": "a milestone that must be reported was not, though a later one was",
    "impossible": "it was reported where it cannot have been",
    "node_stopped": "departures stopped",
    "carrier_silent": "a carrier that usually reports was not heard of",
    "carrier_clock": "a carrier's times are off by whole hours",
    "pipeline_behind": "nothing was received from anybody",
}
_SOURCES: Final = {
    "plan": "against the plan that the carrier reported",
    "template": "from the planned hours of the network file, or set in the thresholds file",
    "learned": "from what was learned of earlier containers",
}
_CAUSES: Final = {
    "container": "the container itself: others went on, or it is held",
    "node": "the place: it was stopped or closed",
    "carrier": "the carrier: its reports were missing or wrong",
    "pipeline": "our own reception",
    "unknown": "not known: too little was seen of others in its place",
}
REPORTS_SHOWN: Final = 20


def lines_of(verdict: Verdict) -> Iterator[str]:
    """The explanation, a line each."""
    record = verdict.recorded
    yield f"{record['id']}, version {record['version']} of {record['at']}: {_outcome(verdict)}"
    yield ""
    yield from _told(record)
    if record.get("container") is not None:
        yield from _known(verdict)
        yield from _reports(verdict)
    yield from _differences(verdict)


def _outcome(verdict: Verdict) -> str:
    if verdict.differences:
        return "judged again it is NOT the same"
    if verdict.missing:
        return "it can not be judged again, because evidence is missing"
    return "judged again it is the same"


def _told(record: Record) -> Iterator[str]:
    place = record.get("node") or record.get("leg") or "nowhere in particular"
    who = record.get("container") or record.get("carrier") or "everybody"
    yield f"what        {who}, {place}: {_RULES.get(record['rule'], record['rule'])} ({record['severity']})"
    if record.get("journey"):
        yield f"journey     {record['journey']}, {record['corridor']} {record.get('direction') or ''}".rstrip()
    hours = record["threshold_seconds"] / 3600
    yield f"{'planned' if record['rule'] == 'late' else 'since':<11} {record['since']}"
    yield f"line        {hours:.1f} h, {_SOURCES[record['threshold_source']]}; crossed at {record['deadline']}"
    yield f"noticed     {record['detected_at']}"
    yield f"cause       {_CAUSES[record['cause']]}"
    if record["status"] == "resolved":
        yield f"over        {record['resolved_at']}: {record['reason']}"
    if record.get("suppressed_by"):
        yield f"not told    {record['suppressed_by']} speaks for this container"
    if record.get("replay"):
        yield "not told    it was of the past when it was judged"


def _known(verdict: Verdict) -> Iterator[str]:
    record, norms = verdict.recorded, verdict.norms
    carrier = record["carrier"]
    if norms.version and (carrier in norms.delays or carrier in norms.gaps):
        late, gap = norms.delays.get(carrier), norms.gaps.get(carrier)
        words = [
            "" if late is None else f"reports come up to {late / HOUR:.1f} h late (p95, added to the line)",
            "" if gap is None else f"up to {gap / HOUR:.1f} h apart (p95)",
        ]
        yield f"then known  of {carrier}: {', '.join(each for each in words if each)}"
    else:
        yield f"then known  of {carrier}: nothing was learned yet"
    if verdict.incident is not None:
        each = verdict.incident
        about = " ".join(str(part) for part in (each.rule, each.node, each.direction, each.carrier) if part)
        ended = "still open now" if each.resolved is None else f"over {text(each.resolved)}"
        yield f"explained   by {each.id}: {about}, since {text(each.since)}, seen {text(each.opened)}, {ended}"
    elif record.get("incident"):
        yield f"explained   by {record['incident']}, a planned closure"
    else:
        yield "explained   by no incident that was known then"


def _reports(verdict: Verdict) -> Iterator[str]:
    named = {(each["carrier"], each["report"]) for each in verdict.recorded["evidence"]}
    shown = verdict.reports[-REPORTS_SHOWN:]
    yield f"reports     known then, the last {len(shown)} of {len(verdict.reports)} (* named as evidence)"
    for each in shown:
        mark = "*" if (each.carrier, carrier_id(each.id)) in named else " "
        said = f"{each.kind} {each.node} {text(each.occurred)}"
        sort = "" if each.classifier == "actual" else f" {each.classifier}"
        back = " taken back" if each.retracted else ""
        name = carrier_id(each.id) or "no id"
        yield f"          {mark} {text(each.received)} {each.carrier}: {said}{sort}{back} ({name})"


def _differences(verdict: Verdict) -> Iterator[str]:
    for report in verdict.missing:
        yield f"missing     report of {report}"
    for each in verdict.differences:
        yield f"differs     {each.field}: recorded {_shown(each.recorded)}, judged now {_shown(each.judged)}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
