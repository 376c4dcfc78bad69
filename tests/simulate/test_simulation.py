"""Traffic is seeded, ordered, valid where nothing is to be wrong, and agrees with the truth that comes with it."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

from tests.simulate.traffic import CARRIERS, REPORTERS, bodies, later, moment, run, tiny_network, traffic
from tracker.contract.carriers_file import load_carriers
from tracker.contract.native import NativeEvent
from tracker.contract.network_file import load_network
from tracker.domain.identifiers import container_fault, teu_of, wagon_fault
from tracker.domain.moment import HOUR, MINUTE
from tracker.domain.network import Network
from tracker.simulate.options import FaultRates, Traffic
from tracker.simulate.simulation import Simulation, shuffled, simulate


def actuals(body: dict[str, Any]) -> bool:
    return "classifier" not in body


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    options = traffic(days=12.0, faults=FaultRates(), storms=1.0)
    assert run(options)[0] == run(options)[0]
    assert run(options)[0] != run(traffic(days=12.0, faults=FaultRates(), storms=1.0, seed=2))[0]


def test_the_same_seed_gives_the_same_bytes_in_a_process_that_hashes_otherwise() -> None:
    program = (
        "import hashlib\n"
        "from tests.simulate.traffic import *\n"
        "from tracker.simulate.options import FaultRates\n"
        "sents, _, _ = run(traffic(days=12.0, faults=FaultRates()))\n"
        "print(hashlib.sha256(b''.join(s.body for s in sents)).hexdigest())\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_records_come_in_received_order_and_none_is_received_after_the_end() -> None:
    sents, _, simulation = run(traffic(faults=FaultRates()))
    assert all(a.received_at <= b.received_at for a, b in pairwise(sents))
    assert sents[-1].received_at < simulation.until


def test_without_faults_every_number_wagon_and_size_is_valid_and_no_container_is_doubled() -> None:
    sents, journeys, _ = run(traffic())
    for _, body in bodies(sents):
        assert container_fault(body["container"]) is None
        assert "wagon" not in body or body["wagon"].startswith("X70") or wagon_fault(body["wagon"]) is None
        assert "iso_code" not in body or teu_of(body["iso_code"]) in {100, 200, 225}
    by_container = defaultdict(list)
    for journey in journeys:
        by_container[journey.container].append(journey)
    for several in by_container.values():
        ordered = sorted(several, key=lambda journey: journey.began_at)
        assert all(a.ended_at is not None and a.ended_at < b.began_at for a, b in pairwise(ordered))


def test_every_body_is_a_native_event() -> None:
    for _, body in bodies(run(traffic(days=15.0))[0]):
        assert NativeEvent.model_validate(body).model_extra == {}


def test_containers_are_used_again_for_later_journeys_and_the_pool_is_never_passed() -> None:
    _, journeys, _ = run(traffic(days=150.0, containers=900))
    containers = {journey.container for journey in journeys}
    assert len(containers) <= 900
    assert len(journeys) > 1.5 * len(containers)
    assert any(not journey.laden and journey.direction == "eastbound" for journey in journeys)


def test_no_node_is_reached_before_the_one_before_it_was_left() -> None:
    _, journeys, _ = run(traffic(storms=1.0))
    for journey in journeys:
        times = [time for stop in journey.nodes for time in (stop.arrived_at, stop.departed_at) if time is not None]
        assert times == sorted(times)
        for near, far in pairwise(journey.nodes):
            assert near.departed_at is not None
            assert far.arrived_at is not None
            assert moment(far.arrived_at) - moment(near.departed_at) >= 15 * MINUTE


def test_truth_and_reports_agree_when_nothing_goes_wrong() -> None:
    sents, journeys, _ = run(traffic(days=25.0, drain=True))
    said: dict[tuple[str, str], set[tuple[str, str, int]]] = defaultdict(set)
    for _, body in bodies(sents):
        if actuals(body):
            key = (body["container"], body["booking"])
            said[key].add((body["kind"], body["node"], moment(body["occurred_at"])))
    assert {(journey.container, journey.booking) for journey in journeys} == set(said)
    for journey in journeys:
        assert journey.ended_at is not None
        expected: set[tuple[str, str, int]] = {("gate_out", journey.destination, moment(journey.ended_at))}
        for stop in journey.nodes:
            if stop.arrived_at is not None and stop.arrived_at == stop.departed_at:
                expected.add(("passed", stop.node, moment(stop.arrived_at)))
                continue
            if stop.arrived_at is not None:
                expected.add(("arrived", stop.node, moment(stop.arrived_at)))
            if stop.departed_at is not None:
                expected.add(("departed", stop.node, moment(stop.departed_at)))
        reports = said[journey.container, journey.booking]
        moving = {"passed", "arrived", "departed", "gate_out"}
        assert {report for report in reports if report[0] in moving} == expected
        assert min(at for _, _, at in reports) == moment(journey.began_at)


def test_everything_at_a_node_is_reported_between_arrival_and_departure() -> None:
    sents, journeys, _ = run(traffic(days=25.0, drain=True))
    stays = {
        (journey.container, journey.booking, stop.node): (stop.arrived_at, stop.departed_at)
        for journey in journeys
        for stop in journey.nodes
    }
    for _, body in bodies(sents):
        if not actuals(body):
            continue
        arrived, departed = stays[body["container"], body["booking"], body["node"]]
        at = moment(body["occurred_at"])
        assert departed is None or at <= moment(departed)
        assert arrived is None or at >= moment(arrived) or body["kind"] == "border_crossed"


def test_containers_of_one_train_share_its_moments_and_a_feeder_takes_no_more_than_it_holds() -> None:
    sents, _, _ = run(traffic(days=20.0, trains_per_day=4.0, imbalance=50.0))
    departures: dict[tuple[str, ...], set[str]] = defaultdict(set)
    sizes: dict[str, int] = {}
    for _, body in bodies(sents):
        if "iso_code" in body:
            sizes[body["container"]] = teu_of(body["iso_code"]) or 0
        if actuals(body) and body["kind"] == "departed":
            by_sea = body["mode"] == "vessel"
            transport = (body["vessel"], body["voyage"]) if by_sea else (body["train"],)
            departures[(body["mode"], *transport, body["node"], body["occurred_at"])].add(body["container"])
    trains = [len(boxes) for key, boxes in departures.items() if key[0] == "rail" and key[-2] == "CN-HUB"]
    assert min(trains) > 50
    feeders = [sum(sizes[box] for box in boxes) for key, boxes in departures.items() if key[0] == "vessel"]
    assert max(feeders) <= 35_000
    assert max(feeders) > 10_000


def test_every_carriers_sequence_is_contiguous() -> None:
    sents, _, _ = run(traffic(faults=FaultRates()))
    numbers: dict[str, list[int]] = defaultdict(list)
    for sent, body in bodies(sents):
        numbers[sent.carrier].append(body["sequence"])
    for several in numbers.values():
        assert list(dict.fromkeys(several)) == list(range(max(several) + 1)), "duplicates repeat a number, nothing else"
    assert set(numbers) == set(CARRIERS)


def test_faults_change_what_is_said_and_nothing_that_happens() -> None:
    right, wrong = run(traffic(drain=True)), run(traffic(drain=True, faults=FaultRates().times(2)))
    assert right[1] == wrong[1]
    assert right[0] != wrong[0]


def test_a_report_is_received_within_six_hours_unless_it_is_to_be_late() -> None:
    for sent, body in bodies(run(traffic())[0]):
        if actuals(body):
            assert 0 <= sent.received_at - moment(body["occurred_at"]) < 6 * HOUR
            assert moment(body["occurred_at"]) <= moment(body["recorded_at"]) <= sent.received_at


def test_plans_lie_ahead_and_estimates_are_made_on_the_way() -> None:
    said: Counter[str] = Counter()
    for sent, body in bodies(run(traffic())[0]):
        said[body.get("classifier", "actual")] += 1
        if body.get("classifier") == "planned":
            assert moment(body["occurred_at"]) > sent.received_at
    assert min(said["planned"], said["estimated"]) > 100


def test_a_closed_port_lets_nobody_out_and_is_told_in_the_truth() -> None:
    start = moment("2026-11-01T00:00:00Z")
    sents, journeys, simulation = run(traffic(start=start, days=45.0, storms=1.0))
    closures = simulation.summary()["closures"]
    assert {closure["node"] for closure in closures} == {"KZ-PORT", "AZ-PORT"}
    by_sea = {
        (body["container"], body["booking"], body["node"])
        for _, body in bodies(sents)
        if body["kind"] == "departed" and body["mode"] == "vessel"
    }
    for journey in journeys:
        for stop in journey.nodes:
            if stop.departed_at is not None and (journey.container, journey.booking, stop.node) in by_sea:
                assert not any(
                    closure["node"] == stop.node
                    and moment(closure["from"]) <= moment(stop.departed_at) < moment(closure["to"])
                    for closure in closures
                )


def test_a_corridor_that_lacks_something_is_skipped_with_a_word() -> None:
    _, journeys, simulation = run(traffic(days=10.0))
    assert simulation.skipped == {
        "stub westbound": "it has no end nodes on one side",
        "stub eastbound": "it has no end nodes on one side",
    }
    assert {journey.corridor for journey in journeys} == {"middle"}


def test_a_network_without_any_traffic_gives_an_empty_stream() -> None:
    network = tiny_network()
    assert list(simulate(Network(network.nodes.values(), network.legs.values(), ()), CARRIERS, traffic())) == []


def test_one_unknown_carrier_is_enough() -> None:
    simulation = Simulation(tiny_network(), ["somebody"], Traffic(days=10.0, faults=FaultRates()))
    assert {sent.carrier for sent in simulation} == {"somebody"}


def test_the_packaged_network_carries_traffic_on_every_corridor_both_ways() -> None:
    carriers = [carrier.id for carrier in load_carriers()]
    journeys: set[tuple[str, str]] = set()
    simulation = Simulation(
        load_network(),
        carriers,
        Traffic(days=60.0, trains_per_day=3.0),
        lambda j: journeys.add((j.corridor, j.direction)),
    )
    assert {sent.carrier for sent in simulation} == set(carriers)
    assert simulation.skipped == {}
    assert len(journeys) >= 12
    assert {corridor for corridor, _ in journeys} == set(load_network().corridors)


def test_shuffling_keeps_every_record_and_its_received_time() -> None:
    sents, _, _ = run(traffic(days=10.0))
    for window in (1, 100, 10**9):
        mixed = list(shuffled(iter(sents), window, seed=3))
        assert mixed != sents
        assert sorted(mixed) == sorted(sents)
        assert mixed == list(shuffled(iter(sents), window, seed=3))
    assert list(shuffled(iter(sents), 0, seed=3)) == sents


def test_days_end_the_stream_and_drain_lets_what_is_under_way_arrive() -> None:
    options = traffic(days=20.0)
    cut, drained = run(options)[1], run(traffic(days=20.0, drain=True))[1]
    assert any(journey.ended_at is None for journey in cut)
    assert all(journey.ended_at is not None for journey in drained)
    assert max(moment(journey.ended_at or "") for journey in drained) > later(options.start, 20.0)


def test_the_reporters_named_report_their_parts() -> None:
    for sent, body in bodies(run(traffic(days=25.0))[0]):
        if actuals(body):
            place = "vessel" if body["mode"] == "vessel" else body["node"][:2]
            assert sent.carrier == REPORTERS[place]
