"""The shape of a network file: fields, types and bounds of each part by itself.

What the parts say about each other is checked in `network_rules`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tracker.domain.network import Code, Corridor, Direction, Hours, Leg, Network, Node, Section

NodeId = Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=40)]
LegId = Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*--[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=82)]
CorridorId = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]
Text = Annotated[str, Field(min_length=1, max_length=100)]
Sense = Literal["westbound", "eastbound", "southbound", "northbound"]


def _planned_alone(value: Any) -> Any:
    """A plain number is planned hours without a percentile."""
    return {"planned": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


def _grouped(value: Any) -> Any:
    """Single leg ids among the groups become groups of one, so that all are lists."""
    return [item if isinstance(item, list) else [item] for item in value] if isinstance(value, list) else value


class Part(BaseModel):
    """No unknown fields, no conversions: a quoted number is a slip worth telling."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class HoursPart(Part):
    """Planned hours and their 95th percentile."""

    planned: float = Field(gt=0, le=2400)
    p95: float | None = Field(default=None, gt=0, le=24000)

    def hours(self) -> Hours:
        """The domain's value."""
        return Hours(self.planned, self.p95)


PlannedHours = Annotated[HoursPart, BeforeValidator(_planned_alone)]


class CodePart(Part):
    """A foreign code of a node; `nearest` when it is really a neighbour's."""

    scheme: Literal["unlocode", "esr", "uic", "bic", "smdg"]
    code: Annotated[str, Field(min_length=1, max_length=40)]
    nearest: bool = False


class NodePart(Part):
    """A node; `at` is latitude, longitude in degrees, `gauges` in millimetres."""

    id: NodeId
    name: Text
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    kinds: list[Literal["origin", "border", "gauge", "inland", "port", "waypoint"]] = Field(min_length=1)
    at: list[float] = Field(min_length=2, max_length=2)
    zone: str
    gauges: list[Annotated[int, Field(ge=600, le=2000)]] = Field(default_factory=list)
    codes: list[CodePart] = Field(default_factory=list)
    names: list[Text] = Field(default_factory=list)
    stay: PlannedHours | None = None

    def node(self) -> Node:
        """The domain's node."""
        return Node(
            id=self.id,
            name=self.name,
            country=self.country,
            kinds=frozenset(self.kinds),
            latitude=self.at[0],
            longitude=self.at[1],
            zone=self.zone,
            gauges=tuple(self.gauges),
            codes=tuple(Code(c.scheme, c.code, c.nearest) for c in self.codes),
            names=tuple(self.names),
            stay=self.stay.hours() if self.stay is not None else None,
        )


class LegPart(Part):
    """A leg; its id names its ends. `back`: hours of the way back where they differ."""

    id: LegId
    km: float = Field(gt=0, le=30000)
    hours: PlannedHours
    back: PlannedHours | None = None
    mode: Literal["rail", "vessel", "truck", "barge"] = "rail"
    crossing: bool = False

    @property
    def ends(self) -> tuple[str, str]:
        """The two node ids, in the leg's order."""
        a, _, b = self.id.partition("--")
        return a, b

    def leg(self) -> Leg:
        """The domain's leg."""
        a, b = self.ends
        back = self.back.hours() if self.back is not None else None
        return Leg(self.id, a, b, self.km, self.hours.hours(), self.mode, self.crossing, back)


class SectionPart(Part):
    """A timed part of a corridor, from the first nodes to the second."""

    id: CorridorId
    start: list[NodeId] = Field(min_length=1)
    end: list[NodeId] = Field(min_length=1)


class CorridorPart(Part):
    """A corridor; `directions` are forward and back. `legs` may hold lists of legs, so that anchors can be used."""

    id: CorridorId
    name: Text
    directions: list[Sense] = Field(min_length=2, max_length=2)
    starts: list[NodeId] = Field(min_length=1)
    finishes: list[NodeId] = Field(min_length=1)
    legs: Annotated[list[list[LegId]], BeforeValidator(_grouped), Field(min_length=1)]
    reversed_legs: list[LegId] = Field(default_factory=list)
    sections: list[SectionPart] = Field(min_length=1)
    counting: list[LegId] = Field(default_factory=list)
    parent: CorridorId | None = None
    target_tonnes_per_year: float | None = Field(default=None, gt=0)
    tolerance_hours: float = Field(default=24, gt=0)
    stays: dict[NodeId, PlannedHours] = Field(default_factory=dict)

    @property
    def leg_ids(self) -> tuple[str, ...]:
        """All legs, groups taken apart."""
        return tuple(leg for group in self.legs for leg in group)

    def corridor(self) -> Corridor:
        """The domain's corridor."""
        return Corridor(
            id=self.id,
            name=self.name,
            forward=Direction(self.directions[0]),
            backward=Direction(self.directions[1]),
            legs=self.leg_ids,
            starts=frozenset(self.starts),
            finishes=frozenset(self.finishes),
            sections=tuple(Section(s.id, frozenset(s.start), frozenset(s.end)) for s in self.sections),
            counting=frozenset(self.counting),
            parent=self.parent,
            target_tonnes_per_year=self.target_tonnes_per_year,
            tolerance_hours=self.tolerance_hours,
            stays={node: hours.hours() for node, hours in self.stays.items()},
            reversed_legs=frozenset(self.reversed_legs),
        )


class NetworkPart(Part):
    """A whole file."""

    nodes: list[NodePart] = Field(min_length=1)
    legs: list[LegPart] = Field(min_length=1)
    corridors: list[CorridorPart] = Field(min_length=1)

    def network(self) -> Network:
        """The domain's network; only for a file whose rules hold."""
        return Network(
            (node.node() for node in self.nodes),
            (leg.leg() for leg in self.legs),
            (corridor.corridor() for corridor in self.corridors),
        )
