"""Strimzi's topics, users, rights and quotas, from the carriers file and the tracker's own plan."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from tracker.contract.carriers_file import load_carriers
from tracker.settings import Settings
from tracker.streams.rights import Quota, Right, carrier_rights, carrier_user, tracker_rights
from tracker.streams.topics import plan

CLUSTER: Final = "rail"
TRACKER: Final = "rail-tracker"
"""The user of workers, notifiers and canaries."""

_API: Final = "kafka.strimzi.io/v1"


def topics() -> Iterator[dict[str, Any]]:
    """A KafkaTopic for every topic of the tracker and its packaged carriers."""
    settings = Settings(replication=3, canary=True)
    for spec in plan(settings, [carrier.id for carrier in load_carriers(None)]):
        yield {
            **_head("KafkaTopic", spec.name),
            "spec": {
                "topicName": spec.name,
                "partitions": spec.partitions,
                "replicas": settings.replication,
                "config": {name: _number(value) for name, value in sorted(spec.config.items())},
            },
        }


def users() -> Iterator[dict[str, Any]]:
    """A KafkaUser for the tracker, and for each carrier with what it may do and how much."""
    carriers = [carrier.id for carrier in load_carriers(None)]
    yield _user(TRACKER, tracker_rights(TRACKER, Settings(canary=True), carriers), None)
    for carrier in carriers:
        yield _user(carrier_user(carrier), carrier_rights(carrier), Quota())


def _user(name: str, rights: list[Right], quota: Quota | None) -> dict[str, Any]:
    by_resource = groupby(rights, key=lambda right: (right.kind, right.name, right.pattern))
    acls = [
        {
            "resource": {
                "type": kind,
                "name": resource,
                "patternType": "prefix" if pattern == "prefixed" else pattern,
            },
            "operations": [right.operation for right in of_it],
            "host": "*",
        }
        for (kind, resource, pattern), of_it in by_resource
    ]
    spec: dict[str, Any] = {
        "authentication": {"type": "scram-sha-512"},
        "authorization": {"type": "simple", "acls": acls},
    }
    if quota is not None:
        spec["quotas"] = {
            "producerByteRate": quota.produced,
            "consumerByteRate": quota.fetched,
            "requestPercentage": int(quota.requests),
        }
    return {**_head("KafkaUser", name), "spec": spec}


def _head(kind: str, name: str) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": kind,
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": CLUSTER}},
    }


def _number(value: str) -> int | float | str:
    """Strimzi wants numbers as numbers."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
