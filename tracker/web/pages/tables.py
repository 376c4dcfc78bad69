"""Tables of figures: corridors, their sections and targets, nodes, crossings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tracker.aggregates.entries import CorridorEntry, Statistics
from tracker.aggregates.part import Whole
from tracker.domain.network import Corridor, Direction, Network, Node
from tracker.web.markup import Html, Shown, markup, number, share, table, tag
from tracker.web.pages.frame import Reader
from tracker.web.pages.words import Words

BASE: Final = "30d"
"""The window of times: a shorter one has too few transits on quiet corridors."""
STAYS: Final = "7d"
"""The window of stays: what a dispatcher compares today with."""
WINDOWS: Final = ("24h", "7d", "30d")

ARROWS: Final = {
    Direction.WESTBOUND: "←",
    Direction.EASTBOUND: "→",
    Direction.SOUTHBOUND: "↓",
    Direction.NORTHBOUND: "↑",
}

Open = Mapping[tuple[str, Direction | None], int]
"""Open journeys by corridor and direction."""


def open_of(whole: Whole) -> Open:
    """Open journeys by corridor and direction, whatever their state."""
    found = Counter[tuple[str, Direction | None]]()
    for (corridor, way, _), count in whole.open.items():
        found[corridor, way] += count
    return found


def corridors_table(reader: Reader, whole: Whole) -> Html:
    """A row per corridor and direction: what is under way, volume, times, speed."""
    say, journeys = reader.say, open_of(whole)
    entries = _by_place(whole.statistics)
    longest = max((e["transit_seconds"].get("0.95", 0.0) for e in entries.values() if e["window"] == BASE), default=0.0)
    heads = (
        "Corridor", "Direction", "Under way", "TEU 24 h", "TEU 7 d", "TEU 30 d", "Transits 30 d", "p50", "p95",
        "p50 and p95", "km/h", "km/h moving", "On time",
    )  # fmt: skip
    rows: list[Sequence[Shown]] = []
    for corridor, way in ways(reader.network):
        windows = [entries.get((corridor.id, corridor.sections[0].id, way, name)) for name in WINDOWS]
        base = windows[-1]
        if base is None:
            continue
        times = base["transit_seconds"]
        rows.append(
            (
                _named(corridor, way),
                way_shown(say, way),
                number(journeys.get((corridor.id, way), 0)),
                *(number(None if entry is None else entry["teu"]) for entry in windows),
                number(base["transits"]),
                reader.say.duration(times.get("0.5")),
                reader.say.duration(times.get("0.95")),
                _range(say, times, longest),
                number(base["speed"]["with_delay"], 1),
                number(base["speed"]["without_delay"], 1),
                share(base["on_time"]),
            )
        )
    lost = sum(count for (name, _), count in journeys.items() if name not in reader.network.corridors)
    told = tag("p", say("On no corridor, or not yet known which: {count} open journeys.", count=number(lost)))
    return tag("section", table(say("Corridors"), _said(say, heads), rows, texts=2), *([told] if lost else []))


def targets_table(reader: Reader, statistics: Statistics) -> Html:
    """A row per corridor that has a yearly target."""
    rows: list[Sequence[Shown]] = [
        (
            link(f"/corridors/{target['corridor']}", target["corridor"]),
            number(target["crossings"]),
            number(target["kg_unknown"]),
            *(
                number(None if kg is None else kg / 1000)
                for kg in (target["kg"], target["due_kg"], target["target_kg"])
            ),
            share(target["ratio"]),
        )
        for target in statistics["targets"]
    ]
    heads = ("Corridor", "Boxes", "of unknown mass", "Tonnes", "Due by now", "Target of the year", "Of what is due")
    return section(reader.say, "This year against the target", heads, rows, texts=1)


def sections_table(reader: Reader, statistics: Statistics, corridor: str | None = None) -> Html:
    """A row per section and direction that has transits."""
    entries, rows = _by_place(statistics), list[Sequence[Shown]]()
    for each, way in ways(reader.network):
        for part in each.sections:
            entry = entries.get((each.id, part.id, way, BASE))
            if entry is not None and entry["transits"] and corridor in (None, each.id):
                shown = way_shown(reader.say, way)
                rows.append((each.id, part.id, shown, *_timed(reader.say, entry["transits"], entry["transit_seconds"])))
    heads = ("Corridor", "Section", "Direction", "Transits", "p50", "p90", "p95", "Mean")
    return section(reader.say, "Sections, 30 days", heads, rows, texts=3)


def nodes_table(reader: Reader, statistics: Statistics, only: str | None = None) -> Html:
    """A row per node, side and direction: who stands there, for how long, and stays that ended."""
    say, rows = reader.say, list[Sequence[Shown]]()
    for entry in sorted(statistics["nodes"], key=lambda entry: (-entry["containers"], entry["node"])):
        if entry["window"] == STAYS and only in (None, entry["node"]):
            node = reader.network.nodes.get(entry["node"])
            country = "" if node is None else f", {node.country}"
            rows.append(
                (
                    link(f"/nodes/{entry['node']}", reader.name_of(entry["node"]) + country),
                    say(entry["side"]) if entry["side"] else "",
                    way_shown(say, entry["direction"]),
                    number(entry["containers"]),
                    *(reader.say.duration(entry["age_seconds"].get(name)) for name in ("0.5", "max")),
                    "" if node is None or node.stay is None else reader.say.duration(node.stay.planned * 3600),
                    _of_plan(node, entry["dwell_seconds"]),
                    *_timed(reader.say, entry["dwells"], entry["dwell_seconds"]),
                )
            )
    heads = (
        "Node", "Side", "Direction", "Standing now", "for p50", "longest", "Planned", "p50 of plan", "Stays that ended",
        "p50", "p90", "p95", "Mean",
    )  # fmt: skip
    return section(say, "Nodes, stays of 7 days", heads, rows, texts=3)


def crossings_table(reader: Reader, statistics: Statistics, only: str | None = None) -> Html:
    """A row per crossing or counting line and direction."""
    found: dict[tuple[str, Direction | None], dict[str, tuple[int, float | None]]] = {}
    for entry in statistics["crossings"]:
        if only in (None, entry["crossing"]):
            place = entry["crossing"], entry["direction"]
            found.setdefault(place, {})[entry["window"]] = entry["crossings"], entry["teu"]
    rows: list[Sequence[Shown]] = [
        (
            " – ".join(reader.name_of(end) for end in crossing.split("--")),
            way_shown(reader.say, way),
            *(number(counts.get(name, (0, 0.0))[0]) for name in WINDOWS),
            *(number(counts.get(name, (0, 0.0))[1]) for name in WINDOWS),
        )
        for (crossing, way), counts in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]
    heads = ("Crossing", "Direction", "Boxes 24 h", "Boxes 7 d", "Boxes 30 d", "TEU 24 h", "TEU 7 d", "TEU 30 d")
    return section(reader.say, "Border crossings and counting lines", heads, rows, texts=2)


def section(say: Words, caption: str, heads: Sequence[str], rows: Iterable[Sequence[Shown]], texts: int) -> Html:
    """A table with its caption, or nothing where there is no row."""
    listed = list(rows)
    return tag("section", table(say(caption), _said(say, heads), listed, texts) if listed else Html(""))


def ways(network: Network) -> Iterable[tuple[Corridor, Direction]]:
    """Every corridor in both directions."""
    for corridor in network.corridors.values():
        yield corridor, corridor.forward
        yield corridor, corridor.backward


def way_shown(say: Words, direction: str | None) -> Html:
    """A direction with its arrow."""
    return markup("" if direction is None else f"{ARROWS[Direction(direction)]} {say(direction)}")


def link(path: str, words: str) -> Html:
    """A link inside of the page."""
    return tag("a", words, href=path)


def _by_place(statistics: Statistics) -> dict[tuple[str, str, str | None, str], CorridorEntry]:
    return {(e["corridor"], e["section"], e["direction"], e["window"]): e for e in statistics["corridors"]}


def _said(say: Words, heads: Sequence[str]) -> list[str]:
    return [say(head) if head else "" for head in heads]


def _named(corridor: Corridor, way: Direction) -> Html:
    """The corridor with its way spelt out once, in the first of its two rows."""
    shown = tag("a", corridor.id, href=f"/corridors/{corridor.id}", title=corridor.name)
    return tag("span", shown, tag("small", corridor.name)) if way is corridor.forward else shown


def _timed(say: Words, count: int, times: dict[str, float]) -> tuple[str, ...]:
    return (number(count), *(say.duration(times.get(name)) for name in ("0.5", "0.9", "0.95", "mean")))


def _of_plan(node: Node | None, times: dict[str, float]) -> Html:
    """How the median stay is to the planned one."""
    if node is None or node.stay is None or "0.5" not in times:
        return Html("")
    ratio = times["0.5"] / (node.stay.planned * 3600)
    return tag("span", share(ratio), class_="unready" if ratio >= _SLOW else "")


_SLOW: Final = 1.5
"""Median to planned stay from which a node stands out: dispatchers' own line."""


def _range(say: Words, times: dict[str, float], longest: float) -> Html:
    """The median as a bar and the way from it to the p95 as a thinner one, on a scale all rows share."""
    if "0.95" not in times or longest <= 0:
        return Html("")
    median, late = (round(100 * times[name] / longest, 1) for name in ("0.5", "0.95"))
    bars = (
        tag("rect", width=f"{late}", height="4", y="4", class_="late"),
        tag("rect", width=f"{median}", height="12", class_="median"),
    )
    return tag("svg", *bars, viewBox="0 0 100 12", width="72", height="12", role="img", aria_label=say("p50 and p95"))
