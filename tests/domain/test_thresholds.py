"""Lines that an operator sets stand in place of the network's: by node or leg, and where asked for by side and way."""

import pytest

from tests.domain.told import RULES
from tracker.domain.facts import Side
from tracker.domain.lines import Line, Lines
from tracker.domain.moment import HOUR
from tracker.domain.network import Direction
from tracker.domain.thresholds import Pair, Scope, Setting, Thresholds

NETWORK = RULES.network
WEST, EAST = Direction.WESTBOUND, Direction.EASTBOUND
SEA = "KZ-AKTAU--AZ-ALAT"


def mask(direction: Direction, *corridors: str) -> int:
    return sum(NETWORK.courses_in(direction, corridor) for corridor in corridors)


def stay(node: str, at: int, setting: Setting | None = None, least: float = 12.0) -> Pair | None:
    """The hours of a stay's line with what was set for its node."""
    stays = {} if setting is None else {node: setting}
    return hours(Lines(NETWORK, Thresholds(least=least, stays=stays)).stay(node, at))


def run(node: str, at: int, leg: str, setting: Setting) -> Pair | None:
    found = Lines(NETWORK, Thresholds(runs={leg: setting})).run(node, at, None)
    return None if found is None else hours(found[1])


def hours(line: Line | None) -> Pair | None:
    if line is None or line.critical is None:
        return None
    assert line.source == "template"  # what a file says is of the template
    return line.warning / HOUR, line.critical / HOUR


def test_what_is_set_for_a_node_holds_on_every_way_past_it() -> None:
    for direction in (WEST, EAST):
        assert stay("KZ-AKTAU", mask(direction, "middle"), Setting((96, 192))) == (96, 192)


def test_a_line_that_was_set_may_be_below_the_least_of_those_that_are_computed() -> None:
    at = mask(WEST, "middle")
    assert stay("AZ-ALAT", at, Setting((1, 2)), least=500) == (1, 2)
    assert stay("AZ-ALAT", at, least=500) == (500, 500)


def test_a_stay_that_the_network_does_not_plan_has_a_line_once_one_is_set() -> None:
    at = mask(WEST, "middle")
    assert stay("KZ-BEYNEU", at) is None
    assert stay("KZ-BEYNEU", at, Setting((24, 48))) == (24, 48)


@pytest.mark.parametrize(
    ("scope", "west", "east"),
    [
        (Scope(direction=WEST), (1, 2), (48, 96)),
        (Scope(direction=EAST), (48, 96), (1, 2)),
        (Scope(side=Side.ENTRY), (1, 2), (48, 96)),
        (Scope(side=Side.EXIT), (48, 96), (1, 2)),
        (Scope(corridor="southern"), (1, 2), (1, 2)),
        (Scope("southern", EAST, Side.EXIT), (48, 96), (1, 2)),
        (Scope("southern", EAST, Side.ENTRY), (48, 96), (48, 96)),
        (Scope(corridor="northern"), (48, 96), (48, 96)),
    ],
)
def test_an_override_holds_where_all_that_it_names_fits(scope: Scope, west: Pair, east: Pair) -> None:
    setting = Setting((48, 96), ((scope, (1, 2)),))
    assert stay("KZ-ALTYNKOL", mask(WEST, "southern"), setting) == west
    assert stay("KZ-ALTYNKOL", mask(EAST, "southern"), setting) == east


def test_of_several_overrides_that_fit_the_first_holds() -> None:
    setting = Setting((48, 96), ((Scope("southern", WEST), (1, 2)), (Scope(direction=WEST), (3, 4))))
    assert stay("KZ-ALTYNKOL", mask(WEST, "southern"), setting) == (1, 2)
    assert stay("KZ-ALTYNKOL", mask(WEST, "northern"), setting) == (3, 4)
    assert stay("KZ-ALTYNKOL", mask(EAST, "northern"), setting) == (48, 96)


def test_where_nothing_fits_and_nothing_is_set_for_all_the_networks_hours_hold() -> None:
    at = mask(WEST, "northern")
    assert stay("KZ-ALTYNKOL", at, Setting(None, ((Scope("southern"), (1, 2)),))) == stay("KZ-ALTYNKOL", at)


def test_while_several_corridors_are_possible_the_longest_of_their_lines_holds() -> None:
    setting = Setting((48, 96), ((Scope("southern"), (60, 70)), (Scope("northern"), (1, 2))))
    assert stay("KZ-ALTYNKOL", mask(WEST, "southern", "northern"), setting) == (60, 70)
    assert stay("KZ-ALTYNKOL", mask(WEST, "northern", "central-asia"), setting) == (48, 96)


def test_what_is_said_of_a_corridor_holds_for_its_children_that_can_not_be_told_apart_yet() -> None:
    both = mask(WEST, "middle", "middle-btk")
    assert stay("KZ-ALTYNKOL", both, Setting(None, ((Scope("middle"), (1, 2)),))) == (1, 2)
    child_first = Setting(None, ((Scope("middle-btk"), (5, 6)), (Scope("middle"), (1, 2))))
    assert stay("KZ-ALTYNKOL", both, child_first) == (5, 6)
    assert stay("KZ-ALTYNKOL", mask(WEST, "middle"), child_first) == (1, 2)


def test_a_run_has_the_line_that_was_set_for_its_first_leg_and_way() -> None:
    setting = Setting((60, 120), ((Scope(direction=EAST), (30, 40)),))
    assert run("KZ-AKTAU", mask(WEST, "middle"), SEA, setting) == (60, 120)
    assert run("AZ-ALAT", mask(EAST, "middle"), SEA, setting) == (30, 40)


def test_a_line_set_for_another_leg_changes_no_run() -> None:
    at = mask(WEST, "middle")
    plain = Lines(NETWORK, Thresholds()).run("KZ-AKTAU", at, None)
    assert Lines(NETWORK, Thresholds(runs={"KZ-KURYK--AZ-ALAT": Setting((1, 2))})).run("KZ-AKTAU", at, None) == plain


@pytest.mark.parametrize(
    ("direction", "node", "side"),
    [
        (WEST, "CN-HORGOS", Side.EXIT),
        (EAST, "CN-HORGOS", Side.ENTRY),
        (WEST, "KZ-ALTYNKOL", Side.ENTRY),
        (EAST, "KZ-ALTYNKOL", Side.EXIT),
        (WEST, "KZ-AKTAU", None),
    ],
)
def test_the_side_of_a_border_follows_from_the_way(direction: Direction, node: str, side: Side | None) -> None:
    course = next(each for each in NETWORK.courses if each.corridor == "middle" and each.direction == direction)
    assert Lines(NETWORK, Thresholds()).side(node, course) == side


def test_of_a_container_on_no_known_corridor_what_is_set_for_all_holds_and_no_override() -> None:
    assert stay("KZ-ALTYNKOL", 0, Setting((48, 96), ((Scope(direction=WEST), (1, 2)),))) == (48, 96)
