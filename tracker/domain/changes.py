"""That a container is expected on another day than was told: an event, with what was told and what is expected now.

It is looked at whenever a container is judged, which is within a minute of a report, and twice a day while nothing is
reported, because time alone moves an expectation. What is told first of a journey is nothing that changed. A change is
one of a day or more against what was told last, so that many small steps are told as soon as they come to a day.
"""

from hashlib import blake2b
from typing import Final, NamedTuple
from zlib import crc32

from msgspec.structs import replace

from tracker.domain.container import ContainerRow
from tracker.domain.exceptions import Foretold
from tracker.domain.journey import SILENCE_ABANDONS
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.domain.outlook import Arrival, arrival_of, goal_of
from tracker.domain.position import Position
from tracker.domain.proof import came_of
from tracker.domain.rejudge import Judge

CHANGE: Final = DAY
"""By so much or more a person is told."""
LOOKS: Final = 12 * HOUR
"""How often it is looked whether time alone has moved an expectation; each container at minutes of its own."""


class Change(NamedTuple):
    """One version of what is told of a journey's arrival at `goal`.

    `at`: the clock. `previous`: what was told before. `expected`: what is expected now; None: nothing any more, and
    `reason` says why, `came` when it arrived.
    """

    journey: str
    version: int
    at: Millis
    goal: str
    previous: Arrival
    expected: Arrival | None
    corridor: str = ""
    direction: Direction | None = None
    carrier: str = ""
    reason: str | None = None
    came: Millis | None = None

    @property
    def id(self) -> str:
        """The id of all versions: a replay gives the same one."""
        return change_id(self.journey)


def change_id(journey: str) -> str:
    """The id under which a journey's arrival is told of.

    >>> change_id("CSQU3054383-20260301-64c9d2")
    'expected-3a346b35918f18d5'
    """
    return f"expected-{blake2b(journey.encode(), digest_size=8).hexdigest()}"


def look(row: ContainerRow, container: str, position: Position | None, judge: Judge, upto: Millis) -> list[Change]:
    """Look at a row that was judged up to a clock, and is at a position; gives what is to be told.

    Notes what is told, and when to look again.
    """
    judgement = row.judgement
    if judgement.news:
        return []  # something in it was received later than the clock
    told = judgement.foretold
    if position is not None and upto - position.last > SILENCE_ABANDONS:
        position = None
    changes: list[Change] = []
    if told is not None and (position is None or position.journey != told.journey):
        changes += _over(told, row, judge, upto)
        told = judgement.foretold = None
    if position is not None and position.left is not None:
        changes += _now(told, position, row, judge, upto)
    if judgement.foretold is not None and not judgement.foretold.is_over:
        again = next_look(container, upto)
        judgement.due = again if judgement.due is None else min(judgement.due, again)
    return changes


def next_look(container: str, clock: Millis) -> Millis:
    """The next of the minutes at which a container is looked at: spread, so that not all are at once."""
    mine = crc32(container.encode()) % (LOOKS // MINUTE) * MINUTE
    return Millis((clock - mine) // LOOKS * LOOKS + LOOKS + mine)


def _now(
    told: Foretold | None, position: Position, row: ContainerRow, judge: Judge, upto: Millis
) -> list[Change]:  # fmt: skip
    """What is to be told of a journey that goes on; notes it."""
    expected = arrival_of(position, judge.lines, judge.knowledge, upto)
    goal = None if expected is None else goal_of(position, judge.lines)
    if expected is None or goal is None:
        if told is None or told.is_over:
            return []
        row.judgement.foretold = replace(told, version=told.version + (told.version > 0), is_over=True)
        return _over(told, row, judge, upto)
    if told is None or told.is_over:
        version = 0 if told is None else told.version
        row.judgement.foretold = Foretold(position.journey, goal, *expected, version)
        return []
    if abs(expected.at - told.at) < CHANGE:
        return []
    now = row.judgement.foretold = Foretold(position.journey, goal, *expected, told.version + 1)
    previous = Arrival(told.at, told.low, told.high)
    about = position.corridor, position.direction, position.carrier
    return [Change(now.journey, now.version, upto, goal, previous, expected, *about)]


def _over(told: Foretold, row: ContainerRow, judge: Judge, upto: Millis) -> list[Change]:
    """That nothing is expected any more; of what did not change nobody was told, and nobody is now."""
    if told.version == 0 or told.is_over:
        return []
    journey = next((each for each in row.journeys if each.id == told.journey), None)
    came = None if journey is None else came_of(journey, judge.rules.network)
    reason = "no longer expected" if came is None else "arrived"
    over = Change(
        told.journey, told.version + 1, upto, told.goal, Arrival(told.at, told.low, told.high), None, reason=reason
    )
    if journey is None:
        return [over]
    over = over._replace(corridor=journey.corridor, direction=journey.direction, carrier=journey.carrier or "")
    return [over if came is None else over._replace(came=came.at)]
