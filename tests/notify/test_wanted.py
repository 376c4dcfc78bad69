"""Who is told of what: subscriptions, and what nobody is told."""

from typing import Any

import pytest

from tests.notify.records import change, incident, over, record, version_of
from tracker.contract.endpoints import Subscription
from tracker.contract.network_file import load_network
from tracker.notify.wanted import is_wanted

NETWORK = load_network()
ALL = frozenset(("warning", "critical"))


def wants(written: dict[str, Any], *tell: Subscription, canary: bool = False) -> bool:
    return is_wanted(version_of(written), tell or (Subscription(),), NETWORK, canary=canary)


def one(**fields: str) -> Subscription:
    return Subscription(**{name: frozenset(value.split()) for name, value in fields.items()})


def test_by_default_critical_exceptions_and_incidents_are_told() -> None:
    assert wants(record())
    assert wants(incident())
    assert not wants(record(severity="warning"))


def test_that_an_arrival_changed_is_told_to_who_names_it_and_where_it_is_wanted() -> None:
    assert not wants(change())
    assert not wants(change(), one(corridor="middle"), Subscription(severity=ALL))
    assert wants(change(), one(rule="expected"))
    assert wants(change(), one(rule="expected late", corridor="middle", node="GE-POTI"))
    assert not wants(change(), one(rule="expected", corridor="northern"))


@pytest.mark.parametrize("changes", [{"suppressed_by": "late-1"}, {"incident": "node_stopped-1"}, {"replay": True}])
def test_what_is_silenced_explained_or_of_the_past_is_told_to_nobody(changes: dict[str, Any]) -> None:
    assert not wants(record(**changes), Subscription(severity=ALL))


@pytest.mark.parametrize(("fields", "fits"), [
    ({"corridor": "middle"}, True), ({"corridor": "northern"}, False), ({"corridor": "northern middle"}, True),
    ({"node": "KZ-AKTAU"}, True), ({"node": "AZ-ALAT"}, False), ({"carrier": "ktz-express"}, True),
    ({"carrier": "utlc"}, False), ({"rule": "dwell"}, True), ({"rule": "late"}, False),
    ({"corridor": "middle", "rule": "late"}, False), ({"severity": "warning"}, False),
])  # fmt: skip
def test_every_field_of_a_subscription_must_fit(fields: dict[str, str], fits: bool) -> None:
    assert wants(record(), one(**fields)) is fits


def test_one_subscription_that_fits_is_enough() -> None:
    assert wants(record(), one(rule="late"), one(rule="dwell"))


def test_a_node_is_also_the_end_of_a_leg() -> None:
    run = record(rule="run", node=None, leg="KZ-AKTAU--AZ-ALAT")
    assert [wants(run, one(node=node)) for node in ("KZ-AKTAU", "AZ-ALAT", "KZ-KURYK")] == [True, True, False]


def test_an_incident_is_of_the_corridors_of_its_node_and_one_without_a_node_of_all() -> None:
    assert [wants(incident(), one(corridor=each)) for each in ("middle", "northern")] == [True, False]
    silent = incident(rule="carrier_silent", node=None, carrier="utlc")
    assert wants(silent, one(corridor="middle"))
    assert not wants(silent, one(carrier="ktz-express"))


@pytest.mark.parametrize("rule", ["missed", "impossible"])
def test_what_concerns_the_carrier_is_told_only_where_it_is_named(rule: str) -> None:
    assert not wants(record(rule=rule))
    assert wants(record(rule=rule), one(rule=rule))


def test_a_canary_is_told_to_its_own_endpoint_and_that_is_told_of_nothing_else() -> None:
    canary = record(carrier="canary", container="CANX0000071")
    assert (wants(canary), wants(canary, canary=True)) == (False, True)
    assert not wants(record(), canary=True)
    assert not wants(over(carrier="canary"))
