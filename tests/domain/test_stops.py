"""Worked examples of stops and facts: stays, runs, crossings, transits, and reports that change them."""

from tests.domain.told import BOX, RULES, WHOLE_WAY, facts, journeys, told, visits
from tracker.domain.container import facts_of_row


def test_every_section_of_the_corridor_is_timed_from_first_departure_to_first_arrival() -> None:
    assert facts(WHOLE_WAY, "transit") == [
        "transit border-sea 8/00:00 11/12:00",
        "transit sea 14/00:00 14/20:00",
        "transit whole 2/08:00 17/23:00",
        "transit border-ports 8/00:00 17/23:00",
        "transit caucasus 16/02:00 17/23:00",
    ]


def test_a_border_stay_has_the_side_of_the_country_being_left_or_entered() -> None:
    assert facts(WHOLE_WAY, "dwell") == [
        "dwell CN-XIAN 1/12:00 2/08:00",
        "dwell CN-HORGOS exit 5/08:00 5/22:00",
        "dwell KZ-ALTYNKOL entry 6/00:00 8/00:00",
        "dwell KZ-AKTAU 11/12:00 14/00:00",
        "dwell AZ-ALAT 14/20:00 16/02:00",
        "dwell AZ-BOYUKKESIK exit 16/18:00 16/20:00",
        "dwell GE-GARDABANI entry 16/21:00 17/09:00",
        "dwell GE-POTI 17/23:00 19/10:00",
    ]


def test_a_crossing_is_counted_once_at_every_border_and_at_the_counting_line() -> None:
    assert facts(WHOLE_WAY, "crossing") == [
        "crossing CN-HORGOS--KZ-ALTYNKOL 6/00:00",
        "crossing KZ-AKTAU--AZ-ALAT 14/20:00",
        "crossing AZ-BOYUKKESIK--GE-GARDABANI 16/21:00",
    ]


def test_the_transit_carries_countries_kilometres_stays_and_load() -> None:
    whole = next(f for f in facts_of_row(told(WHOLE_WAY), BOX, RULES) if f.section == "whole")
    hour = 3_600_000
    assert whole.full
    assert whole.countries == ("AZ", "CN", "GE", "KZ")
    assert (whole.teu, whole.grams, whole.laden) == (200, 24_000_000, True)
    assert whole.dwell == (14 + 48 + 60 + 30 + 2 + 12) * hour
    assert whole.metres == 7_786_000


def test_border_crossed_ends_the_exit_side_and_begins_the_entry_side_where_nothing_else_is_reported() -> None:
    table = """
        2/08:00  departed        CN-XIAN
        5/08:00  arrived         CN-HORGOS
        5/20:00  border_crossed  CN-HORGOS
        6/10:00  unloaded        KZ-ALTYNKOL
        8/00:00  departed        KZ-ALTYNKOL
    """
    assert facts(table, "dwell", "crossing") == [
        "crossing CN-HORGOS--KZ-ALTYNKOL 5/20:00",
        "dwell CN-HORGOS exit 5/08:00 5/20:00",
        "dwell KZ-ALTYNKOL entry 5/20:00 8/00:00",
    ]


def test_the_border_may_be_reported_by_the_country_entered() -> None:
    table = """
        2/08:00  departed        CN-XIAN
        5/08:00  arrived         CN-HORGOS
        5/20:00  border_crossed  KZ-ALTYNKOL
        8/00:00  departed        KZ-ALTYNKOL
    """
    assert facts(table, "dwell", "crossing") == [
        "crossing CN-HORGOS--KZ-ALTYNKOL 5/20:00",
        "dwell CN-HORGOS exit 5/08:00 5/20:00",
        "dwell KZ-ALTYNKOL entry 5/20:00 8/00:00",
    ]


def test_a_departure_counts_for_the_stay_though_the_border_was_reported_crossed() -> None:
    table = """
        2/08:00  departed        CN-XIAN
        5/08:00  arrived         CN-HORGOS
        5/18:00  departed        CN-HORGOS
        5/20:00  border_crossed  CN-HORGOS
        5/23:00  arrived         KZ-ALTYNKOL
        8/00:00  departed        KZ-ALTYNKOL
    """
    assert facts(table, "dwell", "crossing") == [
        "dwell CN-HORGOS exit 5/08:00 5/18:00",
        "crossing CN-HORGOS--KZ-ALTYNKOL 5/20:00",
        "dwell KZ-ALTYNKOL entry 5/23:00 8/00:00",
    ]


def test_nodes_nobody_reported_are_implied_without_times_and_count_for_volume() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        11/12:00  arrived   KZ-AKTAU
        14/20:00  arrived   AZ-ALAT
    """
    assert visits(table) == [
        "CN-XIAN - 2/08:00",
        "(CN-HORGOS)",
        "(KZ-ALTYNKOL)",
        "(KZ-ALMATY)",
        "(KZ-SHU)",
        "(KZ-MOYYNTY)",
        "(KZ-ZHEZKAZGAN)",
        "(KZ-BEYNEU)",
        "KZ-AKTAU 11/12:00 -",
        "AZ-ALAT 14/20:00 -",
    ]
    assert facts(table, "crossing", "dwell") == [
        "crossing CN-HORGOS--KZ-ALTYNKOL 11/12:00 implied",
        "crossing KZ-AKTAU--AZ-ALAT 14/20:00",
    ]


def test_a_run_goes_to_the_next_node_that_was_reported_whatever_lies_between() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        11/12:00  arrived   KZ-AKTAU
    """
    assert facts(table, "run") == ["run CN-XIAN--KZ-AKTAU 2/08:00 11/12:00"]


def test_no_run_ends_at_a_node_whose_arrival_nobody_reported() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/22:00   departed  CN-HORGOS
        11/12:00  arrived   KZ-AKTAU
    """
    assert facts(table, "run") == ["run CN-HORGOS--KZ-AKTAU 5/22:00 11/12:00"]


def test_passing_is_in_and_out_at_one_moment_and_no_stay() -> None:
    table = """
        8/00:00   departed  KZ-ALTYNKOL
        9/12:00   passed    KZ-MOYYNTY
        11/12:00  arrived   KZ-AKTAU
    """
    assert facts(table, "dwell", "run") == [
        "run KZ-ALTYNKOL--KZ-MOYYNTY 8/00:00 9/12:00",
        "run KZ-MOYYNTY--KZ-AKTAU 9/12:00 11/12:00",
    ]


def test_a_stay_without_arrival_comes_in_with_the_first_of_unloaded_and_gate_in() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        11/15:00  unloaded  KZ-AKTAU
        11/18:00  gate_in   KZ-AKTAU
        13/10:00  loaded    KZ-AKTAU  vessel
        14/20:00  arrived   AZ-ALAT
    """
    assert facts(table, "dwell") == ["dwell KZ-AKTAU 11/15:00 13/10:00"]


def test_an_arrival_back_where_it_came_from_returns_the_journey_without_a_transit() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/08:00   arrived   CN-HORGOS
        9/08:00   departed  CN-HORGOS
        13/08:00  arrived   CN-XIAN
    """
    assert [line.split()[2:] for line in journeys(table)] == [["returned", "2/08:00-13/08:00"]]
    assert facts(table, "transit") == []


def test_a_border_crossing_alone_begins_nothing() -> None:
    assert journeys("5/20:00 border_crossed KZ-ALTYNKOL") == []


def test_an_older_report_that_comes_late_does_not_move_the_container_back() -> None:
    late = WHOLE_WAY.strip().splitlines()
    late.append(late.pop(6))  # the arrival at Altynkol comes last
    assert visits("\n".join(late)) == visits(WHOLE_WAY)


def test_the_newest_revision_holds_whatever_came_first() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/12:00   arrived   CN-HORGOS  id=a rev=2
        5/08:00   arrived   CN-HORGOS  id=a rev=1
        5/22:00   departed  CN-HORGOS
    """
    assert facts(table, "dwell") == ["dwell CN-HORGOS exit 5/12:00 5/22:00"]


def test_without_revisions_the_later_recorded_holds() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/12:00   arrived   CN-HORGOS  id=a recorded=6/12:00
        5/08:00   arrived   CN-HORGOS  id=a recorded=5/12:00
        5/22:00   departed  CN-HORGOS
    """
    assert facts(table, "dwell") == ["dwell CN-HORGOS exit 5/12:00 5/22:00"]


def test_a_retracted_report_never_happened_even_when_the_retraction_came_first() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/08:00   arrived   CN-HORGOS  id=a rev=1 retracted
        5/08:00   arrived   CN-HORGOS  id=a rev=0
        5/22:00   departed  CN-HORGOS
    """
    assert facts(table, "dwell") == []


def test_a_planned_arrival_never_moves_the_container_but_is_the_transit_s_plan() -> None:
    table = """
        1/06:00   arrived   GE-POTI  planned recorded=1/06:00
        1/07:00   arrived   GE-POTI  planned recorded=2/07:00 id=other
        2/08:00   departed  CN-XIAN
    """
    assert journeys(table) == ["undecided - open 2/08:00--"]
    plan = WHOLE_WAY + "    18/06:00 arrived GE-POTI planned recorded=2/07:00\n"
    whole = next(f for f in facts_of_row(told(plan), BOX, RULES) if f.section == "whole")
    assert whole.planned_end is not None
    assert whole.planned_end - whole.end == 7 * 3_600_000


def test_a_plan_made_after_the_departure_is_no_plan() -> None:
    plan = WHOLE_WAY + "    18/06:00 arrived GE-POTI planned recorded=2/09:00\n"
    whole = next(f for f in facts_of_row(told(plan), BOX, RULES) if f.section == "whole")
    assert whole.planned_end is None


def test_dates_without_hours_still_leave_one_node_before_the_next_is_reached() -> None:
    table = """
        5/00:00  arrived   KZ-ALTYNKOL
        5/00:00  departed  CN-HORGOS
        2/00:00  departed  CN-XIAN
        5/00:00  arrived   CN-HORGOS
        6/00:00  departed  KZ-ALTYNKOL
    """
    assert visits(table) == ["CN-XIAN - 2/00:00", "CN-HORGOS 5/00:00 5/00:00", "KZ-ALTYNKOL 5/00:00 6/00:00"]
