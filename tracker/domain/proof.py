"""How well arrivals were foretold: what was expected so long before each of them, held against when it came.

An arrival is measured once, two days after it: by then nineteen of twenty corrections and retractions are in, and one
taken back before was never counted. It is held against what was known so long before it, from the reports that had been
received by then, so nothing has to be kept for it: the same reports give the same proofs, in a worker as in a batch.
What is corrected later than that stays as it was counted; the batch, which sees the end, counts it as it became.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, get_args

from tracker.domain.chronicle import position_in, received_order
from tracker.domain.container import ContainerRow, fold, reports_of
from tracker.domain.course import courses_of, is_finish
from tracker.domain.flows import KEPT
from tracker.domain.journey import Journey, nodes_of
from tracker.domain.judgement import tick_of
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.network import OTHER, UNDECIDED, Network
from tracker.domain.outlook import Arrival, arrival_of
from tracker.domain.passage import stops
from tracker.domain.rejudge import Judge
from tracker.domain.ruling import apply

Horizon = Literal["24h", "72h", "7d"]
HORIZONS: Final[tuple[tuple[Horizon, int], ...]] = (("7d", 7 * DAY), ("72h", 72 * HOUR), ("24h", 24 * HOUR))
"""How long before an arrival, the longest first."""
SETTLES: Final = 2 * DAY
"""From an arrival until it is measured."""
REACH: Final = KEPT - 10 * DAY
"""Arrivals longer ago are not measured any more: what was known before them is let go."""

Place = Literal["inside", "before", "after"]
"""Where an arrival lay: in the interval from p10 to p90, before it or after it."""


class Came(NamedTuple):
    """That a journey came to its end: it began and `left` its origin, and was there `at` some moment, as reported."""

    journey: str
    began: Millis
    left: Millis
    at: Millis


class Proof(NamedTuple):
    """What was expected of an arrival so long before it; `horizon` names how long."""

    came: Came
    horizon: Horizon
    expected: Arrival

    @property
    def error(self) -> int:
        """Milliseconds by which it was expected too early or too late."""
        return abs(self.expected.at - self.came.at)

    @property
    def place(self) -> Place:
        """Where in the interval it lay; the interval's ends belong to it."""
        if self.came.at < self.expected.low:
            return "before"
        return "after" if self.came.at > self.expected.high else "inside"


def came_of(journey: Journey, network: Network) -> Came | None:
    """The arrival at the destination, else at an end of its corridor; None while none is reported.

    A journey whose departure nobody reported, or that came back to where it began, has none.
    """
    if journey.destination is None and not network.finishing.get(journey.visits[-1].node, 0):
        return None
    if journey.status == "returned" or len(journey.visits) < 2:
        return None
    way = stops(journey, network)
    left = next((stop.departed for stop in way[:-1] if stop.departed is not None), None)
    there = next((stop for stop in reversed(way[1:]) if _is_end(stop.node, journey, network)), None)
    if left is None or there is None or there.arrived is None or there.arrived < left:
        return None
    return Came(journey.id, journey.began, left, there.arrived)


def _is_end(node: str, journey: Journey, network: Network) -> bool:
    if journey.destination is not None:
        return node == journey.destination
    if node != journey.visits[-1].node:
        return False
    mask = courses_of(nodes_of(journey), network, journey.origin, journey.destination)
    if journey.corridor not in {UNDECIDED, OTHER} and journey.direction is not None:
        mask = mask or network.courses_in(journey.direction, journey.corridor)
    return is_finish(node, mask, network)


def proofs(came: Came, row: ContainerRow, container: str, judge: Judge) -> Iterator[Proof]:
    """What was expected of an arrival, by the reports received so long before it; for each horizon on its way."""
    reports = sorted(reports_of(row), key=received_order)
    then: ContainerRow | None = None
    taken = 0
    for horizon, before in HORIZONS:
        clock = Millis(came.at - before)
        if clock < came.left:
            continue
        known = taken
        while known < len(reports) and reports[known].received <= clock:
            known += 1
        if then is None:
            then = fold(reports[:known], container, judge.rules)
        else:
            for report in reports[taken:known]:
                apply(then, container, report, judge.rules, facts=False)
        taken = known
        position = position_in(then, judge.rules, judge.lines)
        if position is None or position.last < came.began:
            continue  # nothing was known of this journey yet
        expected = arrival_of(position, judge.lines, judge.knowledge, clock)
        if expected is not None:
            yield Proof(came, horizon, expected)


def prove(row: ContainerRow, container: str, judge: Judge, upto: Millis) -> list[Proof]:
    """Measure the arrivals of a row that was judged up to a clock; notes which, and when the next is due."""
    judgement, found = row.judgement, list[Proof]()
    for journey in row.journeys[-LOOKED_AT:]:
        # Journeys follow each other: one that began before the last arrival measured is that one, whatever its id now.
        if journey.began <= judgement.proved or (came := came_of(journey, judge.rules.network)) is None:
            continue
        due = tick_of(Millis(came.at + SETTLES))
        if due > upto:
            judgement.due = due if judgement.due is None else min(due, judgement.due)
            break
        judgement.proved = max(came.began, came.at)
        if came.at > upto - REACH:
            found += proofs(came, row, container, judge)
    return found


LOOKED_AT: Final = 4
"""Journeys of a row that may have arrived within the two days before it is measured, and one to spare."""


def summary_of(proofs: Iterable[Proof]) -> dict[str, dict[str, int]]:
    """By horizon: arrivals, the milliseconds they were off together, and how many lay in their interval or not."""
    found: dict[str, dict[str, int]] = {
        horizon: {"arrivals": 0, "error_ms": 0} | dict.fromkeys(get_args(Place), 0) for horizon, _ in reversed(HORIZONS)
    }
    for proof in proofs:
        sums = found[proof.horizon]
        sums["arrivals"] += 1
        sums["error_ms"] += proof.error
        sums[proof.place] += 1
    return found
