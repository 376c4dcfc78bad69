"""Canaries: containers that do not exist and travel all the time, to prove that the whole chain works.

Their numbers have X in the fourth place, where ISO 6346 knows only U, J and Z (and R for machinery): no container that
was ever painted can have one, and no other carrier's report of such a number is accepted. What is told of them is for
the canary's own endpoint; they count in no figure.
"""

from typing import Final

from tracker.domain.identifiers import ContainerFault, check_digit, container_fault

CARRIER: Final = "canary"
"""Who reports them; no carrier of the carriers file has this id."""
PREFIX: Final = "CANX"
"""What their numbers begin with: an owner's code and a category that ISO 6346 does not have."""
SERIALS: Final = 1_000_000


def canary_number(serial: int) -> str:
    """The number of a canary, with a right check digit.

    >>> canary_number(7)
    'CANX0000071'
    """
    ten = f"{PREFIX}{serial % SERIALS:06d}"
    return f"{ten}{check_digit(ten)}"


def is_canary(container: str) -> bool:
    """Whether a container number is a canary's."""
    return container.startswith(PREFIX)


def canary_fault(number: str) -> ContainerFault | None:
    """What is wrong with a normalised number that is to be a canary's; None when it is one.

    >>> canary_fault("CANX0000071"), canary_fault("CSQU3054383"), canary_fault("CANX0000072")
    (None, <ContainerFault.SHAPE: 'shape'>, <ContainerFault.CHECK_DIGIT: 'check_digit'>)
    """
    wrong = container_fault(number)
    if wrong is not ContainerFault.CATEGORY or not is_canary(number):
        return wrong or ContainerFault.SHAPE
    return None if number == canary_number(int(number[4:10])) else ContainerFault.CHECK_DIGIT
