"""Faults made on purpose: which alert came, after how long, what was held back. `python -m tests.deploy.faults`.

Not a test: it prints a table, once, for deploy/README.md. Rules are hurried (what is held for minutes is held for three
seconds), so that to the seconds measured comes what the shipped rule waits, which is named beside them.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaProducer

from deploy.source.routes import SHOWN
from deploy.source.rules_pipeline import JOB
from deploy.source.thresholds import DEPLOY, load_thresholds
from deploy.source.written import alerts
from tests.broker.jars import REPOSITORY
from tests.deploy.stack import Hook, Prometheus, alertmanager, answers, free_port, prometheus, running, until
from tracker.broker.embedded import EMBEDDED_SETTINGS, EmbeddedBroker

SECONDS_MAX = 90.0
DISK_MEBIBYTES = 12


class Scene(NamedTuple):
    """Everything that runs while a fault is made."""

    broker: EmbeddedBroker
    worker: subprocess.Popen[bytes]
    prometheus: Prometheus
    hook: Hook
    folder: Path
    others: dict[str, subprocess.Popen[bytes]]
    before: set[str]


@contextmanager
def scene(broker: EmbeddedBroker, folder: Path, **settings: str) -> Iterator[Scene]:
    """Worker, Prometheus, Alertmanager, a webhook, and another program that is scraped."""
    port, other = free_port(), free_port()
    given = {**EMBEDDED_SETTINGS, "brokers": broker.address, "web_port": port, "partitions": 2, **settings}
    env = os.environ | {f"TRACKER_{name.upper()}": str(value) for name, value in given.items()}
    with ExitStack() as stack:
        command = [sys.executable, "-m", "tracker.cli", "worker"]
        worker = stack.enter_context(running(command, folder / "worker.log", cwd=REPOSITORY, env=env))
        web = [sys.executable, "-m", "http.server", str(other), "--bind", "127.0.0.1", "--directory", str(folder)]
        exporter = stack.enter_context(running(web, folder / "exporter.log"))
        (folder / "metrics").write_text("kafka_up 1\n")
        hook = stack.enter_context(Hook())
        manager = stack.enter_context(alertmanager(folder, hook.address))
        targets = {JOB: [f"127.0.0.1:{port}"], "kafka": [f"127.0.0.1:{other}"]}
        watching = stack.enter_context(prometheus(folder, targets, manager))
        until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "the worker is ready", 60)
        until(lambda: hook.heard("Watchdog") != [], "Watchdog is told")
        until(
            lambda: not watching.firing() & {"NoWorker", "WorkerDown", "RestoreStuck", "ExporterDown"},
            "all is well",
            40,
        )
        hook.told.clear()
        yield Scene(broker, worker, watching, hook, folder, {"exporter": exporter}, watching.firing())


def kill_worker(now: Scene) -> None:
    now.worker.send_signal(signal.SIGKILL)


def stop_broker(now: Scene) -> None:
    os.kill(now.broker.pid, signal.SIGKILL)


def freeze_broker(now: Scene) -> None:
    os.kill(now.broker.pid, signal.SIGSTOP)


def lose_target(now: Scene) -> None:
    now.others["exporter"].terminate()


def flood(now: Scene) -> None:
    asyncio.run(_send(now.broker.address, [b"this is no report"] * 400))


def fill_disk(now: Scene) -> None:
    with suppress(OSError):
        (now.folder / "rows" / "full").write_bytes(b"\0" * DISK_MEBIBYTES * 2**20)
    command = [sys.executable, "-m", "tracker.cli", "simulate", "--brokers", now.broker.address, "--no-idempotent"]
    subprocess.run([*command, "--quiet", "--days", "4", "--fast-days", "4"], cwd=REPOSITORY, check=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of a few MiB for the rows, where this may be mounted (root)."""
    (folder / "rows").mkdir()
    disk = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEBIBYTES}m", "none", str(folder / "rows")]
    subprocess.run(disk, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder / "rows")], check=True)


async def _send(address: str, bodies: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address) as producer:
        for body in bodies:
            await producer.send("carrier.ktz-express.events", body)
        await producer.flush()


def watch(title: str, fault: Callable[[Scene], None], wanted: str, quiet: float = 6.0, **settings: str) -> None:
    """Make one fault, wait for its alert and a little longer, and print a row."""

    async def run() -> None:
        async with EmbeddedBroker() as broker:
            with tempfile.TemporaryDirectory() as folder:
                await asyncio.to_thread(_run, broker, Path(folder))

    def _run(broker: EmbeddedBroker, folder: Path) -> None:
        disk = small_disk(folder) if fault is fill_disk else nullcontext()
        with disk, scene(broker, folder, data_dir=str(folder / "rows"), **settings) as now:
            begun = time.monotonic()
            fault(now)
            until(lambda: now.hook.heard(wanted) != [], f"{wanted} is told", SECONDS_MAX)
            seconds = time.monotonic() - begun
            time.sleep(quiet)
            fired = now.prometheus.firing() - now.before
            heard = [one for one in now.hook.told if one["receiver"] != SHOWN]
            told = {
                each["labels"]["alertname"] for one in heard for each in one["alerts"] if each["status"] == "firing"
            }
            told -= now.before
            held = " ".join(sorted(fired - told)) or "-"
            waits = {alert.name: alert.hold or "0s" for alert in alerts(load_thresholds())}[wanted]
            also = " ".join(sorted(told - {wanted})) or "-"
            print(f"| {title} | {wanted} | {seconds:.0f} s + {waits} | {also} | {held} |", flush=True)
            if broker.pid and fault is freeze_broker:
                os.kill(broker.pid, signal.SIGCONT)

    asyncio.run(run())


def switch() -> None:
    """Prometheus dies: the dead man's switch calls, nobody else can."""
    with tempfile.TemporaryDirectory() as name, Hook():
        folder, mails, port = Path(name), free_port(), free_port()
        smtp = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{mails}"]
        call = [
            *(sys.executable, str(DEPLOY / "deadman.py"), "--port", str(port), "--seconds", "10"),
            *("--smtp", f"127.0.0.1:{mails}", "--to", "duty@rail.example"),
        ]
        with (
            running(smtp, folder / "smtp.log"),
            running(call, folder / "deadman.log"),
            alertmanager(folder, f"http://127.0.0.1:{port}/") as manager,
            prometheus(folder, {}, manager) as watching,
        ):
            time.sleep(15)
            log = folder / "deadman.log"
            assert "nobody is told" not in log.read_text()
            begun = time.monotonic()
            watching.process.kill()  # type: ignore[union-attr]  # we started it
            until(lambda: "nobody is told" in log.read_text(), "the switch calls", SECONDS_MAX)
            print(
                f"| Prometheus killed | dead man's switch | {time.monotonic() - begun:.0f} s + 3m | - | - |", flush=True
            )


def main() -> None:
    """Every fault that can be made on processes."""
    print("| fault | alert | told after | told too | held back |\n|---|---|---|---|---|")
    watch("worker killed (SIGKILL)", kill_worker, "NoWorker")
    watch("broker stopped (SIGKILL)", stop_broker, "NoWorker")
    watch("flood of 400 rejects", flood, "CarrierRejects")
    watch("Prometheus target lost", lose_target, "ExporterDown")
    watch("disk full, rows in RocksDB", fill_disk, "NoWorker", store="rocksdb")
    watch("broker frozen (SIGSTOP)", freeze_broker, "NoWorker")
    switch()


if __name__ == "__main__":
    main()
