"""Reads a scenario file: what a simulation is made to go through, with line numbers for what is wrong in it.

Times are RFC 3339 with an offset, quoted, or a number of days after the start of the run:

    storms: [{node: KZ-AKTAU, from: 20, to: 27}]
    stops: [{node: KZ-ALTYNKOL, directions: [westbound], from: "2026-03-20T00:00:00Z", to: "2026-03-26T00:00:00Z"}]
    silences: [{carrier: utlc, from: 40, to: 42, lost: true}]
    outages: [{from: 45, to: 45.25}]
    clocks: [{carrier: adyc, from: 50, to: 55, hours: -3}]
    stuck: {containers: 20, days: [5, 15], forever: 0.2}
"""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from tracker.contract.network_model import NodeId, Part, Sense
from tracker.contract.yaml_document import Finding, UnusableFile, YamlFault, read_model, text_of
from tracker.domain.moment import DAY, Millis, from_datetime
from tracker.domain.network import Direction, Network
from tracker.simulate.scenario import BorderStop, Event, Outage, Scenario, Silence, Storm, WrongClock

_Minutes = Annotated[float, Field(gt=0, le=1440)]


class ScenarioFileError(UnusableFile):
    """A scenario file can't be used; the message names file, line, what was seen and wanted."""

    sort = "scenario file"


def load_scenario(path: Path, start: Millis, network: Network, carriers: Collection[str]) -> Scenario:
    """The scenario in a file, for a run from `start` over a network. Raises ScenarioFileError."""
    text, source = text_of(path, ScenarioFileError)
    return read_scenario(text, start, network, carriers, source)


def read_scenario(
    text: str, start: Millis, network: Network, carriers: Collection[str], source: str = "given as text"
) -> Scenario:
    """The scenario in a text. Raises ScenarioFileError; `source` is what the error calls it."""
    try:
        part, document = read_model(text, _ScenarioPart)
    except YamlFault as fault:
        raise ScenarioFileError(source, fault.findings) from fault
    findings: list[Finding] = []
    events: list[Event] = []
    for kind in ("storms", "stops", "silences", "outages", "clocks"):
        for place, each in enumerate(getattr(part, kind)):
            try:
                each.check(network, carriers)
                events.append(each.event(start))
            except ValueError as error:
                findings.append(Finding(document.line((kind, place)), f"{kind}.{place}: {error}"))
    if findings:
        raise ScenarioFileError(source, sorted(findings))
    stuck = part.stuck
    return Scenario(events=tuple(events), stuck=stuck.containers, stuck_days=stuck.days, stuck_forever=stuck.forever)


class _SpanPart(Part):
    begin: float | str = Field(alias="from")
    to: float | str

    def span(self, start: Millis) -> dict[str, Millis]:
        """Both moments, for a run from `start`. ValueError when one can't be read."""
        return {"start": _moment(self.begin, start), "end": _moment(self.to, start)}

    def check(self, network: Network, carriers: Collection[str]) -> None:
        """ValueError when it names what isn't there."""


class _StormPart(_SpanPart):
    node: NodeId
    clears_hours: float = Field(default=12.0, ge=0, le=240)

    def check(self, network: Network, carriers: Collection[str]) -> None:
        _known(self.node, network)
        if not any(leg.mode == "vessel" and self.node in (leg.a, leg.b) for leg in network.legs.values()):
            raise ValueError(f"no ship calls at {self.node}, wanted a port")

    def event(self, start: Millis) -> Event:
        return Storm(node=self.node, clears_hours=self.clears_hours, **self.span(start))


class _StopPart(_SpanPart):
    node: NodeId
    directions: tuple[Sense, ...] = Field(default=(), strict=False)
    headway_hours: float = Field(default=3.0, gt=0, le=240)

    def check(self, network: Network, carriers: Collection[str]) -> None:
        _known(self.node, network)

    def event(self, start: Millis) -> Event:
        directions = frozenset(Direction(each) for each in self.directions)
        return BorderStop(node=self.node, directions=directions, headway_hours=self.headway_hours, **self.span(start))


class _SilencePart(_SpanPart):
    carrier: str
    burst_minutes: _Minutes = 30.0
    lost: bool = False

    def check(self, network: Network, carriers: Collection[str]) -> None:
        _listed(self.carrier, carriers)

    def event(self, start: Millis) -> Event:
        return Silence(carrier=self.carrier, burst_minutes=self.burst_minutes, lost=self.lost, **self.span(start))


class _OutagePart(_SpanPart):
    burst_minutes: _Minutes = 30.0

    def event(self, start: Millis) -> Event:
        return Outage(burst_minutes=self.burst_minutes, **self.span(start))


class _ClockPart(_SpanPart):
    carrier: str
    hours: int = Field(ge=-14, le=14)

    def check(self, network: Network, carriers: Collection[str]) -> None:
        _listed(self.carrier, carriers)
        if self.hours == 0:
            raise ValueError("hours: 0 seen, wanted by how many they are wrong")

    def event(self, start: Millis) -> Event:
        return WrongClock(carrier=self.carrier, hours=self.hours, **self.span(start))


class _StuckPart(Part):
    containers: int = Field(ge=0, le=100_000)
    days: tuple[float, float] = Field(default=(5.0, 15.0), strict=False)
    forever: float = Field(default=0.2, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> "_StuckPart":
        if not 0 < self.days[0] <= self.days[1]:
            raise ValueError("days: the least and the most wanted, more than 0")
        return self


class _ScenarioPart(Part):
    storms: tuple[_StormPart, ...] = Field(default=(), strict=False)
    stops: tuple[_StopPart, ...] = Field(default=(), strict=False)
    silences: tuple[_SilencePart, ...] = Field(default=(), strict=False)
    outages: tuple[_OutagePart, ...] = Field(default=(), strict=False)
    clocks: tuple[_ClockPart, ...] = Field(default=(), strict=False)
    stuck: _StuckPart = _StuckPart(containers=0)


def _known(node: str, network: Network) -> None:
    if node not in network.nodes:
        raise ValueError(f"node {node!r} seen, wanted one of the network")


def _listed(carrier: str, carriers: Collection[str]) -> None:
    if carrier not in carriers:
        raise ValueError(f"carrier {carrier!r} seen, wanted one of {', '.join(carriers)}")


def _moment(value: float | str, start: Millis) -> Millis:
    if not isinstance(value, str):
        return Millis(start + round(value * DAY))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"time {value!r} seen, wanted one with offset as in 2026-03-01T00:00:00Z, or days as a number")
    return from_datetime(moment)
