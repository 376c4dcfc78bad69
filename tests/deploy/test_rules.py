"""Prometheus' own judgement of the rules, and what the rules promise about themselves."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from deploy.source.rule import Alert, Record
from deploy.source.thresholds import DEPLOY, load_thresholds
from deploy.source.written import alerts, rule_files
from scripts.deploy_tools import TOOLS
from scripts.programs import find

RULES: Final = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
THRESHOLDS: Final = load_thresholds()
ALERTS: Final = alerts(THRESHOLDS)
RECORDS: Final = [record for groups in rule_files(THRESHOLDS).values() for group in groups for record in group.records]


VERSIONS: Final = [
    pytest.param("promtool", marks=pytest.mark.programs, id="prometheus-2"),
    pytest.param("promtool-3", marks=pytest.mark.tools, id="prometheus-3"),
]
"""Debian's, and the newest, which `make deploy-check` builds: a range has one look less there."""


def judge(name: str) -> Path:
    """Prometheus' own judge of rules, of a version."""
    if name == "promtool":
        return find(name)
    if not (TOOLS / name).exists():
        pytest.skip(f"no {name}: `make deploy-check` builds it")
    return TOOLS / name


def promtool(version: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [judge(version), *arguments], capture_output=True, text=True, check=False, cwd=DEPLOY / "prometheus" / "tests"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_prometheus_takes_every_rule_and_knows_nothing_twice(version: str) -> None:
    said = promtool(version, "check", "rules", "--lint=all", "--lint-fatal", *RULES)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", rule_files(THRESHOLDS))
def test_every_alert_fires_where_it_should_and_not_where_it_should_not(name: str, version: str) -> None:
    said = promtool(version, "test", "rules", f"{name}.yml")
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_expectation_is_noticed(tmp_path: Path, version: str) -> None:
    wrong = yaml.safe_load((DEPLOY / "prometheus" / "tests" / "containers.yml").read_text())
    wrong["rule_files"] = [str(DEPLOY / "prometheus" / "rules" / "containers.yml")]
    wrong["tests"][0]["alert_rule_test"][0]["exp_alerts"][0]["exp_annotations"]["summary"] = "something else"
    (tmp_path / "wrong.yml").write_text(yaml.safe_dump(wrong))
    assert promtool(version, "test", "rules", tmp_path / "wrong.yml").returncode == 1


def test_every_alert_has_a_case_where_it_fires_and_but_for_the_dead_mans_switch_one_where_it_must_not() -> None:
    assert [alert.name for alert in ALERTS if alert.silent is None] == ["Watchdog"]
    for alert in ALERTS:
        assert alert.severity in alert.fires.told, alert.name
        assert alert.silent is None or alert.severity not in alert.silent.told, alert.name


def test_names_and_severities_are_those_of_the_conventions() -> None:
    for alert in ALERTS:
        assert re.fullmatch(r"([A-Z][a-z]+)+", alert.name), alert.name
        assert alert.severity in {"critical", "warning", "info", "none"}
    for record in RECORDS:
        assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+|slo:[a-z_]+:[a-z0-9_]+", record.name), record.name
    assert len({(alert.name, alert.severity) for alert in ALERTS}) == len(ALERTS)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.severity}")
def test_what_a_person_is_told_says_what_where_and_what_to_do(alert: Alert) -> None:
    rule: dict[str, Any] = alert.rule("http://pages")
    annotations = rule["annotations"]
    assert set(annotations) == {"summary", "description", "runbook_url", "board"}
    assert len(annotations["summary"]) <= 90
    assert annotations["description"].endswith(".")
    assert annotations["runbook_url"] == f"http://pages/{alert.name}.html"


def test_a_norm_that_is_recorded_less_often_than_prometheus_takes_for_current_is_read_over_a_time() -> None:
    slow = {
        record.name
        for groups in rule_files(THRESHOLDS).values()
        for group in groups
        for record in group.records
        if group.interval not in {"15s", "30s", "1m", "2m"}
    }
    assert slow
    every: list[Alert | Record] = [*ALERTS, *RECORDS]
    for rule in every:
        for name in slow:
            assert rule.expr.count(name) == len(re.findall(rf"_over_time\({name}\[", rule.expr)), rule.name
