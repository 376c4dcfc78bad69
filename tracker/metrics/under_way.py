"""The figures of open journeys: how they stand, where they are, and what is wrong with them."""

from collections.abc import Iterator, Mapping
from typing import Final, Protocol, get_args

from prometheus_client.core import Metric

from tracker.aggregates.standing import Standing
from tracker.contract.exceptions import INCIDENT_CAUSES
from tracker.domain.exceptions import Severity, State
from tracker.domain.moment import Millis
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network
from tracker.metrics.series import gauge

STATES: Final[tuple[State, ...]] = get_args(State)


Wrong = Mapping[tuple[str, str, str, str], int]
"""How many, by rule, severity, cause and corridor."""


class SurveyView(Protocol):
    """Open journeys at a clock."""

    def open_states(self) -> Mapping[tuple[str, Direction | None, State], int]:
        """How many, by corridor, direction and state."""

    def standing(self) -> Standing:
        """Who stands at a node, by node and direction."""


class JourneysView(Protocol):
    """What the journeys stage knows of open journeys."""

    def survey(self, clock: Millis) -> SurveyView:
        """Where they are."""

    def exception_counts(self) -> Wrong:
        """Open exceptions by rule, severity, cause and corridor."""


def under_way(network: Network, journeys: JourneysView, clock: Millis, incidents: Wrong) -> Iterator[Metric]:
    """Open journeys, containers at nodes, open exceptions and incidents, at a clock."""
    counts = {
        (corridor.id, direction, state): 0
        for corridor in network.corridors.values()
        for direction in (corridor.forward, corridor.backward)
        for state in STATES
    }
    survey = journeys.survey(clock)
    for (corridor_id, way, state), count in survey.open_states().items():
        if way is not None:
            counts[corridor_id, way, state] = count
    yield gauge(
        "rail_journeys_open",
        "Containers under way, by state. Unknown: where it goes is not, or its carrier's word is missing.",
        ["corridor", "direction", "state"],
        counts.items(),
    )
    standing: dict[tuple[str, ...], int] = dict.fromkeys(ways_of_nodes(network), 0)
    for (node, way), present in survey.standing().items():
        if way is not None:
            standing[node, way] = present.containers
    yield gauge("rail_node_containers", "Containers that stand at a node now.", ["node", "direction"], standing.items())
    known = {*network.corridors, UNDECIDED, OTHER}
    wrong = {labels: count for labels, count in journeys.exception_counts().items() if labels[-1] in known}
    wrong |= {(rule, str(Severity.CRITICAL), str(cause), ""): 0 for rule, cause in INCIDENT_CAUSES.items()}
    wrong |= incidents
    yield gauge(
        "rail_exceptions_open",
        "What is wrong now: with containers (critical is told, one of each), and incidents, which have no corridor.",
        ["rule", "severity", "cause", "corridor"],
        wrong.items(),
    )


def ways_of_nodes(network: Network) -> list[tuple[str, Direction]]:
    """Every node with each direction in which a corridor passes it: the known labels of what a node counts."""
    return [
        (node, direction)
        for node, courses in network.member.items()
        for direction in sorted({course.direction for course in network.courses if course.bit & courses})
    ]
