"""The carrier's guide is true: its programs are run as they stand there, and get what it says they get."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.broker.jars import fetch_jars
from tests.broker.whole import REPOSITORY, Whole
from tests.test_cli import tracker
from tracker.contract.intake import Intake, IntakeRules
from tracker.contract.network_file import load_network
from tracker.domain.moment import Millis, from_datetime
from tracker.domain.places import Places
from tracker.streams.topics import feedback_topic

GUIDE: Final = (REPOSITORY / "schemas" / "README.md").read_text()
AT: Final = datetime(2026, 11, 24, 13, tzinfo=UTC)
SECONDS: Final = 180


def blocks(language: str = "") -> list[str]:
    """The guide's pieces of code in a language; without one, commands and what they printed."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return [block for of, block in found if of == language]


def json_lines(block: str) -> list[str]:
    """The reports in a piece of shell."""
    return [line for line in block.splitlines() if line.startswith("{")]


def test_lint_prints_what_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = next(number for number, block in enumerate(blocks()) if "tracker lint" in block)
    monkeypatch.chdir(tmp_path)
    Path("reports.jsonl").write_text("\n".join(json_lines(blocks()[place])) + "\n")
    result = tracker("lint", "reports.jsonl", "--received", AT.isoformat())
    assert (result.exit_code, result.stdout) == (1, blocks()[place + 1])


def test_the_reports_of_the_console_get_what_the_guide_says() -> None:
    place = next(number for number, block in enumerate(blocks()) if "kafka-console-producer.sh" in block)
    intake = Intake(Places(load_network()), IntakeRules())
    received = Millis(from_datetime(AT))
    bodies = [line.replace("$NOW", "2026-11-24T12:59:00Z").encode() for line in json_lines(blocks()[place])]
    (good,), (bad,) = (intake.read("ktz-express", body, received) for body in bodies)
    assert (good.faults, good.report is not None) == ([], True)
    (said,) = [json.loads(line) for line in json_lines(blocks()[place + 1]) if '"sh-2"' in line]
    assert [fault.code for fault in bad.faults] == [fault["code"] for fault in said["faults"]]


@pytest.mark.broker
@pytest.mark.timeout(5 * SECONDS)
async def test_the_programs_send_a_good_report_and_are_told_of_the_bad_one(whole: Whole, tmp_path: Path) -> None:
    java, with_compiler = str(shutil.which("java")), _compiles()
    (tmp_path / "first_report.py").write_text(blocks("python")[0])
    (tmp_path / "FirstReport.java").write_text(blocks("java")[0])
    await whole.ready(whole.start("one"))
    environment = {**os.environ, "BROKERS": whole.settings.brokers}
    commands = {"py": [sys.executable, "first_report.py"]}
    if with_compiler:
        commands["java"] = [java, "-cp", str(fetch_jars() / "*"), "FirstReport.java"]
    for name, command in commands.items():
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert f'"{name}-2"' in done.stdout
        assert '"rejected"' in done.stdout
    told = [json.loads(each.value or b"") for each in await whole.records([feedback_topic("ktz-express")])]
    assert {said["id"]: said["outcome"] for said in told if said["index"] >= 0} == {
        f"{name}-2": "rejected" for name in commands
    }
    if not with_compiler:
        pytest.skip("the guide's Java program was not run: a JDK wanted on PATH, a runtime without compiler found")


def _compiles() -> bool:
    said = subprocess.run(["java", "--list-modules"], check=False, capture_output=True, text=True)
    return "jdk.compiler" in said.stdout
