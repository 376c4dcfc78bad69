"""How old a report is when it is in the figures, and the promise about it.

An error budget is spent too fast when it burns so over a long window, and still does over a short one: the first
makes it worth waking somebody, the second ends the alert when the trouble is over.
"""

from collections.abc import Iterator
from typing import Final

from deploy.source.rule import Alert, Case, Group, Record
from deploy.source.thresholds import Burn, Objectives, Pipeline, Severity

BEHIND: Final = "rail:report_to_metric_seconds:sum"
"""The worst partition of each stage, added up."""
GOOD: Final = "slo:report_to_metric_good:bool"

_BOARD = "rail-pipeline"
_STAGES = ("carrier.kmtf.events", "rail.movements", "rail.facts")
_PIPELINE = {"incident": "pipeline"}


def groups(lines: Pipeline, objectives: Objectives) -> tuple[Group, ...]:
    """Records and alerts of lag and of the promise "report to metric"."""
    windows = dict.fromkeys(window for burn in objectives.burn for window in (burn.short, burn.long))
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
                *(
                    Record(name=f"slo:report_to_metric_bad:ratio_{window}", expr=f"1 - avg_over_time({GOOD}[{window}])")
                    for window in windows
                ),
            ),
            alerts=(
                *(_behind(lines, severity) for severity in lines.lag_seconds),
                _unknown_lag(),
                *_burns(objectives),
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


def _burns(objectives: Objectives) -> Iterator[Alert]:
    for severity in dict.fromkeys(burn.severity for burn in objectives.burn):
        burns = [burn for burn in objectives.burn if burn.severity == severity]
        yield _burn(1 - objectives.report_to_metric, severity, burns)


def _burn(bad: float, severity: Severity, burns: list[Burn]) -> Alert:
    expr = "\nor ".join(
        f"(slo:report_to_metric_bad:ratio_{burn.long} > {burn.ratio * bad:.6g}"
        f" and slo:report_to_metric_bad:ratio_{burn.short} > {burn.ratio * bad:.6g}\n"
        # A Prometheus that is new knows minutes: those of a start would be most of its time.
        f"  and {GOOD} offset {'1h' if burn.short.endswith('m') else burn.short} >= 0)"
        for burn in burns
    )

    def told(share: str) -> tuple[str, str]:
        return (
            "Reports are in the figures too late, too often",
            f"{share} of the time reports took longer than promised, or nobody knew how long; {bad * 100:g} % are "
            "allowed.",
        )

    late: dict[Severity, tuple[dict[Severity, tuple[str, str]], str, str]] = {
        # Two hours of good, half an hour of bad: of the looks of the last hour half were, of all a fifth.
        "critical": ({"critical": told("49.18%"), "warning": told("19.87%")}, "0x120 100x30", "150m"),
        # A quarter of an hour of bad in six hours: too slow for the one, too much for the other.
        "warning": ({"warning": told("3.741%")}, "0x135 100x14 0x250", "400m"),
    }
    expected, values, at = late[severity]
    return Alert(
        name="ReportToMetricBudgetBurns",
        severity=severity,
        scope="pipeline",
        incident="slo-report-to-metric",
        expr=expr,
        hold="2m",
        summary="Reports are in the figures too late, too often",
        description=(
            "{{ $value | humanizePercentage }} of the time reports took longer than promised, or nobody knew how long; "
            f"{bad * 100:g} % are allowed."
        ),
        board=_BOARD,
        fires=Case(series=_lags(values), at=at, labels={"incident": "slo-report-to-metric"}, told=expected),
        # A minute in six hours is within what is promised.
        silent=Case(series=_lags("0x120 100 0x279"), at="400m"),
    )
