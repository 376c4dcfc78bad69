"""What the tests of the web show: facts of a small network, one box, and answers as programs read them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient

from tests.railway import build_fact, small_network
from tracker.aggregates.closer import CorridorPart, Due, NodePart
from tracker.aggregates.entries import Statistics
from tracker.aggregates.group import Crossings, Group, group_of
from tracker.aggregates.incidents import Incident
from tracker.aggregates.part import OpenJourneys, Part, Stays, part_of, whole_of
from tracker.aggregates.recent import weeks_of
from tracker.aggregates.tally import Tally
from tracker.aggregates.volume import Volume
from tracker.aggregates.windows import WINDOWS, totals_of
from tracker.contract.exceptions import exception_json
from tracker.domain.exceptions import Cause, RailException, Rule, Severity
from tracker.domain.facts import Fact, FactKind, Side
from tracker.domain.moment import DAY, HOUR, Millis, hour_of
from tracker.domain.network import Direction
from tracker.web.lists import newest_first
from tracker.web.views import Views

NETWORK = small_network()
NOW = 480_000
WEST = Direction.WESTBOUND
UNTIL = Millis(NOW * HOUR)
FACTS = [
    *(build_fact(FactKind.TRANSIT, NOW - 1, 240 + n, section="whole", metres=4_360_000) for n in range(5)),
    build_fact(FactKind.TRANSIT, NOW - 1, 30, section="sea"),
    build_fact(FactKind.DWELL, NOW - 1, 10, node="KZ-EDGE", side=Side.ENTRY),
    build_fact(FactKind.CROSSING, NOW - 1, origin="KZ-PORT", goal="AZ-PORT", teu=1_234_500, grams=9_000_000),
]
Client = TestClient[Any, Any]
BOX = {"container": "TBJU4395630", "journeys": [{"corridor": "middle"}], "reports": [], "exceptions": []}


def wrong(day: int, severity: Severity, incident: str | None = None) -> dict[str, Any]:
    """An open exception, as a worker lists it."""
    began, found = Millis((20_513 + day) * DAY), Millis((20_515 + day) * DAY)
    exception = RailException(
        id=f"dwell-{day}", version=1, at=found, rule=Rule.DWELL, journey="j", place="KZ-PORT", visit=0, episode=0,
        severity=severity, carrier="ktz", since=began, deadline=found, opened=found, threshold=2 * DAY,
        source="template", cause=Cause.NODE, corridor="middle", direction=WEST, incident=incident,
    )  # fmt: skip
    return {**exception_json(exception, "TBJU4395630", ())}


STOP = Incident("node_stopped-KZ-PORT-1", "node_stopped", "KZ-PORT", WEST, None, UNTIL, UNTIL, None, 8 * HOUR)
WRONG = [wrong(1, Severity.CRITICAL), wrong(3, Severity.WARNING), wrong(2, Severity.CRITICAL, STOP.id)]


def part(facts: Sequence[Fact] | None = None) -> Part:
    """What a worker holds: the facts below, seventeen containers at KZ-EDGE, and open journeys."""
    cells = [(group_of(each, NETWORK), hour_of(each.end), tally(each)) for each in (FACTS if facts is None else facts)]
    totals = {name: groups for name, groups in totals_of(cells, UNTIL).items() if name in WINDOWS}
    years: dict[tuple[Group, int], Volume] = {
        (group, 2024): each.volume for group, _, each in cells if isinstance(group, Crossings)
    }
    stays: Stays = {("KZ-EDGE", WEST): [Millis((NOW - 240) * HOUR), *([Millis((NOW - 31) * HOUR)] * 16)]}
    journeys: OpenJourneys = {("middle", WEST, "on_time"): 321, ("undecided", None, "unknown"): 9}
    counts = {("late", "critical", "node", "middle"): 4, ("dwell", "warning", "unknown", "middle"): 2}
    return part_of(UNTIL, totals, years, stays, journeys, {("middle", WEST, "KZ-PORT"): 12}, counts)


def node(name: str) -> NodePart:
    """A worker's part of KZ-EDGE: two stand there, one stay of ten hours ended an hour ago, a train is due."""
    if name != "KZ-EDGE":
        return NodePart(UNTIL)
    ways: list[tuple[Direction | None, list[Millis]]] = [(WEST, [Millis(UNTIL - 30 * HOUR), Millis(UNTIL - 2 * HOUR)])]
    dwells: list[tuple[Direction | None, int, Tally]] = [
        (WEST, NOW - 1, tally(each)) for each in FACTS if each.kind is FactKind.DWELL
    ]
    at = (Millis(UNTIL + hours * HOUR) for hours in (6, 3, 12))
    due = Due("8001", "CN-EDGE", "middle", WEST, 55, Millis(UNTIL - 20 * HOUR), *at)
    return NodePart(UNTIL, ways, dwells, [due], 7)


def corridor(name: str) -> CorridorPart:
    """A worker's part of a corridor: the transits of the facts below, in the last week."""
    cells = [(group_of(each, NETWORK), hour_of(each.end), tally(each)) for each in FACTS if each.corridor == name]
    return CorridorPart(UNTIL, [(group, week, each) for (group, week), each in weeks_of(cells, UNTIL).items()])


def tally(fact: Fact) -> Tally:
    made = Tally()
    made.add(fact, NETWORK)
    return made


def statistics() -> Statistics:
    return whole_of([part()], NETWORK).statistics


def exceptions_of(records: Sequence[Mapping[str, Any]]) -> Any:
    """A worker's answer to questions about exceptions, of these."""

    def answer(filters: Mapping[str, str], after: str, limit: int) -> tuple[list[Mapping[str, Any]], int]:
        wanted = {"status": "open", **filters}
        found = [each for each in records if all(each.get(name) == value for name, value in wanted.items())]
        found.sort(key=lambda each: newest_first(each["deadline"], each["id"]))
        ahead = [each for each in found if newest_first(each["deadline"], each["id"]) > after]
        return ahead[:limit], len(found)

    return answer


NUMBERS = [f"TBJU00000{n}" for n in range(10, 22)]


def listed(
    filters: Mapping[str, str], after: str, limit: int, numbers: Sequence[str] = NUMBERS
) -> tuple[list[dict[str, Any]], int]:
    journey = {
        "corridor": filters.get("corridor", "middle"),
        "direction": "westbound",
        "state": "late",
        "visits": [{"node": "KZ-EDGE", "arrived_at": "2026-03-01T00:00:00Z"}],
        "standing_since": "2026-03-01T00:00:00Z",
        "rules": ["dwell"],
    }
    found: list[dict[str, Any]] = [{"container": each, **journey} for each in numbers]
    start = after[-len(numbers[0]) :]  # a place ends in the container
    return [each for each in found if each["container"] > start][:limit], len(found)


def card(carrier: str) -> Mapping[str, Any]:
    """A scorecard."""
    return {
        "carrier": carrier,
        "at": "2026-03-01T00:00:00Z",
        "window_days": 7,
        "reports": 1_200,
        "rejected": 12,
        "faults": {"E301": 12},
        "delay": {"p50_seconds": 3_600.0, "p90_seconds": 7_200.0, "within_12h": 0.98},
        "heard_at": "2026-03-01T00:00:00Z",
        "watermark": "2026-03-01T00:00:00Z",
        "usual_gap_seconds": 600.0,
        "quiet": carrier == "adyc",
        "missing": {"reports": 3, "ranges": [{"first": 7, "last": 9}]},
        "completeness": {"expected": 40, "told": 38, "share": 0.95},
        "clock": None,
        "days": [
            {
                "day": f"2026-03-0{day}",
                "reports": 100 * day,
                "rejected": day,
                "faults": day,
                "delay_p50_seconds": 3_600.0,
                "delay_p90_seconds": 7_200.0,
                "within_12h": 0.98,
            }
            for day in (1, 2)
        ],
    }


def views(**changes: Any) -> Views:
    given: dict[str, Any] = {
        "part": part,
        "node": node,
        "corridor": corridor,
        "journeys": listed,
        "exceptions": exceptions_of(WRONG),
        "container": {"TBJU4395630": BOX}.get,
        "carriers": ("ktz", "adyc"),
        "carrier": card,
        "unready": lambda: (),
        "metrics": lambda accept: (b"rail_up 1\n", f"text/plain; asked={accept or 'nothing'}"),
        **changes,
    }
    return Views(**given)


async def text_of(client: Client, path: str, status: HTTPStatus = HTTPStatus.OK) -> str:
    async with client.get(path) as response:
        assert response.status == status, await response.text()
        return await response.text()


async def json_of(client: Client, path: str) -> Any:
    async with client.get(path) as response:
        assert (response.status, response.content_type) == (200, "application/json")
        return await response.json()
