"""What a race came to, as a table and as JSON, and the ratios that are wanted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

OURS, SHIPPED, BARE = "tracker's runtime", "faust as shipped", "bare loop"
QUIX, BYTEWAX, STREAMS = "quix streams", "bytewax", "kafka streams"
NAMES: Final = (OURS, BARE, STREAMS, QUIX, BYTEWAX, SHIPPED)

TARGETS: Final = (
    (STREAMS, "wall", 1.5),
    (STREAMS, "cpu", 2.5),
    (QUIX, "wall", 3.0),
    (BYTEWAX, "wall", 4.0),
    (SHIPPED, "wall", 25.0),
    (BARE, "wall", 0.6),
)
"""What the tracker's runtime is to be, times another."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Reports per second: the share of the load that was handled while the clock ran."""

    peer: str
    reports: float
    wall_seconds: float
    cpu_seconds: float
    resident_bytes_max: int
    equal: bool


def table(runs: Sequence[Run]) -> str:
    """Minimum, median and maximum per contender, then the targets."""
    lines = [f"{'':18}" + "".join(f"{name + ': min, med, max':>30}" for name in ("reports/s", "reports/CPU-s", "MiB"))]
    for name, mine in _by_peer(runs).items():
        cells = []
        for figure in ("wall", "cpu", "memory"):
            values = sorted(_figure(each, figure) for each in mine)
            cells.append(f"{values[0]:>10,.0f}{median(values):>10,.0f}{values[-1]:>10,.0f}")
        lines.append(f"{name:18}" + "".join(cells) + ("" if all(each.equal for each in mine) else "  NOT EQUAL"))
    return "\n".join([*lines, "", *map(_verdict, verdicts(runs))])


def verdicts(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The targets with what was reached, medians over the rounds."""
    mine = _by_peer(runs)
    return [
        {
            "times": other,
            "per": figure,
            "wanted": wanted,
            "seen": round(_mid(mine[OURS], figure) / _mid(mine[other], figure), 2),
        }
        for other, figure, wanted in TARGETS
        if OURS in mine and other in mine
    ]


def as_json(runs: Sequence[Run], machine: dict[str, Any]) -> str:
    """Everything measured."""
    told = [{name: getattr(each, name) for name in Run.__slots__} for each in runs]
    return json.dumps({"machine": machine, "runs": told, "targets": verdicts(runs)}, indent=1)


def _figure(run: Run, name: str) -> float:
    if name == "memory":
        return run.resident_bytes_max / 1024**2
    return run.reports / (run.wall_seconds if name == "wall" else run.cpu_seconds)


def _mid(runs: Sequence[Run], figure: str) -> float:
    return median(_figure(each, figure) for each in runs)


def _verdict(found: dict[str, Any]) -> str:
    met = "met" if found["seen"] >= found["wanted"] else "MISSED"
    unit = "wall second" if found["per"] == "wall" else "CPU-second"
    return f"per {unit}, times {found['times']:18} wanted {found['wanted']:>5g}, seen {found['seen']:>6g}  {met}"


def _by_peer(runs: Sequence[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for each in runs:
        found.setdefault(each.peer, []).append(each)
    return found
