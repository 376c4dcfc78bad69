"""Intake: a carrier's bytes become reports, or coded faults; nothing is dropped and nothing raises.

`Intake.read` is pure but for a memory of what names, numbers and times mean, and looks at nothing beside its
arguments: the same bytes, carrier and received time always give the same readings, in the stream, in `tracker
batch` and in `lint`.
"""

import re
from codecs import BOM_UTF8
from typing import Final

from msgspec.structs import replace
from pydantic import ValidationError
from pydantic_core import from_json

from tracker.contract.dcsa.message import heard, heard_respelt
from tracker.contract.dcsa.transport import reference
from tracker.contract.draft import Draft, Source, content_of
from tracker.contract.envelope import REPORTS_PER_BODY_MAX, is_whole, opened, snippet
from tracker.contract.feedback import report_id
from tracker.contract.native import CodedNode, NativeEvent, check_native
from tracker.contract.node_names import node_of
from tracker.contract.plain_event import PlainEvent, read_event
from tracker.contract.reading import IntakeRules, Reading, lenient_carriers
from tracker.contract.remembered import Remembered
from tracker.contract.said import Heard, Said
from tracker.contract.time_text import WrongTime
from tracker.domain.correction import Correction
from tracker.domain.faults import Fault, fault, in_order, rejects
from tracker.domain.identifiers import ContainerFault
from tracker.domain.moment import DAY, MINUTE, Millis, text
from tracker.domain.places import Places
from tracker.domain.report import Classifier, Report

__all__ = ["BODY_BYTES_MAX", "REPORTS_PER_BODY_MAX", "Intake", "IntakeRules", "Reading", "lenient_carriers"]

BODY_BYTES_MAX: Final = 65_536
"""The contract's limit for one record; an array shares it."""

_CARRIER: Final = re.compile(r"[a-z0-9-]{2,20}")


class Intake:
    """Reads carriers' bodies against a network."""

    def __init__(self, places: Places, rules: IntakeRules) -> None:
        self._places = places
        self._rules = rules
        self._known = Remembered()

    def read(
        self,
        carrier: str,
        body: bytes | None,
        received: Millis,
        partition: int = 0,
        offset: int = 0,
        correction: Correction | None = None,
    ) -> list[Reading]:
        """Every report in a body, in its order; at least one reading whatever the body is.

        `received` is when Kafka stored the record, `partition` and `offset` where. With a correction event times are
        read by it, and identities are what they are without.
        """
        if not _CARRIER.fullmatch(carrier):
            return [Reading(0, body or b"", [fault("E601", "", carrier, "2 to 20 of a-z, 0-9 and -")])]
        if not body:
            return [Reading(0, b"", [fault("E101", "", "an empty body", "one JSON object")])]
        if body[:3] == BOM_UTF8:  # in no way part of what is said
            body = body[3:]
        if len(body) > BODY_BYTES_MAX:
            return [Reading(0, body, [fault("E102", "", f"{len(body)} bytes", f"at most {BODY_BYTES_MAX}")])]
        if is_whole(body):
            return [self._one(carrier, body, received, (partition, offset, 0), correction)]
        readings: list[Reading] = []
        for index, (raw, doubts) in enumerate(opened(body)):
            if rejects(doubts):
                readings.append(Reading(index, raw, doubts))
                continue
            reading = self._one(carrier, raw, received, (partition, offset, index), correction)
            readings.append(replace(reading, faults=in_order([*doubts, *reading.faults])) if doubts else reading)
        return readings

    def _one(
        self, carrier: str, raw: bytes, received: Millis, source: Source, correction: Correction | None
    ) -> Reading:
        if b'"event' in raw and (said := heard(raw)) is not None:
            return self._foreign(carrier, said, raw, received, source, correction)
        place = source[2]
        faults: list[Fault] = []
        unsound: frozenset[str] = frozenset()
        event: NativeEvent | PlainEvent
        try:
            event = read_event(raw)
        except ValidationError:
            try:
                value = from_json(raw, allow_inf_nan=False)
            except ValueError as error:
                return Reading(place, raw, [fault("E101", "", snippet(raw), f"JSON ({error})")])
            if not isinstance(value, dict):
                return Reading(place, raw, [fault("E103", "", value, "a JSON object")])
            if (said := heard_respelt(value)) is not None:
                return self._foreign(carrier, said, raw, received, source, correction)
            event, faults, unsound = check_native(value)
        if event.model_extra:
            names = sorted(event.model_extra)
            faults.append(fault("W101", names[0], ", ".join(names), "only fields of the native event"))
        reading = self._check(Draft(carrier, event, unsound, received, source, faults, correction), raw)
        if carrier in self._rules.transports and reading.report is not None:
            return replace(reading, transport=reference(reading.report))
        return reading

    def _foreign(
        self,
        carrier: str,
        message: Heard,
        raw: bytes,
        received: Millis,
        source: Source,
        correction: Correction | None,
    ) -> Reading:
        """A report of another format: checked as a native one, its fields called by their own names."""
        said, faults, unsound, paths = message
        listed = self._listed(carrier, said, faults)
        reading = self._check(Draft(carrier, said, unsound, received, source, faults, correction, listed), raw)
        if not reading.faults:
            return replace(reading, transport=said.transport, containers=listed)
        told = [each._replace(path=paths.get(each.path, each.path)) for each in reading.faults]
        return replace(reading, faults=told, transport=said.transport, containers=listed)

    def _listed(self, carrier: str, said: Said, faults: list[Fault]) -> tuple[str, ...]:
        """The numbers of the containers that a report about a transport lists."""
        wrong = [each for each in said.containers if self._known.container(each[:40], carrier)[1] is not None]
        if wrong:
            every = len(wrong) == len(said.containers)
            faults.append(fault("E202" if every else "W206", "references", ", ".join(wrong), "ISO 6346 numbers"))
        return tuple(
            sorted({self._known.container(each[:40], carrier)[0] for each in said.containers if each not in wrong})
        )

    def _check(self, draft: Draft, raw: bytes) -> Reading:
        """Everything beyond shape; every field is looked at, so that all faults are found at once."""
        event, faults, rules = draft.event, draft.faults, self._rules
        number = self._container(draft)
        occurred, recorded = self._times(draft)
        node = None if "node" in draft.unsound else node_of(event.node, "node", self._places, faults)
        origin = self._end(draft, "origin", event.origin)
        destination = self._end(draft, "destination", event.destination)
        teu = None
        if event.iso_code is not None and (code := event.iso_code.strip()):
            teu = self._known.teu(code)
            if teu is None:
                faults.append(fault("W202", "iso_code", code, "an ISO 6346 size-type such as 45G1"))
        kg = event.gross_kg
        if kg is not None and not rules.mass_kg[0] <= kg <= rules.mass_kg[1]:
            faults.append(fault("W203", "gross_kg", kg, f"{rules.mass_kg[0]:.0f} to {rules.mass_kg[1]:.0f} kg"))
        said = (
            event.train, event.wagon, event.vessel, event.voyage, event.booking, event.consignment_note, event.reason,
        )  # fmt: skip
        train, wagon, vessel, voyage, booking, note, reason = [
            (value.strip() or None) if value else None for value in said
        ]
        if (
            wagon is not None
            and wagon.isdigit()
            and len(wagon) in {8, 12}
            and (wrong := self._known.wagon_fault(wagon))
        ):
            faults.append(fault("W204", "wagon", wagon, wrong))
        if event.id is None and "id" not in draft.unsound:
            faults.append(fault("W601", "id", "nothing", "an id of your own"))
        delay = lag = None
        if occurred is not None and event.classifier is Classifier.ACTUAL and not event.retracted:
            delay = draft.received - occurred
            if recorded is not None:
                lag = draft.received - recorded
        if faults:
            faults[:] = in_order(faults)
            if rejects(faults):
                return Reading(draft.source[2], raw, faults, number, None, event.id, event.sequence, delay, lag=lag)
        shift = 0 if draft.correction is None else draft.correction.shift
        if occurred is None:  # of a retraction by id, which need tell no more than what it takes back
            occurred, shift = draft.received if recorded is None else recorded, 0
        words: tuple[object, ...] = (
            number, event.kind, node, occurred, event.classifier, event.mode, event.laden, event.iso_code, kg,
            train, wagon, vessel, voyage, origin, destination, booking, note, reason,
        )  # fmt: skip
        if number is None and isinstance(event, Said):
            words += (event.transport, draft.listed)
        content = identity = content_of(words)
        if shift:  # what the carrier repeats it by is what it said
            identity = content_of((*words[:3], occurred + shift, *words[4:]))
        report = Report(
            carrier=draft.carrier,
            id=report_id(event.id, identity, event.party if isinstance(event, Said) else None),
            kind=event.kind,
            node=node or "",
            occurred=occurred,
            received=draft.received,
            content=content & 0xFFFFFFFF,
            classifier=event.classifier,
            revision=event.revision,
            retracted=event.retracted,
            recorded=recorded,
            mode=event.mode,
            laden=event.laden,
            teu=teu,
            grams=None if kg is None else round(kg * 1000),
            train=train,
            wagon=wagon,
            vessel=vessel,
            voyage=voyage,
            origin=origin,
            destination=destination,
            booking=booking,
            consignment_note=note,
            reason=reason,
            source=draft.source,
            corrected=None if draft.correction is None else draft.correction.made,
        )
        return Reading(draft.source[2], raw, faults, number, report, event.id, event.sequence, delay, lag=lag)

    def _container(self, draft: Draft) -> str | None:
        if "container" in draft.unsound:
            return None
        number, wrong = self._known.container(draft.event.container, draft.carrier)
        if wrong is ContainerFault.CHECK_DIGIT and draft.carrier in self._rules.lenient:
            draft.faults.append(fault("W201", "container", number, "a right check digit"))
        elif wrong is not None:
            draft.faults.append(fault(_CONTAINER_CODES[wrong], "container", draft.event.container, _WANTED[wrong]))
        return number

    def _times(self, draft: Draft) -> tuple[Millis | None, Millis | None]:
        event, faults, rules = draft.event, draft.faults, self._rules
        occurred = recorded = None
        if "occurred_at" not in draft.unsound:
            occurred = self._time(event.occurred_at, "occurred_at", faults)
            if occurred is not None and draft.correction is not None:
                occurred = Millis(occurred - draft.correction.shift)
        if event.recorded_at is not None:
            recorded = self._time(event.recorded_at, "recorded_at", faults)
        if occurred is not None and event.classifier is Classifier.ACTUAL and "classifier" not in draft.unsound:
            ahead = occurred - draft.received
            if ahead > rules.future:
                wanted = f"at most {rules.future // MINUTE} min after it was received, {text(draft.received)}"
                faults.append(fault("E304", "occurred_at", event.occurred_at, wanted))
            elif ahead > 0:
                faults.append(fault("W302", "occurred_at", event.occurred_at, f"before {text(draft.received)}"))
            elif -ahead > rules.late:
                faults.append(fault("W303", "occurred_at", event.occurred_at, f"within {rules.late // DAY} d"))
            if recorded is not None and recorded < occurred:
                faults.append(fault("W301", "recorded_at", event.recorded_at, f"after {event.occurred_at}"))
        return occurred, recorded

    def _end(self, draft: Draft, path: str, given: str | CodedNode | None) -> str | None:
        return None if given is None or path in draft.unsound else node_of(given, path, self._places, draft.faults)

    def _time(self, value: str, path: str, faults: list[Fault]) -> Millis | None:
        read = self._known.time(value)
        if isinstance(read, WrongTime):
            faults.append(fault(read.code, path, value, read.wanted))
            return None
        return read


_CONTAINER_CODES: Final = {
    ContainerFault.SHAPE: "E202",
    ContainerFault.CATEGORY: "E203",
    ContainerFault.CHECK_DIGIT: "E204",
}
_WANTED: Final = {
    ContainerFault.SHAPE: "four letters and seven digits",
    ContainerFault.CATEGORY: "U as fourth letter",
    ContainerFault.CHECK_DIGIT: "the check digit of ISO 6346",
}
