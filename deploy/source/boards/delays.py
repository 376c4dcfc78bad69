"""Delays and incidents: what is wrong with containers, why, and whether it grows."""

from deploy.source.board import board, choice
from deploy.source.panels import STATES, bars, lines, number, rows
from deploy.source.rules_containers import INCIDENTS
from deploy.source.rules_expected import ERROR, INSIDE
from deploy.source.thresholds import Thresholds

_OF = 'corridor=~"$corridor"'


def delays(thresholds: Thresholds) -> str:
    """The board as JSON."""
    containers = thresholds.containers
    late = f'sum(rail_journeys_open{{{_OF},state="late"}}) / sum(rail_journeys_open{{{_OF}}})'
    return board(
        "rail-delays-and-incidents",
        "What is wrong with containers now, by rule, cause and corridor, and whether it grows.",
        [choice("corridor")],
        [
            (
                4,
                [
                    (
                        number(
                            "Critical",
                            "Critical exceptions that are open; one of each container is told.",
                            f'sum(rail_exceptions_open{{severity="critical",{_OF}}}) or vector(0)',
                            "short",
                            containers.critical_count,
                        ),
                        5,
                    ),
                    (
                        number(
                            "Incidents",
                            "Open incidents: nodes that stopped, carriers silent or wrong, the tracker itself behind.",
                            f"max(sum by (instance) (rail_exceptions_open{{{INCIDENTS}}})) or vector(0)",
                            "short",
                            containers.incidents_open,
                        ),
                        5,
                    ),
                    (
                        number(
                            "Warnings",
                            "Warnings that are open; they are shown here and told to nobody.",
                            f'sum(rail_exceptions_open{{severity="warning",{_OF}}}) or vector(0)',
                            "short",
                        ),
                        5,
                    ),
                    (
                        number(
                            "Late",
                            "Share of the containers under way that is late.",
                            late,
                            "percentunit",
                            containers.late_ratio,
                            decimals=1,
                        ),
                        5,
                    ),
                    (
                        number(
                            "Held by customs",
                            "Containers under way that customs hold.",
                            f'sum(rail_journeys_open{{{_OF},state="held"}})',
                            "short",
                        ),
                        4,
                    ),
                ],
            ),
            (
                9,
                [
                    (
                        lines(
                            "Open exceptions by rule",
                            "Which kind of delay grows: too long at a node (dwell) or between (run), late, silent.",
                            {"{{rule}}": f"sum by (rule) (rail_exceptions_open{{{_OF}}})"},
                            "short",
                            stacked=True,
                        ),
                        12,
                    ),
                    (
                        lines(
                            "Critical exceptions by cause",
                            "Node: others wait too. Carrier: its word is missing. Pipeline: ours is. Unknown: look.",
                            {"{{cause}}": f'sum by (cause) (rail_exceptions_open{{severity="critical",{_OF}}})'},
                            "short",
                            stacked=True,
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
                            "Where and why",
                            "Open critical exceptions by corridor, rule and cause, most first.",
                            {
                                "critical": "sum by (corridor, rule, cause) "
                                f'(rail_exceptions_open{{severity="critical",{_OF}}}) > 0'
                            },
                            {"critical": "short"},
                            {"critical": containers.critical_count},
                            by=["corridor", "rule", "cause"],
                        ),
                        10,
                    ),
                    (
                        bars(
                            "Late share by corridor",
                            "Share of a corridor's containers under way that is late.",
                            f'sort_desc(sum by (corridor) (rail_journeys_open{{{_OF},state="late"}})'
                            f" / (sum by (corridor) (rail_journeys_open{{{_OF}}}) > 0))",
                            "{{corridor}}",
                            "percentunit",
                            containers.late_ratio,
                        ),
                        7,
                    ),
                    (
                        bars(
                            "Opened in an hour",
                            "Exceptions opened in the last hour by rule.",
                            'sum by (rule) (increase(rail_exceptions_total{transition="opened"}[1h]))',
                            "{{rule}}",
                            "short",
                        ),
                        7,
                    ),
                ],
            ),
            (
                8,
                [
                    (
                        lines(
                            "Containers under way by state",
                            "At risk becomes late, silent becomes known: bands that move into one another.",
                            {"{{state}}": f"sum by (state) (rail_journeys_open{{{_OF}}})"},
                            "short",
                            stacked=True,
                            colours=STATES,
                        ),
                        12,
                    ),
                    (
                        lines(
                            "Opened and resolved",
                            "Exceptions a second; more opened than resolved for long: it grows.",
                            {"{{transition}}": "sum by (transition) (rate(rail_exceptions_total[$__rate_interval]))"},
                            "ops",
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
                            "Expected arrivals are off by",
                            "Mean error of the arrivals of 7 days, by how long before them it was expected.",
                            {"{{horizon}}": ERROR},
                            "s",
                        ),
                        12,
                    ),
                    (
                        lines(
                            "Arrivals in their interval",
                            "Share of the arrivals of 7 days between the p10 and p90 of so long before; 80% should be.",
                            {"{{horizon}}": INSIDE},
                            "percentunit",
                            thresholds.expected.inside_ratio,
                        ),
                        12,
                    ),
                ],
            ),
        ],
        thresholds=thresholds,
    )
