"""Corridor: how long it takes, how sure that is, what it carries."""

from deploy.source.board import board, choice, window
from deploy.source.panels import bars, lines, number, rows, warmth
from deploy.source.thresholds import Thresholds

_OF = 'corridor=~"$corridor",direction=~"$direction"'
_WHOLE = f'{_OF},section="whole",window="$window"'


def corridor(thresholds: Thresholds) -> str:
    """The board as JSON."""
    lines_of = thresholds.corridor
    quantile = "max by (corridor, direction) (rail_corridor_transit_seconds{{" + _WHOLE + ',quantile="{}"}})'
    section = (
        "max by (corridor, section, direction) (rail_corridor_transit_seconds{{"
        + _OF
        + (',window="{}",quantile="{}"}})')
    )
    return board(
        "rail-corridor",
        "How long transits take against the last 30 days, how sure that is, and what is carried.",
        [choice("corridor"), choice("direction"), window()],
        [
            (
                4,
                [
                    (
                        number(
                            "Transits",
                            "Transits end to end that ended in the window.",
                            f"sum(max by (corridor, direction) (rail_corridor_transits{{{_WHOLE}}}))",
                            "short",
                        ),
                        4,
                    ),
                    (
                        number(
                            "Slowest median",
                            "Median transit end to end of the slowest of the chosen corridors.",
                            f"max({quantile.format('0.5')})",
                            "s",
                        ),
                        5,
                    ),
                    (
                        number(
                            "On time",
                            "Share of transits within the tolerance of their plan, the mean of the chosen corridors.",
                            f'avg(rail_corridor_on_time_ratio{{{_OF},window="$window"}})',
                            "percentunit",
                            decimals=0,
                        ),
                        5,
                    ),
                    (
                        number(
                            "Buffer",
                            "What to add to the mean to arrive in time 19 times of 20, of the least sure corridor.",
                            f'max(rail_corridor_buffer_ratio{{{_OF},window="$window"}})',
                            "percentunit",
                            decimals=0,
                        ),
                        5,
                    ),
                    (
                        number(
                            "Yearly target",
                            "Tonnes of the year by what of the target is due now, of the corridor furthest behind.",
                            'min(rail_corridor_target_ratio{corridor=~"$corridor"})',
                            "percentunit",
                            lines_of.target_ratio,
                            decimals=0,
                            good_above=True,
                            nothing="no target",
                        ),
                        5,
                    ),
                ],
            ),
            (
                9,
                [
                    (
                        lines(
                            "Transit end to end, 90th percentile",
                            "Nine of ten transits of the window took less; TransitAboveNorm compares it with 30 days.",
                            {"{{corridor}} {{direction}}": quantile.format("0.9")},
                            "s",
                        ),
                        12,
                    ),
                    (
                        warmth(
                            "Transits as they end",
                            "Each column is what ended then, by how long it took; a point leads to one journey.",
                            "rail_transit_seconds",
                            'corridor=~"$corridor",direction=~"$direction",section="whole"',
                            "s",
                        ),
                        12,
                    ),
                ],
            ),
            (
                9,
                [
                    (
                        rows(
                            "Sections against 30 days",
                            "Where time is lost: 90th percentile of 7 days by that of 30, worst first.",
                            {
                                "p90 7d": section.format("7d", "0.9"),
                                "p90 30d": section.format("30d", "0.9"),
                                "ratio": f"{section.format('7d', '0.9')} / {section.format('30d', '0.9')}",
                            },
                            {"p90 7d": "s", "p90 30d": "s", "ratio": "percentunit"},
                            {"ratio": lines_of.transit_ratio},
                            by=["corridor", "section", "direction"],
                        ),
                        12,
                    ),
                    (
                        lines(
                            "Speed, stays counted in",
                            "Way by time of the window's transits end to end; falling: stays grow.",
                            {
                                "{{corridor}} {{direction}}": "max by (corridor, direction) "
                                f'(rail_corridor_speed_metres_per_second{{{_WHOLE},kind="with_delay"}}) * 3.6',
                            },
                            "velocitykmh",
                        ),
                        12,
                    ),
                ],
            ),
            (
                8,
                [
                    (
                        lines(
                            "TEU over the counting line, laden",
                            "Volume of the window; one way ten times the other raises VolumeImbalanced.",
                            {
                                "{{corridor}} {{direction}}": "max by (corridor, direction) "
                                f'(rail_corridor_volume_teu{{{_OF},window="$window",laden="true"}})'
                            },
                            "short",
                        ),
                        12,
                    ),
                    (
                        bars(
                            "Runs over legs, median",
                            "Median run over each leg in the window, the longest first.",
                            'topk(15, max by (leg) (rail_leg_run_seconds{direction=~"$direction",window="$window",'
                            'quantile="0.5"}))',
                            "{{leg}}",
                            "s",
                        ),
                        7,
                    ),
                    (
                        bars(
                            "Countries",
                            "Share of China - Europe transits of the window that crossed a country.",
                            'sort_desc(max by (country) (rail_transit_country_ratio{window="$window"}) > 0)',
                            "{{country}}",
                            "percentunit",
                        ),
                        5,
                    ),
                ],
            ),
        ],
        thresholds=thresholds,
    )
