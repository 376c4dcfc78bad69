"""Moments as whole milliseconds of UTC since 1970, and their one text form.

Three clocks share the unit and are never mixed: event time (when it happened), received time (when Kafka
stored the report) and recorded time (when the source learned it). Local time exists only in pages.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NewType

from msgspec import to_builtins

Millis = NewType("Millis", int)
"""A moment: milliseconds since 1970-01-01T00:00:00Z."""

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def from_datetime(moment: datetime) -> Millis:
    """The moment of an aware datetime; microseconds are cut off, not rounded, so order is kept.

    >>> from_datetime(datetime(2026, 3, 1, 8, 40, tzinfo=UTC))
    1772354400000
    """
    assert moment.tzinfo is not None, "a time without an offset is refused at the edge"
    since = moment - _EPOCH
    return Millis(since.days * DAY + since.seconds * SECOND + since.microseconds // 1_000)


def to_datetime(moment: Millis) -> datetime:
    """The aware UTC datetime of a moment."""
    return _EPOCH + moment * _MILLISECOND


def text(moment: Millis) -> str:
    """RFC 3339 in UTC with `Z`; milliseconds only where there are any.

    >>> text(Millis(1772354400000)), text(Millis(1772354400250))
    ('2026-03-01T08:40:00Z', '2026-03-01T08:40:00.250Z')
    """
    # msgspec writes a datetime's text, Z and all, in a fraction of the time that isoformat takes.
    written: str = to_builtins(_EPOCH + moment * _MILLISECOND)
    return f"{written[:-4]}Z" if moment % SECOND else written


def hour_of(moment: Millis) -> int:
    """The hour of event time a moment belongs to: whole hours since 1970."""
    return moment // HOUR
