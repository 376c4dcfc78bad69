"""What is recorded of exceptions in files: reports as `tracker batch` reads them, and what it wrote."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker.batch import Batch, run
from tracker.contract.sent_lines import InputError
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis
from tracker.domain.report import Report
from tracker.explain.verdict import Bench, clock_of


def read_written(folder: Path) -> Iterator[dict[str, Any]]:
    """Every version in the folder's `exceptions.jsonl`. Raises `InputError`, `OSError`."""
    path = folder / "exceptions.jsonl"
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}, line {number}: {error}; wanted what `tracker batch` wrote") from error


def clock_of_run(folder: Path) -> Millis:
    """The clock at which the folder's results were written. Raises `InputError`, `OSError`."""
    path = folder / "summary.json"
    try:
        return clock_of({"at": json.loads(path.read_text("utf-8"))["until"]})
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: {error}; wanted what `tracker batch` wrote") from error


def bench_of(files: Sequence[Path], batch: Batch, until: Millis) -> tuple[Bench, Mapping[str, Sequence[Report]]]:
    """What the files tell of everything, up to a clock, and the reports by container."""
    run(files, batch, until)
    verdicts = batch.conclude(until).verdicts
    return Bench(batch.rules, Lines(batch.rules.network, batch.thresholds), verdicts.situation), batch.by_container()
