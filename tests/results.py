"""What comes out of the tracker, read from the stream's topics or from `tracker batch`, in one form to compare.

Compared are journeys, the final set of facts, the figures of every window, what was rejected and what carriers
were told. Left out is what may differ between two orders of arrival (semantics, 1.5 and 6):

- positions: where a record came to lie in its topic. A report is known by its bytes, carrier and received time.
- which of several equal reports is the `duplicate`: the later to arrive. How many of each identity is compared.
- whether a report that is not the highest of its versions was `accepted` first or `superseded` at once. Both
  together are compared, as what is neither rejected nor a duplicate.
- a report that was set aside for a while because more trusted ones had not come yet: its carrier is told (`W304`)
  and not told otherwise when it holds again. Compared is that all are told whose reports are set aside in the end.
- hours that a worker has forgotten: the window `all` is compared over those it keeps (`cell.HOURS_KEPT`).

The stream delivers at least once. A record is repeated when it has the same source as one before it; then it must
be the same record, and no record may come with a source below one that was seen and was not: readers would take it
for a repetition. Both are checked.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from tests.delivered import made_at, once, restored
from tests.hearing import Place, Sent, Told, duplicates, heard, outcomes, set_aside, told_of
from tracker.aggregates.cell import HOURS_KEPT, read_cell, read_slot
from tracker.aggregates.entries import Statistics
from tracker.aggregates.statistics import corridor_statistics, statistics_of
from tracker.aggregates.windows import ALL, WINDOWS, last_hour, totals_of
from tracker.aggregates.years import YEAR
from tracker.contract.journeys import journey_json
from tracker.contract.records import FactRecord, fact_of
from tracker.domain.container import Rules
from tracker.domain.facts import Fact
from tracker.domain.moment import Millis, from_datetime, hour_of, text
from tracker.streams.carrier_row import CarrierRow
from tracker.streams.clock import DataClock
from tracker.streams.journeys import JourneysStage
from tracker.streams.packing import unpack
from tracker.streams.stage import Record
from tracker.streams.subjects import SubjectsStage

SHOWN_MAX: Final = 3
"""Differences shown of each kind: a fault of ours may make thousands."""


class Written(NamedTuple):
    """All records on the topics a worker writes, each topic's partitions in their order."""

    intake: Sequence[Record]
    journeys: Sequence[Record]
    subjects: Sequence[Record]
    movements: Sequence[Record]
    facts: Sequence[Record]
    rejected: Sequence[Record]
    feedback: Sequence[Record]
    transports: Sequence[Record] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """What must be equal.

    `kept`: the figures over all hours that a worker keeps. `set_aside`: carrier and id (or body) of the reports whose
    carrier was told so. `carriers`: reports, rejected ones and watermark of each.
    """

    journeys: dict[str, Any]
    facts: dict[str, Any]
    figures: dict[str, Any]
    kept: dict[str, Any]
    rejected: Counter[str]
    told: Counter[Told]
    set_aside: set[tuple[str, str]]
    duplicates: Counter[tuple[str, str | None]]
    outcomes: Counter[str]
    carriers: dict[str, tuple[int, int, str | None]]


class Unheard:
    """Hears every stage, and minds only what must never happen."""

    def report(self, carrier: str, outcome: str, count: int = 1) -> None: ...
    def faults(self, carrier: str, codes: Sequence[str]) -> None: ...

    def crowded(self, reports: int) -> None: ...
    def movement(self, carrier: str, kind: str, count: int = 1) -> None: ...
    def fact(self, fact: Fact, op: str) -> None: ...
    def outdated(self, facts: int) -> None: ...
    def exception(self, rule: str, transition: str) -> None: ...
    def foretold(self, horizon: str, seconds: float, place: str) -> None: ...

    def invariant(self, name: str) -> None:
        raise AssertionError(f"{name} was violated")


def differences(seen: Results, expected: Results) -> list[str]:
    """What is not equal, in lines; nothing when all is."""
    lines: list[str] = []
    if untold := expected.set_aside - seen.set_aside:
        lines.append(f"set_aside: not told of {len(untold)}, such as {sorted(untold)[:SHOWN_MAX]}")
    for name in (field.name for field in fields(Results) if field.name != "set_aside"):
        one, other = getattr(seen, name), getattr(expected, name)
        wrong = sorted((key for key in {*one, *other} if one.get(key) != other.get(key)), key=str)
        if wrong:
            lines.append(f"{name}: {len(wrong)} of {len(other)} differ")
        for key in wrong[:SHOWN_MAX]:
            lines += [f"  {key}", f"    seen     {one.get(key)}", f"    expected {other.get(key)}"]
    return lines


def of_files(folder: Path, sent: Mapping[Place, Sent], rules: Rules) -> Results:
    """The results that `tracker batch` wrote; `sent` by position as the batch counts (partition 0)."""
    facts = {record["id"]: record for record in _lines(folder / "facts.jsonl")}
    corridors: Statistics = json.loads((folder / "corridors.json").read_text())
    summary = json.loads((folder / "summary.json").read_text())
    until = corridors["until"]
    told = heard((record["carrier"], record) for record in _lines(folder / "feedback.jsonl"))
    final = [fact_of(msgspec.convert(record, FactRecord)) for record in facts.values()]
    since = _forgotten(from_text(until))
    lasting = corridor_statistics((f for f in final if hour_of(f.end) > since), rules.network, from_text(until))
    return Results(
        journeys={journey["journey"]: journey | _UNJUDGED for journey in _lines(folder / "journeys.jsonl")},
        facts={identity: _content(record) for identity, record in facts.items()},
        figures=_figures(corridors, (*WINDOWS, YEAR)),
        kept=_figures(lasting, (ALL,)),
        rejected=Counter(map(_rejected, _lines(folder / "rejected.jsonl"))),
        told=told_of(told, sent),
        set_aside=set_aside(told, sent),
        duplicates=duplicates(told),
        outcomes=outcomes(told, summary["reports"]),
        carriers={
            carrier: (card["reports"], card["outcomes"]["rejected"], card["watermark"])
            for carrier, card in summary["carriers"].items()
        },
    )


def of_stream(written: Written, sent: Mapping[Place, Sent], rules: Rules, until: Millis) -> Results:
    """The results on the topics; `sent` by position. Raises AssertionError on what no reader could tell apart."""
    containers, cells = restored(written.journeys), restored(written.subjects)
    journeys, subjects = JourneysStage(rules, Unheard()), SubjectsStage(rules.network, DataClock(), Unheard())
    for partition, rows in containers.items():
        journeys.recovered(partition, rows.items())
    for partition, rows in cells.items():
        subjects.recovered(partition, rows.items())
    since = _forgotten(until)
    hours = [(read_slot(key), read_cell(body)) for rows in cells.values() for key, body in rows.items()]
    totals = totals_of(((slot.group, cell.hour, cell.tally) for slot, cell in hours if cell.hour > since), until)
    movements = [movement for movement in once(written.movements, made_at) if "via" not in movement]
    about = once(written.transports, lambda told: made_at(told["movement"]))
    movements += [told for told in about if not told["movement"]["container"]]
    rejected = {_origin(record): record for record in map(_json, written.rejected)}
    told = heard((_carrier(record), _json(record)) for record in written.feedback)
    return Results(
        journeys={
            journey.id: msgspec.to_builtins(journey_json(journey, key.decode(), until, rules.network))
            for rows in containers.values()
            for key, body in rows.items()
            for journey in unpack(body).journeys
        },
        facts=final_facts(written.facts),
        figures=_figures(subjects.statistics(until, journeys.survey(until).standing()), (*WINDOWS, YEAR)),
        kept=_figures(statistics_of(totals, rules.network, until), (ALL,)),
        rejected=Counter(map(_rejected, rejected.values())),
        told=told_of(told, sent),
        set_aside=set_aside(told, sent),
        duplicates=duplicates(told),
        outcomes=outcomes(told, len(movements) + len(rejected)),
        carriers=_carriers(restored(written.intake)),
    )


_UNJUDGED = {"state": "unknown", "expected": None, "next": None}
"""What sweeps say of a journey, which is compared in `tests.broker.test_exceptions`."""


def final_facts(records: Iterable[Record]) -> dict[str, Any]:
    """The facts that hold after every operation, by id; each operation once."""
    contents: dict[str, Any] = {}
    standing: Counter[str] = Counter()
    for fact in once(records, lambda f: (f["source"][0], tuple(f["source"][1:]))):
        standing[fact["id"]] += 1 if fact["op"] == "added" else -1
        contents[fact["id"]] = _content(fact)
    assert set(standing.values()) <= {0, 1}, "a fact is added twice, or withdrawn without having been added"
    return {identity: contents[identity] for identity, count in standing.items() if count}


def from_text(moment: str) -> Millis:
    """The moment of a text that the tracker wrote."""
    return from_datetime(datetime.fromisoformat(moment))


def _carriers(rows: Mapping[int, Mapping[bytes, bytes]]) -> dict[str, tuple[int, int, str | None]]:
    sums: dict[str, tuple[int, int, str | None]] = {}
    for held in rows.values():
        for key, body in held.items():
            row = msgspec.msgpack.decode(body, type=CarrierRow)
            reports, refused, watermark = sums.get(key.decode(), (0, 0, None))
            newest = "" if row.watermark is None else text(row.watermark)
            sums[key.decode()] = reports + row.reports, refused + row.rejected, max(watermark or "", newest) or None
    return sums


def _figures(statistics: Statistics, windows: Iterable[str]) -> dict[str, Any]:
    """The entries of some windows by what they are about; targets are of the year."""
    wanted = frozenset(windows)
    names = {
        "corridors": ("corridor", "section", "direction", "window"),
        "nodes": ("node", "side", "direction", "window"),
        "crossings": ("crossing", "direction", "window"),
        "legs": ("leg", "direction", "window"),
        "years": ("corridor", "direction", "window"),
        "targets": ("corridor",),
    }
    entries = json.loads(json.dumps(statistics))
    return {
        " ".join([part, *(str(entry[name]) for name in names[part])]): entry
        for part in names
        for entry in entries[part]
        if entry.get("window", YEAR) in wanted
    }


def _forgotten(until: Millis) -> int:
    """The last hour that a worker need not know any more."""
    return last_hour(until) - HOURS_KEPT


def _content(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {"op", "source"}}


def _origin(record: Mapping[str, Any]) -> tuple[str, int, int, int]:
    origin = record["origin"]
    return origin["topic"], origin["partition"], origin["offset"], origin["index"]


def _rejected(record: Mapping[str, Any]) -> str:
    """The whole record without its position."""
    topic, _, _, index = _origin(record)
    return json.dumps({**record, "origin": {"topic": topic, "index": index}}, sort_keys=True)


def _carrier(record: Record) -> str:
    return record.topic.removeprefix("carrier.").removesuffix(".feedback")


def _json(record: Record) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(record.value or b"")
    return content


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as lines:
        return [json.loads(line) for line in lines]
