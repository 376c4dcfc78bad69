"""Which containers are due: by news, by deadline, and after an incident all that have exceptions."""

from tracker.domain.exceptions import Cause, Judgement, RailException, Rule, Severity
from tracker.domain.moment import MINUTE, Millis
from tracker.streams.deadlines import Deadlines

T = Millis(MINUTE)


def exception(name: str) -> RailException:
    return RailException(
        name, 1, T, Rule.DWELL, "j", "KZ-AKTAU", 0, 1, Severity.CRITICAL, "ktz", T, T, T, 0, "template"
    )  # fmt: skip


def test_a_container_is_due_at_its_deadline_and_not_before() -> None:
    deadlines = Deadlines()
    deadlines.note(b"a", Judgement(due=Millis(5 * MINUTE)))
    deadlines.note(b"b", Judgement(due=Millis(3 * MINUTE)))
    deadlines.note(b"c", Judgement())
    assert deadlines.due(Millis(2 * MINUTE), turned=False) == []
    assert deadlines.due(Millis(5 * MINUTE), turned=False) == [b"a", b"b"]
    assert deadlines.due(Millis(9 * MINUTE), turned=False) == []


def test_news_is_due_until_it_is_judged() -> None:
    deadlines = Deadlines()
    deadlines.note(b"a", Judgement(news=2))
    assert deadlines.due(T, turned=False) == [b"a"]
    assert deadlines.due(T, turned=False) == [b"a"], "a sweep that fails loses nothing"
    deadlines.note(b"a", Judgement())
    assert deadlines.due(T, turned=False) == []


def test_what_could_not_be_judged_is_due_again() -> None:
    deadlines = Deadlines()
    deadlines.note(b"a", Judgement(due=T))
    keys = deadlines.due(T, turned=False)
    deadlines.again(keys)
    assert deadlines.due(T, turned=False) == [b"a"]


def test_when_incidents_come_or_go_all_with_exceptions_are_due() -> None:
    deadlines = Deadlines()
    deadlines.note(b"a", Judgement([exception("dwell-1")]))
    deadlines.note(b"b", Judgement())
    assert deadlines.due(T, turned=True) == [b"a"]


def test_open_exceptions_are_counted_and_those_that_are_over_are_not() -> None:
    deadlines = Deadlines()
    deadlines.note(b"a", Judgement([exception("dwell-1"), exception("dwell-2")]))
    assert +deadlines.counts == {("dwell", "critical", "unknown", ""): 2}
    over = exception("dwell-2")
    over.resolved = T
    deadlines.note(b"a", Judgement([exception("dwell-1"), over]))
    assert +deadlines.counts == {("dwell", "critical", "unknown", ""): 1}
    assert [(key, each.id) for key, each in deadlines.open()] == [(b"a", "dwell-1")]
    deadlines.note(b"a", Judgement())
    assert not +deadlines.counts


def test_of_what_is_listed_the_whole_can_be_had_also_after_it_changed() -> None:
    deadlines = Deadlines()
    deadlines.note(b"a", Judgement([exception("dwell-1")]))
    assert [brief.cause for _, brief in deadlines.open()] == [Cause.UNKNOWN]
    explained = exception("dwell-1")
    explained.cause = Cause.NODE
    deadlines.note(b"a", Judgement([explained]))
    [(key, brief)] = deadlines.open()
    assert (brief.cause, deadlines.whole(key, brief.id)) == (Cause.NODE, explained)
    over = exception("dwell-1")
    over.resolved = T
    deadlines.note(b"a", Judgement([over]))
    assert list(deadlines.open()) == []
    [(key, brief)] = deadlines.over()
    assert deadlines.whole(key, brief.id) == over
    deadlines.note(b"a", Judgement([exception("dwell-1")]))
    assert list(deadlines.over()) == [], "it is open again"
    assert deadlines.whole(b"a", "dwell-1") == exception("dwell-1")
