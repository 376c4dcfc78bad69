"""What is said of how a journey stands when those who report it have not told of its deadline yet.

departed Xi'an 2nd        100 h 3 min: overdue at Horgos        late by its carrier's plan
|-------------------------|--------------------------------------|----------> clock
             told up to here: unknown beyond
"""

import pytest

from tests.domain.judging import LINES, Fixed
from tests.domain.told import BOX, RULES, moment, reports
from tracker.domain.chronicle import chronicle, judged
from tracker.domain.claim import Claim, reporters_of, state_by
from tracker.domain.container import ContainerRow, dump, load
from tracker.domain.moment import Millis
from tracker.domain.outlook import outlook
from tracker.domain.rejudge import Judge, rejudge
from tracker.domain.ruling import apply

WAY = """
    28/08:00  arrived    GE-POTI   planned  received=1/06:00
    2/08:00   departed   CN-XIAN   to=GE-POTI
"""
SILENT_FROM = "6/12:04"
"""100 h 3 min after it left: no report for longer than the run takes."""


def state(table: str, clock: str, told: str) -> str:
    """How the container of a table stands at a clock, its carriers having told what happened up to a moment."""
    said, at, knowing = reports(table), moment(clock), Fixed(told=moment(told))
    steps = chronicle(said, BOX, RULES, LINES)
    held, _ = judged(steps, LINES, knowing, at)
    judge = Judge(RULES, LINES, knowing)
    return outlook(steps[-1].position, said, held, judge, (steps[-1].received, at)).state


@pytest.mark.parametrize(
    ("clock", "told", "wanted"),
    [
        ("6/12:00", "2/08:00", "on_time"),  # no deadline has passed: nothing is in question
        ("6/13:00", "6/12:00", "unknown"),  # its carrier has not told of the time in question
        ("6/13:00", "6/12:05", "silent"),
        ("9/00:00", "6/12:00", "unknown"),  # and however long that takes
        ("9/00:00", "8/23:00", "silent"),
    ],
)
def test_a_deadline_that_its_carrier_has_not_told_of_yet_leaves_it_unknown(clock: str, told: str, wanted: str) -> None:
    assert state(WAY, clock, told) == wanted


def test_what_is_known_already_is_not_forgotten_when_another_deadline_passes() -> None:
    late = "1/08:00  arrived  GE-POTI  planned  received=1/06:00\n" + WAY.replace("28/08:00", "12/00:00")
    assert state(late, "2/10:00", "2/08:00") == "late", "as it was reported"
    assert state(late, "9/00:00", "2/08:00") == "late", "though nothing is known of its silence"
    assert state(late, "9/00:00", "9/00:00") == "silent"


def test_where_nothing_was_promised_nothing_is_known_of_how_late_it_is() -> None:
    assert state("2/08:00 arrived CN-XIAN", "3/00:00", "3/00:00") == "unknown"


def test_any_of_the_carriers_that_reported_the_journey_may_tell_and_no_other() -> None:
    table = (
        "1/08:00 gate_in CN-XIAN by=ktz\n 2/08:00 departed CN-XIAN by=adyc\n 28/00:00 arrived GE-POTI planned by=utlc"
    )
    said = reports(table)
    position = chronicle(said, BOX, RULES, LINES)[-1].position
    assert position is not None
    assert reporters_of(said, position) == ["adyc", "ktz"]
    earlier = reports("1/07:00 gate_out GE-POTI by=kmtf")
    assert reporters_of([*said, *earlier], position) == ["adyc", "ktz"]


def test_of_several_claims_the_first_that_is_known_holds() -> None:
    claims = [Claim(moment("5/00:00"), "held"), Claim(moment("3/00:00"), "late"), Claim(Millis(0), "at_risk")]
    assert [state_by(claims, moment(at)) for at in ("2/00:00", "4/00:00", "5/00:00")] == ["at_risk", "late", "held"]
    assert state_by((), moment("5/00:00")) == "unknown"


@pytest.mark.parametrize(("told", "wanted"), [("6/12:00", "unknown"), ("7/00:00", "silent")])
def test_a_swept_row_notes_its_state_and_what_is_in_doubt_about_it(told: str, wanted: str) -> None:
    row = ContainerRow()
    for report in reports(WAY):
        apply(row, BOX, report, RULES)
    rejudge(row, BOX, Judge(RULES, LINES, Fixed(told=moment(told))), moment("6/13:00"))
    stored = load(dump(row)).judgement
    assert stored.state == wanted
    if wanted == "unknown":
        assert (stored.doubts[0][1], stored.carriers) == ("silent", ["ktz"])
        assert state_by([Claim(*each) for each in stored.doubts], moment(SILENT_FROM)) == "silent"
    else:
        assert (stored.doubts, stored.carriers) == ([], []), "nothing is in doubt that was told"
