"""How the expected arrival of a journey moved."""

from itertools import pairwise

from tests.domain.judging import LINES, QUIET
from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import Step, chronicle
from tracker.domain.moment import HOUR, Millis
from tracker.domain.moves import moves
from tracker.domain.outlook import expectations

AT_SEA = """
    6/00:00   arrived         KZ-ALTYNKOL
    8/00:00   departed        KZ-ALTYNKOL    train=T1
    11/12:00  arrived         KZ-AKTAU
    14/00:00  departed        KZ-AKTAU       vessel
"""


def steps(table: str) -> list[Step]:
    return chronicle(reports(table), BOX, RULES, LINES)


def test_the_moves_of_an_expected_arrival_are_those_of_its_reports_and_days() -> None:
    told, upto = steps(AT_SEA), moment("20/00:00")
    journey = next(each.position.journey for each in told if each.position)
    found = list(moves(told, journey, LINES, QUIET, upto))
    full = list(expectations(told, LINES, QUIET, upto))
    assert found[0] == full[0]
    for before, after in pairwise(found):
        assert after.made > before.made
        assert abs(after.arrival.at - before.arrival.at) >= HOUR
    looked = {each.received for each in told}
    for each in found:
        assert each.made in looked or any((each.made - at) % (24 * HOUR) == 0 for at in looked), shown(each.made)
    assert list(moves(told, "another", LINES, QUIET, upto)) == []
    assert list(moves(told, journey, LINES, QUIET, Millis(0))) == []
