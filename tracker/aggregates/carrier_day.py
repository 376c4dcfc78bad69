"""A day of a carrier, in one partition of its topic: what its usual gaps and delays are learned from.

Days of all partitions add up to the carrier's, in any order.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from tracker.aggregates.histogram import Histogram
from tracker.aggregates.sequences import BITS, BLOCKS_MAX, NUMBER_MAX
from tracker.domain.delay_bins import lag_noted, noted
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.report import Classifier, Report

MINUTES: Final = DAY // MINUTE
CONTAINERS_MAX: Final = 10
"""Containers named: a carrier that reported so many in a week is one whose silence means something."""


_BITS: Final = tuple(tuple(bit for bit in range(8) if byte & 1 << bit) for byte in range(256))


class CarrierDay(msgspec.Struct, array_like=True):
    """One day of received time. `minutes`: a bit for each in which a report was taken in. `containers`: some of them.

    `delays`: how late actual reports came, in milliseconds. `nodes`: how many actual reports of each node.
    `clock`: how many came late by how much in which ten minutes, rejected ones too; keys of `delay_bins.noted`, and
    of `delay_bins.lag_noted` for how long they were on their way.
    `seen`, `reach`: the carrier's own numbers of reports, see `sequences`. `newest`: the
    latest event time of an actual report.
    """

    minutes: bytes = bytes(MINUTES // 8)
    delays: Histogram = msgspec.field(default_factory=Histogram)
    containers: list[str] = []
    nodes: dict[str, int] = {}
    clock: dict[int, int] = {}
    seen: dict[int, int] = {}
    reach: dict[int, int] = {}
    reports: int = 0
    rejected: int = 0
    faults: dict[str, int] = {}
    newest: Millis | None = None

    def merge(self, other: "CarrierDay") -> None:
        """Add what was counted of the same day in another partition."""
        mine, its = (int.from_bytes(each.minutes, "big") for each in (self, other))
        self.minutes = (mine | its).to_bytes(len(self.minutes), "big")
        self.delays.merge(other.delays)
        self.containers = sorted({*self.containers, *other.containers})[:CONTAINERS_MAX]
        for node, reports in other.nodes.items():
            self.nodes[node] = self.nodes.get(node, 0) + reports
        for key, reports in other.clock.items():
            self.clock[key] = self.clock.get(key, 0) + reports
        for block, bits in other.seen.items():
            self.seen[block] = self.seen.get(block, 0) | bits
        for hour, number in other.reach.items():
            self.reach[hour] = max(number, self.reach.get(hour, 0))
        self.reports += other.reports
        self.rejected += other.rejected
        for code, reports in other.faults.items():
            self.faults[code] = self.faults.get(code, 0) + reports
        if other.newest is not None and (self.newest is None or other.newest > self.newest):
            self.newest = other.newest

    def take(
        self,
        received: Millis,
        report: Report | None,
        container: str | None,
        delay: int | None,
        number: int | None,
        faults: Iterable[str],
        lag: int | None = None,
    ) -> None:
        """One report, whatever became of it: None in place of one that was rejected."""
        self.reports += 1
        if report is None:
            self.rejected += 1
        else:
            self.heard(str(container), report)
        if delay is not None:
            self.timed(received, delay, lag)
        if number is not None:
            self.numbered(received, number)
        for code in faults:
            self.faults[code] = self.faults.get(code, 0) + 1

    def numbered(self, received: Millis, number: int) -> None:
        """One report, accepted or not, with the number that the carrier gave it."""
        block, seen = number // BITS, self.seen
        held = seen.get(block)
        if held is None and (len(seen) >= BLOCKS_MAX or number > NUMBER_MAX):
            return
        seen[block] = (held or 0) | 1 << number % BITS
        hour = received % DAY // HOUR
        if number > self.reach.get(hour, -1):
            self.reach[hour] = number

    def timed(self, received: Millis, delay: int, lag: int | None = None) -> None:
        """One actual report, accepted or not, with its delay (ms; negative: it says what is still to happen).

        `lag`: how long it was on its way, where the carrier says when it was recorded.
        """
        key = noted(received, delay)
        self.clock[key] = self.clock.get(key, 0) + 1
        if lag is not None:
            key = lag_noted(received, lag)
            self.clock[key] = self.clock.get(key, 0) + 1

    def heard(self, container: str | None, report: Report) -> None:
        """One accepted report; `container` None: about a train or vessel."""
        minute = report.received % DAY // MINUTE
        if not self.minutes[minute // 8] & 1 << minute % 8:
            changed = bytearray(self.minutes)
            changed[minute // 8] |= 1 << minute % 8
            self.minutes = bytes(changed)
        if container is not None and len(self.containers) < CONTAINERS_MAX and container not in self.containers:
            self.containers.append(container)
        if report.classifier is Classifier.ACTUAL and report.node:  # a retraction need not tell what it takes back
            self.delays.add(max(0, report.received - report.occurred))
            if self.newest is None or report.occurred > self.newest:
                self.newest = report.occurred
            self.nodes[report.node] = self.nodes.get(report.node, 0) + 1

    def minutes_heard(self, day: int) -> set[int]:
        """The minutes since 1970 in which a report was taken in, of the day given."""
        first = day * MINUTES
        return {first + 8 * at + bit for at, byte in enumerate(self.minutes) if byte for bit in _BITS[byte]}
