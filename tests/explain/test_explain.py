"""`tracker explain`: what was recorded is judged again by its evidence, and people are told why, or what differs.

A slice of the simulation here; `EXPLAIN_DAYS=30 python -m pytest tests/explain` explains a month.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from click.testing import Result

from tests.test_cli import tracker
from tracker.batch import Batch
from tracker.domain.report import Report
from tracker.explain.files import bench_of, clock_of_run, read_written
from tracker.explain.verdict import Bench, Verdict, judge_again, look_again
from tracker.explain.words import lines_of
from tracker.service import load_world
from tracker.settings import load_settings

DAYS: Final = int(os.environ.get("EXPLAIN_DAYS", "14"))
TRAINS: Final = 0.8 if DAYS < 30 else 1.5
SCENARIO: Final = """
silences:
  - {carrier: ktz-express, from: 8, to: 12}
outages:
  - {from: 13, to: 13.25}
stuck: {containers: 3, days: [2, 4], forever: 0.2}
"""
Record = dict[str, Any]


class Run(NamedTuple):
    """A simulated traffic with faults and trouble, what batch wrote of it, and what judging again needs."""

    folder: Path
    records: Sequence[Record]
    bench: Bench
    reports: Mapping[str, Sequence[Report]]

    def first(self, true: Callable[[Record], Any]) -> Record:
        return next(each for each in self.records if true(each))

    def again(self, record: Record, reports: Sequence[Report] | None = None) -> Verdict:
        if record["container"] is None:
            return look_again(record, self.bench)
        return judge_again(record, self.reports[record["container"]] if reports is None else reports, self.bench)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    where = tmp_path_factory.mktemp("explained")
    (where / "scenario.yaml").write_text(SCENARIO)
    traffic = ("--days", DAYS, "--trains-per-day", TRAINS, "--faults", "default", "--scenario", where / "scenario.yaml")
    assert tracker("simulate", "--to", where / "in.jsonl", *traffic, "--quiet").exit_code == 0
    assert tracker("batch", where / "in.jsonl", "--out", where / "out").exit_code == 0
    world = load_world(load_settings())
    bench, reports = bench_of([where / "in.jsonl"], Batch(world.intake, world.rules), clock_of_run(where / "out"))
    return Run(where, list(read_written(where / "out")), bench, reports)


def explain(run: Run, *words: object, out: str = "out") -> Result:
    return tracker("explain", *words, "--batch", run.folder / out, "--reports", run.folder / "in.jsonl")


def test_every_exception_and_incident_of_the_run_is_judged_again_the_same(run: Run) -> None:
    verdicts = [run.again(each) for each in run.records]
    assert [each.differences or each.missing for each in verdicts if not each.is_same] == []
    assert len(verdicts) > 100
    assert {"late", "run", "silent", "missed", "carrier_silent"} <= {each["rule"] for each in run.records}


def test_the_command_finds_what_was_altered_among_all_and_nothing_else(run: Run) -> None:
    late = run.first(lambda each: each["rule"] == "late")
    silent = run.first(lambda each: each["rule"] == "carrier_silent")
    changes = {
        (late["id"], late["version"]): {"severity": "fatal"},
        (silent["id"], silent["version"]): {"since": "2026-03-01T00:00:00Z"},
    }
    (run.folder / "altered").mkdir()
    (run.folder / "altered" / "summary.json").write_text((run.folder / "out" / "summary.json").read_text())
    lines = [each | changes.get((each["id"], each["version"]), {}) for each in run.records]
    (run.folder / "altered" / "exceptions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    result = explain(run, "--all", out="altered")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == f"{len(run.records)} versions judged again, 2 of them not the same"
    assert f"differs     severity: recorded fatal, judged now {late['severity']}" in result.stdout
    assert f"differs     since: recorded 2026-03-01T00:00:00Z, judged now {silent['since']}" in result.stdout


def test_one_is_told_in_words_with_line_cause_and_reports(run: Run) -> None:
    record = run.first(lambda each: each["rule"] == "run" and each["status"] == "resolved" and not each["incident"])
    result = explain(run, record["id"], "--version", record["version"])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].endswith(
        f"version {record['version']} of {record['at']}: judged again it is the same"
    )
    for told in (
        "it is too long between two places", record["container"], record["journey"], record["since"], record["leg"],
        "from the planned hours of the network file, or set in the thresholds file", record["deadline"],
        record["reason"], "* named as evidence", f"of {record['carrier']}: ",
    ):  # fmt: skip
        assert told in result.stdout
    assert result.stdout.count("\n          * ") == len(record["evidence"])


def test_what_an_incident_explains_names_it_and_since_when(run: Run) -> None:
    record = run.first(lambda each: str(each["incident"]).startswith("carrier_silent"))
    text = "\n".join(lines_of(run.again(record)))
    assert f"by {record['incident']}: carrier_silent ktz-express, since 2026-03-" in text


@pytest.mark.parametrize(("field", "value"), [
    ("severity", "fatal"), ("threshold_seconds", 3600.0), ("carrier", "utlc"), ("cause", "pipeline"),
    ("incident", "node_stopped-1"), ("suppressed_by", "late-1"), ("deadline", "2026-03-01T00:00:00Z"),
    ("status", "gone"), ("norms_version", 3),
])  # fmt: skip
def test_a_record_that_says_something_else_than_its_evidence_is_found_out(run: Run, field: str, value: Any) -> None:
    record = run.first(lambda each: each["rule"] == "late")
    [difference] = run.again(record | {field: value}).differences
    assert (difference.field, difference.recorded, difference.judged) == (field, value, record[field])


def test_an_exception_that_never_was_is_found_out(run: Run) -> None:
    record = run.first(lambda each: each["rule"] == "late")
    verdict = run.again(record | {"id": "late-0000000000000000"})
    assert (verdict.is_same, verdict.judged) == (False, None)


def test_a_record_without_its_evidence_can_not_be_judged_again(run: Run) -> None:
    record = run.first(lambda each: each["rule"] == "run")
    named = {each["report"] for each in record["evidence"]}
    left = [each for each in run.reports[record["container"]] if each.id not in named]
    verdict = run.again(record, left)
    assert not verdict.is_same
    assert len(verdict.missing) == len(record["evidence"])
    assert f"missing     report of {record['evidence'][0]['carrier']}" in "\n".join(lines_of(verdict))


@pytest.mark.parametrize(("words", "told"), [
    (("late-0000000000000000",), "is not in"), ((), "one ID wanted"), (("x", "--all"), "one ID wanted"),
])  # fmt: skip
def test_what_can_not_be_explained_is_a_usage_error_in_one_line(run: Run, words: tuple[str, ...], told: str) -> None:
    result = explain(run, *words)
    assert (result.exit_code, told in result.stderr, len(result.stderr.splitlines())) == (2, True, 1)


def test_files_go_together() -> None:
    result = tracker("explain", "late-1", "--reports", __file__)
    assert (result.exit_code, "--batch and --reports go together" in result.stderr) == (2, True)
