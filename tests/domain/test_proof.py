"""How well arrivals were foretold is a function of the reports, whenever a sweep came by."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.judging import IN_GEORGIA, LINES, QUIET
from tests.domain.test_container import travels
from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import chronicle, received_order
from tracker.domain.container import ContainerRow, dump, load
from tracker.domain.judgement import tick_of
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.outlook import arrival_of
from tracker.domain.proof import SETTLES, Proof, came_of, proofs, prove, summary_of
from tracker.domain.rejudge import Judge, rejudge
from tracker.domain.report import Report
from tracker.domain.ruling import apply

JUDGE = Judge(RULES, LINES, QUIET)
THERE = IN_GEORGIA + "{}  arrived  GE-POTI  id=there"
ARRIVED = THERE.format("17/16:00")


def row_of(sent: list[Report]) -> ContainerRow:
    row = ContainerRow()
    for report in sent:
        apply(row, BOX, report, RULES)
    return row


def measured(table: str, *clocks: str) -> list[list[str]]:
    """What each sweep measured, of the reports received by its clock: horizon, error in hours, and place."""
    row, coming, found = ContainerRow(), sorted(reports(table), key=received_order), []
    for clock in map(moment, clocks):
        while coming and coming[0].received <= clock:
            row.judgement.heard(coming[0].received)
            apply(row, BOX, coming.pop(0), RULES)
        found.append([said(each) for each in looked(row, clock)])
        row = load(dump(row))
    return found


def looked(row: ContainerRow, clock: Millis) -> list[Proof]:
    rejudge(row, BOX, JUDGE, clock)
    return prove(row, BOX, JUDGE, clock)


def said(proof: Proof) -> str:
    return f"{proof.horizon} {round(proof.error / HOUR)} h {proof.place}"


def test_what_was_expected_so_long_before_an_arrival_is_what_was_known_then() -> None:
    steps, row = chronicle(reports(ARRIVED), BOX, RULES, LINES), row_of(reports(ARRIVED))
    came = came_of(row.journeys[-1], RULES.network)
    assert came is not None
    assert (shown(came.left), shown(came.at)) == ("2/08:00", "17/16:00")
    found = {each.horizon: each.expected for each in proofs(came, row, BOX, JUDGE)}
    for horizon, clock in {"7d": "10/16:00", "72h": "14/16:00", "24h": "16/16:00"}.items():
        position = [step.position for step in steps if step.received <= moment(clock)][-1]
        assert position is not None
        assert found.pop(horizon) == arrival_of(position, LINES, QUIET, moment(clock))  # type: ignore[call-overload]
    assert not found


def test_an_arrival_is_measured_once_two_days_after_it() -> None:
    before, after, again = measured(ARRIVED, "19/15:59", "19/16:00", "25/00:00")
    assert (before, again) == ([], [])
    assert [each.partition(" ")[0] for each in after] == ["7d", "72h", "24h"]


def test_a_container_is_looked_at_when_its_arrival_is_to_be_measured() -> None:
    row = row_of(reports(ARRIVED))
    row.judgement.heard(moment("17/17:00"))
    looked(row, moment("17/18:00"))
    assert row.judgement.due is not None
    assert row.judgement.due <= moment("19/16:00")


def test_what_is_corrected_within_the_two_days_counts_as_it_was_corrected() -> None:
    corrected = ARRIVED + "\n17/04:00 arrived GE-POTI id=there rev=1 received=18/12:00"
    assert (
        measured(corrected, "17/20:00", "19/04:00")[1]
        == measured(IN_GEORGIA + "17/04:00 arrived GE-POTI", "19/04:00")[0]
    )


def test_an_arrival_that_was_taken_back_is_not_counted_and_the_true_one_is() -> None:
    false = (
        IN_GEORGIA
        + "17/04:00 arrived GE-POTI id=there\n17/04:00 arrived GE-POTI id=there rev=1 retracted received=18/12:00"
    )
    assert measured(false, "17/20:00", "19/04:00", "30/00:00") == [[], [], []]
    true = false + "\n20/00:00 arrived GE-POTI"
    assert measured(true, "17/20:00", "19/05:00", "22/00:00") == [
        [],
        [],
        measured(IN_GEORGIA + "20/00:00 arrived GE-POTI", "22/00:00")[0],
    ]


def test_what_is_taken_back_later_than_that_stays_counted_and_is_counted_no_second_time() -> None:
    late = ARRIVED + "\n17/04:00 arrived GE-POTI id=there rev=1 received=21/12:00"
    assert [len(each) for each in measured(late, "19/16:00", "21/13:00", "25/00:00")] == [3, 0, 0]


def test_a_journey_whose_departure_nobody_reported_is_not_measured() -> None:
    assert measured("14/20:00 arrived AZ-ALAT to=GE-POTI\n17/16:00 arrived GE-POTI", "25/00:00") == [[]]


def test_only_horizons_on_its_way_are_measured() -> None:
    short = "2/08:00 departed AZ-ALAT from=AZ-ALAT to=GE-POTI\n4/00:00 arrived GE-POTI"
    assert [each.partition(" ")[0] for each in measured(short, "7/00:00")[0]] == ["24h"]


def test_the_summary_adds_up_in_whole_milliseconds() -> None:
    row = row_of(reports(ARRIVED))
    found = prove(row, BOX, JUDGE, moment("25/00:00"))
    sums = summary_of([*found, *found])
    assert list(sums) == ["24h", "72h", "7d"]
    for proof in found:
        of = sums[proof.horizon]
        assert (of["arrivals"], of["error_ms"], of[proof.place]) == (2, 2 * proof.error, 2)
        assert of["inside"] + of["before"] + of["after"] == 2


@settings(max_examples=80, deadline=None)
@given(sent=travels(), data=st.data())
def test_sweeps_at_any_time_measure_what_one_at_the_end_measures(sent: list[Report], data: st.DataObject) -> None:
    # Known at once or a day late, which is soon enough to be in before an arrival is measured.
    sent = [replace(each, received=Millis(each.received + data.draw(st.sampled_from((0, HOUR, DAY))))) for each in sent]
    row, found = ContainerRow(), list[Proof]()
    ordered = sorted(sent, key=received_order)
    end = Millis(max((each.received for each in sent), default=0) + 9 * DAY)
    for place, report in enumerate(ordered):
        apply(row, BOX, report, RULES)
        row.judgement.heard(report.received)
        after = ordered[place + 1].received if place + 1 < len(ordered) else end
        if after > report.received and data.draw(st.booleans()):
            found += looked(row, Millis(data.draw(st.integers(report.received, after - 1))))
            row = load(dump(row))
    found += looked(row, end)
    whole = row_of(ordered)
    last = max((each.received for each in sent), default=0)
    for proof in prove(whole, BOX, JUDGE, end):
        # What is reported after it was measured may still change the journey.
        if last <= tick_of(Millis(proof.came.at + SETTLES)):
            assert proof in found
    assert len({(each.came.journey, each.horizon) for each in found}) == len(found)
