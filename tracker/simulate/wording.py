"""A native event as a carrier writes it: fields, times and places in the carrier's own way."""

from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tracker.domain.moment import HOUR, MINUTE, Millis, to_datetime
from tracker.domain.network import Network


class Native(msgspec.Struct, omit_defaults=True):
    """The fields of a native event. Not frozen: the sequence is known when the report is sent."""

    container: str
    kind: str
    occurred_at: str
    node: str | dict[str, str]
    classifier: str | None = None
    id: str | None = None
    revision: int | None = None
    retracted: bool | None = None
    recorded_at: str | None = None
    mode: str | None = None
    laden: bool | None = None
    iso_code: str | None = None
    gross_kg: int | None = None
    train: str | None = None
    wagon: str | None = None
    vessel: str | None = None
    voyage: str | None = None
    origin: str | None = None
    destination: str | None = None
    booking: str | None = None
    consignment_note: str | None = None
    reason: str | None = None
    sequence: int | None = None


@lru_cache(maxsize=8192)
def offset_minutes(zone: str, hour: int) -> int:
    """Minutes east of UTC of a zone in an hour of UTC; no zone of ours changes its clock within an hour."""
    offset = to_datetime(Millis(hour * HOUR)).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset // timedelta(minutes=1)


@lru_cache(maxsize=8192)
def clock(moment: Millis, offset: int = 0) -> str:
    """The digits of the clock `offset` minutes east of UTC, to the second, without an offset.

    >>> clock(Millis(1_772_354_400_000), 300)
    '2026-03-01T13:40:00'
    """
    return to_datetime(Millis(moment + offset * MINUTE)).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=64)
def suffix(offset: int) -> str:
    """An offset as RFC 3339 writes it.

    >>> suffix(0), suffix(210), suffix(-180)
    ('Z', '+03:30', '-03:00')
    """
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}" if offset else "Z"


class Places:
    """Other words for the network's nodes: right ones (codes, names) and ones nobody knows."""

    _TRIES: Final = 100

    def __init__(self, network: Network) -> None:
        self._others: dict[str, list[dict[str, str]]] = {}
        self._known = {code for _, code in network.codes}
        named: dict[str, set[str]] = {}
        for node in network.nodes.values():
            for name in node.names or (node.name,):
                named.setdefault(name.casefold(), set()).add(node.id)
        for node in network.nodes.values():
            codes = [c for c in node.codes if network.codes[c.scheme, c.code][0] is node and c.scheme != "name"]
            self._others[node.id] = [{"scheme": c.scheme, "code": c.code} for c in codes] + [
                {"scheme": "name", "code": name} for name in node.names if len(named[name.casefold()]) == 1
            ]

    def other(self, rng: Random, node: str) -> str | dict[str, str] | None:
        """A foreign code or a name of the node; None when the network has none."""
        others = self._others[node]
        return rng.choice(others) if others else None

    def unknown(self, rng: Random, node: str) -> str | dict[str, str]:
        """A code that looks like this node's and is nobody's."""
        for _ in range(self._TRIES):
            code = node[:2] + "".join(rng.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(3))
            if code not in self._known:
                return {"scheme": "unlocode", "code": code} if rng.random() < 0.7 else f"{node}-{code[2:]}"
        return f"{node}-UNKNOWN"
