"""Input lines of `tracker batch`: reports as carriers sent them, with when they were received."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec


class InputError(Exception):
    """An input line that is not one; the message names file, line, what was seen and wanted."""


class Sent(msgspec.Struct, frozen=True):
    """One line of input: a body as a carrier sent it, and when it was received."""

    carrier: str
    received_at: datetime
    body: msgspec.Raw = msgspec.Raw(b"")
    raw: str | None = None
    headers: dict[str, str] | list[tuple[str, str]] | None = None


def read_lines(files: Iterable[Path]) -> Iterator[tuple[Sent, bytes]]:
    """Every input line of the files with the bytes of its body; `InputError` names a line that is none."""
    for path in files:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        sent = _decode(line)
                        yield sent, body_of(sent)
                    except (msgspec.DecodeError, Base64Error, ValueError) as error:
                        wanted = '{"carrier","received_at","body"} or "raw" in base64, received_at with offset'
                        raise InputError(f"{path}, line {number}: {error}; wanted {wanted}") from error


def body_of(sent: Sent) -> bytes:
    """The bytes of a line's body. `ValueError` when it has none, or no offset to its time."""
    if sent.received_at.tzinfo is None:
        raise ValueError("received_at without an offset")
    if sent.raw is not None:
        return b64decode(sent.raw, validate=True)
    if not bytes(sent.body):
        raise ValueError("neither body nor raw")
    return bytes(sent.body)


def headers_of(sent: Sent) -> list[tuple[str, bytes]]:
    """The headers of a line's record."""
    pairs = sent.headers.items() if isinstance(sent.headers, Mapping) else sent.headers or ()
    return [(name, value.encode()) for name, value in pairs]


_decode: Final = msgspec.json.Decoder(Sent).decode
