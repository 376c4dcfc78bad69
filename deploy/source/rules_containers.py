"""Late containers and incidents, by corridor and cause; single boxes are told by their exceptions, never by a rule."""

from typing import Final

from deploy.source.rule import Alert, Case, Group
from deploy.source.thresholds import Containers, Levels, Severity

INCIDENTS: Final = 'rule=~"node_stopped|carrier_silent|carrier_clock|pipeline_behind"'
"""Those of the exceptions that have no container."""

_BOARD = "rail-delays-and-incidents?var-corridor={{ $labels.corridor }}"
_INCIDENT = "corridor-{{ $labels.corridor }}"


def groups(lines: Containers) -> tuple[Group, ...]:
    """The alerts of containers."""
    return (
        Group(
            name="containers",
            alerts=(
                *(_late(lines, severity) for severity in lines.late_ratio),
                *(_critical(lines, severity) for severity in lines.critical_count),
                *(_incidents(lines, severity) for severity in lines.incidents_open),
            ),
        ),
    )


def _from(levels: Levels, value: float) -> list[Severity]:
    """The severities that hold at a value."""
    return [severity for severity, line in levels.items() if line <= value]


def _late(lines: Containers, severity: Severity) -> Alert:
    ratio = lines.late_ratio[severity]
    late, ontime = (
        f'rail_journeys_open{{corridor="middle",direction="westbound",state="{state}"}}'
        for state in ("late", "on_time")
    )
    return Alert(
        name="ContainersLate",
        severity=severity,
        scope="containers",
        incident=_INCIDENT,
        expr=f"""
            sum by (corridor) (rail_journeys_open{{state="late"}}) / sum by (corridor) (rail_journeys_open) > {ratio:g}
              and sum by (corridor) (rail_journeys_open) >= {lines.late_least}
        """,
        hold="15m",
        keep="30m",
        summary="Many containers of {{ $labels.corridor }} are late",
        description="{{ $value | humanizePercentage }} of the containers under way on {{ $labels.corridor }} are late.",
        board=_BOARD,
        fires=Case(
            series={late: f"{ratio * 100 + 5:g}x60", ontime: f"{95 - ratio * 100:g}x60"},
            at="20m",
            labels={"corridor": "middle", "incident": "corridor-middle"},
            told=dict.fromkeys(
                _from(lines.late_ratio, ratio),
                (
                    "Many containers of middle are late",
                    f"{ratio * 100 + 5:g}% of the containers under way on middle are late.",
                ),
            ),
        ),
        silent=Case(series={late: "20x60", ontime: f"{lines.late_least - 21}x60"}, at="20m"),
    )


def _critical(lines: Containers, severity: Severity) -> Alert:
    count = lines.critical_count[severity]
    series = 'rail_exceptions_open{{rule="{}",severity="{}",cause="node",corridor="middle",instance="a"}}'
    labels = {"corridor": "middle", "cause": "node", "incident": "corridor-middle"}

    def told(open_now: float) -> tuple[str, str]:
        return (
            "Critical delays on middle, cause node",
            f"{open_now:g} critical exceptions are open on middle, cause node.",
        )

    return Alert(
        name="ContainersCritical",
        severity=severity,
        scope="containers",
        incident=_INCIDENT,
        expr=f"""
            sum by (corridor, cause) (
              rail_exceptions_open{{severity="critical",rule=~"held|wrong_way|late|dwell|run|silent"}}
            ) > {count:g}
        """,
        hold="10m",
        keep="30m",
        summary="Critical delays on {{ $labels.corridor }}, cause {{ $labels.cause }}",
        description="{{ $value }} critical exceptions are open on {{ $labels.corridor }}, cause {{ $labels.cause }}.",
        board=_BOARD,
        fires=Case(
            series={series.format("late", "critical"): f"{count:g}x60", series.format("dwell", "critical"): "7x60"},
            at="15m",
            labels=labels,
            told=dict.fromkeys(_from(lines.critical_count, count), told(count + 7)),
        ),
        silent=Case(
            series={series.format("late", "critical"): f"{count:g}x60", series.format("dwell", "warning"): "7x60"},
            at="15m",
            labels=labels,
            told=dict.fromkeys(_from(lines.critical_count, count - 1), told(count)),
        ),
    )


def _incidents(lines: Containers, severity: Severity) -> Alert:
    count = lines.incidents_open[severity]
    series = 'rail_exceptions_open{{rule="{}",severity="critical",cause="node",corridor="",instance="a"}}'
    stopped, dwell = series.format("node_stopped"), series.format("dwell")

    def told(open_now: float) -> dict[Severity, tuple[str, str]]:
        words = (
            "Incidents are open: node_stopped",
            f"{open_now:g} incidents node_stopped are open; each is told by itself too.",
        )
        return dict.fromkeys(_from(lines.incidents_open, open_now - 1), words)

    return Alert(
        name="IncidentsOpen",
        severity=severity,
        scope="containers",
        incident="incidents-{{ $labels.rule }}",
        # One worker shows them; while it is replaced, two may.
        expr=f"max by (rule) (sum by (rule, instance) (rail_exceptions_open{{{INCIDENTS}}})) > {count:g}",
        hold="5m",
        keep="10m",
        summary="Incidents are open: {{ $labels.rule }}",
        description="{{ $value }} incidents {{ $labels.rule }} are open; each is told by itself too.",
        board="rail-delays-and-incidents",
        fires=Case(
            series={stopped: f"{count + 1:g}x60"},
            at="10m",
            labels={"rule": "node_stopped", "incident": "incidents-node_stopped"},
            told=told(count + 1),
        ),
        silent=Case(
            series={stopped: f"{count:g}x60", dwell: "9x60"},
            at="10m",
            labels={"rule": "node_stopped", "incident": "incidents-node_stopped"},
            told=told(count),
        ),
    )
