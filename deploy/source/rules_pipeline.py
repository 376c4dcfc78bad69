"""The tracker itself: workers, commits, sweep, what must never happen, and what watches them."""

from collections.abc import Mapping

from deploy.source.rule import Alert, Case, Group
from deploy.source.thresholds import Pipeline, Severity

JOB = "rail-tracker"
"""The scrape job of the workers, in prometheus.yml and in the service monitor."""

_BOARD = "rail-pipeline"


def groups(lines: Pipeline) -> tuple[Group, ...]:
    """Alerts of the pipeline, and the dead man's switch."""
    return (
        Group(
            name="pipeline",
            interval="15s",
            alerts=(
                *_workers(lines),
                _stalled(),
                *(_rejected(lines, severity) for severity in lines.rejected_ratio),
                *(_sweep(lines, severity) for severity in lines.sweep_seconds),
                *_broken(),
            ),
        ),
        Group(name="watch", interval="15s", alerts=_watch()),
    )


def _pipeline(  # what all of them share
    name: str,
    severity: Severity,
    expr: str,
    *,
    hold: str,
    keep: str | None = "2m",
    incident: str = "pipeline",
    summary: str,
    description: str,
    fires: Case,
    silent: Case | None,
) -> Alert:
    return Alert(
        name=name,
        severity=severity,
        scope="pipeline",
        incident=incident,
        expr=expr,
        hold=hold,
        keep=keep,
        summary=summary,
        description=description,
        board=_BOARD,
        fires=fires,
        silent=silent,
    )


def _labels(**further: str) -> Mapping[str, str]:
    return {"incident": "pipeline", **further}


def _workers(lines: Pipeline) -> tuple[Alert, ...]:
    up = f'up{{job="{JOB}",instance="a:6066"}}'
    started = f'process_start_time_seconds{{job="{JOB}",instance="a:6066"}}'
    worker = {"instance": "a:6066", "job": JOB}
    restarts = lines.restarts["warning"]
    return (
        _pipeline(
            "WorkerDown",
            "critical",
            f'up{{job="{JOB}"}} == 0',
            hold="1m",
            summary="Worker {{ $labels.instance }} does not answer",
            description="Prometheus has had no metrics of {{ $labels.instance }} for more than a minute.",
            fires=Case(
                series={up: "1x5 0x20"},
                at="8m",
                labels=_labels(**worker),
                told={
                    "critical": (
                        "Worker a:6066 does not answer",
                        "Prometheus has had no metrics of a:6066 for more than a minute.",
                    )
                },
            ),
            silent=Case(series={up: "1x5 0 1x20"}, at="8m"),
        ),
        _pipeline(
            "NoWorker",
            "critical",
            f'absent(up{{job="{JOB}"}} == 1)',
            hold="1m",
            summary="No worker answers",
            description="Reports wait in Kafka, nothing is counted and nobody is called late.",
            fires=Case(
                series={up: "1x5 _x20"},
                at="15m",
                labels=_labels(),
                told={
                    "critical": (
                        "No worker answers",
                        "Reports wait in Kafka, nothing is counted and nobody is called late.",
                    )
                },
            ),
            silent=Case(series={up: "0x20", up.replace("a:", "b:"): "1x20"}, at="15m"),
        ),
        _pipeline(
            "RestoreStuck",
            "warning",
            "rail_worker_restoring == 1",
            hold="10m",
            summary="Worker {{ $labels.instance }} has been restoring for 10 minutes",
            description="Its partitions are not worked on: reports for them wait.",
            fires=Case(
                series={'rail_worker_restoring{instance="a:6066"}': "1x30"},
                at="12m",
                labels=_labels(instance="a:6066"),
                told={
                    "warning": (
                        "Worker a:6066 has been restoring for 10 minutes",
                        "Its partitions are not worked on: reports for them wait.",
                    )
                },
            ),
            silent=Case(series={'rail_worker_restoring{instance="a:6066"}': "1x8 0x20"}, at="12m"),
        ),
        _pipeline(
            "WorkerRestarting",
            "warning",
            f'changes(process_start_time_seconds{{job="{JOB}"}}[30m]) >= {restarts:g}',
            hold="",
            keep="10m",
            summary="Worker {{ $labels.instance }} starts again and again",
            description="It started {{ $value }} times in half an hour: its log says why it ended.",
            fires=Case(
                series={started: "0x5 1x5 2x5 3x20"},
                at="25m",
                labels=_labels(**worker),
                told={
                    "warning": (
                        "Worker a:6066 starts again and again",
                        "It started 3 times in half an hour: its log says why it ended.",
                    )
                },
            ),
            silent=Case(series={started: "0x5 1x5 2x20"}, at="25m"),
        ),
    )


def _stalled() -> Alert:
    commits, waiting = (
        f'rail_worker_{name}{{instance="a:6066"{more}}}'
        for name, more in (("commits_total", ""), ("lag_records", ',topic="rail.facts",partition="0"'))
    )
    return _pipeline(
        "CommitsStalled",
        "critical",
        """
            sum by (instance) (rate(rail_worker_commits_total[5m])) == 0
              and sum by (instance) (rail_worker_lag_records) > 0
              and sum by (instance) (rail_worker_restoring) == 0
        """,
        hold="5m",
        summary="Worker {{ $labels.instance }} commits nothing",
        description="Records wait for it, and for five minutes it has finished none.",
        fires=Case(
            series={commits: "0+20x5 100x20", waiting: "50x30", 'rail_worker_restoring{instance="a:6066"}': "0x30"},
            at="18m",
            labels=_labels(instance="a:6066"),
            told={
                "critical": (
                    "Worker a:6066 commits nothing",
                    "Records wait for it, and for five minutes it has finished none.",
                )
            },
        ),
        silent=Case(
            # Nothing to do is no fault.
            series={commits: "0+20x5 100x20", waiting: "0x30", 'rail_worker_restoring{instance="a:6066"}': "0x30"},
            at="18m",
        ),
    )


def _rejected(lines: Pipeline, severity: Severity) -> Alert:
    ratio, least = lines.rejected_ratio[severity], lines.rejected_least
    series = 'rail_reports_total{carrier="kmtf",outcome="rejected",instance="a"}'
    return _pipeline(
        "RejectedTopicGrows",
        severity,
        f"""
            sum(increase(rail_reports_total{{outcome="rejected"}}[1h])) >= {least}
              and sum(increase(rail_reports_total{{outcome="rejected"}}[1h]))
                > {ratio:g} * sum(increase(rail_reports_total{{outcome="rejected"}}[1d])) / 24
        """,
        hold="5m",
        summary="Many reports are rejected",
        description=(
            '{{ $value | printf "%.0f" }} reports were rejected in an hour, more than '
            f"{ratio:g} times as many as in the mean hour of the day."
        ),
        fires=Case(
            series={series: "0+1x1440 1440+20x120"},
            at="1510m",
            labels=_labels(),
            told={
                severity: (
                    "Many reports are rejected",
                    "1200 reports were rejected in an hour, more than 3 times as many as in the mean hour of the day.",
                )
            },
        ),
        silent=Case(series={series: "0+20x1600"}, at="1510m"),
    )


def _sweep(lines: Pipeline, severity: Severity) -> Alert:
    seconds = lines.sweep_seconds[severity]
    series = 'rail_worker_sweep_timestamp_seconds{instance="a:6066"}'
    return _pipeline(
        "SweepLate",
        severity,
        # Zero before the first sweep: then RestoreStuck or PipelineBehind says why there is none.
        f"time() - (rail_worker_sweep_timestamp_seconds > 0) > {seconds:g}",
        hold="2m",
        summary="Worker {{ $labels.instance }} judges nobody",
        description="Its last sweep ended {{ $value | humanizeDuration }} ago: delays since then are not told.",
        fires=Case(
            series={series: "60x30"},
            at="11m",
            labels=_labels(instance="a:6066"),
            told={
                severity: (
                    "Worker a:6066 judges nobody",
                    "Its last sweep ended 10m 0s ago: delays since then are not told.",
                )
            },
        ),
        silent=Case(series={series: "0+60x30"}, at="11m"),
    )


def _broken() -> tuple[Alert, ...]:
    violated = 'rail_invariant_violations_total{invariant="second_writer",instance="a:6066"}'
    harmless = 'rail_invariant_violations_total{invariant="batch_dropped",instance="a:6066"}'
    poison = 'rail_worker_poison_records_total{stage="journeys",instance="a:6066"}'
    return (
        _pipeline(
            "InvariantViolated",
            "critical",
            'sum by (invariant) (increase(rail_invariant_violations_total{invariant!~"batch_dropped|not_owner"}[15m]))'
            " > 0",
            hold="",
            keep="15m",
            summary="Something happened that must never: {{ $labels.invariant }}",
            description="Figures may be wrong from now on; the log of the worker says what it saw.",
            fires=Case(
                series={violated: "0x5 1x30"},
                at="10m",
                labels=_labels(invariant="second_writer"),
                told={
                    "critical": (
                        "Something happened that must never: second_writer",
                        "Figures may be wrong from now on; the log of the worker says what it saw.",
                    )
                },
            ),
            silent=Case(series={harmless: "0x5 1x30"}, at="10m"),
        ),
        _pipeline(
            "RecordsBreakTheCode",
            "warning",
            "sum by (stage) (increase(rail_worker_poison_records_total[15m])) > 0",
            hold="",
            keep="15m",
            summary="Records break the code of {{ $labels.stage }}",
            description="They were set aside with E001 and the rest goes on; what they report is not in the figures.",
            fires=Case(
                series={poison: "0x5 2x30"},
                at="10m",
                labels=_labels(stage="journeys"),
                told={
                    "warning": (
                        "Records break the code of journeys",
                        "They were set aside with E001 and the rest goes on; what they report is not in the figures.",
                    )
                },
            ),
            silent=Case(series={poison: "2x60"}, at="30m"),
        ),
    )


def _watch() -> tuple[Alert, ...]:
    other = 'up{job="kafka",instance="k:9404"}'
    failures = 'prometheus_rule_evaluation_failures_total{rule_group="corridor"}'
    return (
        _pipeline(
            "ExporterDown",
            "warning",
            f'up{{job!~"{JOB}|rail-notifier|rail-canary"}} == 0',  # they have alerts of their own
            hold="5m",
            incident="watch",
            summary="{{ $labels.job }} {{ $labels.instance }} is not watched",
            description="Prometheus gets no metrics of it: alerts that need them are silent.",
            fires=Case(
                series={other: "0x20"},
                at="8m",
                labels=_labels(incident="watch", job="kafka", instance="k:9404"),
                told={
                    "warning": (
                        "kafka k:9404 is not watched",
                        "Prometheus gets no metrics of it: alerts that need them are silent.",
                    )
                },
            ),
            silent=Case(series={other: "0 0 1x20", 'up{job="rail-canary",instance="c:6068"}': "0x20"}, at="8m"),
        ),
        _pipeline(
            "RulesFail",
            "warning",
            "sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[15m])) > 0",
            hold="",
            keep="15m",
            incident="watch",
            summary="Prometheus cannot evaluate rules",
            description="Group {{ $labels.rule_group }}: its alerts are silent, whatever happens.",
            fires=Case(
                series={failures: "0x5 3x20"},
                at="10m",
                labels=_labels(incident="watch", rule_group="corridor"),
                told={
                    "warning": (
                        "Prometheus cannot evaluate rules",
                        "Group corridor: its alerts are silent, whatever happens.",
                    )
                },
            ),
            silent=Case(series={failures: "3x40"}, at="30m"),
        ),
        _pipeline(
            "Watchdog",
            "none",
            "vector(1)",
            hold="",
            keep=None,
            incident="watch",
            summary="Alerting works",
            description="Always firing: who does not get it any more has lost Prometheus or Alertmanager.",
            fires=Case(
                series={},
                at="1m",
                labels=_labels(incident="watch"),
                told={
                    "none": (
                        "Alerting works",
                        "Always firing: who does not get it any more has lost Prometheus or Alertmanager.",
                    )
                },
            ),
            silent=None,
        ),
    )
