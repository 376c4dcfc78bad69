"""Every record that crosses the wire: its topic, its key, and the type by which the tracker reads or writes it."""

from dataclasses import dataclass
from typing import Any, Final

from tracker.aggregates.carrier_day import CarrierDay
from tracker.contract.dcsa.shapes import Event2, Event3
from tracker.contract.native import NativeEvent
from tracker.contract.records import FactRecord, MovementRecord
from tracker.contract.transports import TransportRecord
from tracker.contract.written import (
    AcknowledgementRecord,
    BaselineRecord,
    CorrectionRecord,
    DisruptionRecord,
    ExceptionRecord,
    ExpectedRecord,
    FeedbackRecord,
    RejectedRecord,
    UntoldRecord,
)
from tracker.notify.account import Account
from tracker.streams.topics import (
    ACKNOWLEDGEMENTS,
    BASELINES,
    CORRECTIONS,
    DISRUPTIONS,
    EXCEPTIONS,
    EXPECTED,
    FACTS,
    MOVEMENTS,
    NOTIFICATIONS,
    REJECTED,
    SITUATION,
    TRANSPORTS,
    UNTOLD,
)

EVENTS: Final = "carrier.{carrier}.events"
FEEDBACK: Final = "carrier.{carrier}.feedback"


@dataclass(frozen=True, slots=True)
class WireRecord:
    """One sort of record. `form`: a pydantic model, a msgspec struct or a typed dictionary.

    `comes_in`: carriers write it and the tracker reads it. `is_ours`: only the tracker's own workers read it, so that
    it may change with them.
    """

    name: str
    title: str
    topic: str
    key: str
    form: Any
    comes_in: bool = False
    is_ours: bool = False


RECORDS: Final = (
    WireRecord("native-event", "Native event", EVENTS, "ignored", NativeEvent, comes_in=True),
    WireRecord("dcsa-2.2-event", "DCSA Track & Trace 2.2 event", EVENTS, "ignored", Event2, comes_in=True),
    WireRecord("dcsa-3.0-event", "DCSA Track & Trace 3.0 event", EVENTS, "ignored", Event3, comes_in=True),
    WireRecord("carrier.feedback", "What a carrier is told", FEEDBACK, "none", FeedbackRecord),
    WireRecord("rail.movements", "Movement", MOVEMENTS, "the container number", MovementRecord),
    WireRecord(
        "rail.transports",
        "Report of a transport",
        TRANSPORTS,
        "carrier and the train or vessel",
        TransportRecord,
        is_ours=True,
    ),
    WireRecord(
        "rail.facts", "Fact", FACTS, "its subject: `corridor:`, `node:` or `leg:` and the id of one", FactRecord
    ),
    WireRecord("rail.exceptions", "Exception", EXCEPTIONS, "the exception's id", ExceptionRecord),
    WireRecord("rail.baselines", "Learned norms", BASELINES, "the version", BaselineRecord),
    WireRecord("rail.expected", "Changed arrival", EXPECTED, "its id, one of each journey", ExpectedRecord),
    WireRecord("rail.rejected", "Rejected report", REJECTED, "topic-partition-offset-index of it", RejectedRecord),
    WireRecord(
        "rail.situation",
        "Situation",
        SITUATION,
        "`carrier:`, carrier, partition and day; `flow:`, partition and hour; `testimony:`, partition and day; "
        "`incident:` and its id; `children:` and partition; or `through:`, topic and partition: what is taken in up to "
        "a moment",
        CarrierDay | int | dict[str, Any],
        is_ours=True,
    ),
    WireRecord(
        "rail.corrections",
        "Correction of a carrier's clock",
        CORRECTIONS,
        "carrier and begin in milliseconds",
        CorrectionRecord,
    ),
    WireRecord("rail.disruptions", "Planned closure", DISRUPTIONS, "the closure's id", DisruptionRecord),
    WireRecord(
        "rail.acknowledgements",
        "Acknowledgement",
        ACKNOWLEDGEMENTS,
        "the id of the exception or incident",
        AcknowledgementRecord,
    ),
    WireRecord(
        "rail.notifications",
        "Account of what was told",
        NOTIFICATIONS,
        "endpoint and exception; or `position`, up to where exceptions are read (`position:` and a topic: another)",
        Account | int,
        is_ours=True,
    ),
    WireRecord("rail.untold", "What could not be told", UNTOLD, "endpoint and exception", UntoldRecord),
)
"""In the order in which they are written down. A new record gets its line here, and examples in `examples`."""
