"""Local times of a table into RFC 3339 with an offset, by an explicit zone and a rule for odd hours.

Nothing is guessed: what cannot be read or placed stays a time without an offset, which the tracker
rejects with a coded fault, and the reason is counted here.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.push.cell import Cell, as_text
from tracker.push.mapping import TimeSource

NO_ZONE = "time without a zone: the node is not known"
NO_FORMAT = "time in none of the mapping's formats"
REPEATED_HOUR = "local time happens twice: the clocks went back"
SKIPPED_HOUR = "local time never happened: the clocks went forward"


def read_time(cells: Sequence[Cell], source: TimeSource, zone: ZoneInfo | None) -> tuple[str | None, str | None]:
    """The time as text, and what is doubtful about it; (None, None) when there is none.

    `zone` is None when the source wants the node's zone and the node is not known.

    >>> from tracker.push.mapping import TimeSource
    >>> source = TimeSource(columns=("at",), formats=("%d.%m.%Y %H:%M",), zone="Europe/Moscow")
    >>> read_time(["01.03.2026 08:40"], source, source.fixed_zone)
    ('2026-03-01T08:40:00+03:00', None)
    """
    moment = _parse(cells, source.formats)
    if moment is None:
        text = _joined(cells)
        return (text, NO_FORMAT) if text else (None, None)
    if moment.tzinfo is not None:
        return moment.isoformat(), None
    if zone is None:
        return moment.isoformat(), NO_ZONE
    return _placed(moment, zone, source)


def _placed(moment: datetime, zone: ZoneInfo, source: TimeSource) -> tuple[str, str | None]:
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    # PEP 495: fold 0 takes the offset before a change, fold 1 the one after it. The sum of both questions
    # is answered by their order: a larger offset before means that the hour was lived twice.
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None, "a ZoneInfo always has an offset"
    assert after is not None, "a ZoneInfo always has an offset"
    if before == after:
        return first.isoformat(), None
    if before > after:
        if source.repeated == "reject":
            return moment.isoformat(), REPEATED_HOUR
        return (first if source.repeated == "first" else second).isoformat(), None
    if source.skipped == "reject":
        return moment.isoformat(), SKIPPED_HOUR
    return first.isoformat(), None  # the old offset still shown: 02:30+02:00 is the moment 03:30+03:00


def _parse(cells: Sequence[Cell], formats: Sequence[str]) -> datetime | None:
    typed = _typed(cells)
    if typed is not None:
        return typed
    text = _joined(cells)
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - local by nature, placed by the caller
        except ValueError:
            continue
    return None


def _typed(cells: Sequence[Cell]) -> datetime | None:
    """The time of cells that a spreadsheet keeps as times: one with both, or a date and a time of day."""
    match [cell for cell in cells if cell != ""]:
        case [datetime() as moment]:
            return _whole_seconds(moment)
        case [datetime() as day, time() as clock]:
            return _whole_seconds(datetime.combine(day.date(), clock))
        case [datetime() as day, str() as clock] if (found := _clock(clock)) is not None:
            return datetime.combine(day.date(), found)
    return None


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text.strip().zfill(5))
    except ValueError:
        return None


def _whole_seconds(moment: datetime) -> datetime:
    # A spreadsheet keeps days as floating point: 08:40:00 may come back as 08:39:59.999997.
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def _joined(cells: Sequence[Cell]) -> str:
    return " ".join(as_text(cell) for cell in cells if cell != "").strip()
