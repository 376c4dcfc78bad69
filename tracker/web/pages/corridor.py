"""One corridor: what is where on it, how long it takes by week, and beside it what is published."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tracker.aggregates.entries import CorridorEntry
from tracker.aggregates.part import Whole
from tracker.domain.network import Corridor, Direction
from tracker.web.markup import ABSENT, Html, Shown, number, share, table, tag
from tracker.web.pages.frame import Reader, framed
from tracker.web.pages.published import Published, published
from tracker.web.pages.rail_map import next_leg
from tracker.web.pages.tables import BASE, link, open_of, section, sections_table, way_shown


def corridor_page(reader: Reader, corridor: Corridor, whole: Whole, weeks: Sequence[Mapping[str, Any]]) -> str:
    """The page of a corridor: from node to node what stands there and what is on the way on, then times."""
    say = reader.say
    shown: list[Html] = [tag("p", corridor.name, class_="dim")]
    for way in (corridor.forward, corridor.backward):
        shown.append(_funnel(reader, corridor, whole, way))
    entries = [each for each in whole.statistics["corridors"] if each["corridor"] == corridor.id]
    shown.append(_weeks(reader, corridor, weeks))
    shown.append(_speeds(reader, corridor, entries))
    shown.append(sections_table(reader, whole.statistics, corridor.id))
    rows: list[Sequence[Shown]] = [
        (
            f"{reader.name_of(leg.a)} – {reader.name_of(leg.b)}",
            way_shown(say, entry["direction"]),
            number(entry["runs"]),
            reader.say.duration(entry["run_seconds"].get("0.5")),
            reader.say.duration(entry["run_seconds"].get("0.95")),
            reader.say.duration(leg.hours.planned * 3600),
        )
        for entry in whole.statistics["legs"]
        if entry["window"] == BASE and entry["leg"] in corridor.legs
        for leg in [reader.network.legs[entry["leg"]]]
    ]
    shown.append(section(say, "Runs, 30 days", ("Leg", "Direction", "Runs", "p50", "p95", "Planned"), rows, texts=2))
    return framed(reader, say("Corridor {name}", name=corridor.id), shown)


def _weeks(reader: Reader, corridor: Corridor, weeks: Sequence[Mapping[str, Any]]) -> Html:
    """Transits of each section by week, on a scale that a section's weeks share."""
    say, order = reader.say, [each.id for each in corridor.sections]
    longest: dict[str, float] = {}
    for each in weeks:
        slowest = each["transit_seconds"].get("0.95", 0.0)
        longest[each["section"]] = max(slowest, longest.get(each["section"], 0.0))
    found = sorted((each for each in weeks if each["section"] in order), key=lambda each: order.index(each["section"]))
    rows: list[Sequence[Shown]] = [
        (
            each["section"],
            way_shown(say, each["direction"]),
            str(each["ends"])[:10],
            number(each["transits"]),
            reader.say.duration(each["transit_seconds"].get("0.5")),
            reader.say.duration(each["transit_seconds"].get("0.95")),
            _range(say("p50 and p95"), each["transit_seconds"], longest[each["section"]]),
            share(each["on_time"]),
            number(each["speed"]["with_delay"], 1),
            number(each["speed"]["without_delay"], 1),
        )
        for each in found
    ]
    heads = (
        "Section", "Direction", "Seven days to", "Transits", "p50", "p95", "p50 and p95", "On time", "km/h",
        "km/h moving",
    )  # fmt: skip
    return section(say, "Transits by week", heads, rows, texts=3)


def _speeds(reader: Reader, corridor: Corridor, entries: Iterable[CorridorEntry]) -> Html:
    """Speed with and without delay end to end, beside what is published of the countries it passes."""
    say, whole = reader.say, corridor.sections[0].id
    ends = {end for leg in map(reader.network.legs.__getitem__, corridor.legs) for end in (leg.a, leg.b)}
    countries = {reader.network.nodes[end].country for end in ends}
    known = [each for each in published() if each.country is None or each.country in countries]
    ours: list[tuple[Shown, Shown, float | None, float | None, float | None]] = [
        (say("this corridor, 30 d"), way_shown(say, each["direction"]), each["speed"]["with_delay"],
         each["speed"]["without_delay"], None)
        for each in entries
        if each["window"] == BASE and each["section"] == whole
    ]  # fmt: skip
    theirs = [(_named(reader, each), "", each.with_delay, each.without_delay, each.border_hours) for each in known]
    fastest = max((each for row in (*ours, *theirs) for each in row[2:4] if each is not None), default=1.0)
    lines = [each.with_delay for each in known if each.country is None and each.with_delay is not None]
    rows: list[Sequence[Shown]] = [
        (
            name,
            way,
            number(slow, 1),
            number(fast, 1),
            _bars(say("km/h and km/h moving"), slow, fast, fastest, lines),
            ABSENT if hours is None else reader.say.duration(hours * 3600),
        )
        for name, way, slow, fast, hours in (*ours, *theirs)
    ]
    heads = ("Speed", "Direction", "km/h", "km/h moving", "km/h and km/h moving", "Border, each side")
    told = tag("p", say("Published: ADB, CAREC corridor performance (CPMM), rail: averages of samples."), class_="dim")
    return tag("div", section(say, "Speed, and what is published", heads, rows, texts=2), told)


def _named(reader: Reader, figures: Published) -> Html:
    words = reader.say("all of CAREC") if figures.country is None else figures.country
    return tag("span", f"CPMM {figures.year}, {words}", class_="dim")


def _range(words: str, times: Mapping[str, float], longest: float) -> Html:
    """The median as a bar, and the way from it to the p95 as a thinner one."""
    if "0.95" not in times or longest <= 0:
        return Html("")
    median, late = (100 * times[name] / longest for name in ("0.5", "0.95"))
    bars = (
        tag("rect", width=f"{late:.1f}", height="4", y="4", class_="late"),
        tag("rect", width=f"{median:.1f}", height="12", class_="median"),
    )
    return tag("svg", *bars, viewBox="0 0 100 12", width="100", height="12", role="img", aria_label=words)


def _bars(words: str, slow: float | None, fast: float | None, fastest: float, lines: Sequence[float]) -> Html:
    """Speed moving as a thin bar, with delay as a thick one on it, and published averages as lines across."""
    bars = [
        tag("rect", width=f"{100 * speed / fastest:.1f}", height=height, y=y, class_=kind)
        for speed, height, y, kind in ((fast, "4", "4", "late"), (slow, "12", "0", "median"))
        if speed is not None
    ]
    marks = [tag("rect", x=f"{100 * line / fastest:.1f}", width="1", height="12", class_="due") for line in lines]
    return tag("svg", *bars, *marks, viewBox="0 0 101 12", width="101", height="12", role="img", aria_label=words)


def _funnel(reader: Reader, corridor: Corridor, whole: Whole, way: Direction) -> Html:
    """Nodes in the order of a direction, with what stands at each and what has left it and not come to the next."""
    say, network = reader.say, reader.network
    standing = Counter[str]()
    for entry in whole.statistics["nodes"]:
        if entry["window"] == "7d" and entry["direction"] == way:
            standing[entry["node"]] += entry["containers"]
    left = {
        node: n for (name, direction, node), n in whole.under_way.items() if (name, direction) == (corridor.id, way)
    }
    order = _in_order(corridor, reader, way)
    most = max([*(standing[node] for node in order), *left.values(), 1])
    rows: list[Sequence[Shown]] = []
    for node in order:
        if standing[node] or left.get(node):
            leg = next_leg(network, corridor.id, way, node)
            onward = "" if leg is None else f"→ {reader.name_of(leg.b if leg.a == node else leg.a)}"
            rows.append(
                (
                    link(f"/nodes/{node}", reader.name_of(node)),
                    _bar(standing[node], most),
                    number(standing[node]),
                    onward,
                    _bar(left.get(node, 0), most),
                    number(left.get(node, 0)),
                )
            )
    heads = ("Node", "", "Standing, all corridors", "On the way to", "", "of this corridor")
    total = number(open_of(whole).get((corridor.id, way), 0))
    caption = say("{way}: {count} under way", way=say(way), count=total)
    return tag("section", table(caption, [say(head) if head else "" for head in heads], rows))


def _in_order(corridor: Corridor, reader: Reader, way: Direction) -> list[str]:
    """The corridor's nodes, those first that come before others in a direction."""
    network = reader.network
    bit = next(each.bit for each in network.courses if (each.corridor, each.direction) == (corridor.id, way))
    nodes = [node for node, mask in network.member.items() if mask & bit]
    after = {node: sum(bool(network.before.get((node, other), 0) & bit) for other in nodes) for node in nodes}
    return sorted(nodes, key=lambda node: (-after[node], node))


def _bar(count: int, most: int) -> Html:
    width = f"{60 * count / most:.1f}"
    bar = tag("rect", width=width, height="8", y="2", class_="median")
    return tag("svg", bar, viewBox="0 0 60 12", width="60", height="12", aria_hidden="true")
