"""The shapes of what a worker answers under `/v1`; its OpenAPI document is made from them.

Readers must ignore fields that they do not know: some are added.
"""

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from tracker.aggregates.entries import CorridorEntry, CrossingEntry, LegEntry, NodeEntry
from tracker.aggregates.recent import HourEntry, WeekEntry
from tracker.aggregates.years import TargetEntry, YearEntry
from tracker.contract.carrier_days import CarrierDayAnswer
from tracker.contract.written import (
    AcknowledgementRecord,
    DisruptionRecord,
    ExceptionRecord,
    Natural,
    ScorecardRecord,
    Time,
)
from tracker.domain.exceptions import Rule, State
from tracker.domain.network import Direction
from tracker.domain.report import Classifier, Kind, Mode

LocalTime = Annotated[str, Meta(extra_json_schema={"format": "date-time"}, description="With the node's offset then.")]
Cursor = Annotated[str | None, Meta(description="Give it as `cursor` for the next page; null: this is the last.")]
Partial = Annotated[bool, Meta(description="A worker did not answer: what it has is missing here.")]


class ArrivalAnswer(TypedDict):
    """An expected arrival: the median, and the interval that holds four of five."""

    at: Time
    low: Time
    high: Time


class NextAnswer(ArrivalAnswer):
    """The same at the next node at which it must be reported."""

    node: str


class MovedAnswer(ArrivalAnswer):
    """What was expected at a clock, where it had moved by an hour or more."""

    made_at: Time


class VisitAnswer(TypedDict):
    """A stay at a node."""

    node: str
    arrived_at: Time | None
    departed_at: Time | None
    implied: Annotated[bool, Meta(description="Not reported; follows from a later node.")]
    gauge_change: bool
    gauge_change_seconds: float | None
    arrived_at_local: NotRequired[LocalTime]
    departed_at_local: NotRequired[LocalTime]


class JourneyAnswer(TypedDict):
    """A journey of a container."""

    journey: str
    container: str
    status: Literal["open", "ended", "returned", "abandoned"]
    state: State
    corridor: Annotated[str, Meta(description="Id, `undecided` or `other`.")]
    direction: Direction | None
    laden: bool | None
    teu: float | None
    kg: float | None
    origin: str | None
    destination: str | None
    began_at: Time
    ended_at: Time | None
    visits: list[VisitAnswer]
    expected: ArrivalAnswer | None
    next: NextAnswer | None
    moved: NotRequired[Annotated[list[MovedAnswer], Meta(description="Of a container's last one: the last 50.")]]


class ListedJourneyAnswer(JourneyAnswer):
    """An open journey in a list."""

    standing: Annotated[str | None, Meta(description="The node it stands at; null: under way.")]
    standing_since: Annotated[Time, Meta(description="Or, under way, its last report.")]
    rules: Annotated[list[Rule], Meta(description="Of its open exceptions.")]


class ReportAnswer(TypedDict):
    """A report about a container, as it was taken."""

    carrier: str
    id: str | None
    kind: Kind
    classifier: Classifier
    node: str
    occurred_at: Time
    received_at: Time
    source: Annotated[list[int], Meta(description="Partition and offset in the carrier's topic, place in the record.")]
    recorded_at: Time | None
    revision: int | None
    retracted: bool
    occurred_at_local: NotRequired[LocalTime]
    mode: NotRequired[Mode]
    laden: NotRequired[bool]
    train: NotRequired[str]
    wagon: NotRequired[str]
    vessel: NotRequired[str]
    voyage: NotRequired[str]
    booking: NotRequired[str]
    consignment_note: NotRequired[str]
    reason: NotRequired[str]


class ListedExceptionAnswer(ExceptionRecord):
    """An exception or incident, with who took it on."""

    acknowledgement: AcknowledgementRecord | None


class ContainerAnswer(TypedDict):
    """Everything known of a container."""

    container: str
    teu: float | None
    journeys: list[JourneyAnswer]
    reports: list[ReportAnswer]
    movements: Annotated[list[ReportAnswer], Meta(description="The same: what is on `rail.movements` of it.")]
    exceptions: list[ListedExceptionAnswer]


class JourneysAnswer(TypedDict):
    """A page of open journeys."""

    journeys: list[ListedJourneyAnswer]
    count: Annotated[int, Meta(ge=0, description="How many fit in all.")]
    next: Cursor
    partial: Partial


class ExceptionsAnswer(TypedDict):
    """A page of exceptions and incidents."""

    exceptions: list[ListedExceptionAnswer]
    count: Annotated[int, Meta(ge=0, description="How many fit in all.")]
    next: Cursor
    partial: Partial


class OpenAnswer(TypedDict):
    """How many journeys are open."""

    corridor: str
    direction: Direction | None
    journeys: Natural
    states: dict[str, int]


class CorridorsAnswer(TypedDict):
    """The figures of all corridors."""

    until: Time
    partial: Partial
    corridors: list[CorridorEntry]
    years: list[YearEntry]
    targets: list[TargetEntry]
    open: list[OpenAnswer]


class CorridorAnswer(TypedDict):
    """One corridor and its figures."""

    until: Time
    partial: Partial
    corridor: str
    name: str
    legs: list[str]
    sections: list[str]
    counting: list[str]
    open: list[OpenAnswer]
    entries: list[CorridorEntry]
    years: list[YearEntry]
    targets: list[TargetEntry]
    weeks: Annotated[list[WeekEntry], Meta(description="The last four times seven days, where transits ended.")]
    runs: list[LegEntry]


class CarrierAnswer(ScorecardRecord):
    """A carrier's scorecard, and its days."""

    days: Annotated[list[CarrierDayAnswer], Meta(description="The last 28, oldest first.")]


class DueAnswer(TypedDict):
    """A train or vessel under way to a node."""

    train: Annotated[str | None, Meta(description="Or vessel, as its carrier reported it.")]
    left: Annotated[str, Meta(description="The node it comes from.")]
    corridor: str
    direction: Direction | None
    containers: Natural
    departed_at: Time
    expected: ArrivalAnswer


class NodesAnswer(TypedDict):
    """The figures of all nodes."""

    until: Time
    partial: Partial
    nodes: list[NodeEntry]


class NodeAnswer(TypedDict):
    """One node and its figures."""

    until: Time
    partial: Partial
    node: str
    name: str
    country: str
    kinds: list[str]
    latitude: float
    longitude: float
    zone: str
    entries: list[NodeEntry]
    hours: Annotated[list[HourEntry], Meta(description="The last 24, by direction.")]
    due: Annotated[list[DueAnswer], Meta(description="Trains and vessels on their way here, the first 50.")]
    due_more: Annotated[int, Meta(ge=0, description="Containers on their way here that are in none of `due`.")]
    crossing: str | None
    crossings: list[CrossingEntry]


class FoundAnswer(TypedDict):
    """A container that a search found, with its last report that has the text."""

    container: str
    matches: dict[str, str]
    node: str
    occurred_at: Time


class SearchAnswer(TypedDict):
    """What a search found."""

    containers: list[FoundAnswer]
    partial: Annotated[bool, Meta(description="Not all was looked through, or there is more.")]


class DisruptionsAnswer(TypedDict):
    """Planned closures that were entered."""

    disruptions: list[DisruptionRecord]
    count: Annotated[int, Meta(ge=0)]


class ProblemAnswer(TypedDict):
    """Why there is no answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
