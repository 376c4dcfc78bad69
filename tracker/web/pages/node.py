"""One node: what comes and goes, who stands there longest, and what is on its way there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tracker.aggregates.part import Whole
from tracker.domain.network import Node
from tracker.web.local_time import local
from tracker.web.markup import Html, Shown, joined, number, tag
from tracker.web.pages.frame import Reader, framed, moment, named_facts
from tracker.web.pages.overview import incidents_shown
from tracker.web.pages.published import published
from tracker.web.pages.tables import crossings_table, link, nodes_table, section, way_shown

_COLUMN: Final = 14
"""Width of an hour in its drawing; a day fits into half of a screen."""
_HIGH: Final = 46
"""Height of the drawing's halves."""


def node_page(
    reader: Reader,
    node: Node,
    whole: Whole,
    closer: Mapping[str, Any],
    oldest: Mapping[str, Any],
    incidents: Sequence[Mapping[str, Any]],
) -> str:
    """The page of a node; `closer` has its hours and trains due, `oldest` the containers that stand there longest."""
    say = reader.say
    about = [each for each in incidents if each.get("node") == node.id]
    until = f"{reader.until[:16].replace('T', ' ')} UTC"
    facts: list[tuple[str, Shown]] = [
        ("Country", node.country),
        ("Kinds", ", ".join(say.if_known("node", kind) for kind in sorted(node.kinds))),
        ("Gauge", ", ".join(f"{gauge} mm" for gauge in node.gauges)),
        ("Planned stay", "–" if node.stay is None else reader.say.duration(node.stay.planned * 3600)),
        (
            "p95 of the plan",
            "–" if node.stay is None or node.stay.p95 is None else reader.say.duration(node.stay.p95 * 3600),
        ),
        ("Time there", f"{local(reader.until, node.zone)[:16].replace('T', ' ')} ({until})"),
    ]
    crossing = reader.network.border_sides.get(node.id)
    if crossing is not None:
        facts += _published(reader, node)
    shown = [named_facts(reader, facts)]
    if about:
        shown.append(incidents_shown(reader, about))
    shown += [_hours(reader, node, closer["hours"]), nodes_table(reader, whole.statistics, node.id)]
    shown += [_due(reader, closer), _oldest(reader, oldest)]
    if crossing is not None:
        shown.append(crossings_table(reader, whole.statistics, crossing.id))
    return framed(reader, reader.name_of(node.id), shown)


def _published(reader: Reader, node: Node) -> list[tuple[str, Shown]]:
    """What CPMM says a side of a border takes in this country, the last year that tells it by direction."""
    known = [each for each in published() if each.country == node.country and each.border_hours is not None]
    if not known:
        return []
    last = max(known, key=lambda each: (each.inbound_hours is not None, each.year))
    hours = (last.border_hours, last.inbound_hours, last.outbound_hours)
    all_, came, left = (reader.say.duration(None if each is None else each * 3600) for each in hours)
    words = reader.say("{all} (in {came}, out {left})", all=all_, came=came, left=left) if last.inbound_hours else all_
    return [("Published, each side", f"{words}, CPMM {last.year}")]


def _hours(reader: Reader, node: Node, hours: Sequence[Mapping[str, Any]]) -> Html:
    """In, out and waiting by hour, a drawing for each direction, and the same as a table for who wants the figures."""
    say = reader.say
    ways: dict[str | None, list[Mapping[str, Any]]] = {}
    for each in hours:
        ways.setdefault(each["direction"], []).append(each)
    if not ways:
        return Html("")
    drawn = [
        tag("figure", tag("figcaption", way_shown(say, way) if way else say("unknown")), _drawing(reader, entries))
        for way, entries in ways.items()
    ]
    rows: list[Sequence[Shown]] = [
        (
            moment(each["begins"]),
            tag("span", local(each["begins"], node.zone)[11:16], class_="dim"),
            way_shown(say, each["direction"]),
            number(each["came"]),
            number(each["left"]),
            number(each["waiting"]),
        )
        for each in sorted(hours, key=lambda each: (each["begins"], each["direction"] or ""), reverse=True)
    ]
    heads = ("Hour, UTC", "local", "Direction", "In", "Out", "Waiting at its end")
    figures = section(say, "In, out and waiting by hour", heads, rows, texts=3)
    marks = (("in", "▮ in"), ("out", "▮ out"), ("waiting", "— waiting"))
    legend = tag("p", *(tag("span", say(words), class_=f"mark {kind}") for kind, words in marks), class_="legend")
    more = tag("details", tag("summary", say("Figures")), figures)
    title = tag("h2", say("In, out and waiting, last 24 hours"))
    return tag("section", title, tag("div", *drawn, class_="hours"), legend, more, class_="card")


def _drawing(reader: Reader, entries: Sequence[Mapping[str, Any]]) -> Html:
    """What came as bars up, what left as bars down, what waited as a line, each hour with its figures as a title."""
    say, most = reader.say, max(1, *(max(each["came"], each["left"]) for each in entries))
    fullest = max(1, *(each["waiting"] for each in entries))
    parts: list[Html] = []
    points: list[str] = []
    for at, each in enumerate(entries):
        x, up, down = at * _COLUMN, _HIGH * each["came"] / most, _HIGH * each["left"] / most
        words = say(
            "{hour}: {came} in, {left} out, {waiting} waiting",
            hour=each["begins"][11:16], came=each["came"], left=each["left"], waiting=each["waiting"],
        )  # fmt: skip
        place = {"x": f"{x + 2}", "width": f"{_COLUMN - 4}"}
        parts.append(
            tag(
                "g",
                tag("title", words),
                tag("rect", x=f"{x}", width=f"{_COLUMN}", height=f"{2 * _HIGH}", class_="ground"),
                tag("rect", **place, y=f"{_HIGH - up:.1f}", height=f"{up:.1f}", class_="in"),
                tag("rect", **place, y=f"{_HIGH}", height=f"{down:.1f}", class_="out"),
            )
        )
        if datetime.fromisoformat(each["begins"]).hour % 6 == 0:
            cut = {"text_anchor": "end"} if at + 2 >= len(entries) else {}  # else the drawing's edge cuts the hour
            parts.append(
                tag("text", each["begins"][11:16], x=f"{x + _COLUMN * bool(cut)}", y=f"{2 * _HIGH + 12}", **cut)
            )
        points.append(f"{x + _COLUMN / 2:.1f},{2 * _HIGH * (1 - each['waiting'] / fullest) * 0.96 + 2:.1f}")
    parts.append(tag("line", x2=f"{len(entries) * _COLUMN}", y1=f"{_HIGH}", y2=f"{_HIGH}", class_="axis"))
    parts.append(tag("polyline", points=" ".join(points), class_="waiting"))
    first, last = entries[0], entries[-1]
    said = say(
        "{came} came and {left} left in 24 hours; {before} waited then, {now} wait now",
        came=number(sum(each["came"] for each in entries)), left=number(sum(each["left"] for each in entries)),
        before=number(first["waiting"]), now=number(last["waiting"]),
    )  # fmt: skip
    scale = say("highest bar {most}, highest point {fullest}", most=number(most), fullest=number(fullest))
    width = len(entries) * _COLUMN
    box = f"0 0 {width} {2 * _HIGH + 16}"
    return joined(
        [tag("svg", *parts, viewBox=box, role="img", aria_label=said), tag("p", f"{said}; {scale}", class_="dim")]
    )


def _due(reader: Reader, closer: Mapping[str, Any]) -> Html:
    """Trains and vessels on their way here, the first expected first."""
    say = reader.say
    rows: list[Sequence[Shown]] = [
        (
            tag("bdi", each["train"]) if each["train"] else tag("span", say("not named"), class_="dim"),
            link(f"/nodes/{each['left']}", reader.name_of(each["left"])),
            str(each["corridor"]),
            way_shown(say, each["direction"]),
            moment(each["departed_at"]),
            moment(each["expected"]["at"]),
            _between(reader, each["expected"]),
            number(each["containers"]),
        )
        for each in closer["due"]
    ]
    heads = (
        "Train, vessel", "Comes from", "Corridor", "Direction", "Departed, UTC", "Expected, UTC",
        "Four of five between", "Containers",
    )  # fmt: skip
    shown = [section(say, "Due here", heads, rows, texts=7)]
    if closer["due_more"]:
        more = say("and {count} more containers on their way", count=number(closer["due_more"]))
        shown.append(tag("p", more, class_="dim"))
    return tag("div", *shown)


def _seconds(begin: str, end: str) -> float:
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds())


def _between(reader: Reader, expected: Mapping[str, str]) -> Html:
    return tag("small", moment(expected["low"]), " – ", moment(expected["high"]))


def _oldest(reader: Reader, page: Mapping[str, Any]) -> Html:
    say = reader.say
    rows: list[Sequence[Shown]] = [
        (
            link(f"/containers/{each['container']}", str(each["container"])),
            moment(each["standing_since"]),
            reader.say.duration(_seconds(each["standing_since"], reader.until)),
            str(each["corridor"]),
            way_shown(say, each["direction"]),
            tag("span", say(str(each["state"])), class_=f"state {each['state']}"),
            ", ".join(say(rule) for rule in each.get("rules", ())),
        )
        for each in page["journeys"]
    ]
    heads = ("Container", "Standing since, UTC", "for", "Corridor", "Direction", "State", "What is wrong")
    return section(say, "Standing here longest", heads, rows, texts=7)


def nodes_page(reader: Reader, whole: Whole) -> str:
    """Every node that has something to show."""
    return framed(
        reader,
        reader.say("Nodes"),
        [nodes_table(reader, whole.statistics), crossings_table(reader, whole.statistics)],
    )
