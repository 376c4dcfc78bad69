"""Times as carriers write them: RFC 3339 with an offset, or a coded fault. No offset is ever guessed."""

import re
from datetime import datetime
from typing import Final

from tracker.domain.faults import Fault, fault
from tracker.domain.moment import Millis, from_datetime

_RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-2][0-9]:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(Z|z|[+-][0-9]{2}:?[0-9]{2})?"
)
_PLAUSIBLE: Final = (Millis(946_684_800_000), Millis(4_102_444_800_000))  # 2000-01-01 to 2100-01-01


def read_time(value: str, path: str, faults: list[Fault]) -> Millis | None:
    """The moment of an RFC 3339 text; what is wrong with it is added to `faults`. No offset is ever guessed."""
    found = _RFC3339.fullmatch(value)
    if found is None:
        faults.append(fault("E302", path, value, "RFC 3339, as in 2026-03-01T08:40:00+05:00"))
        return None
    if found[1] is None:
        faults.append(fault("E303", path, value, "an offset, as in +05:00 or Z"))
        return None
    try:
        moment = from_datetime(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError):
        faults.append(fault("E302", path, value, "a date and time that exist"))
        return None
    if not _PLAUSIBLE[0] <= moment < _PLAUSIBLE[1]:
        faults.append(fault("E305", path, value, "a year from 2000 to 2099"))
        return None
    return moment
