"""The seam between what happens (`world`, `port`) and what is said about it (`saying`)."""

from typing import Protocol

from tracker.domain.moment import MINUTE, Millis
from tracker.domain.report import Kind, Mode
from tracker.simulate.journey import Journey, Lot


class Teller(Protocol):
    """Who is told what happened; `saying.Saying` makes reports of it."""

    def lot(self, kind: Kind, node: str, at: Millis, lot: Lot, mode: Mode) -> None:
        """The same happened to all containers of a lot at one moment."""

    def one(self, kind: Kind, node: str, at: Millis, journey: Journey, lot: Lot, mode: Mode) -> None:
        """Something happened to one container; `lot` is what it came with or goes with."""

    def ordered(self, lot: Lot, at: Millis, departs: Millis, arrives: Millis) -> None:
        """A train was ordered: its plan becomes known."""

    def underway(self, lot: Lot, at: Millis, arrives: Millis) -> None:
        """A lot left a node; its arrival at its destination is estimated anew."""

    def ended(self, journey: Journey) -> None:
        """A journey is over; all its stops are known."""


def after(moment: Millis, hours: float) -> Millis:
    """So many hours later or, negative, earlier; whole minutes, as carriers write times."""
    return Millis(moment + round(hours * 60) * MINUTE)
