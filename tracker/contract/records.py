"""Records of our own topics: `rail.movements` and `rail.facts`, between wire form and core form.

JSON with RFC 3339 times, because others read these topics; `msgspec`, because our stages read them first.
Decoders ignore fields they do not know, so a newer writer does not stop an older reader.
"""

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final, Literal

import msgspec

from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.moment import SECOND, Millis, from_datetime, text
from tracker.domain.network import Direction, Network
from tracker.domain.report import Classifier, Kind, Mode, Report

Op = Literal["added", "withdrawn"]
Source = tuple[int, int, int]
"""Where a record comes from: (partition, offset, index) of the one record that caused it."""


class MovementRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One accepted report on `rail.movements`, keyed by container number.

    `report` is its identity within the carrier: the carrier's id, or `#` and a hash where it gave none.
    `teu` is a number of TEU, `kg` kilograms, `source` the position in the carrier's events topic. `via`: where a
    movement was made that follows from a report about a train or vessel, the position in `rail.transports`.
    `corrected_at`: when a correction of the carrier's clock was made, by which `occurred_at` is not what it said.
    """

    container: str
    carrier: str
    report: str
    kind: Kind
    node: str
    occurred_at: str
    received_at: str
    content: int
    source: Source
    classifier: Classifier = Classifier.ACTUAL
    revision: int | None = None
    retracted: bool = False
    recorded_at: str | None = None
    mode: Mode | None = None
    laden: bool | None = None
    teu: float | None = None
    kg: float | None = None
    train: str | None = None
    wagon: str | None = None
    vessel: str | None = None
    voyage: str | None = None
    origin: str | None = None
    destination: str | None = None
    booking: str | None = None
    consignment_note: str | None = None
    reason: str | None = None
    via: Source | None = None
    corrected_at: str | None = None


def movement_bytes(container: str, report: Report, via: Source | None = None) -> bytes:
    """The `rail.movements` record of an accepted report."""
    return _encode(movement_record(container, report, via))


def movement_record(container: str, report: Report, via: Source | None = None) -> MovementRecord:
    """The wire form of an accepted report."""
    return MovementRecord(
        container,
        report.carrier,
        report.id,
        report.kind,
        report.node,
        _text(report.occurred),
        _text(report.received),
        report.content,
        report.source,
        report.classifier,
        report.revision,
        report.retracted,
        None if report.recorded is None else _text(report.recorded),
        report.mode,
        report.laden,
        None if report.teu is None else report.teu / 100,
        None if report.grams is None else report.grams / 1000,
        report.train,
        report.wagon,
        report.vessel,
        report.voyage,
        report.origin,
        report.destination,
        report.booking,
        report.consignment_note,
        report.reason,
        via,
        None if report.corrected is None else _text(report.corrected),
    )


def read_movement(value: bytes) -> tuple[str, Report]:
    """Container number and report of a `rail.movements` record; `DecodeError` or `ValueError` when it is none."""
    record = _decode_movement(value)
    return record.container, report_of(record)


def report_of(record: MovementRecord) -> Report:
    """The report of a record. `ValueError` where a time is none."""
    return Report(
        record.carrier,
        record.report,
        record.kind,
        record.node,
        _moment(record.occurred_at),
        _moment(record.received_at),
        record.content,
        record.classifier,
        record.revision,
        record.retracted,
        None if record.recorded_at is None else _moment(record.recorded_at),
        record.mode,
        record.laden,
        None if record.teu is None else round(record.teu * 100),
        None if record.kg is None else round(record.kg * 1000),
        record.train,
        record.wagon,
        record.vessel,
        record.voyage,
        record.origin,
        record.destination,
        record.booking,
        record.consignment_note,
        record.reason,
        record.source,
        None if record.corrected_at is None else _moment(record.corrected_at),
    )


class FactRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, rename={"origin": "from", "goal": "to"}):
    """One operation on the set of facts, on `rail.facts`, keyed by `subject_of` the fact."""

    id: str
    op: Op
    fact: FactKind
    corridor: str
    direction: Direction | None
    container: str
    journey: str
    start: str | None
    end: str
    teu: float | None
    kg: float | None
    laden: bool | None
    source: Source
    section: str | None = None
    full: bool | None = None
    origin: str | None = None
    goal: str | None = None
    node: str | None = None
    side: Side | None = None
    km: float | None = None
    countries: tuple[str, ...] | None = None
    dwell_seconds: float | None = None
    planned_end: str | None = None
    implied: bool | None = None


def fact_id(fact: Fact) -> str:
    """The fact's identity: 64 bits of a hash of its whole content (semantics: a change makes another fact)."""
    return blake2b(_pack(msgspec.structs.astuple(fact)), digest_size=8).hexdigest()


def fact_record(fact: Fact, op: Op, source: Source) -> FactRecord:
    """The wire form of one operation on one fact."""
    transit = fact.kind is FactKind.TRANSIT
    return FactRecord(
        fact_id(fact),
        op,
        fact.kind,
        fact.corridor,
        fact.direction,
        fact.container,
        fact.journey,
        None if fact.start is None else _text(fact.start),
        _text(fact.end),
        None if fact.teu is None else fact.teu / 100,
        None if fact.grams is None else fact.grams / 1000,
        fact.laden,
        source,
        fact.section,
        fact.full if transit else None,
        fact.origin,
        fact.goal,
        fact.node,
        fact.side,
        None if fact.metres is None else fact.metres / 1000,
        fact.countries if transit else None,
        None if fact.dwell is None else fact.dwell / SECOND,
        None if fact.planned_end is None else _text(fact.planned_end),
        fact.implied if fact.kind is FactKind.CROSSING else None,
    )


def fact_bytes(record: FactRecord) -> bytes:
    """The record's JSON."""
    return _encode(record)


def read_fact(value: bytes) -> FactRecord:
    """A `rail.facts` record; `msgspec.DecodeError` when it is none."""
    return _decode_fact(value)


def fact_of(record: FactRecord) -> Fact:
    """The fact that a record adds or withdraws."""
    return Fact(
        record.fact,
        record.corridor,
        record.direction,
        record.container,
        record.journey,
        _moment(record.end),
        None if record.start is None else _moment(record.start),
        record.node,
        record.side,
        record.origin,
        record.goal,
        record.section,
        bool(record.full),
        None if record.teu is None else round(record.teu * 100),
        None if record.kg is None else round(record.kg * 1000),
        record.laden,
        None if record.km is None else round(record.km * 1000),
        record.countries or (),
        None if record.dwell_seconds is None else round(record.dwell_seconds * SECOND),
        None if record.planned_end is None else _moment(record.planned_end),
        bool(record.implied),
    )


def subject_of(fact: Fact, network: Network) -> str:
    """What a fact is about, the key of its record: `node:`, `leg:` or `corridor:` and an id.

    A crossing at which the journey's corridor counts its volume belongs to the corridor, any other to its
    leg; a run over several legs belongs to the journey's corridor.
    """
    if fact.kind is FactKind.DWELL:
        return f"node:{fact.node}"
    if fact.kind is FactKind.TRANSIT:
        return f"corridor:{fact.corridor}"
    leg = network.between.get((str(fact.origin), str(fact.goal)))
    counted = fact.kind is FactKind.CROSSING and leg and fact.corridor in network.counting.get(leg.id, ())
    return f"corridor:{fact.corridor}" if counted or leg is None else f"leg:{leg.id}"


TIMES_MAX: Final = 2_048
"""Times remembered each way, some 400 kB when full; more would miss the processor's caches and cost what they save.

The boxes of a train share theirs, and a time comes again in every record that it is the begin or end of: of ten
times written or read nine are remembered.
"""


@lru_cache(TIMES_MAX)
def _moment(value: str) -> Millis:
    return from_datetime(datetime.fromisoformat(value))


_text: Final = lru_cache(TIMES_MAX)(text)
_encode: Final = msgspec.json.Encoder().encode
_pack: Final = msgspec.msgpack.Encoder().encode
_decode_movement: Final = msgspec.json.Decoder(MovementRecord).decode
_decode_fact: Final = msgspec.json.Decoder(FactRecord).decode
