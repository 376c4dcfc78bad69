"""What the tracker said: the versions of `exceptions.jsonl`, put together to one case per exception."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.evaluate.said import moment

INCIDENTS: Final = ("node_stopped", "carrier_silent", "carrier_clock", "pipeline_behind")
DELAYS: Final = ("dwell", "run", "late", "silent", "held")
"""Rules by which a truly delayed container may be found."""
STANDS: Final = 60_000
"""Milliseconds a version has to stand before anybody is told."""
NO_END: Final = 2**62


class Version(msgspec.Struct, kw_only=True):
    """One line of `exceptions.jsonl`, as far as it is judged."""

    id: str
    at: str
    rule: str
    status: str
    severity: str = "critical"
    container: str | None = None
    journey: str | None = None
    direction: str | None = None
    node: str | None = None
    leg: str | None = None
    carrier: str | None = None
    deadline: str | None = None
    detected_at: str | None = None
    cause: str | None = None
    reason: str | None = None
    threshold_seconds: float | None = None
    threshold_source: str | None = None
    incident: str | None = None
    suppressed_by: str | None = None
    replay: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until before `end`, milliseconds."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Case:
    """One exception over its life."""

    first: Version
    critical: Version | None
    """Its first open, critical version."""
    last_open: Version
    opened: int
    open_spans: tuple[Span, ...]
    """While it was open and either critical or explained by an incident; versions that follow each other are one."""
    told: int | None
    """When the first version that is told was made; None: nobody was told."""
    is_explained: bool
    """It carried an incident at some time."""
    resolved: int | None
    reason: str | None

    @property
    def is_critical(self) -> bool:
        """It was critical at some time."""
        return self.critical is not None

    @property
    def place(self) -> str | None:
        """Its node or leg."""
        return self.first.node or self.first.leg


def read_cases(path: Path) -> list[Case]:
    """All cases of a file, in order of their first version. Raises msgspec.DecodeError on a line that is none."""
    with path.open("rb") as lines:
        return cases_of(_decode(line) for line in lines if line.strip())


def cases_of(versions: Iterable[Version]) -> list[Case]:
    """The cases of versions in clock order."""
    by_id: dict[str, list[Version]] = {}
    for version in versions:
        by_id.setdefault(version.id, []).append(version)
    return [case for several in by_id.values() if (case := _case(several)) is not None]


def case_of(*versions: dict[str, Any]) -> Case:
    """The case of some versions given as JSON objects; for tests."""
    (case,) = cases_of(msgspec.convert(version, Version) for version in versions)
    return case


def _case(versions: Sequence[Version]) -> Case | None:
    times = [_moment(version.at) for version in versions]
    ends = [*times[1:], NO_END]
    open_ones = [version for version in versions if version.status == "open"]
    if not open_ones:
        return None
    spans: list[Span] = []
    told = None
    for version, start, end in zip(versions, times, ends, strict=True):
        is_open = version.status == "open"
        if is_open and (version.severity == "critical" or version.incident):
            start_of_all = spans.pop().start if spans and spans[-1].end == start else start
            spans.append(Span(start_of_all, end))
        if told is None and is_open and _is_told(version) and end - start >= STANDS:
            told = start
    is_resolved = versions[-1].status == "resolved"
    return Case(
        first=versions[0],
        critical=next((version for version in open_ones if version.severity == "critical"), None),
        last_open=open_ones[-1],
        opened=times[0],
        open_spans=tuple(spans),
        told=told,
        is_explained=any(version.incident for version in versions),
        resolved=times[-1] if is_resolved else None,
        reason=versions[-1].reason if is_resolved else None,
    )


def _is_told(version: Version) -> bool:
    return version.severity == "critical" and not (version.suppressed_by or version.incident or version.replay)


def _moment(text: str) -> int:
    read = moment(text)
    if read is None:
        raise ValueError(f"time {text!r} in exceptions.jsonl, wanted one with offset")
    return read


_decode = msgspec.json.Decoder(Version).decode
