"""How canaries travel: which reports are sent at the begin of each interval. Pure; everything follows from its number.

In each partition one canary goes the network's shortest leg and back again, in time. Besides, one in each interval is
late on purpose, in one partition after the other: reported, when the interval begins, as held by customs for as long as
is critical, and released when the next one begins. That it is held makes the exception: of all rules it is the one that
no incident explains and no other silences, so that it comes out on the worst of days too.

A number is late again only when its last time is two days further back than a hold is long, so each is a journey of its
own. Reports are the same whoever sends them and however often: those of a second sender are duplicates.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from tracker.domain.canary import SERIALS, canary_number
from tracker.domain.moment import DAY, HOUR, Millis, text
from tracker.domain.network import Network
from tracker.domain.report import Kind

POOL_MAX: Final = 20_000
"""Canaries that are late in turn, at most: an interval of a minute and a hold of eleven days."""


_IN_TIME: Final = (
    (Kind.GATE_IN, "home", 0.9),
    (Kind.DEPARTED, "home", 0.8),
    (Kind.ARRIVED, "far", 0.3),
    (Kind.STRIPPED, "far", 0.1),
)
"""What a canary that is in time does in an interval, and when: by parts of the interval before its end."""


class Sending(NamedTuple):
    """One report: where it goes, and what it says."""

    container: str
    body: dict[str, Any]


class Way(NamedTuple):
    """The two nodes between which canaries travel."""

    home: str
    far: str


def shortest(network: Network) -> Way:
    """The ends of the network's shortest leg by rail, else of its shortest."""
    leg = min(network.legs.values(), key=lambda each: (each.mode != "rail", each.km, each.id))
    return Way(leg.a, leg.b)


class Travel:
    """The canaries of a tracker."""

    def __init__(
        self, way: Way, partitions: int, interval: int, hold: int, partition_of: Callable[[bytes], int]
    ) -> None:
        """`interval`: milliseconds between two that are late; `hold`: after which a customs hold is critical."""
        self._way, self._partitions, self.interval, self._hold = way, partitions, interval, hold
        self._partition_of = partition_of
        rounds = -(-(hold + 2 * DAY) // (interval * partitions)) + 1
        self.pool = rounds * partitions
        assert self.pool <= POOL_MAX, f"{self.pool} canaries, at most {POOL_MAX}: the interval is too short"

    @cached_property
    def _numbers(self) -> list[list[str]]:
        """Of each partition the number that is in time, then those that are late in turn."""
        found: list[list[str]] = [[] for _ in range(self._partitions)]
        wanted = 1 + self.pool // self._partitions
        left = self._partitions
        for serial in range(SERIALS):
            number = canary_number(serial)
            mine = found[self._partition_of(number.encode())]
            if len(mine) < wanted:
                mine.append(number)
                left -= len(mine) == wanted
                if not left:
                    break
        return found

    def number_of(self, clock: Millis) -> int:
        """The interval that a clock is in."""
        return clock // self.interval

    def begins(self, interval: int) -> Millis:
        """When an interval begins: then its canary is to be found late."""
        return Millis(interval * self.interval)

    def partition(self, interval: int) -> int:
        """The partition whose canary is late in an interval."""
        return interval % self._partitions

    def late(self, interval: int) -> str:
        """The container that is late in an interval."""
        place = interval % self.pool
        return self._numbers[place % self._partitions][1 + place // self._partitions]

    def interval_of(self, container: str, upto: int) -> int | None:
        """The last interval up to one in which a container is late; None when it never is."""
        found = (each for each in range(upto, upto - self.pool, -1) if self.late(each) == container)
        return next(found, None)

    def sent_at(self, interval: int) -> Iterator[Sending]:
        """The reports that are sent when an interval begins."""
        yield from self.over(interval - 1)
        at, (home, far) = self.begins(interval), self._way
        late = self.late(interval)
        # The hold first: after a gate-in of so long ago alone it would for a moment be silent, and that be told.
        yield self._report(interval, late, Kind.CUSTOMS_HELD, home, at - self._hold)
        yield self._report(interval, late, Kind.GATE_IN, home, at - self._hold - HOUR)
        for each in self._numbers:
            for kind, node, ago in _IN_TIME:
                place = home if node == "home" else far
                yield self._report(interval, each[0], kind, place, at - int(ago * self.interval))

    def over(self, interval: int) -> Iterator[Sending]:
        """The reports that end the lateness of an interval; they begin no journey where there was none."""
        home, ends = self._way.home, self.begins(interval + 1)
        yield self._report(interval, self.late(interval), Kind.CUSTOMS_RELEASED, home, ends - self.interval // 2)
        yield self._report(interval, self.late(interval), Kind.STRIPPED, home, ends - self.interval // 4)

    def _report(self, interval: int, container: str, kind: Kind, node: str, at: int) -> Sending:
        body = {
            "container": container, "kind": str(kind), "node": node, "occurred_at": text(Millis(at)),
            "id": f"{interval}-{container}-{kind}",
        }  # fmt: skip
        return Sending(container, body)
