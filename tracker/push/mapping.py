"""A mapping: what the columns and words of one carrier's table mean in native events.

Pure: the file is read by `mapping_file`, rows are rewritten by `translate`. Settings win in the order
constants, fields, tables, rules; within a list the later one wins. Unknown keys are errors, so that a
misspelt setting can't be ignored in silence.
"""

from collections.abc import Mapping as MappingOf
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from tracker.domain.report import Classifier, Kind, Mode

ZONE_OF_NODE: Final = "node"
"""The word for "each time is local to the node its row reports"."""

TextField = Literal[
    "container", "id", "train", "wagon", "vessel", "voyage", "booking", "consignment_note", "reason", "iso_code"
]
NumberField = Literal["gross_kg", "revision", "sequence"]
TimeField = Literal["occurred_at", "recorded_at"]
PlaceField = Literal["node", "origin", "destination"]
Scheme = Literal["id", "unlocode", "esr", "uic", "bic", "smdg", "name"]

_Text = Annotated[str, StringConstraints(min_length=1)]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Texts = Annotated[tuple[_Text, ...], BeforeValidator(_as_list), Field(min_length=1)]
_Patterns = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column of the table: the header texts it may have, best first. An optional one may be absent."""

    names: _Texts
    optional: bool = False


class TimeSource(_Strict):
    """How one time is read.

    `columns` are joined by a space (date and time are often apart); `formats` are tried in order. `zone`
    is an IANA name or `node`; a format with `%z` brings its own offset and needs none. An hour that
    happens twice (clocks went back) or never (clocks went forward) is passed on without an offset, for
    the tracker to reject, unless `repeated` or `skipped` says which reading is meant.
    """

    columns: _Texts
    formats: _Texts
    zone: _Text
    repeated: Literal["reject", "first", "second"] = "reject"
    skipped: Literal["reject", "forward"] = "reject"

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        if self.zone != ZONE_OF_NODE and self.zone not in available_timezones():
            raise ValueError(f"zone {self.zone!r} is not known; wanted an IANA name such as Asia/Almaty, or node")
        return self

    @property
    def fixed_zone(self) -> ZoneInfo | None:
        """The named zone; None when each time is local to its node."""
        return None if self.zone == ZONE_OF_NODE else ZoneInfo(self.zone)


class PlaceSource(_Strict):
    """One way to read a place: a column and the scheme of its codes.

    `values` turns what stands in the column into ids of our nodes, for codes nobody else uses.
    """

    column: _Text
    scheme: Scheme
    values: MappingOf[str, _Text] = {}


class NumberSource(_Strict):
    """A number; decimal comma or point. `factor` brings it to kilograms where it is a mass in tonnes."""

    column: _Text
    factor: float = 1.0


class TextSource(_Strict):
    """A text, taken over as it stands."""

    column: _Text


class Settings(_Strict):
    """What is known without a column, or because a column holds a certain word."""

    kind: Kind | None = None
    classifier: Classifier | None = None
    mode: Mode | None = None
    laden: bool | None = None
    retracted: bool | None = None
    iso_code: _Text | None = None
    reason: _Text | None = None
    vessel: _Text | None = None
    origin: _Text | None = None
    destination: _Text | None = None

    def given(self) -> dict[str, Any]:
        """The fields that were set, as a native event writes them."""
        return self.model_dump(mode="json", exclude_none=True, include=set(Settings.model_fields))


class Change(Settings):
    """What a word or a rule does: set fields, unset fields, or skip the row and say why."""

    unset: Annotated[tuple[_Text, ...], BeforeValidator(_as_list)] = ()
    skip: _Text | None = None

    @model_validator(mode="after")
    def _does_something_or_nothing(self) -> Self:
        if self.skip is not None and (self.given() or self.unset):
            raise ValueError("skip stands alone: a skipped row sets nothing")
        return self


class ValueTable(_Strict):
    """The words of one column and what each does. Case and spaces don't matter, `*` stands for any text.

    A word that is not listed: `reject` counts the row and does not send it, `skip` likewise but as
    expected, `pass` sends the word itself as `field`, so that the tracker rejects it with a coded fault.
    An empty cell does nothing unless the empty word is listed.
    """

    column: _Text
    values: Annotated[MappingOf[str, Change], Field(min_length=1)]
    unmapped: Literal["reject", "skip", "pass"] = "reject"
    field: Literal["kind", "classifier", "mode"] = "kind"


class Rule(_Strict):
    """A change for rows in which every named column holds one of its words (`""` empty, `*` anything)."""

    when: Annotated[MappingOf[str, _Patterns], Field(min_length=1)]
    set: Change


class Fields(_Strict):
    """The native fields that come from columns."""

    container: TextSource
    occurred_at: TimeSource
    node: Annotated[tuple[PlaceSource, ...], Field(min_length=1)]
    recorded_at: TimeSource | None = None
    origin: tuple[PlaceSource, ...] = ()
    destination: tuple[PlaceSource, ...] = ()
    id: TextSource | None = None
    train: TextSource | None = None
    wagon: TextSource | None = None
    vessel: TextSource | None = None
    voyage: TextSource | None = None
    booking: TextSource | None = None
    consignment_note: TextSource | None = None
    reason: TextSource | None = None
    iso_code: TextSource | None = None
    gross_kg: NumberSource | None = None
    revision: NumberSource | None = None
    sequence: NumberSource | None = None


class Mapping(_Strict):
    """One mapping file.

    `identity` names native fields that make a report's id: a row that differs only elsewhere then replaces
    the earlier one. Without it rows carry no id, and the tracker tells them apart by their content: an
    unchanged row sent again is a duplicate.
    """

    version: Literal[1]
    encoding: Literal["auto", "utf-8", "cp1251"] = "auto"
    separator: Literal["auto", ",", ";", "\t"] = "auto"
    sheet: _Text | None = None
    columns: Annotated[MappingOf[str, Column], Field(min_length=1)]
    fields: Fields
    constants: Settings = Settings()
    tables: tuple[ValueTable, ...] = ()
    rules: tuple[Rule, ...] = ()
    identity: Annotated[tuple[_Text, ...], BeforeValidator(_as_list)] = ()

    @model_validator(mode="before")
    @classmethod
    def _columns_may_be_lists(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(columns := value.get("columns"), dict):
            short = {k: v if isinstance(v, dict) else {"names": v} for k, v in columns.items()}
            return {**value, "columns": short}
        return value

    @model_validator(mode="after")
    def _names_are_declared(self) -> Self:
        for where, name in self._used_columns():
            if name not in self.columns:
                raise ValueError(f"{where} uses the column {name!r}, which `columns` does not declare")
        known = set(Fields.model_fields) | set(Settings.model_fields)
        for name in self.identity:
            if name not in known or name == "id":
                raise ValueError(f"identity: {name!r} is no field of a native event")
        for change in self._changes():
            for name in change.unset:
                if name not in known:
                    raise ValueError(f"unset: {name!r} is no field of a native event")
        return self

    def own_codes(self) -> list[tuple[str, str]]:
        """Words that stand for places in the carrier's own way, and the nodes they stand for."""
        sources = (*self.fields.node, *self.fields.origin, *self.fields.destination)
        return [pair for source in sources for pair in source.values.items()]

    def _used_columns(self) -> list[tuple[str, str]]:
        used: list[tuple[str, str]] = []
        for name in Fields.model_fields:
            for source in _each(getattr(self.fields, name)):
                columns = source.columns if isinstance(source, TimeSource) else (source.column,)
                used += [(f"fields.{name}", column) for column in columns]
        used += [("tables", table.column) for table in self.tables]
        used += [("rules", column) for rule in self.rules for column in rule.when]
        return used

    def _changes(self) -> list[Change]:
        return [change for table in self.tables for change in table.values.values()] + [rule.set for rule in self.rules]


Source = TimeSource | PlaceSource | NumberSource | TextSource


def _each(source: Source | tuple[PlaceSource, ...] | None) -> tuple[Source, ...]:
    if source is None:
        return ()
    return source if isinstance(source, tuple) else (source,)
