"""Each fault is there at about the rate asked for, looks as it should, and is counted."""

from collections import Counter, defaultdict
from dataclasses import fields, replace
from typing import Any

import pytest

from tests.simulate.traffic import bodies, moment, run, tiny_network, traffic
from tracker.domain.identifiers import container_fault
from tracker.domain.moment import HOUR
from tracker.simulate.options import NO_FAULTS, FaultRates, Traffic, fault_rates
from tracker.simulate.saying import Sent


def only(**rates: float) -> Traffic:
    """Traffic with nothing wrong but this."""
    return traffic(days=22.0, trains_per_day=1.0, faults=FaultRates(**{**vars_of(NO_FAULTS), **rates}))


def vars_of(rates: FaultRates) -> dict[str, float]:
    return {field.name: getattr(rates, field.name) for field in fields(rates)}


def actual(sents: list[Sent]) -> list[tuple[Sent, dict[str, Any]]]:
    return [(sent, body) for sent, body in bodies(sents) if "classifier" not in body]


def share(options: Traffic, wrong: Any) -> float:
    said = actual(run(options)[0])
    return sum(1 for sent, body in said if wrong(sent, body)) / len(said)


def test_rates_are_near_what_was_asked_over_a_big_sample() -> None:
    rates = FaultRates()
    _, _, simulation = run(traffic(days=25.0, trains_per_day=5.0, faults=rates))
    counts: Counter[str] = Counter()
    for counted in simulation.summary()["carriers"].values():
        counts.update(counted)
    milestones = counts["milestones"]
    assert milestones > 30_000
    for name, asked in vars_of(rates).items():
        base = counts["sent"] if name == "duplicate" else milestones
        assert counts[name] / base == pytest.approx(asked, rel=0.25, abs=0.0005), name


def test_bad_check_digits_are_really_bad() -> None:
    wrong = share(only(bad_check_digit=0.1), lambda _, body: container_fault(body["container"]) is not None)
    assert wrong == pytest.approx(0.1, rel=0.2)


def test_unknown_nodes_are_unknown() -> None:
    known = {"id": set(tiny_network().nodes), "unlocode": {code for _, code in tiny_network().codes}}

    def wrong(_: Sent, body: dict[str, Any]) -> bool:
        node = body["node"]
        return node not in known["id"] if isinstance(node, str) else node["code"] not in known[node["scheme"]]

    assert share(only(unknown_node=0.1), wrong) == pytest.approx(0.1, rel=0.2)


def test_aliases_are_codes_and_names_of_the_node() -> None:
    names = {name.casefold(): node.id for node in tiny_network().nodes.values() for name in node.names}

    def other(_: Sent, body: dict[str, Any]) -> bool:
        node = body["node"]
        if isinstance(node, str):
            return False
        if node["scheme"] == "name":
            assert node["code"].casefold() in names
        else:
            assert (node["scheme"], node["code"]) in tiny_network().codes
        return True

    assert share(only(alias=0.3), other) == pytest.approx(0.3, rel=0.2)


def test_late_reports_are_later_than_their_bounds() -> None:
    options = only(late_6_hours=0.3, late_24_hours=0.1)
    said = actual(run(options)[0])
    delays = [(sent.received_at - moment(body["occurred_at"])) / HOUR for sent, body in said]
    assert sum(delay > 24 for delay in delays) / len(delays) == pytest.approx(0.1, rel=0.3)
    assert sum(delay > 6 for delay in delays) / len(delays) == pytest.approx(0.3, rel=0.2)


def test_a_missing_offset_is_missing_and_a_wrong_one_is_whole_hours_off() -> None:
    assert share(only(no_offset=0.1), lambda _, b: b["occurred_at"][-1] != "Z" and b["occurred_at"][-6] not in "+-")
    right = {
        (body["container"], body["kind"], body["node"], body["booking"]): moment(body["occurred_at"])
        for _, body in actual(run(replace(only(), drain=True))[0])
    }
    shifts = Counter(
        (moment(body["occurred_at"]) - right[body["container"], body["kind"], body["node"], body["booking"]]) / HOUR
        for _, body in actual(run(only(wrong_offset=0.5))[0])
    )
    assert set(shifts) == {0, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8}


def test_an_actual_in_the_future_is_so_by_an_hour_at_least() -> None:
    future = share(only(future=0.1), lambda s, b: moment(b["occurred_at"]) >= s.received_at + 59 * HOUR // 60)
    assert future == pytest.approx(0.1, rel=0.2)


def test_duplicates_are_the_same_bytes_received_later() -> None:
    sents, _, _ = run(only(duplicate=0.2))
    first: dict[bytes, Sent] = {}
    again = 0
    for sent in sents:
        if sent.body in first:
            again += 1
            assert sent.received_at > first[sent.body].received_at
            assert sent.carrier == first[sent.body].carrier
        first.setdefault(sent.body, sent)
    assert again / len(first) == pytest.approx(0.2, rel=0.15)


def test_a_second_source_says_the_same_minutes_off_under_its_own_id() -> None:
    facts = defaultdict(list)
    for sent, body in actual(run(only(two_sources=0.2))[0]):
        facts[body["container"], body["kind"], body["node"], body["booking"]].append((sent, body))
    doubled = [several for several in facts.values() if len(several) > 1]
    assert len(doubled) / len(facts) == pytest.approx(0.2, rel=0.2)
    for (one, first), (other, second) in doubled:
        assert one.carrier != other.carrier
        assert first["id"] != second["id"]
        assert abs(moment(first["occurred_at"]) - moment(second["occurred_at"])) <= HOUR // 6


def test_a_retraction_takes_back_a_report_that_never_happened() -> None:
    said = bodies(run(only(retraction=0.1))[0])
    by_id = defaultdict(list)
    for sent, body in said:
        by_id[sent.carrier, body["id"]].append(body)
    taken_back = [several for several in by_id.values() if any(body.get("retracted") for body in several)]
    assert len(taken_back) / len(by_id) == pytest.approx(0.05, rel=0.5)
    firsts = 0
    for several in taken_back:
        if len(several) == 2:
            false = next(body for body in several if not body.get("retracted"))
            back = next(body for body in several if body.get("retracted"))
            assert false["occurred_at"] == back["occurred_at"]
            assert back.get("revision", 1) > false.get("revision", 0)
            assert back["recorded_at"] > false["recorded_at"]
            firsts += several[0] is back
    assert firsts > 0, "some overtake what they take back"


def test_a_revision_corrects_the_time_under_the_same_id() -> None:
    truth = {
        (body["container"], body["kind"], body["node"], body["booking"]): body["occurred_at"]
        for _, body in actual(run(replace(only(), drain=True))[0])
    }
    by_id = defaultdict(list)
    for sent, body in actual(run(only(revision=0.1))[0]):
        by_id[sent.carrier, body["id"]].append(body)
    corrected = [several for several in by_id.values() if len(several) > 1]
    assert len(corrected) > 100
    for wrong, right in corrected:
        assert (right.get("revision", 1), right["recorded_at"]) > (wrong.get("revision", 0), wrong["recorded_at"])
        key = (right["container"], right["kind"], right["node"], right["booking"])
        assert right["occurred_at"] == truth[key] != wrong["occurred_at"]


def test_missing_milestones_and_ids_are_missing() -> None:
    everything = len(actual(run(only())[0]))
    assert len(actual(run(only(missing=0.2))[0])) / everything == pytest.approx(0.8, rel=0.05)
    assert share(only(no_id=0.2), lambda _, body: "id" not in body) == pytest.approx(0.2, rel=0.2)


def test_records_that_are_no_json_are_no_json() -> None:
    sents, _, simulation = run(only(not_json=0.1))
    garbage = len(sents) - len(bodies(sents))
    counted = sum(counts.get("not_json", 0) for counts in simulation.summary()["carriers"].values())
    assert 0 < garbage <= counted


def test_an_option_names_rates_or_is_refused() -> None:
    assert fault_rates("none") == NO_FAULTS
    assert fault_rates("default") == fault_rates("1") == FaultRates()
    assert fault_rates("2.5").missing == pytest.approx(0.05)
    assert fault_rates("0") == NO_FAULTS
    for text in ("many", "-1", "40", "nan"):
        with pytest.raises(ValueError, match="faults: "):
            fault_rates(text)


@pytest.mark.parametrize("rates", [{"missing": 1.5}, {"late_6_hours": 0.01}, {"missing": 0.6, "no_id": 0.6}])
def test_rates_that_are_no_shares_are_refused(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"wanted|greater"):
        FaultRates(**rates)


@pytest.mark.parametrize(
    "options", [{"days": 0.0}, {"trains_per_day": -1.0}, {"empties": 2.0}, {"storms": -1.0}, {"plan_margin": 0.0}]
)
def test_traffic_that_cannot_be_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        traffic(**options)
