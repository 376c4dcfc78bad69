"""Planned disruptions as they are written on `rail.disruptions` and in files of them.

    {"id": "storm-7", "node": "KZ-AKTAU", "direction": "westbound", "from": "2026-03-20T00:00:00Z",
     "to": "2026-03-22T00:00:00Z", "reason": "storm warning", "by": "dispatcher"}

A file is an array of such records, or one after the other, a line each. `direction` left out or null: all directions;
`by` and `id` may be left out.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationError, field_validator

from tracker.contract.network_model import NodeId, Part, Sense
from tracker.contract.time_text import WrongTime, read_time
from tracker.contract.written import DisruptionRecord
from tracker.contract.yaml_document import Finding, UnusableFile, sentence, text_of
from tracker.domain.disruption import Disruption, disruption_id
from tracker.domain.moment import DAY, Millis, text
from tracker.domain.network import Direction, Network

LONGEST: int = 366 * DAY
"""Longest disruption: what is closed for longer is no disruption of the network but another network."""


class DisruptionsFileError(UnusableFile):
    """A disruptions file can't be used."""

    sort: ClassVar[str] = "disruptions file"


def load_disruptions(path: Path, network: Network) -> tuple[Disruption, ...]:
    """The disruptions in a file. Raises `DisruptionsFileError`, also when it can't be read."""
    content, source = text_of(path, DisruptionsFileError)
    return read_disruptions(content, network, source)


def read_disruptions(content: str, network: Network, source: str = "given as text") -> tuple[Disruption, ...]:
    """The disruptions in `content`. Raises `DisruptionsFileError`; `source` is what the error calls it."""
    found: dict[str, Disruption] = {}
    findings: list[Finding] = []
    for line, value in _values(content, source):
        try:
            disruption = read_disruption(value, network)
        except ValueError as error:
            findings.append(Finding(line, str(error)))
            continue
        if disruption.id in found:
            findings.append(Finding(line, f"disruption {disruption.id} is listed already, once wanted"))
        found[disruption.id] = disruption
    if findings:
        raise DisruptionsFileError(source, findings)
    return tuple(found.values())


def read_disruption(value: object, network: Network) -> Disruption:
    """The disruption of one record. Raises `ValueError` that says in one line what was seen and wanted."""
    try:
        part = _DisruptionPart.model_validate(value)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise ValueError(sentence(fault["loc"], fault["type"], fault["msg"], fault["input"])) from None
    direction = None if part.direction is None else Direction(part.direction)
    name = disruption_id(part.node, direction, text(part.begins)) if part.id is None else part.id
    return checked(Disruption(name, part.node, direction, part.begins, part.ends, part.reason, part.by), network)


def checked(disruption: Disruption, network: Network) -> Disruption:
    """The disruption, if the network has its node and direction and it lasts. Raises `ValueError`."""
    begins, ends = disruption.begins, disruption.ends
    if disruption.node not in network.nodes:
        raise ValueError(f"node {disruption.node} seen, wanted one of the network")
    directions = {each.direction for each in network.courses if network.member[disruption.node] & each.bit}
    if disruption.direction not in {None, *directions}:
        wanted = ", ".join(sorted(directions))
        raise ValueError(f"direction {disruption.direction} seen, wanted one at {disruption.node}: {wanted}")
    if not begins < ends <= begins + LONGEST:
        raise ValueError(f"from {text(begins)} to {text(ends)} seen, wanted a later end within {LONGEST // DAY} days")
    return disruption


class NotReached(Exception):
    """What was entered can't be read or written now. The message is one line for whoever asked."""


def ended(disruption: Disruption, clock: Millis) -> Disruption | None:
    """A disruption that ends at a clock before its time; None where it has not begun: then it is to be taken back."""
    return None if clock <= disruption.begins else replace(disruption, ends=clock)


def disruption_json(disruption: Disruption) -> DisruptionRecord:
    """The record of a disruption."""
    return {
        "id": disruption.id,
        "node": disruption.node,
        "direction": disruption.direction,
        "from": text(disruption.begins),
        "to": text(disruption.ends),
        "reason": disruption.reason,
        "by": disruption.by,
    }


class _DisruptionPart(Part):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")] | None = None
    node: NodeId
    direction: Sense | None = None
    begins: Millis = Field(alias="from")
    ends: Millis = Field(alias="to")
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    by: Annotated[str, Field(min_length=1, max_length=100)] | None = None

    @field_validator("begins", "ends", mode="before")
    @classmethod
    def _moment(cls, value: object) -> Millis:
        found = read_time(value) if isinstance(value, str) else WrongTime("", "a text in RFC 3339 with an offset")
        if isinstance(found, WrongTime):
            raise ValueError(f"seen {value!r}, wanted {found.wanted}")
        return found


def _values(content: str, source: str) -> Iterator[tuple[int, object]]:
    """Each JSON value of a text, or each member of the array that it is, with its line."""
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    at = _skipped(content, 0)
    is_array = content[at : at + 1] == "["
    at = _skipped(content, at + is_array)
    ended = "]" if is_array else ""
    line, counted = 1, 0
    while content[at : at + 1] != ended:
        line, counted = line + content.count("\n", counted, at), at
        try:
            value, at = decoder.raw_decode(content, at)
        except (ValueError, RecursionError) as error:
            told = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            where = error.lineno if isinstance(error, json.JSONDecodeError) else line
            raise DisruptionsFileError(source, [Finding(where, f"not JSON: {told}")]) from error
        yield line, value
        at = _skipped(content, at)
        if is_array and content[at : at + 1] == ",":
            at = _skipped(content, at + 1)
        elif is_array and content[at : at + 1] != "]":
            line = content.count("\n", 0, at) + 1
            raise DisruptionsFileError(source, [Finding(line, "not JSON: `,` or `]` wanted after a record")])
    if is_array and content[at + 1 :].strip():
        line = content.count("\n", 0, at) + 1
        raise DisruptionsFileError(source, [Finding(line, "not JSON: more after the end of the array")])


def _skipped(content: str, at: int) -> int:
    while at < len(content) and content[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a field is given twice, once wanted")
    return value
