"""Whether a trial came out right: everything on the topics against `tracker batch`, and every report accounted for."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.broker.whole import Whole
from tests.chaos.load import Expected
from tests.delivered import plain_row, restored
from tests.hearing import Place, Sent
from tests.results import Written, differences, of_stream
from tests.verdicts import told
from tracker.streams.packing import unpack
from tracker.streams.topics import EXCEPTIONS, events_topic

SHOWN_MAX = 5


async def arrived(whole: Whole) -> dict[Place, Sent]:
    """What lies in the carriers' topics, by place; of transactions what was not given up."""
    records = await whole.records([events_topic(carrier) for carrier in whole.carriers])
    return {
        (record.topic.split(".")[1], record.partition, record.offset): Sent(
            record.topic.split(".")[1],
            record.timestamp,  # type: ignore[arg-type]  # milliseconds
            record.value or b"",
        )
        for record in records
    }


def astray(sents: Sequence[Sent], places: dict[Place, Sent]) -> list[str]:
    """Whether what was sent arrived, once: else the trial proves nothing."""
    there, wanted = Counter(places.values()), Counter(sents)
    return (
        []
        if there == wanted
        else [f"harness: {len(wanted - there)} records did not arrive, {len(there - wanted)} twice"]
    )


def diverging(whole: Whole, written: Written, places: dict[Place, Sent], expected: Expected) -> list[str]:
    """All that is not as the batch has it: journeys, facts, figures, rejections, what carriers were told, rows."""
    try:
        seen = of_stream(written, places, whole.world.rules, expected.until)
    except AssertionError as error:  # a record that readers would take for another
        return [f"topics: {str(error)[:500]}"]
    lines = differences(seen, expected.results)
    rows = {key.decode(): unpack(body) for held in restored(written.journeys).values() for key, body in held.items()}
    wrong = [
        box
        for box in sorted(rows.keys() | expected.rows.keys())
        if box not in rows or plain_row(rows[box]) != expected.rows.get(box)
    ]
    return [
        *lines,
        *([f"rows: {len(wrong)} of {len(expected.rows)} differ, first {wrong[:SHOWN_MAX]}"] if wrong else []),
    ]


def accounted(written: Written, places: dict[Place, Sent], expected: Expected) -> dict[str, int]:
    """Every report by what became of it."""
    stops = Counter(json.loads(record.value or b"{}")["outcome"] for record in written.feedback if record.value)
    counts = dict(expected.results.outcomes)
    return {"records": len(places), **counts, "told_superseded": stops["superseded"]}


async def exceptions_differ(whole: Whole, wanted: Mapping[str, Mapping[str, Any]] | None) -> list[str]:
    """What is not as the batch judges (None: whatever it does); each version once, none left out."""
    try:
        seen = told(await whole.records([EXCEPTIONS]))
    except AssertionError as error:
        return [f"exceptions: {str(error)[:500]}"]
    if wanted is None:
        return []
    wrong = sorted(name for name in seen.keys() | wanted.keys() if seen.get(name) != wanted.get(name))
    lines = [f"  {name}: seen {seen.get(name)}, expected {wanted.get(name)}" for name in wrong[:SHOWN_MAX]]
    return [f"exceptions: {len(wrong)} of {len(wanted)} differ", *lines] if wrong else []
