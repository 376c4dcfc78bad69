"""A thresholds file sets hours; what is wrong in it is found with its line before anything is judged by it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tracker.contract.network_file import load_network
from tracker.contract.thresholds_file import ThresholdsFileError, check_thresholds, load_thresholds, read_thresholds
from tracker.contract.yaml_document import Finding
from tracker.domain.facts import Side
from tracker.domain.network import Direction
from tracker.domain.thresholds import Scope, Setting, Thresholds

NETWORK = load_network()

WHOLE = """\
late: {warning: 12, critical: 48}
silent_rail: {warning: 30, critical: 60}
silent_sea: {warning: 40, critical: 80}
held: {warning: 6, critical: 6}
missed: 8
least: 10
stays:
  KZ-AKTAU: {warning: 96, critical: 192}
  KZ-ALTYNKOL:
    warning: 48
    critical: 96
    overrides:
      - {side: entry, direction: westbound, corridor: middle, warning: 60, critical: 120}
      - {direction: eastbound, warning: 24, critical: 72}
runs:
  KZ-AKTAU--AZ-ALAT:
    overrides:
      - {direction: westbound, warning: 60, critical: 120}
"""


def test_every_field_of_a_file_is_read() -> None:
    assert read_thresholds(WHOLE, NETWORK) == Thresholds(
        late=(12, 48),
        silent_rail=(30, 60),
        silent_sea=(40, 80),
        held=(6, 6),
        missed=8,
        least=10,
        stays={
            "KZ-AKTAU": Setting((96, 192)),
            "KZ-ALTYNKOL": Setting(
                (48, 96),
                (
                    (Scope("middle", Direction.WESTBOUND, Side.ENTRY), (60, 120)),
                    (Scope(direction=Direction.EASTBOUND), (24, 72)),
                ),
            ),
        },
        runs={"KZ-AKTAU--AZ-ALAT": Setting(None, ((Scope(direction=Direction.WESTBOUND), (60, 120)),))},
    )


def test_what_a_file_does_not_name_keeps_its_default() -> None:
    assert read_thresholds("missed: 8", NETWORK) == Thresholds(missed=8)


def test_without_a_file_the_defaults_hold() -> None:
    assert load_thresholds(None, NETWORK) == Thresholds()


def test_the_example_in_the_modules_docstring_is_good() -> None:
    from tracker.contract import thresholds_file

    assert thresholds_file.__doc__ is not None
    example = thresholds_file.__doc__.split("\n\n")[1]
    assert "KZ-ALTYNKOL" in read_thresholds(example, NETWORK).stays


def test_the_example_of_the_readme_is_good_and_its_hours_are_the_defaults() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    found = read_thresholds(readme.partition("```yaml\n")[2].partition("```")[0], NETWORK)
    assert replace(found, stays={}, runs={}) == Thresholds()
    assert set(found.stays) == {"KZ-AKTAU", "KZ-ALTYNKOL"}


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yaml"
    path.write_text(WHOLE, "utf-8")
    assert load_thresholds(path, NETWORK).missed == 8


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ThresholdsFileError, match=r"thresholds file .*none\.yaml, line 1: can't be read: No such file"):
        load_thresholds(tmp_path / "none.yaml", NETWORK)


def test_the_error_names_the_file_and_the_first_finding() -> None:
    with pytest.raises(ThresholdsFileError, match=r"^thresholds file mine, line 1: missed: seen 0, .* \(and 1 more\)$"):
        read_thresholds("missed: 0\nleast: 0\n", NETWORK, "mine")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("critical: 48}", "critical: 11}", 1,
         "late: critical 11 seen before warning 12, as late or later wanted"),
        ("missed: 8", "missed: 0", 5, "missed: seen 0, input should be greater than 0"),
        ("missed: 8", "missed: 8785", 5, "missed: seen 8785, input should be less than or equal to 8784"),
        ("missed: 8", "missed: '8'", 5, "missed: seen '8', input should be a valid number"),
        ("held: {warning: 6, ", "held: {", 4, "held.warning: missing"),
        ("least: 10", "most: 10", 6, "most: unknown field"),
        ("  KZ-AKTAU: ", "  KZ-ACTAU: ", 8, "stays: node KZ-ACTAU seen, wanted one of the network"),
        ("{warning: 96, critical: 192}", "{warning: 96}", 8,
         "stays.KZ-AKTAU: warning and critical wanted, or neither"),
        ("{warning: 96, critical: 192}", "{}", 8,
         "stays.KZ-AKTAU: says nothing, warning and critical or overrides wanted"),
        ("critical: 96", "critical: 47", 9,
         "stays.KZ-ALTYNKOL: critical 47 seen before warning 48, as late or later wanted"),
        ("side: entry, direction: westbound, corridor: middle, ", "", 13,
         "stays.KZ-ALTYNKOL.overrides.0: holds everywhere, a corridor or direction (of stays also a side) wanted"),
        ("corridor: middle", "corridor: silk-road", 13,
         "corridor silk-road seen, wanted one of northern, trans-siberian, middle, middle-btk, southern, central-asia,"
         " instc-east"),
        ("corridor: middle", "corridor: trans-siberian", 13,
         "override for trans-siberian westbound entry never fits: no corridor passes KZ-ALTYNKOL so"),
        ("side: entry, direction: westbound", "side: exit, direction: westbound", 13,
         "override for middle westbound exit never fits: no corridor passes KZ-ALTYNKOL so"),
        ("direction: eastbound", "direction: upwards", 14,
         "stays.KZ-ALTYNKOL.overrides.1.direction: seen 'upwards', input should be 'westbound', 'eastbound',"
         " 'southbound' or 'northbound'"),
        ("direction: eastbound", "corridor: middle-btk, side: entry", 14,
         "override for middle-btk entry never holds: those before it take all of it"),
        ("KZ-AKTAU--AZ-ALAT", "KZ-AKTAU--AZ-BAKU", 16, "runs: leg KZ-AKTAU--AZ-BAKU seen, wanted one of the network"),
        ("- {direction: westbound, warning: 60", "- {side: exit, warning: 60", 18,
         "runs.KZ-AKTAU--AZ-ALAT.overrides.0.side: unknown field"),
        ("- {direction: westbound, warning: 60", "- {direction: southbound, warning: 60", 18,
         "override for southbound never fits: no corridor passes KZ-AKTAU--AZ-ALAT so"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_with_its_line(old: str, new: str, line: int, message: str) -> None:
    assert WHOLE.count(old) == 1, old
    assert check_thresholds(WHOLE.replace(old, new), NETWORK) == [Finding(line, message)]


def test_an_empty_file_says_nothing_and_is_refused() -> None:
    assert check_thresholds("# all defaults\n", NETWORK) == [Finding(1, "the file is empty")]


@pytest.mark.parametrize("hours", [0.5, 8784])
def test_from_a_moment_to_a_year_is_taken(hours: float) -> None:
    assert check_thresholds(f"missed: {hours}", NETWORK) == []
