"""Carriers' feeds: quiet, slow, wrong."""

from deploy.source.rule import Alert, Case, Group
from deploy.source.thresholds import Carriers, Levels, Severity

_INCIDENT = "carrier-{{ $labels.carrier }}"
_BOARD = "rail-carriers?var-carrier={{ $labels.carrier }}"
_KMTF = {"carrier": "kmtf", "incident": "carrier-kmtf"}
_QUIET_WINDOWS = {"2h": 7_200, "6h": 21_600, "1d": 86_400}
"""Windows in which nothing came, and their seconds."""


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
                *(_missing(lines, severity) for severity in lines.missing_reports),
                _clock(),
            ),
        ),
    )


def _from(levels: Levels, value: float) -> list[Severity]:
    """The severities that hold at a value."""
    return [severity for severity, line in levels.items() if line <= value]


def _reports(outcome: str) -> str:
    return f'rail_reports_total{{carrier="kmtf",outcome="{outcome}",instance="a"}}'


def _quiet(lines: Carriers) -> Alert:
    # A carrier that reports every minute is missed after two hours, one that sends a table a day after a day.
    expr = "\nor ".join(
        f"(max by (carrier) (rail_carrier_usual_gap_seconds) <= {seconds / lines.quiet_gaps:g}\n"
        f"  and sum by (carrier) (increase(rail_reports_total[{window}])) == 0)"
        for window, seconds in _QUIET_WINDOWS.items()
    )
    gap = 'rail_carrier_usual_gap_seconds{carrier="kmtf",instance="a"}'
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
            "For two hours or more nothing came from {{ $labels.carrier }}, whose usual gap is at most "
            "{{ $value | humanizeDuration }}."
        ),
        board=_BOARD,
        fires=Case(
            series={_reports("accepted"): "0+10x12 120x60", gap: "600x80"},
            every="5m",
            at="200m",
            labels=_KMTF,
            told={
                "critical": (
                    "Nothing is received from kmtf",
                    "For two hours or more nothing came from kmtf, whose usual gap is at most 10m 0s.",
                )
            },
        ),
        silent=Case(
            # It may well be silent for three hours: five without a word are not three times as long.
            series={_reports("accepted"): "0+10x12 120x60", gap: "10800x80"},
            every="5m",
            at="360m",
        ),
    )


def _missing(lines: Carriers, severity: Severity) -> Alert:
    count = lines.missing_reports[severity]
    series = 'rail_carrier_missing_reports_total{carrier="kmtf",instance="a"}'
    return Alert(
        name="CarrierReportsMissing",
        severity=severity,
        scope="carrier",
        incident=_INCIDENT,
        # Every worker knows all of a carrier's numbers: not a sum.
        expr=f"max by (carrier) (increase(rail_carrier_missing_reports_total[6h])) >= {count:g}",
        hold="",
        keep="1h",
        summary="Reports of {{ $labels.carrier }} never came",
        description=(
            '{{ $value | printf "%.0f" }} numbers in the sequence of {{ $labels.carrier }} were found missing in six '
            "hours: a day after they were due."
        ),
        board=_BOARD,
        fires=Case(
            series={series: f"0x3 {count + 2:g}x80"},
            every="5m",
            at="390m",
            labels=_KMTF,
            told={
                severity: (
                    "Reports of kmtf never came",
                    f"{count + 2:g} numbers in the sequence of kmtf were found missing in six hours: a day after they "
                    "were due.",
                )
            },
        ),
        silent=Case(series={series: f"{count + 2:g}x90"}, every="5m", at="390m"),
    )


def _clock() -> Alert:
    series = 'rail_carrier_clock_offset_seconds{carrier="kmtf",instance="a"}'
    return Alert(
        name="CarrierClockShifted",
        severity="warning",
        scope="carrier",
        incident=_INCIDENT,
        expr="max by (carrier) (rail_carrier_clock_offset_seconds) != 0",
        hold="10m",
        keep="1h",
        summary="The times of {{ $labels.carrier }} are whole hours off",
        description="They seem {{ $value | humanizeDuration }} later than they are: its stays and runs are wrong.",
        board=_BOARD,
        fires=Case(
            series={series: "10800x30"},
            at="15m",
            labels=_KMTF,
            told={
                "warning": (
                    "The times of kmtf are whole hours off",
                    "They seem 3h 0m 0s later than they are: its stays and runs are wrong.",
                )
            },
        ),
        silent=Case(series={series: "0x30"}, at="15m"),
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
