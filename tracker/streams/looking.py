"""Looks through containers' rows for a text that their reports name: a train, a wagon, a booking."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from tracker.domain.container import reports_of
from tracker.domain.moment import text
from tracker.domain.report import Report
from tracker.streams.packing import opened, unpack

FIELDS: Final = ("train", "wagon", "vessel", "voyage", "booking", "consignment_note")


def look_through(
    keys: Iterable[bytes], read: Callable[[bytes], bytes | None], wanted: str
) -> Iterator[Mapping[str, Any] | None]:
    """For each row what is found in it, or None; letters' case counts for nothing, spaces do.

    A row that does not hold the text anywhere is not taken apart: 6 us instead of 60.
    """
    needle = wanted.lower().encode()
    for key in keys:
        body = read(key)
        if body is None or needle not in opened(body).lower():
            yield None
            continue
        found = [each for each in reports_of(unpack(body)) if _matches(each, wanted)]
        yield _record(key.decode(), found, wanted) if found else None


def _matches(report: Report, wanted: str) -> dict[str, str]:
    values = ((name, getattr(report, name)) for name in FIELDS)
    return {name: value for name, value in values if value is not None and wanted.lower() in value.lower()}


def _record(container: str, found: list[Report], wanted: str) -> dict[str, Any]:
    last = max(found, key=lambda each: (each.occurred, each.id))
    return {
        "container": container,
        "matches": _matches(last, wanted),
        "node": last.node,
        "occurred_at": text(last.occurred),
    }
