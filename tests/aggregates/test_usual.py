"""How long stays and runs usually take, and by which day's reports that is known."""

import pytest

from tests.domain.judging import LINES
from tests.domain.told import BOX, RULES, moment, reports
from tracker.aggregates.usual import HOLDS_AFTER, KNOWN_AFTER, Days, Sample, samples_of
from tracker.domain.chronicle import Step, chronicle
from tracker.domain.facts import Side
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.network import Direction
from tracker.domain.norms import run_over, stay_at

NETWORK = RULES.network
RUN = run_over("KZ-ALTYNKOL--KZ-ALMATY", Direction.WESTBOUND)
WAY = """
    2/08:00   departed        CN-XIAN        to=GE-POTI
    5/08:00   arrived         CN-HORGOS
    6/00:00   departed        CN-HORGOS
    6/01:00   border_crossed  KZ-ALTYNKOL
    6/02:00   arrived         KZ-ALTYNKOL
    8/02:00   departed        KZ-ALTYNKOL
    8/11:00   arrived         KZ-ALMATY
"""


def steps(table: str) -> list[Step]:
    return chronicle(reports(table), BOX, RULES, LINES)


def days(table: str) -> Days:
    """What a container's reports teach."""
    found, before = Days(), None
    for step in steps(table):
        found.moved(before, step.position, step.received, NETWORK)
        found.ended_at(before, step.position, step.news, step.received, NETWORK.ends)
        before = step.position
    return found


def counted(found: Days) -> dict[tuple[str, str], int]:
    """By what and place, how many there are."""
    return {
        (subject.what, subject.place): took.size
        for day in found.ended.values()
        for subject, took in day.items()
        if took.size
    }


def test_a_journey_teaches_its_stays_and_runs_but_not_where_it_began_nor_over_a_border() -> None:
    assert counted(days(WAY)) == {
        ("run", "CN-XIAN--CN-HORGOS"): 1,
        ("stay", "CN-HORGOS"): 1,
        ("stay", "KZ-ALTYNKOL"): 1,
        ("run", "KZ-ALTYNKOL--KZ-ALMATY"): 1,
    }


def test_what_is_corrected_is_taken_back() -> None:
    position = steps(WAY + "8/01:00 departed KZ-ALTYNKOL received=8/20:00 id=other by=adyc")[-1].position
    assert position is not None
    learned = days(WAY + "8/01:00 departed KZ-ALTYNKOL received=8/20:00")
    assert counted(learned) == counted(days(WAY))


def test_what_is_known_too_late_is_not_learned_and_what_was_is_not_taken_back() -> None:
    sample = Sample(RUN, 9 * HOUR, moment("8/11:00"))
    found = Days()
    end_of_next_day = Millis((sample.end // DAY + KNOWN_AFTER) * DAY)
    found.take(sample, 1, Millis(end_of_next_day - 1))
    found.take(sample, 1, end_of_next_day)
    found.take(sample, -1, end_of_next_day)
    assert counted(found) == {("run", RUN.place): 1}
    found.take(sample, -1, Millis(end_of_next_day - 1))
    assert counted(found) == {}


def test_norms_hold_only_when_all_they_are_learned_from_was_known_a_day_before() -> None:
    found, first = Days(), 20_000
    for box in range(30):
        found.take(Sample(RUN, (box + 1) * HOUR, Millis(first * DAY + box)), 1, Millis(first * DAY + HOUR))
    assert found.usual(first + HOLDS_AFTER - 1) == {}
    usual = found.usual(first + HOLDS_AFTER)[RUN]
    assert (usual.samples, usual.trains) == (30, 30)
    assert usual.median == pytest.approx(15 * HOUR, rel=0.01)
    assert usual.p95 == pytest.approx(29 * HOUR, rel=0.01)
    assert RUN in found.usual(first + HOLDS_AFTER + 27)
    assert found.usual(first + HOLDS_AFTER + 28) == {}


def test_of_twenty_nine_boxes_nothing_is_learned() -> None:
    found = Days()
    for box in range(29):
        found.take(Sample(RUN, (box + 1) * HOUR, Millis(20_000 * DAY)), 1, Millis(20_000 * DAY))
    assert found.usual(20_000 + HOLDS_AFTER) == {}


def test_the_boxes_of_one_train_tell_as_much_as_one() -> None:
    found = Days()
    for train in range(3):
        for _ in range(50):
            found.take(Sample(RUN, 10 * HOUR, Millis((20_000 + train) * DAY)), 1, Millis((20_000 + train) * DAY))
    assert found.usual(20_002 + HOLDS_AFTER)[RUN][:2] == (150, 3)


def test_the_share_of_ends_whose_gate_out_nobody_reported_is_learned() -> None:
    found = Days()
    for box in range(40):
        end = Sample(stay_at("GE-POTI", Direction.WESTBOUND, NETWORK)._replace(what="end"), box % 4 == 0, Millis(0))
        found.take(end, 1, Millis(0))
    assert found.unreported(HOLDS_AFTER) == {"GE-POTI": 0.25}
    assert found.usual(HOLDS_AFTER) == {}


@pytest.mark.parametrize(("kind", "unreported"), [("gate_out", 0), ("stripped", 1)])
def test_an_end_counts_by_what_ended_it(kind: str, unreported: int) -> None:
    table = f"""
    2/08:00   departed        AZ-ALAT        to=GE-POTI
    5/08:00   arrived         GE-POTI
    7/08:00   {kind}          GE-POTI
    """
    [how] = [how for day in days(table).ended.values() for subject, how in day.items() if subject.what == "end"]
    assert how.counts == {unreported: 1}


def test_a_border_node_is_one_subject_on_each_side_of_the_border() -> None:
    assert stay_at("KZ-ALTYNKOL", Direction.WESTBOUND, NETWORK).side is Side.ENTRY
    assert stay_at("KZ-ALTYNKOL", Direction.EASTBOUND, NETWORK).side is Side.EXIT
    assert stay_at("KZ-AKTAU", Direction.EASTBOUND, NETWORK).side is None
    position = steps(WAY)[-1].position
    assert position is not None
    assert {sample.subject.side for sample in samples_of(position, NETWORK)} == {None, Side.EXIT, Side.ENTRY}
