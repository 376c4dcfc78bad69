"""The native event as a carrier sends it: the pydantic model, and pydantic's complaints as coded faults.

Only shapes are checked here. What needs the network, the clock or the carrier is in `intake`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    WithJsonSchema,
)

from tracker.domain.faults import Fault, fault
from tracker.domain.report import Classifier, Kind, Mode

Reference = Annotated[StrictStr, Field(max_length=40)]
if TYPE_CHECKING:
    Natural = int
else:
    # JSON has one sort of number: 8.0 is the integer 8, as JSON Schema says too. Integers are tried first, and free.
    Natural = Annotated[
        Annotated[StrictInt, Field(ge=0, lt=2**63)]
        | Annotated[float, Field(strict=True, ge=0, lt=2**63, multiple_of=1, allow_inf_nan=False), AfterValidator(int)],
        Field(union_mode="left_to_right"),
        WithJsonSchema({"type": "integer", "minimum": 0, "exclusiveMaximum": 2**63}),
    ]


class CodedNode(BaseModel):
    """A place by the code of a named scheme: unlocode, esr, uic, bic, smdg or name."""

    model_config = ConfigDict(extra="forbid")

    scheme: StrictStr
    code: Annotated[StrictStr, Field(max_length=100)]


NodeName = Annotated[StrictStr, Field(max_length=100)] | CodedNode


class NativeEvent(BaseModel):
    """One report in the native format.

    Times stay text here: which offset they carry is a question of its own (see `time_text.read_time`).
    Unknown fields are kept until they have been warned about, then dropped.
    """

    model_config = ConfigDict(extra="allow", title="Native event")

    container: Annotated[
        StrictStr, Field(max_length=40, description="ISO 6346 number; case, spaces, - and / are forgiven.")
    ]
    kind: Kind
    occurred_at: Annotated[
        StrictStr, Field(max_length=40, description="When it happened: RFC 3339, never without an offset.")
    ]
    node: NodeName = Field(description="Where: an id of the network such as KZ-ALTYNKOL, or a code of a scheme.")
    classifier: Classifier = Classifier.ACTUAL
    id: Annotated[StrictStr, Field(min_length=1, max_length=100)] | None = Field(
        None, description="The carrier's identity of this report, by which it is corrected; without it, its content."
    )
    revision: Natural | None = Field(None, description="Of several reports of an id the highest holds.")
    retracted: StrictBool = Field(False, description="True: the report of this id never happened.")
    recorded_at: Annotated[StrictStr, Field(max_length=40)] | None = Field(
        None, description="When the carrier's system learned of it: RFC 3339 with an offset."
    )
    mode: Mode | None = None
    laden: StrictBool | None = Field(None, description="Absent is unknown, not empty.")
    iso_code: Annotated[StrictStr, Field(max_length=20)] | None = Field(
        None, description="Size-type of ISO 6346 (45G1), its group (45GP), or slang (40HC): TEU comes from it."
    )
    gross_kg: Annotated[float, Field(strict=True, ge=0, le=60_000, allow_inf_nan=False)] | None = Field(
        None, description="Kilograms, tare included."
    )
    train: Reference | None = None
    wagon: Reference | None = None
    vessel: Reference | None = Field(None, description="An IMO number or a name.")
    voyage: Reference | None = None
    origin: NodeName | None = Field(None, description="Where the journey begins, where the carrier knows it.")
    destination: NodeName | None = Field(None, description="Where the journey ends, where the carrier knows it.")
    booking: Reference | None = None
    consignment_note: Reference | None = None
    reason: Reference | None = Field(None, description="Of a delay or a hold; the SMDG code where there is one.")
    sequence: Natural | None = Field(
        None, description="Counts the carrier's reports without a gap, so that missing ones are seen."
    )


_MISSING: Final = {"container": "E201", "occurred_at": "E301", "node": "E401", "kind": "E501"}
_MALFORMED: Final = {
    "container": ("E202", "an ISO 6346 number"),
    "occurred_at": ("E302", "RFC 3339 with offset"),
    "recorded_at": ("E302", "RFC 3339 with offset"),
    "node": ("E402", "a node id, or scheme and code"),
    "origin": ("E402", "a node id, or scheme and code"),
    "destination": ("E402", "a node id, or scheme and code"),
    "kind": ("E502", "one of " + ", ".join(Kind)),
    "classifier": ("E503", "one of " + ", ".join(Classifier)),
    "mode": ("E504", "one of " + ", ".join(Mode)),
    "id": ("E602", "a text of 1 to 100 characters"),
    "revision": ("E603", "an integer, 0 or more"),
    "retracted": ("E604", "true or false"),
    "sequence": ("E605", "an integer, 0 or more"),
}
_PLACEHOLDERS: Final = {"container": "", "kind": Kind.PASSED, "occurred_at": "", "node": ""}


def check_native(body: Mapping[str, Any]) -> tuple[NativeEvent, list[Fault], frozenset[str]]:
    """The event with every malformed field taken out, the faults of shape, and the names taken out.

    So that all faults of a report are found at once: what is left is checked further.
    """
    try:
        return NativeEvent.model_validate(body), [], frozenset()
    except ValidationError as error:
        faults: dict[str, Fault] = {}
        for complaint in error.errors(include_url=False, include_context=False):
            name = str(complaint["loc"][0])
            faults.setdefault(name, _as_fault(name, body.get(name), str(complaint["msg"])))
    sound = {name: value for name, value in body.items() if name not in faults}
    event = NativeEvent.model_validate(_PLACEHOLDERS | sound)
    return event, list(faults.values()), frozenset(faults)


def _as_fault(name: str, seen: object, message: str) -> Fault:
    if seen is None and name in _MISSING:
        return fault(_MISSING[name], name, "nothing", "a value")
    code, expected = _MALFORMED.get(name, ("E106", message))
    return fault(code, name, seen, expected)
