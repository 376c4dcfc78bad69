"""How open journeys stand as the stage shows it: by what carriers have told by now, without judging them again."""

from collections.abc import Callable

from tests.domain.judging import LINES, Fixed
from tests.domain.told import BOX, RULES, moment, reports
from tests.results import Unheard
from tracker.contract.records import movement_bytes
from tracker.domain.moment import Millis
from tracker.domain.network import Direction
from tracker.domain.rejudge import Judge
from tracker.streams.journeys import JourneysStage
from tracker.streams.stage import Record
from tracker.streams.whereabouts import Wanted

WAY = """
    28/08:00  arrived    GE-POTI   planned  received=1/06:00
    2/08:00   departed   CN-XIAN   to=GE-POTI
"""
CLOCK = moment("6/13:00")
"""An hour after the container should have been heard of."""


def stage(told: Callable[[], Millis]) -> tuple[JourneysStage, bytes]:
    """A stage that holds one container, judged at `CLOCK`, and its row."""
    made = JourneysStage(RULES, Unheard(), lambda clock: Judge(RULES, LINES, Fixed(told=told())))
    row = made.load(None, 0, BOX.encode())
    for offset, report in enumerate(reports(WAY)):
        _, event = made.read(Record("rail.movements", 0, offset, 0, None, movement_bytes(BOX, report), ()))
        made.apply(row, event, Record("rail.movements", 0, offset, 0, None, None, ()))
    made.settled(0, [(BOX.encode(), row)])
    assert made.due(CLOCK) == {0: [BOX.encode()]}
    made.sweep(row, CLOCK)
    made.settled(0, [(BOX.encode(), row)])
    return made, made.dump(row) or b""


def test_a_journey_in_doubt_is_counted_and_listed_by_what_was_told_since_it_was_judged() -> None:
    told = [moment("6/12:00")]
    journeys, _ = stage(lambda: told[-1])
    way = ("middle", Direction.WESTBOUND)
    assert journeys.survey(CLOCK).open_states() == {(*way, "unknown"): 1}
    assert journeys.survey(CLOCK).listing(Wanted(state="silent"), "", 10) == ([], 0)

    told.append(moment("6/12:30"))
    journeys.due(CLOCK)  # as at every tick
    assert journeys.survey(CLOCK).open_states() == {(*way, "silent"): 1}
    assert journeys.survey(CLOCK).listing(Wanted(state="silent"), "", 10) == ([BOX], 1)
    assert journeys.survey(CLOCK).listing(Wanted(state="unknown"), "", 10) == ([], 0)


def test_whoever_takes_the_partition_over_shows_the_same() -> None:
    told = moment("6/12:00")
    first, body = stage(lambda: told)
    heir = JourneysStage(RULES, Unheard(), lambda clock: Judge(RULES, LINES, Fixed(told=moment("6/12:30"))))
    heir.recovered(0, [(BOX.encode(), body)])
    assert heir.survey(CLOCK).open_states() == first.survey(CLOCK).open_states(), "before it knows what was told"
    heir.due(CLOCK)
    ((*_, state),) = heir.survey(CLOCK).open_states()
    assert state == "silent"
