"""What a measurement came to, as a table and as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any, Final

from tests.bench.measure import Run

TRACKER, SHIPPED, BARE = "tracker", "faust as shipped", "bare loop"
UNJUDGED = "without sweeps"

_FIGURES: Final[dict[str, Callable[[Run], float]]] = {
    "reports/s": lambda run: run.per_wall_second,
    "reports/CPU-s": lambda run: run.per_cpu_second,
    "MiB": lambda run: run.resident_bytes_max / 1024**2,
}
_TARGETS: Final = (
    (SHIPPED, "reports/s", 8.0),
    (SHIPPED, "reports/CPU-s", 8.0),
    (BARE, "reports/s", 0.7),
    (BARE, "reports/CPU-s", 0.7),
)
PER_CORE_MIN: Final = 10_000.0
"""Reports end to end per CPU-second of the worker."""


def table(runs: Sequence[Run]) -> str:
    """Minimum, median and maximum per contender, then the targets."""
    lines = [f"{'':18}{'reports':>9}{'facts':>9}" + "".join(f"{name + ': min, med, max':>30}" for name in _FIGURES)]
    for name, mine in _by_contender(runs).items():
        cells = []
        for figure in _FIGURES.values():
            values = sorted(map(figure, mine))
            cells.append(f"{values[0]:>10,.0f}{median(values):>10,.0f}{values[-1]:>10,.0f}")
        lines.append(f"{name:18}{mine[0].reports:>9,}{mine[0].facts:>9,}" + "".join(cells))
    return "\n".join([*lines, "", *map(_verdict, verdicts(runs))])


def verdicts(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The targets with what was reached, medians over the rounds.

    The loop and Faust as shipped judge nothing: the same job is that of the tracker without sweeps, and with them it
    does more.
    """
    mine = _by_contender(runs)
    found: list[dict[str, Any]] = []
    for ours in (TRACKER, UNJUDGED):
        if ours not in mine:
            continue
        for other, figure, wanted in _TARGETS:
            if other in mine:
                seen = _median(mine[ours], figure) / _median(mine[other], figure)
                target = f"{ours}: {figure}, times {other}"
                found.append({"target": target, "wanted": wanted, "seen": round(seen, 2)})
        seen = _median(mine[ours], "reports/CPU-s")
        found.append({"target": f"{ours}: reports end to end per core", "wanted": PER_CORE_MIN, "seen": round(seen)})
    return found


def as_json(runs: Sequence[Run], machine: dict[str, Any]) -> str:
    """Everything measured."""
    return json.dumps({"machine": machine, "runs": [asdict(run) for run in runs], "targets": verdicts(runs)}, indent=1)


def _verdict(found: dict[str, Any]) -> str:
    met = "met" if found["seen"] >= found["wanted"] else "MISSED"
    return f"{found['target']:52} wanted {found['wanted']:>8g}, seen {found['seen']:>8g}  {met}"


def _median(runs: Sequence[Run], figure: str) -> float:
    return median(map(_FIGURES[figure], runs))


def _by_contender(runs: Sequence[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.contender, []).append(run)
    return found
