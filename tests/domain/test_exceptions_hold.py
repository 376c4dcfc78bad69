"""What holds of exceptions whatever was reported, and whenever the clock ticked in between: issue 5, property tests."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.judging import LINES, Fixed, Trouble
from tests.domain.test_container import BEGIN, BOX, RULES, distinct, reports, sequences, travels
from tracker.domain.chronicle import Step, chronicle, judged, position_in
from tracker.domain.container import fold
from tracker.domain.exceptions import Cause, RailException, Rule, Severity, Watch, exception_id
from tracker.domain.journey import SILENCE_ABANDONS
from tracker.domain.judgement import REOPENS_WITHIN, between, due_at, settle, tick_of
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.norms import NO_NORMS, Norms
from tracker.domain.position import Position
from tracker.domain.report import Report
from tracker.domain.watches import watches

LATEST = 130
"""Days after the first of March up to which is judged: the last report, and 45 days on it is abandoned."""
several = settings(max_examples=60)
clocks = st.integers(0, LATEST * DAY).map(lambda at: Millis(BEGIN + at))


def numbered(sent: list[Report]) -> list[Report]:
    """Each report with a place of its own in its carrier's topic, as every record has, and a moment of its own.

    What two reports of one moment do, one after the other, can't be told from its versions.
    """
    return [
        replace(report, source=(0, at, 0), received=Millis(report.received + at))
        for at, report in enumerate(distinct(sent))
    ]


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


@several
@given(drawn, situations, clocks, clocks)
def test_judging_up_to_one_clock_and_then_to_another_equals_judging_up_to_the_other(
    sent: list[Report], situation: Fixed, one: Millis, other: Millis
) -> None:
    steps = steps_of(sent)
    early, late = sorted((one, other))
    _, begun = judged(steps, LINES, situation, early)
    held, made = judged(steps, LINES, situation, late)
    assert made[: len(begun)] == begun
    assert all(version.at > early for version in made[len(begun) :])
    worker = Stepped(situation)
    for step in (each for each in steps if each.received <= early):
        worker.hear(step)
    worker.sweep(early)
    assert worker.made == begun
    for step in (each for each in steps if early < each.received <= late):
        worker.hear(step)
    worker.sweep(late)
    assert (worker.held, worker.made) == (held, made)


@several
@given(drawn, situations, st.lists(clocks, max_size=12))
def test_however_often_the_clock_ticks_in_between_the_same_is_judged(
    sent: list[Report], situation: Fixed, ticks: list[Millis]
) -> None:
    worker = Stepped(situation)
    upto = Millis(BEGIN + LATEST * DAY)
    pending = sorted(ticks)
    for step in (each for each in steps_of(sent) if each.received <= upto):
        while pending and pending[0] < step.received:
            worker.sweep(pending.pop(0))
        worker.hear(step)
    for tick in [*pending, upto]:
        worker.sweep(tick)
    assert (worker.held, worker.made) == outcome(sent, situation)


@several
@given(drawn, st.builds(Fixed, norms))
def test_a_sweep_at_the_ticks_that_are_due_misses_nothing_and_never_ends_where_it_began(
    sent: list[Report], situation: Fixed
) -> None:
    """Without incidents, which call for a sweep of their own."""
    worker = Stepped(situation)
    upto = Millis(BEGIN + LATEST * DAY)
    for step, after in pairwise([*steps_of(sent), None]):
        assert step is not None
        if step.received > upto:
            break
        worker.hear(step)
        end = upto if after is None else min(upto, Millis(after.received - 1))
        while (due := due_at(worker.watched, worker.held, worker.position, worker.clock)) is not None and due <= end:
            assert due > worker.clock
            assert due % MINUTE == 0
            worker.clock = due
            worker.made += settle(worker.held, worker.watched, worker.position, situation, due)
    assert (worker.held, worker.made) == outcome(sent, situation)


@several
@given(drawn.map(apart), situations)
def test_nothing_is_an_exception_before_its_deadline_nor_critical_before_its_critical_one(
    sent: list[Report], situation: Fixed
) -> None:
    steps = steps_of(sent)
    states: dict[str, RailException] = {}
    for version in outcome(sent, situation)[1]:
        before = states.get(version.id)
        states[version.id] = version
        if not version.is_open:
            continue
        goes_on = before is not None and before.is_open
        watch = _watch_of(version, _at(steps, version.at), situation)
        assert version.at >= (watch.kept if goes_on else min(watch.moments))
        if not goes_on:
            assert version.deadline <= version.at
            assert version.since <= version.deadline or version.rule is Rule.LATE
        if version.severity is Severity.CRITICAL and not (
            before is not None and goes_on and before.severity is Severity.CRITICAL
        ):
            assert watch.critical is not None
            assert version.at >= watch.critical


def _at(steps: Sequence[Step], clock: Millis) -> Position:
    position = [step for step in steps if step.received <= clock][-1].position
    assert position is not None, "an exception without an open journey"
    return position


def _watch_of(version: RailException, position: Position, situation: Fixed) -> Watch:
    [watch] = [each for each in watches(position, LINES, situation.learned) if each.key == version.key]
    return watch


@several
@given(drawn, situations)
def test_a_deadline_is_noticed_by_the_first_tick_that_is_not_before_it_or_by_a_report(
    sent: list[Report], situation: Fixed
) -> None:
    heard = {step.received for step in steps_of(sent)}
    turns = {tick_of(at) for each in situation.troubles for at in (each.opened, each.resolved)}
    for version in outcome(sent, situation)[1]:
        if version.at not in heard | turns:
            assert version.at % MINUTE == 0
            if version.version == 1:
                assert version.at == tick_of(version.deadline)


@several
@given(drawn.map(apart), situations)
def test_only_an_open_journey_has_open_exceptions_and_they_are_its_own(sent: list[Report], situation: Fixed) -> None:
    steps = steps_of(sent)
    held, made = outcome(sent, situation)
    for version in made:
        if version.is_open:
            position = _at(steps, version.at)
            assert version.journey == position.journey
            assert version.at <= position.last + SILENCE_ABANDONS
    end = BEGIN + LATEST * DAY
    last = position_in(fold([each for each in sent if each.received <= end], BOX, RULES), RULES, LINES)
    if last is None or end > last.last + SILENCE_ABANDONS:
        assert not any(each.is_open for each in held)


@several
@given(drawn, situations)
def test_versions_count_up_by_one_from_an_opening_and_none_is_without_a_change(
    sent: list[Report], situation: Fixed
) -> None:
    held, made = outcome(sent, situation)
    by_id: defaultdict[str, list[RailException]] = defaultdict(list)
    for version in made:
        by_id[version.id].append(version)
    assert [each.at for each in made] == sorted(each.at for each in made)
    for name, found in by_id.items():
        assert [each.version for each in found] == list(range(1, len(found) + 1))
        first = found[0]
        assert first.is_open
        assert name == exception_id(first.rule, first.journey, first.place, first.visit, first.episode)
        for before, after in pairwise(found):
            assert (before.severity, before.cause, before.incident, before.resolved) != (
                after.severity,
                after.cause,
                after.incident,
                after.resolved,
            )
            assert (before.key, before.journey, before.episode) == (after.key, after.journey, after.episode)
            assert before.is_open or after.is_open
            if before.is_open and after.is_open:
                assert before.severity is not Severity.CRITICAL or after.severity is Severity.CRITICAL
    assert {each.id: each for each in held} == {name: found[-1] for name, found in by_id.items()}


@several
@given(drawn, situations)
def test_true_again_within_a_day_it_has_the_same_id_and_later_the_next_episode(
    sent: list[Report], situation: Fixed
) -> None:
    last: dict[tuple[object, ...], RailException] = {}
    for version in outcome(sent, situation)[1]:
        about = (version.journey, *version.key)
        before = last.get(about)
        if version.is_open and before is None:
            assert version.episode == 1
        elif version.is_open and before is not None and before.resolved is not None:
            is_again = version.at - before.resolved <= REOPENS_WITHIN
            assert (version.id == before.id) is is_again
            assert version.episode == before.episode + (not is_again)
        last[about] = version


@several
@given(drawn, situations)
def test_whoever_is_suppressed_names_an_open_exception_that_is_told_before_it(
    sent: list[Report], situation: Fixed
) -> None:
    order = list(Rule)
    states: dict[str, RailException] = {}
    made = outcome(sent, situation)[1]
    for at, version in enumerate(made):
        states[version.id] = version
        if version.suppressed_by is None or not version.is_open:
            continue
        # The speaker may have been judged at the same clock, and stand behind it in the list.
        together = {each.id: each for each in made[at + 1 :] if each.at == version.at}
        speaker = (states | together)[version.suppressed_by]
        assert speaker.is_open
        assert speaker.rule not in {Rule.MISSED, Rule.IMPOSSIBLE}
        rank, own = ((e.severity is not Severity.CRITICAL, order.index(e.rule)) for e in (speaker, version))
        assert rank <= own


@several
@given(drawn, situations, st.data())
def test_a_shuffled_input_gives_the_same_exceptions_to_the_last_version(
    sent: list[Report], situation: Fixed, data: st.DataObject
) -> None:
    assert outcome(data.draw(st.permutations(sent)), situation) == outcome(sent, situation)


@several
@given(drawn, situations, st.data())
def test_a_duplicate_changes_nothing(sent: list[Report], situation: Fixed, data: st.DataObject) -> None:
    assume(sent)
    again = [
        replace(
            report, received=Millis(report.received + data.draw(st.integers(0, 900)) * HOUR), source=(0, 1000 + n, 0)
        )
        for n, report in enumerate(data.draw(st.lists(st.sampled_from(sent), max_size=5)))
    ]
    assert outcome([*sent, *again], situation) == outcome(sent, situation)


@several
@given(drawn, reports, situations)
def test_what_is_reported_after_a_clock_does_not_exist_at_it(
    sent: list[Report], more: Report, situation: Fixed
) -> None:
    upto = Millis(more.received - 1)
    others = [each for each in sent if each.received <= upto]
    assert judged(steps_of([*sent, replace(more, source=(0, 999, 0))]), LINES, situation, upto) == judged(
        steps_of(others), LINES, situation, upto
    )


@several
@given(drawn, st.builds(Fixed, norms))
def test_a_number_that_fails_its_check_digit_has_the_same_exceptions_and_none_critical(
    sent: list[Report], situation: Fixed
) -> None:
    wrong = BOX[:-1] + "4"
    steps = chronicle(sent, wrong, RULES, LINES)
    held, made = judged(steps, LINES, situation, Millis(BEGIN + LATEST * DAY))
    assert all(each.severity is Severity.WARNING for each in made)
    assert {each.key for each in held} == {each.key for each in outcome(sent, situation)[0]}
