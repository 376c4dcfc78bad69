"""Border and ports: queues, who comes and goes, how long they stay."""

from deploy.source.board import board, choice, window
from deploy.source.panels import bars, lines, number, places, rows, warmth
from deploy.source.rules_figures import ARRIVED, BY_USUAL, CLOSED, DEPARTED, GROWN, STANDING
from deploy.source.thresholds import Thresholds

_OF = 'node=~"$node",direction=~"$direction"'


def border(thresholds: Thresholds) -> str:
    """The board as JSON."""
    lines_of = thresholds.corridor
    stay = "max by (node, side, direction) (rail_node_dwell_seconds{{" + _OF + ',window="{}",quantile="{}"}})'
    return board(
        "rail-border-and-ports",
        "Which node fills up, and whether boxes stay longer there than they usually do.",
        [choice("node"), choice("direction"), window()],
        [
            (
                4,
                [
                    (
                        number(
                            "Containers at the nodes",
                            "Containers that stand at the chosen nodes now.",
                            f"sum({STANDING}{{{_OF}}})",
                            "short",
                        ),
                        6,
                    ),
                    (
                        number(
                            "Growth, a day",
                            "How many more stand there than 24 hours ago; above zero for three days: NodeQueueGrows.",
                            f"sum({GROWN}{{{_OF}}})",
                            "short",
                            decimals=0,
                        ),
                        6,
                    ),
                    (
                        number(
                            "Longest stays by usual",
                            "Median stay of 24 hours by that of 30 days at the worst node: NodeDwellAboveNorm.",
                            f"max({BY_USUAL}{{{_OF}}})",
                            "percentunit",
                            lines_of.dwell_ratio,
                            decimals=0,
                        ),
                        6,
                    ),
                    (
                        number(
                            "Closed as planned",
                            "Planned closures that hold now (tracker disruption); what they hold back is not told.",
                            f"sum({CLOSED}{{{_OF}}})",
                            "short",
                            {"warning": 1},
                            nothing="none",
                        ),
                        6,
                    ),
                ],
            ),
            (
                10,
                [
                    (
                        places(
                            "Stays by usual",
                            "Every node, larger and redder the longer its stays are against its last 30 days.",
                            f"max by (node, latitude, longitude) ({BY_USUAL}{{{_OF}}}"
                            " * on (node) group_left (latitude, longitude)"
                            " max by (node, latitude, longitude) (rail_node_info))",
                            "percentunit",
                            lines_of.dwell_ratio,
                        ),
                        12,
                    ),
                    (
                        rows(
                            "Stays against 30 days",
                            "Median stay of 24 hours and of 30 days, and the one by the other, worst first.",
                            {
                                "24 hours": stay.format("24h", "0.5"),
                                "30 days": stay.format("30d", "0.5"),
                                # Without the record's name, which would be a column of its own.
                                "by usual": f"max by (node, side, direction) ({BY_USUAL}{{{_OF}}})",
                            },
                            {"24 hours": "s", "30 days": "s", "by usual": "percentunit"},
                            {"by usual": lines_of.dwell_ratio},
                            by=["node", "side", "direction"],
                        ),
                        12,
                    ),
                ],
            ),
            (
                9,
                [
                    (
                        lines(
                            "Queues",
                            "Containers that stand at a node, the ten fullest; NodeQueueGrows compares with 4 weeks.",
                            {
                                # The ten of now over the whole time, not whoever was among ten at any moment.
                                "{{node}}": f"sum by (node) ({STANDING}{{{_OF}}})"
                                f" and topk(10, sum by (node) ({STANDING}{{{_OF}}} @ end()))"
                            },
                            "short",
                        ),
                        12,
                    ),
                    (
                        lines(
                            "In and out, a day",
                            "Apart at a border or port: a queue; at corridors' ends boxes leave by road, uncounted.",
                            {"arrived": f"sum({ARRIVED}{{{_OF}}})", "departed": f"sum({DEPARTED}{{{_OF}}})"},
                            "short",
                        ),
                        12,
                    ),
                ],
            ),
            (
                9,
                [
                    (
                        warmth(
                            "Stays as they end",
                            "Each column is what left then, by how long it stood; high: a queue is worked off.",
                            "rail_dwell_seconds",
                            _OF,
                            "s",
                        ),
                        12,
                    ),
                    (
                        bars(
                            "Time to clear a border, 90th percentile",
                            "One side of a crossing (CAREC's time to clear), the slowest in the window first.",
                            'topk(12, max by (crossing, side) (rail_border_seconds{direction=~"$direction",'
                            'window="$window",quantile="0.9"}))',
                            "{{crossing}} {{side}}",
                            "s",
                        ),
                        12,
                    ),
                ],
            ),
        ],
        thresholds=thresholds,
    )
