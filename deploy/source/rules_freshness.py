"""How old a report is when it is in the figures, and the promise about it."""

from typing import Final

from deploy.source.burning import Burning, Promise
from deploy.source.rule import Alert, Case, Group, Record
from deploy.source.thresholds import Objectives, Pipeline, Severity

BEHIND: Final = "rail:report_to_metric_seconds:sum"
"""The worst partition of each stage, added up."""
GOOD: Final = "slo:report_to_metric_good:bool"

_BOARD = "rail-pipeline"
_STAGES = ("carrier.kmtf.events", "rail.movements", "rail.facts")
_PIPELINE = {"incident": "pipeline"}


def groups(lines: Pipeline, objectives: Objectives) -> tuple[Group, ...]:
    """Records and alerts of lag and of the promise "report to metric"."""
    promise = _promise(objectives.report_to_metric)
    seconds = lines.lag_seconds["warning"]
    return (
        Group(
            name="freshness",
            records=(
                # Without a stage the sum is absent, not small: what is not known is not good.
                Record(
                    name=BEHIND,
                    expr="""
                        max(rail_worker_lag_seconds{topic=~"carrier[.].+"})
                          + max(rail_worker_lag_seconds{topic="rail.movements"})
                          + max(rail_worker_lag_seconds{topic="rail.facts"})
                    """,
                ),
                Record(name=GOOD, expr=f"({BEHIND} <= bool {seconds:g}) or vector(0)"),
                *promise.records(objectives.burn),
            ),
            alerts=(
                *(_behind(lines, severity) for severity in lines.lag_seconds),
                _unknown_lag(),
                *promise.alerts(objectives.burn),
            ),
        ),
    )


def _lags(values: str) -> dict[str, str]:
    return {f'rail_worker_lag_seconds{{topic="{topic}",partition="0",instance="a"}}': values for topic in _STAGES}


def _behind(lines: Pipeline, severity: Severity) -> Alert:
    seconds = lines.lag_seconds[severity]

    def told(value: float) -> tuple[str, str]:
        long = f"{value // 60:g}m {value % 60:g}s" if value >= 60 else f"{value:g}s"
        return ("The tracker is behind", f"What is received now is in the figures {long} later.")

    return Alert(
        name="PipelineBehind",
        severity=severity,
        scope="pipeline",
        incident="pipeline",
        expr=f"{BEHIND} > {seconds:g}",
        hold="2m",
        keep="2m",
        summary="The tracker is behind",
        description="What is received now is in the figures {{ $value | humanizeDuration }} later.",
        board=_BOARD,
        fires=Case(
            series=_lags(f"0x10 {seconds / 2:g}x80"),
            at="20m",
            labels=_PIPELINE,
            told=dict.fromkeys(
                (each for each, line in lines.lag_seconds.items() if line <= seconds), told(1.5 * seconds)
            ),
        ),
        silent=Case(
            series=_lags(f"{seconds / 3:g}x90"),
            at="20m",
            labels=_PIPELINE,
            told=dict.fromkeys((each for each, line in lines.lag_seconds.items() if line < seconds), told(seconds)),
        ),
    )


def _unknown_lag() -> Alert:
    waiting = 'rail_worker_lag_records{topic="rail.facts",partition="0",instance="a"}'
    return Alert(
        name="LagUnknown",
        severity="warning",
        scope="pipeline",
        incident="pipeline",
        expr=f"(sum(rail_worker_lag_records) > 0) unless {BEHIND}",
        hold="5m",
        keep="2m",
        summary="Nobody knows how far behind the tracker is",
        description="{{ $value }} records wait, and not every stage says how old they are.",
        board=_BOARD,
        fires=Case(
            series={waiting: "12x20"} | dict(list(_lags("0x20").items())[:2]),
            at="10m",
            labels=_PIPELINE,
            told={
                "warning": (
                    "Nobody knows how far behind the tracker is",
                    "12 records wait, and not every stage says how old they are.",
                )
            },
        ),
        silent=Case(series={waiting: "12x20"} | _lags("3x20"), at="10m"),
    )


def _promise(share: float) -> Promise:
    return Promise(
        name="report_to_metric",
        good=GOOD,
        share=share,
        alert="ReportToMetricBudgetBurns",
        summary="Reports are in the figures too late, too often",
        description="reports took longer than promised, or nobody knew how long",
        board=_BOARD,
        fires={
            # Good, then 70 minutes of bad: all of the last hour, which has a look more in Prometheus 2 than in 3.
            "critical": Burning(
                series=_lags("0x80 100x70"), at="150m", shares={"critical": "100%", "warning": "46.36%"}
            ),
            # A quarter of an hour of bad in six hours: too slow for the one, too much for the other.
            "warning": Burning(series=_lags("0x135 100x14 0x250"), at="400m", shares={"warning": "3.741%"}),
        },
        kept=_lags("0x120 100 0x279"),
    )
