"""How well arrivals are foretold, measured at each: what a shipper is told must be worth what it says."""

from deploy.source.rule import Alert, Case, Group, Record
from deploy.source.thresholds import Expected, Severity

INSIDE = "horizon:rail_eta_inside:ratio7d"
"""Share of the arrivals of a week that lay in the interval of so long before."""
ERROR = "horizon:rail_eta_error_seconds:mean7d"
"""Mean of what the arrivals of a week were expected off by."""
ARRIVALS = "horizon:rail_eta_arrivals:increase7d"


def groups(lines: Expected) -> tuple[Group, ...]:
    """The figures and the alert of expected arrivals."""
    return (
        Group(
            name="expected",
            interval="1m",
            records=(
                Record(name=ARRIVALS, expr="sum by (horizon) (increase(rail_eta_arrivals_total[7d]))"),
                Record(
                    name=INSIDE,
                    expr='sum by (horizon) (increase(rail_eta_arrivals_total{interval="inside"}[7d]))'
                    f"\n  / ({ARRIVALS} > 0)",
                ),
                Record(
                    name=ERROR,
                    expr="""
                        sum by (horizon) (increase(rail_eta_error_seconds_sum[7d]))
                          / (sum by (horizon) (increase(rail_eta_error_seconds_count[7d])) > 0)
                    """,
                ),
            ),
            alerts=tuple(_off(lines, severity) for severity in lines.inside_ratio),
        ),
    )


def _off(lines: Expected, severity: Severity) -> Alert:
    ratio = lines.inside_ratio[severity]
    series = 'rail_eta_arrivals_total{{horizon="72h",interval="{}",instance="a"}}'

    def arrivals(inside: float, others: float) -> dict[str, str]:
        # Counted by the minute for twelve hours; the rest of the week is not there yet, and increase looks no further.
        return {series.format("inside"): f"0+{inside:g}x720", series.format("after"): f"0+{others:g}x720"}

    return Alert(
        name="ExpectationsOff",
        severity=severity,
        scope="containers",
        incident="expected-{{ $labels.horizon }}",
        expr=f"{INSIDE} < {ratio:g} and {ARRIVALS} >= {lines.least}",
        hold="6h",
        keep="1h",
        summary="Arrivals miss their interval {{ $labels.horizon }} ahead",
        description=(
            "{{ $value | humanizePercentage }} of the arrivals of 7 days lay in the interval that was told "
            "{{ $labels.horizon }} before them; 80% should."
        ),
        board="rail-delays-and-incidents?",
        fires=Case(
            series=arrivals(5, 5),
            at="8h",
            labels={"horizon": "72h", "incident": "expected-72h"},
            told={
                severity: (
                    "Arrivals miss their interval 72h ahead",
                    "50% of the arrivals of 7 days lay in the interval that was told 72h before them; 80% should.",
                )
            },
        ),
        silent=Case(series=arrivals(8, 2), at="8h"),
        further=(Case(series=arrivals(0.05, 0.05), at="8h"),),
    )
