"""Local times beside UTC: a dispatcher at Dostyk speaks of the clock on the wall there."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from tracker.domain.network import Network

_TIMES: Final = ("arrived_at", "departed_at", "occurred_at")


def with_local_times(record: Mapping[str, Any], network: Network) -> dict[str, Any]:
    """The record of a container or journey, with `..._local` beside every time at a node of the network."""
    told = dict(record)
    for name in ("journeys", "visits", "reports"):
        if isinstance(told.get(name), list):
            told[name] = [with_local_times(each, network) for each in told[name]]
    node = network.nodes.get(told.get("node") or "")
    if node is not None:
        for name in _TIMES:
            if isinstance(told.get(name), str):
                told[f"{name}_local"] = local(told[name], node.zone)
    return told


def local(moment: str, zone: str) -> str:
    """A moment as RFC 3339 with the zone's offset then.

    >>> local("2026-03-01T10:00:00Z", "Asia/Almaty")
    '2026-03-01T15:00:00+05:00'
    """
    return datetime.fromisoformat(moment).astimezone(_zone(zone)).isoformat()


@lru_cache(maxsize=200)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
