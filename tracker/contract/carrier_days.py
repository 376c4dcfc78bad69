"""A carrier's days as `/v1/carriers/{id}` tells them: how its feed went, day by day."""

from collections.abc import Mapping
from typing import Annotated, Final, TypedDict

from msgspec import Meta

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.feed import PUNCTUAL
from tracker.aggregates.histogram import bucket
from tracker.contract.written import Natural
from tracker.domain.moment import DAY, SECOND, Millis, text

DAYS_MAX: Final = 28
"""Days that are told: four weeks, so that every weekday is there four times."""


class CarrierDayAnswer(TypedDict):
    """A day of received time, UTC; the one of the clock is not over."""

    day: Annotated[str, Meta(extra_json_schema={"format": "date"})]
    reports: Natural
    rejected: Natural
    faults: Natural
    delay_p50_seconds: float | None
    delay_p90_seconds: float | None
    within_12h: float | None


def days_json(days: Mapping[int, CarrierDay], clock: Millis) -> list[CarrierDayAnswer]:
    """The last days up to a clock, oldest first, from the first that is known on; one without a report is all zero."""
    last = clock // DAY
    known = [day for day in days if last - DAYS_MAX < day <= last]
    return [_day(day, days.get(day, _NOTHING)) for day in range(min(known), last + 1)] if known else []


def _day(day: int, counted: CarrierDay) -> CarrierDayAnswer:
    p50, p90 = counted.delays.quantiles(0.5, 0.9) or (None, None)
    size, limit = counted.delays.size, bucket(PUNCTUAL)
    punctual = sum(times for number, times in counted.delays.counts.items() if number < limit)
    return {
        "day": text(Millis(day * DAY))[:10],
        "reports": counted.reports,
        "rejected": counted.rejected,
        "faults": sum(counted.faults.values()),
        "delay_p50_seconds": None if p50 is None else p50 / SECOND,
        "delay_p90_seconds": None if p90 is None else p90 / SECOND,
        "within_12h": punctual / size if size else None,
    }


_NOTHING: Final = CarrierDay()
