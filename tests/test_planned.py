"""Thresholds and planned disruptions as a person gives them to the commands."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.test_cli import sent, tracker

BOX, OTHER = "CSQU3054383", "MSKU1234565"
WAY = [
    ("departed", "CN-XIAN", "2026-03-02T08:00:00Z"),
    ("arrived", "CN-HORGOS", "2026-03-05T08:00:00Z"),
    ("departed", "CN-HORGOS", "2026-03-05T22:00:00Z"),
    ("arrived", "KZ-ALTYNKOL", "2026-03-06T00:00:00Z"),
    ("departed", "KZ-ALTYNKOL", "2026-03-08T00:00:00Z"),
    ("arrived", "KZ-AKTAU", "2026-03-11T12:00:00Z"),
]
STORM = {
    "id": "storm-7",
    "node": "KZ-AKTAU",
    "direction": "westbound",
    "from": "2026-03-12T00:00:00Z",
    "to": "2026-03-16T00:00:00Z",
    "reason": "storm",
    "by": None,
}


@pytest.fixture
def input_file(tmp_path: Path) -> Path:
    """A container that comes to Aktau and stays, and another's word every hour, so that nothing else is quiet."""
    lines = [
        {"carrier": "ktz", "received_at": at, "body": {"container": BOX, "kind": kind, "node": node, "occurred_at": at}}
        for kind, node, at in WAY
    ]
    hours = [f"2026-03-{day:02}T{hour:02}:30:00Z" for day in range(2, 15) for hour in range(24)]
    told = {"container": OTHER, "kind": "arrived", "node": "GE-POTI", "classifier": "planned"}
    lines += [{"carrier": "ktz", "received_at": at, "body": told | {"occurred_at": at}} for at in hours]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def thresholds(tmp_path: Path) -> Path:
    path = tmp_path / "thresholds.yaml"
    path.write_text("stays:\n  KZ-AKTAU: {warning: 48, critical: 96}\n")
    return path


def dwells(out: Path) -> list[dict[str, Any]]:
    """The versions of what stayed too long."""
    lines = [json.loads(line) for line in (out / "exceptions.jsonl").read_text().splitlines()]
    return [line for line in lines if line["rule"] == "dwell"]


def test_batch_judges_by_the_thresholds_given_and_says_so(input_file: Path, thresholds: Path, tmp_path: Path) -> None:
    assert tracker("batch", input_file, "--out", tmp_path / "without").exit_code == 0
    assert dwells(tmp_path / "without") == []
    result = tracker("batch", input_file, "--out", tmp_path / "with", "--thresholds", thresholds)
    assert result.exit_code == 0, result.stderr
    [dwell] = dwells(tmp_path / "with")
    assert (dwell["node"], dwell["at"], dwell["severity"]) == ("KZ-AKTAU", "2026-03-13T12:00:00Z", "warning")
    assert (dwell["threshold_seconds"], dwell["threshold_source"]) == (48 * 3600, "template")
    assert (dwell["incident"], dwell["cause"]) == (None, "unknown")


def test_thresholds_may_come_from_the_environment(input_file: Path, thresholds: Path, tmp_path: Path) -> None:
    result = tracker("batch", input_file, "--out", tmp_path / "out", TRACKER_THRESHOLDS=str(thresholds))
    assert result.exit_code == 0
    assert len(dwells(tmp_path / "out")) == 1


@pytest.mark.parametrize("content", [json.dumps(STORM) + "\n", json.dumps([STORM], indent=1)])
def test_batch_marks_what_a_disruption_explains(
    content: str, input_file: Path, thresholds: Path, tmp_path: Path
) -> None:
    (tmp_path / "d").write_text(content)
    result = tracker(
        "batch", input_file, "--out", tmp_path / "out", "--thresholds", thresholds, "--disruptions", tmp_path / "d"
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    [dwell] = dwells(tmp_path / "out")
    assert (dwell["incident"], dwell["cause"]) == ("storm-7", "node")


@pytest.mark.parametrize(
    ("command", "option", "content", "told"),
    [
        ("batch", "thresholds", "stays: {KZ-ATLANTIS: {warning: 1, critical: 2}}\n", "line 1: stays: node KZ-ATLANTIS"),
        ("worker", "thresholds", "missed: 12\nlate: soon\n", "line 2: late: seen 'soon'"),
        ("batch", "disruptions", json.dumps(STORM | {"node": "KZ-ATLANTIS"}), "line 1: node KZ-ATLANTIS seen"),
        ("batch", "disruptions", "{", "line 1: not JSON"),
    ],
)
def test_a_wrong_file_is_a_usage_error_of_one_line(
    command: str, option: str, content: str, told: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text(content)
    files = [sent(tmp_path / "in.jsonl"), "--out", tmp_path / "out"] if command == "batch" else []
    result = tracker(command, *files, f"--{option}", wrong)
    assert result.exit_code == 2
    assert f"tracker: {option} file {wrong}, {told}" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def add(**changes: str) -> tuple[int, str]:
    """What `tracker disruption add` says, and its status, where there is no broker."""
    given = {"node": "KZ-AKTAU", "from": STORM["from"], "to": STORM["to"], "reason": "storm"} | changes
    options = [word for name, value in given.items() for word in (f"--{name}", value)]
    result = tracker("disruption", "add", *options, TRACKER_BROKERS="127.0.0.1:9")
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("node", "KZ-ATLANTIS", "node KZ-ATLANTIS seen, wanted one of the network"),
        ("direction", "northbound", "direction northbound seen, wanted one at KZ-AKTAU: eastbound, westbound"),
        ("to", "2026-03-12T00:00:00Z", "wanted a later end"),
        ("network", str(Path(__file__)), "network file"),
    ],
)
def test_a_disruption_that_can_not_be_is_refused_with_one_line_before_a_broker_is_asked(
    name: str, value: str, told: str
) -> None:
    status, said = add(**{name: value})
    assert status == 2
    assert told in said
    assert len(said.splitlines()) == 1


def test_without_a_broker_entering_a_disruption_ends_with_status_three() -> None:
    status, said = add()
    assert status == 3
    assert "127.0.0.1:9" in said
    assert len(said.splitlines()) == 1
