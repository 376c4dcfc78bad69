"""Container numbers, size-types and wagon numbers: the vectors of the standards, and what must fail."""

import pytest

from tracker.domain.identifiers import (
    ContainerFault,
    check_digit,
    container_fault,
    normalise_container,
    teu_of,
    wagon_fault,
)

VALID = [
    "CSQU3054383", "APZU4812090", "MWCU6059784", "CBHU3202732", "MEDU8707688", "TGHU7599330", "MSKU6011672",
    "TKRU2581763", "RZDU5140025", "TCNU1506318", "TEMU4834521", "COSU6619138", "TBJU1000000", "TBJU1000090",
    "TBJU4395630",
]  # fmt: skip


@pytest.mark.parametrize("number", VALID)
def test_a_right_number_has_no_fault(number: str) -> None:
    assert container_fault(number) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("MSCU1234567", ContainerFault.CHECK_DIGIT),  # a placeholder seen everywhere; ...6 would be right
        ("CSQU3054384", ContainerFault.CHECK_DIGIT),
        ("CSQU3054338", ContainerFault.CHECK_DIGIT),  # two digits exchanged
        ("TRLU5690340", ContainerFault.CHECK_DIGIT),
        ("APNR7744962", ContainerFault.CATEGORY),
        ("CSQA3054383", ContainerFault.CATEGORY),
        ("XXXX0000000", ContainerFault.CATEGORY),
        ("CSQU305438", ContainerFault.SHAPE),
        ("CSQU30543830", ContainerFault.SHAPE),
        ("C5QU3054383", ContainerFault.SHAPE),  # 5 for S
        ("CSQU3O54383", ContainerFault.SHAPE),  # O for 0
        ("", ContainerFault.SHAPE),
        ("N/A", ContainerFault.SHAPE),
        ("CSQU305438\u0663", ContainerFault.SHAPE),  # an Arabic digit is no digit here
    ],
)
def test_a_wrong_number_says_why(text: str, fault: ContainerFault) -> None:
    assert container_fault(normalise_container(text)) is fault


@pytest.mark.parametrize("text", ["csqu 305438-3", "CSQU/305438/3", "CSQU305438 3", "\tCSQU3054383 "])
def test_case_spaces_hyphens_and_slashes_are_forgiven(text: str) -> None:
    assert normalise_container(text) == "CSQU3054383"


def test_a_remainder_of_ten_is_written_as_nought() -> None:
    assert check_digit("TBJU100009") == 0


@pytest.mark.parametrize(
    ("code", "hundredths"),
    [
        ("22G1", 100), ("22GP", 100), ("42G1", 200), ("45G1", 200), ("45GP", 200), ("45RT", 200), ("L5G1", 225),
        ("LEG1", 225), ("22U1", 100), ("22T1", 100), ("42P1", 200), ("10GP", 50), ("30G1", 150), ("2200", 100),
        ("4300", 200), ("9500", 225), ("40HC", 200), ("40hq", 200), ("20DV", 100), ("45HQ", 225), ("20'", 100),
        ("XXXX", None), ("", None), ("45", 225), ("G145", None), ("99", None),
    ],
)  # fmt: skip
def test_teu_follows_the_length_and_never_the_height(code: str, hundredths: int | None) -> None:
    assert teu_of(code) == hundredths


@pytest.mark.parametrize(
    "number",
    ["94461209", "94218732", "54548854", "46543880", "94000015", "98123458",
     "21 81 2471 217-3", "51 80 0843 001-0", "50 51 26-18 001-5"],
)  # fmt: skip
def test_a_right_wagon_number_has_no_fault(number: str) -> None:
    assert wagon_fault(number) is None


def test_a_wrong_wagon_number_says_which_digit_was_wanted() -> None:
    assert wagon_fault("94461208") == "check digit 8, wanted 9"
    assert wagon_fault("X70 5234567") == "eight or twelve digits wanted"
