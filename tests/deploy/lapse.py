"""Faults that show over days, made on purpose in lapsed time: `python -m tests.deploy.lapse` (ten minutes).

Not a test: it prints rows for deploy/README.md. A worker on the clock of its data takes simulated traffic at LAPSE
times real time, and a real Prometheus has the shipped rules with every time in them divided by LAPSE, so that hours of
trains pass in seconds and nothing of a rule is left out. Those of the pipeline go by the wall's clock and are left out.
"""

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.request import urlopen

import yaml

from deploy.source.routes import SHOWN
from deploy.source.rules_pipeline import JOB
from deploy.source.thresholds import load_thresholds
from deploy.source.written import rule_files, rules_document
from tests.broker.jars import REPOSITORY
from tests.deploy.faults import with_broker
from tests.deploy.stack import Hook, Prometheus, alertmanager, answers, free_port, prometheus, running, until
from tracker.broker.embedded import EMBEDDED_SETTINGS, EmbeddedBroker

LAPSE: Final = 1800
"""Simulated seconds a second."""
FAST_DAYS, WATCHED_DAYS, LEFT_DAYS = 10, 8, 3
"""At once, for what is usual of a feed; then for the week that rules compare with; then with the faults."""
BEGIN: Final = FAST_DAYS + WATCHED_DAYS
NETWORK_FILE: Final = REPOSITORY / "tracker" / "contract" / "network.yaml"
OF_THE_WALL: Final = {"pipeline", "freshness", "canary", "telling"}
UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
CORRIDOR, TRAINS = "northern", 14
"""All trains of a day on one corridor: some seven of them cross each of its borders into Kazakhstan."""
CLOCK: Final = 'rail_carrier_watermark_timestamp_seconds{carrier="ktz-express"}'
"""How far a carrier is that goes on."""


class Made(NamedTuple):
    """A fault, the alert that must come with its incident, and what of the scenario makes it."""

    title: str
    alert: str
    incident: str
    scenario: dict[str, Any]


SPAN: Final = {"from": BEGIN, "to": BEGIN + LEFT_DAYS}
FAULTS: Final = (
    Made(
        "feed stopped",
        "CarrierFeedQuiet",
        "carrier-cr-express",
        {"silences": [{"carrier": "cr-express", **SPAN}]},
    ),
    Made(
        "node stopped",
        "NodeStopped",
        "node-KZ-ALTYNKOL",
        {"stops": [{"node": "KZ-ALTYNKOL", **SPAN, "headway_hours": 96}]},
    ),
    Made(
        "zone error",
        "CarrierClockShifted",
        "carrier-utlc",
        {"clocks": [{"carrier": "utlc", **SPAN, "hours": -3}]},
    ),
)


def lapsed(text: str) -> str:
    """A duration of a rule, or every one in an expression's ranges and offsets, LAPSE times as short."""

    def shorter(found: re.Match[str]) -> str:
        return f"{max(1, round(int(found[1]) * UNITS[found[2]] * 1000 / LAPSE))}ms"

    def within(found: re.Match[str]) -> str:
        return re.sub(r"(\d+)(ms|[smhdwy])", shorter, found[0])

    return re.sub(r"\[[^\]]+\]|offset \w+|^\d+\w+$", within, text)


def lapsed_rules(folder: Path) -> None:
    """The shipped rules in lapsed time, evaluated at least every half second."""
    thresholds = load_thresholds()
    (folder / "rules").mkdir(exist_ok=True)
    for name, groups in rule_files(thresholds).items():
        if name in OF_THE_WALL:
            continue
        document = rules_document(groups, thresholds.runbooks)
        for group in document["groups"]:
            group["interval"] = "500ms"
            for rule in group["rules"]:
                for key in {"expr", "for", "keep_firing_for"} & rule.keys():
                    rule[key] = lapsed(rule[key])
        (folder / "rules" / f"{name}.yml").write_text(yaml.safe_dump(document))


class Scene(NamedTuple):
    """What runs, and when in the data the faults begin, in seconds since 1970."""

    watching: Prometheus
    hook: Hook
    begin: float


@contextmanager
def scene(broker: EmbeddedBroker, folder: Path) -> Iterator[Scene]:
    """Worker, traffic with every fault, Prometheus, Alertmanager and a webhook."""
    port, start = free_port(), datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    given = {**EMBEDDED_SETTINGS, "brokers": broker.address, "web_port": port, "partitions": 2, "clock": "data"}
    given["network"] = str(folder / "network.yaml")
    env = os.environ | {f"TRACKER_{name.upper()}": str(value) for name, value in given.items()}
    scenario = {kind: events for each in FAULTS for kind, events in each.scenario.items()}
    (folder / "scenario.yaml").write_text(yaml.safe_dump(scenario))
    network = yaml.safe_load(NETWORK_FILE.read_text())
    network["corridors"] = [each for each in network["corridors"] if each["id"] == CORRIDOR]
    (folder / "network.yaml").write_text(yaml.safe_dump(network, allow_unicode=True))
    tracker = [sys.executable, "-m", "tracker.cli"]
    traffic = [
        *(*tracker, "simulate", "--brokers", broker.address, "--no-idempotent", "--start", start.isoformat()),
        *("--days", str(BEGIN + LEFT_DAYS), "--trains-per-day", str(TRAINS), "--fast-days", str(FAST_DAYS)),
        *(
            "--network",
            str(folder / "network.yaml"),
            "--speedup",
            str(LAPSE),
            "--scenario",
            str(folder / "scenario.yaml"),
            "--quiet",
        ),
    ]
    with ExitStack() as stack:
        stack.enter_context(running([*tracker, "worker"], folder / "worker.log", cwd=REPOSITORY, env=env))
        until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "the worker is ready", 120)
        stack.enter_context(running(traffic, folder / "traffic.log", cwd=REPOSITORY))
        watched_from = (start + timedelta(days=FAST_DAYS + 0.5)).timestamp()
        until(lambda: watermark(f"http://127.0.0.1:{port}/metrics") > watched_from, "the days before are taken in", 600)
        hook = stack.enter_context(Hook())
        manager = stack.enter_context(alertmanager(folder, hook.address))
        targets = {JOB: [f"127.0.0.1:{port}"]}
        watching = stack.enter_context(prometheus(folder, targets, manager, every=1, rules=lapsed_rules))
        yield Scene(watching, hook, (start + timedelta(days=BEGIN)).timestamp())


def watermark(metrics: str) -> float:
    """How far the data is."""
    with urlopen(metrics, timeout=10) as answer:  # noqa: S310 (ours)
        found = re.search(re.escape(CLOCK) + r" (\S+)", answer.read().decode())
    return float(found[1]) if found else 0.0


def watch(now: Scene) -> None:
    """Wait until the faults begin, then print when each alert fires and what else does."""
    days = BEGIN * 86400 / LAPSE + 600

    def begun() -> bool:
        found = now.watching.query(CLOCK)
        return bool(found) and float(found[0]["value"][1]) >= now.begin

    until(begun, "the day of the faults", days)
    began, before, seen = time.monotonic(), firing(now.watching), dict[str, float]()
    print(f"before the faults: {sorted(before) or 'nothing fires'}", flush=True)
    wanted = {(each.alert, each.incident): each for each in FAULTS}
    while time.monotonic() - began < LEFT_DAYS * 86400 / LAPSE:
        for alert, incident in firing(now.watching) - before:
            seen.setdefault(f"{alert} {incident}", (time.monotonic() - began) * LAPSE / 3600)
        time.sleep(0.2)
    heard = {
        f"{each['labels']['alertname']} {each['labels'].get('incident', '')}"
        for one in now.hook.told if one["receiver"] != SHOWN for each in one["alerts"]
    }  # fmt: skip
    for (alert, incident), fault in wanted.items():
        hours = seen.pop(f"{alert} {incident}", None)
        told = "told" if f"{alert} {incident}" in heard else "NOT TOLD"
        print(f"| {fault.title} | {alert} {incident} | {'never' if hours is None else f'{hours:.1f} h'} | {told} |")
    for name, hours in sorted(seen.items(), key=lambda each: each[1]):
        print(f"  also {name} after {hours:.1f} h, {'told' if name in heard else 'held back'}")


def firing(watching: Prometheus) -> set[tuple[str, str]]:
    """The alerts that fire, with their incidents."""
    return {
        (each["labels"]["alertname"], each["labels"].get("incident", ""))
        for each in watching.get("alerts")["alerts"]
        if each["state"] == "firing"
    }


def main() -> None:
    """Make the faults, once."""

    def run(broker: EmbeddedBroker) -> None:
        with tempfile.TemporaryDirectory() as name, scene(broker, Path(name)) as now:
            watch(now)

    with_broker(run)


if __name__ == "__main__":
    main()
