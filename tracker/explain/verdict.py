"""A verdict judged again: an exception or incident as it was recorded, against what the judge says today. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from tracker.aggregates.incidents import Incident
from tracker.contract.exceptions import evidence_of, exception_json, incident_json
from tracker.contract.feedback import carrier_id
from tracker.domain.chronicle import Knowledge, chronicle, judged
from tracker.domain.container import Rules
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis, from_datetime
from tracker.domain.norms import NO_NORMS, Norms
from tracker.domain.reason import LATE_DATA
from tracker.domain.report import Report

Record = Mapping[str, Any]

COMPARED: Final = (
    "rule", "status", "severity", "container", "journey", "corridor", "direction", "node", "leg", "carrier", "since",
    "deadline", "resolved_at", "cause", "reason", "threshold_seconds", "threshold_source", "norms_version", "incident",
    "suppressed_by",
)  # fmt: skip
"""What must be the same. Versions and when it was noticed depend on when a worker looked."""
_OF_INCIDENTS: Final = ("rule", "status", "node", "direction", "carrier", "since", "deadline", "resolved_at", "cause")


class Situations(Knowledge, Protocol):
    """What was known of everything else, with the incidents that follow from it."""

    incidents: list[Incident]


@dataclass(frozen=True, slots=True)
class Bench:
    """What judging needs: rules, lines, what was known of everything else."""

    rules: Rules
    lines: Lines
    situation: Situations


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that was recorded otherwise than it is judged now; None: it is not there."""

    field: str
    recorded: Any
    judged: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """What judging again gives. `judged` None: nothing holds. `missing`: evidence that is no longer there.

    `reports`: what was known of the container at the clock of the version, in the order in which it became known;
    `norms` and `incident`: what was known then of its carriers, and of what explains it.
    """

    recorded: Record
    judged: Record | None
    differences: tuple[Difference, ...] = ()
    missing: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    norms: Norms = NO_NORMS
    incident: Incident | None = None

    @property
    def is_same(self) -> bool:
        """Whether it is the same."""
        return not self.differences and not self.missing


def clock_of(record: Record) -> Millis:
    """The clock of a version."""
    return from_datetime(datetime.fromisoformat(str(record["at"])))


def judge_again(recorded: Record, reports: Sequence[Report], bench: Bench) -> Verdict:
    """Judge a version of a container's exception again by all its reports that were received up to the version."""
    at, container = clock_of(recorded), str(recorded["container"])
    known = [each for each in reports if each.received <= at]
    held, made = judged(chronicle(known, container, bench.rules, bench.lines), bench.lines, bench.situation, at)
    # What was received at one clock made a version each: the one that was recorded is among them, if it is the same.
    found = [each for each in [*made, *held] if each.id == recorded["id"] and (each.at == at or each in held)]
    missing = _missing(recorded, known)
    order = tuple(sorted(known, key=lambda each: (each.received, each.occurred, each.carrier, each.id)))
    norms = bench.situation.norms(at)
    incident = next((each for each in bench.situation.incidents if each.id == recorded["incident"]), None)
    if not found:
        undone = recorded["status"] == "resolved" and recorded["reason"] == LATE_DATA
        gone = () if undone else (Difference("status", recorded["status"], None),)
        return Verdict(recorded, None, gone, missing, order, norms, incident)
    compared = [
        (now, _differences(recorded, now, COMPARED))
        for now in (exception_json(each, container, evidence_of(each, known)) for each in found)
    ]
    now, differences = next((each for each in compared if not each[1]), compared[-1])
    return Verdict(recorded, now, differences, missing, order, norms, incident)


def look_again(recorded: Record, bench: Bench) -> Verdict:
    """Judge a version of an incident again."""
    found = next((each for each in bench.situation.incidents if each.id == recorded["id"]), None)
    if found is None:
        return Verdict(recorded, None, (Difference("status", recorded["status"], None),))
    version = 2 if recorded["status"] == "resolved" else 1
    if version == 2 and found.resolved is None:
        return Verdict(recorded, None, (Difference("status", "resolved", "open"),))
    now = incident_json(found, version, int(recorded.get("children") or 0))
    return Verdict(recorded, now, _differences(recorded, now, _OF_INCIDENTS))


def _differences(recorded: Record, now: Record, fields: Sequence[str]) -> tuple[Difference, ...]:
    pairs = ((field, recorded.get(field), now.get(field)) for field in fields)
    return tuple(Difference(field, was, is_now) for field, was, is_now in pairs if was != is_now)


def _missing(recorded: Record, known: Sequence[Report]) -> tuple[str, ...]:
    """Reports named as evidence that are not among those known: carrier and id, or where it stood in its topic."""
    there = {(each.carrier, carrier_id(each.id)) for each in known}
    places = {(f"carrier.{each.carrier}.events", *each.source[:2]) for each in known}
    return tuple(
        f"{each['carrier']} {each['report'] or 'without an id'} ({each['topic']}-{each['partition']}, {each['offset']})"
        for each in recorded["evidence"]
        if (each["carrier"], each["report"]) not in there
        and (each["topic"], each["partition"], each["offset"]) not in places
    )
