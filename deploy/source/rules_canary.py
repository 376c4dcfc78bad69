"""Canaries: whether the whole way from a report to a notice works, as the README has the condition."""

from typing import Final

from deploy.source.burning import Burning, Promise
from deploy.source.rule import Alert, Case, Group, Record
from deploy.source.thresholds import Objectives

JOB = "rail-canary"
"""The scrape job of `tracker canary`; where canaries are off it has no targets, and nothing here fires."""

GOOD: Final = "slo:canary_told_good:bool"

_BOARD = "rail-pipeline"
_DELAY = 'rail_canary_delay_seconds{instance="c:6068"}'
_TOLD = 'rail_canary_told_timestamp_seconds{instance="c:6068"}'
_INTERVAL = 'rail_canary_interval_seconds{instance="c:6068"}'


def groups(objectives: Objectives) -> tuple[Group, ...]:
    """The alerts of canaries, and of the promise "told in time"."""
    promise, within = _promise(objectives), objectives.canary_told_seconds
    # The last one that was due came out, and in time. Absent without canaries: then nothing is promised.
    good = f"""
        (max(rail_canary_delay_seconds) <= bool {within:g})
          * (time() - max(rail_canary_told_timestamp_seconds)
              <= bool max(rail_canary_interval_seconds) + {within:g})
    """
    return (
        Group(
            name="canary",
            records=(Record(name=GOOD, expr=good), *promise.records(objectives.burn)),
            alerts=(_late(), _astray(), _down(), *promise.alerts(objectives.burn)),
        ),
    )


def _promise(objectives: Objectives) -> Promise:
    intervals = {_INTERVAL: "3600x700"}

    def late(minute: int, looks: int) -> dict[str, str]:
        """Every canary takes 100 seconds, but for that from a minute on, which takes ten minutes."""
        return {
            _DELAY: f"100x{minute} 600x{looks} 100x600",
            _TOLD: " ".join(f"{hour * 3600}x{61 if hour == 0 else 59}" for hour in range(10)),
            **intervals,
        }

    return Promise(
        name="canary_told",
        good=GOOD,
        share=objectives.canary_told,
        alert="CanaryToldBudgetBurns",
        summary="Delays are told too late, too often",
        description="the last canary was told later than promised",
        board=_BOARD,
        fires={
            # For 70 minutes: all of the last hour, which has a look more in Prometheus 2 than in 3.
            "critical": Burning(series=late(80, 600), at="150m", shares={"critical": "100%", "warning": "46.36%"}),
            # For a quarter of an hour in six hours and a half.
            "warning": Burning(series=late(240, 15), at="400m", shares={"warning": "3.99%"}),
        },
        kept=late(120, 1),
    )


def _late() -> Alert:
    return Alert(
        name="CanaryLate",
        severity="critical",
        scope="pipeline",
        incident="canary",
        # In order it is an interval and some two minutes at most; 1.5 is due before the second canary is missing.
        expr="time() - max(rail_canary_told_timestamp_seconds) > 1.5 * max(rail_canary_interval_seconds)",
        hold="",
        keep="2m",
        summary="No canary has come out for {{ $value | humanizeDuration }}",
        description="The way from a report to a notice is broken: nobody is told of containers that are late.",
        board=_BOARD,
        fires=Case(
            # The last one was late when time began; the next, due after an hour, never came.
            series={_TOLD: "0x200", _INTERVAL: "3600x200"},
            at="100m",
            labels={"incident": "canary"},
            told={
                "critical": (
                    "No canary has come out for 1h 40m 0s",
                    "The way from a report to a notice is broken: nobody is told of containers that are late.",
                )
            },
        ),
        silent=Case(series={_TOLD: "0x62 3600x59 7200x59", _INTERVAL: "3600x200"}, at="100m"),
    )


def _astray() -> Alert:
    series = 'rail_canary_astray_total{instance="c:6068"}'
    told = ("A canary was told that was not late", "What is told of real containers may be wrong too.")
    return Alert(
        name="CanaryAstray",
        severity="warning",
        scope="pipeline",
        incident="canary",
        expr="increase(rail_canary_astray_total[2h]) > 0",
        hold="",
        keep="10m",
        summary=told[0],
        description=told[1],
        board=_BOARD,
        fires=Case(
            series={series: "0x5 1x60"},
            at="10m",
            labels={"incident": "canary", "instance": "c:6068"},
            told={"warning": told},
        ),
        silent=Case(series={series: "1x300"}, at="4h"),
    )


def _down() -> Alert:
    up = f'up{{job="{JOB}",instance="c:6068"}}'
    told = ("Whoever sends canaries does not answer", "Whether the chain works is not known while no canary travels.")
    return Alert(
        name="CanaryDown",
        severity="warning",
        scope="pipeline",
        incident="canary",
        expr=f'up{{job="{JOB}"}} == 0',
        hold="5m",
        keep="2m",
        summary=told[0],
        description=told[1],
        board=_BOARD,
        fires=Case(
            series={up: "1x5 0x20"},
            at="15m",
            labels={"incident": "canary", "job": JOB, "instance": "c:6068"},
            told={"warning": told},
        ),
        silent=Case(series={up: "1x5 0x2 1x20"}, at="15m"),
    )
