"""One node and one corridor."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tracker.aggregates.part import Whole
from tracker.domain.network import Corridor, Direction, Node
from tracker.web.local_time import local
from tracker.web.markup import Html, Shown, duration, number, table, tag
from tracker.web.pages.frame import Reader, framed, moment, named_facts
from tracker.web.pages.overview import incidents_shown
from tracker.web.pages.rail_map import next_leg
from tracker.web.pages.tables import (
    crossings_table,
    link,
    nodes_table,
    open_of,
    section,
    sections_table,
    way_shown,
)


def node_page(
    reader: Reader, node: Node, whole: Whole, oldest: Mapping[str, Any], incidents: Sequence[Mapping[str, Any]]
) -> str:
    """The page of a node; `oldest` is the list of the containers that stand there longest."""
    say = reader.say
    about = [each for each in incidents if each.get("node") == node.id]
    until = f"{reader.until[:16].replace('T', ' ')} UTC"
    facts: list[tuple[str, Shown]] = [
        ("Country", node.country),
        ("Kinds", ", ".join(say.if_known("node", kind) for kind in sorted(node.kinds))),
        ("Gauge", ", ".join(f"{gauge} mm" for gauge in node.gauges)),
        ("Planned stay", "–" if node.stay is None else duration(node.stay.planned * 3600)),
        ("p95 of the plan", "–" if node.stay is None or node.stay.p95 is None else duration(node.stay.p95 * 3600)),
        ("Time there", f"{local(reader.until, node.zone)[:16].replace('T', ' ')} ({until})"),
    ]
    shown = [named_facts(reader, facts)]
    if about:
        shown.append(incidents_shown(reader, about))
    shown += [nodes_table(reader, whole.statistics, node.id), _oldest(reader, oldest)]
    crossing = reader.network.border_sides.get(node.id)
    if crossing is not None:
        shown.append(crossings_table(reader, whole.statistics, crossing.id))
    return framed(reader, reader.name_of(node.id), shown)


def corridor_page(reader: Reader, corridor: Corridor, whole: Whole) -> str:
    """The page of a corridor: from node to node what stands there and what is on the way on, then times."""
    say = reader.say
    shown: list[Html] = [tag("p", corridor.name, class_="dim")]
    for way in (corridor.forward, corridor.backward):
        shown.append(_funnel(reader, corridor, whole, way))
    shown.append(sections_table(reader, whole.statistics, corridor.id))
    rows: list[Sequence[Shown]] = [
        (
            f"{reader.name_of(leg.a)} – {reader.name_of(leg.b)}",
            way_shown(say, entry["direction"]),
            number(entry["runs"]),
            duration(entry["run_seconds"].get("0.5")),
            duration(entry["run_seconds"].get("0.95")),
            duration(leg.hours.planned * 3600),
        )
        for entry in whole.statistics["legs"]
        if entry["window"] == "30d" and entry["leg"] in corridor.legs
        for leg in [reader.network.legs[entry["leg"]]]
    ]
    shown.append(section(say, "Runs, 30 days", ("Leg", "Direction", "Runs", "p50", "p95", "Planned"), rows, texts=2))
    return framed(reader, say("Corridor {name}", name=corridor.id), shown)


def nodes_page(reader: Reader, whole: Whole) -> str:
    """Every node that has something to show."""
    return framed(
        reader,
        reader.say("Nodes"),
        [nodes_table(reader, whole.statistics), crossings_table(reader, whole.statistics)],
    )


def _oldest(reader: Reader, page: Mapping[str, Any]) -> Html:
    say = reader.say
    rows: list[Sequence[Shown]] = [
        (
            link(f"/containers/{each['container']}", str(each["container"])),
            moment(each["standing_since"]),
            str(each["corridor"]),
            way_shown(say, each["direction"]),
            tag("span", say(str(each["state"])), class_=f"state {each['state']}"),
            ", ".join(say(rule) for rule in each.get("rules", ())),
        )
        for each in page["journeys"]
    ]
    heads = ("Container", "Standing since, UTC", "Corridor", "Direction", "State", "What is wrong")
    return section(say, "Standing here longest", heads, rows, texts=6)


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
