"""Carriers: who reports, how late, how well."""

from deploy.source.board import board, choice
from deploy.source.panels import bars, lines, number, rows
from deploy.source.thresholds import Levels, Thresholds

_OF = 'carrier=~"$carrier"'


def carriers(thresholds: Thresholds) -> str:
    """The board as JSON."""
    lines_of = thresholds.carriers
    seconds: Levels = {severity: hours * 3600 for severity, hours in lines_of.delay_hours.items()}
    rejected = (
        f'sum by (carrier) (increase(rail_reports_total{{{_OF},outcome="rejected"}}[1h]))'
        f" / (sum by (carrier) (increase(rail_reports_total{{{_OF}}}[1h])) > 0)"
    )
    delay = f'max by (carrier) (rail_reporting_delay_seconds{{{_OF},quantile="0.95"}})'
    return board(
        "rail-carriers",
        "Which carrier is quiet, late or wrong, and since when.",
        [choice("carrier")],
        [
            (
                4,
                [
                    (
                        number(
                            "Reports an hour",
                            "Reports of the chosen carriers in the last hour, whatever became of them.",
                            f"sum(increase(rail_reports_total{{{_OF}}}[1h]))",
                            "short",
                            decimals=0,
                        ),
                        6,
                    ),
                    (
                        number(
                            "Quiet carriers",
                            "Nothing was received of them in two hours; CarrierFeedQuiet knows if that is rare.",
                            f"count(sum by (carrier) (increase(rail_reports_total{{{_OF}}}[2h])) == 0) or vector(0)",
                            "short",
                            {"warning": 1},
                        ),
                        6,
                    ),
                    (
                        number(
                            "Rejected",
                            "Share of the last hour's reports that was rejected, of the worst carrier.",
                            f"max({rejected})",
                            "percentunit",
                            lines_of.reject_ratio,
                            decimals=1,
                        ),
                        6,
                    ),
                    (
                        number(
                            "Slowest carrier",
                            "19 of 20 reports of 24 hours came sooner after the event, of the slowest carrier.",
                            f"max({delay})",
                            "s",
                            seconds,
                        ),
                        6,
                    ),
                ],
            ),
            (
                8,
                [
                    (
                        rows(
                            "Carriers",
                            "Each carrier: reports of an hour, what was rejected, how late it reports, slowest first.",
                            {
                                "reports an hour": f"sum by (carrier) (increase(rail_reports_total{{{_OF}}}[1h]))",
                                "rejected": rejected,
                                "newest event": "max by (carrier) "
                                f"(rail_carrier_watermark_timestamp_seconds{{{_OF}}}) * 1000",
                                "delay p95": delay,
                            },
                            {
                                "reports an hour": "short",
                                "rejected": "percentunit",
                                "newest event": "dateTimeAsIso",
                                "delay p95": "s",
                            },
                            {"rejected": lines_of.reject_ratio, "delay p95": seconds},
                            by=["carrier"],
                        ),
                        24,
                    ),
                ],
            ),
            (
                9,
                [
                    (
                        lines(
                            "Reports a second",
                            "How much each carrier sends; a line that ends is a feed that stopped.",
                            {"{{carrier}}": f"sum by (carrier) (rate(rail_reports_total{{{_OF}}}[$__rate_interval]))"},
                            "ops",
                        ),
                        12,
                    ),
                    (
                        lines(
                            "Rejected share",
                            "Share of an hour's reports that was rejected; the lines are those of CarrierRejects.",
                            {"{{carrier}}": rejected},
                            "percentunit",
                            lines_of.reject_ratio,
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
                            "Delay of reporting, 95th percentile",
                            "Event to received over 24 hours; the lines are those of CarrierReportsLate.",
                            {"{{carrier}}": delay},
                            "s",
                            seconds,
                        ),
                        12,
                    ),
                    (
                        bars(
                            "Faults of a day",
                            "The most frequent fault codes of 24 hours; schemas and feedback say how each is mended.",
                            f"topk(12, sum by (carrier, fault) (increase(rail_report_faults_total{{{_OF}}}[1d])) > 0)",
                            "{{carrier}} {{fault}}",
                            "short",
                        ),
                        6,
                    ),
                    (
                        bars(
                            "Movements of a day",
                            "What was reported in 24 hours by kind; a kind that is missing is a milestone not told.",
                            f"sum by (kind) (increase(rail_movements_total{{{_OF}}}[1d])) > 0",
                            "{{kind}}",
                            "short",
                        ),
                        6,
                    ),
                ],
            ),
        ],
        thresholds=thresholds,
    )
