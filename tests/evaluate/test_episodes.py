"""Who is truly over a line: lines from the network alone, both sides of each boundary, causes only where clear."""

import math
import statistics
from random import Random
from typing import Any

import pytest

from tests.evaluate.hand import ON_TIME, day, judge, truth, way
from tests.evaluate.lines import HOUR, Lines, critical_hours, sigma, way_p99_hours
from tests.evaluate.said import Said, moment, said_in
from tests.evaluate.truth import Truth
from tests.simulate.traffic import tiny_network
from tracker.contract.network_file import load_network
from tracker.domain.moment import DAY
from tracker.domain.network import Hours

Times = tuple[tuple[float | None, float | None], ...]

LINE = {"KZ-EDGE": critical_hours(Hours(48, 120), 0), "CN-EDGE": critical_hours(Hours(14, 48), 0)}


def found(true: Truth, delay_hours: float = 0.0) -> list[tuple[str, str, str | None]]:
    return [(e.kind, e.place, e.cause) for e in judge(true, delay_hours).episodes()]


def late_at_edge(hours: float, *, ends: bool = True) -> Times:
    """A journey that stays so long at KZ-EDGE, all else on time."""
    more = hours / 24 - 2.4
    return (*ON_TIME[:2], (4.6, 4.6 + hours / 24 if ends else None), *(later(ON_TIME[3:], more) if ends else ()))


def later(times: Times, days: float) -> Times:
    """All of it so much later."""
    return tuple((None if came is None else came + days, None if went is None else went + days) for came, went in times)


def test_p99_of_planned_hours_and_p95_is_that_of_their_lognormal() -> None:
    normal = statistics.NormalDist(math.log(48), sigma(Hours(48, 120)))
    assert math.exp(normal.inv_cdf(0.95)) == pytest.approx(120)
    assert critical_hours(Hours(48, 120), 0) == pytest.approx(math.exp(normal.inv_cdf(0.99)))
    assert critical_hours(Hours(48), 5) == pytest.approx(48 * math.exp(0.2 * 2.32635) + 5, rel=1e-4)


def test_the_p99_of_a_way_is_near_that_of_drawn_ways() -> None:
    parts = [Hours(70), Hours(14, 48), Hours(2), Hours(48, 120), Hours(10), Hours(70, 90), Hours(40, 120), Hours(20)]
    rng = Random(1)
    drawn = sorted(sum(h.planned * math.exp(sigma(h) * rng.gauss(0, 1)) for h in parts) for _ in range(20_000))
    assert way_p99_hours(parts) == pytest.approx(drawn[19_800], rel=0.03)
    assert way_p99_hours([]) == 0


def test_hours_are_those_of_the_direction_and_of_the_corridor() -> None:
    lines, network = Lines(tiny_network()), load_network()
    assert (lines.run("AZ-PORT", "AZ-END"), lines.run("AZ-END", "AZ-PORT")) == (Hours(16), Hours(18))
    assert Lines(network).stay("northern", "KZ-ALTYNKOL") == Hours(36, 120)
    assert Lines(network).stay("middle", "KZ-ALTYNKOL") == Hours(48, 120)
    assert lines.way("middle", ("KZ-EDGE", "KZ-TOWN", "KZ-PORT", "AZ-PORT")) == [
        Hours(10), Hours(70, 90), Hours(40, 120), Hours(20)
    ]  # fmt: skip
    assert lines.ahead("middle", "KZ-TOWN", "AZ-END") == ("KZ-TOWN", "KZ-PORT", "AZ-PORT", "AZ-END")
    assert lines.ahead("stub", "KZ-EDGE", "AZ-END") == ()


def test_a_journey_within_its_lines_has_no_episode() -> None:
    assert found(truth(way("A", *ON_TIME, out=16))) == []


@pytest.mark.parametrize(("hours", "over"), [(LINE["KZ-EDGE"] - 0.1, False), (LINE["KZ-EDGE"] + 0.1, True)])
def test_a_stay_is_over_the_line_beyond_it_and_not_before(hours: float, over: bool) -> None:
    assert found(truth(way("A", *late_at_edge(hours), out=30))) == ([("stay", "KZ-EDGE", None)] if over else [])


def test_the_reporting_carriers_usual_delay_moves_the_line() -> None:
    true = truth(way("A", *late_at_edge(LINE["KZ-EDGE"] + 5), out=30))
    assert found(true, 4.0) == [("stay", "KZ-EDGE", None)]
    assert found(true, 6.0) == []


def test_what_never_ends_is_over_every_line_though_its_deadline_may_lie_beyond_the_run() -> None:
    stay, late = judge(truth(way("A", *late_at_edge(0, ends=False)), until=6)).episodes()
    assert (stay.kind, stay.end, stay.deadline - stay.since) == ("stay", None, round(LINE["KZ-EDGE"] * HOUR))
    assert (late.kind, late.end) == ("late", None)
    assert found(truth(way("A", *late_at_edge(0, ends=False)), until=4.5)) == [("late", "AZ-END", None)], "not begun"


def test_the_wait_before_the_first_departure_and_the_end_without_a_planned_stay_are_nobodys_delay() -> None:
    assert found(truth(way("A", *later(ON_TIME, 20), out=59))) == []


def test_a_run_that_never_arrives_is_on_the_leg_ahead_of_it() -> None:
    runs = found(truth(way("A", *ON_TIME[:2], (4.6, 7)), until=12))
    assert runs == [("run", "KZ-EDGE--KZ-TOWN", None), ("late", "AZ-END", None)]


def test_a_journey_is_late_by_72_hours_after_the_plan_or_else_by_the_p99_of_its_way() -> None:
    true = truth(way("A", *ON_TIME, out=20))
    judging = judge(true)
    (arrived,) = (stay.arrived for stay in true.ways[0].stays[-1:])
    assert arrived is not None
    for early, over in ((72.1, True), (71.9, False)):
        judging._said = Said(plans={("A", "B"): [(0, arrived - round(early * HOUR))]})
        assert [e.kind for e in judging.episodes()] == (["late"] if over else [])
    slow = (*ON_TIME[:3], (30, 30), *later(ON_TIME[4:], 23))
    assert ("late", "AZ-END", None) in found(truth(way("A", *slow, out=45)))


def test_a_hold_is_critical_after_72_hours_and_its_cause_is_the_container() -> None:
    held = [
        {"container": "A", "booking": "B", "node": "KZ-EDGE", "from": day(4.6), "to": day(4.6 + hours / 24)}
        for hours in (71, 73)
    ]
    assert found(truth(way("A", *ON_TIME, out=20), holds=held)) == [("hold", "KZ-EDGE", "container")]


def test_what_a_stuck_container_is_over_is_the_containers_own_doing() -> None:
    stuck = {"container": "A", "booking": "B", "node": "KZ-EDGE", "from": day(7), "to": None}
    assert found(truth(way("A", *late_at_edge(0, ends=False)), until=15, stuck=[stuck])) == [
        ("stay", "KZ-EDGE", "container"),
        ("late", "AZ-END", "container"),
    ]


@pytest.mark.parametrize(
    ("stop", "cause"),
    [
        ({"from": day(5), "to": day(12)}, "node"),
        ({"from": day(12.2), "to": day(12.3)}, None),  # it was over the line for other reasons
        ({"from": day(5), "to": day(12), "directions": ["eastbound"]}, None),
        ({"from": day(5), "to": day(12), "node": "CN-EDGE"}, None),
    ],
)
def test_a_stopped_node_is_the_cause_where_it_alone_made_the_difference(
    stop: dict[str, Any], cause: str | None
) -> None:
    true = truth(
        way("A", *late_at_edge(LINE["KZ-EDGE"] + 20), out=40), stops=[{"node": "KZ-EDGE", "directions": []} | stop]
    )
    assert found(true)[0] == ("stay", "KZ-EDGE", cause)


def test_a_storm_explains_who_waits_for_a_ship_and_ships_that_wait_outside() -> None:
    storm = {"from": day(11), "to": day(19)}
    port = (*ON_TIME[:4], (10.5, 19.5), (20.4, 21.4), (22, None))
    assert ("stay", "KZ-PORT", "node") in found(truth(way("A", *port, out=30), closures=[{"node": "KZ-PORT"} | storm]))
    sea = (*ON_TIME[:4], (10.5, 12), (19, 20), (20.7, None))
    assert ("run", "KZ-PORT--AZ-PORT", "node") in found(
        truth(way("A", *sea, out=30), closures=[{"node": "AZ-PORT"} | storm])
    )


def test_journeys_that_begin_after_the_run_are_not_judged() -> None:
    assert [each.container for each in truth(way("A", *ON_TIME), way("B", *ON_TIME) | {"began_at": day(61)}).ways] == [
        "A"
    ]


def test_delays_are_of_first_reports_outside_trouble_and_plans_of_those_made_before() -> None:
    from types import SimpleNamespace as Line

    def line(received: int, happened: int, name: str, **body: Any) -> Line:
        fields = {"container": "A", "kind": "departed", "classifier": "actual", "id": name, "retracted": False}
        fields |= {"booking": "B", "occurred_at": f"1970-01-01T{happened:02}:00:00Z"} | body
        return Line(carrier="x", received_at=f"1970-01-01T{received:02}:00:00Z", body=Line(**fields))

    planned = {"classifier": "planned", "kind": "arrived"}
    said = said_in(
        [
            line(1, 0, "1"),
            line(5, 0, "1"),  # again
            line(5, 2, "2"),
            line(6, 2, "3", retracted=True),
            line(9, 1, "4"),  # in trouble
            line(7, 1, "5", occurred_at="1970-01-01T01:00:00"),  # no offset
            line(3, 20, "6", **planned),
            line(8, 22, "7", **planned),
            Line(carrier="x", received_at="1970-01-01T10:00:00Z", body=None),
        ],
        lambda at: at >= 9 * HOUR,
    )
    assert said.delays == {"x": [HOUR, 3 * HOUR]}
    assert said.reports == 9
    assert said.usual_delay_hours("x") == 3
    assert said.usual_delay_hours("nobody") == 0
    assert [said.plan("A", "B", hour * HOUR) for hour in (3, 4, 9)] == [None, 20 * HOUR, 22 * HOUR]


@pytest.mark.parametrize(("hours", "over"), [(11.9, False), (12.1, True)])
def test_no_line_is_below_12_hours_and_a_stay_that_is_not_planned_has_that(hours: float, over: bool) -> None:
    stopped = (*ON_TIME[:3], (7.4, 7.4 + hours / 24), *later(ON_TIME[4:], hours / 24))
    assert found(truth(way("A", *stopped, out=20))) == ([("stay", "KZ-TOWN", None)] if over else [])


@pytest.mark.parametrize(("days", "over"), [(7.8, False), (8.0, True)])
def test_where_the_network_plans_a_stay_at_the_end_it_is_over_the_line_until_gate_out(days: float, over: bool) -> None:
    to_port = way("A", *ON_TIME[:4], (10.5, None), out=10.5 + days) | {"destination": "KZ-PORT"}
    assert found(truth(to_port)) == ([("stay", "KZ-PORT", None)] if over else [])


@pytest.mark.parametrize(("stopped", "cause"), [(8, "node"), (6, None)])
def test_lateness_is_a_nodes_doing_where_its_closure_alone_made_it(stopped: float, cause: str | None) -> None:
    true = truth(
        way("A", *late_at_edge(10 * 24), out=40),
        stops=[{"node": "KZ-EDGE", "directions": [], "from": day(5), "to": day(5 + stopped)}],
    )
    judging = judge(true)
    judging._said = Said(plans={("A", "B"): [(0, (true.ways[0].arrived or 0) - round((3 + 7) * 24 * HOUR))]})
    assert [(e.kind, e.cause) for e in judging.episodes() if e.kind == "late"] == [("late", cause)]


def test_the_end_of_a_stay_is_known_after_the_carriers_delay_and_whatever_kept_its_reports() -> None:
    slow = way("A", *late_at_edge(LINE["KZ-EDGE"] + 24), out=40)
    (plain,) = judge(truth(slow), 2.0).episodes()
    assert plain.end is not None
    assert plain.noticed_by - plain.end == 2 * HOUR
    ended = (plain.end - (moment(day(0)) or 0)) / DAY
    wait = {"carrier": "rail-b", "from": day(ended), "to": day(ended + 1)}
    for true in (truth(slow, silences=[wait]), truth(slow, outages=[wait])):
        (waited,) = judge(true, 2.0).episodes()
        assert waited.noticed_by - waited.end == 25 * HOUR  # type: ignore[operator]  # it ends
    (other,) = judge(truth(slow, silences=[wait | {"carrier": "rail-c"}]), 2.0).episodes()
    assert other.noticed_by == plain.noticed_by


def test_passages_over_the_line_are_counted_without_those_a_closed_node_explains() -> None:
    slow = [way(each, *late_at_edge(LINE["KZ-EDGE"] + 24), out=40) for each in "AB"]
    on_time = way("C", *ON_TIME, out=20)
    for stops, over in (([], 2), ([{"node": "KZ-EDGE", "directions": [], "from": day(5), "to": day(12)}], 0)):
        judging = judge(truth(*slow, on_time, stops=stops))
        judging.episodes()
        assert judging.passages["stay", "KZ-EDGE", "westbound"] == [3, over]
