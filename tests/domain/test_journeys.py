"""Worked examples of journeys: where they begin and end, on which corridor. See `told.py` for the tables."""

from tests.domain.told import BOX, RULES, WHOLE_WAY, facts, journeys, told
from tracker.domain.container import facts_of_row


def test_a_journey_begins_with_the_stuffing_and_ends_with_the_gate_out_at_the_destination_end() -> None:
    assert journeys(WHOLE_WAY) == ["middle westbound ended 1/08:00-19/10:00"]


def test_until_a_telling_node_is_reached_the_corridor_is_undecided() -> None:
    assert journeys("2/08:00 departed CN-XIAN\n 6/00:00 arrived KZ-ALTYNKOL") == ["undecided westbound open 2/08:00--"]


def test_the_reported_destination_decides_before_the_telling_node() -> None:
    table = """
        2/08:00  departed  CN-XIAN  to=GE-POTI
        6/00:00  arrived   KZ-ALTYNKOL
    """
    assert journeys(table) == ["middle westbound open 2/08:00--"]


def test_the_branch_is_the_trunk_until_its_own_node_is_reached() -> None:
    start = "2/08:00 departed CN-XIAN\n 14/20:00 arrived AZ-ALAT"
    assert journeys(start) == ["middle westbound open 2/08:00--"]
    assert journeys(start + "\n 18/00:00 arrived TR-KARS") == ["middle-btk westbound open 2/08:00--"]


def test_a_way_that_is_no_corridor_s_is_other() -> None:
    table = """
        2/08:00  departed  CN-XIAN
        9/08:00  arrived   IR-SARAKHS
        19/08:00 arrived   PL-LODZ
    """
    assert [line.split()[0] for line in journeys(table)] == ["other"]


def test_when_the_corridor_is_decided_the_earlier_facts_are_its_own() -> None:
    early = "2/08:00 departed CN-XIAN\n 5/08:00 arrived CN-HORGOS\n 5/22:00 departed CN-HORGOS"
    row = told(early)
    assert {fact.corridor for fact in facts_of_row(row, BOX, RULES)} == {"undecided"}
    row = told(early + "\n 12/00:00 arrived UZ-CHUKURSAY")
    assert {fact.corridor for fact in facts_of_row(row, BOX, RULES)} == {"central-asia"}


def test_eastbound_is_the_same_corridor_the_other_way() -> None:
    table = """
        1/08:00   departed  DE-DUISBURG
        4/08:00   arrived   PL-MALA
        5/08:00   arrived   BY-BREST
        12/08:00  arrived   KZ-DOSTYK
        14/08:00  arrived   CN-ALASHANKOU
        18/08:00  arrived   CN-XIAN
    """
    assert journeys(table) == ["northern eastbound open 1/08:00--"]
    assert facts(table, "transit") == ["transit europe 1/08:00 4/08:00", "transit whole 1/08:00 18/08:00"]


def test_the_north_south_corridor_has_its_own_directions() -> None:
    table = """
        1/08:00  departed  RU-VORSINO
        5/08:00  arrived   KZ-KANDYAGASH
        9/08:00  arrived   KZ-BOLASHAK
    """
    assert journeys(table) == ["instc-east southbound open 1/08:00--"]


def test_gate_out_by_rail_or_on_the_way_does_not_end_the_journey() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        6/00:00   arrived   KZ-ALTYNKOL
        6/10:00   gate_out  KZ-ALTYNKOL  truck
        11/12:00  arrived   KZ-AKTAU
    """
    assert journeys(table) == ["middle westbound open 2/08:00--"]


def test_gate_out_at_the_reported_destination_ends_wherever_that_is() -> None:
    table = """
        2/08:00  departed  CN-XIAN     to=KZ-ALMATY
        8/00:00  arrived   KZ-ALMATY
        9/10:00  gate_out  KZ-ALMATY
    """
    assert [line.split()[2:] for line in journeys(table)] == [["ended", "2/08:00-9/10:00"]]


def test_stripping_and_empty_return_after_the_gate_out_belong_to_the_ended_journey() -> None:
    table = WHOLE_WAY + "    20/10:00 stripped GE-TBILISI\n    24/10:00 empty_returned GE-POTI empty\n"
    assert journeys(table) == ["middle westbound ended 1/08:00-19/10:00"]
    assert told(table).journeys[0].laden is True


def test_an_empty_return_always_ends() -> None:
    assert journeys("2/08:00 departed CN-XIAN\n 25/10:00 empty_returned GE-POTI") == [
        "undecided - ended 2/08:00-25/10:00"
    ]


def test_the_next_stuffing_begins_the_next_journey_of_the_same_container() -> None:
    table = WHOLE_WAY + "    27/08:00 stuffed GE-POTI\n    28/08:00 departed GE-POTI\n    29/08:00 arrived AZ-ALAT\n"
    assert journeys(table) == [
        "middle westbound ended 1/08:00-19/10:00",
        "middle eastbound open 27/08:00--",
    ]


def test_travelling_back_from_the_end_is_another_journey_though_no_gate_out_was_reported() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        14/20:00  arrived   AZ-ALAT
        17/23:00  arrived   GE-POTI
        20/08:00  loaded    GE-POTI     empty
        20/12:00  departed  GE-POTI
        22/08:00  arrived   AZ-ALAT
    """
    assert journeys(table) == [
        "middle westbound ended 2/08:00-17/23:00",
        "middle eastbound open 20/08:00--",
    ]


def test_travelling_on_beyond_the_end_is_the_same_journey() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        14/20:00  arrived   AZ-ALAT
        17/23:00  arrived   GE-POTI
        20/08:00  loaded    GE-POTI       vessel
        23/08:00  arrived   RO-CONSTANTA  vessel
    """
    assert journeys(table) == ["middle westbound open 2/08:00--"]


def test_standing_at_an_origin_s_gate_off_its_way_begins_another_journey() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        11/12:00  arrived   KZ-AKTAU
        28/08:00  gate_in   CN-CHONGQING
    """
    assert journeys(table) == [
        "middle westbound ended 2/08:00-11/12:00",
        "undecided - open 28/08:00--",
    ]


def test_the_size_that_was_reported_last_counts_and_the_next_journey_keeps_it() -> None:
    table = """
        2/08:00   departed        CN-XIAN      22G1
        5/08:00   arrived         CN-HORGOS    45G1
        6/08:00   arrived         KZ-ALTYNKOL
        9/08:00   empty_returned  KZ-ALTYNKOL
        12/08:00  departed        KZ-ALTYNKOL
    """
    assert [journey.teu for journey in told(table).journeys] == [200, 200]
