"""How the expected arrival of a journey moved."""

from itertools import pairwise

from tests.domain.judging import LINES, QUIET
from tests.domain.long_way import long_way
from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import Step, chronicle, located
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


def test_they_are_the_same_by_positions_that_know_nothing_of_what_is_missing_or_set_aside() -> None:
    for told in (reports(AT_SEA), long_way(40)[::2], [*long_way(30), *long_way(30, "kmtf")]):
        whole, light = (chronicle(told, BOX, RULES, LINES, *given) for given in ((), (located,)))
        journey = next(each.position.journey for each in whole if each.position)
        upto = whole[-1].received
        found = list(moves(light, journey, LINES, QUIET, upto))
        assert len(found) > 1
        assert found == list(moves(whole, journey, LINES, QUIET, upto))
