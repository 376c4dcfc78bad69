"""Corridors of a network file that make no sense are found, each with its line."""

import pytest

from tests.contract.small_network import SMALL, line_of, spoilt
from tracker.contract.network_file import Finding, check_network, read_network

CORRIDORS = {
    "a corridor listed twice": (
        "id: half-way",
        "id: whole-way",
        "id: whole-way\n    name: And",
        "corridor whole-way: is listed already",
    ),
    "an id with a meaning of its own": (
        "id: half-way",
        "id: undecided",
        "undecided",
        "corridor undecided: the id has a meaning",
    ),
    "directions that are not opposite": (
        "directions: [westbound, eastbound]\n    starts: [CN-EAST]\n    finishes: &",
        "directions: [westbound, northbound]\n    starts: [CN-EAST]\n    finishes: &",
        "northbound",
        "corridor whole-way: westbound and northbound: westbound, eastbound or southbound, northbound wanted, "
        "in the order of the legs first",
    ),
    "an unknown parent": (
        "parent: whole-way",
        "parent: other-way",
        "other-way",
        "corridor half-way: parent 'other-way' not among",
    ),
    "a parent that is a child": (
        "parent: whole-way",
        "parent: half-way",
        "parent: half",
        "corridor half-way: parent 'half-way' has a parent",
    ),
    "a leg that is not listed": (
        "[*china, KZ-GATE--KZ-WEST]",
        "[*china, KZ-GATE--KZ-WEST, A--B]",
        "A--B",
        "corridor half-way: leg A--B not",
    ),
    "a leg taken twice": (
        "[*china, KZ",
        "[*china, *china, KZ",
        "        - CN-GATE--KZ-GATE",
        "corridor half-way: leg CN-GATE--KZ-GATE is listed 2",
    ),
    "a counting leg of another": (
        "counting: [CN",
        "counting: [X--Y, CN",
        "X--Y",
        "corridor whole-way: counting leg X--Y not among the corr",
    ),
    "a reversed leg of another": (
        "    counting:",
        "    reversed_legs: [X--Y]\n    counting:",
        "X--Y",
        "corridor whole-way: reversed_legs leg",
    ),
    "a stay beyond the corridor": (
        "      KZ-GATE: {planned",
        "      XX: 3\n      KZ-GATE: {planned",
        "XX: 3",
        "corridor whole-way: stay at XX",
    ),
    "a finish beyond the corridor": (
        "finishes: [KZ-WEST]",
        "finishes: [XX]",
        "[XX]",
        "corridor half-way: end XX is not on the corridor",
    ),
    "a finish at a border": (
        "finishes: [KZ-WEST]",
        "finishes: [KZ-GATE]",
        "finishes: [KZ-G",
        "corridor half-way: end KZ-GATE is a border",
    ),
    "a node at both ends": (
        "finishes: [KZ-WEST]",
        "finishes: [KZ-WEST, CN-EAST]",
        "KZ-WEST, CN-EAST",
        "corridor half-way: CN-EAST is both",
    ),
    "a first section that is not the whole": (
        "{id: steppe, start: [KZ-GATE], end: *west}\n",
        "{id: steppe, start: [KZ-GATE], end: *west}\n      - {id: whole, start: [CN-GATE], end: *west}\n",
        "{id: whole, start: [CN-GATE]",
        "corridor whole-way: section whole is listed already",
    ),
    "a whole between other nodes": (
        "{id: whole, start: [CN-EAST], end: *west}",
        "{id: whole, start: [CN-GATE], end: *west}",
        "start: [CN-GATE]",
        "corridor whole-way: the first section is `whole`, from the starts to the finishes",
    ),
    "a section of no nodes of it": (
        "start: [KZ-GATE]",
        "start: [XX]",
        "start: [XX]",
        "corridor whole-way: section steppe: XX is not on",
    ),
    "a section to where it began": (
        "start: [KZ-GATE]",
        "start: [KZ-GATE, KZ-WEST]",
        "[KZ-GATE, KZ-WEST]",
        "corridor whole-way: section steppe: KZ-WEST is in",
    ),
    "a section against the order": (
        "start: [KZ-GATE], end: *west",
        "start: [KZ-WEST], end: [KZ-GATE]",
        "end: [KZ-GATE]",
        "corridor whole-way: section steppe: KZ-GATE comes before KZ-WEST",
    ),
    "a section start without a way": (
        "start: [KZ-GATE], end: *west",
        "start: [CN-GATE, KZ-WEST], end: [KZ-GATE]",
        "[CN-GATE, KZ-WEST]",
        "corridor whole-way: section steppe: no way leads from KZ-WEST to its end",
    ),
    "a leg turned round": (
        "    counting:",
        "    reversed_legs: [KZ-GATE--KZ-WEST]\n    counting:",
        "id: whole, start: [CN-EAST], end: *w",
        "corridor whole-way: section whole: no way leads from CN-EAST",
    ),
}
"""As RULES."""


@pytest.mark.parametrize("case", CORRIDORS)
def test_a_corridor_that_makes_no_sense_is_found(case: str) -> None:
    old, new, mark, message = CORRIDORS[case]
    text = spoilt(old, new)
    line = line_of(text, mark)
    findings = check_network(text)
    assert [f for f in findings if f.line == line and f.message.startswith(message)], findings


def test_legs_that_lead_in_a_circle_are_found() -> None:
    text = spoilt("      - KZ-GATE--KZ-WEST", "      - KZ-GATE--KZ-WEST\n      - CN-EAST--KZ-WEST")
    text = text.replace("    counting:", "    reversed_legs: [CN-EAST--KZ-WEST]\n    counting:")
    text = text.replace("corridors:", "  - {id: CN-EAST--KZ-WEST, km: 1800, hours: 40}\ncorridors:")
    assert check_network(text) == [
        Finding(
            line_of(text, "    legs:\n"),
            "corridor whole-way: its legs lead in a circle through CN-EAST, CN-GATE, KZ-GATE, KZ-WEST; "
            "reverse or leave out one",
        )
    ]


def test_a_leg_may_be_travelled_against_its_id() -> None:
    text = SMALL.replace("KZ-GATE--KZ-WEST", "KZ-WEST--KZ-GATE")
    assert check_network(text) != []
    text = text.replace("    sections:", "    reversed_legs: [KZ-WEST--KZ-GATE]\n    sections:")
    network = read_network(text)
    assert network.before["CN-EAST", "KZ-WEST"] == network.courses[0].bit | network.courses[2].bit
