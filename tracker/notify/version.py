"""One version of an exception, an incident or an expected arrival, as the notifier reads it."""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from tracker.domain.moment import Millis, from_datetime

INCIDENTS: Final = frozenset(("node_stopped", "carrier_silent", "carrier_clock", "pipeline_behind"))
"""Rules of incidents: they have no container."""

CHANGE: Final = "expected"
"""The rule of records that an expected arrival changed."""


class Said(msgspec.Struct, frozen=True):
    """The fields of a record that decide whether, when and to whom it is told; others are handed on unread."""

    id: str
    version: int
    at: str
    rule: str
    status: Literal["open", "resolved"]
    severity: str
    deadline: str = ""
    container: str | None = None
    corridor: str | None = None
    node: str | None = None
    leg: str | None = None
    carrier: str | None = None
    incident: str | None = None
    suppressed_by: str | None = None
    replay: bool = False


class Version(NamedTuple):
    """A version: what is read of it, its clock, and the record as it came."""

    said: Said
    at: Millis
    record: bytes

    @property
    def is_open(self) -> bool:
        """Whether it still holds."""
        return self.said.status == "open"

    @property
    def is_incident(self) -> bool:
        """Whether it is of an incident."""
        return self.said.container is None

    @property
    def deadline(self) -> str:
        """When it became an exception, RFC 3339: what is overdue longest sorts first."""
        return self.said.deadline or self.said.at

    @property
    def is_change(self) -> bool:
        """Whether it tells that a container is expected on another day."""
        return self.said.rule == CHANGE

    def content(self) -> dict[str, Any]:
        """The whole record."""
        found: dict[str, Any] = msgspec.json.decode(self.record)
        return found


def read_version(record: bytes) -> Version:
    """The version in a record. Raises `ValueError` when it is none."""
    try:
        said = _decode(record)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    moment = datetime.fromisoformat(said.at)
    if moment.tzinfo is None:
        raise ValueError(f"at {said.at} seen, wanted a time with an offset")
    return Version(said, from_datetime(moment), bytes(record))


_decode: Final = msgspec.json.Decoder(Said).decode
