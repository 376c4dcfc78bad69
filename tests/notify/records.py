"""Records of `rail.exceptions` for tests, made by the code that writes them."""

import json
from typing import Any, Final, cast

from tracker.aggregates.incidents import Incident
from tracker.contract.exceptions import exception_json, incident_json
from tracker.contract.expected import change_json
from tracker.domain.changes import Change
from tracker.domain.exceptions import Cause, RailException, Rule, Severity, exception_id
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.network import Direction
from tracker.domain.outlook import Arrival
from tracker.notify.version import Version, read_version

NOON: Final = Millis(1_772_366_400_000)
"""2026-03-01T12:00:00Z."""


def record(number: int = 1, version: int = 1, minutes: float = 0, **changes: Any) -> dict[str, Any]:
    """A version of the exception of a container, `minutes` after noon; `changes` to the record."""
    at = Millis(NOON + int(minutes * MINUTE))
    journey = f"CSQU{number:07d}-20260301-64c9d2"
    made = RailException(
        id=exception_id(Rule.DWELL, journey, "KZ-AKTAU", 0, 1), version=version, at=at, rule=Rule.DWELL,
        journey=journey, place="KZ-AKTAU", visit=0, episode=1, severity=Severity.CRITICAL, carrier="ktz-express",
        since=Millis(NOON - 96 * HOUR + number * MINUTE), deadline=Millis(NOON - HOUR + number * MINUTE), opened=NOON,
        threshold=95 * HOUR, source="template", cause=Cause.UNKNOWN, corridor="middle", direction=Direction.WESTBOUND,
    )  # fmt: skip
    return exception_json(made, f"CSQU{number:07d}", ()) | changes


def over(number: int = 1, version: int = 2, minutes: float = 30, **changes: Any) -> dict[str, Any]:
    """The version that says that it is over."""
    resolved = record(number, version, minutes)["at"]
    ended = {"status": "resolved", "resolved_at": resolved, "reason": "departed"}
    return record(number, version, minutes, **ended) | changes


def incident(version: int = 1, **changes: Any) -> dict[str, Any]:
    """A stopped node, as it opens (1) and ends (2)."""
    made = Incident(
        "node_stopped-KZ-AKTAU-westbound-492323", "node_stopped", "KZ-AKTAU", Direction.WESTBOUND, None,
        Millis(NOON - HOUR), NOON, Millis(NOON + HOUR), 6 * HOUR,
    )  # fmt: skip
    return incident_json(made, version, 7) | changes


def change(number: int = 1, version: int = 1, minutes: float = 0, **changes: Any) -> dict[str, Any]:
    """That a container is expected two days later; `minutes` after noon."""
    journey = f"CSQU{number:07d}-20260301-64c9d2"
    before, now = (Arrival(*(Millis(NOON + (days + at) * DAY) for at in (0, -1, 2))) for days in (8, 10))
    made = Change(
        journey, version, Millis(NOON + int(minutes * MINUTE)), "GE-POTI", before, now, "middle", Direction.WESTBOUND,
        "ktz-express",
    )  # fmt: skip
    return cast(dict[str, Any], change_json(made, f"CSQU{number:07d}")) | changes


def there(number: int = 1, version: int = 2, minutes: float = 30) -> dict[str, Any]:
    """That it has arrived."""
    came = change(number, version, minutes)
    return came | {"status": "resolved", "current": None, "arrived_at": came["at"], "reason": "arrived"}


def version_of(written: dict[str, Any]) -> Version:
    """A record as the notifier reads it."""
    return read_version(as_bytes(written))


def as_bytes(written: dict[str, Any]) -> bytes:
    """A record as it is on the topic."""
    return json.dumps(written).encode()
