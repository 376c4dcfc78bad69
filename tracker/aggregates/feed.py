"""A carrier's feed as a whole, over the last week: what its scorecard is made of."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.completeness import Completeness
from tracker.aggregates.histogram import Histogram, bucket
from tracker.aggregates.incidents import Incident
from tracker.aggregates.sequences import Numbers
from tracker.aggregates.situation import KnownSituation
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis

WINDOW_DAYS: Final = 7
"""Days of received time, the one of the clock among them: every weekday once."""
PUNCTUAL: Final = 12 * HOUR
"""What is reported within is of use to whoever waits for the box; domain practice of the China-Europe lines."""
QUIET_GAPS: Final = 3
"""A feed is quiet after so many of its usual gaps; the same as for the incident `carrier_silent`."""


class Feed(NamedTuple):
    """What is known of a carrier's feed at a clock; times in milliseconds.

    `heard`: the last minute in which a report was accepted. `watermark`: the latest event time of an actual one.
    `gap`: the p95 of the gaps between reports that one finds oneself in. `clock`: the open incident of its clock.
    `completeness`: of nodes that journeys left behind in the window, by event time.
    """

    carrier: str
    at: Millis
    reports: int
    rejected: int
    faults: Mapping[str, int]
    delays: Histogram
    heard: Millis | None
    watermark: Millis | None
    gap: int | None
    numbers: Numbers
    clock: Incident | None
    completeness: Completeness = Completeness()

    @property
    def punctual(self) -> float | None:
        """The share of actual reports that came within twelve hours of the event, to 1 % of that time."""
        if not self.delays.size:
            return None
        return (
            sum(times for number, times in self.delays.counts.items() if number < bucket(PUNCTUAL)) / self.delays.size
        )

    @property
    def is_quiet(self) -> bool | None:
        """Whether nothing has come for three usual gaps; None while nothing is usual."""
        if self.gap is None or self.heard is None:
            return None
        return self.at - self.heard > QUIET_GAPS * self.gap


def window(last: int) -> range:
    """The days of a scorecard that ends with a day (since 1970)."""
    return range(last - WINDOW_DAYS + 1, last + 1)


def feed_of(
    carrier: str,
    days: Mapping[int, CarrierDay],
    at: Millis,
    situation: KnownSituation,
    numbers: Numbers,
    completeness: Completeness,
) -> Feed:
    """A carrier's feed at a clock, from its days and what is known of all.

    Days outside the window only tell when it was heard of last. `numbers` are those after all its days.
    """
    clocks = [each for each in situation.incidents if each.rule == "carrier_clock" and each.carrier == carrier]
    last = at // DAY
    within = [counted for day, counted in days.items() if day in window(last)]
    delays, faults = Histogram(), Counter[str]()
    for counted in within:
        delays.merge(counted.delays)
        faults.update(counted.faults)
    newest = [counted.newest for day, counted in days.items() if counted.newest is not None and day <= last]
    return Feed(
        carrier=carrier,
        at=at,
        reports=sum(counted.reports for counted in within),
        rejected=sum(counted.rejected for counted in within),
        faults=dict(sorted(faults.items())),
        delays=delays,
        heard=_heard(days, last),
        watermark=max(newest, default=None),
        gap=situation.norms(at).gaps.get(carrier),
        numbers=numbers,
        clock=next((each for each in clocks if each.opened <= at and (each.resolved or at + 1) > at), None),
        completeness=completeness,
    )


def _heard(days: Mapping[int, CarrierDay], last: int) -> Millis | None:
    for day in sorted((day for day in days if day <= last), reverse=True):
        if heard := days[day].minutes_heard(day):
            return Millis(max(heard) * MINUTE)
    return None
