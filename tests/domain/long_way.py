"""One journey told in as many reports as wanted, in order of time: to see what its length costs."""

from tests.domain.told import RULES
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.report import Kind, Report

BEGIN = Millis(1_772_323_200_000)  # 2026-03-01T00:00:00Z
WAY = ("CN-XIAN", *(RULES.network.path("middle", "CN-XIAN", "GE-POTI") or ()))
STAY = (Kind.ARRIVED, Kind.UNLOADED, Kind.GATE_IN, Kind.CUSTOMS_HELD, Kind.CUSTOMS_RELEASED, Kind.LOADED,
        Kind.DEPARTED)  # fmt: skip
"""A port reports so much of a stay; between come looks at where it stands, each of which a source may send."""


def long_way(count: int, carrier: str = "ktz") -> list[Report]:
    """`count` reports of one journey over the whole way, spread evenly over its nodes.

    Few leave nodes out; what goes beyond the kinds of a stay are customs' holds and releases, facts of their own.
    """
    told: list[Report] = []
    at = int(BEGIN)
    for number, node in enumerate(WAY):
        share = count * (number + 1) // len(WAY) - count * number // len(WAY)
        for kind in _kinds(share, first=number == 0):
            told.append(Report(carrier, f"{carrier}{len(told)}", kind, node, Millis(at), Millis(at + HOUR), len(told)))
            at += 12 * HOUR + 7 * MINUTE
        at += 3 * DAY
    return told


def _kinds(count: int, *, first: bool) -> list[Kind]:
    """So many kinds of a stay: arrived, looks, departed."""
    if count < 2:
        return [Kind.DEPARTED if first else Kind.ARRIVED] * count
    looks = [(Kind.CUSTOMS_HELD, Kind.CUSTOMS_RELEASED)[number % 2] for number in range(max(0, count - len(STAY)))]
    return [*STAY[: min(count, len(STAY)) - 1], *looks, Kind.DEPARTED]
