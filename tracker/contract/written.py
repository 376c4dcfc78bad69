"""The shapes of what we write as plain dictionaries; `schemas/` is generated from them.

Readers must ignore fields and take values of an enumeration that they do not know: both may be added.
"""

from typing import Annotated, Literal, NotRequired, TypedDict, get_args

from msgspec import Meta, Raw

from tracker.aggregates.incidents import IncidentRule
from tracker.domain.exceptions import Cause, Rule, Severity
from tracker.domain.facts import Side
from tracker.domain.network import Direction
from tracker.domain.report import Outcome

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]  # RFC 3339 in UTC with `Z`
Base64 = Annotated[str, Meta(extra_json_schema={"contentEncoding": "base64"})]
Natural = Annotated[int, Meta(ge=0)]
Position = Annotated[int, Meta(ge=-1)]

RuleName = Annotated[str, Meta(extra_json_schema={"enum": [*map(str, Rule), *get_args(IncidentRule)]})]
"""A rule of an exception or of an incident."""


class FaultRecord(TypedDict):
    """One fault of a report: the catalogue's words, where it is, what was seen and what was wanted."""

    code: Annotated[str, Meta(pattern="^[EW][0-9]{3}$", description="Of `faults.yaml`; never reused.")]
    severity: Annotated[Literal["error", "warning"], Meta(description="`error` rejects the report.")]
    message: Annotated[str, Meta(description="What the code means.")]
    path: Annotated[str, Meta(description="The field; empty: the body as a whole.")]
    seen: Annotated[str, Meta(description="What stood there, cut to 80 characters.")]
    expected: Annotated[str, Meta(description="What was wanted there.")]
    fix: Annotated[str, Meta(description="What to do about it.")]


class RangeRecord(TypedDict):
    """Records of one partition, and how many of the reports in them were accepted without a fault."""

    partition: Natural
    first: Annotated[int, Meta(ge=0, description="Offset. Of two ranges that begin alike the later holds.")]
    last: Natural
    reports: Annotated[int, Meta(ge=1)]


class NumbersRecord(TypedDict):
    """Numbers of reports, from `first` to `last`."""

    first: Natural
    last: Natural


class MissingRecord(TypedDict):
    """Numbers that never came, of a carrier that numbers its reports."""

    reports: Annotated[int, Meta(ge=0, description="How many are missing, each for a day at least.")]
    ranges: Annotated[list[NumbersRecord], Meta(description="Which; the last hundred ranges.")]


class DelayRecord(TypedDict):
    """How late actual reports come after the event."""

    p50_seconds: float | None
    p90_seconds: float | None
    within_12h: Annotated[float, Meta(ge=0, le=1, description="The share of those that come so soon.")] | None


class ClockRecord(TypedDict):
    """That all times of a carrier seem to be whole hours off."""

    hours: Annotated[int, Meta(description="By so many they seem later than true ones.")]
    since: Annotated[Time, Meta(description="Received from then on, reports are suspected.")]
    incident: Annotated[str, Meta(description="Its id on `rail.exceptions`.")]


class CompletenessRecord(TypedDict):
    """Milestones of nodes that journeys left behind, those this carrier was to tell and those that it told."""

    expected: Annotated[int, Meta(ge=0, description="Told by this carrier, or by nobody where it was to tell them.")]
    told: Natural
    share: Annotated[float, Meta(ge=0, le=1, description="null where nothing was expected.")] | None


class ScorecardRecord(TypedDict):
    """A carrier's feed over the last days of received time."""

    carrier: str
    at: Annotated[Time, Meta(description="The clock.")]
    window_days: Annotated[int, Meta(ge=1, description="Counts and delays are of so many days, up to the clock's.")]
    reports: Natural
    rejected: Natural
    faults: Annotated[dict[str, Natural], Meta(description="By code, of all reports of the window.")]
    delay: DelayRecord
    heard_at: Annotated[Time | None, Meta(description="The last minute in which a report was accepted.")]
    watermark: Annotated[Time | None, Meta(description="The latest event time of an actual report.")]
    usual_gap_seconds: Annotated[float | None, Meta(description="Between reports, p95; null while none is usual.")]
    quiet: Annotated[bool | None, Meta(description="Nothing for three usual gaps; null while none is usual.")]
    missing: MissingRecord
    completeness: CompletenessRecord
    clock: ClockRecord | None


class FeedbackRecord(TypedDict):
    """What a carrier is told of one report; or, with `reports`, of all that were accepted without a fault.

    Position: partition and offset of the record, place in its array; -1 where it is of many.
    """

    id: Annotated[str | None, Meta(description="The carrier's own id; null where it gave none, or a malformed one.")]
    partition: Position
    offset: Position
    index: Position
    outcome: Outcome
    faults: list[FaultRecord]
    reports: NotRequired[Annotated[int, Meta(ge=1, description="How many were accepted without a fault.")]]
    at: NotRequired[Annotated[Time, Meta(description="When they were added up, once a minute.")]]
    ranges: NotRequired[Annotated[list[RangeRecord], Meta(description="Where they are.")]]
    incident: NotRequired[Annotated[str, Meta(description="Of the feed as a whole: its id on `rail.exceptions`.")]]
    since: NotRequired[Annotated[Time, Meta(description="Received from then on, reports are suspected.")]]
    hours: NotRequired[Annotated[int, Meta(description="By so many their times seem later than true ones.")]]
    missing: NotRequired[Annotated[MissingRecord, Meta(description="Of the feed: told when other numbers are.")]]
    scorecard: NotRequired[Annotated[ScorecardRecord, Meta(description="Of the feed: told once a day.")]]


class OriginRecord(TypedDict):
    """Where a record was read."""

    topic: str
    partition: Natural
    offset: Natural
    index: Annotated[int, Meta(ge=0, description="The place in an array of reports.")]


class RejectedRecord(TypedDict):
    """Everything that is needed to see, mend and resend what was rejected."""

    carrier: NotRequired[Annotated[str, Meta(description="Absent where the tracker itself failed (E001).")]]
    origin: OriginRecord
    received_at: Time
    key: NotRequired[Annotated[Base64 | None, Meta(description="The record's key, where the tracker itself failed.")]]
    raw: Annotated[Base64 | None, Meta(description="The report's bytes as they came.")]
    headers: Annotated[list[tuple[str, Base64 | None]], Meta(description="Name and value of each header.")]
    outcome: Literal["rejected"]
    faults: Annotated[list[FaultRecord], Meta(min_length=1)]


class EvidenceRecord(TypedDict):
    """One report that a verdict rests on."""

    topic: str
    partition: Natural
    offset: Natural
    carrier: str
    report: Annotated[str | None, Meta(description="The carrier's own id of it.")]


class ExceptionRecord(TypedDict):
    """One version of an exception or of an incident; the last record of an id is its state."""

    id: str
    version: Annotated[int, Meta(ge=1)]
    at: Annotated[Time, Meta(description="When this version was decided.")]
    rule: RuleName
    status: Literal["open", "resolved"]
    severity: Severity
    container: Annotated[str | None, Meta(description="Null: an incident.")]
    journey: str | None
    corridor: str | None
    direction: Direction | None
    node: NotRequired[Annotated[str | None, Meta(description="Where; of rules about a leg there is `leg` instead.")]]
    leg: NotRequired[str | None]
    carrier: str | None
    since: Annotated[Time, Meta(description="When the condition began.")]
    deadline: Annotated[Time, Meta(description="When it became an exception.")]
    detected_at: Annotated[Time, Meta(description="When it was decided, or revealed by a report.")]
    resolved_at: Time | None
    cause: Cause
    reason: str | None
    threshold_seconds: float
    threshold_source: Literal["plan", "template", "learned"]
    norms_version: int
    incident: Annotated[str | None, Meta(description="The incident or closure that explains it.")]
    suppressed_by: Annotated[str | None, Meta(description="The exception that is told in its place.")]
    evidence: list[EvidenceRecord]
    children: NotRequired[Annotated[int, Meta(ge=0, description="Of an incident: exceptions it explains now.")]]
    replay: Annotated[bool, Meta(description="History, told for completeness; nobody is to be woken by it.")]


class NormRecord(TypedDict):
    """How long a stay at a node or a run over a leg took lately, in one direction."""

    node: str | None
    leg: Annotated[str | None, Meta(description="Of runs; of stays there is `node` instead.")]
    side: Annotated[Side | None, Meta(description="Of a border: the country being left, or entered.")]
    direction: Direction
    samples: Annotated[int, Meta(ge=1, description="Containers whose stay or run ended.")]
    trains: Annotated[int, Meta(ge=1, description="What they tell as much as: those of a train are one sample.")]
    p50_seconds: Annotated[float, Meta(description="The median, to 1 %.")]
    p95_seconds: float


class UsualFeedRecord(TypedDict):
    """What is usual of a carrier's reports; it is added to the lines of what the carrier has to report."""

    carrier: str
    delay_p95_seconds: Annotated[float | None, Meta(description="From an event until its report is received.")]
    gap_p95_seconds: Annotated[float | None, Meta(description="Between two reports.")]


class BaselineRecord(TypedDict):
    """Everything learned that holds on one day; written once and never changed."""

    version: Annotated[int, Meta(ge=0, description="Days since 1970; `norms_version` of exceptions names it.")]
    holds_from: Annotated[Time, Meta(description="The begin of the day it holds for.")]
    learned_from: Annotated[Time, Meta(description="Stays and runs that ended from then on are learned from,")]
    learned_to: Annotated[Time, Meta(description="and before then.")]
    norms: list[NormRecord]
    carriers_learned_from: Annotated[Time, Meta(description="Reports received from then until `holds_from`.")]
    carriers: list[UsualFeedRecord]


class ArrivalRecord(TypedDict):
    """An expected arrival: the median, and the interval that holds four of five."""

    at: Time
    low: Time
    high: Time


class ExpectedRecord(TypedDict):
    """That a container is expected a day or more earlier or later than was told last; versions of an id count up."""

    id: str
    version: Annotated[int, Meta(ge=1)]
    at: Annotated[Time, Meta(description="When this was found.")]
    rule: Literal["expected"]
    status: Annotated[Literal["open", "resolved"], Meta(description="`resolved`: nothing is expected any more.")]
    severity: Literal["warning"]
    container: str
    journey: str
    corridor: str
    direction: Direction | None
    node: Annotated[str, Meta(description="Where it is expected.")]
    carrier: Annotated[str, Meta(description="Who reported it last.")]
    previous: Annotated[ArrivalRecord, Meta(description="What was told last.")]
    current: Annotated[ArrivalRecord | None, Meta(description="What is expected now.")]
    arrived_at: Annotated[Time | None, Meta(description="Once it has arrived.")]
    reason: Annotated[str | None, Meta(description="Why nothing is expected any more.")]
    replay: bool


class AcknowledgementRecord(TypedDict):
    """Somebody took on an exception or incident; a record without a value takes it back."""

    exception: Annotated[str, Meta(description="The id of the exception or incident.")]
    version: Annotated[int, Meta(ge=1, description="Its version then: a later one has changed since.")]
    at: Time
    by: Annotated[str, Meta(max_length=80)]
    note: Annotated[str, Meta(max_length=500)] | None


DisruptionRecord = TypedDict(
    "DisruptionRecord",
    {
        "id": str,
        "node": str,
        "direction": Annotated[Direction | None, Meta(description="Null: all directions.")],
        "from": Time,
        "to": Time,
        "reason": str,
        "by": str | None,
    },
)
"""A planned closure or ban; a record without a value takes it back."""


class UntoldRecord(TypedDict):
    """A version of an exception that an endpoint could not be told, with the last reason."""

    endpoint: str
    exception: Annotated[str, Meta(description="The exception's id.")]
    version: Annotated[int, Meta(ge=1)]
    first_tried_ms: Annotated[int, Meta(ge=0, description="Milliseconds since 1970.")]
    error: str
    record: Annotated[Raw, Meta(description="The version, as it is on `rail.exceptions`.")]


CorrectionRecord = TypedDict(
    "CorrectionRecord",
    {
        "carrier": str,
        "from": Time,
        "to": Time,
        "hours": Annotated[int, Meta(description="By so many its times were later than true ones; 0: taken back.")],
        "made_at": Annotated[Time, Meta(description="When it was entered; of several the last holds.")],
        "reason": str,
        "by": str | None,
    },
)
"""That what a carrier sent, by received time, was whole hours off; its reports are corrected by it."""
