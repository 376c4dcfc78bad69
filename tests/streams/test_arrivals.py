"""Trains and vessels due at a node, of the rows of containers that left the node before it."""

from msgspec.structs import replace

from tests.domain.judging import LINES, QUIET
from tests.domain.told import RULES, moment, told
from tracker.domain.container import reports_of
from tracker.domain.network import Direction
from tracker.domain.rejudge import Judge
from tracker.streams.arrivals import carrying, due_at, leads_to
from tracker.streams.whereabouts import Open

JUDGE = Judge(RULES, LINES, QUIET)
CLOCK = moment("8/12:00")
WEST = Direction.WESTBOUND


def on_the_way(train: str, hour: int) -> str:
    return f"""
    6/00:00       arrived     CN-HORGOS
    7/00:00       departed    CN-HORGOS      train=X1
    7/04:00       arrived     KZ-ALTYNKOL
    8/{hour:02}:00  departed    KZ-ALTYNKOL    {train} to=GE-POTI
    """


def test_a_train_is_told_once_with_its_containers_counted() -> None:
    rows = [
        told(on_the_way(train, hour)) for train, hour in (("train=T1", 2), ("train=T1", 1), ("", 3), ("train=T2", 4))
    ]
    found = {each.name: each for each in due_at("KZ-AKTAU", rows, JUDGE, CLOCK)}
    assert {name: each.containers for name, each in found.items()} == {"T1": 2, None: 1, "T2": 1}
    assert found["T1"].departed == moment("8/01:00")
    assert all(CLOCK < each.low <= each.at <= each.high for each in found.values())
    assert due_at("DE-HAMBURG", rows, JUDGE, CLOCK) == []


def test_what_stands_is_on_no_train() -> None:
    assert due_at("KZ-ALTYNKOL", [told("7/04:00 arrived KZ-ALTYNKOL")], JUDGE, CLOCK) == []


def test_the_last_report_of_leaving_names_the_train_and_a_retracted_or_planned_one_does_not() -> None:
    row = told("""
    7/00:00   arrived     KZ-ALTYNKOL   train=X1
    8/00:00   loaded      KZ-ALTYNKOL   train=T1
    8/01:00   departed    KZ-ALTYNKOL   train=T2
    8/02:00   departed    KZ-ALTYNKOL   train=T9 planned
    """)
    assert carrying(reports_of(row), "KZ-ALTYNKOL") == "T2"
    assert carrying(reports_of(row), "KZ-AKTAU") is None


def test_a_place_leads_to_the_next_node_that_must_report() -> None:
    leads = leads_to("AZ-ALAT", LINES)
    at_sea = Open("middle", WEST, None, "on_time", "KZ-AKTAU")
    assert leads(at_sea)
    assert not leads(replace(at_sea, left=None, standing="KZ-AKTAU"))
    assert not leads(replace(at_sea, direction=None))
    assert not leads(replace(at_sea, left="CN-HORGOS"))
