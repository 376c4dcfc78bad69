"""What carriers' numbers, times and size-type codes mean, with a memory, because they recur.

Reading them anew was a quarter of what intake costs. The readers are pure, so the memory changes no answer; it
is bounded, and what was not asked for longest makes room.
"""

from functools import lru_cache
from typing import Final

from tracker.contract.time_text import read_time
from tracker.domain.canary import CARRIER, canary_fault
from tracker.domain.identifiers import ContainerFault, container_fault, normalise_container, teu_of, wagon_fault

NUMBERS_MAX: Final = 65_536
"""Container numbers remembered, and as many wagon numbers; some 250 bytes each, 16 MB when full. A number comes a
dozen times in a fortnight."""
TEXTS_MAX: Final = 16_384
"""Times remembered, and as many size-type codes; 4 MB when full. Most times are whole minutes of the last days."""


class Remembered:
    """The readers of single texts, each with its own memory; one per `Intake`."""

    def __init__(self) -> None:
        """Nothing is remembered."""
        self._container = lru_cache(NUMBERS_MAX)(_container)
        self.wagon_fault = lru_cache(NUMBERS_MAX)(wagon_fault)
        self.time = lru_cache(TEXTS_MAX)(read_time)
        self.teu = lru_cache(TEXTS_MAX)(teu_of)

    def container(self, text: str, carrier: str) -> tuple[str, ContainerFault | None]:
        """A container number as it is written, and what is wrong with it; canaries report canaries, and only they."""
        if carrier == CARRIER:
            number = normalise_container(text)
            return number, canary_fault(number)
        return self._container(text)


def _container(text: str) -> tuple[str, ContainerFault | None]:
    number = normalise_container(text)
    return number, container_fault(number)
