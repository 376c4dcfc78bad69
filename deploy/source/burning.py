"""A promise, as the share of time in which it is kept, and the alert when what it allows is used up too fast.

An error budget is spent too fast when it burns so over a long window, and still does over a short one: the first
makes it worth waking somebody, the second ends the alert when the trouble is over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deploy.source.rule import Alert, Case, Record
from deploy.source.thresholds import Burn, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Burning:
    """Where a budget burns at a severity's rate: series, the moment, and the share that each severity names then."""

    series: Mapping[str, str]
    at: str
    shares: Mapping[Severity, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is promised. `good`: a record that is 1 while it is kept and 0 while not."""

    name: str
    good: str
    share: float
    alert: str
    summary: str
    description: str
    """What follows the share that was bad: "{{ $value | humanizePercentage }} of the time ..."."""
    board: str
    fires: Mapping[Severity, Burning]
    kept: Mapping[str, str]
    """Series of six hours and 40 minutes with one minute that was bad."""

    def records(self, burns: list[Burn]) -> Iterator[Record]:
        """Of each window the share of time that was bad."""
        for window in dict.fromkeys(window for burn in burns for window in (burn.short, burn.long)):
            yield Record(name=self._bad(window), expr=f"1 - avg_over_time({self.good}[{window}])")

    def alerts(self, burns: list[Burn]) -> Iterator[Alert]:
        """One alert per severity."""
        for severity in dict.fromkeys(burn.severity for burn in burns):
            yield self._alert(severity, [burn for burn in burns if burn.severity == severity])

    def _bad(self, window: str) -> str:
        return f"slo:{self.name}_bad:ratio_{window}"

    def _alert(self, severity: Severity, burns: list[Burn]) -> Alert:
        bad, incident = 1 - self.share, f"slo-{self.name.replace('_', '-')}"
        expr = "\nor ".join(
            f"({self._bad(burn.long)} > {burn.ratio * bad:.6g}"
            f" and {self._bad(burn.short)} > {burn.ratio * bad:.6g}\n"
            # A Prometheus that is new knows minutes: those of a start would be most of its time.
            f"  and {self.good} offset {'1h' if burn.short.endswith('m') else burn.short} >= 0)"
            for burn in burns
        )
        rest = f" of the time {self.description}; {bad * 100:g} % are allowed."
        case = self.fires[severity]
        return Alert(
            name=self.alert,
            severity=severity,
            scope="pipeline",
            incident=incident,
            expr=expr,
            hold="2m",
            summary=self.summary,
            description="{{ $value | humanizePercentage }}" + rest,
            board=self.board,
            fires=Case(
                series=case.series,
                at=case.at,
                labels={"incident": incident},
                told={each: (self.summary, share + rest) for each, share in case.shares.items()},
            ),
            # A minute in six hours is within what is promised.
            silent=Case(series=self.kept, at="400m"),
        )
