"""Incidents: what is wrong with a node, a carrier's feed or everything, and when that was known.

Verdicts are made at whole hours from closed hours only; only that nothing at all is received is seen at once.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final, Literal, NamedTuple

from tracker.aggregates.ledger import Flow, Ledger, usual_gap, within
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis, hour_of
from tracker.domain.network import Direction, Network
from tracker.domain.norms import Norms

IncidentRule = Literal["node_stopped", "carrier_silent", "carrier_clock", "pipeline_behind"]

LEARNED_DAYS: Final = 7
"""Days from which a carrier's gaps and delays are learned: a week holds every weekday once."""
USUAL_HOURS: Final = 28 * 24
"""Hours from which the usual flow of a node is learned."""
USUAL_HOURS_MIN: Final = 5 * 24
"""With less history nothing is usual."""
SPANS: Final = (6, 12, 24, 48, 72, 96, 168)
"""Hours over which a flow is looked at."""
EXPECTED_BOXES: Final = 8
QUIET_GAPS: Final = 1.5
"""Boxes leave by trains, so a span in which eight were to leave may have had no train: it must also be longer than this
many usual gaps between two departures. Of trains at random, one gap in a thousand is."""
WAITING_SHARE: Final = 0.5
"""Of the boxes that should be gone by now so many are still there: else nothing is stopped, there is nothing to go."""
WAITING_HOURS: Final = 48
STOPPED_SHARE: Final = 0.2
BACK_SHARE: Final = 0.5
BACK_HOURS: Final = 2
SILENT_GAPS: Final = 3
SILENT_LEAST: Final = 2 * HOUR
SILENT_CONTAINERS: Final = 10
OUTAGE_GAPS: Final = 10
OUTAGE_LEAST: Final = 30 * MINUTE


class Incident(NamedTuple):
    """An incident: `since` when it began, `opened` the clock at which it was seen, `resolved` that of its end."""

    id: str
    rule: IncidentRule
    node: str | None
    direction: Direction | None
    carrier: str | None
    since: Millis
    opened: Millis
    resolved: Millis | None
    threshold: int


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


class _Flows:
    """What is known of one flow, by whole hours of the clock, as running sums."""

    def __init__(self, ledger: Ledger, flow: Flow, begin: int, end: int) -> None:
        departures = ledger.departures[flow]
        self.begin = begin
        hours = range(begin, end + 1)
        self._boxes = [0, *accumulate(departures.get(hour, 0) for hour in hours)]
        self._hours = [hour for hour in hours if departures.get(hour, 0) > 0]
        self.first = min(departures)

    def boxes(self, low: int, high: int) -> int:
        """Boxes whose departure became known in the hours from `low` up to below `high`."""
        return self._over(self._boxes, low, high)

    def gap(self, low: int, high: int) -> int | None:
        """The usual gap, in hours, between two hours with departures, of those from `low` up to below `high`."""
        return usual_gap(within(self._hours, low, high), 1)

    def _over(self, sums: list[int], low: int, high: int) -> int:
        last = len(sums) - 1
        return sums[min(last, max(0, high - self.begin))] - sums[min(last, max(0, low - self.begin))]


def stops(ledger: Ledger, network: Network, until: Millis) -> list[Incident]:
    """Nodes that hardly anything leaves in a direction, although boxes wait there."""
    found: list[Incident] = []
    for flow in sorted(ledger.departures):
        found += _stops_of(ledger, flow, network, hour_of(until))
    return found


def _stops_of(ledger: Ledger, flow: Flow, network: Network, end: int) -> Iterator[Incident]:
    begin = min(ledger.departures[flow])
    flows = _Flows(ledger, flow, begin, end)
    stay = network.nodes[flow.node].stay
    patience = round(stay.planned) if stay is not None else 24
    opened: tuple[int, int, float] | None = None
    for hour in range(begin + USUAL_HOURS_MIN, end + 1):
        if opened is None:
            opened = _stopped_at(ledger, flow, flows, hour, patience)
        elif flows.boxes(hour - BACK_HOURS, hour) >= max(1.0, BACK_SHARE * BACK_HOURS * opened[2]):
            yield _stop(flow, opened[0], opened[1], Millis(hour * HOUR))
            opened = None
    if opened is not None:
        yield _stop(flow, opened[0], opened[1], None)


def _stopped_at(ledger: Ledger, flow: Flow, flows: _Flows, hour: int, patience: int) -> tuple[int, int, float] | None:
    """At a whole hour: the hour since when it is stopped, this hour, and the usual boxes an hour; None if it is not."""
    for span in SPANS:
        low = hour - span
        known = min(USUAL_HOURS, low - flows.first)
        if known < USUAL_HOURS_MIN:
            return None
        usual = flows.boxes(low - known, low) / known
        if usual * span < EXPECTED_BOXES or flows.boxes(low, hour) >= STOPPED_SHARE * usual * span:
            continue
        gap = flows.gap(low - known, low)
        if gap is not None and span > QUIET_GAPS * gap and _is_waited(ledger, flow, hour, patience):
            return low, hour, usual
    return None


def _is_waited(ledger: Ledger, flow: Flow, hour: int, patience: int) -> bool:
    """Whether most of the boxes that came two days long, and should be gone by now, are known to be still there."""
    clock, begin = Millis(hour * HOUR), hour - patience - WAITING_HOURS
    came, left = ledger.came[flow], ledger.left[flow]
    hours = [each for each in range(begin, hour - patience) if each in came]
    boxes = sum(came[each].count(clock) for each in hours)
    gone = sum(min(came[each].count(clock), left[each].count(clock)) for each in hours if each in left)
    return boxes - gone >= max(EXPECTED_BOXES, WAITING_SHARE * boxes)


def _stop(flow: Flow, since: int, opened: int, resolved: Millis | None) -> Incident:
    name = f"node_stopped-{flow.node}-{flow.direction}-{opened}"
    begun, clock, limit = Millis(since * HOUR), Millis(opened * HOUR), (opened - since) * HOUR
    return Incident(name, "node_stopped", flow.node, flow.direction, None, begun, clock, resolved, limit)


def turns_of(incidents: list[Incident]) -> list[Millis]:
    """The clocks at which incidents opened or were resolved, ascending."""
    return sorted({at for each in incidents for at in (each.opened, each.resolved) if at is not None})


def in_span(turns: list[Millis], after: Millis, upto: Millis) -> list[Millis]:
    """Those in (after, upto]."""
    return turns[bisect_right(turns, after) : bisect_right(turns, upto)]
