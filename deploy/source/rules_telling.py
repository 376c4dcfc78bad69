"""The notifier: whether what is open is told, and by when."""

from deploy.source.rule import Alert, Case, Group
from deploy.source.thresholds import Severity, Telling

JOB = "rail-notifier"
"""The scrape job of the notifiers."""

_BOARD = "rail-pipeline"


def groups(lines: Telling) -> tuple[Group, ...]:
    """The alerts of the notifier."""
    return (
        Group(
            name="telling",
            alerts=(_down(), *(_behind(lines, severity) for severity in lines.owed_seconds), _given_up()),
        ),
    )


def _down() -> Alert:
    up = f'up{{job="{JOB}",instance="n:6067"}}'
    return Alert(
        name="NotifierDown",
        severity="critical",
        scope="pipeline",
        incident="notifier",
        expr=f'up{{job="{JOB}"}} == 0',
        hold="2m",
        keep="2m",
        summary="Notifier {{ $labels.instance }} does not answer",
        description="What is open is told late or, if no other notifier runs, not at all.",
        board=_BOARD,
        fires=Case(
            series={up: "1x5 0x20"},
            at="10m",
            labels={"incident": "notifier", "job": JOB, "instance": "n:6067"},
            told={
                "critical": (
                    "Notifier n:6067 does not answer",
                    "What is open is told late or, if no other notifier runs, not at all.",
                )
            },
        ),
        silent=Case(series={up: "1x5 0x1 1x20"}, at="10m"),
    )


def _behind(lines: Telling, severity: Severity) -> Alert:
    seconds = lines.owed_seconds[severity]
    since = 'rail_notify_oldest_timestamp_seconds{endpoint="desk",instance="n:6067"}'
    return Alert(
        name="TellingLate",
        severity=severity,
        scope="pipeline",
        incident="notifier",
        # Absent while nothing is owed.
        expr=f"max by (endpoint) (time() - rail_notify_oldest_timestamp_seconds) > {seconds:g}",
        hold="1m",
        keep="2m",
        summary="{{ $labels.endpoint }} is not told",
        description=(
            "The oldest word that is owed to {{ $labels.endpoint }} has waited {{ $value | humanizeDuration }}."
        ),
        board=_BOARD,
        fires=Case(
            series={since: "0x60"},
            at="30m",
            labels={"incident": "notifier", "endpoint": "desk"},
            told={severity: ("desk is not told", "The oldest word that is owed to desk has waited 30m 0s.")},
        ),
        silent=Case(series={since: "0+60x60"}, at="30m"),
    )


def _given_up() -> Alert:
    series = 'rail_notify_given_up_total{endpoint="desk",instance="n:6067"}'
    return Alert(
        name="TellingGivenUp",
        severity="critical",
        scope="pipeline",
        incident="notifier",
        expr="sum by (endpoint) (increase(rail_notify_given_up_total[1h])) > 0",
        hold="",
        keep="30m",
        summary="Words for {{ $labels.endpoint }} were given up",
        description="They are on rail.untold: somebody must tell them by hand.",
        board=_BOARD,
        fires=Case(
            series={series: "0x5 3x60"},
            at="10m",
            labels={"incident": "notifier", "endpoint": "desk"},
            told={
                "critical": (
                    "Words for desk were given up",
                    "They are on rail.untold: somebody must tell them by hand.",
                )
            },
        ),
        silent=Case(series={series: "3x120"}, at="90m"),
    )
