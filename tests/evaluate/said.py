"""What carriers said, as far as the judge needs it: how late each usually is, and the arrivals they planned."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec


class _Body(msgspec.Struct):
    container: str = ""
    kind: str = ""
    occurred_at: str = ""
    classifier: str = "actual"
    id: str | None = None
    retracted: bool = False
    booking: str = ""


class _Line(msgspec.Struct):
    carrier: str
    received_at: str
    body: _Body | None = None


@dataclass(slots=True)
class Said:
    """From the file of reports. Only native bodies are understood: the simulator writes no others."""

    reports: int = 0
    delays: dict[str, list[int]] = field(default_factory=dict)
    """Per carrier, milliseconds from an actual event to the receipt of its first report, sorted."""
    plans: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    """By container and booking: when a planned arrival was received, and the arrival planned."""

    def usual_delay_hours(self, carrier: str) -> float:
        """The 95th percentile of a carrier's delays; 0 for one that said nothing."""
        delays = self.delays.get(carrier)
        return delays[min(len(delays) - 1, len(delays) * 95 // 100)] / 3_600_000 if delays else 0.0

    def plan(self, container: str, booking: str, before: int) -> int | None:
        """The last arrival planned that was received before a moment; None when there was none."""
        known = [each for each in self.plans.get((container, booking), ()) if each[0] < before]
        return max(known)[1] if known else None


def read_said(path: Path, is_trouble: Callable[[int], bool]) -> Said:
    """Reads the file of reports. What was received in trouble (silence, outage, the burst after) is not usual."""
    with path.open("rb") as lines:
        return said_in((_decode(line) for line in lines), is_trouble)


def said_in(lines: Iterable[Any], is_trouble: Callable[[int], bool]) -> Said:
    """The same from decoded lines in received order."""
    said, seen = Said(), set[tuple[str, str]]()
    for line in lines:
        said.reports += 1
        body = line.body
        if body is None or not body.occurred_at or (happened := moment(body.occurred_at)) is None:
            continue
        received = moment(line.received_at)
        assert received is not None
        if body.classifier == "planned" and body.kind == "arrived":
            said.plans.setdefault((body.container, body.booking), []).append((received, happened))
        if body.classifier != "actual" or body.retracted or body.id is None or received < happened:
            continue
        if (line.carrier, body.id) not in seen and not is_trouble(received):
            seen.add((line.carrier, body.id))
            said.delays.setdefault(line.carrier, []).append(received - happened)
    for delays in said.delays.values():
        delays.sort()
    return said


def moment(text: str) -> int | None:
    """Milliseconds of an RFC 3339 time; None without an offset.

    >>> moment("1970-01-01T05:00:01+05:00"), moment("1970-01-01T00:00:01")
    (1000, None)
    """
    read = datetime.fromisoformat(text)
    return None if read.tzinfo is None else round(read.timestamp() * 1000)


_decode = msgspec.json.Decoder(_Line).decode
