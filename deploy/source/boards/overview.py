"""Overview: is anything wrong, and where to look next."""

from deploy.source.board import board, choice, window
from deploy.source.panels import STATES, bars, lines, number, places, rows
from deploy.source.thresholds import Thresholds

_OF = 'corridor=~"$corridor",direction=~"$direction"'


def overview(thresholds: Thresholds) -> str:
    """The board as JSON."""
    containers = thresholds.containers
    return board(
        "rail-overview",
        "Is anything wrong on the corridors or with the tracker, and where to look next.",
        [choice("corridor"), choice("direction"), window()],
        [
            (
                4,
                [
                    (
                        number(
                            "Critical alerts",
                            "Alerts that wake somebody, firing now; the table below names them.",
                            'count(ALERTS{alertstate="firing",severity="critical"}) or vector(0)',
                            "short",
                            {"critical": 1},
                        ),
                        4,
                    ),
                    (
                        number(
                            "Containers under way",
                            "Open journeys of the chosen corridors and directions.",
                            f"sum(rail_journeys_open{{{_OF}}})",
                            "short",
                        ),
                        4,
                    ),
                    (
                        number(
                            "Late",
                            "Share of them that is late; colours are the thresholds of the alert ContainersLate.",
                            f'sum(rail_journeys_open{{{_OF},state="late"}}) / sum(rail_journeys_open{{{_OF}}})',
                            "percentunit",
                            containers.late_ratio,
                            decimals=1,
                        ),
                        4,
                    ),
                    (
                        number(
                            "Critical exceptions",
                            "Containers with a critical exception; each is told to somebody once.",
                            'sum(rail_exceptions_open{severity="critical",corridor=~"$corridor"}) or vector(0)',
                            "short",
                            containers.critical_count,
                        ),
                        4,
                    ),
                    (
                        number(
                            "On time",
                            "Share of the window's transits end to end within the tolerance of their plan.",
                            'avg(rail_corridor_on_time_ratio{corridor=~"$corridor",direction=~"$direction",'
                            'window="$window"})',
                            "percentunit",
                            decimals=0,
                        ),
                        4,
                    ),
                    (
                        number(
                            "Report to figure",
                            "How old a report is when it is in these figures; 60 s is promised. Not known is not good.",
                            "rail:report_to_metric_seconds:sum",
                            "s",
                            thresholds.pipeline.lag_seconds,
                            decimals=0,
                        ),
                        4,
                    ),
                ],
            ),
            (
                9,
                [
                    (
                        places(
                            "Containers at nodes",
                            "Every node with the containers that stand there now; a queue shows as a large dot.",
                            "sum by (node, latitude, longitude) ("
                            ' rail_node_containers{direction=~"$direction"}'
                            " * on (node) group_left (latitude, longitude)"
                            " max by (node, latitude, longitude) (rail_node_info))",
                            "short",
                            {"warning": 100, "critical": 300},
                        ),
                        14,
                    ),
                    (
                        rows(
                            "Alerts",
                            "What fires now, by what one person deals with; the runbook of each is under Runbooks.",
                            {
                                "alerts": "count by (severity, alertname, incident) "
                                '(ALERTS{alertstate="firing",severity=~"critical|warning"})'
                            },
                            {"alerts": "short"},
                            by=["severity", "alertname", "incident"],
                            first="severity",
                        ),
                        10,
                    ),
                ],
            ),
            (
                8,
                [
                    (
                        lines(
                            "Containers under way, by state",
                            "Growing late or silent bands are delays; a growing unknown band is missing reports.",
                            {"{{state}}": f"sum by (state) (rail_journeys_open{{{_OF}}})"},
                            "short",
                            stacked=True,
                            colours=STATES,
                        ),
                        12,
                    ),
                    (
                        bars(
                            "Late share by corridor",
                            "Which corridor to open next; colours are the thresholds of ContainersLate.",
                            'sort_desc(sum by (corridor) (rail_journeys_open{corridor=~"$corridor",state="late"})'
                            ' / (sum by (corridor) (rail_journeys_open{corridor=~"$corridor"}) > 0))',
                            "{{corridor}}",
                            "percentunit",
                            containers.late_ratio,
                        ),
                        6,
                    ),
                    (
                        bars(
                            "TEU over the counting line",
                            "Volume of the window by corridor and direction.",
                            "sum by (corridor, direction) (max by (corridor, direction, laden) "
                            f'(rail_corridor_volume_teu{{{_OF},window="$window"}})) > 0',
                            "{{corridor}} {{direction}}",
                            "short",
                        ),
                        6,
                    ),
                ],
            ),
        ],
        thresholds=thresholds,
    )
