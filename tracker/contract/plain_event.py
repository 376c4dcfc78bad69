"""A native event that is as it should be, read straight from its bytes in one pass.

Nine of ten reports have nothing wrong with their shape. Of those msgspec makes a struct in a microsecond, where the
pydantic model takes five; whatever it does not take goes to the model (`native`), which alone says what is wrong and
what is only unusual. So this may be stricter than the model, never laxer, and must read the same: its test compares.
"""

from typing import Annotated, ClassVar, Final

import msgspec

from tracker.contract.native import NativeEvent
from tracker.domain.report import Classifier, Kind, Mode

_Text20 = Annotated[str, msgspec.Meta(max_length=20)]
_Text40 = Annotated[str, msgspec.Meta(max_length=40)]
_Text100 = Annotated[str, msgspec.Meta(max_length=100)]
_Natural = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class PlainEvent(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """The fields of `NativeEvent`; places by one text, not by scheme and code, and no field beyond."""

    model_extra: ClassVar[None] = None

    container: _Text40
    kind: Kind
    occurred_at: _Text40
    node: _Text100
    classifier: Classifier = Classifier.ACTUAL
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    revision: _Natural | None = None
    retracted: bool = False
    recorded_at: _Text40 | None = None
    mode: Mode | None = None
    laden: bool | None = None
    iso_code: _Text20 | None = None
    gross_kg: Annotated[float, msgspec.Meta(ge=0, le=60_000)] | None = None
    train: _Text40 | None = None
    wagon: _Text40 | None = None
    vessel: _Text40 | None = None
    voyage: _Text40 | None = None
    origin: _Text100 | None = None
    destination: _Text100 | None = None
    booking: _Text40 | None = None
    consignment_note: _Text40 | None = None
    reason: _Text40 | None = None
    sequence: _Natural | None = None


def read_event(raw: bytes) -> NativeEvent | PlainEvent:
    """The event of a body. Raises `pydantic.ValidationError` when it has not the shape of one."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        event: NativeEvent = _validate(raw)
        return event


_decode: Final = msgspec.json.Decoder(PlainEvent).decode
_validate: Final = NativeEvent.__pydantic_validator__.validate_json
