"""Quiet hours in a zone, and messages per hour."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from tracker.contract.endpoints import Quiet
from tracker.domain.moment import HOUR, MINUTE, Millis, from_datetime, text
from tracker.notify.hours import Allowance, quiet_until

NIGHT = Quiet(time(22), time(6), ZoneInfo("Asia/Almaty"))  # UTC+5
NOON_BREAK = Quiet(time(12), time(13), ZoneInfo("Asia/Almaty"))


def moment(written: str) -> Millis:
    return from_datetime(datetime.fromisoformat(written))


@pytest.mark.parametrize(("quiet", "at", "until"), [
    (NIGHT, "2026-03-01T16:59:59Z", None), (NIGHT, "2026-03-01T17:00:00Z", "2026-03-02T01:00:00Z"),
    (NIGHT, "2026-03-01T20:30:00Z", "2026-03-02T01:00:00Z"), (NIGHT, "2026-03-02T00:59:59Z", "2026-03-02T01:00:00Z"),
    (NIGHT, "2026-03-02T01:00:00Z", None), (NOON_BREAK, "2026-03-01T07:30:00Z", "2026-03-01T08:00:00Z"),
    (NOON_BREAK, "2026-03-01T08:00:00Z", None), (None, "2026-03-01T20:30:00Z", None),
])  # fmt: skip
def test_quiet_hours_are_those_of_their_zone_also_over_midnight(
    quiet: Quiet | None, at: str, until: str | None
) -> None:
    found = quiet_until(quiet, moment(at))
    assert (None if found is None else text(found)) == until


def test_the_hour_in_which_clocks_are_put_forward_ends_quiet_hours_in_time() -> None:
    berlin = Quiet(time(22), time(6), ZoneInfo("Europe/Berlin"))
    found = quiet_until(berlin, moment("2026-03-28T22:30:00Z"))
    assert found is not None
    assert text(found) == "2026-03-29T04:00:00Z"  # 6 o'clock in summer time


def test_a_limit_lets_so_many_go_in_any_hour() -> None:
    allowance = Allowance(2)
    for minute in (0, 10):
        assert allowance.spent_until(Millis(minute * MINUTE)) is None
        allowance.spend(Millis(minute * MINUTE))
    assert allowance.spent_until(Millis(11 * MINUTE)) == HOUR
    assert allowance.spent_until(Millis(HOUR)) is None
    allowance.spend(Millis(HOUR))
    assert allowance.spent_until(Millis(HOUR)) == HOUR + 10 * MINUTE


def test_what_was_told_before_a_restart_counts() -> None:
    allowance = Allowance(2)
    allowance.begin_with([Millis(20), Millis(10), Millis(30)])
    assert allowance.spent_until(Millis(40)) == HOUR + 20


def test_without_a_limit_everything_goes() -> None:
    allowance = Allowance(None)
    allowance.begin_with([Millis(1)])
    for _ in range(1000):
        allowance.spend(Millis(5))
    assert allowance.spent_until(Millis(6)) is None
