"""Truths and exceptions written by hand over the tiny network, in days of March 2026."""

from typing import Any, Final

from tests.evaluate.arrivals import arrivals
from tests.evaluate.cases import Case, Version, cases_of
from tests.evaluate.episodes import Episode, Judge
from tests.evaluate.figures import Result, result
from tests.evaluate.lines import HOUR, Lines
from tests.evaluate.said import Said, moment
from tests.evaluate.score import Matched, match
from tests.evaluate.truth import Reporters, Truth, truth_of
from tests.simulate.traffic import REPORTERS, tiny_network
from tracker.domain.moment import DAY, Millis, text

WAY = ("CN-HUB", "CN-EDGE", "KZ-EDGE", "KZ-TOWN", "KZ-PORT", "AZ-PORT", "AZ-END")
"""Without a delay the critical lines of its stays are 79.7 h (CN-EDGE), 175.4 (KZ-EDGE), 189.4 (KZ-PORT), 155.6
(AZ-PORT); KZ-TOWN has none planned."""
START = moment("2026-03-01T00:00:00Z")


def day(days: float) -> str:
    """The time so many days after the first of March."""
    assert START is not None
    return text(Millis(START + round(days * DAY)))


def way(container: str, *times: tuple[float | None, float | None], out: float | None = None) -> dict[str, Any]:
    """A westbound journey of the truth file: arrival and departure as days at one node of the way after another."""
    nodes = [
        {
            "node": node,
            "arrived_at": None if came is None else day(came),
            "departed_at": None if went is None else day(went),
        }
        for node, (came, went) in zip(WAY, times, strict=False)
    ]
    ends = {"origin": WAY[0], "destination": WAY[-1], "began_at": day(0), "ended_at": None if out is None else day(out)}
    return {
        "container": container,
        "booking": "B",
        "corridor": "middle",
        "direction": "westbound",
        "nodes": nodes,
    } | ends


ON_TIME: Final[tuple[tuple[float | None, float | None], ...]] = (
    (None, 1),
    (4, 4.5),
    (4.6, 7),
    (7.4, 7.4),
    (10.5, 12),
    (13, 14),
    (14.7, None),
)
"""A journey over no line, 13.7 days from departure to arrival."""


def truth(*ways: dict[str, Any], until: float = 60, **trouble: Any) -> Truth:
    """The truth of a run that ended after so many days."""
    return truth_of({"until": day(until), "journeys": list(ways)} | trouble)


def judge(true: Truth, delay_hours: float = 0.0) -> Judge:
    """A judge of it; every carrier is usually so late."""
    said = Said(delays={carrier: [round(delay_hours * HOUR)] for carrier in REPORTERS.values()})
    return Judge(Lines(tiny_network()), true, said, Reporters(tiny_network(), REPORTERS, "rail-a"))


def version(name: str, at: float, **fields: Any) -> dict[str, Any]:
    """One line of exceptions.jsonl: open, critical, of rule dwell and of container A, unless said otherwise."""
    usual = {"rule": "dwell", "status": "open", "severity": "critical", "container": "A", "cause": "unknown"}
    return usual | {"id": name, "at": day(at), "detected_at": day(at)} | fields


def resolved(name: str, at: float, reason: str = "departed", **fields: Any) -> dict[str, Any]:
    """Its resolution."""
    return version(name, at, status="resolved", reason=reason, **fields)


def cases(*versions: dict[str, Any]) -> list[Case]:
    """The cases of some lines."""
    return cases_of(Version(**each) for each in versions)


def matched(true: Truth, *versions: dict[str, Any]) -> tuple[Matched, list[Episode]]:
    """What the lines come to against a truth."""
    judging = judge(true)
    episodes = judging.episodes()
    return match(cases(*versions), episodes, judging, true), episodes


def scored(true: Truth, *versions: dict[str, Any]) -> Result:
    """All figures and tables."""
    judging = judge(true)
    coming = arrivals([], [], Lines(tiny_network()), true)
    return result(cases(*versions), judging.episodes(), judging, true, coming, len(true.ways))


def figure(found: Result, name: str) -> float | None:
    """The figure of a name."""
    return next(each.seen for each in found.figures if each.name == name)
