"""What a carrier gets back, and what is kept of a rejected report: `carrier.<id>.feedback`, `rail.rejected`."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tracker.aggregates.incidents import Incident
from tracker.contract.written import FaultRecord, FeedbackRecord, RangeRecord, RejectedRecord
from tracker.domain.faults import CATALOGUE, Fault, fault
from tracker.domain.moment import Millis, text
from tracker.domain.report import Outcome, Report
from tracker.domain.transport import DERIVED


def fault_json(fault: Fault) -> FaultRecord:
    """One fault in words: what was seen, what was wanted, how to mend it."""
    entry = CATALOGUE[fault.code]
    return {
        "code": fault.code,
        "severity": entry.severity,
        "message": entry.meaning,
        "path": fault.path,
        "seen": fault.seen,
        "expected": fault.expected,
        "fix": entry.fix,
    }


def feedback(identity: str | None, source: Sequence[int], outcome: Outcome, faults: Iterable[Fault]) -> FeedbackRecord:
    """One record of a carrier's feedback topic; `source` is partition, offset and index of the report."""
    partition, offset, index = source
    return {
        "id": identity,
        "partition": partition,
        "offset": offset,
        "index": index,
        "outcome": outcome,
        "faults": [fault_json(fault) for fault in faults],
    }


def accepted_feedback(ranges: list[RangeRecord], at: Millis) -> FeedbackRecord:
    """One record for all reports in these ranges that were accepted without a fault; `at`: when they are added up."""
    return {
        "id": None,
        "partition": -1,
        "offset": -1,
        "index": -1,
        "outcome": Outcome.ACCEPTED,
        "faults": [],
        "reports": sum(each["reports"] for each in ranges),
        "at": text(at),
        "ranges": ranges,
    }


def rejected(
    carrier: str,
    topic: str,
    source: Sequence[int],
    received: Millis,
    raw: bytes,
    headers: Iterable[tuple[str, bytes | None]],
    faults: Iterable[Fault],
) -> RejectedRecord:
    """One record of `rail.rejected`: everything needed to see, mend and resend the report.

    `raw` and the headers' values are base64, because they may be any bytes.
    """
    partition, offset, index = source
    return {
        "carrier": carrier,
        "origin": {"topic": topic, "partition": partition, "offset": offset, "index": index},
        "received_at": text(received),
        "raw": b64encode(raw).decode(),
        "headers": [(name, b64encode(value or b"").decode()) for name, value in headers],
        "outcome": "rejected",
        "faults": [fault_json(fault) for fault in faults],
    }


def set_aside_fault(report: Report) -> Fault:
    """What the carrier of a report is told that contradicts more trusted ones."""
    return fault("W304", "occurred_at", f"{report.kind} {report.node} {text(report.occurred)}", "one place at a time")


def clock_feedback(incident: Incident) -> FeedbackRecord:
    """What a carrier is told, once, when all its times seem to be whole hours off; of no report in particular."""
    hours = incident.hours or 0
    seen = f"{hours:+d} h on what was received since {text(incident.since)}"
    doubt = fault(CLOCK_FAULT, "occurred_at", seen, "times with the offset of the clock they were read from")
    said = feedback(None, (-1, -1, -1), Outcome.ACCEPTED, (doubt,))
    said["at"], said["incident"] = text(incident.opened), incident.id
    said["since"], said["hours"] = text(incident.since), hours
    return said


def report_id(given: str | None, content: int, party: str | None = None) -> str:
    r"""The identity of a report within its carrier: the id it was given, or `#` and a hash of what it says.

    `party`: who gave the id, where several may have given the same one.

    >>> report_id("A-17", 255), report_id("#5", 255), report_id(None, 255), report_id("A-17", 255, "KTZ")
    ('A-17', '##5', '#00000000000000ff', '#=KTZ\tA-17')
    """
    if given is None:
        return f"#{content:016x}"
    if party is not None:
        return f"#={party}\t{given}"
    return f"#{given}" if given[0] == "#" else given


def carrier_id(report_id: str) -> str | None:
    r"""The id a carrier gave, from a report's identity; None where the identity is a hash.

    >>> carrier_id("A-17"), carrier_id("##5"), carrier_id("#00ff"), carrier_id("#=KTZ\tA-17")
    ('A-17', '#5', None, 'A-17')
    """
    if report_id[0] != "#":
        return report_id
    if report_id.startswith(DERIVED):
        return carrier_id(report_id.removeprefix(DERIVED))
    if report_id[1:2] == "=":
        return report_id.split("\t", 1)[1]
    return report_id[1:] if report_id[1:2] == "#" else None


CLOCK_FAULT: Final = "W305"

to_json: Final = msgspec.json.Encoder().encode
"""JSON bytes of one of these records."""
