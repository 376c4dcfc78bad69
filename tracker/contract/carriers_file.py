"""Reads a carriers file: who may report, in order of authority.

Where two carriers report one fact, the one listed first is believed. A carrier's id is part of its topics' names
and of its metrics' labels, so it is never renamed in place.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tracker.contract.network_model import Part, Text
from tracker.contract.yaml_document import Finding, UnusableFile, YamlFault, read_model, text_of
from tracker.domain.canary import CARRIER as CANARY
from tracker.domain.report import Kind

__all__ = ["Carrier", "CarriersFileError", "Finding", "check_carriers", "load_carriers", "read_carriers"]

MAX_CARRIERS = 200
"""Most carriers: each is three topics and some hundred series."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who reports. `policy`: what a wrong check digit of a container number gets, a rejection or a warning.

    `transports`: its native reports of loadings are joined with what it tells of trains and vessels by DCSA.
    `mandatory`: the kinds whose absence this carrier is told of; None stands for the rule's own default.
    """

    id: str
    name: str
    policy: Literal["strict", "lenient"] = "strict"
    mandatory: frozenset[Kind] | None = None
    transports: bool = False


class CarriersFileError(UnusableFile):
    """A carriers file can't be used."""

    sort = "carriers file"


def load_carriers(path: Path | None = None) -> tuple[Carrier, ...]:
    """The carriers in the file at `path`, or the packaged ones, first the highest authority.

    Raises `CarriersFileError`, also when the file can't be read.
    """
    return read_carriers(*text_of(path, CarriersFileError, "carriers.yaml"))


def read_carriers(text: str, source: str = "given as text") -> tuple[Carrier, ...]:
    """The carriers in `text`. Raises `CarriersFileError`; `source` is what the error calls it."""
    found = _read(text)
    if isinstance(found, tuple):
        return found
    raise CarriersFileError(source, found)


def check_carriers(text: str) -> list[Finding]:
    """What is wrong with a carriers file, in line order; empty when it can be used."""
    found = _read(text)
    return [] if isinstance(found, tuple) else found


class _CarrierPart(Part):
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,20}$")]
    name: Text
    policy: Literal["strict", "lenient"] = "strict"
    mandatory: list[Annotated[Kind, Field(strict=False)]] | None = None
    transports: bool = False


class _CarriersPart(Part):
    carriers: list[_CarrierPart] = Field(min_length=1, max_length=MAX_CARRIERS)


def _read(text: str) -> tuple[Carrier, ...] | list[Finding]:
    try:
        part, document = read_model(text, _CarriersPart)
    except YamlFault as fault:
        return fault.findings
    parts = part.carriers
    ids = [each.id for each in parts]
    repeated = [
        Finding(document.line(("carriers", i)), f"carrier {each} is listed already, once wanted")
        for i, each in enumerate(ids)
        if each in ids[:i]
    ]
    reserved = [
        Finding(document.line(("carriers", i)), f"carrier {each} seen, wanted another id: canaries report as that")
        for i, each in enumerate(ids)
        if each == CANARY
    ]
    if reserved:
        return sorted(repeated + reserved)
    return repeated or tuple(map(_carrier, parts))


def _carrier(part: _CarrierPart) -> Carrier:
    mandatory = None if part.mandatory is None else frozenset(part.mandatory)
    return Carrier(part.id, part.name, part.policy, mandatory, part.transports)
