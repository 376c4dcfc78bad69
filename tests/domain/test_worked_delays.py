"""Worked examples of what is late, silent, held, astray or missed. See `judging.py` for the tables and lines."""

from tests.domain.judging import (
    AT_ALTYNKOL,
    AT_SEA,
    DELAYED,
    IN_GEORGIA,
    LEFT,
    PLAN,
    Fixed,
    Trouble,
    exceptions,
    versions,
)
from tests.domain.told import moment
from tracker.domain.exceptions import Cause
from tracker.domain.moment import HOUR

# Late.


def test_late_by_plan_warns_a_day_and_is_critical_three_days_after_it() -> None:
    # At Altynkol 261.3 h are to come: after 10/10:45 it will not be in Poti by 21/08:00, a day after the plan. Of a
    # hundred three take 159.5 h at most, and an arrival is told within an hour and a half: 23/08:00 is out of reach.
    assert exceptions(PLAN + AT_ALTYNKOL, "17/00:00", "late") == [
        "10/10:45 late GE-POTI warning",
        "16/18:01 late GE-POTI critical",
    ]
    [opened, _] = [each for each in versions(PLAN + AT_ALTYNKOL, "17/00:00") if each.rule == "late"]
    assert (opened.source, opened.since, opened.threshold) == ("plan", moment("20/08:00"), 24 * HOUR)


def test_only_a_plan_made_before_departure_is_a_promise() -> None:
    after = PLAN.replace("received=1/06:00", "received=3/06:00") + AT_ALTYNKOL
    assert exceptions(after, "16/00:00", "late") == exceptions(AT_ALTYNKOL, "16/00:00", "late")


def test_of_several_plans_the_last_one_holds() -> None:
    first = "10/08:00  arrived  GE-POTI  planned  received=1/05:00\n"
    assert exceptions(first + PLAN + AT_ALTYNKOL, "16/00:00", "late") == exceptions(
        PLAN + AT_ALTYNKOL, "16/00:00", "late"
    )


def test_late_without_a_plan_is_against_the_arrival_predicted_at_departure() -> None:
    # The p95 from Xi'an is on 26/08:44, 261.3 h before it is 15/11:29; the p99, 31/10:08, less 158 h is 24/20:08.
    assert exceptions(AT_ALTYNKOL, "15/11:29", "late") == []
    assert exceptions(AT_ALTYNKOL, "25/00:00", "late") == [
        "15/11:30 late GE-POTI warning (dwell speaks)",
        "24/20:09 late GE-POTI critical",
    ]


def test_late_is_no_more_so_only_when_clearly_in_time_so_that_nothing_flaps() -> None:
    onward = PLAN + AT_ALTYNKOL + "10/12:00 departed KZ-ALTYNKOL\n"
    hardly = exceptions(onward + "14/02:00 arrived KZ-AKTAU", "14/12:00", "late")
    assert hardly == ["10/10:45 late GE-POTI warning"], "expected less than 24 h after the plan, more than 19.2 h"
    clearly = exceptions(onward + "13/20:00 arrived KZ-AKTAU", "14/12:00", "late")
    assert clearly[1:] == ["13/21:00 late GE-POTI resolved: expected in time"]


def test_not_late_before_it_is_late_though_the_plan_is_tight() -> None:
    # What would keep it late, were it late already, does not make it so.
    quick = PLAN + AT_ALTYNKOL + "8/00:00 departed KZ-ALTYNKOL\n 14/02:00 arrived KZ-AKTAU"
    assert exceptions(quick, "14/03:00", "late") == []


def test_late_is_over_when_it_arrives_however_late() -> None:
    table = AT_ALTYNKOL + "29/00:00 departed KZ-ALTYNKOL\n 34/00:00 arrived GE-POTI"
    assert exceptions(table, "36/00:00", "late")[-1] == "34/01:00 late GE-POTI resolved: arrived"


def test_nothing_is_late_before_it_has_left_or_while_nobody_knows_where_it_goes() -> None:
    assert exceptions(PLAN + "\n 1/08:00 gate_in CN-XIAN to=GE-POTI", "40/00:00", "late") == []
    assert exceptions(AT_ALTYNKOL.replace("to=GE-POTI", ""), "40/00:00", "late") == []


# Silence.


def test_silence_on_rail_is_a_matter_of_36_hours_where_the_lines_are_shorter() -> None:
    table = IN_GEORGIA.replace("16/03:00  departed   AZ-BOYUKKESIK", "").partition("    16/05:00")[0]
    assert exceptions(table, "17/13:59", "silent") == []
    assert exceptions(table, "20/00:00", "silent") == [
        "17/14:00 silent AZ-BOYUKKESIK warning",
        "19/02:00 silent AZ-BOYUKKESIK critical",
    ]


def test_silence_at_sea_is_a_matter_of_48_hours() -> None:
    assert exceptions(AT_SEA, "15/23:59", "silent") == []
    assert exceptions(AT_SEA, "16/00:00", "silent") == ["16/00:00 silent KZ-AKTAU warning (run speaks)"]


def test_silence_is_no_shorter_than_the_stay_it_is_in() -> None:
    assert exceptions(AT_ALTYNKOL, "10/23:59", "silent") == []
    assert exceptions(AT_ALTYNKOL, "11/00:00", "silent") == ["11/00:00 silent KZ-ALTYNKOL warning (dwell speaks)"]


def test_silence_is_no_shorter_than_twice_the_carrier_s_usual_gap() -> None:
    table = IN_GEORGIA.replace("16/03:00  departed   AZ-BOYUKKESIK", "").partition("    16/05:00")[0]
    assert exceptions(table, "18/16:59", "silent", situation=DELAYED) == []
    assert exceptions(table, "18/17:00", "silent", situation=DELAYED) == ["18/17:00 silent AZ-BOYUKKESIK warning"]


def test_any_report_ends_a_silence() -> None:
    table = AT_ALTYNKOL + "12/00:00 customs_held KZ-ALTYNKOL"
    assert exceptions(table, "12/10:00", "silent")[-1] == "12/01:00 silent KZ-ALTYNKOL resolved: reported"


def test_a_silence_again_within_a_day_of_the_last_is_measured_from_its_own_last_report() -> None:
    table = f"""{AT_ALTYNKOL}
        8/00:00   customs_held       KZ-ALTYNKOL   received=12/00:00
        12/00:00  customs_released   KZ-ALTYNKOL   received=13/06:00
    """
    found = [each for each in versions(table, "13/12:00") if each.rule == "silent"]
    assert [(each.at, each.since, each.deadline, each.reason) for each in found] == [
        (moment("11/00:00"), moment("6/00:00"), moment("11/00:00"), None),
        (moment("12/00:00"), moment("6/00:00"), moment("11/00:00"), "late data"),
        (moment("13/00:00"), moment("8/00:00"), moment("13/00:00"), None),
        (moment("13/06:00"), moment("8/00:00"), moment("13/00:00"), "late data"),
    ]
    assert [each.version for each in found] == [1, 2, 3, 4]


# Customs.


def test_a_hold_warns_after_a_day_is_critical_after_three_and_ends_with_the_release() -> None:
    table = AT_ALTYNKOL + "6/10:00 customs_held KZ-ALTYNKOL\n 10/10:00 customs_released KZ-ALTYNKOL"
    assert exceptions(table, "7/09:59") == []
    assert exceptions(table, "10/12:00") == [
        "7/10:00 held KZ-ALTYNKOL warning",
        "9/10:00 held KZ-ALTYNKOL critical",
        "10/11:00 held KZ-ALTYNKOL resolved: released",
    ]


def test_holds_a_day_or_less_apart_are_one_exception_and_later_ones_the_next_episode() -> None:
    table = (
        AT_ALTYNKOL
        + """
        6/10:00   customs_held       KZ-ALTYNKOL
        7/12:00   customs_released   KZ-ALTYNKOL
        7/12:30   customs_held       KZ-ALTYNKOL
        8/16:00   customs_released   KZ-ALTYNKOL
        9/10:00   customs_held       KZ-ALTYNKOL
    """
    )
    assert exceptions(table, "10/12:00", "held") == [
        "7/10:00 held KZ-ALTYNKOL warning",
        "7/13:00 held KZ-ALTYNKOL resolved: released",
        "8/12:30 held KZ-ALTYNKOL warning",
        "8/17:00 held KZ-ALTYNKOL resolved: released",
        "10/10:00 held KZ-ALTYNKOL #2 warning",
    ]


def test_a_container_seen_beyond_was_let_go_whoever_forgot_to_say_so() -> None:
    table = AT_ALTYNKOL + "6/10:00 customs_held KZ-ALTYNKOL\n 9/00:00 arrived KZ-ALMATY"
    assert exceptions(table, "9/10:00", "held")[-1] == "9/01:00 held KZ-ALTYNKOL resolved: released"


def test_the_cause_of_a_hold_is_the_container_whatever_else_is_known() -> None:
    storm = Fixed(troubles=[Trouble("storm", Cause.NODE, moment("5/00:00"), moment("30/00:00"))])
    table = AT_ALTYNKOL + "6/10:00 customs_held KZ-ALTYNKOL"
    assert {each.cause for each in versions(table, "10/00:00", storm) if each.rule == "held"} == {Cause.CONTAINER}


# What is wrong with the way, and with the reports.


def test_a_leg_against_its_direction_out_and_in_is_critical_at_once_until_it_is_back() -> None:
    table = (
        AT_ALTYNKOL
        + """
        6/20:00   departed   KZ-ALTYNKOL
        6/22:00   arrived    CN-HORGOS
        7/02:00   departed   CN-HORGOS
        7/05:00   arrived    KZ-ALTYNKOL
    """
    )
    assert exceptions(table, "8/00:00", "wrong_way") == [
        "6/23:00 wrong_way CN-HORGOS--KZ-ALTYNKOL critical",
        "7/06:00 wrong_way CN-HORGOS--KZ-ALTYNKOL resolved: back on its way",
    ]


def test_a_leg_back_of_which_only_the_arrival_was_reported_is_no_wrong_way() -> None:
    assert exceptions(AT_ALTYNKOL + "6/22:00 arrived CN-HORGOS", "8/00:00", "wrong_way") == []


def test_a_border_passed_without_a_word_is_missed_twelve_hours_after_the_report_from_beyond() -> None:
    table = LEFT + "6/00:00 arrived KZ-ALTYNKOL"
    assert exceptions(table, "6/11:59", "missed") == []
    assert exceptions(table, "20/00:00", "missed") == ["6/12:00 missed CN-HORGOS warning"]


def test_what_is_reported_late_is_no_more_missed_once_both_its_times_are() -> None:
    table = (
        LEFT
        + """
        6/00:00   arrived    KZ-ALTYNKOL
        5/20:00   arrived    CN-HORGOS   received=9/00:00
        5/22:00   departed   CN-HORGOS   received=10/00:00
    """
    )
    assert exceptions(table, "12/00:00", "missed") == [
        "6/12:00 missed CN-HORGOS warning",
        "10/00:00 missed CN-HORGOS resolved: late data",
    ]


def test_a_way_point_and_the_origin_may_go_unreported() -> None:
    assert (
        exceptions(AT_ALTYNKOL + "8/00:00 departed KZ-ALTYNKOL\n 11/12:00 arrived KZ-AKTAU", "12/12:00", "missed") == []
    )


def test_two_places_at_once_are_impossible_from_when_it_is_known_until_one_is_taken_back() -> None:
    there = "\n 6/01:00 arrived GE-POTI by=adyc id=there"
    table = AT_ALTYNKOL + there + there + " rev=2 retracted received=6/09:00"
    assert exceptions(table, "7/00:00") == [
        "6/02:00 impossible GE-POTI warning",
        "6/09:00 impossible GE-POTI resolved: retracted",
    ]
    assert {each.cause for each in versions(table, "7/00:00")} == {Cause.CARRIER}
