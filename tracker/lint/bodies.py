"""Files of reports that are no tables: lines of JSON, one array of reports, or one report over many lines.

Lines may also be the input of `tracker batch`, which says the carrier and the received time of each.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from tracker.contract.sent_lines import Sent, body_of
from tracker.domain.moment import Millis, from_datetime
from tracker.push.cell import TableError

WHOLE_BYTES_MAX: Final = 256 * 1024 * 1024
"""Largest file that is read whole, which an array or a report over many lines has to be; lines have no limit."""

_BOM: Final = b"\xef\xbb\xbf"
"""What some editors begin a file in UTF-8 with; no part of the first record."""


class Body(NamedTuple):
    """One record as it would be sent; `place` counts lines, or the elements of an array, from 1."""

    place: int
    raw: bytes
    carrier: str | None = None
    received: Millis | None = None


class Bodies(NamedTuple):
    """A file's records: what form it has, and what `place` counts."""

    form: str
    unit: Literal["line", "report"]
    bodies: Iterator[Body]


def open_bodies(path: Path) -> Bodies:
    """The records of a file, read as they are asked for. `TableError` when it can't be read or holds nothing."""
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise TableError(f"{path}: holds nothing; wanted JSON, a report in each line or an array of them")
    second = next(lines, None)
    if second is None or not _is_json(first[1]):
        raw = path.read_bytes().removeprefix(_BOM).strip() if path.stat().st_size <= WHOLE_BYTES_MAX else b""
        try:
            if parts := _array(raw):  # an empty array is what it would be if it was sent: a record with a fault
                return Bodies("one array, each report of it a record", "report", _elements(parts))
            return Bodies("one report", "line", iter([Body(first[0], raw)]))
        except (msgspec.DecodeError, RecursionError):
            if raw and _is_json(raw):
                return Bodies("one report", "line", iter([Body(first[0], raw)]))
    every = chain([first] if second is None else [first, second], lines)
    if _sent(first[1]) is not None:
        return Bodies("input of tracker batch, a record in each line", "line", map(_told, every))
    return Bodies("JSON, a record in each line", "line", (Body(*line) for line in every))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = (line.removeprefix(_BOM) if number == 1 else line).strip()
                if text:
                    yield number, text
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror}); give an existing file") from None


def _elements(parts: Iterable[msgspec.Raw]) -> Iterator[Body]:
    return (Body(place, bytes(part)) for place, part in enumerate(parts, 1))


def _told(line: tuple[int, bytes]) -> Body:
    """A line of batch input; one that is none is a body as it stands, for the intake to reject."""
    found = _sent(line[1])
    return Body(*line) if found is None else Body(line[0], *found)


def _sent(line: bytes) -> tuple[bytes, str, Millis] | None:
    try:
        sent = _decode_sent(line)
        return body_of(sent), sent.carrier, from_datetime(sent.received_at)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _is_json(text: bytes) -> bool:
    try:
        _decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


_decode: Final = msgspec.json.Decoder(msgspec.Raw).decode
_array: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_sent: Final = msgspec.json.Decoder(Sent).decode
