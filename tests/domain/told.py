"""Journeys written as small tables, for tests that a railway person can read.

A line is `day hour:minute  kind  node  [word ...]`; words are `truck`, `vessel`, `laden`, `empty`, `45G1`,
`24t`, `to=GE-POTI`, `from=CN-XIAN`, `by=adyc`, `id=x`, `rev=2`, `retracted`, `planned`, `train=T1`,
`recorded=3/12:00`, `received=3/12:00`. Times are UTC in March 2026; `3/12:00` is the third at noon.
"""

from typing import Any
from zlib import crc32

from tracker.contract.network_file import load_network
from tracker.domain.container import ContainerRow, Rules, facts_of_row
from tracker.domain.facts import Fact
from tracker.domain.identifiers import teu_of
from tracker.domain.journey import Journey
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis, to_datetime
from tracker.domain.passage import stops
from tracker.domain.report import Classifier, Kind, Mode, Report
from tracker.domain.ruling import apply

BOX = "CSQU3054383"
RULES = Rules(load_network(), {"ktz": 0, "adyc": 1})
_FIRST = 1_772_236_800_000  # 2026-02-28T00:00Z, so that day 1 is the first of March


def moment(text: str) -> Millis:
    """`12/06:30` as a moment."""
    day, clock = text.split("/")
    hour, minute = clock.split(":")
    return Millis(_FIRST + int(day) * DAY + int(hour) * HOUR + int(minute) * MINUTE)


def shown(at: Millis | None) -> str:
    """A moment as the tables write it; `-` for none."""
    if at is None:
        return "-"
    days = (at - _FIRST) // DAY
    return f"{days}/{to_datetime(at):%H:%M}"


def reports(table: str) -> list[Report]:
    """The reports of a table, received an hour after they occurred unless recorded later or said to be."""
    lines = [words for line in table.splitlines() if (words := line.split())]
    return [_report(number, words) for number, words in enumerate(lines)]


def _report(number: int, words: list[str]) -> Report:
    at, kind, node, *rest = words
    given: dict[str, Any] = {"carrier": "ktz", "id": f"r{number}", "occurred": moment(at)}
    for word in rest:
        name, _, value = word.partition("=")
        match name:
            case "truck" | "vessel" | "barge":
                given["mode"] = Mode(name)
            case "laden" | "empty":
                given["laden"] = name == "laden"
            case "to" | "from":
                given["destination" if name == "to" else "origin"] = value
            case "by":
                given["carrier"] = value
            case "id" | "train" | "wagon":
                given[name] = value
            case "rev":
                given["revision"] = int(value)
            case "recorded" | "received":
                given[name] = moment(value)
            case "retracted":
                given["retracted"] = True
            case "planned" | "estimated":
                given["classifier"] = Classifier(name)
            case _ if name.endswith("t"):
                given["grams"] = int(name[:-1]) * 1_000_000
            case _:
                given["teu"] = teu_of(name)
    given.setdefault("received", Millis(max(moment(at), given.get("recorded", 0)) + HOUR))
    content = crc32(" ".join(words).encode())
    return Report(kind=Kind(kind), node=node, content=content, source=(0, number, 0), **given)


def told(table: str) -> ContainerRow:
    """The container's row after all reports of a table."""
    row = ContainerRow()
    for report in reports(table):
        apply(row, BOX, report, RULES)
    return row


def journeys(table: str) -> list[str]:
    """Each journey as `corridor direction status began-ended`."""
    return [_journey(journey) for journey in told(table).journeys]


def _journey(journey: Journey) -> str:
    direction = journey.direction or "-"
    return f"{journey.corridor} {direction} {journey.status} {shown(journey.began)}-{shown(journey.ended)}"


def visits(table: str) -> list[str]:
    """The last journey's stops as `node in out`, implied ones as `(node)`."""
    return [
        f"({stop.node})" if stop.implied else f"{stop.node} {shown(stop.arrived)} {shown(stop.departed)}"
        for stop in stops(told(table).journeys[-1], RULES.network)
    ]


def facts(table: str, *kinds: str) -> list[str]:
    """The facts of the kinds given, in order of their end, as `kind what start end`."""
    found = [fact for fact in facts_of_row(told(table), BOX, RULES) if fact.kind in kinds]
    return [_fact(fact) for fact in sorted(found, key=lambda fact: (fact.end, fact.kind, str(fact)))]


def _fact(fact: Fact) -> str:
    what = fact.section or (f"{fact.node} {fact.side}" if fact.side else fact.node)
    if fact.origin and not fact.section:
        what = f"{fact.origin}--{fact.goal}"
    times = shown(fact.end) if fact.start is None else f"{shown(fact.start)} {shown(fact.end)}"
    return f"{fact.kind} {what} {times}" + (" implied" if fact.implied else "")


WHOLE_WAY = """
    1/08:00   stuffed         CN-XIAN        laden 45G1 24t
    1/12:00   gate_in         CN-XIAN
    2/06:00   loaded          CN-XIAN
    2/08:00   departed        CN-XIAN
    5/08:00   arrived         CN-HORGOS
    5/22:00   departed        CN-HORGOS
    6/00:00   arrived         KZ-ALTYNKOL
    8/00:00   departed        KZ-ALTYNKOL
    11/12:00  arrived         KZ-AKTAU
    14/00:00  departed        KZ-AKTAU       vessel
    14/20:00  arrived         AZ-ALAT        vessel
    16/02:00  departed        AZ-ALAT
    16/18:00  arrived         AZ-BOYUKKESIK
    16/20:00  departed        AZ-BOYUKKESIK
    16/21:00  arrived         GE-GARDABANI
    17/09:00  departed        GE-GARDABANI
    17/23:00  arrived         GE-POTI
    19/10:00  gate_out        GE-POTI        truck
"""
