"""What the containers of one partition tell of flows, as it is published for all workers.

A record on `rail.situation` is what one partition came to know in one hour: which boxes came to, left and went from
each node in each direction, how many and in which minute that was known. What is over is kept encoded, as it was
published; the sum of all partitions is the ledger that `tracker batch` makes of all reports.

    flow:7:492315   {"KZ-AKTAU westbound": [["came", 492311, 12, 48], ["left", 492250, 40, 50], ...], ...}

each: what, the hour of event time since 1970, the minute of the hour in which it became known, boxes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from tracker.domain.flows import KEPT, WHATS, Flow, Note
from tracker.domain.moment import HOUR
from tracker.domain.network import Direction

HOURS_KEPT: Final = KEPT // HOUR
_MINUTES: Final = 60

Cell = tuple[Flow, int, int, int]
"""Flow, what, hour of event time, and the minute (since 1970) in which it became known."""
Entries = dict[str, list[tuple[str, int, int, int]]]


class Flows:
    """One partition's."""

    def __init__(self) -> None:
        """Nothing is noted."""
        self._values: dict[int, bytes] = {}
        self._open: dict[int, Counter[Cell]] = {}
        self._changed: set[int] = set()
        self._newest = 0

    def add(self, notes: Iterable[Note], sign: int = 1) -> None:
        """So many notes more; `sign` -1: taken back. What is older than all is kept is left out."""
        for note in notes:
            hour = note.minute // _MINUTES
            self._newest = max(self._newest, hour)
            if hour > self._newest - HOURS_KEPT:
                cells = self._open.get(hour)
                if cells is None:
                    cells = self._open[hour] = Counter(dict(read_flows(hour, self._values.pop(hour, b"{}"))))
                cells[note.flow, note.what, note.hour, note.minute] += sign * note.sign
                self._changed.add(hour)

    def value(self, hour: int) -> bytes | None:
        """What is to be published of an hour; None: nothing."""
        if hour in self._open and (value := _written(hour, self._open.pop(hour))):
            self._values[hour] = value
        return self._values.get(hour)

    def changes(self) -> list[int]:
        """The hours that changed since they were last asked for; those that are too old are let go."""
        old = [hour for hour in self._values.keys() | self._open.keys() if hour <= self._newest - HOURS_KEPT]
        for hour in old:
            self._values.pop(hour, None)
            self._open.pop(hour, None)
        found = sorted(self._changed.union(old))
        self._changed.clear()
        return found

    def all_changed(self, published: Iterable[int] = ()) -> None:
        """Every hour is to be published again, and looked at what was published by another."""
        self._changed |= self._values.keys() | self._open.keys() | set(published)


def flow_key(partition: int, hour: int) -> bytes:
    """The key of a record."""
    return f"flow:{partition}:{hour}".encode()


def read_flows(hour: int, value: bytes) -> Iterator[tuple[Cell, int]]:
    """The cells of a record with their counts. Raises `msgspec.DecodeError` or `ValueError` when it is none."""
    for place, entries in _decode(value).items():
        node, direction = place.split(" ")
        flow = Flow(node, Direction(direction))
        for what, at, minute, count in entries:
            yield (flow, WHATS.index(what), at, hour * _MINUTES + minute), count


def _written(hour: int, cells: Counter[Cell]) -> bytes | None:
    entries: Entries = {}
    for (flow, what, at, minute), count in sorted(cells.items()):
        if count:
            entries.setdefault(" ".join(flow), []).append((WHATS[what], at, minute - hour * _MINUTES, count))
    return _encode(entries) if entries else None


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Entries).decode
