"""Real Prometheus and Alertmanager with our own rules and routes, hurried, and a webhook that keeps what it is told.

Hurried: what takes minutes takes a second or two. Names, expressions, routes and inhibition stay as they are.
"""

import copy
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from deploy.source import routes
from deploy.source.thresholds import DEPLOY, load_thresholds
from deploy.source.written import rule_files, rules_document
from scripts.programs import find
from tracker.broker.lifeline import tied

READY_SECONDS: Final = 120.0


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> float:
    """Wait for something; how long it took. Fails with `what` when it does not come."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < seconds, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - begun


def answers(address: str) -> bool:
    """Whether a page can be had."""
    try:
        with urlopen(address, timeout=2) as answer:  # noqa: S310 (ours)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


class Hook:
    """A webhook: every notification as it came, with the receiver's name."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failed: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def heard(self, alertname: str, status: str = "firing") -> list[str]:
        """The receivers that were told of an alert in a state, in order."""
        return [
            one["receiver"]
            for one in list(self.told)
            for alert in one["alerts"]
            if alert["labels"]["alertname"] == alertname and alert["status"] == status
        ]


def hurried_rules(folder: Path) -> None:
    """Our rules' files, evaluated every second and held for no more than three: one scrape may fail."""
    thresholds = load_thresholds()
    for name, groups in rule_files(thresholds).items():
        document = rules_document(groups, thresholds.runbooks)
        for group in document["groups"]:
            group["interval"] = "1s"
            for rule in group["rules"]:
                for key in ("for", "keep_firing_for"):
                    if key in rule:
                        rule[key] = "3s"
        (folder / "rules").mkdir(exist_ok=True)
        (folder / "rules" / f"{name}.yml").write_text(yaml.safe_dump(document))


def hurried_routing(hook: str) -> dict[str, Any]:
    """Our routes and inhibition, told within a second, with every receiver a webhook."""
    document = copy.deepcopy(routes.routing())
    document["receivers"] = [
        {"name": each["name"], "webhook_configs": [{"url": hook, "send_resolved": True}]}
        for each in document["receivers"]
    ]
    for route in (document["route"], *document["route"]["routes"]):
        for key in ("group_wait", "group_interval"):
            if key in route:
                route[key] = "1s"
        if route.get("repeat_interval") == "1m":
            route["repeat_interval"] = "3s"
    return document


@contextmanager
def running(command: list[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process while the block lasts."""
    with log.open("ab") as out:
        process = subprocess.Popen(tied(command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Prometheus:
    """A running Prometheus."""

    def __init__(self, address: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.address, self.process = address, process

    def get(self, path: str, **parameters: str | float) -> Any:
        """The `data` of an API answer. Raises `Refused` with Prometheus' words."""
        try:
            with urlopen(f"{self.address}/api/v1/{path}?{urlencode(parameters)}", timeout=20) as answer:  # noqa: S310
                return json.load(answer)["data"]
        except HTTPError as error:
            raise Refused(f"{parameters}: {json.load(error)['error']}") from None

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The samples of an expression now."""
        return list(self.get("query", query=expr)["result"])

    def series(self, expr: str, seconds: float = 60, step: float = 5) -> list[dict[str, Any]]:
        """The samples of an expression over the last seconds."""
        now = time.time()
        return list(self.get("query_range", query=expr, start=now - seconds, end=now, step=step)["result"])

    def firing(self) -> set[str]:
        """Names of the alerts that fire now."""
        return {each["labels"]["alertname"] for each in self.get("alerts")["alerts"] if each["state"] == "firing"}


class Refused(Exception):
    """Prometheus did not take a query; its words."""


@contextmanager
def prometheus(
    folder: Path,
    targets: Mapping[str, list[str]],
    alertmanager: str | None = None,
    *,
    every: int = 2,
    rules: Callable[[Path], None] = hurried_rules,
) -> Iterator[Prometheus]:
    """A Prometheus with our rules, as `rules` writes them, that scrapes the targets of each job every `every` s."""
    folder.mkdir(exist_ok=True)
    rules(folder)
    port = free_port()
    managers = [] if alertmanager is None else [{"static_configs": [{"targets": [alertmanager.split("//")[1]]}]}]
    document = {
        "global": {"scrape_interval": f"{every}s", "scrape_timeout": f"{every}s", "evaluation_interval": "1s"},
        "rule_files": ["rules/*.yml"],
        "alerting": {"alertmanagers": managers},
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": hosts}]}
            for job, hosts in ({"prometheus": [f"127.0.0.1:{port}"]} | dict(targets)).items()
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(document))
    address = f"http://127.0.0.1:{port}"
    command = [
        str(find("prometheus")), f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage", f"--web.console.templates={DEPLOY / 'prometheus' / 'consoles'}",
        "--rules.alert.resend-delay=1s",
    ]  # fmt: skip
    with running(command, folder / "prometheus.log") as process:
        until(lambda: answers(f"{address}/-/ready"), "Prometheus is ready")
        yield Prometheus(address, process)


@contextmanager
def alertmanager(folder: Path, hook: str) -> Iterator[str]:
    """An Alertmanager with our routes, telling a webhook; its address."""
    folder.mkdir(exist_ok=True)
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(hurried_routing(hook)))
    address = f"127.0.0.1:{free_port()}"
    command = [
        str(find("prometheus-alertmanager")), f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}", f"--web.listen-address={address}", "--cluster.listen-address=",
    ]  # fmt: skip
    with running(command, folder / "alertmanager.log"):
        until(lambda: answers(f"http://{address}/-/ready"), "Alertmanager is ready")
        yield f"http://{address}"
