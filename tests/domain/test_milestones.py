"""What is missed of a node that a journey went by, by the carriers that told of it. See `judging.py` for the tables."""

import pytest

from tests.domain.judging import LINES, QUIET
from tests.domain.told import BOX, RULES, moment, reports
from tracker.domain.chronicle import chronicle, judged
from tracker.domain.container import Rules
from tracker.domain.report import Kind

BY_SEA = """
    2/08:00   departed   KZ-ALMATY     to=GE-POTI
    5/08:00   arrived    KZ-AKTAU
    7/08:00   departed   KZ-AKTAU      by=adyc
    8/08:00   arrived    AZ-ALAT       by=adyc
    9/08:00   departed   AZ-ALAT
"""


def missed(table: str, **own: str) -> list[str]:
    """The nodes of which something is missed in the end, where carriers have mandatory kinds of their own."""
    kinds = {carrier: frozenset(map(Kind, said.split())) for carrier, said in own.items()}
    rules = Rules(RULES.network, RULES.authority, kinds)
    held, _ = judged(chronicle(reports(table), BOX, rules, LINES), LINES, QUIET, moment("20/00:00"))
    return [each.place for each in held if each.rule == "missed" and each.is_open]


def test_nothing_is_missed_where_an_arrival_and_a_departure_are_told_by_whomever() -> None:
    assert missed(BY_SEA + "10/00:00 arrived AZ-BOYUKKESIK") == []
    assert missed(BY_SEA.replace("9/08:00   departed   AZ-ALAT", "10/00:00 arrived AZ-BOYUKKESIK")) == ["AZ-ALAT"]


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        ("loaded departed arrived unloaded", ["KZ-AKTAU", "AZ-ALAT"]),  # each lacks one of the two
        ("departed arrived", []),
        ("loaded", ["KZ-AKTAU", "AZ-ALAT"]),
        ("border_crossed", []),  # no border goes by there
        ("gate_in gate_out customs_released", []),  # such need not happen to those that only go by
        ("", []),
    ],
)
def test_of_a_node_that_a_carrier_told_of_its_own_kinds_are_missed(own: str, wanted: list[str]) -> None:
    assert missed(BY_SEA + "10/00:00 arrived AZ-BOYUKKESIK", adyc=own) == wanted


def test_what_another_carrier_told_is_not_missed() -> None:
    also = "6/00:00 unloaded KZ-AKTAU\n 7/01:00 loaded KZ-AKTAU\n 8/12:00 unloaded AZ-ALAT\n 8/20:00 loaded AZ-ALAT"
    assert missed(f"{BY_SEA}\n{also}\n 10/00:00 arrived AZ-BOYUKKESIK", adyc="loaded unloaded") == []


def test_a_carrier_s_own_kinds_do_not_count_where_it_told_nothing() -> None:
    assert missed(BY_SEA + "10/00:00 arrived AZ-BOYUKKESIK", utlc="loaded unloaded") == []


def test_a_carrier_that_need_not_tell_of_arrivals_misses_none_but_others_do() -> None:
    table = BY_SEA.replace("8/08:00   arrived    AZ-ALAT       by=adyc", "") + "10/00:00 arrived AZ-BOYUKKESIK"
    assert missed(table) == ["AZ-ALAT"]
    assert missed(table, ktz="departed") == []
    assert missed(table, adyc="departed") == ["AZ-ALAT"], "ktz told of it, and has no kinds of its own"


def test_where_nobody_told_anything_of_a_border_that_is_missed() -> None:
    table = BY_SEA + "11/00:00 passed GE-TBILISI"
    assert missed(table, ktz="loaded", adyc="loaded") == [
        "KZ-AKTAU",
        "AZ-ALAT",
        "AZ-BOYUKKESIK",
        "GE-GARDABANI",
    ]


def test_what_is_told_later_is_not_missed_any_more() -> None:
    late = "7/01:00 loaded KZ-AKTAU by=adyc received=12/00:00\n 6/00:00 unloaded KZ-AKTAU received=12/00:00"
    assert missed(f"{BY_SEA}\n 10/00:00 arrived AZ-BOYUKKESIK\n{late}", adyc="loaded unloaded") == ["AZ-ALAT"]
