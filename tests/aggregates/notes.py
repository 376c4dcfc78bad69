"""Ledgers written by hand: trains that come and go at a border, carriers that are heard of. Hours count from day 0."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from tests.simulate.traffic import tiny_network
from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.incidents import Incident
from tracker.aggregates.ledger import Ledger
from tracker.domain.exceptions import Rule, Watch
from tracker.domain.flows import Flow
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.domain.position import Position
from tracker.domain.report import Kind, Report

DAY_0: Final = 20_000
"""Days since 1970 of the first day: 2024-10-04."""
EDGE: Final = Flow("KZ-EDGE", Direction.WESTBOUND)
"""A stay of 48 h is planned there, p95 120 h."""
STAYED: Final = 48
EVERY: Final = 6
NETWORK: Final = tiny_network()
FOUR: Final = 4 * 7 * 24
"""Hours of four weeks, in which what is usual is learned."""


def clock(hours: float) -> Millis:
    """So many hours after the first day began."""
    return Millis(DAY_0 * DAY + round(hours * HOUR))


def hours(moment: Millis | None) -> float | None:
    """The other way round; None for None."""
    return None if moment is None else (moment - DAY_0 * DAY) / HOUR


def train(ledger: Ledger, came: int, gone: int | None = None, *, boxes: int = 50, flow: Flow = EDGE) -> None:
    """A train of so many boxes that came and, unless it still waits, went; each becomes known half an hour later."""
    hour = DAY_0 * 24
    for _ in range(boxes):
        ledger.came[flow][hour + came].note(clock(came + 0.5), 1)
        if gone is not None:
            ledger.left[flow][hour + came].note(clock(gone + 0.5), 1)
            ledger.out[flow][hour + gone].note(clock(gone + 0.5), 1)


def regular(ledger: Ledger, until: int, *, stopped: tuple[int, int] | None = None, flow: Flow = EDGE) -> None:
    """A train every six hours up to an hour, each for two days; in `stopped` none leaves, afterwards all that wait."""
    for came in range(0, until, EVERY):
        gone = came + STAYED
        if stopped is not None and stopped[0] <= gone < stopped[1]:
            gone = stopped[1]
        train(ledger, came, gone if gone < until else None, flow=flow)


def heard(
    ledger: Ledger,
    carrier: str,
    minutes: Iterable[int],
    *,
    boxes: int = 12,
    node: str = "KZ-EDGE",
    late: int = HOUR,
) -> None:
    """A carrier that reports from a node at minutes since the first day, of so many containers, an hour `late`."""
    days: defaultdict[int, CarrierDay] = defaultdict(CarrierDay)
    for at, minute in enumerate(minutes):
        received = Millis(DAY_0 * DAY + minute * MINUTE)
        report = Report(carrier, f"r{at}", Kind.ARRIVED, node, Millis(received - late), received, at)
        days[received // DAY].heard(f"box {at % boxes}", report)
    for day, counted in days.items():
        ledger.day(carrier, day, counted)


def told(incidents: Sequence[Incident]) -> list[tuple[str, float | None, float | None, float | None]]:
    """Each by what it is, since, opened and resolved in hours."""
    return [(each.rule, hours(each.since), hours(each.opened), hours(each.resolved)) for each in incidents]


def position(*visited: tuple[str, float, float | None], carrier: str = "ktz") -> Position:
    """A westbound journey that was at these nodes, with hours of coming and going."""
    ways = tuple((node, clock(came), None if gone is None else clock(gone)) for node, came, gone in visited)
    node, came, gone = ways[-1]
    return Position(
        journey="j", corridor="middle", direction=Direction.WESTBOUND, mask=1, carrier=carrier, last=gone or came,
        node=node, visit=0, is_origin=False, came=came, arrived=came, departed=gone, destination=None,
        left=None, visited=ways, plans=(), held=None, astray=None, missing=(), is_doubtful=False,
    )  # fmt: skip


def watch(warning: float, *, rule: Rule = Rule.DWELL, critical: float | None = None, goal: str | None = None) -> Watch:
    """A watch with deadlines in hours."""
    at = None if critical is None else clock(critical)
    return Watch(rule, "KZ-EDGE", 0, clock(0), clock(warning), at, clock(warning), 0, "template", None, goal)


def busy(until: int, *quiet: tuple[int, int], every: int = 10) -> Ledger:
    """Somebody reports every ten minutes, but in these spans of hours."""
    ledger = Ledger()
    minutes = (m for m in range(0, until * 60, every) if not any(a * 60 < m < b * 60 for a, b in quiet))
    for at, minute in enumerate(minutes):
        heard(ledger, ("ktz", "adyc")[at % 2], [minute])
    return ledger


def feeds(until: int, quiet: tuple[float, float], *, boxes: int = 12, every: int = 30) -> Ledger:
    """`ktz` reports every half hour but in a span of hours; `adyc` goes on all the time."""
    ledger = Ledger()
    heard(ledger, "adyc", range(0, until * 60, 10), boxes=5, node="AZ-PORT")
    heard(ledger, "ktz", (m for m in range(0, until * 60, every) if not quiet[0] * 60 < m < quiet[1] * 60), boxes=boxes)
    return ledger
