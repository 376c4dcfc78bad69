"""What a container's reports say of its carriers: worked cases; the order in which they come changes nothing."""

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.drawn_exceptions import drawn
from tests.domain.test_container import BOX
from tests.domain.told import RULES, moment, reports
from tracker.domain.container import ContainerRow, Rules, dump, fold, load, reports_of
from tracker.domain.delay_bins import SLOT, noted
from tracker.domain.moment import DAY, HOUR, Millis
from tracker.domain.noting import apply_noting
from tracker.domain.report import Kind, Report
from tracker.domain.testifying import recount
from tracker.domain.testimony import EXPECTED, TOLD

WAY = """
    1/06:00 departed CN-XIAN
    4/06:00 arrived  CN-HORGOS
    4/20:00 departed CN-HORGOS
    4/23:00 arrived  KZ-ALTYNKOL
    6/10:00 departed KZ-ALTYNKOL
    7/09:00 passed   KZ-ALMATY
"""


def said(sent: list[Report], rules: Rules = RULES) -> Counter[tuple[int, str, int]]:
    row = fold(sent, BOX, rules)
    return recount(row, reports_of(row), rules)[1]


def milestones(table: str, rules: Rules = RULES) -> dict[str, tuple[int, int]]:
    """Who was to tell how many milestones, and told how many."""
    cells = said(reports(table), rules)
    whos = {who for _, who, key in cells if key < 0}
    return {
        who: (
            sum(times for (_, each, key), times in cells.items() if (each, key) == (who, EXPECTED)),
            sum(times for (_, each, key), times in cells.items() if (each, key) == (who, TOLD)),
        )
        for who in whos
    }


def without(*words: str) -> str:
    return "\n".join(line for line in WAY.splitlines() if not any(word in " ".join(line.split()) for word in words))


def test_borders_that_were_left_behind_count_and_the_ends_of_the_way_do_not() -> None:
    assert milestones(WAY) == {"ktz": (4, 4)}
    assert milestones("\n".join(WAY.splitlines()[:-2])) == {"ktz": (2, 2)}, "it still stands at Altynkol"


def test_what_nobody_told_counts_against_who_told_something_else_of_that_stay() -> None:
    assert milestones(without("departed KZ-ALTYNKOL")) == {"ktz": (4, 3)}


def test_what_nobody_told_anything_of_counts_against_the_node() -> None:
    assert milestones(without("KZ-ALTYNKOL")) == {"ktz": (2, 2), "@KZ-ALTYNKOL": (1, 0)}


def test_a_loading_tells_of_a_departure_and_an_unloading_of_an_arrival() -> None:
    other = WAY.replace("4/23:00 arrived ", "4/23:00 unloaded").replace("6/10:00 departed", "6/10:00 loaded")
    assert milestones(other) == {"ktz": (4, 4)}


def test_what_another_carrier_told_is_not_missed_of_this_one() -> None:
    assert milestones(WAY + "5/10:00 customs_released KZ-ALTYNKOL by=adyc") == {"ktz": (4, 4)}
    assert milestones(WAY + "5/00:00 unloaded KZ-ALTYNKOL by=adyc") == {"ktz": (4, 4), "adyc": (1, 1)}
    short = without("departed KZ-ALTYNKOL") + "\n5/00:00 unloaded KZ-ALTYNKOL by=adyc"
    assert milestones(short) == {"ktz": (4, 3), "adyc": (2, 1)}, "both were there, and nobody told"


def test_the_carriers_file_says_what_a_carrier_is_to_tell() -> None:
    gates = Rules(RULES.network, RULES.authority, {"ktz": frozenset((Kind.GATE_IN, Kind.ARRIVED))})
    assert milestones(WAY, gates) == {"ktz": (4, 2)}
    assert milestones(WAY, Rules(RULES.network, RULES.authority, {"ktz": frozenset()})) == {}


def test_a_milestone_belongs_to_the_day_in_which_the_next_node_was_reported() -> None:
    days = Counter(day - moment("1/00:00") // DAY for day, _, key in said(reports(WAY)) if key == EXPECTED)
    assert days == {3: 1, 6: 1}, "two milestones each, on the fourth and the seventh of March"


def test_a_retracted_report_was_not_told() -> None:
    assert milestones(WAY + "6/10:00 departed KZ-ALTYNKOL id=r4 rev=1 retracted") == {"ktz": (4, 3)}


def differences(table: str) -> Counter[tuple[int, str, int]]:
    return Counter({cell: times for cell, times in said(reports(table)).items() if cell[2] >= 0})


def second_word(received: str, hours: int) -> Counter[tuple[int, str, int]]:
    """What follows when ktz's time is so many hours later than adyc's: each is a witness about the other."""
    at = Millis(moment(received) + SLOT)
    return Counter({(at // DAY, "ktz", noted(at, -hours * HOUR)): 1, (at // DAY, "adyc", noted(at, hours * HOUR)): 1})


def test_the_difference_of_two_carriers_times_of_one_fact_is_known_with_the_later_word() -> None:
    assert differences(WAY) == {}
    assert differences(WAY + "4/20:00 arrived KZ-ALTYNKOL by=adyc received=5/07:03") == second_word("5/07:03", 3)
    assert differences(WAY + "5/09:00 arrived KZ-ALTYNKOL by=adyc received=5/07:03") == second_word("5/07:03", -10)


def test_what_is_further_apart_than_any_zone_is_another_fact() -> None:
    assert differences(WAY + "5/13:00 arrived KZ-ALTYNKOL by=adyc received=5/18:00") == {}


def test_a_report_that_only_repeats_its_time_says_nothing_more_and_a_corrected_one_does() -> None:
    once = WAY + "4/20:00 arrived KZ-ALTYNKOL by=adyc id=x received=5/07:03\n"
    again = "4/20:00 arrived KZ-ALTYNKOL by=adyc id=x 24t rev=1 received=5/09:00\n"
    mended = "4/23:00 arrived KZ-ALTYNKOL by=adyc id=x rev=2 received=5/10:00"
    assert differences(once + again) == second_word("5/07:03", 3)
    assert differences(once + again + mended) == second_word("5/07:03", 3) + second_word("5/10:00", 0)


@settings(max_examples=60)
@given(drawn, st.randoms(use_true_random=False))
def test_what_is_counted_on_the_way_comes_to_what_is_counted_at_once(sent: list[Report], chance: Random) -> None:
    row, counted = ContainerRow(), Counter[tuple[int, str, int]]()
    for report in chance.sample(sent, len(sent)) + chance.sample(sent, len(sent) // 3):
        apply_noting(row, BOX, report, RULES)
        if row.testimony.behind and chance.random() < 0.5:
            gone, new = recount(row, reports_of(row), RULES)
            counted.subtract(gone)
            counted.update(new)
            row = load(dump(row))
    if row.testimony.behind:
        gone, new = recount(row, reports_of(row), RULES)
        counted.subtract(gone)
        counted.update(new)
    assert Counter({cell: times for cell, times in counted.items() if times}) == said(sent) == row.testimony.cells()
