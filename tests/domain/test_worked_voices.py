"""Worked examples of who speaks, whom little is said of, how exceptions end and why they are. See `judging.py`."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from tests.domain.judging import AT_ALTYNKOL, IN_GEORGIA, LEFT, LINES, Fixed, Trouble, days_after, exceptions, versions
from tests.domain.told import BOX, RULES, moment, reports
from tracker.domain.chronicle import chronicle
from tracker.domain.exceptions import Cause, RailException, Rule, Severity, voice_of
from tracker.domain.judgement import between
from tracker.domain.moment import Millis
from tracker.domain.norms import Norms
from tracker.domain.watches import watches

# Who speaks.


def test_a_critical_one_speaks_before_a_warning_one_and_of_equals_the_first_in_order() -> None:
    table = AT_ALTYNKOL + "11/22:00 customs_held KZ-ALTYNKOL"
    assert exceptions(table, "16/00:00") == [
        "11/00:00 dwell KZ-ALTYNKOL warning",
        "11/00:00 silent KZ-ALTYNKOL warning (dwell speaks)",
        "11/23:00 silent KZ-ALTYNKOL resolved: reported",
        "12/22:00 held KZ-ALTYNKOL warning",
        "13/07:25 dwell KZ-ALTYNKOL critical",
        "14/22:00 held KZ-ALTYNKOL critical",
        "15/11:30 late GE-POTI warning (held speaks)",
    ]


def test_a_warning_is_silenced_by_a_critical_one_though_its_rule_comes_first() -> None:
    assert exceptions(AT_ALTYNKOL, "15/11:30", "late") == ["15/11:30 late GE-POTI warning (dwell speaks)"]


def test_missed_and_impossible_neither_speak_for_others_nor_are_spoken_for() -> None:
    table = LEFT + "6/00:00 arrived KZ-ALTYNKOL\n 6/01:00 arrived GE-POTI by=adyc"
    assert [line for line in exceptions(table, "14/00:00") if "speaks" in line] == [
        "11/00:00 silent KZ-ALTYNKOL warning (dwell speaks)"
    ]
    late = "10/08:00 arrived GE-POTI planned received=1/06:00" + table
    assert exceptions(late, "6/12:00") == [
        "2/09:00 late GE-POTI critical",
        "6/02:00 impossible GE-POTI warning",
        "6/12:00 missed CN-HORGOS warning",
    ]


def test_what_was_silenced_is_told_when_the_one_that_spoke_is_over() -> None:
    table = AT_ALTYNKOL + "9/22:00 customs_held KZ-ALTYNKOL\n 16/12:00 customs_released KZ-ALTYNKOL"
    assert exceptions(table, "17/00:00", "held", "dwell") == [
        "10/22:00 held KZ-ALTYNKOL warning",
        "11/00:00 dwell KZ-ALTYNKOL warning (held speaks)",
        "12/22:00 held KZ-ALTYNKOL critical",
        "13/07:25 dwell KZ-ALTYNKOL critical (held speaks)",
        "16/13:00 held KZ-ALTYNKOL resolved: released",
        "16/13:00 dwell KZ-ALTYNKOL critical",
    ]


def test_what_an_incident_explains_does_not_silence_what_none_does() -> None:
    table = AT_ALTYNKOL + "9/22:00 customs_held KZ-ALTYNKOL"
    last = {each.rule: each for each in versions(table, "14/00:00")}
    held, dwell = last[Rule.HELD], last[Rule.DWELL]
    assert voice_of([held, dwell]) == held
    assert voice_of([replace(held, incident="storm"), dwell]) == dwell
    both = [replace(held, incident="storm"), replace(dwell, incident="storm")]
    assert voice_of(both) == both[0]


# Whom nothing critical is said of, and where little is said.


def test_of_a_number_that_fails_its_check_digit_nothing_is_critical() -> None:
    back = AT_ALTYNKOL + "6/20:00 departed KZ-ALTYNKOL\n 6/22:00 arrived CN-HORGOS\n 6/23:00 customs_held CN-HORGOS"
    right, wrong = (versions(back, "40/00:00", box=box) for box in ("CSQU3054383", "CSQU3054384"))
    assert {each.severity for each in wrong} == {Severity.WARNING}
    assert {each.rule for each in wrong} == {each.rule for each in right} >= {"held", "wrong_way", "late", "silent"}
    assert {each.rule for each in right if each.severity == "critical"} == {
        "held",
        "wrong_way",
        "late",
        "silent",
        "dwell",
    }


def test_at_the_end_of_its_way_only_a_hold_and_a_planned_stay_are_watched() -> None:
    table = IN_GEORGIA + "17/12:00 arrived GE-POTI\n 18/00:00 customs_held GE-POTI"
    assert exceptions(table, "60/00:00") == [
        "19/00:00 held GE-POTI warning",
        "21/00:00 held GE-POTI critical",
        "27/12:00 dwell GE-POTI warning (held speaks)",
        "35/06:15 dwell GE-POTI critical (held speaks)",
    ]


def test_at_a_reported_destination_on_the_way_nothing_more_is_late_silent_or_on_a_run() -> None:
    # It may be on any corridor by Altynkol: the longest of their lines holds, 197 h 37 min on the way to Tashkent.
    assert exceptions(AT_ALTYNKOL.replace("GE-POTI", "KZ-ALTYNKOL"), "40/00:00") == [
        "11/00:00 dwell KZ-ALTYNKOL warning",
        "14/05:37 dwell KZ-ALTYNKOL critical",
    ]


def test_what_was_missed_on_the_way_is_no_more_watched_once_it_is_there() -> None:
    table = IN_GEORGIA.replace("16/02:00  arrived    AZ-BOYUKKESIK", "") + "17/12:00 arrived GE-POTI"
    assert exceptions(table, "19/00:00") == [
        "16/17:00 missed AZ-BOYUKKESIK warning",
        "17/13:00 missed AZ-BOYUKKESIK resolved: arrived",
    ]


# Journeys that end.


def test_the_end_of_a_journey_ends_its_exceptions() -> None:
    table = IN_GEORGIA + "17/12:00 arrived GE-POTI\n 18/00:00 customs_held GE-POTI\n 20/00:00 gate_out GE-POTI truck"
    assert exceptions(table, "30/00:00") == [
        "19/00:00 held GE-POTI warning",
        "20/01:00 held GE-POTI resolved: journey ended",
    ]


def test_another_journey_ends_the_exceptions_of_one_whose_end_nobody_reported() -> None:
    table = AT_ALTYNKOL + "12/00:00 stuffed CN-CHENGDU"
    assert exceptions(table, "13/00:00", "dwell")[-1] == "12/01:00 dwell KZ-ALTYNKOL resolved: journey ended"


def test_what_one_journey_was_late_for_does_not_make_the_next_one_late() -> None:
    # Hysteresis keeps what is late: of the next journey, expected 22.6 h after its plan, nothing is to be kept.
    table = f"""{AT_ALTYNKOL}
        41/06:00  arrived    GE-POTI   planned      received=24/00:00
        25/00:00  departed   CN-XIAN   to=GE-POTI
    """
    assert exceptions(table, "25/02:00", "late") == [
        "15/11:30 late GE-POTI warning (dwell speaks)",
        "24/20:09 late GE-POTI critical",
        "25/01:00 late GE-POTI resolved: journey ended",
    ]


def test_a_journey_of_which_nothing_is_heard_for_45_days_is_abandoned_and_so_are_its_exceptions() -> None:
    assert exceptions(AT_ALTYNKOL, "51/00:00", "dwell")[-1] == "13/07:25 dwell KZ-ALTYNKOL critical"
    assert exceptions(AT_ALTYNKOL, "60/00:00", "dwell")[-1] == "51/00:01 dwell KZ-ALTYNKOL resolved: abandoned"


def test_a_clock_far_ahead_tells_the_same_as_one_that_went_there_minute_by_minute() -> None:
    far = exceptions(AT_ALTYNKOL, "60/00:00")
    assert [exceptions(AT_ALTYNKOL, days_after("6/00:00", day))[-1:] for day in (6, 8, 46)] == [
        [far[1]],
        [far[2]],
        [far[-1]],
    ]


# Why.


def test_a_stay_that_the_others_have_ended_is_critical_only_when_the_next_report_is_overdue_too() -> None:
    # The stay and the run to Aktau together: 207 h 25 min after it came. A report that nobody sent is likelier.
    gone_on = Fixed(gone_on=moment("8/00:00"))
    assert exceptions(AT_ALTYNKOL, "20/00:00", "dwell", situation=gone_on) == [
        "11/00:00 dwell KZ-ALTYNKOL warning",
        "14/15:25 dwell KZ-ALTYNKOL critical",
    ]
    assert {each.cause for each in versions(AT_ALTYNKOL, "20/00:00", gone_on)} == {Cause.CONTAINER}


def test_a_change_of_cause_is_a_version_and_makes_nothing_better() -> None:
    table = AT_ALTYNKOL + "13/12:00 customs_held KZ-ALTYNKOL"
    found = versions(table, "14/00:00", Fixed(gone_on=moment("13/13:00")))
    assert [(each.version, each.severity, each.cause) for each in found if each.rule == "dwell"] == [
        (1, "warning", "unknown"),
        (2, "critical", "unknown"),
        (3, "critical", "container"),
    ]


@pytest.mark.parametrize("opened", ["10/00:00", "12/00:00"])
def test_an_incident_explains_what_opens_and_what_is_open_and_stays_with_it(opened: str) -> None:
    storm = Fixed(troubles=[Trouble("storm", Cause.NODE, moment(opened), moment("13/00:00"))])
    found = [each for each in versions(AT_ALTYNKOL, "14/00:00", storm) if each.rule == "dwell"]
    assert [(each.incident, each.cause) for each in found][-2:] == [("storm", Cause.NODE)] * 2
    assert [each.at for each in found][-2:] == [max(moment("11/00:00"), moment(opened)), moment("13/07:25")]
    assert [each.version for each in found] == list(range(1, len(found) + 1))


def test_an_incident_that_opens_between_two_minutes_is_noticed_at_the_next() -> None:
    storm = Fixed(troubles=[Trouble("storm", Cause.NODE, Millis(moment("12/00:00") + 1), moment("13/00:00"))])
    assert exceptions(AT_ALTYNKOL, "12/06:00", "dwell", situation=storm) == [
        "11/00:00 dwell KZ-ALTYNKOL warning",
        "12/00:01 dwell KZ-ALTYNKOL warning [storm]",
    ]


def test_a_sweep_that_ends_between_an_incident_and_the_next_minute_does_not_lose_it() -> None:
    turned = Millis(moment("12/00:00") + 1)
    storm = Fixed(troubles=[Trouble("storm", Cause.NODE, turned, moment("13/00:00"))])
    [step] = chronicle(reports(AT_ALTYNKOL), BOX, RULES, LINES)[-1:]
    assert step.position is not None
    watched = watches(step.position, LINES, Norms())
    held: list[RailException] = []
    cuts = [step.received, moment("11/12:00"), turned, moment("12/00:01")]
    made = [between(held, watched, step.position, storm, span) for span in pairwise(cuts)]
    assert [[each.incident for each in versions] for versions in made] == [[None, None], [], ["storm", "storm"]]


def test_what_is_true_again_is_explained_by_what_explains_it_then() -> None:
    storm = Fixed(troubles=[Trouble("storm", Cause.NODE, moment("10/00:00"), moment("12/12:00"))])
    table = AT_ALTYNKOL + "8/00:00 arrived KZ-ALTYNKOL id=came rev=2 received=12/00:00"
    assert exceptions(table, "13/10:00", "dwell", situation=storm) == [
        "11/00:00 dwell KZ-ALTYNKOL warning [storm]",
        "12/00:00 dwell KZ-ALTYNKOL resolved: corrected",
        "13/00:00 dwell KZ-ALTYNKOL warning",
    ]


def test_nothing_is_said_of_a_container_that_does_what_is_planned() -> None:
    assert exceptions(IN_GEORGIA + "17/12:00 arrived GE-POTI\n 19/00:00 gate_out GE-POTI truck", "60/00:00") == []
