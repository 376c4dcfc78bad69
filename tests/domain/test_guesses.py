"""Carriers' own estimates: what they were off by is learned, and who has proved better is believed."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.judging import AT_SEA, IN_GEORGIA, LINES, Fixed
from tests.domain.test_container import travels
from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import chronicle
from tracker.domain.container import ContainerRow, dump, fold
from tracker.domain.flows import Note
from tracker.domain.guesses import BETTER, Guessed, guess_of
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.norms import Norms
from tracker.domain.noting import apply_noting, note_anew, noted_of
from tracker.domain.outlook import arrival_of, next_of
from tracker.domain.position import Position
from tracker.domain.report import Classifier, Kind, Report
from tracker.domain.ruling import apply

SAID = """
    18/12:00 arrived GE-POTI estimated received=8/02:00
    18/02:00 arrived GE-POTI estimated received=14/02:00
    17/22:00 arrived GE-POTI estimated received=16/10:00
"""
THERE = "17/16:00 arrived GE-POTI"


def row_of(sent: list[Report]) -> ContainerRow:
    row = ContainerRow()
    for report in sent:
        apply(row, BOX, report, RULES)
    return row


def off(table: str) -> dict[tuple[str, str, str], int]:
    """Mark, carrier and lead to the hours that are noted of estimates."""
    found: Counter[Note] = Counter()
    for note in noted_of(reports(table), BOX, RULES).all():
        if guess_of(note.flow.node) is not None:
            found[note._replace(minute=0, sign=1)] += note.sign
    assert set(found.values()) <= {0, 1}
    return {guess: note.hour for note, n in found.items() if n and (guess := guess_of(note.flow.node)) is not None}


def test_the_last_estimate_that_was_received_so_long_before_an_arrival_is_held_against_it() -> None:
    found = off(IN_GEORGIA + THERE + "\n" + SAID)
    assert {lead: found["guess", "ktz", lead] for lead in ("7d", "72h", "24h")} == {"7d": 20, "72h": 10, "24h": 6}
    assert found.keys() == {(mark, "ktz", lead) for mark in ("guess", "plain") for lead in ("7d", "72h", "24h")}


def test_an_estimate_that_came_too_late_for_a_lead_is_not_held_against_it() -> None:
    late = "17/18:00 arrived GE-POTI estimated received=16/18:00"
    assert off(IN_GEORGIA + THERE + "\n" + late) == {}


def test_one_from_before_the_container_came_where_it_was_then_is_not_held_against_the_arrival() -> None:
    # Received in Aktau: three days before the arrival it is still there, a day before it is in Georgia.
    found = off(IN_GEORGIA + THERE + "\n18/02:00 arrived GE-POTI estimated received=14/02:00")
    assert {lead for _, _, lead in found} == {"72h"}


def test_each_carrier_is_held_against_its_own_word() -> None:
    found = off(IN_GEORGIA + THERE + "\n" + SAID + "\n16/16:00 arrived GE-POTI estimated by=adyc received=14/01:00")
    assert (found["guess", "adyc", "72h"], found["guess", "ktz", "72h"]) == (-24, 10)


def test_a_corrected_arrival_takes_back_what_was_noted() -> None:
    told = IN_GEORGIA + THERE + " id=there\n" + SAID + "\n17/02:00 arrived GE-POTI id=there rev=1 received=18/12:00"
    assert off(told)["guess", "ktz", "72h"] == 24


def test_estimates_come_and_go_in_a_row_in_whatever_order() -> None:
    told = reports(SAID.replace("received=8/02:00", "received=8/02:00 id=e") + IN_GEORGIA)
    taken_back = replace(told[0], retracted=True, revision=1, received=moment("9/00:00"))
    for sent in ([*told, taken_back], [taken_back, *told], list(reversed([*told, taken_back]))):
        row = row_of(sent)
        assert [shown(each.at) for each in row.estimates] == ["18/02:00", "17/22:00"]
        assert dump(row) == dump(fold(sent, BOX, RULES))


@settings(max_examples=60, deadline=None)
@given(sent=travels(), data=st.data())
def test_what_is_noted_does_not_depend_on_the_order_in_which_reports_are_read(
    sent: list[Report], data: st.DataObject
) -> None:
    guessed = [
        Report("ktz", f"e{at}", Kind.ARRIVED, each.node, Millis(each.occurred + data.draw(st.integers(-50, 50)) * HOUR),
               Millis(each.received - data.draw(st.integers(0, 9)) * DAY), at, classifier=Classifier.ESTIMATED)
        for at, each in enumerate(sent) if data.draw(st.booleans())
    ]  # fmt: skip
    everything = [*sent, *guessed]
    row = ContainerRow()
    for report in data.draw(st.permutations(everything)):
        apply_noting(row, BOX, report, RULES)
        if row.noted.behind is not None and data.draw(st.booleans()):
            note_anew(row, BOX, RULES)
    if row.noted.behind is not None:
        note_anew(row, BOX, RULES)
    assert list(row.noted.all()) == list(noted_of(everything, BOX, RULES).all())


def position(table: str) -> Position:
    found = chronicle(reports(table), BOX, RULES, LINES)[-1].position
    assert found is not None
    return found


def known(error: int, plain: int, median: int = 0) -> Fixed:
    guessed = Guessed(500, 20, median * HOUR, (median - 3) * HOUR, (median + 5) * HOUR, error * HOUR, plain * HOUR)
    return Fixed(Norms(20_700, guessed={("ktz", lead): guessed for lead in ("24h", "72h", "7d")}))


AT = "14/04:00"
ABOARD = AT_SEA + "18/02:00 arrived GE-POTI estimated received=14/02:00"


def at(situation: Fixed, table: str = ABOARD, clock: str = AT) -> tuple[str, str, str]:
    found = arrival_of(position(table), LINES, situation, moment(clock))
    assert found is not None
    return shown(found.low), shown(found.at), shown(found.high)


def test_who_has_proved_better_is_believed_and_put_right_by_what_it_is_off_by_as_a_rule() -> None:
    assert at(known(4, 20)) == ("17/21:00", "18/02:00", "18/05:00")
    assert at(known(4, 20, median=6)) == ("17/15:00", "17/20:00", "17/23:00")


def test_who_has_not_is_not() -> None:
    ours = at(Fixed())
    assert at(known(round(20 * BETTER), 20)) == ours
    assert at(Fixed(Norms(20_700))) == ours
    assert at(known(4, 20), AT_SEA) == ours, "nobody estimated"


def test_an_estimate_that_has_passed_is_no_longer_believed() -> None:
    assert at(known(4, 20), clock="19/00:00") == at(Fixed(), clock="19/00:00")


def test_an_estimate_of_the_next_node_is_believed_there() -> None:
    said = AT_SEA + "15/06:00 arrived AZ-ALAT estimated received=14/02:00"
    found = next_of(position(said), LINES, known(4, 20), moment(AT))
    assert found is not None
    assert (found[0], shown(found[1].at)) == ("AZ-ALAT", "15/06:00")


def test_what_was_estimated_before_it_came_where_it_is_says_nothing_of_what_is_left() -> None:
    old = AT_SEA + "18/02:00 arrived GE-POTI estimated received=11/00:00"
    assert at(known(4, 20), old) == at(Fixed(), old)
