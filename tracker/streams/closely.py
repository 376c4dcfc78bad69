"""One node, or one corridor, looked at closely: this worker's part of what its page shows beside the figures of all."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from tracker.aggregates.closer import CorridorPart, NodePart
from tracker.aggregates.group import Dwells, Transits
from tracker.aggregates.recent import HOURS, WEEKS_HOURS, hours_wanted, weeks_of
from tracker.contract.journeys import arrival_json
from tracker.domain.chronicle import chronicle, located
from tracker.domain.container import ContainerRow, reports_of
from tracker.domain.moment import Millis
from tracker.domain.moves import moves
from tracker.domain.rejudge import Judge
from tracker.streams.arrivals import due_at, leads_to
from tracker.streams.packing import unpack
from tracker.streams.seldom import Seldom
from tracker.streams.subjects import SubjectsStage
from tracker.streams.survey import Survey

MOVES_MAX: Final = 50
"""Moves of an expected arrival that are told, the last ones."""
HELD_SECONDS: Final = 1.0
"""How long a part is given again, at least."""
ROWS_MAX: Final = 500
"""Rows looked into for one node: 0.1 ms each. The rest of the containers under way is only counted."""


class Closely:
    """Gives the parts; each costs some 10 ms, that of a busy node 50, and is held for as long as that is little."""

    def __init__(
        self,
        now: Callable[[], Millis],
        survey: Callable[[], Survey],
        subjects: SubjectsStage,
        judge: Callable[[], Judge],
        row: Callable[[bytes], bytes | None],
    ) -> None:
        """`survey` and `judge` give those of now, `row` the body of a container's row."""
        self._now, self._survey, self._subjects, self._judge, self._row = now, survey, subjects, judge, row
        self._nodes: dict[str, Seldom[NodePart]] = {}
        self._corridors: dict[str, Seldom[CorridorPart]] = {}

    def node(self, node: str) -> NodePart:
        """Who stands there, which stays ended of late, and what is on its way there; nothing where there is no such."""
        if node not in self._judge().lines.network.nodes:
            return NodePart(self._now())
        return self._nodes.setdefault(node, Seldom(partial(self._of_node, node), HELD_SECONDS)).get()

    def corridor(self, corridor: str) -> CorridorPart:
        """The sums of its transits by week; nothing where there is no such."""
        if corridor not in self._judge().lines.network.corridors:
            return CorridorPart(self._now())
        return self._corridors.setdefault(corridor, Seldom(partial(self._of_corridor, corridor), HELD_SECONDS)).get()

    def _of_node(self, node: str) -> NodePart:
        clock, survey, judge = self._now(), self._survey(), self._judge()
        keys, count = survey.bound(leads_to(node, judge.lines), ROWS_MAX)
        rows = (unpack(body) for key in keys if (body := self._row(key)) is not None)
        ended = self._subjects.hours(
            lambda group: isinstance(group, Dwells) and group.node == node, hours_wanted(clock, HOURS)
        )
        return NodePart(
            clock,
            survey.stays_at(node),
            [(group.direction, hour, tally) for group, hour, tally in ended],
            due_at(node, rows, judge, clock),
            max(0, count - len(keys)),
        )

    def moved(self, number: str, row: ContainerRow, clock: Millis) -> Sequence[Mapping[str, str]]:
        """How the expected arrival of a container's last journey moved; folds all its reports, 4 ms."""
        judge = self._judge()
        steps = chronicle(reports_of(row), number, judge.rules, judge.lines, located)
        found = moves(steps, row.journeys[-1].id, judge.lines, judge.knowledge, clock)
        return [arrival_json(each.made, each.arrival) for each in found][-MOVES_MAX:]

    def _of_corridor(self, corridor: str) -> CorridorPart:
        clock = self._now()
        hours = self._subjects.hours(
            lambda group: isinstance(group, Transits) and group.corridor == corridor, hours_wanted(clock, WEEKS_HOURS)
        )
        return CorridorPart(clock, [(group, week, tally) for (group, week), tally in weeks_of(hours, clock).items()])
