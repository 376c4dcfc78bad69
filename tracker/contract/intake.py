"""Intake: a carrier's bytes become reports, or coded faults; nothing is dropped and nothing raises.

`Intake.read` is pure but for a memory of what names, numbers and times mean, and looks at nothing beside its
arguments: the same bytes, carrier and received time always give the same readings, in the stream, in `tracker
batch` and in `lint`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec
from pydantic import ValidationError
from pydantic_core import from_json

from tracker.contract.native import CodedNode, NativeEvent, check_native
from tracker.contract.plain_event import PlainEvent, read_event
from tracker.contract.remembered import Remembered
from tracker.contract.time_text import WrongTime
from tracker.domain.faults import Fault, fault, in_order, rejects
from tracker.domain.identifiers import ContainerFault
from tracker.domain.moment import DAY, MINUTE, Millis, text
from tracker.domain.places import Places
from tracker.domain.report import Classifier, Report

BODY_BYTES_MAX: Final = 65_536
"""The contract's limit for one record; an array shares it."""
REPORTS_PER_BODY_MAX: Final = 500

SCHEMES: Final = frozenset(("unlocode", "esr", "uic", "bic", "smdg", "name"))
"""The code schemes a carrier may name a place by."""

_CARRIER: Final = re.compile(r"[a-z0-9-]{2,20}")
_OTHER_FORMATS: Final = frozenset(("eventType", "eventClassification", "specversion", "events"))


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """The tolerances of intake; all defaults are those of the contract.

    `future`: an actual this much after its received time is still accepted, with a doubt (clocks differ).
    `late`: an actual received longer after its event time than this is warned about. `mass_kg`: what a
    container with its tare can plausibly weigh. `lenient`: carriers whose wrong check digits are accepted.
    """

    future: int = 15 * MINUTE
    late: int = DAY
    mass_kg: tuple[float, float] = (1_500, 36_000)
    lenient: frozenset[str] = frozenset()


class Reading(NamedTuple):
    """What became of one report in a body: accepted when `report` is there, else rejected.

    `id` is the carrier's own, None when it gave none or a malformed one. `raw` are the report's bytes as
    they came, `place` that in the body. `delay`: received less event time in ms, of every actual whose time can be
    read, rejected or not; negative where it says what has not happened yet.
    """

    place: int
    raw: bytes
    faults: Sequence[Fault]
    container: str | None = None
    report: Report | None = None
    id: str | None = None
    sequence: int | None = None
    delay: int | None = None


class Intake:
    """Reads carriers' bodies against a network."""

    def __init__(self, places: Places, rules: IntakeRules) -> None:
        self._places = places
        self._rules = rules
        self._known = Remembered()

    def read(
        self, carrier: str, body: bytes | None, received: Millis, partition: int = 0, offset: int = 0
    ) -> list[Reading]:
        """Every report in a body, in its order; at least one reading whatever the body is.

        `received` is when Kafka stored the record, `partition` and `offset` where.
        """
        if not _CARRIER.fullmatch(carrier):
            return [Reading(0, body or b"", [fault("E601", "", carrier, "2 to 20 of a-z, 0-9 and -")])]
        if not body:
            return [Reading(0, b"", [fault("E101", "", "an empty body", "one JSON object")])]
        if len(body) > BODY_BYTES_MAX:
            return [Reading(0, body, [fault("E102", "", f"{len(body)} bytes", f"at most {BODY_BYTES_MAX}")])]
        if body.lstrip()[:1] != b"[":
            return [self._one(carrier, body, received, (partition, offset, 0))]
        try:
            parts = _decode_array(body)
        except (msgspec.DecodeError, RecursionError) as error:  # the second: brackets nested a thousand deep
            return [Reading(0, body, [fault("E101", "", _snippet(body), f"JSON ({error})")])]
        if not parts:
            return [Reading(0, body, [fault("E103", "", "an empty array", "at least one report")])]
        if len(parts) > REPORTS_PER_BODY_MAX:
            return [Reading(0, body, [fault("E105", "", f"{len(parts)} reports", f"at most {REPORTS_PER_BODY_MAX}")])]
        return [
            self._one(carrier, bytes(part), received, (partition, offset, index)) for index, part in enumerate(parts)
        ]

    def _one(self, carrier: str, raw: bytes, received: Millis, source: tuple[int, int, int]) -> Reading:
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
                return Reading(place, raw, [fault("E101", "", _snippet(raw), f"JSON ({error})")])
            if not isinstance(value, dict):
                return Reading(place, raw, [fault("E103", "", value, "a JSON object")])
            if found := _OTHER_FORMATS & value.keys():
                return Reading(place, raw, [fault("E104", min(found), value[min(found)], "a native event")])
            event, faults, unsound = check_native(value)
        if event.model_extra:
            names = sorted(event.model_extra)
            if found := _OTHER_FORMATS.intersection(names):
                return Reading(place, raw, [fault("E104", min(found), event.model_extra[min(found)], "a native event")])
            faults.append(fault("W101", names[0], ", ".join(names), "only fields of the native event"))
        return self._check(_Draft(carrier, event, unsound, received, source, faults), raw)

    def _check(self, draft: "_Draft", raw: bytes) -> Reading:
        """Everything beyond shape; every field is looked at, so that all faults are found at once."""
        event, faults, rules = draft.event, draft.faults, self._rules
        number = self._container(draft)
        occurred, recorded = self._times(draft)
        node = self._node(draft, "node", event.node, required=True)
        origin = self._node(draft, "origin", event.origin, required=False)
        destination = self._node(draft, "destination", event.destination, required=False)
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
            value if value is None else value.strip() or None for value in said
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
        delay = None
        if occurred is not None and event.classifier is Classifier.ACTUAL and not event.retracted:
            delay = draft.received - occurred
        if faults:
            faults[:] = in_order(faults)
            if rejects(faults):
                return Reading(draft.source[2], raw, faults, number, None, event.id, event.sequence, delay)
        content = _content(
            (
                number, event.kind, node, occurred, event.classifier, event.mode, event.laden, event.iso_code, kg,
                train, wagon, vessel, voyage, origin, destination, booking, note, reason,
            )
        )  # fmt: skip
        assert occurred is not None and node is not None
        report = Report(
            carrier=draft.carrier,
            id=f"#{content:016x}" if event.id is None else f"#{event.id}" if event.id[0] == "#" else event.id,
            kind=event.kind,
            node=node,
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
        )
        return Reading(draft.source[2], raw, faults, number, report, event.id, event.sequence, delay)

    def _container(self, draft: "_Draft") -> str | None:
        if "container" in draft.unsound:
            return None
        number, wrong = self._known.container(draft.event.container, draft.carrier)
        if wrong is ContainerFault.CHECK_DIGIT and draft.carrier in self._rules.lenient:
            draft.faults.append(fault("W201", "container", number, "a right check digit"))
        elif wrong is not None:
            draft.faults.append(fault(_CONTAINER_CODES[wrong], "container", draft.event.container, _WANTED[wrong]))
        return number

    def _times(self, draft: "_Draft") -> tuple[Millis | None, Millis | None]:
        event, faults, rules = draft.event, draft.faults, self._rules
        occurred = recorded = None
        if "occurred_at" not in draft.unsound:
            occurred = self._time(event.occurred_at, "occurred_at", faults)
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

    def _time(self, value: str, path: str, faults: list[Fault]) -> Millis | None:
        read = self._known.time(value)
        if isinstance(read, WrongTime):
            faults.append(fault(read.code, path, value, read.wanted))
            return None
        return read

    def _node(self, draft: "_Draft", path: str, given: str | CodedNode | None, *, required: bool) -> str | None:
        if given is None or path in draft.unsound:
            return None
        if isinstance(given, CodedNode):
            code = given.code
            if given.scheme not in SCHEMES:
                draft.faults.append(fault("E403", path, given.scheme, "one of " + ", ".join(sorted(SCHEMES))))
                return None
            place = self._places.resolve(given.scheme, code)
        else:
            code = given
            place = self._places.resolve_any(code)
        if place is None:
            near = ", ".join(self._places.nearest_names(code, 3))
            wanted = (
                f"a node or code of the network; nearest names: {near}" if near else "a node or code of the network"
            )
            draft.faults.append(fault("E402" if required else "W403", path, code, wanted))
            return None
        if place.by_name:
            draft.faults.append(fault("W401", path, code, f"the node id {place.node}"))
        elif place.nearest:
            draft.faults.append(fault("W402", path, code, f"the node id {place.node}"))
        return place.node


class _Draft(NamedTuple):
    carrier: str
    event: NativeEvent | PlainEvent
    unsound: frozenset[str]
    received: Millis
    source: tuple[int, int, int]
    faults: list[Fault]


def lenient_carriers(policies: Mapping[str, str]) -> frozenset[str]:
    """The carriers whose container policy is `lenient`."""
    return frozenset(carrier for carrier, policy in policies.items() if policy == "lenient")


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


def _content(fields: tuple[object, ...]) -> int:
    return int.from_bytes(blake2b(_pack(fields), digest_size=8).digest(), "big") >> 1


def _snippet(body: bytes) -> str:
    return body[:60].decode("utf-8", "backslashreplace")


_decode_array: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_pack: Final = msgspec.msgpack.Encoder().encode
