"""A carrier's feed in `tracker batch`: its scorecard, its clock and what is missing, from simulated traffic."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.test_judged_batch import tracker

SCENARIO = """
clocks:
  - {carrier: ktz-express, from: 6, to: 7.5, hours: -3}
silences:
  - {carrier: cr-express, from: 4, to: 4.5, lost: true}
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """9 days of small traffic; a carrier's clock wrong for one and a half, what another sends lost for half of one."""
    where = tmp_path_factory.mktemp("feeds")
    (where / "scenario.yaml").write_text(SCENARIO)
    words = (
        *("--days", 9, "--trains-per-day", 3),
        *("--scenario", where / "scenario.yaml", "--truth", where / "truth.json"),
    )
    tracker("simulate", "--to", where / "in.jsonl", *words, "--quiet")
    tracker("batch", where / "in.jsonl", "--out", where / "out")
    return where / "out"


def test_a_wrong_clock_is_an_incident_of_its_carrier_and_told_to_it(out: Path) -> None:
    exceptions = [json.loads(line) for line in (out / "exceptions.jsonl").read_text().splitlines()]
    clocks = [record for record in exceptions if record["rule"] == "carrier_clock"]
    assert {(record["carrier"], record["threshold_seconds"]) for record in clocks} == {("ktz-express", -10_800)}
    assert [record["status"] for record in clocks] == ["open", "resolved"]
    assert "2026-03-07T00:00:00Z" <= clocks[0]["since"] < clocks[0]["at"] < "2026-03-08"
    told = feed_records(out, "ktz-express")
    assert [(record["incident"], record["hours"]) for record in told if "incident" in record] == [(clocks[0]["id"], -3)]


def test_what_was_lost_is_missing_to_the_last_report(out: Path) -> None:
    truth = json.loads((out.parent / "truth.json").read_text())
    cards = json.loads((out / "summary.json").read_text())["carriers"]
    lost = truth["carriers"]["cr-express"]["lost"]
    assert lost > 0
    assert cards["cr-express"]["missing"]["reports"] == lost
    assert sum(each["last"] - each["first"] + 1 for each in cards["cr-express"]["missing"]["ranges"]) == lost
    assert {card["missing"]["reports"] for name, card in cards.items() if name != "cr-express"} == {0}


def test_a_scorecard_tells_how_late_a_feed_is(out: Path) -> None:
    card = json.loads((out / "summary.json").read_text())["carriers"]["gr-log"]
    assert 0 < card["delay"]["p50_seconds"] < card["delay"]["p90_seconds"] < 12 * 3600
    assert card["delay"]["within_12h"] == 1.0
    assert (card["clock"], card["quiet"]) == (None, False)


def test_a_carrier_that_told_everything_is_complete_and_one_whose_reports_were_lost_is_not(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("silences: [{carrier: ktz-express, from: 7, to: 9, lost: true}]")
    words = ("--days", 12, "--trains-per-day", 1.5, "--faults", "none", "--scenario", tmp_path / "scenario.yaml")
    tracker("simulate", "--to", tmp_path / "in.jsonl", *words, "--quiet")
    tracker("batch", tmp_path / "in.jsonl", "--out", tmp_path)
    cards = json.loads((tmp_path / "summary.json").read_text())["carriers"]
    complete = {name: card["completeness"] for name, card in cards.items() if card["completeness"]["expected"]}
    assert {name for name, each in complete.items() if each["share"] < 1} == {"ktz-express"}
    assert complete["ktz-express"]["told"] > 0
    assert len(complete) >= 4


def feed_records(out: Path, carrier: str) -> list[dict[str, Any]]:
    records = map(json.loads, (out / "feedback.jsonl").read_text().splitlines())
    return [record for record in records if record["carrier"] == carrier and record["index"] < 0]
