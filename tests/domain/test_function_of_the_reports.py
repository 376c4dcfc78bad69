"""Rows and facts are a function of what was reported: one sentence for each way in which delivery may differ."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.test_container import BOX, RULES, deliver, distinct, reports, sequences, travels
from tracker.domain.container import ContainerRow, dump, facts_of_row, fold, load
from tracker.domain.facts import Fact
from tracker.domain.report import Report
from tracker.domain.ruling import apply

several = settings(max_examples=150, deadline=None)
drawn = sequences | travels()
"""Reports without rhyme or reason, and journeys on real corridors with milestones left out."""


def outcome(sent: list[Report]) -> tuple[bytes, Counter[Fact]]:
    """The stored row, and the facts that hold after every operation."""
    row, told = deliver(sent)
    return dump(row), +told.facts


@several
@given(sent=drawn, data=st.data())
def test_any_permutation_gives_the_same_row_and_facts(sent: list[Report], data: st.DataObject) -> None:
    sent = distinct(sent)
    assert outcome(data.draw(st.permutations(sent))) == outcome(sent)


@several
@given(sent=drawn, data=st.data())
def test_any_repetition_gives_the_same_row_and_facts(sent: list[Report], data: st.DataObject) -> None:
    sent = distinct(sent)
    again = data.draw(st.lists(st.sampled_from(sent), max_size=20)) if sent else []
    assert outcome(data.draw(st.permutations([*sent, *again]))) == outcome(sent)


@several
@given(sent=drawn, data=st.data())
def test_any_split_into_batches_gives_the_same_row_and_facts(sent: list[Report], data: st.DataObject) -> None:
    """A batch ends with the row stored, and the next begins with the row read."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=6)))
    row, told = deliver([])
    for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        row, told = deliver(sent[begin:end], load(dump(row)), told)
    assert (dump(row), +told.facts) == outcome(sent)


@several
@given(sent=drawn, data=st.data())
def test_a_restart_at_any_point_tells_again_what_it_told_and_goes_on_the_same(
    sent: list[Report], data: st.DataObject
) -> None:
    """A crash leaves the row as stored, whatever was already written; what came since is done again."""
    stored = data.draw(st.integers(0, len(sent)))
    crashed = data.draw(st.integers(stored, len(sent)))
    row, _ = deliver(sent[:stored])
    body = dump(row)
    first = [rulings(row, report) for report in sent[stored:crashed]]
    row = load(body)
    assert [rulings(row, report) for report in sent[stored:crashed]] == first
    for report in sent[crashed:]:
        apply(row, BOX, report, RULES)
    assert dump(row) == outcome(sent)[0]


@several
@given(sent=drawn, wrong=reports, data=st.data())
def test_a_retracted_report_equals_one_never_seen(sent: list[Report], wrong: Report, data: st.DataObject) -> None:
    others = [each for each in sent if (each.carrier, each.id) != (wrong.carrier, wrong.id)]
    pair = [replace(wrong, revision=0, retracted=False), replace(wrong, revision=1, retracted=True)]
    row, told = deliver(data.draw(st.permutations([*others, *pair])))
    clean, _ = deliver(others)
    assert row.journeys == clean.journeys
    assert (row.plans, row.aside, row.teu) == (clean.plans, clean.aside, clean.teu)
    assert +told.facts == Counter(facts_of_row(clean, BOX, RULES))


@several
@given(sent=drawn, versions=st.lists(reports, min_size=2, max_size=4), data=st.data())
def test_a_revision_equals_having_sent_only_the_newest(
    sent: list[Report], versions: list[Report], data: st.DataObject
) -> None:
    identity = {"carrier": "ktz", "id": "revised", "retracted": False}
    revised = [replace(each, **identity, revision=n, content=n) for n, each in enumerate(versions)]
    row, told = deliver(data.draw(st.permutations([*sent, *revised])))
    newest, _ = deliver([*sent, revised[-1]])
    assert row.journeys == newest.journeys
    assert (row.plans, row.aside, row.teu) == (newest.plans, newest.aside, newest.teu)
    assert +told.facts == Counter(facts_of_row(newest, BOX, RULES))


@several
@given(sent=drawn)
def test_facts_followed_one_by_one_are_those_of_the_whole(sent: list[Report]) -> None:
    row, told = deliver(sent)
    assert +told.facts == Counter(facts_of_row(fold(distinct(sent), BOX, RULES), BOX, RULES))
    assert dump(row) == dump(fold(distinct(sent), BOX, RULES))


def rulings(row: ContainerRow, report: Report) -> tuple[object, ...]:
    """What a report did, in full."""
    ruling = apply(row, BOX, report, RULES)
    return ruling.outcome, ruling.withdrawn, ruling.added, list(ruling.set_aside), ruling.crowded
