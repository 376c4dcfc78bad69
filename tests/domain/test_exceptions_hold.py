"""What holds of exceptions whatever was reported, and whenever the clock ticked in between: issue 5, property tests."""

from collections import defaultdict
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.drawn_exceptions import (
    LATEST,
    Stepped,
    apart,
    clocks,
    drawn,
    norms,
    outcome,
    position_at,
    several,
    situations,
    steps_of,
    watch_of,
)
from tests.domain.judging import LINES, Fixed
from tests.domain.test_container import BEGIN, BOX, RULES, reports
from tracker.domain.chronicle import chronicle, judged, position_in
from tracker.domain.container import fold
from tracker.domain.exceptions import RailException, Rule, Severity, exception_id
from tracker.domain.journey import SILENCE_ABANDONS
from tracker.domain.judgement import KEPT_MAX, REOPENS_WITHIN, due_at, settle, tick_of
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.report import Report


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
        watch = watch_of(version, position_at(steps, version.at), situation)
        assert version.at >= (watch.kept if goes_on else min(watch.moments))
        if not goes_on:
            assert version.deadline <= version.at
            assert version.since <= version.deadline or version.rule is Rule.LATE
        if version.severity is Severity.CRITICAL and not (
            before is not None and goes_on and before.severity is Severity.CRITICAL
        ):
            assert watch.critical is not None
            assert version.at >= watch.critical


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
            position = position_at(steps, version.at)
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
            told = [(each.severity, each.cause, each.incident, each.resolved) for each in (before, after)]
            if told[0] == told[1]:  # then another speaks for it, or nobody any more
                assert before.suppressed_by not in (None, after.suppressed_by)
            assert (before.key, before.journey, before.episode) == (after.key, after.journey, after.episode)
            assert before.is_open or after.is_open
            if before.is_open and after.is_open:
                assert before.severity is not Severity.CRITICAL or after.severity is Severity.CRITICAL
    kept = {each.id: each for each in held}
    assert len(kept) == min(KEPT_MAX, len(by_id)), "of more the oldest resolved ones are let go"
    assert kept == {name: found[-1] for name, found in by_id.items() if name in kept}


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
