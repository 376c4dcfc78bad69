"""Worked examples of reports that can't all be true: one is set aside, and comes back when the other goes."""

from tests.domain.told import BOX, RULES, facts, journeys, reports, told, visits
from tracker.domain.container import ContainerRow, aside_of, dump, fold
from tracker.domain.ruling import apply


def aside(table: str) -> list[str]:
    """What is set aside in the end, as `carrier kind node`."""
    return [f"{report.carrier} {report.kind} {report.node}" for report in aside_of(told(table))]


def test_of_two_places_at_once_the_carrier_with_less_authority_is_set_aside() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/08:00   arrived   CN-HORGOS
        5/09:00   arrived   KZ-AKTAU     by=adyc
        5/22:00   departed  CN-HORGOS
    """
    assert aside(table) == ["adyc arrived KZ-AKTAU"]
    assert visits(table) == ["CN-XIAN - 2/08:00", "CN-HORGOS 5/08:00 5/22:00"]


def test_of_one_carrier_s_own_contradiction_the_later_recorded_is_set_aside() -> None:
    table = """
        2/08:00  departed  CN-XIAN
        5/08:00  arrived   CN-HORGOS  recorded=6/12:00
        5/09:00  arrived   KZ-AKTAU   recorded=5/10:00
    """
    assert aside(table) == ["ktz arrived CN-HORGOS"]


def test_what_was_set_aside_returns_when_the_other_is_retracted() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/08:00   arrived   CN-HORGOS  id=a rev=0
        5/09:00   arrived   KZ-AKTAU   by=adyc
        5/08:00   arrived   CN-HORGOS  id=a rev=1 retracted
    """
    assert aside(table) == []
    assert visits(table)[-1] == "KZ-AKTAU 5/09:00 -"


def test_by_rail_nothing_is_faster_than_120_kilometres_an_hour_over_the_great_circle() -> None:
    # Altynkol to Aktau: 2,319 km as the crow flies, 19:19 hours at 120 km/h, half an hour allowed for the clocks.
    start = "2/00:00 departed KZ-ALTYNKOL\n"
    assert aside(start + "2/18:50 arrived KZ-AKTAU") == []
    assert aside(start + "2/18:49 arrived KZ-AKTAU") == ["ktz arrived KZ-AKTAU"]


def test_at_sea_the_limit_is_that_of_a_ship_though_no_mode_is_given() -> None:
    start = "2/00:00 departed KZ-AKTAU\n"  # 429 km to Alat: 9:32 hours at 45 km/h
    assert aside(start + "2/09:03 arrived AZ-ALAT") == []
    assert aside(start + "2/09:01 arrived AZ-ALAT") == ["ktz arrived AZ-ALAT"]


def test_a_border_is_crossed_within_minutes_by_clocks_that_differ() -> None:
    assert aside("2/10:00 departed CN-HORGOS\n 2/09:50 arrived KZ-ALTYNKOL\n 2/23:00 departed KZ-ALTYNKOL") == []


def test_a_departure_before_the_arrival_of_the_same_stay_sets_the_less_trusted_aside() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/08:00   departed  CN-HORGOS  by=adyc
        5/22:00   arrived   CN-HORGOS
        6/08:00   departed  CN-HORGOS
        6/09:00   arrived   KZ-ALTYNKOL
    """
    assert aside(table) == ["adyc departed CN-HORGOS"]
    assert facts(table, "dwell") == ["dwell CN-HORGOS exit 5/22:00 6/08:00"]


def test_coming_back_to_a_node_after_leaving_it_is_no_contradiction() -> None:
    table = """
        5/08:00   arrived   CN-HORGOS
        5/20:00   departed  CN-HORGOS
        5/22:00   arrived   KZ-ALTYNKOL
        6/02:00   departed  KZ-ALTYNKOL
        6/04:00   arrived   CN-HORGOS
    """
    assert aside(table) == []


def test_customs_may_clear_a_container_before_it_arrives() -> None:
    table = """
        2/08:00  departed          CN-XIAN
        3/08:00  customs_released  KZ-ALTYNKOL
        5/08:00  arrived           CN-HORGOS
    """
    assert aside(table) == []
    assert [line.split()[0] for line in visits(table)] == ["CN-XIAN", "CN-HORGOS"]


def test_a_customs_note_between_two_arrivals_tells_nothing_of_the_stay_in_a_row_with_a_contradiction() -> None:
    table = """
        1/00:00   departed      CN-XIAN
        1/01:00   arrived       KZ-AKTAU     by=adyc
        9/00:00   arrived       CN-HORGOS
        10/00:00  customs_held  KZ-ALTYNKOL
        11/00:00  departed      CN-HORGOS
        12/00:00  arrived       CN-HORGOS
    """
    assert aside(table) == ["adyc arrived KZ-AKTAU"]
    assert dump(told(table)) == dump(fold(reports(table), BOX, RULES))


def test_a_ship_that_comes_back_too_fast_is_set_aside_whether_or_not_another_report_contradicts() -> None:
    # Urumqi to Horgos is 577 km as the crow flies: 4:18 hours for a train, 12:20 for a ship, if the clocks agree.
    table = """
        1/00:00   departed  CN-URUMQI
        1/05:30   arrived   CN-HORGOS
        1/07:00   departed  CN-HORGOS
        1/12:00   arrived   CN-HORGOS  vessel
    """
    with_another = "1/00:30 arrived KZ-AKTAU by=adyc id=other\n" + table.strip()
    assert aside(table) == ["ktz arrived CN-HORGOS"]
    assert sorted(aside(with_another)) == ["adyc arrived KZ-AKTAU", "ktz arrived CN-HORGOS"]
    assert dump(told(with_another)) == dump(fold(reports(with_another), BOX, RULES))


def test_the_carrier_is_told_once_when_its_report_is_set_aside_even_by_a_later_one() -> None:
    first, wrong, right = reports("""
        2/08:00  departed  CN-XIAN
        5/09:00  arrived   KZ-AKTAU   by=adyc
        5/08:00  arrived   CN-HORGOS
    """)
    row = ContainerRow()
    assert apply(row, BOX, first, RULES).set_aside == ()
    assert apply(row, BOX, wrong, RULES).set_aside == ()
    assert apply(row, BOX, right, RULES).set_aside == [wrong]
    (later,) = reports("5/22:00 departed CN-HORGOS id=later")
    assert apply(row, BOX, later, RULES).set_aside == ()


def test_two_sources_of_one_fact_are_one_movement_with_the_time_of_the_higher_authority() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/08:00   arrived   CN-HORGOS  by=adyc
        5/09:30   arrived   CN-HORGOS
        5/22:00   departed  CN-HORGOS
    """
    assert facts(table, "dwell") == ["dwell CN-HORGOS exit 5/09:30 5/22:00"]


def test_two_sources_more_than_six_hours_apart_are_both_kept() -> None:
    table = """
        2/08:00   departed  CN-XIAN
        5/08:00   arrived   CN-HORGOS  by=adyc
        5/14:01   arrived   CN-HORGOS
        5/22:00   departed  CN-HORGOS
    """
    assert facts(table, "dwell") == ["dwell CN-HORGOS exit 5/08:00 5/22:00"]


def test_reports_of_different_trains_are_not_one_fact() -> None:
    table = """
        8/00:00   loaded    KZ-ALTYNKOL  train=T1
        8/02:00   loaded    KZ-ALTYNKOL  train=T2 by=adyc
        11/12:00  arrived   KZ-AKTAU
    """
    assert facts(table, "run") == ["run KZ-ALTYNKOL--KZ-AKTAU 8/02:00 11/12:00"]


def test_a_silence_of_more_than_45_days_ends_at_the_last_report_when_the_next_lies_off_the_way() -> None:
    table = "2/08:00 departed CN-XIAN\n 11/12:00 arrived KZ-AKTAU\n 70/08:00 departed CN-CHONGQING"
    assert journeys(table) == ["middle westbound ended 2/08:00-11/12:00", "undecided - open 70/08:00--"]


def test_after_a_silence_of_45_days_a_report_ahead_still_belongs_to_the_journey() -> None:
    table = "2/08:00 departed CN-XIAN\n 11/12:00 arrived KZ-AKTAU\n 70/08:00 arrived AZ-ALAT"
    assert journeys(table) == ["middle westbound open 2/08:00--"]
