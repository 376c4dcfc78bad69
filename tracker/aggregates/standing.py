"""Who stands at a node now, and for how long already.

Stays that ended say nothing of those that have not: when a border closes, nobody leaves, and the dwell of those who
left looks as good as ever. So the age of those still there is a figure of its own (a censored dwell, never mixed with
the others).
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from tracker.aggregates.histogram import SAMPLE_MIN
from tracker.domain.moment import SECOND, Millis
from tracker.domain.network import Direction


class Present(NamedTuple):
    """Containers at a node: since when the one that is there longest, and the middle one (None below five)."""

    containers: int = 0
    oldest: Millis | None = None
    median: Millis | None = None

    def ages(self, clock: Millis) -> dict[str, float]:
        """Seconds at the clock: `max` of the one there longest, `0.5` the age that half do not exceed.

        A source's clock may run fast by minutes: nobody is there for less than no time.
        """
        sinces = {"0.5": self.median, "max": self.oldest}
        return {name: max(0, clock - since) / SECOND for name, since in sinces.items() if since is not None}


Place = tuple[str, Direction | None]
"""A node and a direction of travel."""

Standing = Mapping[Place, Present]
"""Who is at a node now, by direction; comes from open journeys, not from facts."""

NOBODY: Final = Present()


def standing_of(places: Iterable[tuple[str, Direction | None, Millis]]) -> dict[Place, Present]:
    """From the node, direction and coming of every container that stands somewhere."""
    found: dict[Place, list[Millis]] = {}
    for node, direction, since in places:
        found.setdefault((node, direction), []).append(since)
    return standing_in(found)


def standing_in(stays: Mapping[Place, list[Millis]]) -> dict[Place, Present]:
    """The same, from since when each container stands at a node in a direction; sorts these lists."""
    return {place: _present(sinces) for place, sinces in stays.items()}


def _present(sinces: list[Millis]) -> Present:
    sinces.sort()
    count = len(sinces)
    # Rank ceil(count / 2) of ages, as in a histogram; the youngest came last.
    median = sinces[count - (count + 1) // 2] if count >= SAMPLE_MIN else None
    return Present(count, sinces[0], median)
