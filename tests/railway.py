"""A small network and a builder of facts, for tests that need a railway."""

from typing import Any

from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, Millis
from tracker.domain.network import Corridor, Direction, Hours, Leg, Network, Node, Section


def _node(name: str) -> Node:
    return Node(name, name, name[:2], frozenset({"terminal"}), 0.0, 0.0, "UTC", (1435,))


def small_network() -> Network:
    """Two corridors: CN-HUB - CN-EDGE = KZ-EDGE - KZ-PORT ~ AZ-PORT - GE-PORT, and CN-HUB .. KZ-EDGE - PL-HUB."""
    names = ("CN-HUB", "CN-EDGE", "KZ-EDGE", "KZ-PORT", "AZ-PORT", "GE-PORT", "PL-HUB")
    hours = Hours(24.0)
    legs = (
        Leg("CN-HUB--CN-EDGE", "CN-HUB", "CN-EDGE", 1000.0, hours),
        Leg("CN-EDGE--KZ-EDGE", "CN-EDGE", "KZ-EDGE", 10.0, hours, crossing=True),
        Leg("KZ-EDGE--KZ-PORT", "KZ-EDGE", "KZ-PORT", 2000.0, hours),
        Leg("KZ-PORT--AZ-PORT", "KZ-PORT", "AZ-PORT", 450.0, hours, mode="vessel"),
        Leg("AZ-PORT--GE-PORT", "AZ-PORT", "GE-PORT", 900.0, hours),
        Leg("KZ-EDGE--PL-HUB", "KZ-EDGE", "PL-HUB", 4000.0, hours),
    )
    starts = frozenset({"CN-HUB"})
    middle = Corridor(
        "middle",
        "Middle",
        Direction.WESTBOUND,
        Direction.EASTBOUND,
        tuple(leg.id for leg in legs[:5]),
        starts,
        frozenset({"GE-PORT"}),
        (
            Section("whole", starts, frozenset({"GE-PORT"})),
            Section("sea", frozenset({"KZ-PORT"}), frozenset({"AZ-PORT"})),
        ),
        frozenset({"KZ-PORT--AZ-PORT"}),
        target_tonnes_per_year=8_784.0,  # a tonne an hour in a leap year
    )
    northern = Corridor(
        "northern",
        "Northern",
        Direction.WESTBOUND,
        Direction.EASTBOUND,
        (legs[0].id, legs[1].id, legs[5].id),
        starts,
        frozenset({"PL-HUB"}),
        (Section("whole", starts, frozenset({"PL-HUB"})),),
        frozenset({"KZ-EDGE--PL-HUB"}),
    )
    return Network((_node(name) for name in names), legs, (middle, northern))


def build_fact(kind: FactKind, end: float, hours: float | None = None, **fields: Any) -> Fact:
    """A fact that ends `end` hours after 1970 and took `hours`; westbound on `middle` unless said otherwise."""
    content: dict[str, Any] = {
        "corridor": "middle",
        "direction": Direction.WESTBOUND,
        "container": "MSKU1234565",
        "journey": "j",
        **fields,
    }
    start = None if hours is None else Millis(round((end - hours) * HOUR))
    return Fact(kind=kind, end=Millis(round(end * HOUR)), start=start, **content)
