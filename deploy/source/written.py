"""Every file that is generated, as path and text."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from deploy.source import (
    routes,
    rules_canary,
    rules_carriers,
    rules_containers,
    rules_corridor,
    rules_expected,
    rules_figures,
    rules_freshness,
    rules_nodes,
    rules_pipeline,
    rules_telling,
    strimzi,
)
from deploy.source.boards.border import border
from deploy.source.boards.carriers import carriers
from deploy.source.boards.corridor import corridor
from deploy.source.boards.delays import delays
from deploy.source.boards.overview import overview
from deploy.source.boards.pipeline import pipeline
from deploy.source.pages import pages
from deploy.source.rule import Alert, Case, Group
from deploy.source.scraping import prometheus
from deploy.source.thresholds import DEPLOY, Thresholds

HEADER = "# Written by `make deploy` from deploy/source and deploy/thresholds.yaml; edit those.\n"


_ALERTMANAGER_OF_THE_OPERATOR = ("//alertmanager:", "//alertmanager-operated.monitoring:")


def rule_files(thresholds: Thresholds) -> dict[str, tuple[Group, ...]]:
    """Name of a file under `prometheus/rules` to its groups."""
    return {
        "nodes": rules_nodes.groups(thresholds.corridor),
        "corridor": rules_corridor.groups(thresholds.corridor),
        "containers": rules_containers.groups(thresholds.containers),
        "expected": rules_expected.groups(thresholds.expected),
        "carriers": rules_carriers.groups(thresholds.carriers),
        "pipeline": rules_pipeline.groups(thresholds.pipeline),
        "telling": rules_telling.groups(thresholds.telling),
        "canary": rules_canary.groups(thresholds.objectives),
        "figures": rules_figures.groups(),
        "freshness": rules_freshness.groups(thresholds.pipeline, thresholds.objectives),
    }


def alerts(thresholds: Thresholds) -> list[Alert]:
    """All alerts."""
    return [alert for groups in rule_files(thresholds).values() for group in groups for alert in group.alerts]


def rules_document(groups: tuple[Group, ...], runbooks: str) -> dict[str, Any]:
    """A file of rules as Prometheus reads it."""
    return {
        "groups": [
            {
                "name": group.name,
                "interval": group.interval,
                "rules": [
                    *(record.rule() for record in group.records),
                    *(alert.rule(runbooks) for alert in group.alerts),
                ],
            }
            for group in groups
        ]
    }


def tests_document(file: str, groups: tuple[Group, ...], runbooks: str) -> dict[str, Any]:
    """A file of promtool: of each alert a case where it fires and one where it must not.

    promtool evaluates all groups as often as the file says, whatever their own interval; by the minute a week of it
    takes as long.
    """
    tests = []
    for alert in (alert for group in groups for alert in group.alerts):
        cases = [("fires", alert.fires), ("is silent", alert.silent), *(("further", case) for case in alert.further)]
        for kind, case in cases:
            if case is not None:
                tests.append(_test(f"{alert.name} ({alert.severity}) {kind}", alert, case, runbooks))
    every = "1m" if groups[-1].interval.endswith("s") else groups[-1].interval
    return {"rule_files": [f"../rules/{file}.yml"], "evaluation_interval": every, "tests": tests}


def _rules_object(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """A file of rules as Prometheus' operator takes it."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"rail-{name}"},
        "spec": document,
    }


def _test(name: str, alert: Alert, case: Case, runbooks: str) -> dict[str, Any]:
    expected = []
    for severity, (summary, description) in case.told.items():
        expected.append({
            "exp_labels": {**case.labels, "severity": severity, "scope": alert.scope},
            "exp_annotations": {
                "summary": summary,
                "description": description,
                "runbook_url": f"{runbooks}/{alert.name}.html",
                "board": _filled(alert.board, case.labels),
            },
        })  # fmt: skip
    return {
        "name": name,
        "interval": case.every,
        "input_series": [{"series": series, "values": values} for series, values in case.series.items()],
        "alert_rule_test": [{"eval_time": case.at, "alertname": alert.name, "exp_alerts": expected}],
    }


def _filled(template: str, labels: Mapping[str, str]) -> str:
    for name, value in labels.items():
        template = template.replace("{{ $labels." + name + " }}", value)
    return template


class _Dumper(yaml.SafeDumper):
    """Expressions of several lines as blocks, lists indented as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def as_yaml(*documents: Mapping[str, Any]) -> str:
    """YAML with the header that says where it comes from."""
    return HEADER + yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)


def written(thresholds: Thresholds) -> Iterator[tuple[str, str]]:
    """Path under `deploy/` and text of every generated file."""
    for name, groups in rule_files(thresholds).items():
        yield f"prometheus/rules/{name}.yml", as_yaml(rules_document(groups, thresholds.runbooks))
        yield f"prometheus/tests/{name}.yml", as_yaml(tests_document(name, groups, thresholds.runbooks))
    yield "prometheus/prometheus.yml", as_yaml(prometheus(rule_files(thresholds)))
    for make in (overview, corridor, border, delays, carriers, pipeline):
        yield f"grafana/boards/{make.__name__}.json", make(thresholds)
    yield "kubernetes/base/prometheus-rules.yaml", as_yaml(*(
        _rules_object(name, rules_document(groups, thresholds.runbooks))
        for name, groups in rule_files(thresholds).items()
    ))  # fmt: skip
    yield "kubernetes/base/kafka-topics.yaml", as_yaml(*strimzi.topics())
    yield "kubernetes/base/kafka-users.yaml", as_yaml(*strimzi.users())
    yield (
        "kubernetes/base/notify.yaml",
        HEADER + (DEPLOY / "notify.yaml").read_text().replace(*_ALERTMANAGER_OF_THE_OPERATOR),
    )
    for name, page in pages():
        yield f"prometheus/consoles/{name}", page
    yield "alertmanager/alertmanager.yml", as_yaml(routes.routing())
    yield "alertmanager/examples.yml", as_yaml(routes.examples())
