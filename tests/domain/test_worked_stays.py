"""Worked examples of stays and runs that take too long. See `judging.py` for the tables and lines."""

from dataclasses import replace

from msgspec.structs import replace as replace_fields

from tests.domain.judging import (
    AT_ALTYNKOL,
    AT_SEA,
    DELAYED,
    LEFT,
    LINES,
    Fixed,
    exceptions,
    versions,
)
from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import chronicle
from tracker.domain.exceptions import Cause, RailException, Severity
from tracker.domain.judgement import due_at, settle
from tracker.domain.lines import Lines, Thresholds
from tracker.domain.moment import HOUR, Millis
from tracker.domain.norms import Norms
from tracker.domain.thresholds import Setting
from tracker.domain.watches import watches

# Stays.


def test_a_stay_warns_at_its_p95_and_is_critical_at_its_p99() -> None:
    assert exceptions(AT_ALTYNKOL, "10/23:59") == []
    assert exceptions(AT_ALTYNKOL, "11/00:00", "dwell") == ["11/00:00 dwell KZ-ALTYNKOL warning"]
    assert exceptions(AT_ALTYNKOL, "13/07:24", "dwell") == ["11/00:00 dwell KZ-ALTYNKOL warning"]
    assert exceptions(AT_ALTYNKOL, "14/00:00", "dwell") == [
        "11/00:00 dwell KZ-ALTYNKOL warning",
        "13/07:25 dwell KZ-ALTYNKOL critical",
    ]


def test_an_exception_says_since_when_by_which_line_and_that_it_counts_from_the_arrival() -> None:
    [opened] = versions(AT_ALTYNKOL, "11/00:00")[:1]
    assert (opened.version, opened.episode, opened.visit) == (1, 1, 0)
    assert (opened.at, opened.opened, opened.deadline) == (moment("11/00:00"),) * 3
    assert (opened.since, opened.threshold) == (moment("6/00:00"), 120 * HOUR)
    assert (opened.carrier, opened.corridor, opened.direction) == ("ktz", "middle", "westbound")
    assert (opened.source, opened.norms, opened.cause, opened.reason) == ("template", 0, Cause.UNKNOWN, None)


def test_a_stay_is_over_with_the_departure() -> None:
    table = AT_ALTYNKOL + "12/02:00 departed KZ-ALTYNKOL"
    assert exceptions(table, "12/10:00", "dwell")[-1] == "12/03:00 dwell KZ-ALTYNKOL resolved: departed"


def test_a_stay_is_over_with_a_report_from_beyond_though_nobody_said_it_left() -> None:
    table = AT_ALTYNKOL + "14/00:00 arrived KZ-AKTAU"
    assert exceptions(table, "14/10:00", "dwell")[-1] == "14/01:00 dwell KZ-ALTYNKOL resolved: departed"


def test_loaded_is_not_gone() -> None:
    assert exceptions(AT_ALTYNKOL + "10/00:00 loaded KZ-ALTYNKOL", "11/00:00", "dwell") == [
        "11/00:00 dwell KZ-ALTYNKOL warning"
    ]


def test_what_was_over_before_its_deadline_and_told_late_is_late_data() -> None:
    table = AT_ALTYNKOL + "10/20:00 departed KZ-ALTYNKOL received=12/03:00"
    assert exceptions(table, "12/10:00", "dwell") == [
        "11/00:00 dwell KZ-ALTYNKOL warning",
        "12/03:00 dwell KZ-ALTYNKOL resolved: late data",
    ]


def test_what_was_over_at_its_deadline_was_an_exception_whenever_it_was_told() -> None:
    table = AT_ALTYNKOL + "11/00:00 departed KZ-ALTYNKOL received=12/03:00"
    assert exceptions(table, "12/10:00", "dwell")[-1] == "12/03:00 dwell KZ-ALTYNKOL resolved: departed"


def test_what_is_received_at_the_clock_is_known_at_it() -> None:
    table = AT_ALTYNKOL + "11/20:00 departed KZ-ALTYNKOL received=12/00:00"
    assert exceptions(table, "12/00:00", "dwell")[-1] == "12/00:00 dwell KZ-ALTYNKOL resolved: departed"


def test_the_next_tick_at_which_something_is_due_is_the_next_deadline_and_in_the_end_the_abandonment() -> None:
    [step] = chronicle(reports(AT_ALTYNKOL), BOX, RULES, LINES)[-1:]
    assert step.position is not None
    watched = watches(step.position, LINES, Norms())
    held: list[RailException] = []
    clock, ticks = step.received, []
    while (due := due_at(watched, held, step.position, clock)) is not None:
        settle(held, watched, step.position, Fixed(gone_on=moment("6/00:00")), due)
        clock = due
        ticks.append(shown(due))
    # Warned, critical unless the others went on, critical as the next report is overdue too, at risk, late, ...
    # and surely late.
    assert ticks[:5] == ["11/00:00", "13/07:25", "14/15:25", "14/23:30", "15/11:30"]
    assert ticks[5:] == ["16/00:00", "24/20:09", "31/10:09", "51/00:01"]
    assert due_at(watched, held, None) is None
    sure = [each for each in held if each.rule == "dwell"]
    dwells = [watch for watch in watched if watch.rule == "dwell"]
    critical = [replace_fields(each, severity=Severity.CRITICAL, resolved=None) for each in sure]
    due = due_at(dwells, critical, step.position, moment("12/00:00"))
    assert shown(due) == "51/00:01", "nothing gets worse than critical"


def test_a_report_received_at_the_deadline_is_known_to_it() -> None:
    assert exceptions(AT_ALTYNKOL + "10/20:00 departed KZ-ALTYNKOL received=11/00:00", "11/10:00", "dwell") == []


def test_an_arrival_taken_back_takes_back_the_stay() -> None:
    table = AT_ALTYNKOL + "6/00:00 arrived KZ-ALTYNKOL id=came rev=2 retracted received=12/00:00"
    assert exceptions(table, "12/10:00", "dwell")[-1] == "12/00:00 dwell KZ-ALTYNKOL resolved: retracted"


def test_true_again_within_a_day_it_is_the_same_exception_with_its_new_times() -> None:
    table = AT_ALTYNKOL + "8/00:00 arrived KZ-ALTYNKOL id=came rev=2 received=12/00:00"
    assert exceptions(table, "13/10:00", "dwell") == [
        "11/00:00 dwell KZ-ALTYNKOL warning",
        "12/00:00 dwell KZ-ALTYNKOL resolved: corrected",
        "13/00:00 dwell KZ-ALTYNKOL warning",
    ]
    first, _, again = (each for each in versions(table, "13/10:00") if each.rule == "dwell")
    assert (again.id, again.version, again.resolved, again.reason) == (first.id, 3, None, None)
    assert (again.since, again.deadline) == (moment("8/00:00"), moment("13/00:00"))
    assert again.opened == first.opened


def test_true_again_after_more_than_a_day_it_is_the_next_episode() -> None:
    table = AT_ALTYNKOL + "8/00:00 arrived KZ-ALTYNKOL id=came rev=2 received=11/23:59"
    assert exceptions(table, "13/10:00", "dwell")[1:] == [
        "11/23:59 dwell KZ-ALTYNKOL resolved: corrected",
        "13/00:00 dwell KZ-ALTYNKOL #2 warning",
    ]
    first, _, second = (each for each in versions(table, "13/10:00") if each.rule == "dwell")
    assert first.id != second.id
    assert second.version == 1


def test_a_second_stay_at_the_same_node_is_another_visit() -> None:
    back = AT_ALTYNKOL + "12/00:00 departed KZ-ALTYNKOL\n 14/00:00 arrived KZ-ALMATY\n 14/02:00 departed KZ-ALMATY"
    found = versions(back + "\n 15/00:00 arrived KZ-ALTYNKOL id=again", "24/00:00")
    assert [(each.visit, each.episode, each.at) for each in found if each.rule == "dwell" and each.version == 1] == [
        (0, 1, moment("11/00:00")),
        (1, 1, moment("20/00:00")),
    ]


def test_nothing_is_planned_where_a_journey_begins_nor_at_a_node_without_a_planned_stay() -> None:
    assert exceptions("1/08:00 gate_in KZ-ALTYNKOL to=GE-POTI", "20/00:00", "dwell") == []
    assert (
        exceptions(AT_ALTYNKOL + "8/00:00 departed KZ-ALTYNKOL\n 9/00:00 arrived KZ-ALMATY", "30/00:00", "dwell") == []
    )


def test_hours_of_a_thresholds_file_take_the_place_of_the_network_s() -> None:
    thresholds = replace(LINES.thresholds, stays={"KZ-ALTYNKOL": Setting((24, 48))})
    assert exceptions(AT_ALTYNKOL, "9/00:00", "dwell", lines=Lines(RULES.network, thresholds)) == [
        "7/00:00 dwell KZ-ALTYNKOL warning",
        "8/00:00 dwell KZ-ALTYNKOL critical",
    ]


def test_what_a_carrier_s_reports_usually_come_late_by_is_waited_for() -> None:
    assert exceptions(AT_ALTYNKOL, "14/00:00", "dwell", situation=DELAYED) == [
        "11/03:00 dwell KZ-ALTYNKOL warning",
        "13/10:25 dwell KZ-ALTYNKOL critical",
    ]


def test_what_is_an_exception_stays_one_though_its_carrier_is_found_to_be_later_than_usual() -> None:
    class Learning(Fixed):
        def norms(self, clock: Millis) -> Norms:
            return Norms(20_523, delays={"ktz": 6 * HOUR if clock > moment("11/00:00") else 0})

    table = AT_ALTYNKOL + "11/01:00 loaded KZ-ALTYNKOL"
    assert exceptions(table, "12/00:00", "dwell", situation=Learning()) == ["11/00:00 dwell KZ-ALTYNKOL warning"]


def test_an_exception_says_which_norms_it_was_judged_by() -> None:
    assert {each.norms for each in versions(AT_ALTYNKOL, "14/00:00", DELAYED)} == {20_700}
    assert {each.norms for each in versions(AT_ALTYNKOL, "14/00:00")} == {0}


# Runs.


def test_a_run_warns_and_is_critical_at_its_quantiles_and_ends_with_the_arrival() -> None:
    assert exceptions(LEFT, "6/12:02", "run") == []
    assert exceptions(LEFT + "8/20:00 arrived CN-HORGOS", "9/00:00", "run") == [
        "6/12:03 run CN-XIAN--CN-HORGOS warning",
        "7/02:40 run CN-XIAN--CN-HORGOS critical",
        "8/21:00 run CN-XIAN--CN-HORGOS resolved: arrived",
    ]


def test_the_line_of_a_run_is_that_of_the_path_past_way_points_where_nothing_need_be_reported() -> None:
    # Altynkol to Aktau by Almaty, Shu, Moyynty, Zhezkazgan and Beyneu: 99.13 h warn, 105.65 h are critical.
    assert exceptions(AT_ALTYNKOL + "8/00:00 departed KZ-ALTYNKOL", "13/00:00", "run") == [
        "12/03:08 run KZ-ALTYNKOL--KZ-ALMATY warning",
        "12/09:39 run KZ-ALTYNKOL--KZ-ALMATY critical",
    ]


def test_no_line_is_below_twelve_hours() -> None:
    table = AT_ALTYNKOL.replace("6/00:00   arrived    KZ-ALTYNKOL   id=came", "")
    assert exceptions(table, "6/10:00", "run")[:1] == ["6/10:00 run CN-HORGOS--KZ-ALTYNKOL critical"]
    assert exceptions(table, "6/09:59", "run") == []


def test_the_ship_is_a_run_too() -> None:
    assert exceptions(AT_SEA, "16/00:00", "run") == [
        "15/03:48 run KZ-AKTAU--AZ-ALAT warning",
        "15/07:51 run KZ-AKTAU--AZ-ALAT critical",
    ]


def test_a_stay_at_the_end_is_only_shown_where_its_carrier_does_not_report_every_gate_out() -> None:
    there = """
    2/08:00   departed        PL-MALA        to=DE-DUISBURG
    4/08:00   arrived         DE-DUISBURG
    """
    found = {}
    for carriers in (None, frozenset({"ktz"}), frozenset({"another"})):
        lines = Lines(RULES.network, Thresholds(gate_outs=carriers))
        found[carriers] = exceptions(there, "40/00:00", "dwell", lines=lines)
    assert found[None] == found[frozenset({"ktz"})]
    assert [line.rpartition(" ")[2] for line in found[None]] == ["warning", "critical"]
    assert [line.rpartition(" ")[2] for line in found[frozenset({"another"})]] == ["warning"]


def test_a_stay_at_the_end_is_critical_where_what_follows_a_gate_out_would_have_been_told_by_then() -> None:
    # In Poti the line is 17 days, six days and a usual stay are 8: it was not stripped, nor did it come back empty.
    there = """
    2/08:00   departed        AZ-ALAT        to=GE-POTI
    4/08:00   arrived         GE-POTI
    """
    lines = Lines(RULES.network, Thresholds(gate_outs=frozenset({"another"})))
    assert [line.rpartition(" ")[2] for line in exceptions(there, "40/00:00", "dwell", lines=lines)] == [
        "warning",
        "critical",
    ]
