"""Hours of a node and weeks of a corridor: from facts, whichever order, and who stands there."""

from itertools import pairwise
from random import Random

import pytest

from tests.railway import build_fact, small_network
from tracker.aggregates.group import Dwells, Group, group_of
from tracker.aggregates.recent import HOURS, WEEKS, node_hours, week_entries, weeks_of
from tracker.aggregates.tally import Tally
from tracker.domain.facts import Fact, FactKind
from tracker.domain.moment import HOUR, Millis, hour_of, text
from tracker.domain.network import Direction

NOW = 480_000
CLOCK = Millis(NOW * HOUR)
NETWORK = small_network()
WEST = Direction.WESTBOUND


def tallies(*facts: Fact) -> list[tuple[Group, int, Tally]]:
    found = []
    for fact in facts:
        tally = Tally()
        tally.add(fact, NETWORK)
        found.append((group_of(fact, NETWORK), hour_of(fact.end), tally))
    return found


def stays(*dwells: tuple[float, float]) -> list[tuple[Direction | None, int, Tally]]:
    """Stays by hours before now at which they began and ended."""
    facts = (build_fact(FactKind.DWELL, NOW - end, begin - end, node="KZ-EDGE") for begin, end in dwells)
    return [(each.direction, hour, tally) for each, hour, tally in tallies(*facts) if isinstance(each, Dwells)]


def before(*hours: float) -> dict[Direction | None, list[Millis]]:
    return {WEST: [Millis(round(CLOCK - each * HOUR)) for each in hours]}


def test_each_hour_has_what_came_left_and_waited_at_its_end() -> None:
    # A: came 30 h ago, is there. B: came 5 h ago, is there. C: 4.5 h ago to 2.5 h ago. D: 40 h ago to 2.5 h ago.
    found = node_hours(CLOCK, before(29.5, 4.5), stays((4.5, 2.5), (39.5, 2.5)))
    assert len(found) == HOURS
    assert [each["begins"] for each in found[::23]] == [text(Millis(CLOCK - 24 * HOUR)), text(Millis(CLOCK - HOUR))]
    told = {NOW - 24 + at: (each["came"], each["left"], each["waiting"]) for at, each in enumerate(found)}
    assert told[NOW - 5] == (2, 0, 4)
    assert told[NOW - 3] == (0, 2, 2)
    assert told[NOW - 6] == (0, 0, 2)
    assert told[NOW - 1] == (0, 0, 2)


def test_what_waits_follows_from_hour_to_hour_from_what_came_and_left() -> None:
    random = Random(3)
    dwells = [(end + random.uniform(0.2, 50), end) for end in (random.uniform(0, 24) for _ in range(200))]
    found = node_hours(CLOCK, before(*(random.uniform(0, 60) for _ in range(50))), stays(*dwells))
    for earlier, later in pairwise(found):
        assert later["waiting"] == earlier["waiting"] + later["came"] - later["left"]
    assert found[-1]["waiting"] == 50
    assert sum(each["left"] for each in found) == 200
    assert min(each["waiting"] for each in found) >= 0


def test_a_clock_that_runs_fast_has_come_and_nothing_stands_nowhere() -> None:
    (last,) = node_hours(CLOCK, {None: [Millis(CLOCK + 5 * HOUR)]}, [])[-1:]
    assert (last["direction"], last["came"], last["waiting"]) == (None, 1, 1)
    assert node_hours(CLOCK, {}, []) == []


def test_weeks_are_those_before_the_clock_whatever_the_order() -> None:
    week = 7 * 24
    facts = [
        *(build_fact(FactKind.TRANSIT, NOW - 0.5, 200 + n, section="whole", metres=4_000_000) for n in range(5)),
        *(build_fact(FactKind.TRANSIT, NOW - week + 0.5, 100, section="whole") for _ in range(2)),
        build_fact(FactKind.TRANSIT, NOW - week - 0.5, 100, section="whole"),
        build_fact(FactKind.TRANSIT, NOW - WEEKS * week - 0.5, 100, section="whole"),
        build_fact(FactKind.TRANSIT, NOW + 0.5, 100, section="whole"),
        build_fact(FactKind.RUN, NOW - 0.5, 10, origin="KZ-EDGE", goal="KZ-PORT"),
    ]
    cells = tallies(*facts)
    found = week_entries(weeks_of(cells, CLOCK), CLOCK)
    assert [(each["ends"], each["transits"]) for each in found] == [
        (text(Millis(CLOCK - week * HOUR)), 1),
        (text(CLOCK), 7),
    ]
    assert found[-1]["transit_seconds"]["0.95"] / 3600 == pytest.approx(204, rel=0.01)
    assert found[-1]["speed"]["with_delay"] is not None
    Random(5).shuffle(cells)
    assert week_entries(weeks_of(cells, CLOCK), CLOCK) == found
