"""The situation: why containers stand still, as far as was known at each clock; the judge's `Situation` and norms."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from tracker.aggregates.clocks import Followed, shifts_of
from tracker.aggregates.guessed import guessed_on
from tracker.aggregates.histogram import Histogram
from tracker.aggregates.incidents import LEARNED_DAYS, Incident, in_span, outages, silences, turns_of, wrong_clocks
from tracker.aggregates.ledger import Ledger, around, half_of, usual_gap, within
from tracker.aggregates.stops import StopWatch, unplanned
from tracker.aggregates.usual import Days
from tracker.domain.closures import Closure
from tracker.domain.closures import unplanned as stop_closure
from tracker.domain.company import NOBODY, Company
from tracker.domain.disruption import Disruption, is_held_back
from tracker.domain.exceptions import Cause, Rule, Watch
from tracker.domain.flows import Flow
from tracker.domain.moment import DAY, MINUTE, Millis, hour_of
from tracker.domain.network import Direction, Network
from tracker.domain.norms import NO_NORMS, Norms
from tracker.domain.position import Position

COHORT_HOURS: Final = 24
OTHERS_MIN: Final = 5

_EXPLAINED: Final = frozenset((Rule.LATE, Rule.DWELL, Rule.RUN, Rule.SILENT))
_CAUSES: Final = {
    "node_stopped": Cause.NODE,
    "carrier_silent": Cause.CARRIER,
    "carrier_clock": Cause.CARRIER,
    "pipeline_behind": Cause.PIPELINE,
}


class KnownSituation:
    """Everything that follows from a ledger, for every clock up to `until`; implements `judgement.Situation`."""

    def __init__(
        self,
        ledger: Ledger,
        network: Network,
        until: Millis,
        disruptions: Sequence[Disruption] = (),
        before: "KnownSituation | None" = None,
        watch: StopWatch | None = None,
    ) -> None:
        """From a ledger, and the disruptions that somebody entered.

        The ledger may begin ten days before the clock of the situation `before`, when that is given: what it said of
        the norms of earlier days, and of incidents that opened before the ledger's second day, still holds. `watch`:
        by which stops were found before in a ledger of the same flows.
        """
        self._ledger = ledger
        self._between = network.between
        self.until = until
        """The clock up to which it is known."""
        past: dict[int, Norms] = {} if before is None else before._norms
        # The clock may have jumped over days since: they are learned too.
        since = None if before is None else min(before.until, until) // DAY - 1
        self._ended: Days = Days() if before is None else before._ended
        self._norms: dict[int, Norms] = past | {
            day: _with_usual(norms, past.get(day), self._ended, ledger, network)
            for day, norms in norms_by_day(ledger, until, since).items()
        }
        self._watermarks: dict[str, Millis] = {} if before is None else dict(before._watermarks)
        for carrier, newest in ledger.newest.items():
            self._watermarks[carrier] = max(newest, self._watermarks.get(carrier, newest))
        horizon = _second_day(ledger)
        self._down = outages(ledger, until)
        self._silent = silences(ledger, self._norms, self._down, until)
        if before is not None:
            self._down = _joined(before._down, self._down, horizon)
            self._silent = _joined(before._silent, self._silent, horizon)
        self._clocks: Mapping[str, tuple[int, Followed]] = {} if before is None else before._clocks
        shifts, self._clocks = shifts_of(ledger.clocks, until, self._clocks, ledger.differences())
        self._wrong_clocks = wrong_clocks(shifts)
        self._stopped: defaultdict[Flow, list[Incident]] = defaultdict(list)
        self._planned = sorted(disruptions, key=lambda each: (each.begins, each.id))
        found = (watch or StopWatch(network)).seen(ledger, until)
        stopped = unplanned(found, disruptions, until)
        for each in stopped:
            if each.node is not None and each.direction is not None:
                self._stopped[Flow(each.node, each.direction)].append(each)
        self._reporter = {
            node: max(sorted(counts), key=counts.__getitem__) for node, counts in ledger.reporters.items()
        }
        found = [*self._down, *self._silent, *self._wrong_clocks, *stopped]
        self.incidents = sorted(found, key=lambda each: (each.opened, each.id))
        self._rules = {each.id: _CAUSES[each.rule] for each in self.incidents}
        self._rules |= {each.id: Cause.NODE for each in disruptions}
        self._turns = turns_of(self.incidents)
        self._closures: tuple[Millis, Sequence[Closure]] | None = None

    def norms(self, clock: Millis) -> Norms:
        """The norms that hold at a clock: those of its day."""
        return self._norms.get(clock // DAY, NO_NORMS)

    def learned(self) -> list[Norms]:
        """All versions of the norms up to the clock that tell anything, the oldest first."""
        last = self.until // DAY
        found = (self._norms[day] for day in sorted(self._norms) if day <= last)
        return [norms for norms in found if norms.delays or norms.gaps or norms.usual]

    def explained(self, watch: Watch, position: Position, clock: Millis) -> str | None:
        """The id of an incident or a disruption that explains it: of the pipeline, a carrier, a node, the first.

        Of what is late a node comes before a carrier: what was held back would be late although its carrier spoke.
        """
        if watch.rule not in _EXPLAINED:
            return None
        due = watch.due(clock)
        for each in self._down:
            if _is_open(each, clock) and due >= each.since:
                return each.id
        held_back = self._at_a_node(watch, position, due, clock)
        if watch.rule is Rule.LATE and held_back is not None:
            return held_back
        reporters = {position.carrier, self._reporter.get(watch.goal or "")}
        for each in (*self._silent, *self._wrong_clocks):
            if each.carrier in reporters and _is_open(each, clock) and due >= each.since:
                return each.id
        return held_back

    def _at_a_node(self, watch: Watch, position: Position, due: Millis, clock: Millis) -> str | None:
        """The closure or stop of a node it came to that holds it back; what was planned first."""
        way = [
            (node, came, position.visited[at + 1][1] if at + 1 < len(position.visited) else None)
            for at, (node, came, _) in enumerate(position.visited)
        ]
        for disruption in self._planned:
            for node, came, gone in way:
                if disruption.is_of(node, position.direction) and disruption.explains(came, gone, due, clock):
                    return disruption.id
        direction = position.direction
        if direction is None:
            return None
        flows = [(Flow(node, direction), came, gone) for node, came, gone in way]
        for flow, came, gone in [*flows, *self._ports_ahead(watch, position)]:
            for each in self._stopped.get(flow, ()):
                if is_held_back((each.since, each.opened, each.resolved), came, gone, clock):
                    return each.id
        return None

    def _ports_ahead(self, watch: Watch, position: Position) -> Iterator[tuple[Flow, Millis, Millis | None]]:
        """The flows out of ports by the sea that it came over, or is on: where no ship leaves none comes in either."""
        way = [(node, came, gone) for node, came, gone in position.visited]
        ends: list[tuple[str, Millis | None]] = [(node, came) for node, came, _ in way[1:]]
        if position.departed is not None and watch.goal is not None:
            ends.append((watch.goal, None))
        for (node, came, gone), (far, there) in zip(way, ends, strict=False):
            leg = self._between.get((node, far))
            if leg is not None and leg.mode == "vessel":
                for direction in Direction:
                    if direction is not position.direction:
                        yield Flow(far, direction), came if gone is None else gone, there

    def cause(self, watch: Watch, position: Position, clock: Millis) -> Cause:
        """`container` when half of the others that came at that time, five at least, have gone on; else unknown."""
        if position.direction is None:
            return Cause.UNKNOWN
        flow = Flow(position.node, position.direction)
        if position.departed is None:
            at, came, gone = position.came, self._ledger.came, self._ledger.left
        else:
            at, came, gone = position.departed, self._ledger.out, self._ledger.over
        others = around(came[flow], at, COHORT_HOURS, clock) - 1 if flow in came else 0
        passed = around(gone[flow], at, COHORT_HOURS, clock) if flow in gone else 0
        return Cause.CONTAINER if others >= OTHERS_MIN and 2 * passed >= others else Cause.UNKNOWN

    def company(self, position: Position, clock: Millis) -> Company:
        """Of those that came to its node in the hour it came, or left in the hour it left, how many have gone on.

        Of a train that came across the full hour, or a report that is an hour off, few are of its own hour: then those
        of the hours before and after are others too.
        """
        if position.direction is None:
            return NOBODY
        flow = Flow(position.node, position.direction)
        if position.departed is None:
            at, came, gone = position.came, self._ledger.came, self._ledger.left
        else:
            at, came, gone = position.departed, self._ledger.out, self._ledger.over
        hour = hour_of(at)
        if flow not in came or hour not in came[flow]:
            return NOBODY
        others = came[flow][hour].count(clock) - 1
        hours = range(hour, hour + 1)
        if others < OTHERS_MIN:
            hours = range(hour - 1, hour + 2)
            others = sum(came[flow][each].count(clock) for each in hours if each in came[flow]) - 1
        passed = [gone[flow][each] for each in hours if each in gone[flow]] if flow in gone else []
        return Company(others, *half_of(passed, clock))

    def closures(self, clock: Millis) -> Sequence[Closure]:
        """What is planned to be closed, whenever it was entered, and the stops that are open at a clock."""
        if self._closures is None or self._closures[0] != clock:
            found = [
                Closure(each.node, each.direction, each.begins, each.ends, is_sure=True)
                for each in self._planned
                if each.ends > clock
            ]
            found += [
                stop_closure(flow.node, flow.direction, each.since, clock)
                for flow, stops in self._stopped.items()
                for each in stops
                if _is_open(each, clock)
            ]
            self._closures = clock, found
        return self._closures[1]

    def cause_of(self, incident: str) -> Cause:
        """The cause that an incident or a disruption stands for."""
        return self._rules.get(incident, Cause.UNKNOWN)

    def turns(self, after: Millis, upto: Millis) -> Sequence[Millis]:
        """Clocks in (after, upto] at which an incident opened or was resolved."""
        return in_span(self._turns, after, upto)

    def watermark(self, carriers: Iterable[str]) -> Millis:
        """The latest event time of which any of these carriers told; 1970 of none."""
        return max((self._watermarks.get(carrier, Millis(0)) for carrier in carriers), default=Millis(0))


def _second_day(ledger: Ledger) -> Millis:
    """The begin of the day after the first of which the ledger knows anything."""
    first = min((min(heard) for heard in ledger.minutes.values() if heard), default=0)
    return Millis((first * MINUTE // DAY + 1) * DAY)


def _joined(before: Sequence[Incident], now: Sequence[Incident], horizon: Millis) -> list[Incident]:
    """Incidents that opened before a moment as they were known, the others as they are now."""
    return [*(each for each in before if each.opened < horizon), *(each for each in now if each.opened >= horizon)]


def norms_by_day(ledger: Ledger, until: Millis, since: int | None = None) -> dict[int, Norms]:
    """Day (since 1970) to the norms that hold on it, learned from the seven whole days before; from `since` on."""
    minutes = {carrier: sorted(heard) for carrier, heard in ledger.minutes.items()}
    if not minutes:
        return {}
    first = min(each[0] for each in minutes.values()) * MINUTE // DAY
    found: dict[int, Norms] = {}
    for day in range(max(first + 1, since or 0), until // DAY + 1):
        usual: dict[str, int] = {}
        late: dict[str, int] = {}
        for carrier, heard in minutes.items():
            recent = within(heard, (day - LEARNED_DAYS) * DAY // MINUTE, day * DAY // MINUTE)
            if (gap := usual_gap(recent, MINUTE)) is not None:
                usual[carrier] = gap
            delays = Histogram()
            for before in range(day - LEARNED_DAYS, day):
                if (carrier, before) in ledger.delays:
                    delays.merge(ledger.delays[carrier, before])
            if quantile := delays.quantiles(0.95):
                late[carrier] = round(quantile[0])
        found[day] = Norms(day, late, usual)
    return found


def _with_usual(norms: Norms, known: Norms | None, ended: Days, ledger: Ledger, network: Network) -> Norms:
    """The norms of a day with what is usual by then; what was `known` of that stays, it was final."""
    day = norms.version
    if known is not None:
        return replace(norms, usual=known.usual, guessed=known.guessed)
    return replace(norms, usual=ended.usual(ledger, network, day), guessed=guessed_on(ledger, day))


def _is_open(incident: Incident, clock: Millis) -> bool:
    return incident.opened <= clock and (incident.resolved is None or clock < incident.resolved)
