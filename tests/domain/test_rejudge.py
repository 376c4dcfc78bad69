"""What a worker's sweeps leave of a container is what judging all its reports at once gives."""

from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.test_container import BEGIN, BOX, RULES, distinct, sequences, travels
from tracker.domain.chronicle import chronicle, judged, received_order
from tracker.domain.closures import Closure
from tracker.domain.company import Company
from tracker.domain.container import ContainerRow, dump, load, reports_of
from tracker.domain.exceptions import Cause, RailException, Watch
from tracker.domain.judgement import KEPT_MAX
from tracker.domain.lines import Lines, Thresholds
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.norms import Norms
from tracker.domain.position import Position
from tracker.domain.rejudge import Judge, rejudge
from tracker.domain.report import Report
from tracker.domain.ruling import apply

END = Millis(BEGIN + 1_000 * HOUR)
LINES = Lines(RULES.network, Thresholds())


class Quiet:
    """Knows of no incident, and learns something else every day."""

    def norms(self, clock: Millis) -> Norms:
        """Delays and gaps that come and go, so that it matters by which day's a container is judged."""
        day = clock // DAY
        delays = {"ktz": day % 5 * 3 * HOUR, "adyc": day % 3 * 7 * HOUR}
        return Norms(day, delays, {"ktz": day % 4 * 20 * HOUR})

    def explained(self, watch: Watch, position: Position, clock: Millis) -> str | None:
        """Nothing is."""
        return None

    def cause(self, watch: Watch, position: Position, clock: Millis) -> Cause:
        """Nobody knows."""
        return Cause.UNKNOWN

    def closures(self, clock: Millis) -> Sequence[Closure]:
        """Nothing is closed."""
        return ()

    def company(self, position: Position, clock: Millis) -> Company:
        """Every other day the others have gone on."""
        return Company(9, 9 * (clock // DAY % 2), clock)

    def cause_of(self, incident: str) -> Cause:
        """Nobody knows."""
        return Cause.UNKNOWN

    def watermark(self, carriers: Iterable[str]) -> Millis:
        """Everything was told."""
        return Millis(1 << 62)

    def turns(self, after: Millis, upto: Millis) -> Sequence[Millis]:
        """There are none."""
        return ()


JUDGE = Judge(RULES, LINES, Quiet())


def final(exceptions: Sequence[RailException]) -> set[str]:
    """What is compared between a stream and a batch: not versions, nor when a sweep came by."""
    return {
        repr(replace(each, version=0, at=Millis(0), opened=Millis(0), suppressed_by=None, resolved=each.resolved and 1))
        for each in exceptions
        if each.reason != "late data"
    }


@settings(max_examples=60, deadline=None)
@given(sent=sequences | travels(), data=st.data())
def test_sweeps_at_any_time_and_reports_in_any_order_leave_what_judging_all_at_once_gives(
    sent: list[Report], data: st.DataObject
) -> None:
    row = ContainerRow()
    told: dict[str, RailException] = {}
    clock = Millis(0)
    for report in data.draw(st.permutations(distinct(sent))):
        ruling = apply(row, BOX, report, RULES)
        if ruling.outcome is not None:
            row.judgement.heard(report.received)
        if data.draw(st.integers(0, 7)) == 0:
            clock = Millis(clock + data.draw(st.integers(0, 300)) * HOUR + BEGIN * (clock == 0))
            # What a row had to let go of is unknown to it: such a one would begin at version 1 again.
            assume(len(row.judgement.exceptions) < KEPT_MAX // 2)
            follow(told, rejudge(row, BOX, JUDGE, clock))
            row = load(dump(row))
    end = max(END, clock)
    assume(len(row.judgement.exceptions) < KEPT_MAX // 2)
    follow(told, rejudge(row, BOX, JUDGE, end))
    expected, _ = judged(chronicle(reports_of(row), BOX, RULES, LINES), LINES, JUDGE.knowledge, end)
    late = {each.id for each in expected if each.reason == "late data"}
    assert final([each for each in told.values() if each.id not in late]) == final(expected)
    assert final(row.judgement.exceptions) == final(expected)


def follow(told: dict[str, RailException], versions: Sequence[RailException]) -> None:
    """Take in what is published; versions of one exception count up."""
    for version in versions:
        before = told.get(version.id)
        assert version.version == (1 if before is None else before.version + 1)
        told[version.id] = version


@settings(max_examples=60, deadline=None)
@given(sent=sequences | travels(), data=st.data())
def test_reports_in_the_order_they_were_received_with_sweeps_between_give_the_versions_of_one_judging(
    sent: list[Report], data: st.DataObject
) -> None:
    row, made = ContainerRow(), list[RailException]()
    ordered = sorted(distinct(sent), key=received_order)
    for place, report in enumerate(ordered):
        apply(row, BOX, report, RULES)
        row.judgement.heard(report.received)
        after = ordered[place + 1].received if place + 1 < len(ordered) else END
        if after > report.received and data.draw(st.booleans()):
            upto = data.draw(st.integers(report.received, after - 1))
            made += rejudge(row, BOX, JUDGE, Millis(upto))
    made += rejudge(row, BOX, JUDGE, END)
    held, _ = judged(chronicle(reports_of(row), BOX, RULES, LINES), LINES, JUDGE.knowledge, END)
    assert final(row.judgement.exceptions) == final(held)
    assert {each.id for each in made} == {each.id for each in held}


@settings(max_examples=40, deadline=None)
@given(sent=sequences | travels(), chance=st.randoms(use_true_random=False))
def test_of_reports_of_one_moment_it_does_not_matter_where_they_lie_in_their_topics(
    sent: list[Report], chance: Any
) -> None:
    together = distinct([replace(each, received=Millis(each.received // DAY * DAY)) for each in sent])
    places = [(chance.randrange(6), chance.randrange(1_000), 0) for _ in together]
    moved = [replace(each, source=place) for each, place in zip(together, places, strict=True)]
    one, other = (judged(chronicle(each, BOX, RULES, LINES), LINES, JUDGE.knowledge, END) for each in (together, moved))
    assert one == other
