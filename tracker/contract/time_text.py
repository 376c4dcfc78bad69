"""Times as carriers write them: RFC 3339 with an offset, or a coded fault. No offset is ever guessed."""

import re
from datetime import datetime
from typing import Final, NamedTuple

from tracker.domain.moment import Millis, from_datetime

_RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-2][0-9]:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(Z|z|[+-][0-9]{2}:?[0-9]{2})?"
)
_PLAUSIBLE: Final = (Millis(946_684_800_000), Millis(4_102_444_800_000))  # 2000-01-01 to 2100-01-01


class WrongTime(NamedTuple):
    """Why a text is no time: the fault's code, and what was wanted."""

    code: str
    wanted: str


def read_time(value: str) -> Millis | WrongTime:
    """The moment of an RFC 3339 text, or what is wrong with it. No offset is ever guessed."""
    found = _RFC3339.fullmatch(value)
    if found is None:
        return WrongTime("E302", "RFC 3339, as in 2026-03-01T08:40:00+05:00")
    if found[1] is None:
        return WrongTime("E303", "an offset, as in +05:00 or Z")
    try:
        moment = from_datetime(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError):
        return WrongTime("E302", "a date and time that exist")
    if not _PLAUSIBLE[0] <= moment < _PLAUSIBLE[1]:
        return WrongTime("E305", "a year from 2000 to 2099")
    return moment
