"""Pipeline: whether the tracker itself keeps up, and what it costs."""

from deploy.source.board import board
from deploy.source.panels import lines, number, rows
from deploy.source.thresholds import Thresholds


def pipeline(thresholds: Thresholds) -> str:
    """The board as JSON."""
    lines_of = thresholds.pipeline
    return board(
        "rail-pipeline",
        "Whether the tracker keeps up, whether it breaks, and when it is time to grow.",
        [],
        [
            (
                4,
                [
                    (
                        number(
                            "Workers",
                            "Workers that answer and work; those that still restore their rows are not counted.",
                            "count(rail_worker_restoring == 0) or vector(0)",
                            "short",
                        ),
                        4,
                    ),
                    (
                        number(
                            "Report to figure",
                            "The worst partition of each stage, added up; not known where a stage is missing.",
                            "rail:report_to_metric_seconds:sum",
                            "s",
                            lines_of.lag_seconds,
                            decimals=0,
                        ),
                        4,
                    ),
                    (
                        number(
                            "Records waiting",
                            "Records of all stages that wait; growing for long: add a worker.",
                            "sum(rail_worker_lag_records)",
                            "short",
                        ),
                        4,
                    ),
                    (
                        number(
                            "Promise kept, 3 days",
                            "Share of the time in which a report was in the figures within the promised time.",
                            "1 - slo:report_to_metric_bad:ratio_3d",
                            "percentunit",
                            {"info": thresholds.objectives.report_to_metric},
                            good_above=True,
                            decimals=2,
                        ),
                        4,
                    ),
                    (
                        number(
                            "Must never happen",
                            "Broken promises of the program of the last day; any is a bug or a lost topic.",
                            'sum(increase(rail_invariant_violations_total{invariant!~"batch_dropped|not_owner"}[1d]))',
                            "short",
                            {"critical": 1},
                            decimals=0,
                        ),
                        4,
                    ),
                    (
                        number(
                            "Since the last sweep",
                            "Of the worker that is furthest behind; one is due each minute, or delays are not told.",
                            "time() - min(rail_worker_sweep_timestamp_seconds > 0)",
                            "s",
                            lines_of.sweep_seconds,
                            nothing="none yet",
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
                        lines(
                            "Records a second by stage",
                            "What each stage finishes; one that falls below the one before it lags.",
                            {"{{stage}}": "sum by (stage) (rate(rail_worker_records_total[$__rate_interval]))"},
                            "ops",
                        ),
                        12,
                    ),
                    (
                        lines(
                            "Records waiting by topic",
                            "Where it is stuck: carriers' topics are intake, then journeys, then subjects.",
                            {
                                "reports (intake)": 'sum(rail_worker_lag_records{topic=~"carrier[.].+"})',
                                "movements (journeys)": 'sum(rail_worker_lag_records{topic="rail.movements"})',
                                "facts (subjects)": 'sum(rail_worker_lag_records{topic="rail.facts"})',
                            },
                            "short",
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
                            "Batch, 95th percentile",
                            "Begin to offset of a batch; near 15 s the worker stops itself.",
                            {
                                "{{stage}}": "histogram_quantile(0.95, sum by (stage, le) "
                                "(rate(rail_worker_batch_seconds_bucket[$__rate_interval])))"
                            },
                            "s",
                        ),
                        8,
                    ),
                    (
                        lines(
                            "Memory",
                            "Resident memory of each worker.",
                            {"{{instance}}": "process_resident_memory_bytes and on (instance) rail_worker_restoring"},
                            "bytes",
                        ),
                        8,
                    ),
                    (
                        lines(
                            "Processor",
                            "Cores each worker uses; at one core it is full: a worker is one process.",
                            {
                                "{{instance}}": "rate(process_cpu_seconds_total[$__rate_interval])"
                                " and on (instance) rail_worker_restoring"
                            },
                            "short",
                        ),
                        8,
                    ),
                ],
            ),
            (
                8,
                [
                    (
                        lines(
                            "Commits a second",
                            "None while records wait is CommitsStalled.",
                            {"{{instance}}": "sum by (instance) (rate(rail_worker_commits_total[$__rate_interval]))"},
                            "ops",
                        ),
                        8,
                    ),
                    (
                        lines(
                            "Rows",
                            "Rows of each stage's table, in memory or RocksDB; journeys grow with containers.",
                            {"{{stage}}": "sum by (stage) (rail_worker_state_rows)"},
                            "short",
                        ),
                        8,
                    ),
                    (
                        lines(
                            "Sweep, mean",
                            "Seconds a sweep takes; one is due each minute.",
                            {
                                "{{instance}}": "sum by (instance) "
                                "(rate(rail_worker_sweep_seconds_sum[$__rate_interval]))"
                                " / (sum by (instance) (rate(rail_worker_sweep_seconds_count[$__rate_interval])) > 0)"
                            },
                            "s",
                        ),
                        8,
                    ),
                ],
            ),
            (
                5,
                [
                    (
                        rows(
                            "Rare events of a day",
                            "What should stay near zero: partitions moved, rows restored, records that broke the code.",
                            {
                                "moved": "sum by (instance) (increase(rail_worker_rebalances_total[1d]))",
                                "restored": "sum by (instance) (increase(rail_worker_recovered_records_total[1d]))",
                                "crowded": "sum by (instance) (increase(rail_worker_crowded_reports_total[1d]))",
                                "broke": "sum by (instance) (increase(rail_worker_poison_records_total[1d]))",
                            },
                            {"moved": "none", "restored": "none", "crowded": "none", "broke": "none"},
                            by=["instance"],
                        ),
                        24,
                    ),
                ],
            ),
        ],
        thresholds=thresholds,
    )
