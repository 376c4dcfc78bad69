"""What truly happens to a container: its journey, and the lots it travels in."""

from dataclasses import dataclass, field

from tracker.domain.moment import Millis
from tracker.domain.network import Leg
from tracker.domain.report import Mode
from tracker.simulate.containers import Container
from tracker.simulate.ways import Line


@dataclass(slots=True)
class Stop:
    """A node as it was truly passed; both times are equal where nothing stopped."""

    node: str
    arrived: Millis | None = None
    departed: Millis | None = None


@dataclass(slots=True, eq=False)
class Journey:
    """One journey of one container, from the first milestone to the last, about 2 KB while it is open."""

    container: Container
    line: Line
    way: tuple[str, ...]
    laden: bool
    gross_kg: int
    booking: str
    note: str
    began: Millis
    wagon: str | None = None
    ended: Millis | None = None
    stops: list[Stop] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Where it begins."""
        return self.way[0]

    @property
    def destination(self) -> str:
        """Where it ends."""
        return self.way[-1]

    def ahead(self, node: str) -> tuple[str, ...]:
        """The nodes still to come after `node`."""
        return self.way[self.way.index(node) + 1 :]


@dataclass(slots=True, eq=False)
class Lot:
    """Containers that move together, on one train or one vessel, and share its moments.

    All of a train's containers have the same way ahead; a vessel's only share the next port.
    """

    journeys: list[Journey]
    node: str
    ahead: tuple[str, ...]
    train: str | None = None
    vessel: str | None = None
    voyage: str | None = None

    @property
    def mode(self) -> Mode:
        """By sea or by rail."""
        return Mode.RAIL if self.vessel is None else Mode.VESSEL

    @property
    def line(self) -> Line:
        """The line whose hours the lot keeps."""
        return self.journeys[0].line

    @property
    def leg(self) -> Leg:
        """The leg ahead."""
        return self.line.leg(self.node, self.ahead[0])
