"""The commands as a person types them: exit status, one clear line for each failure, the result files."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from tracker.cli import main

REPORT = {
    "container": "CSQU3054383",
    "kind": "departed",
    "occurred_at": "2026-03-01T08:40:00Z",
    "node": "CN-XIAN",
    "id": "A-1",
}


def tracker(*arguments: object, **environment: str) -> Result:
    """The command, in this process, with nothing of the caller's TRACKER_ settings."""
    clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("TRACKER_")}
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={**clean, **environment})


def sent(path: Path, *bodies: Any, received: str = "2026-03-01T09:00:00Z") -> Path:
    lines = [{"carrier": "ktz", "received_at": received, "body": body} for body in bodies]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def results(folder: Path) -> dict[str, list[Any]]:
    files = folder.glob("*.jsonl")
    return {file.name: [json.loads(line) for line in file.read_text().splitlines()] for file in files}


def test_batch_writes_every_file_and_is_good_whatever_the_reports_are_like(tmp_path: Path) -> None:
    file = sent(tmp_path / "in.jsonl", REPORT, REPORT, {"no": "report"}, [1, "x"], None)
    with file.open("a") as more:
        more.write('{"carrier":"ktz","received_at":"2026-03-01T09:00:00Z","raw":"/w=="}\n')
    result = tracker("batch", file, "--out", tmp_path / "out")
    assert result.exit_code == 0
    summary = json.loads(result.stdout)
    assert summary["reports"] == 7
    assert summary["outcomes"] == {"accepted": 1, "duplicate": 1, "superseded": 0, "rejected": 5}
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == summary
    written = results(tmp_path / "out")
    assert {name: len(lines) for name, lines in written.items()} == {
        "journeys.jsonl": 1,
        "facts.jsonl": 0,
        "exceptions.jsonl": 0,
        "expected.jsonl": 0,
        "baselines.jsonl": 0,
        "rejected.jsonl": 5,
        "feedback.jsonl": 6,
    }
    statistics = json.loads((tmp_path / "out" / "corridors.json").read_text())
    assert set(statistics) == {"until", "corridors", "nodes", "crossings", "legs", "years", "targets"}


def test_reports_received_after_the_clock_do_not_exist(tmp_path: Path) -> None:
    early = sent(tmp_path / "early.jsonl", REPORT)
    late = sent(tmp_path / "late.jsonl", REPORT | {"id": "A-2"}, received="2026-03-02T09:00:00Z")
    result = tracker("batch", early, late, "--until", "2026-03-01T12:00:00Z", "--out", tmp_path / "out")
    assert json.loads(result.stdout)["reports"] == 1
    assert json.loads(result.stdout)["until"] == "2026-03-01T12:00:00Z"


def test_the_order_of_the_input_lines_changes_nothing(tmp_path: Path) -> None:
    moves = [REPORT | {"id": f"A-{n}", "node": node, "occurred_at": f"2026-03-0{n}T00:00:00Z", "kind": kind}
             for n, (node, kind) in enumerate([("CN-XIAN", "departed"), ("CN-HORGOS", "arrived"),
                                               ("CN-HORGOS", "departed"), ("KZ-ALTYNKOL", "arrived")], 1)]  # fmt: skip
    for name, bodies in (("there", moves), ("back", moves[::-1])):
        sent(tmp_path / f"{name}.jsonl", *bodies, received="2026-03-05T00:00:00Z")
        assert tracker("batch", tmp_path / f"{name}.jsonl", "--out", tmp_path / name).exit_code == 0
    for file in ("journeys.jsonl", "facts.jsonl", "exceptions.jsonl", "corridors.json", "summary.json"):
        assert (tmp_path / "there" / file).read_bytes() == (tmp_path / "back" / file).read_bytes()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1"),
        ('{"carrier":"ktz","body":{}}', "received_at"),
        ('{"carrier":"ktz","received_at":"2026-03-01T09:00:00","body":{}}', "offset"),
        ('{"carrier":"ktz","received_at":"2026-03-01T09:00:00Z"}', "neither body nor raw"),
        ('{"carrier":"ktz","received_at":"2026-03-01T09:00:00Z","raw":"?"}', "base64"),
    ],
)
def test_a_line_that_is_no_input_is_a_usage_error_that_names_it(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "in.jsonl").write_text(line + "\n")
    result = tracker("batch", tmp_path / "in.jsonl", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_network_check_names_line_and_fault(tmp_path: Path) -> None:
    broken = tmp_path / "network.yaml"
    broken.write_text("nodes: []\nroads: []\n")
    result = tracker("network", "check", broken)
    assert result.exit_code == 1
    assert "line 2" in result.stdout


def test_network_check_is_good_for_a_good_file() -> None:
    packaged = Path(__file__).parents[1] / "tracker" / "contract" / "network.yaml"
    assert tracker("network", "check", packaged).exit_code == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TRACKER_PARTITIONS", "many"), ("TRACKER_BROKERS", "nowhere"), ("TRACKER_STORE", "paper")],
)
def test_a_wrong_setting_stops_the_start_with_one_line(variable: str, value: str) -> None:
    result = tracker("worker", **{variable: value})
    assert result.exit_code == 2
    assert variable in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("kind", ["network", "carriers"])
def test_a_wrong_file_stops_the_start_with_one_line(tmp_path: Path, kind: str) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("x: 1\n")
    result = tracker("worker", f"--{kind}", broken)
    assert result.exit_code == 2
    assert str(broken) in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_no_broker_ends_after_the_bounded_time_with_status_three() -> None:
    changes = {"TRACKER_BROKERS": "127.0.0.1:9", "TRACKER_BROKER_WAIT_SECONDS": "0.5", "TRACKER_WEB_PORT": "0"}
    environment = os.environ | changes
    ended = subprocess.run(
        [sys.executable, "-m", "tracker.cli", "worker"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3
    assert "no broker at 127.0.0.1:9" in ended.stderr


def test_a_second_demo_on_the_same_port_says_so_in_one_line_and_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "tracker.cli", "demo", "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert "Address already in use" in line


def test_simulated_traffic_goes_through_batch(tmp_path: Path) -> None:
    result = tracker("simulate", "--to", tmp_path / "in.jsonl", "--days", 3, "--faults", "default", "--quiet")
    assert result.exit_code == 0
    summary = json.loads(tracker("batch", tmp_path / "in.jsonl", "--out", tmp_path / "out").stdout)
    assert summary["reports"] >= 1000
    assert summary["outcomes"]["rejected"] > 0


def test_the_demo_shows_a_metric_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "tracker.cli", "demo", "--port", "0", "--days", "20"]
    demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert demo.stdout is not None
        address = next(line.split()[1] for line in demo.stdout if line.strip().startswith("metrics"))
        assert _counted(address, within=60)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=30) == 0
    finally:
        demo.kill()
        demo.communicate()
    assert list(tmp_path.glob("tracker-*")) == []


def test_the_quiet_demo_has_no_traffic_of_its_own(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "tracker.cli", "demo", "--port", "0", "--quiet"]
    demo = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert demo.stdout is not None
        said = list(iter(demo.stdout.readline, "  Stop with Ctrl-C.\n"))
        assert not any("Simulated traffic" in line for line in said)
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
        running = [Path(f"/proc/{child}/cmdline").read_text() for child in children]
        assert not any("simulate" in line for line in running)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=30) == 0
    finally:
        demo.kill()
        demo.communicate()
    assert list(tmp_path.glob("tracker-*")) == []


def _counted(address: str, within: float) -> bool:
    """Whether a corridor's volume shows at the metrics address before the time is over."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with urlopen(address, timeout=10) as answer:  # noqa: S310  # the demo's own address
            for line in answer.read().decode().splitlines():
                if line.startswith("rail_corridor_volume_teu{") and float(line.split()[-1]) > 0:
                    return True
    return False
