"""Numbers painted on steel: container numbers, size-type codes, wagon numbers.

Sources: ISO 6346:1995 (container number and its check digit, size and type codes), UIC leaflet 438-2
(12-digit wagon numbers), the eight-digit numbering of the 1520 mm railways.
"""

import re
from enum import StrEnum
from typing import Final

_LETTER_VALUES: Final = dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (v for v in range(10, 39) if v % 11), strict=True)
)  # ISO 6346 annex A: from 10 on, multiples of 11 left out
_WEIGHTED: Final = [
    {**{str(d): d << place for d in range(10)}, **{c: v << place for c, v in _LETTER_VALUES.items()}}
    for place in range(10)
]
_FORGIVEN: Final = str.maketrans("", "", " \t-/")
_CONTAINER: Final = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_CATEGORY: Final = re.compile(r"[A-Z]{4}[0-9]{7}")


class ContainerFault(StrEnum):
    """Why a text is no container number, worst first."""

    SHAPE = "shape"
    CATEGORY = "category"
    CHECK_DIGIT = "check_digit"


def normalise_container(text: str) -> str:
    """The number as ISO 6346 writes it: case folded, spaces, hyphens and slashes removed.

    Nothing else is forgiven: a dropped letter would make another, valid-looking number.

    >>> normalise_container("tbju 439563-0")
    'TBJU4395630'
    """
    return text.translate(_FORGIVEN).upper()


def check_digit(number: str) -> int:
    """The check digit of the first ten characters (ISO 6346 annex A); remainder 10 is written 0.

    Owners are advised not to issue serials with remainder 10, but such containers travel.

    >>> check_digit("CSQU305438"), check_digit("TBJU100009")
    (3, 0)
    """
    return sum(map(dict.__getitem__, _WEIGHTED, number)) % 11 % 10


def container_fault(number: str) -> ContainerFault | None:
    """What is wrong with a normalised container number; None when it is a freight container's.

    Category U is accepted; J (detachable equipment) and Z (trailers, chassis) are not containers.
    """
    if not (number.isascii() and _CATEGORY.fullmatch(number)):
        return ContainerFault.SHAPE
    if number[3] != "U":
        return ContainerFault.CATEGORY
    if check_digit(number) != ord(number[10]) - 48:
        return ContainerFault.CHECK_DIGIT
    return None


TEU_HUNDREDTHS: Final = {"1": 50, "2": 100, "3": 150, "4": 200, "L": 225, "M": 240, "N": 245, "P": 265}
"""ISO 6346 length codes to hundredths of a TEU: 10, 20, 30, 40, 45, 48, 49 and 53 feet.

45 ft counts 2.25 as in UNECE and Eurostat figures; most rail operators count 2. Height never matters.
"""

_SIZE_TYPE: Final = re.compile(r"([1234LMNP])[0-9C-F]([A-Z][0-9A-Z])")
_OLD_SIZE_TYPE: Final = re.compile(r"([1234])[0-9]{3}|(9)[0-9]{3}")
_SLANG: Final = re.compile(r"(10|20|30|40|45|48|53)['`]?(?:FT)?[A-Z]{0,4}")
_SLANG_TYPES: Final = frozenset(("HC", "HQ", "PW", "HCPW", "DC", "DV", "DRY", "ST", "STD"))
"""Carriers' endings after a length in feet that read as an ISO height and type too: `45HC` is 45 feet long."""
_SLANG_LENGTH: Final = {"10": "1", "20": "2", "30": "3", "40": "4", "45": "L", "48": "M", "53": "P"}


def teu_of(iso_code: str) -> int | None:
    """Hundredths of a TEU of an ISO 6346 size-type (45G1), group (45GP), old code (4300) or slang (40HC).

    None when the code is not known: TEU is then unknown, never silently one. `45G1` is a forty foot box
    (5 is its height), `45HC` a forty-five foot one.

    >>> teu_of("45G1"), teu_of("45HC"), teu_of("22GP"), teu_of("XXXX")
    (200, 225, 100, None)
    """
    code = iso_code.translate(_FORGIVEN).upper()
    if code[2:] in _SLANG_TYPES and code[:2] in _SLANG_LENGTH:
        return TEU_HUNDREDTHS[_SLANG_LENGTH[code[:2]]]
    if found := _SIZE_TYPE.fullmatch(code):
        return TEU_HUNDREDTHS[found[1]]
    if found := _OLD_SIZE_TYPE.fullmatch(code):  # before 1995; 9 in the first place was 45 feet
        return TEU_HUNDREDTHS[found[1] or "L"]
    if found := _SLANG.fullmatch(code):
        return TEU_HUNDREDTHS[_SLANG_LENGTH[found[1]]]
    return None


def wagon_fault(number: str) -> str | None:
    """What is wrong with a wagon number; None when its check digit holds.

    Eight digits (1520 mm railways) and twelve (UIC 438-2) both end in a digit that makes the sum of the
    digits, every second one doubled and its digits added, a multiple of ten.

    >>> wagon_fault("94461209") is None, wagon_fault("94461208")
    (True, 'check digit 8, wanted 9')
    """
    digits = number.translate(_FORGIVEN)
    if not (digits.isascii() and digits.isdigit() and len(digits) in {8, 12}):
        return "eight or twelve digits wanted"
    total = sum(sum(divmod(int(digit) << (place % 2 == 0), 10)) for place, digit in enumerate(digits[:-1]))
    wanted = -total % 10
    return None if wanted == int(digits[-1]) else f"check digit {digits[-1]}, wanted {wanted}"
