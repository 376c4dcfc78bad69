"""The map: land, legs with the containers on the way, nodes with those that wait, drawn as SVG."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Final, NamedTuple

from tracker.aggregates.entries import Statistics
from tracker.aggregates.part import Whole
from tracker.domain.network import Direction, Leg, Network
from tracker.web.markup import Html, number, tag
from tracker.web.pages.frame import Reader
from tracker.web.pages.tables import STAYS
from tracker.web.projection import CASPIAN, CORRIDORS, Frame

LABELS: Final = 12
"""Nodes that carry their name beside them: the fullest; the others have it as a title."""


class Waiting(NamedTuple):
    """Who stands at a node, and how it goes.

    `state`: `quiet`, `good`, `slow` (half stand longer than planned) or `bad` (half longer than the p95, or stopped).
    """

    containers: int
    median: float | None
    state: str


def waiting_at(statistics: Statistics, network: Network, stopped: Iterable[str]) -> dict[str, Waiting]:
    """Every node's state; `stopped` are those with an open incident."""
    found = {node: Waiting(0, None, "quiet") for node in network.nodes}
    rank = ("quiet", "good", "slow", "bad")
    for entry in statistics["nodes"]:
        node = network.nodes.get(entry["node"])
        if entry["window"] != STAYS or node is None or not entry["containers"]:
            continue
        age = entry["age_seconds"].get("0.5")
        state = "good"
        if age is not None and node.stay is not None:
            late = node.stay.p95 or 2 * node.stay.planned
            state = "bad" if age > late * 3600 else "slow" if age > node.stay.planned * 3600 else "good"
        before = found[node.id]
        median = max((each for each in (before.median, age) if each is not None), default=None)
        state = max(before.state, state, key=rank.index)
        found[node.id] = Waiting(before.containers + entry["containers"], median, state)
    for node_id in stopped:
        if node_id in found:
            found[node_id] = found[node_id]._replace(state="bad")
    return found


def on_legs(whole: Whole, network: Network) -> Counter[str]:
    """Containers between nodes by the leg that follows the node they left, on the usual way of their corridor."""
    found = Counter[str]()
    for (corridor, way, node), count in whole.under_way.items():
        leg = next_leg(network, corridor, way, node)
        if leg is not None:
            found[leg.id] += count
    return found


def next_leg(network: Network, corridor_id: str, way: Direction | None, node: str) -> Leg | None:
    """The first leg from a node towards the nearest end of a corridor; None where there is none."""
    corridor = network.corridors.get(corridor_id)
    if corridor is None or way is None:
        return None
    ends = corridor.finishes if way is corridor.forward else corridor.starts
    paths = [path for end in sorted(ends) if (path := network.path(corridor_id, node, end))]
    return network.between.get((node, min(paths, key=len)[0])) if paths else None


def rail_map(reader: Reader, whole: Whole, stopped: Iterable[str]) -> Html:
    """Both drawings with their legend."""
    waiting = waiting_at(whole.statistics, reader.network, stopped)
    legs = on_legs(whole, reader.network)
    say = reader.say
    marks = (
        ("good", "● good"),
        ("slow", "◆ slow: half stand longer than planned"),
        ("bad", "■ bad: longer than the p95, or stopped"),
    )
    legend = tag("p", *(tag("span", say(words), class_=f"mark {kind}") for kind, words in marks), class_="legend")
    return tag(
        "section",
        tag("h2", say("Containers on the corridors")),
        tag(
            "div",
            _drawing(reader, "corridors", CORRIDORS, waiting, legs),
            _drawing(reader, "caspian", CASPIAN, waiting, legs),
            class_="maps",
        ),
        legend,
        class_="map",
    )


def _drawing(reader: Reader, name: str, frame: Frame, waiting: Mapping[str, Waiting], legs: Mapping[str, int]) -> Html:
    network, say = reader.network, reader.say
    inside = {
        node.id: at
        for node in network.nodes.values()
        for at in [frame.place(node.latitude, node.longitude)]
        if -40 <= at[0] <= frame.width + 40 and -40 <= at[1] <= frame.height + 40
    }
    parts = [tag("path", d=coasts()[name], class_="land", fill_rule="evenodd")]
    for leg in network.legs.values():
        if leg.a in inside and leg.b in inside:
            parts.append(_leg(reader, leg, inside[leg.a], inside[leg.b], legs.get(leg.id, 0)))
    crowd = sorted(inside, key=lambda node: (-waiting[node].containers, node))
    crowded_elsewhere = frame is CORRIDORS
    labelled = [node for node in crowd if not (crowded_elsewhere and _is_caspian(network, node))][:LABELS]
    taken: list[tuple[float, float]] = []
    for node in reversed(crowd):
        parts.append(_node(reader, node, inside[node], waiting[node]))
    for node in labelled:
        x, y = inside[node]
        if all(abs(x - a) > 70 or abs(y - b) > 12 for a, b in taken) and 0 < x < frame.width and 0 < y < frame.height:
            taken.append((x, y))
            anchor = {"text_anchor": "end"} if x > frame.width - 90 else {}
            shift = -6 if anchor else 6
            words = reader.name_of(node).split(" (")[0].split(" + ")[0].split(" / ")[0]
            parts.append(tag("text", words, x=f"{x + shift:.0f}", y=f"{y - 5:.0f}", **anchor))
    title = say("Map of the corridors") if frame is CORRIDORS else say("Caspian ports")
    return tag(
        "svg", tag("title", title), *parts, viewBox=f"0 0 {frame.width:.0f} {frame.height:.0f}", role="group",
        class_=f"drawn {name}", aria_label=title,
    )  # fmt: skip


def _leg(reader: Reader, leg: Leg, a: tuple[float, float], b: tuple[float, float], count: int) -> Html:
    width = 1.0 if not count else min(6.0, 1.2 + sqrt(count) / 6)
    kind = "sea" if leg.mode == "vessel" else "rail"
    words = (
        f"{reader.name_of(leg.a)} – {reader.name_of(leg.b)}: {reader.say('{count} on the way', count=number(count))}"
    )
    places = {"x1": f"{a[0]:.1f}", "y1": f"{a[1]:.1f}", "x2": f"{b[0]:.1f}", "y2": f"{b[1]:.1f}"}
    return tag(
        "line",
        tag("title", words),
        **places,
        class_=f"leg {kind}{' busy' if count else ''}",
        stroke_width=f"{width:.1f}",
    )


def _node(reader: Reader, node: str, at: tuple[float, float], waiting: Waiting) -> Html:
    x, y = at
    size = 2.2 if not waiting.containers else min(11.0, 3 + sqrt(waiting.containers) / 3)
    since = f", {reader.say.duration(waiting.median)}" if waiting.median is not None else ""
    words = f"{reader.name_of(node)}: {reader.say('{count} standing', count=number(waiting.containers))}{since}"
    where = {"transform": f"translate({x:.1f} {y:.1f})", "class_": f"node {waiting.state}"}
    shapes = {
        "bad": f"M{-size},{-size}H{size}V{size}H{-size}Z",
        "slow": f"M0,{-1.3 * size:.1f}L{1.3 * size:.1f},0L0,{1.3 * size:.1f}L{-1.3 * size:.1f},0Z",
    }
    shape = shapes.get(waiting.state)
    drawn = tag("circle", r=f"{size:.1f}") if shape is None else tag("path", d=shape)
    return tag("a", tag("title", words), drawn, href=f"/nodes/{node}", aria_label=words, **where)


def _is_caspian(network: Network, node: str) -> bool:
    place = network.nodes[node]
    return CASPIAN.west < place.longitude < CASPIAN.east and CASPIAN.south < place.latitude < CASPIAN.north


@cache
def coasts() -> Mapping[str, str]:
    """The land of both drawings (`scripts/coast.py`)."""
    found: Mapping[str, str] = json.loads(files("tracker.web").joinpath("coast.json").read_text())
    return found
