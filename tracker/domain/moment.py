"""Moments as whole milliseconds of UTC since 1970, and their one text form.

Three clocks share the unit and are never mixed: event time (when it happened), received time (when Kafka
stored the report) and recorded time (when the source learned it). Local time exists only in pages.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NewType

Millis = NewType("Millis", int)
"""A moment: milliseconds since 1970-01-01T00:00:00Z."""

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_NAIVE: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # its text is completed with Z
_MILLISECOND: Final = timedelta(milliseconds=1)


def from_datetime(moment: datetime) -> Millis:
    """The moment of an aware datetime; microseconds are cut off, not rounded, so order is kept.

    >>> from_datetime(datetime(2026, 3, 1, 8, 40, tzinfo=UTC))
    1772354400000
    """
    assert moment.tzinfo is not None, "a time without an offset is refused at the edge"
    return Millis((moment - _EPOCH) // _MILLISECOND)


def to_datetime(moment: Millis) -> datetime:
    """The aware UTC datetime of a moment."""
    return _EPOCH + timedelta(milliseconds=moment)


def text(moment: Millis) -> str:
    """RFC 3339 in UTC with `Z`; milliseconds only where there are any.

    >>> text(Millis(1772354400000)), text(Millis(1772354400250))
    ('2026-03-01T08:40:00Z', '2026-03-01T08:40:00.250Z')
    """
    # Naive on purpose: isoformat of an aware datetime costs twice as much and ends in +00:00.
    if moment % SECOND:
        return (_EPOCH_NAIVE + timedelta(milliseconds=moment)).isoformat(timespec="milliseconds") + "Z"
    return (_EPOCH_NAIVE + timedelta(seconds=moment // SECOND)).isoformat() + "Z"


def hour_of(moment: Millis) -> int:
    """The hour of event time a moment belongs to: whole hours since 1970."""
    return moment // HOUR
