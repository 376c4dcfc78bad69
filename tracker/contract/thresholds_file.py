"""Reads a thresholds file: the hours after which something is an exception, where an operator wants others.

    late: {warning: 24, critical: 72}          # against a carrier's plan
    silent_rail: {warning: 36, critical: 72}   # at least this long without a report; silent_sea at sea
    held: {warning: 24, critical: 72}          # customs hold without release
    missed: 12                                 # after the first report beyond
    least: 12                                  # no computed line is below
    stays:
      KZ-AKTAU: {warning: 96, critical: 192}
      KZ-ALTYNKOL:
        warning: 48
        critical: 96
        overrides:                             # the first that fits holds
          - {side: entry, direction: westbound, corridor: middle, warning: 60, critical: 120}
    runs:
      KZ-AKTAU--AZ-ALAT: {warning: 60, critical: 120}

Everything may be left out: then the default holds, or the line that the network's planned hours give. What is said of a
corridor holds for its children too. A run is named by its first leg and goes to the next node at which a container
must be reported.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tracker.contract.network_model import CorridorId, LegId, NodeId, Part, Sense
from tracker.contract.yaml_document import Document, Finding, UnusableFile, YamlFault, read_model, text_of
from tracker.domain.facts import Side
from tracker.domain.lines import Lines
from tracker.domain.network import Course, Direction, Network
from tracker.domain.thresholds import Pair, Scope, Setting, Thresholds

Hours = Annotated[float, Field(gt=0, le=8784)]
"""More than nothing, at most a leap year: more is days or minutes taken for hours."""


class ThresholdsFileError(UnusableFile):
    """A thresholds file can't be used."""

    sort = "thresholds file"


def load_thresholds(path: Path | None, network: Network) -> Thresholds:
    """The thresholds in the file at `path`, or the defaults. Raises `ThresholdsFileError`, also when unreadable."""
    if path is None:
        return Thresholds()
    text, source = text_of(path, ThresholdsFileError)
    return read_thresholds(text, network, source)


def read_thresholds(text: str, network: Network, source: str = "given as text") -> Thresholds:
    """The thresholds in `text`. Raises `ThresholdsFileError`; `source` is what the error calls it."""
    try:
        part, document = read_model(text, _ThresholdsPart)
    except YamlFault as fault:
        raise ThresholdsFileError(source, fault.findings) from fault
    if findings := sorted({*_wrong_stays(part, document, network), *_wrong_runs(part, document, network)}):
        raise ThresholdsFileError(source, findings)
    return part.thresholds()


def check_thresholds(text: str, network: Network) -> list[Finding]:
    """What is wrong with a thresholds file, in line order; empty when it can be used."""
    try:
        read_thresholds(text, network)
    except ThresholdsFileError as error:
        return error.findings
    return []


def _check_order(warning: float, critical: float) -> None:
    if critical < warning:
        raise ValueError(f"critical {critical:g} seen before warning {warning:g}, as late or later wanted")


class _PairPart(Part):
    warning: Hours
    critical: Hours

    @model_validator(mode="after")
    def _ordered(self) -> "_PairPart":
        _check_order(self.warning, self.critical)
        return self

    def pair(self) -> Pair:
        return self.warning, self.critical


class _RunOverridePart(_PairPart):
    direction: Sense | None = None
    corridor: CorridorId | None = None

    @model_validator(mode="after")
    def _limited(self) -> "_RunOverridePart":
        if self.scope() == Scope():
            raise ValueError("holds everywhere, a corridor or direction (of stays also a side) wanted")
        return self

    def scope(self) -> Scope:
        return Scope(self.corridor, None if self.direction is None else Direction(self.direction))


class _StayOverridePart(_RunOverridePart):
    side: Literal["exit", "entry"] | None = None

    def scope(self) -> Scope:
        return super().scope()._replace(side=None if self.side is None else Side(self.side))


class _SettingPart(Part):
    warning: Hours | None = None
    critical: Hours | None = None

    @model_validator(mode="after")
    def _whole(self) -> "_SettingPart":
        if (self.warning is None) is not (self.critical is None):
            raise ValueError("warning and critical wanted, or neither")
        if self.warning is None and not self.scoped():
            raise ValueError("says nothing, warning and critical or overrides wanted")
        if self.warning is not None and self.critical is not None:
            _check_order(self.warning, self.critical)
        return self

    def scoped(self) -> tuple[tuple[Scope, Pair], ...]:
        return ()

    def setting(self) -> Setting:
        return Setting(
            None if self.warning is None or self.critical is None else (self.warning, self.critical), self.scoped()
        )


class _StayPart(_SettingPart):
    overrides: list[_StayOverridePart] = Field(default_factory=list)

    def scoped(self) -> tuple[tuple[Scope, Pair], ...]:
        return tuple((each.scope(), each.pair()) for each in self.overrides)


class _RunPart(_SettingPart):
    overrides: list[_RunOverridePart] = Field(default_factory=list)

    def scoped(self) -> tuple[tuple[Scope, Pair], ...]:
        return tuple((each.scope(), each.pair()) for each in self.overrides)


_DEFAULTS = Thresholds()


def _default(pair: Pair) -> _PairPart:
    return _PairPart(warning=pair[0], critical=pair[1])


class _ThresholdsPart(Part):
    late: _PairPart = _default(_DEFAULTS.late)
    silent_rail: _PairPart = _default(_DEFAULTS.silent_rail)
    silent_sea: _PairPart = _default(_DEFAULTS.silent_sea)
    held: _PairPart = _default(_DEFAULTS.held)
    missed: Hours = _DEFAULTS.missed
    least: Hours = _DEFAULTS.least
    stays: dict[NodeId, _StayPart] = Field(default_factory=dict)
    runs: dict[LegId, _RunPart] = Field(default_factory=dict)

    def thresholds(self) -> Thresholds:
        return Thresholds(
            self.late.pair(),
            self.silent_rail.pair(),
            self.silent_sea.pair(),
            self.held.pair(),
            self.missed,
            self.least,
            {node: stay.setting() for node, stay in self.stays.items()},
            {leg: run.setting() for leg, run in self.runs.items()},
        )


def _wrong_stays(part: _ThresholdsPart, document: Document, network: Network) -> Iterator[Finding]:
    lines = Lines(network, _DEFAULTS)
    for node, stay in part.stays.items():
        if node not in network.nodes:
            yield Finding(document.line(("stays", node)), f"stays: node {node} seen, wanted one of the network")
            continue
        passing = [(each, lines.side(node, each)) for each in network.courses if network.member[node] & each.bit]
        yield from _wrong_scopes(("stays", node), stay.setting(), document, network, dict(passing))


def _wrong_runs(part: _ThresholdsPart, document: Document, network: Network) -> Iterator[Finding]:
    for name, run in part.runs.items():
        if name not in network.legs:
            yield Finding(document.line(("runs", name)), f"runs: leg {name} seen, wanted one of the network")
            continue
        passing = {each: None for each in network.courses if name in network.corridors[each.corridor].legs}
        yield from _wrong_scopes(("runs", name), run.setting(), document, network, passing)


def _wrong_scopes(
    place: tuple[str, str],
    setting: Setting,
    document: Document,
    network: Network,
    passing: Mapping[Course, Side | None],
) -> Iterator[Finding]:
    """Overrides that can never hold: of no corridor, of one that is elsewhere, or behind another that always fits."""
    taken: set[Course] = set()
    for at, (scope, _) in enumerate(setting.overrides):
        line = document.line((*place, "overrides", at))
        meant = {
            course
            for course, side in passing.items()
            if scope.covers(course, network.corridors[course.corridor].parent, side)
        }
        told = " ".join(str(word) for word in scope if word is not None)
        if scope.corridor is not None and scope.corridor not in network.corridors:
            yield Finding(line, f"corridor {scope.corridor} seen, wanted one of {', '.join(network.corridors)}")
        elif not meant:
            yield Finding(line, f"override for {told} never fits: no corridor passes {place[1]} so")
        elif meant <= taken:
            yield Finding(line, f"override for {told} never holds: those before it take all of it")
        taken |= meant
