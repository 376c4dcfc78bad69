"""`tracker batch` on simulated trouble: `exceptions.jsonl` is whole, in order of the clock and by the contract."""

import json
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tracker.cli import main

SCENARIO = """
storms:
  - {node: KZ-AKTAU, from: 12, to: 18}
silences:
  - {carrier: ktz-express, from: 9, to: 10.5}
outages:
  - {from: 21, to: 21.25}
stuck: {containers: 3, days: [5, 8], forever: 0.2}
"""
FIELDS = {
    "id", "version", "at", "rule", "status", "severity", "container", "journey", "corridor", "direction", "carrier",
    "since", "deadline", "detected_at", "resolved_at", "cause", "reason", "threshold_seconds", "threshold_source",
    "norms_version", "incident", "suppressed_by", "evidence", "replay",
}  # fmt: skip
"""Those of `rail.exceptions` that every record has, beside `node` or `leg`."""
INCIDENTS = {"node_stopped", "carrier_silent", "carrier_clock", "pipeline_behind"}
Record = dict[str, Any]


def tracker(*arguments: object) -> str:
    """The command, which succeeds; gives what it printed."""
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """22 days of a small traffic with faults, a storm, a silent carrier and an outage; the batch is in `out`."""
    where = tmp_path_factory.mktemp("judged")
    (where / "scenario.yaml").write_text(SCENARIO)
    traffic = ("--days", 22, "--trains-per-day", 1.2, "--faults", "default", "--scenario", where / "scenario.yaml")
    tracker("simulate", "--to", where / "in.jsonl", *traffic, "--quiet")
    tracker("batch", where / "in.jsonl", "--out", where / "out")
    return where


@pytest.fixture(scope="module")
def records(folder: Path) -> list[Record]:
    """Every record of exceptions.jsonl, in order."""
    return [json.loads(line) for line in (folder / "out" / "exceptions.jsonl").read_text().splitlines()]


def by_id(records: list[Record]) -> dict[str, list[Record]]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record["id"]].append(record)
    return found


def at(record: Record, name: str = "at") -> datetime:
    """A record's clock, or another of its times."""
    return datetime.fromisoformat(record[name])


def test_records_are_in_order_of_the_clock_and_none_is_after_its_end(folder: Path, records: list[Record]) -> None:
    clocks = [at(record) for record in records]
    assert clocks == sorted(clocks)
    until = json.loads((folder / "out" / "summary.json").read_text())["until"]
    assert clocks[-1] <= datetime.fromisoformat(until)


def test_the_trouble_of_the_run_is_found(records: list[Record]) -> None:
    assert {"dwell", "held", "late", "missed", "run", "silent", "pipeline_behind", "carrier_silent"} <= {
        record["rule"] for record in records
    }


def test_versions_of_an_id_count_from_one_without_a_gap_and_the_first_is_open(records: list[Record]) -> None:
    for versions in by_id(records).values():
        assert [record["version"] for record in versions] == list(range(1, len(versions) + 1))
        assert versions[0]["status"] == "open"
        assert all("open" in {before["status"], after["status"]} for before, after in pairwise(versions))


def test_what_an_id_is_about_never_changes(records: list[Record]) -> None:
    for versions in by_id(records).values():
        about = ("rule", "container", "journey", "detected_at", "node", "leg")
        assert len({tuple(record.get(name) for name in about) for record in versions}) == 1
        assert at(versions[0], "detected_at") == at(versions[0]) >= at(versions[0], "deadline")


def test_a_record_has_the_fields_of_the_contract_and_no_others(records: list[Record]) -> None:
    for record in records:
        is_incident = record["rule"] in INCIDENTS
        place = "leg" if record["rule"] in {"run", "wrong_way"} else "node"
        assert set(record) == FIELDS | {place} | ({"children"} if is_incident else set())
        assert (record["container"] is None) is is_incident
        assert (record["resolved_at"] is None, record["reason"] is None) == (record["status"] == "open",) * 2
        assert record["status"] in {"open", "resolved"}
        assert record["severity"] in {"warning", "critical"}
        assert record["cause"] in {"container", "node", "carrier", "pipeline", "unknown"}
        assert record["threshold_source"] in {"plan", "template", "learned"}
        assert record["replay"] is False
        for evidence in record["evidence"]:
            assert set(evidence) == {"topic", "partition", "offset", "carrier", "report"}


def test_evidence_was_known_at_the_clock_of_its_version(folder: Path, records: list[Record]) -> None:
    sent: defaultdict[str, list[str]] = defaultdict(list)
    lines = [json.loads(line) for line in (folder / "in.jsonl").read_text().splitlines()]
    for line in sorted(lines, key=lambda each: each["received_at"]):
        sent[line["carrier"]].append(line["received_at"])
    told = [record for record in records if record["rule"] not in INCIDENTS]
    for record in told:
        assert record["evidence"]
        for each in record["evidence"]:
            assert datetime.fromisoformat(sent[each["carrier"]][each["offset"]]) <= at(record)


def test_children_are_the_open_exceptions_that_an_incident_explains_then(records: list[Record]) -> None:
    incidents = [record for record in records if record["rule"] in INCIDENTS]
    assert max(record["children"] for record in incidents) > 0
    for incident in incidents:
        states = {record["id"]: record for record in records if at(record) <= at(incident)}
        mine = [each for each in states.values() if each["incident"] == incident["id"] and each["status"] == "open"]
        assert incident["children"] == len(mine)


def test_what_is_explained_is_so_by_an_incident_that_was_told_before(records: list[Record]) -> None:
    causes: dict[str, str] = {}
    for record in records:
        if record["rule"] in INCIDENTS:
            causes[record["id"]] = record["cause"]
        elif record["incident"] is not None and record["status"] == "open":
            assert record["cause"] == causes[record["incident"]]


def test_norms_are_those_of_a_day_before_the_clock_and_learned_after_the_first_one(records: list[Record]) -> None:
    versions = {record["norms_version"] for record in records if record["rule"] not in INCIDENTS}
    assert len(versions) > 5
    for record in records:
        assert record["norms_version"] * 86_400 <= at(record).timestamp()


def test_the_summary_counts_exceptions_and_incidents_by_rule(folder: Path, records: list[Record]) -> None:
    summary = json.loads((folder / "out" / "summary.json").read_text())
    assert summary["exceptions"] == Counter(versions[0]["rule"] for versions in by_id(records).values())


def test_a_second_run_on_the_same_lines_in_another_order_writes_the_same_bytes(folder: Path) -> None:
    lines = (folder / "in.jsonl").read_text().splitlines(keepends=True)
    (folder / "back.jsonl").write_text("".join(reversed(lines)))
    tracker("batch", folder / "back.jsonl", "--out", folder / "again")
    for file in ("exceptions.jsonl", "summary.json"):
        assert (folder / "out" / file).read_bytes() == (folder / "again" / file).read_bytes()
