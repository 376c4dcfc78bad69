"""What is read in one pass is what the model reads; what only the model takes goes to the model."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tracker.contract.native import NativeEvent
from tracker.contract.plain_event import PlainEvent, read_event

GOOD: dict[str, Any] = {
    "container": "CSQU3054383",
    "kind": "departed",
    "occurred_at": "2026-03-01T13:40:00+05:00",
    "node": "KZ-ALTYNKOL",
}

TEXTS = st.text(max_size=120) | st.sampled_from(["arrived", "rail", "planned", "45G1", "", " x ", "\x00", "😀" * 40])
NUMBERS = st.integers(-(2**64), 2**64) | st.floats() | st.sampled_from([0, 8.0, 60_000, 60_000.5, 2**63 - 1, 2**63])
CODED = st.just({"scheme": "unlocode", "code": "GEPTI"})
VALUES: st.SearchStrategy[Any] = TEXTS | NUMBERS | st.booleans() | st.none() | CODED | st.just([])
LENGTHS = (0, 1, 20, 21, 40, 41, 100, 101)
NAMES = st.sampled_from([*NativeEvent.model_fields, "more"])


def as_the_model_reads(body: bytes) -> dict[str, Any] | None:
    try:
        event = NativeEvent.model_validate_json(body)
    except ValidationError:
        return None
    return {name: getattr(event, name) for name in NativeEvent.model_fields}


def as_it_is_read(body: bytes) -> dict[str, Any] | None:
    try:
        event = read_event(body)
    except ValidationError:
        return None
    return {name: getattr(event, name) for name in NativeEvent.model_fields}


def same(one: object, other: object) -> bool:
    """Equal in kind too: a float that the model gives is no integer here."""
    return one == other and type(one) is type(other)


def test_it_has_the_fields_of_the_model_with_their_defaults() -> None:
    assert PlainEvent.__struct_fields__ == tuple(NativeEvent.model_fields)
    plain = PlainEvent(**GOOD)
    model = NativeEvent(**GOOD)
    assert all(getattr(plain, name) == getattr(model, name) for name in NativeEvent.model_fields)


def test_a_report_with_nothing_unusual_is_read_in_one_pass() -> None:
    assert isinstance(read_event(json.dumps(GOOD).encode()), PlainEvent)


@pytest.mark.parametrize("unusual", [{"more": 1}, {"node": {"scheme": "esr", "code": "7"}}, {"revision": 8.0}])
def test_what_is_only_unusual_is_read_by_the_model(unusual: dict[str, Any]) -> None:
    assert isinstance(read_event(json.dumps(GOOD | unusual).encode()), NativeEvent)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("field", NativeEvent.model_fields)
def test_every_field_has_the_bounds_of_the_model(field: str, length: int) -> None:
    for value in ("x" * length, "ж" * length, 600 * length, 2**63 - 1 + length, -length):
        raw = json.dumps(GOOD | {field: value}).encode()
        assert as_the_model_reads(raw) == as_it_is_read(raw)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.sets(st.sampled_from([*GOOD]), max_size=1), st.booleans())
def test_every_body_is_read_as_the_model_reads_it(changes: dict[str, Any], gone: set[str], escaped: bool) -> None:
    body = json.dumps(
        {name: value for name, value in (GOOD | changes).items() if name not in gone}, ensure_ascii=escaped
    )
    raw = body.encode(errors="surrogatepass")
    wanted, seen = as_the_model_reads(raw), as_it_is_read(raw)
    assert (wanted is None) == (seen is None)
    assert wanted is None or seen is None or all(same(wanted[name], seen[name]) for name in wanted)


@given(st.integers(0, 200), st.binary(max_size=3))
def test_every_damaged_body_is_read_as_the_model_reads_it(at: int, patch: bytes) -> None:
    whole = json.dumps(GOOD | {"id": "Жд-1", "revision": 3, "gross_kg": 21_500.5, "laden": True}).encode()
    raw = whole[:at] + patch + whole[at + len(patch) :]
    assert as_the_model_reads(raw) == as_it_is_read(raw)


@pytest.mark.parametrize(
    "text", [r"\ud800", r"\udc00", r"\ud800x", r"\ud83d\ude00", r"\ud800A", r"\u0000", "\x1f", "\x7f", r"\x"]
)
@pytest.mark.parametrize("after", ["", "abcdef"])
def test_every_escape_is_read_as_the_model_reads_it(text: str, after: str) -> None:
    raw = json.dumps(GOOD | {"reason": "%"}).replace("%", text + after).encode()
    assert as_the_model_reads(raw) == as_it_is_read(raw)
