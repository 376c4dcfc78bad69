"""Carriers' habits: how late, how complete and in which words each of them reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.network import Hours
from tracker.simulate.ways import draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """One way of reporting. Delays are estimates; none reaches six hours, beyond which a report is late."""

    delay: Hours
    """From the milestone to the carrier's system learning it."""
    batch_hours: int = 0
    """Reports are sent together at whole multiples of so many hours; 0: at once."""
    local_time: bool = False
    """Times carry the node's own offset instead of Z."""
    revisions: bool = True
    """Reports carry a revision number; else `recorded_at` tells the newest."""
    plans: bool = False
    """Planned arrivals are reported when a train is ordered, estimates at each departure."""
    sizes: Mapping[str, str] | None = None
    """The carrier's words for size-types; None: ISO codes."""
    says_size: bool = True
    says_laden: bool = True
    says_ends: bool = False
    """Origin and destination are given."""
    keyed_by_train: bool = False
    """The record's key is the train or vessel instead of the container."""


HABITS: Final = (
    Habit(delay=Hours(0.4, 2.0), plans=True, says_ends=True),
    Habit(delay=Hours(0.3, 1.5), local_time=True, plans=True, says_laden=False),
    Habit(delay=Hours(0.5, 2.0), batch_hours=4, revisions=False, keyed_by_train=True),
    Habit(delay=Hours(0.2, 1.0), local_time=True, sizes={"45G1": "40HC", "22G1": "20DV", "L5G1": "45HC"}),
    Habit(delay=Hours(0.6, 2.5), says_size=False),
    Habit(delay=Hours(0.3, 2.0), says_ends=True, sizes={"45G1": "45GP", "22G1": "22GP", "L5G1": "L5GP"}),
)
"""Handed out in the order of the carriers file, over and over."""

_LONGEST_DELAY: Final = 1.9
"""Hours: with a batch of four hours on top a report is in before it would count as late."""
_SENDING: Final = 3
"""Minutes a batch takes to be sent and stored."""


def delayed(habit: Habit, rng: Random, at: Millis) -> tuple[Millis, Millis]:
    """When the carrier's system learns what happens `at`, and when Kafka stores its report."""
    recorded = at + round(min(_LONGEST_DELAY, draw(rng, habit.delay)) * 60) * MINUTE
    sent = recorded
    if habit.batch_hours:
        step = habit.batch_hours * HOUR
        sent = -(-recorded // step) * step
    return Millis(recorded), Millis(sent + rng.randrange(500, _SENDING * MINUTE))


class Reporters:
    """Which carrier reports what happens where: by country on land, one for the sea."""

    def __init__(self, carriers: Sequence[str], named: Mapping[str, str]) -> None:
        assert carriers, "the carriers file lists at least one"
        self.carriers = tuple(carriers)
        self.habits = tuple(HABITS[i % len(HABITS)] for i in range(len(carriers)))
        self._named = {place: carriers.index(carrier) for place, carrier in named.items() if carrier in carriers}

    def of(self, country: str, *, at_sea: bool) -> int:
        """The place in the carriers file of the one who reports; the first where nobody is named."""
        return self._named.get("vessel" if at_sea else country, 0)

    def other(self, rng: Random, carrier: int) -> int | None:
        """Somebody else who may know the same; None where there is only one carrier."""
        if len(self.carriers) < 2:
            return None
        return (carrier + rng.randrange(1, len(self.carriers))) % len(self.carriers)
