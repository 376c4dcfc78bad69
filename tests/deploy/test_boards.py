"""Boards that a person can read: rules of form, and every expression on a real Prometheus that watches the demo."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client import CollectorRegistry

from deploy.source.board import TITLES
from deploy.source.rules_pipeline import JOB as WORKERS
from deploy.source.rules_telling import JOB as NOTIFIERS
from deploy.source.thresholds import DEPLOY, load_thresholds
from deploy.source.written import alerts, rule_files
from scripts.deploy_tools import TYPESCRIPT
from tests.broker.jars import REPOSITORY
from tests.deploy.stack import Prometheus, answers, free_port, prometheus, running, until
from tracker.broker.embedded import EMBEDDED_SETTINGS
from tracker.demo import PARTITIONS
from tracker.domain.moment import HOUR, Millis
from tracker.metrics.canary import CanaryMetrics
from tracker.metrics.telling import TellingMetrics

BOARDS: Final[dict[str, dict[str, Any]]] = {
    path.stem: json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana" / "boards").glob("*.json"))
}
PANELS: Final = [(name, panel) for name, board in BOARDS.items() for panel in board["panels"]]
pytestmark = pytest.mark.timeout(4 * 300)
"""The first test waits until the demo has shown everything."""

QUERIES_MAX: Final = 24
SLOWEST_SECONDS: Final = 0.2

OF_THE_WALLS_CLOCK: Final = {"rail_worker_lag_seconds", "rail:report_to_metric_seconds:sum"}
"""The demo's clock is that of its data: how old a record is cannot be said there, and is absent, not zero."""
ENUMS: Final = {'"mode": "absolute"': '"mode": ThresholdsMode.Absolute'}

WHEN_OWED: Final = {"rail_notify_oldest_timestamp_seconds"}
"""Absent while nothing is owed."""

WATCHED_FOR: Final = (
    'rail_exceptions_open{severity="critical"} > 0',
    "rail_node_closed == 1",
    "rate(rail_worker_sweep_seconds_count[16s]) > 0",
    "rail_notify_pending",
)
"""What rules ask for and boards do not, or not only."""

PATIENCE_SECONDS: Final = 300
"""A 24 h estimate is proved by an arrival a day later: 86 s of the demo's time, more on a machine that lags behind."""


def queries(board: dict[str, Any]) -> list[str]:
    """Every expression that a board asks: panels, variables and annotations."""
    return [
        *(target["expr"] for panel in board["panels"] for target in panel["targets"]),
        *(each["query"] for each in board["templating"]["list"] if each["type"] == "query"),
        *(each["expr"] for each in board["annotations"]["list"]),
    ]


def filled(expr: str) -> str:
    """An expression as Grafana sends it: all chosen, the shortest rate that Grafana gives."""
    for name, value in {"$__rate_interval": "16s", "$__interval": "16s", "$window": "7d"}.items():
        expr = expr.replace(name, value)
    return re.sub(r"\$[a-z]+", ".*", expr)


def test_there_are_the_six_boards_and_each_leads_to_the_others() -> None:
    assert {board["uid"]: board["title"] for board in BOARDS.values()} == TITLES
    for board in BOARDS.values():
        others = {link["url"] for link in board["links"]}
        assert {f"/d/{uid}" for uid in TITLES if uid != board["uid"]} <= others
        assert any("6066" in link for link in others), "the operations page"
        assert any(link.endswith("/index.html") for link in others), "the runbooks"


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=lambda each: each if isinstance(each, str) else each["title"])
def test_a_panel_says_what_it_shows_in_its_unit(name: str, panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith("."), "one sentence or two"
    assert 20 <= len(panel["description"]) <= 120
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["type"] in {"stat", "timeseries", "bargauge", "table", "heatmap", "geomap"}, "what Grafana brings"
    assert panel["datasource"]["uid"] == "${datasource}"
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == "${datasource}"
        assert "job=" not in target["expr"], "no name of an installation"
        # Over the drawn interval, or over a time that the title or the rule of the same name says.
        assert set(re.findall(r"rate\([^\[]+\[([^\]]+)\]", target["expr"])) <= {"$__rate_interval"}
        if panel["type"] in {"timeseries", "bargauge"}:
            assert target["legendFormat"]


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_asks_no_more_than_it_should_and_its_panels_do_not_overlap(name: str) -> None:
    board = BOARDS[name]
    assert len(queries(board)) <= QUERIES_MAX
    assert board["timezone"] == "utc"
    assert board["templating"]["list"][0]["type"] == "datasource"
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in board["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@pytest.mark.parametrize("name", BOARDS)
def test_every_variable_is_used_and_every_one_that_is_used_is_there(name: str) -> None:
    board = BOARDS[name]
    there = {each["name"] for each in board["templating"]["list"]} - {"datasource"}
    used = {found for query in queries(board) for found in re.findall(r"\$([a-z]+)", query)}
    assert used == there


def test_where_an_alert_sends_one_is_a_board_with_these_variables() -> None:
    by_uid = {board["uid"]: board for board in BOARDS.values()}
    for alert in alerts(load_thresholds()):
        uid, _, variables = alert.board.partition("?")
        named = {each["name"] for each in by_uid[uid]["templating"]["list"]}
        assert set(re.findall(r"var-([a-z]+)=", variables)) <= named, alert.name


def test_what_is_owed_is_a_metric_when_something_is() -> None:
    registry = CollectorRegistry()
    TellingMetrics(registry, ["desk"], lambda: {"desk": (1, Millis(2000))})
    assert {registry.get_sample_value(name, {"endpoint": "desk"}) for name in WHEN_OWED} == {2.0}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has watched the demo and a notifier until figures and delays are there."""
    folder, port, notify_port = tmp_path_factory.mktemp("watched"), free_port(), free_port()
    demo = [sys.executable, "-m", "tracker.cli", "demo", "--trains-per-day", "1", "--days", "60", "--port", str(port)]
    with ExitStack() as stack:
        stack.enter_context(running(demo, folder / "demo.log", cwd=REPOSITORY))
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the demo answers", 120)
        found = re.search(r"broker at (\S+);", (folder / "demo.log").read_text())
        assert found is not None
        there = os.environ | {
            "TRACKER_BROKERS": found[1],
            "TRACKER_APP_ID": "tracker-demo",
            "TRACKER_PARTITIONS": str(PARTITIONS),
            "TRACKER_NOTIFY_PORT": str(notify_port),
            "DESK_SECRET": "a secret of this test, 32 bytes or more",
            **{f"TRACKER_{name.upper()}": str(value) for name, value in EMBEDDED_SETTINGS.items()},
        }
        close_aktau(there)
        desk = f"webhook: {{url: 'http://127.0.0.1:{free_port()}/', secret_env: DESK_SECRET}}"
        (folder / "notify.yaml").write_text(f"endpoints: {{desk: {{{desk}}}}}")
        notifier = [sys.executable, "-m", "tracker.cli", "notify", "--endpoints", str(folder / "notify.yaml")]
        stack.enter_context(running(notifier, folder / "notify.log", cwd=REPOSITORY, env=there))
        targets = {WORKERS: [f"127.0.0.1:{port}"], NOTIFIERS: [f"127.0.0.1:{notify_port}"]}
        watching = stack.enter_context(prometheus(folder, targets, every=4))
        for expr in WATCHED_FOR:
            until(lambda expr=expr: watching.query(expr) != [], expr, PATIENCE_SECONDS)  # type: ignore[misc]
        for board in BOARDS.values():
            wait_for_all(board, watching)
        yield watching


def wait_for_all(board: dict[str, Any], watching: Prometheus) -> None:
    """Wait until every expression of a board has shown something; how fast that goes is the machine's business."""
    begun = time.monotonic()
    while still := blank(board, watching):
        assert time.monotonic() - begun < PATIENCE_SECONDS, f"nothing seen yet of {still}"
        time.sleep(1)


def close_aktau(there: dict[str, str]) -> None:
    """Enter a planned closure, as an operator does."""
    now = datetime.now(UTC)
    times = [(now + timedelta(days=days)).isoformat(timespec="seconds") for days in (-40, 40)]
    command = [sys.executable, "-m", "tracker.cli", "disruption", "add", "--node", "KZ-AKTAU"]
    command += ["--from", times[0], "--to", times[1], "--reason", "storm"]
    subprocess.run(command, env=there, cwd=REPOSITORY, check=True, capture_output=True)


def shown(expr: str, watching: Prometheus) -> object:
    """What an expression of a board has shown so far: all that was seen, because delays come and go."""
    if choice := re.fullmatch(r"label_values\((.+), (\w+)\)", expr):
        return watching.get(f"label/{choice[2]}/values", **{"match[]": choice[1]})
    return watching.series(filled(expr), seconds=900)


def blank(board: dict[str, Any], watching: Prometheus) -> list[str]:
    """Which expressions of a board have shown nothing yet."""
    asked = [expr for expr in queries(board) if not any(name in expr for name in OF_THE_WALLS_CLOCK)]
    return [expr for expr in asked if not shown(expr, watching)]


@pytest.mark.programs
@pytest.mark.parametrize("name", BOARDS)
def test_every_expression_of_a_board_shows_something_and_soon(name: str, watched: Prometheus) -> None:
    slow = []
    for expr in queries(BOARDS[name]):
        begun = time.monotonic()
        shown(expr, watched)
        if time.monotonic() - begun > SLOWEST_SECONDS * 5:  # the machine is shared with a demo and other tests
            slow.append(expr)
    assert blank(BOARDS[name], watched) == []
    assert slow == []


@pytest.mark.programs
def test_a_heatmap_leads_to_single_journeys(watched: Prometheus) -> None:
    exprs = [target["expr"] for _, panel in PANELS for target in panel["targets"] if panel["type"] == "heatmap"]
    assert len(exprs) == 2
    for expr in exprs:
        now = time.time()
        found = watched.get("query_exemplars", query=filled(expr), start=now - 600, end=now)
        assert all(each["seriesLabels"]["__name__"].endswith("_bucket") for each in found)
        assert {label for each in found for one in each["exemplars"] for label in one["labels"]} >= {"journey"}


@pytest.mark.programs
def test_every_metric_and_label_that_rules_and_boards_name_is_there(watched: Prometheus) -> None:
    thresholds = load_thresholds()
    groups = [group for groups in rule_files(thresholds).values() for group in groups]
    every = [rule.expr for group in groups for rule in group.records]
    every += [rule.expr for group in groups for rule in group.alerts]
    every += [expr for board in BOARDS.values() for expr in queries(board)]
    there = set(watched.get("label/__name__/values")) | of_canaries()
    named = {name for expr in every for name in re.findall(r"\brail_[a-z_0-9]+\b(?!:)", expr)}
    assert {name for name in named if name not in there} <= OF_THE_WALLS_CLOCK | WHEN_OWED
    labels = set(watched.get("labels"))
    matched = {label for expr in every for label in re.findall(r"[{,]\s*([a-z_]+)[=!]", expr)}
    grouped = {
        label
        for expr in every
        for part in re.findall(r"(?:by|on|left|ignoring) \(([^)]+)\)", expr)
        for label in part.split(", ")
    }
    assert matched | grouped <= labels | {"topic"}


def of_canaries() -> set[str]:
    """The metrics of `tracker canary`, which does not run beside a demo."""
    registry = CollectorRegistry()
    CanaryMetrics(registry, 1, HOUR)
    return {sample.name for family in registry.collect() for sample in family.samples}


@pytest.mark.programs
def test_every_rule_is_evaluated_without_a_fault(watched: Prometheus) -> None:
    groups = watched.get("rules")["groups"]
    faults = {
        rule["name"]: rule.get("lastError") for group in groups for rule in group["rules"] if rule.get("lastError")
    }
    assert faults == {}
    assert len([rule for group in groups for rule in group["rules"]]) > 40
    assert "Watchdog" in watched.firing()
    assert not watched.firing() & {"WorkerDown", "NoWorker", "InvariantViolated", "RulesFail"}


def complaints(board: dict[str, Any], folder: Path) -> str:
    """What TypeScript says of a board by Grafana's own types; nothing when it fits."""
    fit = json.loads(json.dumps(board))
    for annotation in fit["annotations"]["list"]:
        for own in ("expr", "titleFormat"):  # the data source's own, which the types of all boards do not know
            del annotation[own]
    text = json.dumps(fit, indent=1)
    for name, value in ENUMS.items():  # TypeScript takes no string where an enum is wanted
        text = text.replace(name, value)
    imported = "import { ThresholdsMode, type Dashboard } from '@grafana/schema';"
    (folder / "board.ts").write_text(f"{imported}\nexport const board: Dashboard = {text};\n")
    command = ["node_modules/.bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--module", "esnext"]
    command += ["--moduleResolution", "bundler", "--target", "es2022", str(folder / "board.ts")]
    return subprocess.run(command, cwd=TYPESCRIPT, capture_output=True, text=True, check=False).stdout


@pytest.mark.tools
def test_grafanas_own_types_take_every_board_and_find_a_slip() -> None:
    if not (TYPESCRIPT / "node_modules").exists():
        pytest.skip("no @grafana/schema: `make deploy-check` installs it")
    # Beside node_modules: that is where the import is looked for.
    with tempfile.TemporaryDirectory(dir=TYPESCRIPT) as name:
        folder = Path(name)
        assert {name: said for name, board in BOARDS.items() if (said := complaints(board, folder))} == {}
        wrong = json.loads(json.dumps(BOARDS["overview"]))
        wrong["panels"][0]["titel"] = wrong["panels"][0].pop("title")
        assert "titel" in complaints(wrong, folder)
