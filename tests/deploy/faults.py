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
from functools import partial
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaProducer

from deploy.source.routes import SHOWN
from deploy.source.rules_canary import JOB as CANARIES
from deploy.source.rules_pipeline import JOB
from deploy.source.thresholds import DEPLOY, load_thresholds
from deploy.source.written import alerts
from tests.broker.jars import REPOSITORY
from tests.broker.kafka import Kafka
from tests.chaos.toxic import Toxic
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
        others = {"exporter": exporter}
        if "canary" in settings:
            watched = env | {"TRACKER_CANARY_PORT": str(canary := free_port())}
            command = [sys.executable, "-m", "tracker.cli", "canary"]
            others["canary"] = stack.enter_context(running(command, folder / "canary.log", cwd=REPOSITORY, env=watched))
            until(lambda: answers(f"http://127.0.0.1:{canary}/metrics"), "the canaries' sender answers", 60)
            targets[CANARIES] = [f"127.0.0.1:{canary}"]
        watching = stack.enter_context(prometheus(folder, targets, manager))
        until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "the worker is ready", 60)
        until(lambda: hook.heard("Watchdog") != [], "Watchdog is told")
        until(
            lambda: not watching.firing() & {"NoWorker", "WorkerDown", "RestoreStuck", "ExporterDown"},
            "all is well",
            40,
        )
        hook.told.clear()
        yield Scene(broker, worker, watching, hook, folder, others, watching.firing())


def kill_worker(now: Scene) -> None:
    now.worker.send_signal(signal.SIGKILL)


def stop_broker(now: Scene) -> None:
    os.kill(now.broker.pid, signal.SIGKILL)


def freeze_broker(now: Scene) -> None:
    os.kill(now.broker.pid, signal.SIGSTOP)


def lose_target(now: Scene) -> None:
    now.others["exporter"].terminate()


def stop_canary(now: Scene) -> None:
    now.others["canary"].terminate()


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

    def run(broker: EmbeddedBroker) -> None:
        with tempfile.TemporaryDirectory() as name:
            _run(broker, Path(name))

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

    with_broker(run)


def with_broker(act: Callable[[EmbeddedBroker], None]) -> None:
    """Do something beside a broker; in a thread, because it waits."""

    async def run() -> None:
        async with EmbeddedBroker() as broker:
            await asyncio.to_thread(act, broker)

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


def restore() -> None:
    """A worker comes back without its rows, and the way to the broker is narrow."""
    way = free_port()
    with tempfile.TemporaryDirectory() as name, Toxic(way) as toxic, Kafka(proxy=way) as kafka, Hook() as hook:
        toxic.begin(kafka.behind_proxy)
        folder, port = Path(name), free_port()
        given = {"brokers": f"127.0.0.1:{toxic.port}", "web_port": port, "partitions": 2, "data_dir": folder / "rows"}
        env = os.environ | {f"TRACKER_{each.upper()}": str(value) for each, value in given.items()}
        tracker = [sys.executable, "-m", "tracker.cli"]
        start = partial(running, [*tracker, "worker"], folder / "worker.log", cwd=REPOSITORY, env=env)
        ready = f"http://127.0.0.1:{port}/readyz"
        with start() as worker:
            until(lambda: answers(ready), "the worker is ready", 120)
            traffic = ["simulate", "--brokers", kafka.bootstrap, "--quiet", "--days", "20", "--reports", "50000"]
            subprocess.run([*tracker, *traffic], cwd=REPOSITORY, check=True)
            until(lambda: not answers(ready), "it is behind", 60)
            until(lambda: answers(ready), "it has taken everything in", 300)
            worker.kill()
        toxic.narrow(10)
        with alertmanager(folder, hook.address) as manager, prometheus(folder, {JOB: [ready[7:-7]]}, manager) as seen:
            until(lambda: hook.heard("Watchdog") != [], "Watchdog is told")
            before = seen.firing()
            with start():
                begun = time.monotonic()
                until(lambda: hook.heard("RestoreStuck") != [], "RestoreStuck is told", SECONDS_MAX)
                took = time.monotonic() - begun
                held = " ".join(sorted(seen.firing() - before - {"RestoreStuck"})) or "-"
                print(f"| restore over 10 kB/s | RestoreStuck | {took:.0f} s + 10m | - | {held} |", flush=True)


def main() -> None:
    """Every fault that can be made on processes."""
    print("| fault | alert | told after | told too | held back |\n|---|---|---|---|---|")
    watch("worker killed (SIGKILL)", kill_worker, "NoWorker")
    watch("broker stopped (SIGKILL)", stop_broker, "NoWorker")
    watch("flood of 400 rejects", flood, "CarrierRejects")
    watch("Prometheus target lost", lose_target, "ExporterDown")
    watch("disk full, rows in RocksDB", fill_disk, "NoWorker", store="rocksdb")
    watch("broker frozen (SIGSTOP)", freeze_broker, "NoWorker")
    watch("canary stopped", stop_canary, "CanaryDown", canary="true")
    restore()
    switch()


if __name__ == "__main__":
    main()
