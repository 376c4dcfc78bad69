"""Corrections as they are written on `rail.corrections` and in files of them.

    {"carrier": "adyc", "from": "2026-03-20T00:00:00Z", "to": "2026-03-22T00:00:00Z", "hours": -3,
     "made_at": "2026-03-22T09:00:00Z", "reason": "the carrier confirmed it", "by": "dispatcher"}

A file has one record a line, as `tracker correction list` prints them. `by` may be left out.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, ValidationError, field_validator

from tracker.contract.network_model import Part
from tracker.contract.time_text import WrongTime, read_time
from tracker.contract.written import CorrectionRecord
from tracker.contract.yaml_document import Finding, UnusableFile, sentence, text_of
from tracker.domain.correction import Correction
from tracker.domain.moment import Millis, text

HOURS_MAX: int = 14
"""No two zones are further apart than 26 hours, and none is further than 14 from UTC, which is what carriers mix up."""


class CorrectionsFileError(UnusableFile):
    """A corrections file can't be used."""

    sort: ClassVar[str] = "corrections file"


def load_corrections(path: Path, carriers: Collection[str]) -> tuple[Correction, ...]:
    """The corrections in a file. Raises `CorrectionsFileError`, also when it can't be read."""
    content, source = text_of(path, CorrectionsFileError)
    found: dict[str, Correction] = {}
    findings: list[Finding] = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            correction = read_correction(json.loads(line), carriers)
        except (ValueError, RecursionError) as error:
            findings.append(Finding(number, str(error)))
            continue
        if correction.id in found:
            findings.append(Finding(number, f"carrier {correction.carrier} from {text(correction.begins)} twice"))
        found[correction.id] = correction
    if findings:
        raise CorrectionsFileError(source, findings)
    return tuple(found.values())


def read_correction(value: object, carriers: Collection[str]) -> Correction:
    """The correction of one record. Raises `ValueError` that says in one line what was seen and wanted."""
    try:
        part = _CorrectionPart.model_validate(value)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise ValueError(sentence(fault["loc"], fault["type"], fault["msg"], fault["input"])) from None
    return checked(
        Correction(part.carrier, part.begins, part.ends, part.hours, part.made, part.reason, part.by), carriers
    )


def checked(correction: Correction, carriers: Collection[str]) -> Correction:
    """The correction, if its carrier is known and it is of what had been received then. Raises `ValueError`."""
    begins, ends, made = correction.begins, correction.ends, correction.made
    if correction.carrier not in carriers:
        raise ValueError(f"carrier {correction.carrier} seen, wanted one of {', '.join(carriers)}")
    if not begins < ends <= made:
        raise ValueError(
            f"from {text(begins)} to {text(ends)} seen, wanted a later end, and none after {text(made)}, when it is "
            "made: what has not come in can't be known to be wrong"
        )
    if abs(correction.hours) > HOURS_MAX:
        raise ValueError(f"{correction.hours} hours seen, wanted -{HOURS_MAX} to {HOURS_MAX}; 0 takes it back")
    return correction


def correction_json(correction: Correction) -> CorrectionRecord:
    """The record of a correction."""
    return {
        "carrier": correction.carrier,
        "from": text(correction.begins),
        "to": text(correction.ends),
        "hours": correction.hours,
        "made_at": text(correction.made),
        "reason": correction.reason,
        "by": correction.by,
    }


class _CorrectionPart(Part):
    carrier: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,20}$")]
    begins: Millis = Field(alias="from")
    ends: Millis = Field(alias="to")
    hours: int
    made: Millis = Field(alias="made_at")
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    by: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    @field_validator("begins", "ends", "made", mode="before")
    @classmethod
    def _moment(cls, value: object) -> Millis:
        found = read_time(value) if isinstance(value, str) else WrongTime("", "a text in RFC 3339 with an offset")
        if isinstance(found, WrongTime):
            raise ValueError(f"seen {value!r}, wanted {found.wanted}")
        return found
