"""The page of the corridors' figures: HTML made here, without script, refreshed by the browser.

Pure: statistics in, text out. Times are UTC, and said to be.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tracker.aggregates.entries import CorridorEntry, Statistics
from tracker.aggregates.part import Whole
from tracker.domain.network import Corridor, Direction, Network
from tracker.web.markup import Html, Shown, duration, joined, markup, number, share, table, tag

Open = Mapping[tuple[str, Direction | None], int]
"""Open journeys by corridor and direction."""

REFRESH_SECONDS: Final = 5
"""How often the browser asks again."""

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

Entries = dict[tuple[str, str, str | None, str], CorridorEntry]


def render(whole: Whole, network: Network, unready: Sequence[str], missing: int = 0) -> str:
    """The whole page; `missing` is how many other workers did not answer."""
    statistics = whole.statistics
    journeys = Counter[tuple[str, Direction | None]]()
    for (corridor, way, _), count in whole.open.items():
        journeys[corridor, way] += count
    entries: Entries = {(e["corridor"], e["section"], e["direction"], e["window"]): e for e in statistics["corridors"]}
    parts = [
        _header(statistics, unready, missing),
        _tiles(statistics, journeys, entries, network),
        _corridors(entries, journeys, network),
        _targets(statistics),
        _sections(entries, network),
        _nodes(statistics, network),
        _crossings(statistics),
        tag(
            "footer",
            "Volume is counted at each corridor's counting line, times by the hour a transit or stay ended. "
            "A quantile needs five values. Figures are of all workers together. ",
            tag("a", "metrics", href="/metrics"),
            " ",
            tag("a", "corridors as JSON", href="/v1/corridors"),
            " ",
            tag("a", "nodes as JSON", href="/v1/nodes"),
        ),
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}"><title>Rail corridors</title>'
        '<link rel="stylesheet" href="/style.css">'
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{joined(parts).text}\n</body></html>\n'


def _header(statistics: Statistics, unready: Sequence[str], missing: int) -> Html:
    until = statistics["until"].replace("T", " ").removesuffix("Z")[:16]
    if missing:
        unready = [f"partial: {missing} of the other workers did not answer", *unready]
    more = f" and {len(unready) - 1} more" if len(unready) > 1 else ""
    state = tag("span", f"{unready[0]}{more}", class_="unready") if unready else tag("span", "ready", class_="ready")
    return tag("header", tag("h1", "Rail corridors"), tag("p", f"figures until {until} UTC · worker ", state))


def _tiles(statistics: Statistics, journeys: Open, entries: Entries, network: Network) -> Html:
    whole = [
        entry
        for corridor in network.corridors.values()
        for way in (corridor.forward, corridor.backward)
        for entry in [entries.get((corridor.id, corridor.sections[0].id, way, "24h"))]
        if entry is not None
    ]
    standing = {(e["node"], e["direction"]): e["containers"] for e in statistics["nodes"]}
    tiles = (
        ("open journeys", number(sum(journeys.values()))),
        ("TEU counted, 24 h", number(sum(entry["teu"] or 0.0 for entry in whole))),
        ("tonnes counted, 24 h", number(sum(entry["kg"] or 0.0 for entry in whole) / 1000)),
        ("transits end to end, 24 h", number(sum(entry["transits"] for entry in whole))),
        ("containers standing at nodes", number(sum(standing.values()))),
    )
    return tag("section", *(tag("p", tag("b", value), name) for name, value in tiles), class_="tiles")


def _corridors(entries: Entries, journeys: Open, network: Network) -> Html:
    longest = max((e["transit_seconds"].get("0.95", 0.0) for e in entries.values() if e["window"] == BASE), default=0.0)
    counted = ("Open", "TEU 24 h", "7 d", "30 d", "Boxes 24 h", "Transits 30 d")
    heads = ("Corridor", "", *counted, "p50", "p95", "", "km/h", "moving", "On time")
    rows: list[Sequence[Shown]] = []
    for corridor, way in _ways(network):
        windows = [entries.get((corridor.id, corridor.sections[0].id, way, name)) for name in WINDOWS]
        day, base = windows[0], windows[-1]
        if day is None or base is None:
            continue
        times = base["transit_seconds"]
        rows.append(
            (
                _named(corridor, way),
                _way(way),
                number(journeys.get((corridor.id, way), 0)),
                *(number(entry["teu"]) for entry in windows if entry is not None),
                number(day["crossings"]),
                number(base["transits"]),
                duration(times.get("0.5")),
                duration(times.get("0.95")),
                _range(times, longest),
                number(base["speed"]["with_delay"], 1),
                number(base["speed"]["without_delay"], 1),
                share(base["on_time"]),
            )
        )
    lost = [(name, count) for (name, _), count in journeys.items() if name not in network.corridors]
    told = [tag("p", f"On no corridor, or not yet known which: {number(sum(n for _, n in lost))} open journeys.")]
    return tag("section", table("Corridors", heads, rows, texts=2), *(told if lost else []))


def _targets(statistics: Statistics) -> Html:
    rows: list[Sequence[Shown]] = [
        (
            target["corridor"],
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
    return _section("This year against the target", heads, rows, texts=1)


def _sections(entries: Entries, network: Network) -> Html:
    rows: list[Sequence[Shown]] = []
    for corridor, way in _ways(network):
        for section in corridor.sections[1:]:
            entry = entries.get((corridor.id, section.id, way, BASE))
            if entry is not None and entry["transits"]:
                rows.append((corridor.id, section.id, _way(way), *_timed(entry["transits"], entry["transit_seconds"])))
    heads = ("Corridor", "Section", "", "Transits", "p50", "p90", "p95", "Mean")
    return _section("Sections, 30 days", heads, rows, texts=3)


def _nodes(statistics: Statistics, network: Network) -> Html:
    rows = []
    for entry in sorted(statistics["nodes"], key=lambda entry: (-entry["containers"], entry["node"])):
        if entry["window"] == STAYS:
            node = network.nodes.get(entry["node"])
            name = entry["node"] if node is None else f"{node.name}, {node.country}"
            rows.append(
                (
                    tag("a", name, href=f"/v1/nodes/{entry['node']}"),
                    entry["side"] or "",
                    _way(entry["direction"]),
                    number(entry["containers"]),
                    *(duration(entry["age_seconds"].get(name)) for name in ("0.5", "max")),
                    *_timed(entry["dwells"], entry["dwell_seconds"]),
                )
            )
    heads = ("Node", "Side", "", "Now", "for p50", "longest", "Stays that ended", "p50", "p90", "p95", "Mean")
    return _section("Nodes, stays of 7 days", heads, rows, texts=3)


def _crossings(statistics: Statistics) -> Html:
    found: dict[tuple[str, Direction | None], dict[str, tuple[int, float | None]]] = {}
    for entry in statistics["crossings"]:
        place = entry["crossing"], entry["direction"]
        found.setdefault(place, {})[entry["window"]] = entry["crossings"], entry["teu"]
    rows: list[Sequence[Shown]] = [
        (
            crossing,
            _way(way),
            *(number(counts.get(name, (0, 0.0))[0]) for name in WINDOWS),
            *(number(counts.get(name, (0, 0.0))[1]) for name in WINDOWS),
        )
        for (crossing, way), counts in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]
    heads = ("Crossing", "", "24 h", "7 d", "30 d", "TEU 24 h", "7 d", "30 d")
    return _section("Border crossings and counting lines", heads, rows, texts=2)


def _section(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Shown]], texts: int) -> Html:
    listed = list(rows)
    return tag("section", table(caption, heads, listed, texts) if listed else Html(""))


def _ways(network: Network) -> Iterable[tuple[Corridor, Direction]]:
    for corridor in network.corridors.values():
        yield corridor, corridor.forward
        yield corridor, corridor.backward


def _named(corridor: Corridor, way: Direction) -> Html:
    """The corridor with its way spelt out once, in the first of its two rows."""
    link = tag("a", corridor.id, href=f"/v1/corridors/{corridor.id}", title=corridor.name)
    return tag("span", link, tag("small", corridor.name)) if way is corridor.forward else link


def _way(direction: Direction | None) -> Html:
    return markup("" if direction is None else f"{ARROWS[Direction(direction)]} {direction}")


def _timed(count: int, times: dict[str, float]) -> tuple[str, ...]:
    return (number(count), *(duration(times.get(name)) for name in ("0.5", "0.9", "0.95", "mean")))


def _range(times: dict[str, float], longest: float) -> Html:
    """The median as a bar and the way from it to the p95 as a thinner one, on a scale all rows share."""
    if "0.95" not in times or longest <= 0:
        return Html("")
    median, late = (round(100 * times[name] / longest, 1) for name in ("0.5", "0.95"))
    bars = (
        tag("rect", width=f"{late}", height="4", y="4", class_="late"),
        tag("rect", width=f"{median}", height="12", class_="median"),
    )
    return tag("svg", *bars, viewBox="0 0 100 12", width="72", height="12", role="img", aria_label="p50 and p95")
