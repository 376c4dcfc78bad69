"""The company a container travels in: those that came where it did in the same hour, or left when it left.

A train's boxes come and go together. So where most of the others have gone on, it has too, and its report is missing,
or it was left behind; where they have not, it is the train that waits.
"""

from typing import Final, NamedTuple

from tracker.domain.moment import Millis

OTHERS_MIN: Final = 5
"""Fewer others are no train."""
MOST: Final = 0.8
"""Of a train that has gone on so many are reported at least: one report of ten to twenty is missing or late."""


class Company(NamedTuple):
    """How many others there are as of a clock, how many have gone on, and when half of these were known to have."""

    others: int
    gone: int
    half: Millis | None

    @property
    def has_gone(self) -> bool:
        """Whether nearly all of the others have gone on."""
        return self.others >= OTHERS_MIN and self.gone >= MOST * self.others

    @property
    def goes_on(self) -> bool:
        """Whether half of the others have gone on."""
        return self.others >= OTHERS_MIN and 2 * self.gone >= self.others


NOBODY: Final = Company(0, 0, None)
"""No others that are known of."""
