"""Planned disruptions: closures and bans that somebody entered, and which containers they hold back."""

from dataclasses import dataclass
from typing import Final

from tracker.domain.moment import Millis
from tracker.domain.network import Direction

HOLD_LASTS: Final = 2
"""Times its own length for which a stop or closure goes on to explain the containers that it held back."""


@dataclass(frozen=True, slots=True)
class Disruption:
    """A node that is closed in a direction (None: in all) from `begins` until before `ends`; `by` entered it.

    It is taken as known from its begin on, whenever it was entered.
    """

    id: str
    node: str
    direction: Direction | None
    begins: Millis
    ends: Millis
    reason: str
    by: str | None = None

    def is_of(self, node: str, direction: Direction | None) -> bool:
        """Whether it closes a node in a direction; None: one that is not known."""
        return node == self.node and self.direction in {None, direction}

    def explains(self, came: Millis, gone: Millis | None, due: Millis, clock: Millis) -> bool:
        """Whether it explains at a clock what came to be due at `due`, of a container that it holds back.

        What was due before it began has another reason. `came` and `gone`: see `is_held_back`.
        """
        return due >= self.begins and is_held_back((self.begins, self.begins, self.ends), came, gone, clock)


def is_held_back(
    span: tuple[Millis, Millis, Millis | None], came: Millis, gone: Millis | None, clock: Millis
) -> bool:  # fmt: skip
    """Whether a container that came to a node, and was seen beyond it at `gone`, is held back by a stop there.

    `span`: since when it is stopped, from when on that is known, and when it ends (None: it has not). Those that came
    before the end stay held back for twice the stop's length: a queue takes its time.
    """
    since, known, end = span
    if clock < known or (gone is not None and gone < since):
        return False
    if end is None or clock < end:
        return True
    return came < end and clock <= end + HOLD_LASTS * (end - since)


def disruption_id(node: str, direction: Direction | None, begins: str) -> str:
    """The id of a disruption that was given none: who enters it again, with another end or reason, replaces it.

    >>> disruption_id("KZ-AKTAU", Direction.WESTBOUND, "2026-03-01T06:00:00Z")
    'closed-KZ-AKTAU-westbound-20260301T060000Z'
    """
    return f"closed-{node}-{direction or 'all'}-{begins.replace('-', '').replace(':', '')}"
