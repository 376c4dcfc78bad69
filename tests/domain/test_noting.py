"""What a container's reports tell of flows is the same whatever order they came in, and what positions tell."""

from collections import Counter
from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.drawn_exceptions import drawn
from tests.domain.long_way import long_way
from tests.domain.test_container import BOX, RULES
from tracker.domain.chronicle import chronicle
from tracker.domain.container import ContainerRow, dump, load, reports_of
from tracker.domain.flows import KEPT, Flow, Note, Noted, minute_of, presences, stays_of
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, Millis
from tracker.domain.network import Direction
from tracker.domain.noting import apply_noting, note_anew, noted_of
from tracker.domain.report import Report
from tracker.domain.thresholds import Thresholds

several = settings(max_examples=30)
short = drawn.map(lambda sent: sent[:50])
"""Not longer: each is folded some hundred times."""
LINES = Lines(RULES.network, Thresholds())


def sums(notes: Sequence[Note]) -> Counter[tuple[object, ...]]:
    """What notes come to; of one minute those cancel each other that are taken back."""
    found: Counter[tuple[object, ...]] = Counter()
    for note in notes:
        found[note[:4]] += note.sign
    return Counter({note: count for note, count in found.items() if count})


def by_positions(sent: Sequence[Report]) -> Counter[tuple[object, ...]]:
    """The notes by the definition: what of each journey is otherwise than at its last position."""
    last: dict[str, Counter[tuple[object, ...]]] = {}
    found: Counter[tuple[object, ...]] = Counter()
    for step in chronicle(sent, BOX, RULES, LINES):
        if step.position is not None:
            now: Counter[tuple[object, ...]] = Counter()
            now.update(presences(stays_of(step.position.visited), step.position.direction))
            was = last.get(step.position.journey, Counter())
            for presence in was.keys() | now.keys():
                found[*presence, minute_of(step.received)] += now[presence] - was[presence]
            last[step.position.journey] = now
    return Counter({note: count for note, count in found.items() if count})


def recent(notes: Counter[tuple[object, ...]], sent: Sequence[Report]) -> Counter[tuple[object, ...]]:
    """Those that are kept for certain, unless a box goes back to the journey before the last."""
    since = minute_of(Millis(max((each.received for each in sent), default=0) - KEPT))
    return Counter({note: count for note, count in notes.items() if note[-1] >= since})  # type: ignore[operator]  # the minute


@several
@given(short)
def test_notes_are_the_differences_of_positions(sent: list[Report]) -> None:
    assert recent(sums(list(noted_of(sent, BOX, RULES).all())), sent) == recent(by_positions(sent), sent)


@several
@given(short, st.randoms(use_true_random=False))
def test_notes_do_not_depend_on_the_order_in_which_reports_come(sent: list[Report], chance: Random) -> None:
    row, kept = ContainerRow(), list[Note]()
    for report in chance.sample(sent, len(sent)) + chance.sample(sent, len(sent) // 3):
        kept += apply_noting(row, BOX, report, RULES)[1]
        if row.noted.behind is not None and chance.random() < 0.3:
            gone, new = note_anew(row, BOX, RULES)
            kept += [note._replace(sign=-note.sign) for note in gone] + new
            row = load(dump(row))
    if row.noted.behind is not None:
        gone, new = note_anew(row, BOX, RULES)
        kept += [note._replace(sign=-note.sign) for note in gone] + new
    wanted = recent(sums(list(noted_of(reports_of(row), BOX, RULES).all())), sent)
    assert recent(sums(list(row.noted.all())), sent) == wanted
    assert recent(sums(kept), sent) == wanted, "what was added and taken away on the way comes to the same"


def test_a_row_that_was_never_noted_is_noted_whole_with_its_next_report() -> None:
    row, way = ContainerRow(), long_way(40)
    for report in way[:-1]:
        apply_noting(row, BOX, report, RULES)
    row.noted = Noted()
    assert apply_noting(row, BOX, way[-1], RULES)[1] == []
    gone, new = note_anew(row, BOX, RULES)
    assert gone == []
    assert sums(new) == by_positions(way)


def test_the_notes_of_a_journey_of_two_months_ago_are_let_go_when_the_second_after_it_begins() -> None:
    def later(days: int) -> list[Report]:
        moved = Millis(days * DAY)
        return [
            replace(each, id=f"{each.id}-{days}", occurred=each.occurred + moved, received=each.received + moved)
            for each in long_way(40)
        ]

    row, length = ContainerRow(), later(100)[0].received - later(0)[0].received
    assert length > KEPT
    for report in [*later(0), *later(100), *later(200)]:
        apply_noting(row, BOX, report, RULES)
    assert row.noted.since > 0
    assert len(row.noted.journeys) <= 3
    assert all(note.minute >= minute_of(later(100)[0].received) for note in row.noted.all())
    row.noted.behind = later(200)[3].received
    before = sums(list(row.noted.all()))
    gone, new = note_anew(row, BOX, RULES)
    assert (sums(list(row.noted.all())), sums(gone)) == (before, sums(new))


def test_what_is_noted_after_all_notes_were_let_go_is_of_its_own_minute() -> None:
    noted, flow = Noted(), Flow("KZ-AKTAU", Direction.WESTBOUND)
    noted.begin("A")
    noted.enter([], [(flow, 0, 100)], 6_010)
    noted.begin("B")  # its direction is not known: it has no note
    noted.forget(10_000, ("C", "B"))
    assert noted.notes == []
    noted.begin("C")
    made = noted.enter([], [(flow, 0, 330)], 20_000)
    assert list(noted.all()) == made
    assert [presence for presence, _ in noted.of("C")] == [(flow, 0, 330)]
