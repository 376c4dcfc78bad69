"""Containers behind a planned closure: what they come to be is marked with it from its first version on.

The line of the stay at Aktau is set; that of the sea is 27.8 and 31.8 h by the network. Nothing is learned here: no gap
of the reports makes an incident.
"""

from tests.domain.told import BOX, RULES, moment, reports
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.situation import KnownSituation
from tracker.domain.chronicle import chronicle, judged
from tracker.domain.disruption import Disruption
from tracker.domain.exceptions import RailException
from tracker.domain.lines import Lines
from tracker.domain.network import Direction
from tracker.domain.thresholds import Setting, Thresholds

AT_AKTAU = """
    2/08:00   departed  CN-XIAN
    5/08:00   arrived   CN-HORGOS
    5/22:00   departed  CN-HORGOS
    6/00:00   arrived   KZ-ALTYNKOL
    8/00:00   departed  KZ-ALTYNKOL
    11/12:00  arrived   KZ-AKTAU
"""
STAYS = Thresholds(stays={"KZ-AKTAU": Setting((48.0, 96.0))})
"""The stay at Aktau warns at 13/12:00 and is critical at 15/12:00."""


def closure(
    begins: str, ends: str, node: str = "KZ-AKTAU", direction: Direction | None = Direction.WESTBOUND
) -> Disruption:
    return Disruption("storm", node, direction, moment(begins), moment(ends), "storm")


def versions(table: str, until: str, *disruptions: Disruption, rule: str = "dwell") -> list[str]:
    """Every version of a rule's exceptions as `severity cause incident`."""
    situation = KnownSituation(Ledger(), RULES.network, moment(until), disruptions)
    lines = Lines(RULES.network, STAYS)
    _, made = judged(chronicle(reports(table), BOX, RULES, lines), lines, situation, moment(until))
    return [_told(each) for each in made if each.rule == rule]


def _told(each: RailException) -> str:
    return f"{each.severity if each.is_open else each.reason} {each.cause} {each.incident or '-'}"


def test_a_stay_that_is_too_long_at_a_closed_node_opens_marked_with_the_closure() -> None:
    assert versions(AT_AKTAU, "14/00:00", closure("12/00:00", "16/00:00")) == ["warning node storm"]


def test_without_a_closure_and_of_another_one_its_cause_is_not_known() -> None:
    elsewhere = closure("12/00:00", "16/00:00", node="KZ-KURYK")
    other_way = closure("12/00:00", "16/00:00", direction=Direction.EASTBOUND)
    for disruptions in ((), (elsewhere,), (other_way,)):
        assert versions(AT_AKTAU, "14/00:00", *disruptions) == ["warning unknown -"]


def test_a_closure_in_all_directions_explains_it_too() -> None:
    assert versions(AT_AKTAU, "14/00:00", closure("12/00:00", "16/00:00", direction=None)) == ["warning node storm"]


def test_it_stays_marked_when_it_becomes_critical_though_the_closure_is_long_over() -> None:
    assert versions(AT_AKTAU, "16/00:00", closure("13/06:00", "13/18:00")) == [
        "warning node storm",
        "critical node storm",
    ]


def test_what_was_too_long_before_the_closure_is_not_marked_until_it_gets_worse_in_it() -> None:
    assert versions(AT_AKTAU, "15/11:00", closure("14/00:00", "17/00:00")) == ["warning unknown -"]
    assert versions(AT_AKTAU, "15/13:00", closure("14/00:00", "17/00:00"))[-1] == "critical node storm"


def test_what_comes_due_after_the_closure_is_marked_for_twice_its_length() -> None:
    assert versions(AT_AKTAU, "14/00:00", closure("12/00:00", "12/12:00")) == ["warning node storm"]
    assert versions(AT_AKTAU, "14/00:00", closure("12/00:00", "12/11:00")) == ["warning unknown -"]


def test_a_container_that_comes_after_the_closure_is_not_held_back_by_it() -> None:
    assert versions(AT_AKTAU, "14/00:00", closure("1/00:00", "11/12:00")) == ["warning unknown -"]


def test_a_run_beyond_the_closed_node_and_silence_are_marked_too() -> None:
    at_sea = AT_AKTAU + "    12/12:00  departed  KZ-AKTAU  vessel\n"
    storm = closure("12/00:00", "16/00:00")
    assert versions(at_sea, "14/12:00", storm, rule="run") == ["warning node storm", "critical node storm"]
    assert versions(AT_AKTAU, "15/11:59", storm, rule="silent") == ["warning node storm"]


def test_being_late_behind_a_closed_node_is_marked_too() -> None:
    bound = AT_AKTAU.replace("CN-XIAN", "CN-XIAN to=GE-POTI")
    assert versions(bound, "40/00:00", closure("12/00:00", "40/00:00"), rule="late")[0] == "warning node storm"
    assert versions(bound, "40/00:00", rule="late")[0] == "warning unknown -"


def test_what_is_marked_is_resolved_as_ever() -> None:
    gone = AT_AKTAU + "    14/00:00  departed  KZ-AKTAU  vessel\n"
    assert versions(gone, "14/02:00", closure("12/00:00", "16/00:00")) == ["warning node storm", "departed node storm"]


def test_a_customs_hold_is_the_containers_own_whatever_is_closed() -> None:
    held = AT_AKTAU + "    11/13:00  customs_held  KZ-AKTAU\n"
    assert versions(held, "13/00:00", closure("11/00:00", "16/00:00"), rule="held") == ["warning container -"]


def test_a_closure_is_told_of_as_no_incident() -> None:
    situation = KnownSituation(Ledger(), RULES.network, moment("20/00:00"), [closure("12/00:00", "16/00:00")])
    assert situation.incidents == []
    assert situation.cause_of("storm") == "node"
    assert situation.cause_of("no such thing") == "unknown"
