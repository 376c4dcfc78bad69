"""What a container's reports say of the carriers that made them, in counts that add up over containers.

Two things: of the milestones of nodes that a journey has gone beyond, which were told by whom; and by how much two
carriers' times of one fact differ. All is a function of the row's reports, counted anew where they may say otherwise.
"""

from collections import Counter
from typing import Final, NamedTuple

import msgspec

EXPECTED: Final = -2
TOLD: Final = -1
"""Keys of milestones that were to be told, and of those that were; all others are keys of `delay_bins.noted`."""

KEPT_DAYS: Final = 60
"""Days for which counts are kept, as what is noted of flows."""


class Count(NamedTuple):
    """How often something is so. `day` since 1970, `who`: a carrier, or a node (`@` before its id) nobody told of."""

    day: int
    who: str
    key: int
    times: int


class Testimony(msgspec.Struct, array_like=True, omit_defaults=True):
    """A part of a container's row. `behind`: reports came since that may say otherwise, and it is to be counted anew.

    `mixed`: several carriers tell of the node it was at last, so that each further report may be a second word.
    `differs`: there may be a second word that was not compared yet; nothing is judged before it is.
    """

    behind: bool = False
    mixed: bool = False
    counts: list[Count] = []
    differs: bool = False

    def cells(self) -> Counter[tuple[int, str, int]]:
        """The counts, by day, who and key."""
        return Counter({(day, who, key): times for day, who, key, times in self.counts})
