"""A carriers file lists who may report, in order of authority."""

from pathlib import Path

import pytest

from tracker.contract.carriers_file import (
    MAX_CARRIERS,
    Carrier,
    CarriersFileError,
    Finding,
    check_carriers,
    load_carriers,
    read_carriers,
)
from tracker.domain.report import Kind

TWO = """\
carriers:
  - id: first-rail
    name: First Rail
  - id: sea
    name: Sea Lines
    policy: lenient
    mandatory: [loaded, unloaded]
"""


def test_the_packaged_file_has_no_finding_and_no_two_carriers_alike() -> None:
    carriers = load_carriers()
    assert len({carrier.id for carrier in carriers}) == len(carriers) >= 6
    assert {carrier.policy for carrier in carriers} == {"strict", "lenient"}


def test_carriers_come_in_the_order_of_the_file_which_is_that_of_authority() -> None:
    assert read_carriers(TWO) == (
        Carrier("first-rail", "First Rail", "strict", None),
        Carrier("sea", "Sea Lines", "lenient", frozenset((Kind.LOADED, Kind.UNLOADED))),
    )


def test_no_mandatory_kinds_at_all_differs_from_the_default() -> None:
    assert read_carriers(TWO.replace("[loaded, unloaded]", "[]"))[1].mandatory == frozenset()


def test_a_carrier_s_native_loadings_are_joined_with_trains_where_the_file_says_so() -> None:
    first, sea = read_carriers(f"{TWO}    transports: true\n")
    assert (first.transports, sea.transports) == (False, True)


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "carriers.yaml"
    path.write_text(TWO, "utf-8")
    assert [carrier.id for carrier in load_carriers(path)] == ["first-rail", "sea"]


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(CarriersFileError, match=r"carriers file .*none\.yaml, line 1: can't be read: No such file"):
        load_carriers(tmp_path / "none.yaml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "carriers.yaml"
    path.write_bytes(TWO.encode("utf-16"))
    with pytest.raises(CarriersFileError, match="not UTF-8"):
        load_carriers(path)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: sea", "id: first-rail", 4, "carrier first-rail is listed already, once wanted"),
        ("id: sea", "id: Sea", 4, "carriers.1.id: seen 'Sea', string should match pattern '^[a-z0-9-]{2,20}$'"),
        ("id: sea", "id: s", 4, "carriers.1.id: seen 's', string should match pattern '^[a-z0-9-]{2,20}$'"),
        ("id: sea", "id: 12", 4, "carriers.1.id: seen 12, input should be a valid string (quote it)"),
        ("lenient", "soft", 6, "carriers.1.policy: seen 'soft', input should be 'strict' or 'lenient'"),
        ("    policy", "    colour: red\n    policy", 6, "carriers.1.colour: unknown field"),
        ("    name: First Rail\n", "", 2, "carriers.0.name: missing"),
        ("carriers:", "carrier:", 1, "carrier: unknown field"),
    ],
)
def test_a_wrong_carrier_is_found_with_its_line(old: str, new: str, line: int, message: str) -> None:
    assert Finding(line, message) in check_carriers(TWO.replace(old, new))


def test_an_unknown_mandatory_kind_is_found() -> None:
    (finding,) = check_carriers(TWO.replace("unloaded", "vanished"))
    assert (finding.line, finding.message[:37]) == (7, "carriers.1.mandatory.1: seen 'vanishe")


@pytest.mark.parametrize("length", [2, 20])
def test_an_id_of_two_to_twenty_characters_is_taken(length: int) -> None:
    assert check_carriers(TWO.replace("sea", "s" * length)) == []


def test_an_id_of_more_than_twenty_characters_is_refused() -> None:
    assert len(check_carriers(TWO.replace("id: sea", "id: " + "s" * 21))) == 1


def test_no_carrier_and_too_many_carriers_are_refused() -> None:
    assert check_carriers("carriers: []")
    many = "carriers:\n" + "".join(f"  - {{id: c{i}x, name: C}}\n" for i in range(MAX_CARRIERS + 1))
    assert check_carriers(many)


def test_the_error_names_the_file_and_the_first_finding() -> None:
    with pytest.raises(CarriersFileError, match=r"^carriers file mine\.yaml, line 1: the file is empty$"):
        read_carriers("", "mine.yaml")
