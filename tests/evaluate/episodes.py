"""Which containers were truly over their critical line: where, from when on, how long, and for what reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.evaluate.cases import NO_END
from tests.evaluate.lines import HOUR, Lines, critical_hours, way_p99_hours
from tests.evaluate.said import Said
from tests.evaluate.truth import Reporters, Trouble, Truth, Way

LATE_HOURS = 72
"""Beyond the carrier's plan, an arrival is critically late."""
HELD_HOURS = 72
"""Unreleased for so long, a customs hold is critical."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One container over one line. `end` None: for ever; it may lie beyond the end of the run, as the deadline may.

    `noticed_by`: the last moment at which finding it is still right: its end and what the carrier usually takes to
    report it. `cause` is None where the truth does not say why. `since`: when the stay, run, hold or way began.
    """

    container: str
    booking: str
    kind: str
    place: str
    since: int
    deadline: int
    end: int | None
    noticed_by: int
    cause: str | None


class Judge:
    """Finds the episodes of a truth. `said` gives carriers' usual delays and plans."""

    def __init__(self, lines: Lines, truth: Truth, said: Said, reporters: Reporters) -> None:
        self._lines, self._truth, self._said, self._reporters = lines, truth, said, reporters
        self._ways: dict[tuple[str, tuple[str, ...]], float] = {}
        self._ahead: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self.passages: dict[tuple[str, str, str], list[int]] = {}
        """By kind, place and direction: how many stays or runs there were, and how many of them over the line,
        without those that a closed node explains."""

    def episodes(self) -> list[Episode]:
        """All of them, journey by journey."""
        return [episode for way in self._truth.ways for episode in self._of(way)]

    def cause_without_episode(self, way: Way | None, at: int) -> str | None:
        """What explains an exception of a container that is over no line: node, carrier or pipeline; else None."""
        for trouble in self._truth.troubles:
            if not trouble.troubles(at):
                continue
            if trouble.kind == "outage":
                return "pipeline"
            if way is None:
                continue
            place = way.place_at(at)
            here, ahead = way.stays[place].node, [stay.node for stay in way.stays[place + 1 : place + 2]]
            if trouble.carrier is not None and trouble.carrier in self._telling(way, here, ahead):
                return "carrier"
            if trouble.node == here and (not trouble.directions or way.direction in trouble.directions):
                return "node"
        return None

    def _telling(self, way: Way, here: str, ahead: Sequence[str]) -> set[str]:
        reporters = self._reporters
        far = ahead[0] if ahead else None
        if far is None and here != way.destination:
            onward = self._way_ahead(way.corridor, here, way.destination)
            far = onward[1] if len(onward) > 1 else None
        return {reporters.at_node(here)} | ({reporters.on_leg(here, far)} if far is not None else set())

    def _of(self, way: Way) -> Iterator[Episode]:
        yield from self._stays(way)
        yield from self._runs(way)
        yield from self._holds(way)
        if (late := self._late(way)) is not None:
            yield late

    def _stays(self, way: Way) -> Iterator[Episode]:
        for place, stay in enumerate(way.stays):
            if stay.arrived is None or stay.arrived == stay.departed:
                continue
            hours = self._lines.stay(way.corridor, stay.node)
            is_last = stay.node == way.destination
            if is_last and hours is None:  # having arrived it is nobody's concern, but for planned stays
                continue
            end = way.out if is_last else stay.departed
            carrier = self._reporters.at_node(stay.node)
            line = critical_hours(hours, self._said.usual_delay_hours(carrier))
            by_sea = place + 1 < len(way.stays) and self._at_sea(stay.node, way.stays[place + 1].node)
            yield from self._over("stay", way, stay.node, (stay.arrived, end), line, carrier, by_sea)

    def _runs(self, way: Way) -> Iterator[Episode]:
        for near, far in pairwise((*way.stays, None)):
            assert near is not None
            if near.departed is None:
                continue
            if far is None:  # for ever; towards the next node of the usual way, as far as anybody knows
                onward = self._way_ahead(way.corridor, near.node, way.destination)
                if len(onward) < 2:
                    continue
                to, end = onward[1], None
            else:
                to, end = far.node, far.arrived
            carrier = self._reporters.on_leg(near.node, to)
            line = critical_hours(self._lines.run(near.node, to), self._said.usual_delay_hours(carrier))
            leg = self._reporters.network.between[near.node, to].id
            yield from self._over("run", way, leg, (near.departed, end), line, carrier, self._at_sea(near.node, to))

    def _over(
        self, kind: str, way: Way, place: str, span: tuple[int, int | None], line: float, carrier: str, by_sea: bool
    ) -> Iterator[Episode]:
        since, end = span
        if since > self._truth.until:
            return
        deadline = since + round(line * HOUR)
        counts = self.passages.setdefault((kind, place, way.direction), [0, 0])
        counts[0] += 1
        if end is None or end > deadline:
            cause = self._cause(way, place, since, NO_END if end is None else end, line, by_sea=by_sea)
            counts[1] += cause != "node"
            noticed_by = NO_END if end is None else self._reported(carrier, end)
            yield Episode(way.container, way.booking, kind, place, since, deadline, end, noticed_by, cause)

    def _holds(self, way: Way) -> Iterator[Episode]:
        for hold in self._truth.holds.get((way.container, way.booking), ()):
            deadline = hold.start + HELD_HOURS * HOUR
            end = NO_END if hold.end is None else hold.end
            if hold.start <= self._truth.until and end > deadline:
                known = self._reported(self._reporters.at_node(hold.place), end)
                yield Episode(
                    way.container, way.booking, "hold", hold.place, hold.start, deadline, hold.end, known, "container"
                )

    def _late(self, way: Way) -> Episode | None:
        first = way.stays[0]
        if first.departed is None or first.departed > self._truth.until:
            return None
        deadline, end = self.due(way, first.departed), way.arrived
        if end is not None and end <= deadline:
            return None
        noticed_by = NO_END if end is None else self._reported(self._reporters.at_node(way.destination), end)
        over = (NO_END if end is None else end) - deadline  # clear only what alone made the difference
        cause = "container" if self._stuck_for(way) >= over else "node" if self._closed_for(way) >= over else None
        return Episode(
            way.container, way.booking, "late", way.destination, first.departed, deadline, end, noticed_by, cause
        )

    def due(self, way: Way, departed: int) -> int:
        """When it is critically late: by the carrier's plan, else by the template."""
        plan = self._said.plan(way.container, way.booking, departed)
        if plan is not None:
            return plan + LATE_HOURS * HOUR
        nodes = tuple(stay.node for stay in way.stays)
        if nodes[-1] != way.destination:
            nodes += self._way_ahead(way.corridor, nodes[-1], way.destination)[1:]
        key = (way.corridor, nodes)
        if key not in self._ways:
            self._ways[key] = way_p99_hours(self._lines.way(way.corridor, nodes))
        return departed + round(self._ways[key] * HOUR)

    def _cause(self, way: Way, place: str, since: int, end: int, line: float, *, by_sea: bool) -> str | None:
        stuck = self._truth.stuck.get((way.container, way.booking), ())
        if any(each.place == place and each.start < end and (each.end or end) > since for each in stuck):
            return "container"
        for trouble in self._truth.troubles:
            # Clear only when it would not have been over the line without.
            common = trouble.overlap(since, end) if self._closes(trouble, way, place, by_sea=by_sea) else 0
            if common and end - since - common <= line * HOUR:
                return "node"
        return None

    def _closes(self, trouble: Trouble, way: Way, place: str, *, by_sea: bool) -> bool:
        if trouble.kind == "storm":  # those who wait to leave by ship, and ships that wait to come in
            return by_sea and (
                trouble.node == place or place.startswith(f"{trouble.node}--") or place.endswith(f"--{trouble.node}")
            )
        return trouble.node == place and (not trouble.directions or way.direction in trouble.directions)

    def _stuck_for(self, way: Way) -> int:
        stuck = self._truth.stuck.get((way.container, way.booking), ())
        return max((NO_END if each.end is None else each.end - each.start for each in stuck), default=0)

    def _closed_for(self, way: Way) -> int:
        total = 0
        for place, stay in enumerate(way.stays):
            if stay.arrived is None:
                continue
            by_sea = place + 1 < len(way.stays) and self._at_sea(stay.node, way.stays[place + 1].node)
            until = NO_END if stay.departed is None else stay.departed
            total += sum(
                trouble.overlap(stay.arrived, until)
                for trouble in self._truth.troubles
                if self._closes(trouble, way, stay.node, by_sea=by_sea)
            )
        return total

    def _reported(self, carrier: str, end: int) -> int:
        """When the end of something is usually known: after the carrier's delay, and any silence or outage."""
        known = end + round(self._said.usual_delay_hours(carrier) * HOUR)
        for trouble in self._truth.troubles:
            if trouble.node is None and trouble.carrier in (None, carrier) and trouble.troubles(known):
                known = max(known, trouble.end + HOUR)
        return known

    def _at_sea(self, near: str, far: str) -> bool:
        return self._reporters.network.between[near, far].mode == "vessel"

    def _way_ahead(self, corridor: str, node: str, target: str) -> tuple[str, ...]:
        key = (corridor, node, target)
        if key not in self._ahead:
            self._ahead[key] = self._lines.ahead(corridor, node, target)
        return self._ahead[key]
