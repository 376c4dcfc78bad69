"""A network file is taken whole or refused with every finding and its line."""

import time
from importlib import resources
from pathlib import Path

import pytest

from tests.contract.small_network import SMALL, line_of, spoilt
from tracker.contract.network_file import NetworkFileError, check_network, load_network, read_network
from tracker.domain.network import Code, Direction, Hours, Leg, Section


def packaged() -> str:
    return resources.files("tracker.contract").joinpath("network.yaml").read_text("utf-8")


def test_the_packaged_file_has_no_finding() -> None:
    assert check_network(packaged()) == []


def test_the_packaged_file_is_read_in_less_than_a_second() -> None:
    began = time.perf_counter()
    load_network()
    assert time.perf_counter() - began < 1


def test_a_file_becomes_nodes_legs_and_corridors() -> None:
    network = read_network(SMALL)
    assert list(network.nodes) == ["CN-EAST", "CN-GATE", "KZ-GATE", "KZ-WEST"]
    gate = network.nodes["KZ-GATE"]
    assert (gate.stay, gate.codes, gate.gauges) == (Hours(20), (Code("unlocode", "KZGAT", nearest=True),), ())
    assert (gate.kinds, gate.latitude, gate.longitude) == (frozenset(("border", "gauge")), 40.0, 79.9)
    assert network.legs["KZ-GATE--KZ-WEST"] == Leg(
        "KZ-GATE--KZ-WEST", "KZ-GATE", "KZ-WEST", 900, Hours(20), back=Hours(25)
    )
    assert network.legs["CN-GATE--KZ-GATE"].crossing
    corridor, child = network.corridors.values()
    assert corridor.legs == child.legs == ("CN-EAST--CN-GATE", "CN-GATE--KZ-GATE", "KZ-GATE--KZ-WEST")
    assert (corridor.forward, corridor.backward) == (Direction.WESTBOUND, Direction.EASTBOUND)
    assert corridor.sections[1] == Section("steppe", frozenset(("KZ-GATE",)), frozenset(("KZ-WEST",)))
    assert corridor.stays == {"KZ-GATE": Hours(12, 30)}
    assert (corridor.tolerance_hours, corridor.target_tonnes_per_year, child.parent) == (24, None, "whole-way")


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(SMALL, "utf-8")
    assert list(load_network(path).corridors) == ["whole-way", "half-way"]


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match=r"network file .*none\.yaml, line 1: can't be read: No such file"):
        load_network(tmp_path / "none.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_bytes(SMALL.encode("utf-16"))
    with pytest.raises(NetworkFileError, match="not UTF-8"):
        load_network(path)


def test_the_error_names_the_first_finding_and_counts_the_rest() -> None:
    text = SMALL.replace("Asia/Almaty", "Asia/Nowhere")
    with pytest.raises(NetworkFileError) as caught:
        read_network(text, "mine.yaml")
    first = line_of(text, "Asia/Nowhere")
    assert str(caught.value) == (
        f"network file mine.yaml, line {first}: KZ-GATE: unknown zone 'Asia/Nowhere', "
        "an IANA name wanted, as Asia/Almaty (and 1 more)"
    )
    assert [finding.line for finding in caught.value.findings] == [first, line_of(text, "Asia/Nowhere", last=True)]


SHAPES = {
    "a country in small letters": (
        "country: KZ\n    kinds: [inland]",
        "country: kz\n    kinds: [inland]",
        "country: kz",
        "nodes.3.country: seen 'kz', string should match pattern '^[A-Z]{2}$'",
    ),
    "norway unquoted, false in YAML": (
        "country: KZ\n    kinds: [inland]",
        "country: NO\n    kinds: [inland]",
        "country: NO",
        "nodes.3.country: seen False, input should be a valid string (quote it)",
    ),
    "a missing field": ("    at: [40.0, 80.0]\n", "", "- id: CN-GATE", "nodes.1.at: missing"),
    "a field of another's": ("    gauges:", "    colour: red\n    gauges:", "colour", "nodes.1.colour: unknown field"),
    "an unknown kind": ("[inland]", "[castle]", "[castle]", "nodes.3.kinds.0: seen 'castle', input should be 'origin'"),
    "no kind": ("[inland]", "[]", "kinds: []", "nodes.3.kinds: seen [], list should have at least 1 item"),
    "half a coordinate": ("[40.0, 70.0]", "[40.0]", "[40.0]", "nodes.3.at: seen [40.0], list should have at least 2"),
    "a quoted number": ("[40.0, 70.0]", "['40', 70.0]", "'40'", "nodes.3.at.0: seen '40', input should be a valid num"),
    "an unknown scheme": ("scheme: esr", "scheme: irs", "irs", "nodes.0.codes.1.scheme: seen 'irs'"),
    "a code unquoted, octal in YAML": ("'0660'", "0660", "0660", "nodes.0.codes.1.code: seen 432"),
    "an empty name": ("name: West", "name: ''", "name: ''", "nodes.3.name: seen '', string should have at least 1"),
    "a negative stay": ("stay: 20", "stay: -1", "stay: -1", "nodes.2.stay.planned: seen -1, input should be greater"),
    "a stay in words": ("stay: 20", "stay: soon", "stay: soon", "nodes.2.stay: seen 'soon'"),
    "an unknown mode": ("km: 10,", "km: 10, mode: camel,", "camel", "legs.1.mode: seen 'camel'"),
    "a leg of one node": ("CN-EAST--CN-GATE, km", "CN-EAST, km", "CN-EAST, km", "legs.0.id: seen 'CN-EAST'"),
    "an unknown section field": (
        "{id: steppe,",
        "{id: steppe, via: x,",
        "via: x",
        "corridors.0.sections.1.via: unknown",
    ),
    "a corridor's id in capitals": ("id: half-way", "id: HALF", "HALF", "corridors.1.id: seen 'HALF'"),
    "a leg that is a number": ("      - KZ-GATE--KZ-WEST", "      - 7", "- 7", "corridors.0.legs.1.0: seen 7"),
    "a target of nothing": (
        "    counting:",
        "    target_tonnes_per_year: 0\n    counting:",
        "target_tonnes",
        "corridors.0.target_tonnes_per_year: seen 0",
    ),
}
"""What is spoilt: old and new text, a mark on the line to be named, how the message begins."""


@pytest.mark.parametrize("case", SHAPES)
def test_a_part_of_the_wrong_shape_is_found(case: str) -> None:
    old, new, mark, message = SHAPES[case]
    text = spoilt(old, new)
    (finding,) = check_network(text)
    assert finding.line == line_of(text, mark)
    assert finding.message.startswith(message)


def test_findings_come_in_the_order_of_lines() -> None:
    text = SMALL.replace("Asia/", "Esia/").replace("km: 900", "km: 9")
    lines = [finding.line for finding in check_network(text)]
    assert lines == sorted(lines)
    assert len(lines) == 6
