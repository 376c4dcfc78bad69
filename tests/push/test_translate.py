"""Rows into native events."""

from pathlib import Path
from typing import Any

import pytest

from tests.push.builders import BOX, MAPPING, mapping, network, row
from tracker.push.command import node_finder
from tracker.push.local_time import NO_ZONE
from tracker.push.table import Row
from tracker.push.translate import EMPTY_ROW, OVERLONG_ROW, Event, Outcome, Refused, Skipped, Translator

ARRIVED = {
    "container": BOX,
    "node": {"scheme": "name", "code": "East"},
    "occurred_at": "2026-03-01T08:40:00+05:00",
    "kind": "arrived",
}


def translated(folder: Path, wanted: Row, text: str = MAPPING) -> Outcome:
    return Translator(mapping(folder, text), node_finder(network())).translate(wanted)


def body(folder: Path, wanted: Row, text: str = MAPPING) -> dict[str, Any]:
    outcome = translated(folder, wanted, text)
    assert isinstance(outcome, Event)
    return dict(outcome.body)


def test_a_row_becomes_a_native_event_in_the_zone_of_its_node(tmp_path: Path) -> None:
    assert translated(tmp_path, row()) == Event(2, ARRIVED)


def test_a_named_zone_holds_wherever_the_node_is(tmp_path: Path) -> None:
    text = MAPPING.replace("zone: node", "zone: Europe/Moscow")

    assert body(tmp_path, row(), text)["occurred_at"] == "2026-03-01T08:40:00+03:00"


def test_at_an_unknown_node_the_time_goes_on_without_an_offset_and_is_told(tmp_path: Path) -> None:
    outcome = translated(tmp_path, row(station="Nowhere"))

    assert outcome == Event(
        2, ARRIVED | {"node": {"scheme": "name", "code": "Nowhere"}, "occurred_at": "2026-03-01T08:40:00"}, (NO_ZONE,)
    )


def test_words_are_found_whatever_their_case_and_spaces(tmp_path: Path) -> None:
    assert body(tmp_path, row(operation="  прибытие\u00a0 ")) == ARRIVED


def test_a_star_in_a_word_stands_for_any_text_and_whole_words_come_first(tmp_path: Path) -> None:
    text = MAPPING.replace("Weighed:", "Arr* at *: {kind: passed}\n      Arr*: {kind: unloaded}\n      Weighed:")

    kinds = [body(tmp_path, row(operation=word), text)["kind"] for word in ("Arrived", "arr. at gate 2", "Arr.")]

    assert kinds == ["arrived", "passed", "unloaded"]


def test_a_word_that_is_no_movement_is_skipped_with_its_reason(tmp_path: Path) -> None:
    assert translated(tmp_path, row(operation="Weighed")) == Skipped(2, "paperwork")


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        ("reject", Refused(2, "operation 'Lost' is not in the mapping")),
        ("skip", Skipped(2, "operation 'Lost' is not in the mapping")),
        ("pass", Event(2, ARRIVED | {"kind": "Lost"})),
    ],
)
def test_a_word_the_mapping_lacks_is_refused_skipped_or_passed_on_as_told(
    tmp_path: Path, policy: str, outcome: Outcome
) -> None:
    text = MAPPING.replace("  - column: operation\n", f"  - column: operation\n    unmapped: {policy}\n")

    assert translated(tmp_path, row(operation="Lost"), text) == outcome


def test_an_empty_operation_sets_nothing_and_is_left_to_the_tracker(tmp_path: Path) -> None:
    assert "kind" not in body(tmp_path, row(operation=""))


def test_an_empty_row_is_skipped_and_one_with_too_many_cells_refused(tmp_path: Path) -> None:
    empty = row(container="", station="", operation="", time="")

    assert translated(tmp_path, empty) == Skipped(2, EMPTY_ROW)
    assert translated(tmp_path, Row(2, row().cells, overlong=True)) == Refused(2, OVERLONG_ROW)


CODES = """\
  node:
    - {column: code, scheme: esr, values: {E7: XX-EAST}}
    - {column: station, scheme: name}
"""


@pytest.mark.parametrize(
    ("code", "station", "node"),
    [
        ("700007", "West", {"scheme": "esr", "code": "700007"}),  # the first place known
        ("999999", "West", {"scheme": "name", "code": "West"}),  # the code is not, the name is
        ("", "West", {"scheme": "name", "code": "West"}),
        ("e7", "West", "XX-EAST"),  # the carrier's own code
        ("999999", "Nowhere", {"scheme": "esr", "code": "999999"}),  # neither: the first given, for the fault
        ("", "", None),
    ],
)
def test_a_node_is_the_first_place_the_network_knows_else_the_first_given(
    tmp_path: Path, code: str, station: str, node: object
) -> None:
    text = MAPPING.replace("  node: [{column: station, scheme: name}]\n", CODES).replace(
        "columns:\n", "columns:\n  code: code\n", 1
    )

    assert body(tmp_path, row(code=code, station=station), text).get("node") == node


FLAGS = """\
rules:
  - {when: {planned: t}, set: {classifier: planned}}
  - {when: {planned: [t, ""], eta: t}, set: {classifier: estimated}}
  - {when: {planned: "*", operation: departed}, set: {unset: laden}}
"""


@pytest.mark.parametrize(
    ("planned", "eta", "classifier"),
    [("f", "f", None), ("t", "f", "planned"), ("t", "t", "estimated"), ("", "t", "estimated"), ("f", "t", None)],
)
def test_flag_columns_decide_the_classifier_by_rules_of_which_the_last_wins(
    tmp_path: Path, planned: str, eta: str, classifier: str | None
) -> None:
    text = MAPPING.replace("columns:\n", "columns:\n  planned: planned\n  eta: eta\n", 1) + FLAGS

    assert body(tmp_path, row(planned=planned, eta=eta), text).get("classifier") == classifier


def test_a_star_alone_asks_for_any_text_and_a_rule_can_unset_a_field(tmp_path: Path) -> None:
    text = MAPPING.replace("columns:\n", "columns:\n  planned: planned\n  eta: eta\n", 1) + FLAGS

    laden = [body(tmp_path, row(operation="Departed", planned=flag, eta="f"), text).get("laden") for flag in ("", "f")]

    assert laden == [True, None]


def test_constants_give_way_to_columns_and_these_to_words(tmp_path: Path) -> None:
    text = (
        MAPPING.replace("columns:\n", "columns:\n  train: train\n", 1)
        .replace("fields:\n", "fields:\n  vessel: {column: train}\n")
        .replace("Departed: {", "Departed: {mode: barge, ")
        + "constants: {mode: rail, vessel: none}\n"
    )

    found = [
        (event["mode"], event["vessel"])
        for event in (
            body(tmp_path, row(train=""), text),
            body(tmp_path, row(train="K7", operation="Departed"), text),
        )
    ]

    assert found == [("rail", "none"), ("barge", "K7")]


@pytest.mark.parametrize(
    ("text", "kg"), [("24,5", 24_500), ("24.5", 24_500), ("1 024", 1_024_000), ("heavy", "heavy"), ("", None)]
)
def test_a_mass_in_tonnes_becomes_kilograms_and_what_is_no_number_stays_as_it_stands(
    tmp_path: Path, text: str, kg: object
) -> None:
    wanted = MAPPING.replace("columns:\n", "columns:\n  mass: mass\n", 1).replace(
        "fields:\n", "fields:\n  gross_kg: {column: mass, factor: 1000}\n"
    )

    assert body(tmp_path, row(mass=text), wanted).get("gross_kg") == kg


def test_rows_carry_no_id_unless_the_mapping_names_what_identifies_them(tmp_path: Path) -> None:
    text = MAPPING + "identity: [container, node, kind]\n"

    first, corrected, other = (
        body(tmp_path, wanted, text)["id"]
        for wanted in (row(), row(time="01.03.2026 09:10"), row(operation="Departed"))
    )

    assert "id" not in body(tmp_path, row())
    assert first == corrected != other
