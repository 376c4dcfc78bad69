"""Incidents as workers tell them: one of them publishes, all know what was published.

Every worker finds the same incidents, since all know the same situation. The owner of the first partition of movements
writes their versions on `rail.exceptions`, then that it did on `rail.situation`, where whoever owns the partition next
reads it. A crash between the two lets the same version be written again, with the same id and number.

    incident:node_stopped-KZ-AKTAU-westbound-492911   what was told last, and its version
    children:7   {"node_stopped-KZ-AKTAU-westbound-492911": 12, ...}: open exceptions of a partition that it explains
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from tracker.aggregates.incidents import Incident
from tracker.contract.exceptions import incident_json
from tracker.contract.feedback import to_json
from tracker.domain.exceptions import Severity
from tracker.domain.moment import DAY, HOUR, Millis, text
from tracker.domain.reason import LATE_DATA
from tracker.streams.deadlines import Labels
from tracker.streams.stage import Output
from tracker.streams.topics import EXCEPTIONS, SITUATION

LEADING: Final = 0
"""The partition of movements whose owner publishes."""
KEPT: Final = 60 * DAY
"""How long it is remembered that one is over; what is older when it is first found is not told."""
UNDONE_WITHIN: Final = 10 * DAY
"""One that is over and no longer found is taken back when it is not older: later all is seen only in outline."""
REPLAY_AFTER: Final = HOUR
"""A version of longer ago than this is history, made up for when workers come back."""
_INCIDENT: Final = b"incident:"
_CHILDREN: Final = b"children:"


class Told(msgspec.Struct, frozen=True):
    """What was told of an incident last. `undone`: the clock at which it turned out never to have been."""

    incident: Incident
    version: int
    undone: Millis | None = None

    @property
    def over(self) -> Millis | None:
        """When it ended, or was taken back; None: it is open."""
        return self.incident.resolved if self.undone is None else self.undone

    def record(self, children: int, *, replay: bool = False) -> dict[str, Any]:
        """This version as it is written."""
        said: dict[str, Any] = {**incident_json(self.incident, 1 if self.over is None else 2, children)}
        said |= {"version": self.version, "replay": replay}
        if self.undone is not None:
            at = text(self.undone)
            said |= {"at": at, "resolved_at": at, "reason": LATE_DATA}
        return said


class ToldIncidents:
    """Everything that was told of incidents, by all workers; a part of the board."""

    def __init__(self, *, replay: bool = False) -> None:
        """Nothing was told. `replay`: nobody is to be told of what we say."""
        self._replay = replay
        self._told: dict[str, Told] = {}
        self._children: dict[int, dict[str, int]] = {}

    def take(self, key: bytes, value: bytes | None) -> bool:
        """One record of `rail.situation`; whether it is one of these. Raises `ValueError` or `msgspec.DecodeError`."""
        if key.startswith(_INCIDENT):
            name = key.removeprefix(_INCIDENT).decode()
            if value is None:
                self._told.pop(name, None)
            else:
                self._told[name] = _read_told(value)
        elif key.startswith(_CHILDREN):
            self._children[int(key.removeprefix(_CHILDREN))] = _read_children(value or b"{}")
        else:
            return False
        return True

    def open(self) -> list[Told]:
        """Those that are not over."""
        return [each for _, each in sorted(self._told.items()) if each.over is None]

    def records(self) -> list[dict[str, Any]]:
        """Those that are not over, as the API gives them."""
        return [each.record(self.children(each.incident.id)) for each in self.open()]

    def counts(self) -> Counter[Labels]:
        """How many there are, by rule, severity and cause; they are of no corridor."""
        return Counter(
            (each.incident.rule, str(Severity.CRITICAL), str(each.record(0)["cause"]), "") for each in self.open()
        )

    def children(self, incident: str) -> int:
        """How many open exceptions of all containers it explains."""
        return sum(counted.get(incident, 0) for counted in self._children.values())

    def news(self, incidents: Iterable[Incident], upto: Millis) -> Iterator[Told]:
        """The versions to be told at a clock, since something changed; incidents in their order."""
        found = {each.id: each for each in incidents}
        for each in found.values():
            before = self._told.get(each.id)
            if before is None:
                if each.resolved is not None and each.resolved <= upto - KEPT:
                    continue
                before = Told(each._replace(resolved=None), 1)
                yield before
            if before.undone is not None or before.incident != each:
                yield Told(each, before.version + 1)
        for name, old in self._told.items():
            is_recent = old.over is None or old.incident.opened > upto - UNDONE_WITHIN
            if name not in found and old.undone is None and is_recent:
                yield Told(old.incident, old.version + 1, undone=upto)

    def forgotten(self, upto: Millis) -> list[Output]:
        """What need not be remembered any more."""
        old = [name for name, each in self._told.items() if each.over is not None and each.over <= upto - KEPT]
        return [Output(SITUATION, _INCIDENT + name.encode(), None) for name in sorted(old)]

    def outputs(self, told: Told, upto: Millis) -> tuple[Output, Output]:
        """A version for the world, and the word for all workers that it was told: in this order, each acknowledged."""
        at = told.incident.opened if told.over is None else told.over
        said = told.record(self.children(told.incident.id), replay=self._replay or upto - at > REPLAY_AFTER)
        name = told.incident.id.encode()
        return Output(EXCEPTIONS, name, to_json(said)), Output(SITUATION, _INCIDENT + name, _to_json(told))


def transition_of(told: Told) -> str:
    """What a version does: `opened`, `changed` or `resolved`."""
    return "resolved" if told.over is not None else "opened" if told.version == 1 else "changed"


def children_output(partition: int, counted: Mapping[str, int]) -> Output:
    """How many open exceptions of a partition each incident explains."""
    value = _to_json(dict(sorted((name, count) for name, count in counted.items() if count)))
    return Output(SITUATION, _CHILDREN + str(partition).encode(), value)


_to_json: Final = msgspec.json.Encoder().encode
_read_told: Final = msgspec.json.Decoder(Told).decode
_read_children: Final = msgspec.json.Decoder(dict[str, int]).decode
