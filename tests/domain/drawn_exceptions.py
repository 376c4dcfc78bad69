"""Reports and situations drawn at random, and a judge that goes step by step, for what holds of all exceptions."""

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.judging import LINES, Fixed, Trouble
from tests.domain.test_container import BEGIN, BOX, RULES, distinct, sequences, travels
from tracker.domain.chronicle import Step, chronicle, judged
from tracker.domain.exceptions import Cause, RailException, Watch
from tracker.domain.judgement import between, settle
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.norms import NO_NORMS, Norms
from tracker.domain.position import Position
from tracker.domain.report import Report
from tracker.domain.watches import watches

LATEST = 130
"""Days after the first of March up to which is judged: the last report, and 45 days on it is abandoned."""
several = settings(max_examples=60)
clocks = st.integers(0, LATEST * DAY).map(lambda at: Millis(BEGIN + at))


def numbered(sent: list[Report]) -> list[Report]:
    """Each report with a place of its own in its carrier's topic, as every record has."""
    return [replace(report, source=(0, at, 0)) for at, report in enumerate(distinct(sent))]


@st.composite
def told_late(draw: st.DrawFn) -> list[Report]:
    """Travels on real corridors with time between, some of it long, each report received hours or days later."""
    told: list[Report] = []
    stood = 0
    for report in draw(travels()):
        stood += draw(st.sampled_from((0, 0, 0, 0, 30, 130, 200))) * HOUR
        late = draw(st.sampled_from((0, 1, 1, 5, 40, 200))) * HOUR + draw(st.sampled_from((0, 1, 59_999)))
        at = Millis(report.occurred + stood)
        told.append(replace(report, occurred=at, received=Millis(at + late)))
    return told


@st.composite
def taken_back(draw: st.DrawFn) -> list[Report]:
    """The same, with some reports taken back or put right."""
    told = draw(told_late())
    for report in draw(st.lists(st.sampled_from(told), max_size=3)) if told else ():
        later = Millis(report.received + draw(st.integers(0, 200)) * HOUR)
        is_wrong, moved = draw(st.booleans()), Millis(report.occurred + draw(st.integers(-90, 90)) * HOUR)
        told.append(replace(report, revision=1, received=later, retracted=is_wrong, occurred=moved, content=len(told)))
    return told


def apart(sent: list[Report]) -> list[Report]:
    """No two received at once, so that there is one position at every clock."""
    return [replace(report, received=Millis(report.received + at)) for at, report in enumerate(sent)]


drawn = (sequences | told_late() | taken_back()).map(numbered)
norms = st.sampled_from((NO_NORMS, Norms(20_513, {"ktz": 3 * HOUR, "adyc": 30 * HOUR}, {"ktz": 30 * HOUR})))
troubles = st.lists(
    st.tuples(clocks, st.integers(1, 20 * DAY), st.sampled_from((Cause.NODE, Cause.CARRIER))), max_size=2
).map(lambda found: [Trouble(f"trouble-{n}", why, at, Millis(at + last)) for n, (at, last, why) in enumerate(found)])
situations = st.builds(Fixed, norms, troubles, st.none() | clocks)


class Stepped:
    """Judges as a worker does: one thing after another, keeping only what stands."""

    def __init__(self, situation: Fixed) -> None:
        self.held: list[RailException] = []
        self.made: list[RailException] = []
        self.position: Position | None = None
        self.watched: list[Watch] = []
        self.clock = Millis(0)
        self._situation = situation

    def sweep(self, upto: Millis) -> None:
        """The clock ticks up to a moment."""
        if upto > self.clock:
            self.made += between(self.held, self.watched, self.position, self._situation, (self.clock, upto))
            self.clock = upto

    def hear(self, step: Step) -> None:
        """Something was reported."""
        self.sweep(Millis(step.received - 1))
        self.clock, self.position = step.received, step.position
        learned = self._situation.norms(self.clock)
        self.watched = [] if step.position is None else watches(step.position, LINES, learned)
        self.made += settle(self.held, self.watched, self.position, self._situation, self.clock, step.news)


def steps_of(sent: Sequence[Report]) -> list[Step]:
    return chronicle(sent, BOX, RULES, LINES)


def outcome(sent: Sequence[Report], situation: Fixed) -> tuple[list[RailException], list[RailException]]:
    """What stands at the last clock, and every version."""
    return judged(steps_of(sent), LINES, situation, Millis(BEGIN + LATEST * DAY))


def position_at(steps: Sequence[Step], clock: Millis) -> Position:
    position = [step for step in steps if step.received <= clock][-1].position
    assert position is not None, "an exception without an open journey"
    return position


def watch_of(version: RailException, position: Position, situation: Fixed) -> Watch:
    [watch] = [each for each in watches(position, LINES, situation.learned) if each.key == version.key]
    return watch
