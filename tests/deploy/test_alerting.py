"""From a worker's death to a person's desk and back, through real programs."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.source import routes
from deploy.source.rules_pipeline import JOB
from deploy.source.thresholds import DEPLOY
from scripts.programs import find
from tests.broker.jars import REPOSITORY
from tests.deploy.stack import Hook, alertmanager, answers, free_port, prometheus, running, until
from tracker.broker.embedded import EMBEDDED_SETTINGS, EmbeddedBroker

pytestmark = pytest.mark.programs


@contextmanager
def worker(brokers: str, port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the product on a broker, with the wall's clock as in operation."""
    settings = {**EMBEDDED_SETTINGS, "brokers": brokers, "web_port": port, "partitions": 2, "data_dir": folder}
    given = {f"TRACKER_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "tracker.cli", "worker"]
    with running(command, folder / "worker.log", cwd=REPOSITORY, env=os.environ | given) as process:
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the worker answers")
        yield process


async def test_a_killed_worker_is_told_of_and_its_return_too(tmp_path: Path) -> None:
    port = free_port()
    async with EmbeddedBroker() as broker:
        # Threads, because the broker's own process is watched by this loop.
        await asyncio.to_thread(_killed_and_started_again, broker.address, port, tmp_path)


def _killed_and_started_again(brokers: str, port: int, folder: Path) -> None:
    with (
        Hook() as hook,
        alertmanager(folder, hook.address) as manager,
        prometheus(folder, {JOB: [f"127.0.0.1:{port}"]}, manager) as watching,
    ):
        with worker(brokers, port, folder) as first:
            until(lambda: set(hook.heard("Watchdog")) == {routes.DEAD_MAN}, "the dead man's switch is pinged")
            until(lambda: not watching.firing() & {"NoWorker", "WorkerDown"}, "the worker is seen")
            hook.told.clear()
            first.send_signal(signal.SIGKILL)
            first.wait()
            until(lambda: routes.ENGINEERS in hook.heard("NoWorker"), "the engineers are told")
            until(lambda: "WorkerDown" in watching.firing(), "that this worker is down is known too")
        with worker(brokers, port, folder):
            until(lambda: routes.ENGINEERS in hook.heard("NoWorker", "resolved"), "they are told it is over")
        # It follows from none being up: it fired, and nobody was told.
        assert hook.heard("WorkerDown") == []


@pytest.mark.parametrize("name", ["alertmanager.yml", "examples.yml"])
def test_alertmanager_takes_its_files(name: str) -> None:
    said = subprocess.run(
        [find("amtool"), "check-config", DEPLOY / "alertmanager" / name], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"alertname": "Watchdog", "severity": "none", "scope": "pipeline"}, routes.DEAD_MAN),
        ({"alertname": "TargetBehindPlan", "severity": "info", "scope": "corridor"}, routes.SHOWN),
        ({"alertname": "WorkerDown", "severity": "critical", "scope": "pipeline"}, routes.ENGINEERS),
        ({"alertname": "CarrierRejects", "severity": "warning", "scope": "carrier"}, routes.CARRIERS),
        ({"alertname": "NodeStopped", "severity": "critical", "scope": "corridor"}, routes.DESK),
        ({"alertname": "ContainersLate", "severity": "warning", "scope": "containers"}, routes.DESK),
        ({"alertname": "RailContainerOverdue", "severity": "critical", "node": "KZ-AKTAU"}, routes.DESK),
        ({"alertname": "SomethingNew"}, routes.ENGINEERS),
    ],
)
def test_everybody_hears_what_is_his(labels: dict[str, str], receiver: str) -> None:
    said = subprocess.run(
        [
            *(find("amtool"), "config", "routes", "test"),
            f"--config.file={DEPLOY / 'alertmanager' / 'alertmanager.yml'}",
            *(f"{name}={value}" for name, value in labels.items()),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == receiver
