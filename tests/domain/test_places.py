"""Carriers' codes and names mean the right node, or none."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.contract.network_file import load_network
from tracker.domain.network import Code, Network
from tracker.domain.places import MAX_TEXT, REMEMBERED, Place, Places, folded_code, folded_name


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network()


@pytest.fixture(scope="module")
def places(network: Network) -> Places:
    return Places(network)


def with_codes(network: Network, codes: dict[str, tuple[Code, ...]]) -> Places:
    """The network's places with other codes at some nodes."""
    nodes = (replace(node, codes=codes.get(node.id, node.codes)) for node in network.nodes.values())
    return Places(Network(nodes, network.legs.values(), network.corridors.values()))


def test_every_code_of_the_network_resolves_to_its_node(network: Network, places: Places) -> None:
    for node in network.nodes.values():
        for code in node.codes:
            expected = Place(node.id, nearest=code.nearest)
            assert places.resolve(code.scheme, code.code) == expected
            assert places.resolve_any(code.code) == expected


def test_every_name_of_the_network_resolves_to_its_node(network: Network, places: Places) -> None:
    for node in network.nodes.values():
        for name in (node.name, *node.names):
            assert places.resolve("name", name) == Place(node.id, by_name=True)


def test_own_ids_resolve_in_any_case(network: Network, places: Places) -> None:
    for node in network.nodes:
        assert places.resolve("id", node) == places.resolve_any(node.lower()) == Place(node)


@pytest.mark.parametrize(
    ("code", "node"),
    [
        ("CNCQI", "CN-CHONGQING"),
        ("CNCKG", "CN-CHONGQING"),
        ("CNCHQ", "CN-CHONGQING"),
        ("CNCTU", "CN-CHENGDU"),
        ("CNCGO", "CN-ZHENGZHOU"),
        ("CNURC", "CN-URUMQI"),
        ("CNRLC", "CN-ERENHOT"),
        ("CNERC", "CN-ERENHOT"),
        ("TMKRW", "TM-TURKMENBASHI"),
        ("TMKRA", "TM-TURKMENBASHI"),
    ],
)
def test_all_codes_of_one_city_mean_its_node(places: Places, code: str, node: str) -> None:
    assert places.resolve("unlocode", code) == Place(node)


@pytest.mark.parametrize("code", ["kzdos", "KZ DOS", " KZDOS "])
def test_a_locode_is_forgiven_its_case_and_blanks(places: Places, code: str) -> None:
    assert places.resolve("unlocode", code) == Place("KZ-DOSTYK")


@pytest.mark.parametrize(("code", "node"), [("KZHOR", "KZ-ALTYNKOL"), ("IRTHR", "IR-APRIN")])
def test_a_neighbours_code_is_taken_with_a_doubt(places: Places, code: str, node: str) -> None:
    assert places.resolve("unlocode", code) == Place(node, nearest=True)


def test_the_code_of_alashankou_that_lies_on_the_wrong_side_is_unknown(places: Places) -> None:
    assert places.resolve("unlocode", "KZALS") is None


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("Druzhba", "KZ-DOSTYK"),
        ("ДРУЖБА", "KZ-DOSTYK"),
        ("Dosytk", "KZ-DOSTYK"),
        ("ст. Достык", "KZ-DOSTYK"),
        ("станция Алтынколь", "KZ-ALTYNKOL"),
        ("Порт Актау", "KZ-AKTAU"),
        ("Актау-Порт", "KZ-AKTAU"),
        ("AKTAU PORT", "KZ-AKTAU"),
        ("Shevchenko", "KZ-AKTAU"),
        ("Красноводск", "TM-TURKMENBASHI"),
        ("Türkmenbaşy", "TM-TURKMENBASHI"),
        ("霍尔果斯站", "CN-HORGOS"),
        ("阿拉山口口岸", "CN-ALASHANKOU"),
        ("连云港港", "CN-LYG"),
        ("巴统港", "GE-BATUMI"),
        ("Xian", "CN-XIAN"),
        ("XI’AN", "CN-XIAN"),
        ("Ürümqi", "CN-URUMQI"),
        ("Łódź", "PL-LODZ"),
        ("HALKALI", "TR-HALKALI"),
        ("Böyük-Kəsik", "AZ-BOYUKKESIK"),
        ("boyukkesik", "AZ-BOYUKKESIK"),
        ("Iletsk 1", "KZ-ILETSK1"),
        ("Илецк-1", "KZ-ILETSK1"),
        ("Брест-Северный", "BY-BREST"),
        ("Маньчжурия", "CN-MANZHOULI"),
        ("Małaszewicze", "PL-MALA"),
        ("Sarakhs", "IR-SARAKHS"),
        ("Serakhs", "TM-SERAHS"),
        ("Khorgos Gateway", "KZ-ALTYNKOL"),
    ],
)
def test_names_are_known_in_any_script_and_spelling_listed(places: Places, name: str, node: str) -> None:
    assert places.resolve("name", name) == places.resolve_any(name) == Place(node, by_name=True)


@pytest.mark.parametrize(
    "text", ["", " ", "-", "Port", "станция", "港", "Aktua", "Dostik", "XXXXX", "KZ-", "\x00", "\ud800"]
)
def test_what_is_not_listed_is_unknown_and_never_guessed(places: Places, text: str) -> None:
    assert places.resolve_any(text) is None
    assert places.resolve("name", text) is None


def test_a_name_is_no_code_and_an_unknown_scheme_has_no_codes(places: Places) -> None:
    assert places.resolve("unlocode", "Dostyk") is None
    assert places.resolve("name", "KZDOS") is None
    assert places.resolve("gps", "KZDOS") is None


def test_a_bare_code_that_two_schemes_give_to_different_nodes_is_unknown(network: Network) -> None:
    places = with_codes(network, {"KZ-SHU": (Code("esr", "7000"),), "KZ-BEYNEU": (Code("uic", "7000"),)})
    assert places.resolve_any("7000") is None
    assert places.resolve("esr", "7000") == Place("KZ-SHU")
    assert places.resolve("uic", "7000") == Place("KZ-BEYNEU")


def test_a_bare_code_that_two_schemes_give_to_one_node_is_known_without_the_lesser_doubt(network: Network) -> None:
    places = with_codes(network, {"KZ-SHU": (Code("esr", "7000", nearest=True), Code("uic", "7000"))})
    assert places.resolve_any("7000") == Place("KZ-SHU")


def test_a_locode_goes_before_other_schemes(network: Network) -> None:
    places = with_codes(network, {"KZ-SHU": (Code("smdg", "KZDOS"),)})
    assert places.resolve_any("KZDOS") == Place("KZ-DOSTYK")


@pytest.mark.parametrize(
    ("text", "node"),
    [("Dostik", "KZ-DOSTYK"), ("Алтынкуль", "KZ-ALTYNKOL"), ("Aktua", "KZ-AKTAU"), ("KZ-DOSTIK", "KZ-DOSTYK")],
)
def test_the_hint_begins_with_what_was_probably_meant(places: Places, text: str, node: str) -> None:
    hint = places.nearest_names(text)
    first = places.resolve_any(hint[0])
    assert first is not None
    assert (first.node, len(hint)) == (node, 3)


def test_the_hint_names_different_nodes_and_is_empty_for_what_resembles_nothing(places: Places) -> None:
    nodes = [place.node for name in places.nearest_names("Aktogay", 5) if (place := places.resolve_any(name))]
    assert len(nodes) == len(set(nodes)) == 5
    assert places.nearest_names("♞♞♞") == ()


def test_a_text_longer_than_any_name_is_unknown(places: Places) -> None:
    assert places.resolve_any("Dostyk".ljust(MAX_TEXT)) is not None
    assert places.resolve_any("Dostyk".ljust(MAX_TEXT + 1)) is None


def test_more_texts_than_are_remembered_change_no_answer(network: Network) -> None:
    places = Places(network)
    for i in range(REMEMBERED + 10):
        assert places.resolve("unlocode", f"XX{i}") is None
    assert places.resolve("unlocode", "KZDOS") == Place("KZ-DOSTYK")


@given(st.text())
def test_any_text_gets_an_answer_and_the_same_again(places: Places, text: str) -> None:
    assert places.resolve_any(text) == places.resolve_any(text)
    assert len(places.nearest_names(text)) <= 3


@given(st.text())
def test_folding_twice_changes_nothing_in_codes(text: str) -> None:
    assert folded_code(folded_code(text)) == folded_code(text)


def test_folding_keeps_the_number_of_a_station() -> None:
    assert folded_name("Алматы-1") != folded_name("Алматы-2")
