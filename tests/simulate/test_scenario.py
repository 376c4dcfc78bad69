"""What is to happen happens, nothing else changes, and the truth tells it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.simulate.traffic import CARRIERS, bodies, later, moment, run, tiny_network, traffic
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.simulate.options import FaultRates, Traffic
from tracker.simulate.scenario import BorderStop, Event, Outage, Scenario, Silence, Storm
from tracker.simulate.scenario_file import ScenarioFileError, read_scenario
from tracker.simulate.truth import JourneyTruth

START = Traffic().start
WEST = frozenset({Direction.WESTBOUND})


def span(first: float, last: float) -> dict[str, Any]:
    """From and to as days of the run."""
    return {"start": later(START, first), "end": later(START, last)}


def under(*events: Event, **options: Any) -> Traffic:
    stuck = {name: options.pop(name) for name in ("stuck", "stuck_forever") if name in options}
    return traffic(days=33.0, trains_per_day=1.8, scenario=Scenario(events=events, **stuck), **options)


def departures(journeys: list[JourneyTruth], node: str, direction: str = "westbound") -> list[Millis]:
    return sorted(
        moment(stop.departed_at)
        for journey in journeys
        if journey.direction == direction
        for stop in journey.nodes
        if stop.node == node and stop.departed_at is not None
    )


def test_without_a_scenario_the_bytes_are_those_they_have_always_been() -> None:
    sents, _, simulation = run(traffic(days=12.0, faults=FaultRates(), storms=1.0))
    seen = hashlib.sha256()
    for sent in sents:
        seen.update(sent.carrier.encode() + sent.key + sent.body + str(sent.received_at).encode())
    assert (len(sents), seen.hexdigest()) == (
        4058,
        "91a89d8608eff4902fd6fdec226866c4364ca1e6548c1bd0a194b389600c5f8b",
    )
    assert set(simulation.summary()) == {"seed", "start", "until", "skipped", "closures", "carriers"}


def test_a_storm_lets_no_ship_out_or_in_and_clears_over_hours() -> None:
    storm = Storm(node="KZ-PORT", clears_hours=20, **span(20, 26))
    _, journeys, simulation = run(under(storm))
    assert not any(storm.holds(at) for at in departures(journeys, "KZ-PORT"))
    arrivals = [
        moment(stop.arrived_at)
        for journey in journeys
        if journey.direction == "eastbound"
        for stop in journey.nodes
        if stop.node == "KZ-PORT" and stop.arrived_at is not None
    ]
    assert not any(storm.holds(at) for at in arrivals)
    cleared = {at for at in departures(journeys, "KZ-PORT") if storm.end <= at < storm.end + DAY}
    assert len(cleared) > 1
    said = {"node": "KZ-PORT", "from": "2026-03-21T00:00:00Z", "to": "2026-03-27T00:00:00Z"}
    assert simulation.summary()["storms"] == simulation.summary()["closures"] == [said]


def test_trains_queue_before_a_stopped_border_and_leave_it_one_after_another() -> None:
    stop = BorderStop(node="KZ-EDGE", directions=WEST, headway_hours=4, **span(18, 23))
    _, journeys, _ = run(under(stop))
    assert not any(stop.holds(at) for at in departures(journeys, "KZ-EDGE"))
    freed = sorted({at for at in departures(journeys, "KZ-EDGE") if stop.end <= at < stop.end + 3 * DAY})
    assert freed[0] == stop.end
    assert len(freed) > 5
    assert all(b - a >= 2 * HOUR for a, b in pairwise(freed[:5]))
    assert freed[-1] - freed[0] > DAY


def test_a_stop_in_one_direction_leaves_the_other_alone() -> None:
    stop = BorderStop(node="KZ-EDGE", directions=WEST, **span(18, 30))
    _, journeys, _ = run(under(stop, imbalance=1.0))
    assert any(stop.holds(at) for at in departures(journeys, "KZ-EDGE", "eastbound"))


def test_a_stop_where_trains_only_pass_makes_them_wait_there() -> None:
    stop = BorderStop(node="KZ-TOWN", **span(18, 23))
    _, journeys, _ = run(under(stop))
    assert not any(stop.holds(at) for at in departures(journeys, "KZ-TOWN"))
    waited = [s for j in journeys for s in j.nodes if s.node == "KZ-TOWN" and s.arrived_at != s.departed_at]
    assert waited


def test_a_silent_carriers_reports_all_come_afterwards_in_the_order_they_were_made() -> None:
    silence = Silence(carrier="rail-b", **span(20, 22))
    plain, silent = (run(replace(options, days=24.0))[0] for options in (under(), under(silence)))
    assert not any(silence.holds(sent.received_at) for sent in silent if sent.carrier == "rail-b")
    assert [s for s in silent if s.carrier != "rail-b"] == [s for s in plain if s.carrier != "rail-b"]
    numbered = [[b["id"] for s, b in bodies(sents) if s.carrier == "rail-b"] for sents in (plain, silent)]
    assert sorted(numbered[0]) == sorted(numbered[1])
    waited = [s for s in plain if s.carrier == "rail-b" and silence.holds(s.received_at)]
    burst = [s for s in silent if s.carrier == "rail-b" and 0 <= s.received_at - silence.end <= 30 * MINUTE]
    assert len(burst) >= len(waited) > 100


def test_what_a_carrier_lost_never_comes_and_leaves_a_gap_in_its_numbers() -> None:
    silence = Silence(carrier="rail-b", lost=True, **span(20, 22))
    sents, _, simulation = run(under(silence))
    numbers = [body["sequence"] for sent, body in bodies(sents) if sent.carrier == "rail-b"]
    gaps = [b - a - 1 for a, b in pairwise(numbers) if b - a > 1]
    assert gaps == [simulation.summary()["carriers"]["rail-b"]["lost"]]
    assert not any(silence.holds(sent.received_at) for sent in sents if sent.carrier == "rail-b")


def test_in_an_outage_nothing_is_received_and_nothing_is_lost() -> None:
    outage = Outage(**span(20, 20.25))
    plain, out = (run(replace(options, days=24.0, faults=FaultRates()))[0] for options in (under(), under(outage)))
    assert not any(outage.holds(sent.received_at) for sent in out)
    # The end of the run cuts neither; numbers differ, because carriers' reports mix in the burst.
    assert len(plain) == len(out)
    assert sum(outage.end <= sent.received_at < outage.end + 30 * MINUTE for sent in out) > 50
    assert all(a.received_at <= b.received_at for a, b in pairwise(out))


def stuck_stays(journeys: list[JourneyTruth], stuck: dict[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    """The ends of the stay or run at which a container was stuck."""
    journey = next(j for j in journeys if (j.container, j.booking) == (stuck["container"], stuck["booking"]))
    for near, far in pairwise([*journey.nodes, None]):
        assert near is not None
        if near.node == stuck.get("node"):
            yield near.arrived_at, near.departed_at
        elif "leg" in stuck and set(stuck["leg"].split("--")) == {near.node, far.node if far else None}:
            yield near.departed_at, far.arrived_at if far else None
        elif "leg" in stuck and far is None and near.departed_at is not None:  # it never arrived
            yield near.departed_at, None


def test_stuck_containers_stay_behind_for_days_while_their_train_goes_on() -> None:
    _, journeys, simulation = run(under(stuck=12, stuck_forever=0.3))
    stuck = simulation.summary()["stuck"]
    assert len(stuck) == 12
    assert len({each["container"] for each in stuck}) > 8
    assert {"node" in each for each in stuck} == {True, False}
    forever = [each for each in stuck if each["to"] is None]
    assert 0 < len(forever) < 12
    trains: dict[tuple[str, str], int] = defaultdict(int)
    for journey in journeys:
        for stop in journey.nodes:
            if stop.departed_at is not None:
                trains[stop.node, stop.departed_at] += 1
    for each in stuck:
        ((came, went),) = stuck_stays(journeys, each)
        assert came is not None
        if each["to"] is None:
            assert went is None
        elif went is not None:
            assert moment(went) >= moment(each["to"]) > moment(came) + 5 * DAY
        if "node" in each:
            assert trains[each["node"], each["from"]] >= 5, "the others went on"


def test_the_same_scenario_gives_the_same_bytes() -> None:
    events = (Storm(node="KZ-PORT", **span(20, 26)), Outage(**span(28, 28.5)))
    assert run(under(*events, stuck=5))[0] == run(under(*events, stuck=5))[0]


def read(text: str) -> Scenario:
    return read_scenario(text, START, tiny_network(), CARRIERS)


def test_a_file_gives_times_as_days_of_the_run_or_with_an_offset() -> None:
    scenario = read(
        "storms: [{node: KZ-PORT, from: 20, to: 26.5, clears_hours: 3}]\n"
        'stops: [{node: KZ-EDGE, directions: [westbound], from: "2026-03-19T05:00:00+05:00", to: 23}]\n'
        "silences: [{carrier: rail-b, from: 20, to: 22, lost: true, burst_minutes: 10}]\n"
        "outages: [{from: 30, to: 30.25}]\n"
        "stuck: {containers: 7, days: [6, 8], forever: 0.5}\n"
    )
    assert scenario == Scenario(
        events=(
            Storm(node="KZ-PORT", clears_hours=3, **span(20, 26.5)),
            BorderStop(node="KZ-EDGE", directions=WEST, **span(18, 23)),
            Silence(carrier="rail-b", lost=True, burst_minutes=10, **span(20, 22)),
            Outage(**span(30, 30.25)),
        ),
        stuck=7,
        stuck_days=(6, 8),
        stuck_forever=0.5,
    )
    assert not read("stuck: {containers: 0}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("storms:\n  - {node: KZ-PORTO, from: 1, to: 2}", "line 2: storms.0: node 'KZ-PORTO' seen, wanted one of"),
        ("storms: [{node: KZ-EDGE, from: 1, to: 2}]", "no ship calls at KZ-EDGE, wanted a port"),
        ("stops: [{node: KZ-EDGE, from: 2, to: 2}]", "it ends before it begins"),
        ("stops: [{node: KZ-EDGE, directions: [west], from: 1, to: 2}]", "seen 'west', input should be 'westbound'"),
        ("silences: [{carrier: nobody, from: 1, to: 2}]", "carrier 'nobody' seen, wanted one of rail-a, rail-b"),
        ('outages: [{from: "2026-03-01T00:00:00", to: 2}]', "wanted one with offset as in 2026-03-01T00:00:00Z"),
        ("outages: [{from: 1}]", "outages.0.to: missing"),
        ("stuck: {containers: -1}", "seen -1"),
        ("stuck: {containers: 1, days: [9, 2]}", "the least and the most wanted"),
        ("quakes: []", "quakes: unknown field"),
        ("", "the file is empty"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ScenarioFileError) as error:
        read(text)
    assert said in str(error.value)
    assert "line " in str(error.value)


@pytest.mark.parametrize("options", [{"stuck": -1}, {"stuck_days": (0.0, 1.0)}, {"stuck_forever": 1.5}])
def test_a_scenario_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        Scenario(**options)
