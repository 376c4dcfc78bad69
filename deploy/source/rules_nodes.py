"""Nodes, which are borders and ports above all: queues, stays, stops."""

from deploy.source.rule import Alert, Case, Group, Record
from deploy.source.thresholds import Corridor, Severity

_NODE = "node-{{ $labels.node }}"
_BOARD = "rail-border-and-ports?var-node={{ $labels.node }}&var-direction={{ $labels.direction }}"
_STANDING = 'rail_node_containers{node="KZ-ALTYNKOL",direction="westbound",instance="a"}'
_DEPARTURES = 'rail_node_departures_total{node="KZ-ALTYNKOL",direction="westbound",instance="a"}'
_ALTYNKOL = {"node": "KZ-ALTYNKOL", "direction": "westbound", "incident": "node-KZ-ALTYNKOL"}
_NORM = "last_over_time(node_direction:{}[3h])"
_WEEK = 24 * 7
"""Hours."""


def groups(lines: Corridor) -> tuple[Group, ...]:
    """The recorded norms and the alerts that read them."""
    return (
        Group(
            name="node-norms",
            # Longer than Prometheus takes a sample for current (5 minutes): what reads them uses _NORM.
            interval="1h",
            records=(
                Record(
                    name="node_direction:rail_node_containers:p90_4w",
                    expr="quantile_over_time(0.9, sum by (node, direction) (rail_node_containers)[4w:1h])",
                ),
                Record(
                    name="node_direction:rail_node_departures:increase1d_avg1w",
                    expr="sum by (node, direction) (increase(rail_node_departures_total[1w])) / 7",
                ),
            ),
        ),
        Group(
            name="nodes",
            interval="10m",
            alerts=(
                *(_queue(lines, severity) for severity in lines.queue_ratio),
                *(_dwell(lines, severity) for severity in lines.dwell_ratio),
                *(_stopped(lines, severity) for severity in lines.stopped_ratio),
            ),
        ),
    )


def _offset(queue: str, days: int) -> str:
    return queue if days == 0 else queue.replace("rail_node_containers", f"rail_node_containers offset {days}d")


def _queue(lines: Corridor, severity: Severity) -> Alert:
    ratio = lines.queue_ratio[severity]
    # The norm of a first week is the queue itself: nothing is said before there is one.
    queue, norm = "sum by (node, direction) (rail_node_containers)", _NORM.format("rail_node_containers:p90_4w")
    expr = f"""
        {queue} >= {lines.queue_least}
          and {queue} > {ratio:g} * {norm}
          and {norm.replace(")", " offset 1w)")} >= 0
    """
    if severity == "critical":
        # Not arrivals less departures: at the ends of corridors boxes leave by road, and that is no departure.
        days = "\n          and ".join(f"{_offset(queue, day)} > {_offset(queue, day + 1)}" for day in range(3))
        expr = f"""
        ({expr.strip()})
        or (
          {queue} >= {lines.queue_least}
          and {days}
        )
        """
    standing = 40 * ratio + 10

    def why(severity: Severity) -> str:
        more = ", or it grew on each of the last three days" if severity == "critical" else ""
        return f"more than {lines.queue_ratio[severity]:g} times its usual 90th percentile{more}."

    def told(severity: Severity, standing: float) -> tuple[str, str]:
        return (
            "Queue grows at KZ-ALTYNKOL, westbound",
            f"{standing:g} containers stand at KZ-ALTYNKOL westbound: {why(severity)}",
        )

    return Alert(
        name="NodeQueueGrows",
        severity=severity,
        scope="corridor",
        incident=_NODE,
        expr=expr,
        hold="1h",
        keep="30m",
        summary="Queue grows at {{ $labels.node }}, {{ $labels.direction }}",
        description=(
            f"{{{{ $value }}}} containers stand at {{{{ $labels.node }}}} {{{{ $labels.direction }}}}: {why(severity)}"
        ),
        board=_BOARD,
        fires=Case(
            series={_STANDING: f"40x{12 * (_WEEK + 4)} {standing:g}x96"},
            every="5m",
            at=f"{_WEEK + 8}h",
            labels=_ALTYNKOL,
            told={each: told(each, standing) for each, line in lines.queue_ratio.items() if line <= ratio},
        ),
        silent=Case(
            series={_STANDING: f"40x{12 * (_WEEK + 4)} {40 * ratio - 2:g}x96"},
            every="5m",
            at=f"{_WEEK + 8}h",
            labels=_ALTYNKOL,
            told={each: told(each, 40 * ratio - 2) for each, line in lines.queue_ratio.items() if line < ratio},
        ),
        further=(
            Case(
                # Four days, each fuller than the one before; of no week that could be a norm.
                series={_STANDING: " ".join(f"{standing}x287" for standing in (40, 50, 60, 70))},
                every="5m",
                at="80h",
                labels=_ALTYNKOL,
                told={each: told(each, 70) for each in lines.queue_ratio if each == "critical"},
            ),
        )
        if severity == "critical"
        else (),
    )


def _dwell(lines: Corridor, severity: Severity) -> Alert:
    ratio, least = lines.dwell_ratio[severity], lines.dwell_least_hours
    median = 'max by (node, side, direction) (rail_node_dwell_seconds{{window="{}",quantile="0.5"}})'
    series = (
        'rail_node_dwell_seconds{{node="KZ-ALTYNKOL",side="entry",direction="westbound",window="{}",quantile="0.5"}}'
    )
    return Alert(
        name="NodeDwellAboveNorm",
        severity=severity,
        scope="corridor",
        incident=_NODE,
        expr=f"""
            {median.format("24h")} / {median.format("30d")} > {ratio:g}
              and {median.format("24h")} > {least:g} * 3600
        """,
        hold="1h",
        keep="30m",
        summary="Stays at {{ $labels.node }} are longer than usual, {{ $labels.direction }}",
        description=(
            "The median stay of the last 24 hours at {{ $labels.node }}"
            "{{ with $labels.side }}, {{ . }} side{{ end }}, {{ $labels.direction }}, is "
            '{{ $value | printf "%.1f" }} times that of the last 30 days.'
        ),
        board=_BOARD,
        fires=Case(
            series={
                series.format("24h"): f"{(ratio + 0.1) * 48 * 3600:g}x200",
                series.format("30d"): f"{48 * 3600}x200",
            },
            at="90m",
            labels=_ALTYNKOL | {"side": "entry"},
            told=dict.fromkeys(
                (each for each, line in lines.dwell_ratio.items() if line <= ratio),
                (
                    "Stays at KZ-ALTYNKOL are longer than usual, westbound",
                    "The median stay of the last 24 hours at KZ-ALTYNKOL, entry side, westbound, is "
                    f"{ratio + 0.1:.1f} times that of the last 30 days.",
                ),
            ),
        ),
        silent=Case(
            # Three times as long, and still short.
            series={series.format("24h"): f"{(least - 1) * 3600:g}x200", series.format("30d"): "3600x200"},
            at="90m",
        ),
    )


def _stopped(lines: Corridor, severity: Severity) -> Alert:
    ratio, usual = lines.stopped_ratio[severity], _NORM.format("rail_node_departures:increase1d_avg1w")
    closed = 'rail_node_closed{node="KZ-ALTYNKOL",direction="westbound"}'
    return Alert(
        name="NodeStopped",
        severity=severity,
        scope="corridor",
        incident=_NODE,
        expr=f"""
            sum by (node, direction) (increase(rail_node_departures_total[1d])) < {ratio:g} * {usual}
              and {usual} >= {lines.stopped_expected}
              unless max by (node, direction) (rail_node_closed) == 1
        """,
        hold="30m",
        keep="30m",
        summary="{{ $labels.node }} has stopped, {{ $labels.direction }}",
        description=(
            '{{ $value | printf "%.0f" }} containers left {{ $labels.node }} {{ $labels.direction }} in 24 hours: '
            f"less than {ratio * 100:g} % of an average day of the last week."
        ),
        board=_BOARD,
        fires=Case(
            series={_DEPARTURES: f"0+20x{_WEEK} {20 * _WEEK}x40"},
            every="1h",
            at=f"{_WEEK + 26}h",
            labels=_ALTYNKOL,
            told={
                severity: (
                    "KZ-ALTYNKOL has stopped, westbound",
                    f"0 containers left KZ-ALTYNKOL westbound in 24 hours: less than {ratio * 100:g} % of an average "
                    "day of the last week.",
                )
            },
        ),
        # As quiet, because it is closed as planned.
        silent=Case(
            series={
                _DEPARTURES: f"0+2x{12 * _WEEK} {24 * _WEEK}x480",
                closed: f"0x{12 * _WEEK} 1x480",
            },
            every="5m",
            at=f"{_WEEK + 26}h",
        ),
    )
