"""Incidents: what is wrong with a node, a carrier's feed or everything, and when that was known.

Verdicts are made at whole hours from closed hours only; that nothing at all is received is seen at once, and a wrong
clock after ten minutes.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from tracker.aggregates.clocks import Shift
from tracker.aggregates.ledger import Ledger, usual_gap, within
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis, hour_of
from tracker.domain.network import Direction
from tracker.domain.norms import Norms

IncidentRule = Literal["node_stopped", "carrier_silent", "carrier_clock", "pipeline_behind"]

LEARNED_DAYS: Final = 7
"""Days from which a carrier's gaps and delays are learned: a week holds every weekday once."""
SILENT_GAPS: Final = 3
SILENT_LEAST: Final = 2 * HOUR
SILENT_CONTAINERS: Final = 10
OUTAGE_GAPS: Final = 10
OUTAGE_LEAST: Final = 30 * MINUTE


class Incident(NamedTuple):
    """An incident: `since` when it began, `opened` the clock at which it was seen, `resolved` that of its end.

    `hours`: of `carrier_clock`, by how many the carrier's times are later than true ones.
    """

    id: str
    rule: IncidentRule
    node: str | None
    direction: Direction | None
    carrier: str | None
    since: Millis
    opened: Millis
    resolved: Millis | None
    threshold: int
    hours: int | None = None


def wrong_clocks(shifts: Iterable[Shift]) -> list[Incident]:
    """The incidents of carriers whose times are whole hours off."""
    return [
        Incident(
            id=f"carrier_clock-{each.carrier}-{each.opened // MINUTE}",
            rule="carrier_clock",
            node=None,
            direction=None,
            carrier=each.carrier,
            since=each.since,
            opened=each.opened,
            resolved=each.resolved,
            threshold=each.opened - each.since,
            hours=each.hours,
        )
        for each in shifts
    ]


def outages(ledger: Ledger, until: Millis) -> list[Incident]:
    """Spans in which nobody was heard of for ten times the usual gap and at least half an hour."""
    minutes = sorted(set().union(*ledger.minutes.values())) if ledger.minutes else []
    found: list[Incident] = []
    limits: dict[int, int] = {}
    for last, heard in [*pairwise(minutes), *((each, None) for each in minutes[-1:])]:
        if (until if heard is None else heard * MINUTE) - last * MINUTE < OUTAGE_LEAST:
            continue
        day = last * MINUTE // DAY
        if day not in limits:
            recent = within(minutes, (day - LEARNED_DAYS) * DAY // MINUTE, day * DAY // MINUTE)
            usual = usual_gap(recent, MINUTE)
            limits[day] = DAY if usual is None else max(OUTAGE_LEAST, OUTAGE_GAPS * usual)
        since, opened = Millis(last * MINUTE), Millis(last * MINUTE + limits[day])
        if opened <= until and (heard is None or opened < heard * MINUTE):
            resolved = None if heard is None or heard * MINUTE > until else Millis(heard * MINUTE)
            name = f"pipeline_behind-{opened // MINUTE}"
            found.append(Incident(name, "pipeline_behind", None, None, None, since, opened, resolved, limits[day]))
    return found


def silences(ledger: Ledger, norms: dict[int, Norms], down: list[Incident], until: Millis) -> list[Incident]:
    """Carriers of which nothing was heard for three times their usual gap, outages of everything left out."""
    found: list[Incident] = []
    for carrier, heard in sorted(ledger.minutes.items()):
        minutes = sorted(heard)
        for last, after in [*pairwise(minutes), *((each, None) for each in minutes[-1:])]:
            end = until if after is None else Millis(after * MINUTE)
            if end - last * MINUTE <= SILENT_LEAST:
                continue
            opened = _silent_from(ledger, norms, down, carrier, Millis(last * MINUTE), min(end, until))
            if opened is not None:
                back = None if after is None else Millis(-(-(after * MINUTE + 1) // HOUR) * HOUR)
                resolved = None if back is None or back > until else back
                name = f"carrier_silent-{carrier}-{opened // HOUR}"
                since, limit = Millis(last * MINUTE), opened - last * MINUTE
                found.append(Incident(name, "carrier_silent", None, None, carrier, since, opened, resolved, limit))
    return found


def _silent_from(
    ledger: Ledger, norms: dict[int, Norms], down: list[Incident], carrier: str, last: Millis, end: Millis
) -> Millis | None:
    """The first whole hour before `end` at which a carrier counts as silent."""
    for hour in range(hour_of(last) + 1, hour_of(end) + 1):
        clock = Millis(hour * HOUR)
        day = clock // DAY
        usual = norms[day].gaps.get(carrier) if day in norms else None
        if usual is None or clock > end:
            continue
        lost = sum(
            max(0, min(clock, each.resolved or clock) - max(last, each.since)) for each in down if each.opened <= clock
        )
        boxes: set[str] = set().union(*(ledger.containers.get((carrier, day - d), set()) for d in range(8)))
        if clock - last - lost > max(SILENT_LEAST, SILENT_GAPS * usual) and len(boxes) >= SILENT_CONTAINERS:
            return clock
    return None


def turns_of(incidents: list[Incident]) -> list[Millis]:
    """The clocks at which incidents opened or were resolved, ascending."""
    return sorted({at for each in incidents for at in (each.opened, each.resolved) if at is not None})


def in_span(turns: list[Millis], after: Millis, upto: Millis) -> list[Millis]:
    """Those in (after, upto]."""
    return turns[bisect_right(turns, after) : bisect_right(turns, upto)]
