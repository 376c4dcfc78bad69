"""The catalogue is true: every example has its fault when the tracker really takes it in, and every code is in use."""

import ast
from pathlib import Path

import pytest

from tracker.batch import Batch
from tracker.contract.time_text import read_time
from tracker.domain.catalogue.entry import Entry, Example
from tracker.domain.faults import CATALOGUE
from tracker.domain.moment import Millis
from tracker.service import load_world
from tracker.settings import Settings

WORLD = load_world(Settings())
PACKAGE = Path(__file__).parents[2] / "tracker"

NEVER_SENT = {"E001", "W305", "W602"}
"""What no report has: a fault of the tracker's own, and what is wrong with a feed as a whole."""


def told(example: Example) -> dict[str, str]:
    """Code to outcome of everything that carriers are told when these records are all there is."""
    batch = Batch(WORLD.intake, WORLD.rules)
    until = Millis(0)
    for sent in example:
        received = read_time(sent.received)
        assert isinstance(received, int), sent.received
        batch.take(sent.carrier, sent.raw, Millis(received), sent.headers)
        until = Millis(received)
    batch.conclude(until)
    return {fault["code"]: record["outcome"] for record in batch.feedback for fault in record["faults"]}


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_the_failing_example_has_the_fault_and_the_good_one_has_none(entry: Entry) -> None:
    if entry.code in NEVER_SENT:
        assert entry.failing == ()
    else:
        found = told(entry.failing)
        wanted = "rejected" if entry.severity == "error" else "accepted"
        assert found.get(entry.code) == wanted, found
        assert min(found) == entry.code, "an example shows its own fault first"
    assert told(entry.good) == {}


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_every_entry_says_meaning_cause_and_fix(entry: Entry) -> None:
    assert all((entry.meaning, entry.cause, entry.fix))
    assert not entry.fix.endswith(".")
    assert [sent for sent in (*entry.failing, *entry.good) if len(sent.raw) > 1_000 and sent.shown is None] == []


def test_every_code_that_the_tracker_gives_is_in_the_catalogue_and_the_other_way_round() -> None:
    entries = PACKAGE / "domain" / "catalogue"
    used = {
        node.value
        for path in PACKAGE.rglob("*.py")
        if entries not in path.parents
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_code(node.value)
    }
    assert used == set(CATALOGUE)


def is_code(text: str) -> bool:
    return len(text) == 4 and text[0] in "EW" and text[1:].isdecimal()


def test_codes_come_in_the_order_that_decides() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE)
