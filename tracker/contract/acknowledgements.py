"""Acknowledgements: who took on an exception or incident, when, and a note; as written on `rail.acknowledgements`.

    {"exception": "dwell-002daa6d9d0208a0", "version": 3, "at": "2026-03-20T08:00:00Z", "by": "Aigerim, night shift",
     "note": "terminal called, wagons at six"}

The key is the exception's id, the last record of a key holds, and one without a value takes it back. They say what
people do about exceptions and change nothing about these: not whether they hold, not who is told.
"""

import json
from typing import Annotated, Final, NamedTuple

from pydantic import Field, ValidationError, field_validator

from tracker.contract.network_model import Part
from tracker.contract.time_text import WrongTime, read_time
from tracker.contract.written import AcknowledgementRecord
from tracker.contract.yaml_document import sentence
from tracker.domain.moment import Millis, text

EXCEPTION_ID: Final = r"^[a-z_]{1,20}-[A-Za-z0-9._-]{1,100}$"
"""Of exceptions and incidents."""
BY_MAX: Final = 80
NOTE_MAX: Final = 500
"""Characters: a line or two for whoever takes over the shift."""


class Acknowledgement(NamedTuple):
    """Somebody took on an exception as of its `version`; `at` is the wall clock of the worker that was told."""

    exception: str
    version: int
    at: Millis
    by: str
    note: str | None = None


def said_by(value: object) -> tuple[str, str | None]:
    """Who acknowledges, and the note, of what was sent. Raises `ValueError`: seen, wanted."""
    try:
        said = _SaidPart.model_validate(value)
    except ValidationError as error:
        raise ValueError(_first(error)) from None
    return said.by, said.note or None


def read_acknowledgement(body: bytes) -> Acknowledgement:
    """The acknowledgement of a record. Raises `ValueError`."""
    try:
        said = _AcknowledgementPart.model_validate(json.loads(body))
    except ValidationError as error:
        raise ValueError(_first(error)) from None
    return Acknowledgement(said.exception, said.version, said.at, said.by, said.note)


def acknowledgement_json(said: Acknowledgement) -> AcknowledgementRecord:
    """The record of an acknowledgement."""
    return {
        "exception": said.exception,
        "version": said.version,
        "at": text(said.at),
        "by": said.by,
        "note": said.note,
    }


class _SaidPart(Part):
    by: Annotated[str, Field(min_length=1, max_length=BY_MAX)]
    note: Annotated[str, Field(max_length=NOTE_MAX)] | None = None

    @field_validator("by", "note", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        """Without the blanks around them."""
        return value.strip() if isinstance(value, str) else value


class _AcknowledgementPart(_SaidPart):
    exception: Annotated[str, Field(pattern=EXCEPTION_ID)]
    version: Annotated[int, Field(ge=1)]
    at: Millis

    @field_validator("at", mode="before")
    @classmethod
    def _moment(cls, value: object) -> Millis:
        found = read_time(value) if isinstance(value, str) else WrongTime("", "a text in RFC 3339 with an offset")
        if isinstance(found, WrongTime):
            raise ValueError(f"seen {value!r}, wanted {found.wanted}")
        return found


def _first(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    return sentence(fault["loc"], fault["type"], fault["msg"], fault["input"])
