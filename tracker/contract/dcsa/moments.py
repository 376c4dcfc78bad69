"""Times as senders of DCSA write them: RFC 3339 where it is plain what is meant. No offset is ever added."""

import re
from typing import Final

_RFC3339: Final = re.compile(r"[0-9-]{10}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?")
_PLAIN: Final = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?:[Tt]|\s+)([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]+))?)?"
    r"\s*(?:(Z|UTC|GMT)|([+-])\s*([0-9]{2}):?([0-9]{2})?)?(?:\[[A-Za-z0-9_/+-]+\])?",
    re.IGNORECASE,
)
"""Also: a blank for the T, no seconds, a decimal comma, no signs between digits, `UTC`, `+05`, a zone in brackets."""


def plain_time(text: str) -> str:
    """A time as RFC 3339 writes it; as it is where it is that already, or is no time.

    >>> plain_time("2026-03-01 08:40 +05"), plain_time("20260301T084000Z"), plain_time("2026-03-01 08:40:00")
    ('2026-03-01T08:40:00+05:00', '2026-03-01T08:40:00Z', '2026-03-01T08:40:00')
    """
    if _RFC3339.fullmatch(text) or (found := _PLAIN.fullmatch(text)) is None:
        return text
    year, _, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = found.groups()
    offset = "Z" if utc else f"{sign}{hours}:{minutes or '00'}" if sign else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{f'.{fraction}' if fraction else ''}{offset}"
