"""Volume at the counting lines by calendar year (UTC), and what it is of a corridor's yearly target.

A window reaches back 30 days and a group's rows 35, but a target is of a year. So a row of crossings carries, beside
the tally of its hour, the volume of everything ever applied to it in this year and the last (`cell.Cell.years`). A
year's volume is the sum over the group's rows. Marks, position and withdrawal are those of the row: exact under the
same promises, without a second row or record.

**Year to date** is the calendar year that holds the last millisecond before the clock. The target is due pro rata
by whole hours, the running one included, as windows count them; on the first of January it is due by a 365th, so the
first days say little. Only mass that was reported counts: how many boxes had none is said.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, TypedDict

from tracker.aggregates.figures import counts_at
from tracker.aggregates.group import Crossings, Group
from tracker.aggregates.volume import Volume, kg_of, teu_of
from tracker.aggregates.windows import last_hour
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, Millis, from_datetime, hour_of, to_datetime
from tracker.domain.network import Direction, Network

YEAR: Final = "year"
"""The window of a year's entries."""

Years = Mapping[tuple[Group, int], Volume]
"""Group and year to what passed."""

_GRAMS_PER_TONNE: Final = 1_000_000


class YearEntry(TypedDict):
    """What passed a corridor's counting line in a direction in the year to date; as in `CorridorEntry`."""

    corridor: str
    direction: Direction | None
    window: str
    year: int
    crossings: int
    teu: float | None
    teu_unknown: int
    kg: float | None
    kg_unknown: int


class TargetEntry(TypedDict):
    """A corridor's year to date, both directions, against its target; kilograms.

    `ratio` is `kg` over `due_kg`, the part of `target_kg` that is due by now; None where something passed and no
    mass is known.
    """

    corridor: str
    year: int
    crossings: int
    kg: float | None
    kg_unknown: int
    target_kg: float
    due_kg: float
    ratio: float | None


def counts_in_years(fact: Fact, network: Network) -> bool:
    """Whether a fact is a passage of some corridor's counting line."""
    if fact.kind is not FactKind.CROSSING:
        return False
    leg = network.between.get((fact.origin or "", fact.goal or ""))
    return leg is not None and leg.id in network.counting


@lru_cache(maxsize=2_000)
def year_of_hour(hour: int) -> int:
    """The calendar year (UTC) of an hour (whole hours since 1970)."""
    return to_datetime(Millis(hour * HOUR)).year


def year_at(clock: Millis) -> int:
    """The year whose figures are shown at the clock.

    >>> from datetime import datetime, UTC
    >>> begin = from_datetime(datetime(2026, 1, 1, tzinfo=UTC))
    >>> year_at(begin), year_at(Millis(begin + 1))
    (2025, 2026)
    """
    return year_of_hour(last_hour(clock))


def due(clock: Millis) -> float:
    """The share of the year that is over at the clock, by whole hours, the running one included; above 0."""
    year = year_at(clock)
    begin, end = (hour_of(from_datetime(datetime(y, 1, 1, tzinfo=UTC))) for y in (year, year + 1))
    return (last_hour(clock) + 1 - begin) / (end - begin)


def year_entries(years: Years, network: Network, clock: Millis) -> Iterator[YearEntry]:
    """The year to date of every corridor and direction, zero or not, and of what is on no corridor where it passed."""
    year = year_at(clock)
    passed: dict[tuple[str, Direction | None], Volume] = {
        (corridor.id, direction): Volume()
        for corridor in network.corridors.values()
        for direction in (corridor.forward, corridor.backward)
    }
    found = _counted(years, network, year)
    for place, volume in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        if volume.count or place in passed:
            passed[place] = volume
    for (corridor_id, direction), volume in passed.items():
        yield YearEntry(
            corridor=corridor_id,
            direction=direction,
            window=YEAR,
            year=year,
            crossings=volume.count,
            teu=teu_of(volume),
            teu_unknown=volume.teu_unknown,
            kg=kg_of(volume),
            kg_unknown=volume.grams_unknown,
        )


def target_entries(years: Years, network: Network, clock: Millis) -> Iterator[TargetEntry]:
    """Every corridor with a target; all directions count, also journeys whose direction is not known."""
    year, share = year_at(clock), due(clock)
    found = _counted(years, network, year)
    for corridor in network.corridors.values():
        if corridor.target_tonnes_per_year is None:
            continue
        volume = Volume()
        for (corridor_id, _), each in found.items():
            if corridor_id == corridor.id:
                volume.merge(each)
        target = corridor.target_tonnes_per_year * _GRAMS_PER_TONNE / 1000
        mass = kg_of(volume)
        yield TargetEntry(
            corridor=corridor.id,
            year=year,
            crossings=volume.count,
            kg=mass,
            kg_unknown=volume.grams_unknown,
            target_kg=target,
            due_kg=target * share,
            ratio=None if mass is None else mass / (target * share),
        )


def _counted(years: Years, network: Network, year: int) -> dict[tuple[str, Direction | None], Volume]:
    """What passed the counting lines in a year, by corridor and direction."""
    found: dict[tuple[str, Direction | None], Volume] = {}
    for (group, its_year), volume in years.items():
        if its_year == year and isinstance(group, Crossings) and counts_at(group, network):
            found.setdefault((group.corridor, group.direction), Volume()).merge(volume)
    return found
