"""Corrections: a carrier's times were, for a while, whole hours off, and somebody has confirmed it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.domain.moment import HOUR, Millis


@dataclass(frozen=True, slots=True)
class Correction:
    """What a carrier sent, received from `begins` until before `ends`, tells times `hours` later than true ones.

    Negative hours: earlier; 0 takes back what was corrected before. Of several for one report the last `made` holds.
    """

    carrier: str
    begins: Millis
    ends: Millis
    hours: int
    made: Millis
    reason: str
    by: str | None = None

    @property
    def id(self) -> str:
        """Who corrects the same carrier from the same moment on replaces it."""
        return f"{self.carrier}-{self.begins}"

    @property
    def shift(self) -> int:
        """What is taken from every time, in milliseconds."""
        return self.hours * HOUR

    def is_of(self, carrier: str, received: Millis) -> bool:
        """Whether it corrects a report of a carrier that was received then."""
        return carrier == self.carrier and self.begins <= received < self.ends


def correction_of(corrections: Iterable[Correction], carrier: str, received: Millis) -> Correction | None:
    """The correction that holds for a report of a carrier that was received then."""
    return max(
        (each for each in corrections if each.is_of(carrier, received)),
        key=lambda each: (each.made, each.begins, each.ends, each.hours),
        default=None,
    )
