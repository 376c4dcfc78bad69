"""What the parts of a network file must say about each other.

First the nodes and legs, since a corridor can only be judged on sound ones, then each corridor.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.contract.corridor_rules import broken_corridors
from tracker.contract.network_model import HoursPart, NetworkPart
from tracker.contract.yaml_document import Document, Finding
from tracker.domain.network import great_circle_km
from tracker.domain.places import folded_code, folded_name

SHORTER_SHARE, SHORTER_KM = 0.97, 1.0
"""How far a leg may fall short of the great circle, both allowed: coordinates are rounded to hundredths of a
degree, some are known to 10 km, and stations are kilometres long."""

BORDER_KINDS = frozenset(("border", "gauge"))
"""Where a crossing may end: border stations, and gauge changes that stand for one (Akhalkalaki)."""


def broken_rules(part: NetworkPart, document: Document) -> list[Finding]:
    """All findings, in line order; empty when the file can be used."""
    checks = (_nodes, _aliases, _hours, _legs, _crossings)
    found = [finding for check in checks for finding in check(part, document)]
    return sorted(found or broken_corridors(part, document))


def _nodes(part: NetworkPart, document: Document) -> Iterator[Finding]:
    for i in _repeated(node.id for node in part.nodes):
        yield Finding(document.line(("nodes", i)), f"node {part.nodes[i].id} is listed already, once wanted")
    for i, node in enumerate(part.nodes):
        if not _is_zone(node.zone):
            line = document.line(("nodes", i, "zone"))
            yield Finding(line, f"{node.id}: unknown zone {node.zone!r}, an IANA name wanted, as Asia/Almaty")
        latitude, longitude = node.at
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            line = document.line(("nodes", i, "at"))
            yield Finding(line, f"{node.id}: at {latitude}, {longitude}, latitude -90..90, longitude -180..180 wanted")


def _aliases(part: NetworkPart, document: Document) -> Iterator[Finding]:
    """One code or name means one node, in the form in which they are compared."""
    claimed: dict[tuple[str, str], str] = {}
    for i, node in enumerate(part.nodes):
        aliases: list[tuple[str, str, int]] = [("name", node.name, document.line(("nodes", i, "name")))]
        aliases += ((c.scheme, c.code, document.line(("nodes", i, "codes", k))) for k, c in enumerate(node.codes))
        aliases += (("name", name, document.line(("nodes", i, "names", k))) for k, name in enumerate(node.names))
        for scheme, text, line in aliases:
            folded = folded_name(text) if scheme == "name" else folded_code(text)
            owner = claimed.setdefault((scheme, folded), node.id)
            if owner != node.id:
                yield Finding(line, f"{node.id}: {scheme} {text!r} is claimed by {owner} already")
            if not folded:
                yield Finding(line, f"{node.id}: name {text!r} says only station or port, a name wanted")


def _hours(part: NetworkPart, document: Document) -> Iterator[Finding]:
    given: list[tuple[tuple[str | int, ...], str, HoursPart | None]] = []
    given += ((("nodes", i, "stay"), node.id, node.stay) for i, node in enumerate(part.nodes))
    for i, leg in enumerate(part.legs):
        given += [(("legs", i, "hours"), leg.id, leg.hours), (("legs", i, "back"), leg.id, leg.back)]
    for i, corridor in enumerate(part.corridors):
        given += ((("corridors", i, "stays", node), node, hours) for node, hours in corridor.stays.items())
    for path, name, hours in given:
        if hours is not None and hours.p95 is not None and hours.p95 < hours.planned:
            wanted = f"p95 {hours.p95:g} h is below the planned {hours.planned:g} h, no less wanted"
            yield Finding(document.line(path), f"{name}: {wanted}")


def _legs(part: NetworkPart, document: Document) -> Iterator[Finding]:
    nodes = {node.id: node for node in part.nodes}
    for i in _repeated("--".join(sorted(leg.ends)) for leg in part.legs):
        yield Finding(document.line(("legs", i)), f"leg {part.legs[i].id} joins two nodes that are joined already")
    for i, leg in enumerate(part.legs):
        line = document.line(("legs", i, "id"))
        a, b = leg.ends
        if unknown := [end for end in leg.ends if end not in nodes]:
            yield Finding(line, f"leg {leg.id}: {' and '.join(unknown)} not among the nodes, A--B of two nodes wanted")
        elif a == b:
            yield Finding(line, f"leg {leg.id} joins a node to itself, two nodes wanted")
        else:
            least = great_circle_km(nodes[a].node(), nodes[b].node())
            if leg.km < least * SHORTER_SHARE - SHORTER_KM:
                line = document.line(("legs", i, "km"))
                yield Finding(line, f"leg {leg.id}: {leg.km:g} km, but the great circle is {least:.0f} km")


def _crossings(part: NetworkPart, document: Document) -> Iterator[Finding]:
    nodes = {node.id: node for node in part.nodes}
    taken: dict[str, str] = {}
    for i, leg in enumerate(part.legs):
        if not leg.crossing or not all(end in nodes for end in leg.ends):
            continue
        line = document.line(("legs", i, "crossing"))
        a, b = (nodes[end] for end in leg.ends)
        if a.country == b.country:
            yield Finding(line, f"crossing {leg.id}: both ends in {a.country}, two countries wanted")
        for end in (a, b):
            if not BORDER_KINDS.intersection(end.kinds):
                kinds = ", ".join(end.kinds)
                yield Finding(line, f"crossing {leg.id}: {end.id} is {kinds}, a border or gauge node wanted")
            other = taken.setdefault(end.id, leg.id)
            if other != leg.id:
                yield Finding(line, f"crossing {leg.id}: {end.id} has the crossing {other} already, one wanted")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _repeated(ids: Iterable[str]) -> Iterator[int]:
    """The places in `ids` that hold what came before."""
    seen: Counter[str] = Counter()
    for i, each in enumerate(ids):
        if seen[each]:
            yield i
        seen[each] += 1
