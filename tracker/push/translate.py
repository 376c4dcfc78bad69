"""Rows into native events, by a mapping. Pure.

What cannot be read is passed on as it stands, never mended: the tracker then rejects it with a coded
fault, and the carrier sees its own words in the feedback.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from tracker.domain.network import Node
from tracker.push.cell import as_text, fold
from tracker.push.local_time import read_time
from tracker.push.mapping import Mapping as TableMapping
from tracker.push.mapping import (
    NumberSource,
    PlaceSource,
    TextSource,
    TimeSource,
)
from tracker.push.table import Row
from tracker.push.words import StopRow, WordRule, WordTable

FindNode = Callable[[str, str], Node | None]
"""The node of a code: (scheme, code); the network's own ids have scheme `id`."""

EMPTY_ROW: Final = "empty row"
OVERLONG_ROW: Final = "more cells than the header has"


@dataclass(frozen=True, slots=True)
class Event:
    """A native event to send. `doubts`: what the tracker will complain about, in the table's words."""

    line: int
    body: Mapping[str, Any]
    doubts: tuple[str, ...] = ()

    @property
    def key(self) -> bytes:
        """The record's key: the container, so that its reports stay in order on the way."""
        return str(self.body.get("container", "")).encode()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that by the mapping is no movement."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that the mapping does not cover: not sent, and a finding."""

    line: int
    reason: str


Outcome = Event | Skipped | Refused


class Translator:
    """A mapping made ready: words folded, patterns compiled. One per run."""

    def __init__(self, mapping: TableMapping, find_node: FindNode) -> None:
        """`find_node` is asked which codes are known and for the zone of the node reported."""
        self._mapping = mapping
        self._find_node = find_node
        self._tables = [WordTable(table) for table in mapping.tables]
        self._rules = [WordRule(rule) for rule in mapping.rules]
        self._constants = mapping.constants.given()
        fields = mapping.fields
        given = {name: getattr(fields, name) for name in type(fields).model_fields}
        self._texts = {name: source for name, source in given.items() if isinstance(source, TextSource)}
        self._numbers = {name: source for name, source in given.items() if isinstance(source, NumberSource)}
        self._times = {name: source for name, source in given.items() if isinstance(source, TimeSource)}
        self._places = {name: source for name, source in given.items() if isinstance(source, tuple) and source}
        self._zones: dict[str, ZoneInfo] = {}

    def translate(self, row: Row) -> Outcome:
        """The event of a row, or why there is none."""
        if row.is_empty:
            return Skipped(row.line, EMPTY_ROW)
        if row.overlong:
            return Refused(row.line, OVERLONG_ROW)
        body = dict(self._constants)
        self._copy(row, body)
        node = self._put_places(row, body)
        doubts = self._put_times(row, body, node)
        texts = {name: as_text(cell) for name, cell in row.cells.items()}
        folded = {name: fold(text) for name, text in texts.items()}
        try:
            for table in self._tables:
                table.apply(texts, folded, body)
            for rule in self._rules:
                rule.apply(folded, body)
        except StopRow as stop:
            return (Skipped if stop.expected else Refused)(row.line, stop.reason)
        if self._mapping.identity:
            body["id"] = _identity([body.get(name) for name in self._mapping.identity])
        return Event(row.line, body, doubts)

    def _copy(self, row: Row, body: dict[str, Any]) -> None:
        for name, text_source in self._texts.items():
            if text := as_text(row.cells[text_source.column]):
                body[name] = text
        for name, number_source in self._numbers.items():
            if text := as_text(row.cells[number_source.column]):
                body[name] = _number(text, number_source.factor)

    def _put_places(self, row: Row, body: dict[str, Any]) -> Node | None:
        """Places into the body; the node of `node` when it is known."""
        here: Node | None = None
        for name, sources in self._places.items():
            value, node = self._place(row, sources)
            if value is not None:
                body[name] = value
            if name == "node":
                here = node
        return here

    def _place(self, row: Row, sources: Sequence[PlaceSource]) -> tuple[str | dict[str, str] | None, Node | None]:
        """The first place that the network knows, else the first that is given."""
        first: str | dict[str, str] | None = None
        for source in sources:
            code = as_text(row.cells[source.column])
            if not code:
                continue
            own = _own_id(source, code)
            scheme, code = ("id", own) if own is not None else (source.scheme, code)
            value: str | dict[str, str] = code if scheme == "id" else {"scheme": scheme, "code": code}
            node = self._find_node(scheme, code)
            if node is not None:
                return value, node
            first = first if first is not None else value
        return first, None

    def _put_times(self, row: Row, body: dict[str, Any], node: Node | None) -> tuple[str, ...]:
        doubts: list[str] = []
        for name, source in self._times.items():
            zone = source.fixed_zone or (self._zone(node.zone) if node is not None else None)
            text, doubt = read_time([row.cells[column] for column in source.columns], source, zone)
            if text is not None:
                body[name] = text
            if doubt is not None:
                doubts.append(doubt)
        return tuple(doubts)

    def _zone(self, name: str) -> ZoneInfo:
        if name not in self._zones:
            self._zones[name] = ZoneInfo(name)
        return self._zones[name]


def _own_id(source: PlaceSource, code: str) -> str | None:
    folded = fold(code)
    return next((node for word, node in source.values.items() if fold(word) == folded), None)


def _number(text: str, factor: float) -> float | int | str:
    """The number, or the text as it stands when it is none (the tracker names the fault)."""
    try:
        number = float(text.replace("\u00a0", "").replace(" ", "").replace(",", ".")) * factor
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _identity(parts: Sequence[Any]) -> str:
    return blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()
