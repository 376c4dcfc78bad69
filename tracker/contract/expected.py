"""Changes of an expected arrival as they are written on `rail.expected`."""

from tracker.contract.written import ArrivalRecord, ExpectedRecord
from tracker.domain.changes import Change
from tracker.domain.moment import text
from tracker.domain.outlook import Arrival


def change_json(change: Change, container: str, *, replay: bool = False) -> ExpectedRecord:
    """The record of one version; `replay`: nobody is to be told."""
    return {
        "id": change.id,
        "version": change.version,
        "at": text(change.at),
        "rule": "expected",
        "status": "resolved" if change.expected is None else "open",
        "severity": "warning",
        "container": container,
        "journey": change.journey,
        "corridor": change.corridor,
        "direction": change.direction,
        "node": change.goal,
        "carrier": change.carrier,
        "previous": arrival_json(change.previous),
        "current": None if change.expected is None else arrival_json(change.expected),
        "arrived_at": None if change.came is None else text(change.came),
        "reason": change.reason,
        "replay": replay,
    }


def arrival_json(arrival: Arrival) -> ArrivalRecord:
    """An expected arrival."""
    return {"at": text(arrival.at), "low": text(arrival.low), "high": text(arrival.high)}
