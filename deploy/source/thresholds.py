"""What is a warning and what is critical, read from `deploy/thresholds.yaml`, which rules and boards share."""

from pathlib import Path
from typing import Final, Literal

import msgspec

Severity = Literal["critical", "warning", "info", "none"]

DEPLOY: Final = Path(__file__).resolve().parents[1]
"""The folder `deploy/`."""

Levels = dict[Severity, float]
"""Severity to the value from which it holds."""


class Corridor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Corridors, borders and ports."""

    queue_ratio: Levels
    queue_least: int
    dwell_ratio: Levels
    dwell_least_hours: float
    stopped_ratio: Levels
    stopped_expected: int
    transit_ratio: Levels
    target_ratio: Levels
    imbalance_ratio: Levels


class Containers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Late containers, by corridor."""

    late_ratio: Levels
    late_least: int
    critical_count: Levels
    incidents_open: Levels


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Expected arrivals, by how long before."""

    inside_ratio: Levels
    least: int


class Carriers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Carriers' feeds."""

    quiet_gaps: float
    delay_hours: Levels
    reject_ratio: Levels
    reject_least: int
    missing_reports: Levels


class Pipeline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tracker itself."""

    lag_seconds: Levels
    rejected_ratio: Levels
    rejected_least: int
    sweep_seconds: Levels
    restarts: Levels


class Telling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The notifier."""

    owed_seconds: Levels


class Burn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast an error budget may be spent, over a long and a short window (as Prometheus writes durations)."""

    severity: Severity
    ratio: float
    long: str
    short: str


class Objectives(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is promised, as shares, and how fast the rest may be used up."""

    report_to_metric: float
    canary_told: float
    canary_told_seconds: float
    burn: list[Burn]


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    runbooks: str
    page: str
    corridor: Corridor
    containers: Containers
    expected: Expected
    carriers: Carriers
    pipeline: Pipeline
    telling: Telling
    objectives: Objectives


def load_thresholds(path: Path = DEPLOY / "thresholds.yaml") -> Thresholds:
    """The file's thresholds. Raises `msgspec.ValidationError`, which names field, wanted and seen."""
    return msgspec.yaml.decode(path.read_bytes(), type=Thresholds)
