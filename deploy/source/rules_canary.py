"""Canaries: whether the whole way from a report to a notice works, as the README has the condition."""

from deploy.source.rule import Alert, Case, Group

JOB = "rail-canary"
"""The scrape job of `tracker canary`; where canaries are off it has no targets, and nothing here fires."""

_BOARD = "rail-pipeline"
_TOLD = 'rail_canary_told_timestamp_seconds{instance="c:6068"}'
_INTERVAL = 'rail_canary_interval_seconds{instance="c:6068"}'


def groups() -> tuple[Group, ...]:
    """The alerts of canaries."""
    return (Group(name="canary", interval="30s", alerts=(_late(), _astray(), _down())),)


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
