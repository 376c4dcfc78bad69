"""Where lots are broken up and made anew: at ports, trains become feeder lots and these become trains."""

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tracker.domain.moment import Millis
from tracker.simulate.journey import Journey

VESSELS: Final = (("Turkestan", 125), ("Beket Ata", 125), ("Barys", 350))
"""Feeders as the Caspian had in 2022: two of 125 TEU, one of 350. The names are our own choice."""


@dataclass(slots=True)
class Quay:
    """Containers that wait at one node for one vessel (by next port) or one train (by the way ahead)."""

    node: str
    ahead: tuple[str, ...]
    at_sea: bool
    waiting: deque[Journey] = field(default_factory=deque)
    hundredths: int = 0
    capacity: int = 0
    vessel: str | None = None
    turn: int = 0
    """Departures so far; a deadline set for an earlier turn is void."""
    deadline: Millis | None = None

    def announce(self, rng: Random) -> None:
        """Chooses the vessel or train that comes next, and with it the room there is."""
        if self.at_sea:
            self.vessel, teu = rng.choice(VESSELS)
            self.capacity = teu * 100
        else:
            self.capacity = 200 * rng.randint(54, 62)

    def add(self, journeys: list[Journey]) -> None:
        """Puts containers that are ready at the end of the queue."""
        self.waiting.extend(journeys)
        self.hundredths += sum(journey.container.teu for journey in journeys)

    @property
    def is_full(self) -> bool:
        """A whole lot waits."""
        return self.hundredths >= self.capacity

    def board(self) -> list[Journey]:
        """Takes the first to come, up to what fits; ends the turn."""
        taken: list[Journey] = []
        room = self.capacity
        while self.waiting and self.waiting[0].container.teu <= room:
            journey = self.waiting.popleft()
            room -= journey.container.teu
            taken.append(journey)
        self.hundredths -= sum(journey.container.teu for journey in taken)
        self.turn += 1
        self.deadline = None
        return taken
