"""A real Alertmanager on this machine, for tests: skipped where there is none, failed with CI set."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from scripts.programs import Missing, find
from tests.broker.kafka import free_ports
from tracker.broker.lifeline import tied

_CONFIG: Final = "route: {receiver: none}\nreceivers: [{name: none}]\n"


def program() -> str:
    """The program. Skips the test where there is none, or fails it where CI is set."""
    try:
        return str(find("prometheus-alertmanager"))
    except Missing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"must run where CI is set: {missing}")
        pytest.skip(str(missing))


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """An Alertmanager while the block lasts; gives its address."""
    (folder / "alertmanager.yml").write_text(_CONFIG)
    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    command = [
        program(), f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/alerts",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(tied(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while not _is_ready(address):
            assert time.monotonic() < deadline, (folder / "alertmanager.log").read_text()
            time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


def alerts(address: str) -> list[dict[str, Any]]:
    """Everything it holds that has not ended."""
    with urllib.request.urlopen(f"{address}/api/v2/alerts", timeout=5) as answer:  # noqa: S310  # our own
        found: list[dict[str, Any]] = json.load(answer)
    return found


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/-/ready", timeout=1) as answer:  # noqa: S310  # our own
            return bool(answer.status == 200)
    except OSError:
        return False
