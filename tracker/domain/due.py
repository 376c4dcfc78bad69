"""When a container under way is expected at the next node where it must be reported: for whoever waits for it there."""

from tracker.domain.chronicle import Knowledge
from tracker.domain.expected import bound_for
from tracker.domain.foresight import foresight
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis
from tracker.domain.outlook import HIGH_Q, LOW_Q, Arrival
from tracker.domain.position import Position


def due_next(position: Position, lines: Lines, knowledge: Knowledge, clock: Millis) -> tuple[str, Arrival] | None:
    """The next node and the arrival there as of a clock; None where it has not left, or no way is known.

    What it took so far it took: of the times a run may take only the longer ones are left.
    """
    if position.departed is None:
        return None
    ahead = lines.by(knowledge.norms(clock)).run(position.node, position.mask, bound_for(position, lines))
    if ahead is None:
        return None
    foreseen = foresight(ahead[0].goal, position.departed, [ahead[0].spread])
    return ahead[0].goal, Arrival(*foreseen.at_clock(clock, (0.5, LOW_Q, HIGH_Q)))
