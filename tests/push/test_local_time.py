"""Zones, odd hours, formats."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from tracker.push.cell import Cell
from tracker.push.local_time import NO_FORMAT, NO_ZONE, REPEATED_HOUR, SKIPPED_HOUR, read_time
from tracker.push.mapping import TimeSource

FORMATS = ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")


def read(*cells: Cell, zone: str | None = "Europe/Berlin", **rules: str) -> tuple[str | None, str | None]:
    source = TimeSource.model_validate({"columns": ["at"], "formats": FORMATS, "zone": "node", **rules})
    return read_time(cells, source, ZoneInfo(zone) if zone else None)


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Asia/Almaty", "+05:00"), ("Europe/Moscow", "+03:00"), ("Europe/Berlin", "+01:00"), ("Asia/Kolkata", "+05:30")],
)
def test_a_local_time_gets_the_offset_of_its_zone_on_that_day(zone: str, offset: str) -> None:
    assert read("01.03.2026 08:40", zone=zone) == (f"2026-03-01T08:40:00{offset}", None)


def test_almaty_was_an_hour_further_east_until_march_2024() -> None:
    assert read("29.02.2024 08:00", zone="Asia/Almaty") == ("2024-02-29T08:00:00+06:00", None)
    assert read("02.03.2024 08:00", zone="Asia/Almaty") == ("2024-03-02T08:00:00+05:00", None)


def test_the_formats_are_tried_in_order() -> None:
    assert read("2026-03-01 08:40:59") == ("2026-03-01T08:40:59+01:00", None)


def test_date_and_time_in_two_columns_are_one_time() -> None:
    assert read("01.03.2026", "08:40") == ("2026-03-01T08:40:00+01:00", None)


def test_a_time_with_an_offset_of_its_own_keeps_it() -> None:
    assert read("2026-03-01T08:40:00+0500", zone=None) == ("2026-03-01T08:40:00+05:00", None)


def test_without_a_zone_the_time_is_passed_on_without_an_offset() -> None:
    assert read("01.03.2026 08:40", zone=None) == ("2026-03-01T08:40:00", NO_ZONE)


def test_a_text_in_no_format_is_passed_on_as_it_stands() -> None:
    assert read("yesterday") == ("yesterday", NO_FORMAT)


def test_an_empty_cell_is_no_time() -> None:
    assert read("") == (None, None)
    assert read("", "") == (None, None)


# Berlin, 29 March 2026:   01:59+01:00 | 03:00+02:00     02:00 to 02:59 never happened
# Berlin, 25 October 2026: 02:59+02:00 | 02:00+01:00     02:00 to 02:59 happened twice


@pytest.mark.parametrize(
    ("clock", "rule", "found"),
    [
        ("01:59", "reject", ("2026-03-29T01:59:00+01:00", None)),
        ("02:00", "reject", ("2026-03-29T02:00:00", SKIPPED_HOUR)),
        ("02:59", "reject", ("2026-03-29T02:59:00", SKIPPED_HOUR)),
        ("03:00", "reject", ("2026-03-29T03:00:00+02:00", None)),
        ("02:30", "forward", ("2026-03-29T02:30:00+01:00", None)),
    ],
)
def test_an_hour_that_never_happened_is_passed_on_without_offset_or_read_as_the_hour_after(
    clock: str, rule: str, found: tuple[str, str | None]
) -> None:
    assert read(f"29.03.2026 {clock}", skipped=rule) == found


@pytest.mark.parametrize(
    ("clock", "rule", "found"),
    [
        ("01:59", "reject", ("2026-10-25T01:59:00+02:00", None)),
        ("02:00", "reject", ("2026-10-25T02:00:00", REPEATED_HOUR)),
        ("02:59", "reject", ("2026-10-25T02:59:00", REPEATED_HOUR)),
        ("03:00", "reject", ("2026-10-25T03:00:00+01:00", None)),
        ("02:30", "first", ("2026-10-25T02:30:00+02:00", None)),
        ("02:30", "second", ("2026-10-25T02:30:00+01:00", None)),
    ],
)
def test_an_hour_that_happened_twice_is_passed_on_without_offset_or_read_as_told(
    clock: str, rule: str, found: tuple[str, str | None]
) -> None:
    assert read(f"25.10.2026 {clock}", repeated=rule) == found


@pytest.mark.parametrize(
    "cells",
    [
        (datetime.fromisoformat("2026-03-01T08:40"),),
        (datetime.fromisoformat("2026-03-01T08:39:59.999997"),),  # days as floating point
        (datetime.fromisoformat("2026-03-01"), time(8, 40)),
        (datetime.fromisoformat("2026-03-01"), "8:40"),
    ],
)
def test_a_spreadsheet_s_own_times_need_no_format(cells: Sequence[Cell]) -> None:
    assert read(*cells) == ("2026-03-01T08:40:00+01:00", None)
