"""The shape of `corridors.json` and of the figures under `/v1`; what they mean is said in `aggregates.statistics`."""

from typing import TypedDict

from tracker.aggregates.figures import Speed
from tracker.aggregates.years import TargetEntry, YearEntry
from tracker.domain.facts import Side
from tracker.domain.network import Direction


class Load(TypedDict):
    """What of a volume was laden, empty or neither said; as in `CorridorEntry`."""

    crossings: int
    teu: float | None
    kg: float | None


class CorridorEntry(TypedDict):
    """A corridor's section in a direction and window."""

    corridor: str
    section: str
    direction: Direction | None
    window: str
    transits: int
    teu: float | None
    kg: float | None
    crossings: int
    transit_seconds: dict[str, float]
    speed: Speed
    on_time: float | None
    buffer: float | None
    planned: int
    teu_unknown: int
    kg_unknown: int
    loads: dict[str, Load]
    empty: float | None
    imbalance: float | None
    teu_km: float | None
    runs: int
    runs_unmeasured: int


class NodeEntry(TypedDict):
    """Stays at a node that ended. `containers` stand there now, whatever the window, and `age_seconds` for so long."""

    node: str
    side: Side | None
    direction: Direction | None
    window: str
    dwells: int
    dwell_seconds: dict[str, float]
    containers: int
    age_seconds: dict[str, float]


class CrossingEntry(TypedDict):
    """Passages of a crossing or counting leg, journeys of all corridors together."""

    crossing: str
    direction: Direction | None
    window: str
    crossings: int
    teu: float | None
    kg: float | None
    teu_unknown: int
    kg_unknown: int


class LegEntry(TypedDict):
    """Runs over a single leg."""

    leg: str
    direction: Direction | None
    window: str
    runs: int
    run_seconds: dict[str, float]


class Statistics(TypedDict):
    """The content of `corridors.json`."""

    until: str
    corridors: list[CorridorEntry]
    nodes: list[NodeEntry]
    crossings: list[CrossingEntry]
    legs: list[LegEntry]
    years: list[YearEntry]
    targets: list[TargetEntry]
