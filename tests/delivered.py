"""What a stream delivered, in one form to compare: rows as restored, records without their repetitions."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from tracker.domain.container import ContainerRow, reports_of
from tracker.domain.movement import holding
from tracker.domain.transport import DERIVED
from tracker.streams.rows import unpacked
from tracker.streams.stage import Record


def restored(changelog: Iterable[Record]) -> dict[int, dict[bytes, bytes]]:
    """The rows' bodies by partition and key, by the rule of restore: the higher position wins, the later of equals."""
    rows: defaultdict[int, dict[bytes, bytes]] = defaultdict(dict)
    for record in changelog:
        assert record.key is not None
        held = rows[record.partition]
        if unpacked(record.value)[0] >= unpacked(held.get(record.key))[0]:
            held[record.key] = record.value or b""
    return {
        partition: {key: body for key, row in held.items() if (body := unpacked(row)[1]) is not None}
        for partition, held in rows.items()
    }


def plain_row(row: ContainerRow) -> dict[str, Any]:
    """Everything a container's row holds but what a sweep judged and noted, without the positions of its reports.

    Of movements that follow from a transport's reports only what holds: which versions came before it, and their
    numbers, is a matter of the order in which loadings and departures came.
    """
    reports = [msgspec.structs.replace(report, source=(0, 0, 0)) for report in reports_of(row)]
    held = {(each.carrier, each.id): each for each in holding(reports)}
    kept = [
        (mark, sort, report)
        for mark, sort, report in zip(row.marks, row.sorts, reports, strict=True)
        if not report.id.startswith(DERIVED) or held.get((report.carrier, report.id)) is report
    ]
    told = {
        "marks": [mark for mark, _, _ in kept],
        "sorts": [sort for _, sort, _ in kept],
        "reports": [
            msgspec.structs.replace(each, revision=None) if each.id.startswith(DERIVED) else each for _, _, each in kept
        ],
    }
    swept = {"judgement", "noted", "testimony"}
    return {name: getattr(row, name) for name in row.__struct_fields__ if name not in swept} | told


def once(records: Iterable[Record], source_of: Callable[[dict[str, Any]], tuple[Any, tuple[int, int]]]) -> list[Any]:
    """The records without the repeated ones; `source_of` gives the stream a record came from and where in it.

    Raises AssertionError where a mark, the highest position read of each stream, would mistake one for the other.
    """
    seen: dict[tuple[Any, Any], bytes] = {}
    marks: dict[tuple[str, int, Any], tuple[int, int]] = {}
    kept: list[Any] = []
    for record in records:
        value = record.value or b""
        content = json.loads(value)
        stream, at = source_of(content)
        mark = (record.topic, record.partition, stream)
        if at > marks.get(mark, (-1, -1)):
            marks[mark] = at
            seen[stream, at] = value
            kept.append(content)
        else:
            assert seen.get((stream, at)) == value, f"{record} is taken for a repetition and is none"
    return kept


def made_at(movement: Mapping[str, Any]) -> tuple[Any, tuple[int, int]]:
    """What a movement was made of: a place in a carrier's topic, or in `rail.transports`."""
    via = movement.get("via")
    stream, (partition, offset, index) = ("via", via) if via else (movement["carrier"], movement["source"])
    return (stream, partition), (offset, index)
