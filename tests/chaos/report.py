"""The report of a campaign: trials, faults, times of recovery, divergences; kept as JSON lines beside the text."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from tests.broker.jars import REPOSITORY
from tests.chaos.trial import Trial


def entry(trial: Trial, command: str) -> dict[str, Any]:
    """A trial as a line; `command` makes it again."""
    return {
        "seed": trial.plan.seed,
        "plan": str(trial.plan),
        "reports": trial.plan.reports,
        "events": [event._asdict() for event in trial.events],
        "counts": trial.counts,
        "restarts": trial.restarts,
        "reasons": trial.reasons,
        "stop_seconds": round(trial.stop_seconds, 1),
        "seconds": round(trial.seconds),
        "wrong": trial.wrong,
        "commit": _commit(),
        "command": command,
    }


def keep(file: Path, new: Mapping[str, Any]) -> str:
    """Add a trial to those that stand beside `file` (.jsonl), write the report of all, and give it."""
    lines = file.with_suffix(".jsonl")
    file.parent.mkdir(parents=True, exist_ok=True)
    with lines.open("a") as out:
        out.write(json.dumps(new) + "\n")
    text = report([json.loads(line) for line in lines.read_text().splitlines()])
    file.write_text(text)
    return text


def report(entries: list[Mapping[str, Any]]) -> str:
    """All trials in Markdown."""
    reports, wrong = sum(each["reports"] for each in entries), [each for each in entries if each["wrong"]]
    head = f"{len(entries)} trials, {reports:,} reports, {sum(len(e['events']) for e in entries)} faults"
    head += f", {len(wrong)} trials with divergences; longest stop {max(e['stop_seconds'] for e in entries):.1f} s"
    return "\n".join([
        "# Faults on a real Kafka\n", head + ".\n", *_recoveries(entries), "", *_trials(entries), "", *_wrong(wrong),
    ])  # fmt: skip


def _recoveries(entries: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    for each in entries:
        for event in each["events"]:
            times[event["fault"]].append(event["recovery"])
    yield "| fault | made | seconds until every partition moves on: least | median | most |\n|---|---|---|---|---|"
    for name, seconds in sorted(times.items()):
        yield f"| {name} | {len(seconds)} | {min(seconds):.1f} | {median(seconds):.1f} | {max(seconds):.1f} |"


def _trials(entries: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    yield "| seed | trial | reports | rejected | repeated | faults | restarts | seconds | result |\n" + "|---" * 9 + "|"
    for each in entries:
        counts = each["counts"]
        faults = "; ".join(event["what"] for event in each["events"])
        told = f"{each['reports']:,} | {counts.get('rejected', '-')} | {counts.get('duplicate', '-')} | {faults}"
        result = "differs" if each["wrong"] else "exact"
        yield f"| {each['seed']} | {each['plan']} | {told} | {each['restarts']} | {each['seconds']} | {result} |"


def _wrong(entries: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for each in entries:
        yield f"## Seed {each['seed']}\n\nAgain: `{each['command']}` at {each['commit']}\n\n```"
        yield from (line[:2_000] for line in each["wrong"])
        yield "```\n"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
