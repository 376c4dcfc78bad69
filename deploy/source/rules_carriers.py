"""Carriers' feeds: quiet, slow, wrong."""

from deploy.source.rule import Alert, Case, Group
from deploy.source.thresholds import Carriers, Levels, Severity

_INCIDENT = "carrier-{{ $labels.carrier }}"
_BOARD = "rail-carriers?var-carrier={{ $labels.carrier }}"
_KMTF = {"carrier": "kmtf", "incident": "carrier-kmtf"}
_QUIET_WINDOWS = {"2h": 84, "6h": 28, "1d": 7}
"""Windows in which nothing may come, and how often each fits into a week."""


def groups(lines: Carriers) -> tuple[Group, ...]:
    """The alerts of carriers."""
    return (
        Group(
            name="carriers",
            interval="5m",
            alerts=(
                _quiet(lines),
                *(_slow(lines, severity) for severity in lines.delay_hours),
                *(_rejects(lines, severity) for severity in lines.reject_ratio),
            ),
        ),
    )


def _from(levels: Levels, value: float) -> list[Severity]:
    """The severities that hold at a value."""
    return [severity for severity, line in levels.items() if line <= value]


def _reports(outcome: str) -> str:
    return f'rail_reports_total{{carrier="kmtf",outcome="{outcome}",instance="a"}}'


def _quiet(lines: Carriers) -> Alert:
    # A carrier that reports every minute is missed after two hours, one that reports a train a day after a day.
    expr = "\nor ".join(
        f"(sum by (carrier) (increase(rail_reports_total[1w])) / {often} >= {lines.quiet_expected}\n"
        f"  and sum by (carrier) (increase(rail_reports_total[{window}])) == 0)"
        for window, often in _QUIET_WINDOWS.items()
    )
    return Alert(
        name="CarrierFeedQuiet",
        severity="critical",
        scope="carrier",
        incident=_INCIDENT,
        expr=expr,
        hold="5m",
        keep="15m",
        summary="Nothing is received from {{ $labels.carrier }}",
        description=(
            'By its last week {{ $value | printf "%.0f" }} reports of {{ $labels.carrier }} were to be expected by '
            "now; none came."
        ),
        board=_BOARD,
        fires=Case(
            series={_reports("accepted"): "0+600x168 100800x40"},
            every="1h",
            at="172h",
            labels=_KMTF,
            told={
                "critical": (
                    "Nothing is received from kmtf",
                    "By its last week 1171 reports of kmtf were to be expected by now; none came.",
                )
            },
        ),
        silent=Case(
            # A train a day: two hours, six hours without a word are usual.
            series={_reports("accepted"): " ".join(f"{60 * day}x23" for day in range(10))},
            every="1h",
            at="190h",
        ),
    )


def _slow(lines: Carriers, severity: Severity) -> Alert:
    hours = lines.delay_hours[severity]
    series = 'rail_reporting_delay_seconds{carrier="kmtf",quantile="0.95",instance="a"}'

    def told(hours: float) -> tuple[str, str]:
        long = f"{hours:g}h 0m 0s" if hours < 24 else f"1d {hours - 24:g}h 0m 0s"
        return (
            "Reports of kmtf come late",
            f"One in twenty reports of kmtf of the last 24 hours came {long} or more after the event.",
        )

    return Alert(
        name="CarrierReportsLate",
        severity=severity,
        scope="carrier",
        incident=_INCIDENT,
        expr=f'max by (carrier) (rail_reporting_delay_seconds{{quantile="0.95"}}) > {hours:g} * 3600',
        hold="30m",
        keep="1h",
        summary="Reports of {{ $labels.carrier }} come late",
        description=(
            "One in twenty reports of {{ $labels.carrier }} of the last 24 hours came "
            "{{ $value | humanizeDuration }} or more after the event."
        ),
        board=_BOARD,
        fires=Case(
            series={series: f"{(hours + 1) * 3600:g}x120"},
            at="40m",
            labels=_KMTF,
            told=dict.fromkeys(_from(lines.delay_hours, hours), told(hours + 1)),
        ),
        silent=Case(
            series={series: f"{(hours - 1) * 3600:g}x120"},
            at="40m",
            labels=_KMTF,
            told=dict.fromkeys(_from(lines.delay_hours, hours - 1), told(hours - 1)),
        ),
    )


def _rejects(lines: Carriers, severity: Severity) -> Alert:
    ratio = lines.reject_ratio[severity]
    share = 100 * (ratio + 0.01)
    return Alert(
        name="CarrierRejects",
        severity=severity,
        scope="carrier",
        incident=_INCIDENT,
        expr=f"""
            sum by (carrier) (increase(rail_reports_total{{outcome="rejected"}}[1h]))
              / sum by (carrier) (increase(rail_reports_total[1h])) > {ratio:g}
              and sum by (carrier) (increase(rail_reports_total[1h])) >= {lines.reject_least}
        """,
        hold="5m",
        keep="15m",
        summary="Reports of {{ $labels.carrier }} are rejected",
        description=(
            "{{ $value | humanizePercentage }} of the reports of {{ $labels.carrier }} in an hour were rejected."
        ),
        board=_BOARD,
        fires=Case(
            series={_reports("rejected"): f"0+{share:g}x120", _reports("accepted"): f"0+{100 - share:g}x120"},
            at="90m",
            labels=_KMTF,
            told=dict.fromkeys(
                _from(lines.reject_ratio, ratio),
                ("Reports of kmtf are rejected", f"{share:g}% of the reports of kmtf in an hour were rejected."),
            ),
        ),
        silent=Case(
            # Half of a few: one wrong table of a small carrier wakes nobody.
            series={_reports("rejected"): "0x60 20x60", _reports("accepted"): "0x60 20x60"},
            at="90m",
        ),
    )
