"""Corridors: transits, targets, balance."""

from deploy.source.rule import Alert, Case, Group
from deploy.source.thresholds import Corridor, Severity

_BOARD = "rail-corridor?var-corridor={{ $labels.corridor }}"
_INCIDENT = "corridor-{{ $labels.corridor }}"
_MIDDLE = {"corridor": "middle", "incident": "corridor-middle"}


def groups(lines: Corridor) -> tuple[Group, ...]:
    """The alerts of corridors."""
    return (
        Group(
            name="corridor",
            interval="5m",
            alerts=(
                *(_transit(lines, severity) for severity in lines.transit_ratio),
                *(_target(lines, severity) for severity in lines.target_ratio),
                *(_imbalance(lines, severity) for severity in lines.imbalance_ratio),
            ),
        ),
    )


def _transit(lines: Corridor, severity: Severity) -> Alert:
    ratio = lines.transit_ratio[severity]
    p90 = 'max by (corridor, section, direction) (rail_corridor_transit_seconds{{window="{}",quantile="0.9"}})'
    series = (
        'rail_corridor_transit_seconds{{corridor="middle",section="sea",direction="westbound",'
        'window="{}",quantile="0.9"}}'
    )
    return Alert(
        name="TransitAboveNorm",
        severity=severity,
        scope="corridor",
        incident=_INCIDENT,
        expr=f"{p90.format('7d')} / {p90.format('30d')} > {ratio:g}",
        hold="2h",
        keep="1h",
        summary="Transits of {{ $labels.corridor }}, {{ $labels.section }}, take longer",
        description=(
            "The 90th percentile of the transits of the last 7 days over {{ $labels.section }} of "
            '{{ $labels.corridor }}, {{ $labels.direction }}, is {{ $value | printf "%.2f" }} times that of 30 days.'
        ),
        board=_BOARD,
        fires=Case(
            series={series.format("7d"): "400000x200", series.format("30d"): f"{400000 / (ratio + 0.05):.0f}x200"},
            at="3h",
            labels=_MIDDLE | {"section": "sea", "direction": "westbound"},
            told={
                severity: (
                    "Transits of middle, sea, take longer",
                    "The 90th percentile of the transits of the last 7 days over sea of middle, westbound, is "
                    f"{ratio + 0.05:.2f} times that of 30 days.",
                )
            },
        ),
        silent=Case(series={series.format("7d"): "400000x200", series.format("30d"): "350000x200"}, at="3h"),
    )


def _target(lines: Corridor, severity: Severity) -> Alert:
    ratio = lines.target_ratio[severity]
    series = 'rail_corridor_target_ratio{corridor="middle",instance="a"}'
    return Alert(
        name="TargetBehindPlan",
        severity=severity,
        scope="corridor",
        incident=_INCIDENT,
        expr=f"max by (corridor) (rail_corridor_target_ratio) < {ratio:g}",
        hold="6h",
        keep="6h",
        summary="{{ $labels.corridor }} is behind its yearly target",
        description="{{ $value | humanizePercentage }} of what of the yearly target is due by now has passed.",
        board=_BOARD,
        fires=Case(
            series={series: "0.8x800"},
            at="7h",
            labels=_MIDDLE,
            told={
                severity: (
                    "middle is behind its yearly target",
                    "80% of what of the yearly target is due by now has passed.",
                )
            },
        ),
        silent=Case(series={series: f"{ratio + 0.01:g}x800"}, at="7h"),
    )


def _imbalance(lines: Corridor, severity: Severity) -> Alert:
    ratio = lines.imbalance_ratio[severity]
    teu = (
        "clamp_min(sum by (corridor) (max by (corridor, direction) ("
        'rail_corridor_volume_teu{{laden="true",window="30d",direction=~"{}"}})), 1)'
    )
    there, back = teu.format("westbound|southbound"), teu.format("eastbound|northbound")
    series = 'rail_corridor_volume_teu{{corridor="middle",direction="{}",laden="true",window="30d"}}'
    return Alert(
        name="VolumeImbalanced",
        severity=severity,
        scope="corridor",
        incident=_INCIDENT,
        expr=f"{there} / {back} > {ratio:g}\n  or {back} / {there} > {ratio:g}",
        hold="6h",
        keep="6h",
        summary="{{ $labels.corridor }} carries laden boxes one way",
        description='Laden TEU of 30 days one way are {{ $value | printf "%.0f" }} times those of the other.',
        board=_BOARD,
        fires=Case(
            series={series.format("westbound"): "200x800", series.format("eastbound"): "2400x800"},
            at="7h",
            labels=_MIDDLE,
            told={
                severity: (
                    "middle carries laden boxes one way",
                    "Laden TEU of 30 days one way are 12 times those of the other.",
                )
            },
        ),
        silent=Case(series={series.format("westbound"): "1400x800", series.format("eastbound"): "200x800"}, at="7h"),
    )
