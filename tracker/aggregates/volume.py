"""How much passed: boxes, TEU and mass, with what is not known kept apart from nothing.

A sum of TEU leaves out the boxes whose size nobody reported. It is given with their count; and where nothing
else passed it is not 0 but unknown (None).
"""

import msgspec

from tracker.domain.facts import Fact


class Volume(msgspec.Struct, array_like=True):
    """Sums over passages; field order is part of a cell's row, append only.

    `teu` in hundredths and `grams` leave out those that do not know them, which `teu_unknown` and `grams_unknown`
    count.
    """

    count: int = 0
    teu: int = 0
    grams: int = 0
    teu_unknown: int = 0
    grams_unknown: int = 0

    def add(self, fact: Fact, sign: int = 1) -> None:
        """Count a passage, or with sign -1 take it out."""
        self.count += sign
        self.teu += sign * (fact.teu or 0)
        self.grams += sign * (fact.grams or 0)
        self.teu_unknown += sign * (fact.teu is None)
        self.grams_unknown += sign * (fact.grams is None)

    def merge(self, other: "Volume", sign: int = 1) -> None:
        """Add another volume, or with sign -1 take it out."""
        self.count += sign * other.count
        self.teu += sign * other.teu
        self.grams += sign * other.grams
        self.teu_unknown += sign * other.teu_unknown
        self.grams_unknown += sign * other.grams_unknown


def teu_of(volume: Volume) -> float | None:
    """TEU of what passed; None where something did and no size is known.

    >>> teu_of(Volume(3, teu=250, teu_unknown=1)), teu_of(Volume()), teu_of(Volume(2, teu_unknown=2))
    (2.5, 0.0, None)
    """
    return None if _nothing_known(volume.count, volume.teu_unknown) else volume.teu / 100


def kg_of(volume: Volume) -> float | None:
    """Kilograms of what passed; None where something did and no mass is known."""
    return None if _nothing_known(volume.count, volume.grams_unknown) else volume.grams / 1000


def _nothing_known(count: int, unknown: int) -> bool:
    return 0 < count <= unknown
