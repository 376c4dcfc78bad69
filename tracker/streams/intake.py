"""The intake stage: carriers' bodies in; movements, rejections and feedback out.

One small row per carrier and partition: how far the carrier's word reaches and how late it comes. The row's
position is an offset of that carrier's topic, so a body is taken in once however often it is delivered.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.histogram import Histogram
from tracker.contract.feedback import feedback, rejected, to_json
from tracker.contract.intake import Intake, Reading
from tracker.contract.records import movement_bytes
from tracker.contract.transports import told_of, transport_bytes, transport_key
from tracker.domain.canary import CARRIER as CANARY
from tracker.domain.moment import DAY, Millis, hour_of
from tracker.domain.report import Classifier, Outcome, Report
from tracker.streams.accepted import Marks
from tracker.streams.carrier_row import SCHEMA, CarrierRow, read_row
from tracker.streams.stage import Output, Record
from tracker.streams.topics import MOVEMENTS, SITUATION, TRANSPORTS

CLOSED_MAX: Final = 5_000
"""Days that are over and are told once more: 15 MB; two months of seven carriers in twelve partitions at one look."""
DAYS_KEPT: Final = 3
"""Days of received time that a row goes on counting; what comes later still, from a backlog, is not learned from."""
HOURS_OF_DELAY: Final = 24
"""The delay of reporting is that of the last 24 hours (contract: `rail_reporting_delay_seconds`)."""


class IntakeObserver(Protocol):
    """What the intake tells about reports once their records are stored."""

    def report(self, carrier: str, outcome: str, count: int = 1) -> None:
        """So many reports were rejected; what became of the others the journeys stage finds."""

    def faults(self, carrier: str, codes: Sequence[str]) -> None:
        """One report had these faults."""

    def movement(self, carrier: str, kind: str, count: int = 1) -> None:
        """So many movements were emitted."""


class _Held:
    """A row while a batch works on it, with what happened to it and is not yet stored."""

    __slots__ = ("carrier", "closed", "happened", "row")

    def __init__(self, row: CarrierRow, carrier: str) -> None:
        self.row = row
        self.carrier = carrier
        self.happened: list[Reading] = []
        self.closed: list[Output] = []


class IntakeStage:
    """Takes carriers' events in; see the module."""

    name = "intake"

    def __init__(self, intake: Intake, observer: IntakeObserver) -> None:
        self._intake = intake
        self._observer = observer
        self._rows: dict[int, dict[str, CarrierRow]] = {}
        self._marks = Marks()
        self._closed: deque[Output] = deque(maxlen=CLOSED_MAX)

    def read(self, record: Record) -> tuple[bytes, Any]:
        """The carrier, which is the topic's word and never the body's, and the readings of the body."""
        carrier = carrier_of(record.topic)
        readings = self._intake.read(carrier, record.value, Millis(record.timestamp), record.partition, record.offset)
        return carrier.encode(), readings

    def load(self, body: bytes | None, partition: int, key: bytes) -> _Held:
        """The carrier's row."""
        row, carrier = read_row(body) if body else CarrierRow(), key.decode()
        row.schema = SCHEMA
        self._marks.carry(partition, carrier, row.clean)
        return _Held(row, carrier)

    def apply(self, row: _Held, event: Sequence[Reading], record: Record) -> Iterable[Output]:
        """A movement for each accepted report; for the others, and for doubts, what the carrier is told."""
        carrier = row.carrier
        outputs: list[Output] = []
        for day in () if carrier == CANARY else _days_closed(row.row, Millis(record.timestamp)):
            outputs.append(day_output(carrier, record.partition, day, row.row.days[day]))
            row.closed.append(outputs[-1])
        for reading in event:
            _count(row.row, reading, Millis(record.timestamp))
            row.happened.append(reading)
            source = (record.partition, record.offset, reading.place)
            report = reading.report
            if report is not None:
                outputs += onward(reading, report)
                outcome = Outcome.ACCEPTED
            else:
                outcome = Outcome.REJECTED
                kept = rejected(
                    carrier, record.topic, source, Millis(record.timestamp), reading.raw, record.headers, reading.faults
                )
                key = f"{record.topic}-{record.partition}-{record.offset}-{reading.place}"
                outputs.append(Output("rail.rejected", key.encode(), to_json(kept)))
            if reading.faults:
                said = feedback(reading.id, source, outcome, reading.faults)
                outputs.append(Output(f"carrier.{carrier}.feedback", None, to_json(said)))
            else:
                row.row.clean.reports += 1
        row.row.clean.last = record.offset
        return outputs

    def dump(self, row: _Held) -> bytes | None:
        """The row's body."""
        return _encode(row.row)

    def settled(self, partition: int, rows: Sequence[tuple[bytes, _Held]]) -> None:
        """Count what is now certain, and keep the rows for the figures."""
        for _, held in rows:
            carrier = held.carrier
            if carrier == CANARY:
                continue  # in no figure
            self._rows.setdefault(partition, {})[carrier] = held.row
            self._closed += held.closed
            held.closed.clear()
            for reading in held.happened:
                if reading.faults:
                    self._observer.faults(carrier, [fault.code for fault in reading.faults])
                if reading.report is None:
                    self._observer.report(carrier, Outcome.REJECTED)
            moved = Counter(each.report.kind for each in held.happened if each.report and each.container is not None)
            for kind, count in moved.items():
                self._observer.movement(carrier, kind, count)
            held.happened.clear()

    def recovered(self, partition: int, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Begin with the restored rows."""
        held = {key.decode(): read_row(body) for key, body in rows if key.decode() != CANARY}
        self._rows[partition] = held
        self._marks.begin(partition, {carrier: row.clean for carrier, row in held.items()})

    def revoked(self, partition: int) -> None:
        """Forget the partition."""
        self._rows.pop(partition, None)
        self._marks.end(partition)

    def untold(self, at: Millis) -> list[Output]:
        """What carriers are to be told of reports without a fault, of all that is stored; see `accepted`."""
        rows = (
            (partition, carrier, row.clean) for partition, held in self._rows.items() for carrier, row in held.items()
        )
        return self._marks.untold(rows, at)

    def told(self) -> None:
        """What `untold` gave last is written."""
        self._marks.told()

    @property
    def has_first(self) -> bool:
        """Whether this worker has the first partition of every carrier's topic: one of all workers has."""
        return 0 in self._rows

    def days(self) -> Iterable[Output]:
        """What this worker's partitions know of the days that are not over, for all workers.

        Of days that are over since it was asked last, too: they were written with their batch, but what was given here
        just before may have been written after that, and the last record of a day holds.
        """
        closed = list(self._closed)
        self._closed.clear()
        yield from closed
        for partition, rows in self._rows.items():
            for carrier, row in rows.items():
                for day, counted in row.days.items():
                    yield day_output(carrier, partition, day, counted)

    def watermarks(self) -> dict[str, Millis]:
        """Carrier to the latest event time it reported, over this worker's partitions."""
        return self._over_partitions(lambda row: row.watermark)

    def received(self) -> dict[str, Millis]:
        """Carrier to the latest received time, over this worker's partitions."""
        return self._over_partitions(lambda row: row.received)

    def delays(self) -> dict[str, Histogram]:
        """Carrier to the delays of reporting (ms) of the 24 hours up to its latest report."""
        merged: dict[str, Histogram] = {}
        latest = {carrier: hour_of(at) for carrier, at in self.received().items()}
        for rows in self._rows.values():
            for carrier, row in rows.items():
                for hour, histogram in row.delays.items():
                    if hour > latest[carrier] - HOURS_OF_DELAY:
                        merged.setdefault(carrier, Histogram()).merge(histogram)
        return merged

    def _over_partitions(self, value: Callable[[CarrierRow], Millis | None]) -> dict[str, Millis]:
        found: dict[str, Millis] = {}
        for rows in self._rows.values():
            for carrier, row in rows.items():
                at = value(row)
                if at is not None and at >= found.get(carrier, at):
                    found[carrier] = at
        return found


def carrier_of(topic: str) -> str:
    """The carrier that a topic belongs to.

    >>> carrier_of("carrier.ktz-express.events")
    'ktz-express'
    """
    return topic.removeprefix("carrier.").removesuffix(".events")


def onward(reading: Reading, report: Report) -> list[Output]:
    """What the next stages are to know of an accepted report."""
    outputs = [] if reading.transport is None else _of_transport(reading.transport, reading, report)
    if (number := reading.container) is not None:
        outputs.append(Output(MOVEMENTS, number.encode(), movement_bytes(number, report)))
    return outputs


def _of_transport(transport: str, reading: Reading, report: Report) -> list[Output]:
    """What the transports stage is to know of a report that names a transport."""
    told = told_of(reading.container, report, reading.containers)
    key = transport_key(report.carrier, transport)
    return [] if told is None else [Output(TRANSPORTS, key, transport_bytes(transport, told))]


def _count(row: CarrierRow, reading: Reading, received: Millis) -> None:
    row.reports += 1
    row.received = max(row.received, received)
    report = reading.report
    day = received // DAY
    if day > max(row.days, default=day) - DAYS_KEPT:
        codes = [fault.code for fault in reading.faults] if reading.faults else ()
        counted = row.days.get(day)
        if counted is None:
            counted = row.days[day] = CarrierDay()
        counted.take(received, report, reading.container, reading.delay, reading.sequence, codes, reading.lag)
    if report is None:
        row.rejected += 1
        return
    if report.classifier is not Classifier.ACTUAL:
        return
    if row.watermark is None or report.occurred > row.watermark:
        row.watermark = report.occurred
    hour = hour_of(received)
    delays = row.delays.get(hour)
    if delays is None:
        since = max(hour, *row.delays, hour) - HOURS_OF_DELAY
        row.delays = {h: histogram for h, histogram in row.delays.items() if h > since}
        if hour <= since:
            return
        delays = row.delays[hour] = Histogram()
    delays.add(max(0, received - report.occurred))


def _days_closed(row: CarrierRow, received: Millis) -> list[int]:
    """The days that a report received now leaves behind: told once more, and the oldest of them forgotten."""
    day = received // DAY
    if day in row.days or not row.days or day <= (newest := max(row.days)):
        return []
    row.days = {each: counted for each, counted in row.days.items() if each > day - DAYS_KEPT or each == newest}
    return [newest]


def day_output(carrier: str, partition: int, day: int, counted: CarrierDay) -> Output:
    """A day of a carrier in one partition, as every worker reads it."""
    return Output(SITUATION, day_key(carrier, partition, day), _to_json(counted))


def day_key(carrier: str, partition: int, day: int) -> bytes:
    """The key of such a record."""
    return f"carrier:{carrier}:{partition}:{day}".encode()


_to_json: Final = msgspec.json.Encoder().encode
_encode: Final = msgspec.msgpack.Encoder().encode
