"""A tiny hand-made network with a gauge change and a sea leg, and shorthands for simulated traffic over it."""

from datetime import datetime
from typing import Any

import msgspec

from tracker.domain.moment import DAY, Millis, from_datetime
from tracker.domain.network import Code, Corridor, Direction, Hours, Leg, Network, Node, Section
from tracker.simulate.options import NO_FAULTS, Traffic
from tracker.simulate.saying import Sent
from tracker.simulate.simulation import Simulation
from tracker.simulate.truth import JourneyTruth

CARRIERS = ("rail-a", "rail-b", "rail-c", "ships")
REPORTERS = {"CN": "rail-a", "KZ": "rail-b", "AZ": "rail-c", "vessel": "ships"}


def _node(name: str, zone: str, gauges: tuple[int, ...], stay: Hours | None = None, kind: str = "border") -> Node:
    code = Code("unlocode", name.replace("-", "")[:5])
    return Node(name, name, name[:2], frozenset({kind}), 0.0, 0.0, zone, gauges, (code,), (name[3:].title(),), stay)


def tiny_network() -> Network:
    """CN-HUB - CN-EDGE = KZ-EDGE - KZ-TOWN - KZ-PORT ~ AZ-PORT - AZ-END, and a corridor without a west end."""
    nodes = (
        _node("CN-HUB", "Asia/Shanghai", (1435,), kind="origin"),
        _node("CN-EDGE", "Asia/Shanghai", (1435,), Hours(14, 48)),
        _node("KZ-EDGE", "Asia/Almaty", (1520, 1435), Hours(48, 120)),
        _node("KZ-TOWN", "Asia/Almaty", (1520,), kind="inland"),
        _node("KZ-PORT", "Asia/Aqtau", (1520,), Hours(40, 120), kind="port"),
        _node("AZ-PORT", "Asia/Baku", (1520,), Hours(24, 90), kind="port"),
        _node("AZ-END", "Asia/Baku", (1520,), kind="inland"),
    )
    legs = (
        Leg("CN-HUB--CN-EDGE", "CN-HUB", "CN-EDGE", 3000.0, Hours(70)),
        Leg("CN-EDGE--KZ-EDGE", "CN-EDGE", "KZ-EDGE", 10.0, Hours(2), crossing=True),
        Leg("KZ-EDGE--KZ-TOWN", "KZ-EDGE", "KZ-TOWN", 350.0, Hours(10)),
        Leg("KZ-TOWN--KZ-PORT", "KZ-TOWN", "KZ-PORT", 2500.0, Hours(70, 90)),
        Leg("KZ-PORT--AZ-PORT", "KZ-PORT", "AZ-PORT", 450.0, Hours(20), mode="vessel"),
        Leg("AZ-PORT--AZ-END", "AZ-PORT", "AZ-END", 400.0, Hours(16), back=Hours(18)),
    )
    starts, finishes = frozenset({"CN-HUB"}), frozenset({"AZ-END"})
    whole = (Section("whole", starts, finishes),)
    west, east = Direction.WESTBOUND, Direction.EASTBOUND
    names = tuple(leg.id for leg in legs)
    return Network(
        nodes,
        legs,
        (
            Corridor("middle", "Middle", west, east, names, starts, finishes, whole, frozenset({names[4]})),
            Corridor("stub", "No west end", west, east, names[:2], starts, frozenset(), whole, frozenset()),
        ),
    )


def traffic(**options: Any) -> Traffic:
    """Four trains in five days for 24 days, nothing wrong, unless said otherwise."""
    return Traffic(**{"days": 24.0, "trains_per_day": 0.8, "reporters": REPORTERS, "faults": NO_FAULTS, **options})


def run(options: Traffic, network: Network | None = None) -> tuple[list[Sent], list[JourneyTruth], Simulation]:
    """All records, the truth about all journeys that began, and the simulation to be asked for its summary."""
    journeys: list[JourneyTruth] = []
    simulation = Simulation(network or tiny_network(), CARRIERS, options, journeys.append)
    sents = list(simulation)
    return sents, journeys + list(simulation.under_way()), simulation


def bodies(sents: list[Sent]) -> list[tuple[Sent, dict[str, Any]]]:
    """The records whose body is JSON, with what it says."""
    found = []
    for sent in sents:
        try:
            found.append((sent, msgspec.json.decode(sent.body)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return found


def moment(text: str) -> Millis:
    """The moment of an RFC 3339 time."""
    return from_datetime(datetime.fromisoformat(text))


def later(start: Millis, days: float) -> Millis:
    """So many days on."""
    return Millis(start + round(days * DAY))
