"""Bodies that hold others: CloudEvents 1.0 envelopes, the `events` wrapper of DCSA 3.0, arrays of any mix of these.

An envelope carries a report and says nothing of it: identity, times and carrier are those of the report and of the
topic, so that a report is the same with and without. Of a binary CloudEvent (headers `ce_*`) the body is the report
itself, and there is nothing to open.

The official package `cloudevents` writes what the tests open, and does not open it here: it takes 9 us for what takes
0.3, parses the report without keeping its bytes (which rejections keep and native reports are read from), and raises
on envelopes whose meaning is plain.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from tracker.domain.faults import Fault, fault

REPORTS_PER_BODY_MAX: Final = 500
"""In one array, and in one record however it is nested."""
DEPTH_MAX: Final = 4
"""An array of envelopes of wrappers of events is the deepest that has a meaning."""


class Opened(NamedTuple):
    """One report's bytes, with the doubts about what it came in; or, with an error among the faults, no report."""

    raw: bytes
    faults: tuple[Fault, ...] = ()


_ABSENT: Final = msgspec.Raw(b"")


class _Shell(msgspec.Struct, gc=False):
    """The fields that tell an envelope or a wrapper from a report."""

    specversion: msgspec.Raw = _ABSENT
    id: msgspec.Raw = _ABSENT
    source: msgspec.Raw = _ABSENT
    type: msgspec.Raw = _ABSENT
    data: msgspec.Raw = _ABSENT
    data_base64: msgspec.Raw = _ABSENT
    events: msgspec.Raw = _ABSENT
    eventType: msgspec.Raw = _ABSENT  # noqa: N815  # the standard's name
    kind: msgspec.Raw = _ABSENT


def is_whole(body: bytes) -> bool:
    """Whether the body is one report for sure: no array, and no word of an envelope or wrapper in it."""
    # Spelled out: a loop would cost as much again as the search, and every body comes by here.
    return b'"specversion"' not in body and b'"events"' not in body and body.lstrip()[:1] != b"["


def opened(body: bytes) -> list[Opened]:
    """Every report in a body, in its order; at least one entry whatever the body is."""
    found = _open(body, (), DEPTH_MAX)
    if len(found) > REPORTS_PER_BODY_MAX:
        return [_refused(body, "E105", f"{len(found)} reports", f"at most {REPORTS_PER_BODY_MAX}")]
    return found


def _open(raw: bytes, doubts: tuple[Fault, ...], depth: int) -> list[Opened]:
    if raw.lstrip()[:1] == b"[":
        return _array(raw, doubts, depth)
    if is_whole(raw):
        return [Opened(raw, doubts)]
    try:
        shell = _decode_shell(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):  # no JSON, or no object: who reads it as a report says so
        return [Opened(raw, doubts)]
    if shell.specversion is not _ABSENT and shell.eventType is _ABSENT and shell.kind is _ABSENT:
        return _envelope(raw, shell, doubts, depth)
    if shell.events is not _ABSENT and shell.eventType is _ABSENT and shell.kind is _ABSENT:
        events = bytes(shell.events)
        if events[:1] == b"[":
            return _array(events, doubts, depth)
        if events[:1] == b"{" and b'"event' in events and depth:
            doubt = fault("W106", "events", "one event", "an array of events")
            return _open(events, (*doubts, doubt), depth - 1)
        return [_refused(raw, "E103", events, "an array of events in `events`")]
    return [Opened(raw, doubts)]


def _array(raw: bytes, doubts: tuple[Fault, ...], depth: int) -> list[Opened]:
    try:
        parts = _decode_array(raw)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:  # the last: brackets nested a thousand deep
        return [_refused(raw, "E101", snippet(raw), f"JSON ({error})")]
    if not parts:
        return [_refused(raw, "E103", "an empty array", "at least one report")]
    if len(parts) > REPORTS_PER_BODY_MAX:
        return [_refused(raw, "E105", f"{len(parts)} reports", f"at most {REPORTS_PER_BODY_MAX}")]
    found: list[Opened] = []
    for part in map(bytes, parts):
        if part[:1] == b"[" or is_whole(part) or not depth:
            found.append(
                Opened(part, doubts)
            )  # an array in an array is no report, which is said of it where it is read
        else:
            found += _open(part, doubts, depth - 1)
    return found


def _envelope(raw: bytes, shell: _Shell, doubts: tuple[Fault, ...], depth: int) -> list[Opened]:
    version = bytes(shell.specversion)
    if version not in {b'"1.0"', b"1.0"}:
        return [_refused(raw, "E104", version, "CloudEvents 1.0")]
    if not depth:
        return [_refused(raw, "E104", "envelopes in envelopes", "a report in one envelope")]
    missing = [name for name in ("id", "source", "type") if getattr(shell, name) is _ABSENT]
    if missing or version != b'"1.0"':
        wanted = 'specversion "1.0", id, source and type'
        doubts += (fault("W106", missing[0] if missing else "specversion", "an incomplete envelope", wanted),)
    inner = _data(shell)
    if isinstance(inner, Fault):
        return [Opened(raw, (inner,))]
    if inner is None:
        return [_refused(raw, "E107", "no data", "the report in `data`")]
    return _open(inner, doubts, depth - 1)


def _data(shell: _Shell) -> bytes | Fault | None:
    data, packed = bytes(shell.data), bytes(shell.data_base64)
    if data in {b"", b"null"} and packed in {b"", b"null"}:
        return None
    try:
        if data in {b"", b"null"}:
            return b64decode(_decode_text(packed), validate=True)
        # JSON in a text, as senders do that declare no datacontenttype
        return _decode_text(data).encode() if data[:1] == b'"' else data
    except (Base64Error, ValueError, msgspec.DecodeError):
        return fault("E107", "data", snippet(packed or data), "the report in `data`, or base64 of it")


def _refused(raw: bytes, code: str, seen: object, wanted: str) -> Opened:
    shown = snippet(seen) if isinstance(seen, bytes) else seen
    return Opened(raw, (fault(code, "", shown, wanted),))


def snippet(body: bytes) -> str:
    """The first characters of a body that could not be read."""
    return body[:60].decode("utf-8", "backslashreplace")


def refused(faults: Iterable[Fault]) -> bool:
    """Whether nothing was found in it to be read further."""
    return any(each.code[0] == "E" for each in faults)


_decode_array: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_shell: Final = msgspec.json.Decoder(_Shell).decode
_decode_text: Final = msgspec.json.Decoder(str).decode
