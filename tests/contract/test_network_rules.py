"""Nodes and legs of a network file that contradict each other are found, each with its line."""

import pytest

from tests.contract.small_network import line_of, spoilt
from tracker.contract.network_file import Finding, check_network

RULES = {
    "a node listed twice": (
        "id: KZ-WEST\n",
        "id: CN-EAST\n",
        "- id: CN-EAST\n    name: West",
        "node CN-EAST is listed already",
    ),
    "an unknown zone": (
        "zone: Asia/Almaty\n    codes",
        "zone: Asia\n    codes",
        "zone: Asia\n",
        "KZ-GATE: unknown zone 'Asia'",
    ),
    "a zone outside the zones": (
        "zone: Asia/Almaty\n    codes",
        "zone: ../../etc/passwd\n    codes",
        "../..",
        "KZ-GATE: unknown",
    ),
    "a latitude beyond the pole": ("[40.0, 70.0]", "[98.0, 70.0]", "98.0", "KZ-WEST: at 98.0, 70.0, latitude -90..90"),
    "a longitude round the world": ("[40.0, 70.0]", "[40.0, 270.0]", "270.0", "KZ-WEST: at 40.0, 270.0, latitude"),
    "a code of two nodes": (
        "code: KZGAT,",
        "code: cn eas,",
        "cn eas",
        "KZ-GATE: unlocode 'cn eas' is claimed by CN-EAST",
    ),
    "a name of two nodes": (
        "name: Far Gate",
        "name: GATE station",
        "GATE st",
        "KZ-GATE: name 'GATE station' is claimed by",
    ),
    "another node's other name": (
        "name: West",
        "name: Восток",
        "name: Восток",
        "KZ-WEST: name 'Восток' is claimed by CN-EAST",
    ),
    "a name of no one": ("name: West", "name: Port", "name: Port", "KZ-WEST: name 'Port' says only station or port"),
    "a p95 below the plan": ("p95: 48", "p95: 13", "p95: 13", "CN-GATE: p95 13 h is below the planned 14 h"),
    "a leg's p95 below its plan": (
        "p95: 3}",
        "p95: 1}",
        "p95: 1}",
        "CN-GATE--KZ-GATE: p95 1 h is below the planned 2 h",
    ),
    "the way back's p95 below its plan": (
        "back: 25",
        "back: {planned: 25, p95: 24}",
        "back:",
        "KZ-GATE--KZ-WEST: p95 24 h",
    ),
    "a corridor's p95 below its plan": ("p95: 30", "p95: 11", "p95: 11", "KZ-GATE: p95 11 h is below the planned 12 h"),
    "a leg to nowhere": (
        "{id: KZ-GATE--KZ-WEST",
        "{id: KZ-GATE--KZ-END",
        "KZ-END",
        "leg KZ-GATE--KZ-END: KZ-END not among",
    ),
    "a leg to where it began": (
        "{id: KZ-GATE--KZ-WEST",
        "{id: KZ-GATE--KZ-GATE",
        "E--KZ-GATE, km: 900",
        "leg KZ-GATE--KZ-GATE joins",
    ),
    "two legs between two nodes": (
        "{id: KZ-GATE--KZ-WEST, km: 900",
        "{id: KZ-GATE--CN-GATE, km: 900",
        "km: 900, hours: 20, back",
        "leg KZ-GATE--CN-GATE joins two nodes that are joined already",
    ),
    "a leg shorter than the great circle": (
        "km: 900, hours: 20, back",
        "km: 800, hours: 20, back",
        "km: 800",
        "leg KZ-GATE--KZ-WEST: 800 km, but the great circle is 843 km",
    ),
    "a crossing inside a country": (
        "hours: 20, back: 25",
        "hours: 20, crossing: true",
        "20, crossing",
        "crossing KZ-GATE--KZ-WEST: both ends in KZ, two countries wanted",
    ),
    "a crossing at a way point": (
        "[border]",
        "[waypoint]",
        "km: 10",
        "crossing CN-GATE--KZ-GATE: CN-GATE is waypoint, a border",
    ),
}
"""As SHAPES; there may be other findings."""


@pytest.mark.parametrize("case", RULES)
def test_nodes_and_legs_that_contradict_each_other_are_found(case: str) -> None:
    old, new, mark, message = RULES[case]
    text = spoilt(old, new)
    line = line_of(text, mark)
    findings = check_network(text)
    assert [f for f in findings if f.line == line and f.message.startswith(message)], findings


def test_a_border_station_has_one_crossing() -> None:
    text = spoilt("kinds: [inland]", "kinds: [border]").replace("hours: 20, back: 25", "hours: 20, crossing: true")
    text = text.replace("country: KZ\n    kinds: [border]", "country: UZ\n    kinds: [border]")
    assert check_network(text) == [
        Finding(
            line_of(text, "20, crossing"),
            "crossing KZ-GATE--KZ-WEST: KZ-GATE has the crossing CN-GATE--KZ-GATE already, one wanted",
        )
    ]


@pytest.mark.parametrize(("km", "fine"), [(817, True), (815, False)])
def test_a_leg_may_fall_three_percent_and_a_kilometre_short_of_the_great_circle(km: int, *, fine: bool) -> None:
    """The great circle is 842.7 km."""
    assert (check_network(spoilt("km: 900, hours: 20, back", f"km: {km}, hours: 20, back")) == []) is fine


def test_a_node_may_repeat_its_own_name_in_another_spelling() -> None:
    assert check_network(spoilt("[Восток, 东]", "[EAST, Восток, 东]")) == []
