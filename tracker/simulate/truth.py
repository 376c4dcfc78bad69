"""What really happened, as a file to compare the tracker's answers with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tracker.domain.moment import Millis, text
from tracker.simulate.journey import Journey
from tracker.simulate.scenario import Event, Scenario


class NodeTruth(msgspec.Struct, frozen=True):
    """A node as it was passed, RFC 3339 in UTC; both times equal where nothing stopped, None where there is none."""

    node: str
    arrived_at: str | None
    departed_at: str | None


class JourneyTruth(msgspec.Struct, frozen=True):
    """One journey as it was. `ended_at` is the gate-out; None when it was under way at the end of the simulation."""

    container: str
    corridor: str
    direction: str
    laden: bool
    teu: float
    gross_kg: int
    booking: str
    origin: str
    destination: str
    began_at: str
    ended_at: str | None
    nodes: tuple[NodeTruth, ...]


def journey_truth(journey: Journey) -> JourneyTruth:
    """A journey's truth as it stands."""
    return JourneyTruth(
        container=journey.container.number,
        corridor=journey.line.corridor.id,
        direction=journey.line.direction,
        laden=journey.laden,
        teu=journey.container.teu / 100,
        gross_kg=journey.gross_kg,
        booking=journey.booking,
        origin=journey.origin,
        destination=journey.destination,
        began_at=text(journey.began),
        ended_at=_text(journey.ended),
        nodes=tuple(NodeTruth(s.node, _text(s.arrived), _text(s.departed)) for s in journey.stops),
    )


def scenario_truth(scenario: Scenario) -> dict[str, list[dict[str, Any]]]:
    """What happened on purpose, by kind; `directions` empty means all."""
    return {
        "storms": [{"node": storm.node} | _span(storm) for storm in scenario.storms],
        "stops": [{"node": stop.node, "directions": sorted(stop.directions)} | _span(stop) for stop in scenario.stops],
        "silences": [{"carrier": s.carrier, "lost": s.lost} | _span(s) for s in scenario.silences],
        "outages": [_span(outage) for outage in scenario.outages],
        "clocks": [{"carrier": c.carrier, "hours": c.hours} | _span(c) for c in scenario.clocks],
    }


class TruthFile:
    """Writes journeys as they end and the rest at last, so that memory does not grow with the file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(b'{"journeys":[')
        self._first = True
        self._rest: Mapping[str, Any] = {}

    def journey(self, journey: JourneyTruth) -> None:
        """Adds one journey."""
        self._file.write(b"\n" if self._first else b",\n")
        self._file.write(msgspec.json.encode(journey))
        self._first = False

    def summary(self, summary: Mapping[str, Any]) -> None:
        """Sets what is written beside the journeys."""
        self._rest = summary

    def close(self) -> None:
        """Ends the document."""
        self._file.write(b"\n]")
        for name, value in self._rest.items():
            self._file.write(b",\n" + msgspec.json.encode(name) + b":" + msgspec.json.encode(value))
        self._file.write(b"}\n")
        self._file.close()


@contextmanager
def truth_file(path: Path) -> Iterator[TruthFile]:
    """A truth file that is complete, valid JSON whatever ends the block. OSError when it can't be written."""
    file = TruthFile(path)
    try:
        yield file
    finally:
        file.close()


def _span(event: Event) -> dict[str, str]:
    return {"from": text(event.start), "to": text(event.end)}


def _text(moment: Millis | None) -> str | None:
    return None if moment is None else text(moment)
