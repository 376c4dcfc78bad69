"""The last state of every exception and incident: what workers left on `rail.exceptions`, and what a batch says."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tracker.streams.stage import Record

COMPARED: Final = (
    "rule", "status", "severity", "container", "journey", "corridor", "direction", "node", "leg", "carrier", "since",
    "deadline", "reason", "threshold_seconds", "threshold_source", "cause", "incident",
)  # fmt: skip


def judged(versions: Iterable[Mapping[str, object]]) -> dict[str, dict[str, Any]]:
    """By id, of all versions of a batch in their order."""
    last = {str(each["id"]): each for each in versions}
    return {name: _state(each) for name, each in last.items() if not _is_of_a_moment(each)}


def told(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    """By id, of the records on the topic. Each version of one comes once, or again the same.

    Versions count up: none is left out, and after a crash none comes that is older. AssertionError otherwise.
    """
    last: dict[str, dict[str, Any]] = {}
    for record in records:
        said = json.loads(record.value or b"{}")
        name = said["id"]
        assert (record.key or b"").decode() == name
        before = last.get(name)
        if before is None or said["version"] != before["version"]:
            assert said["version"] == (1 if before is None else before["version"] + 1), (before, said)
        else:
            assert _state(said) == _state(before), "another record under the same number"
        last[name] = said
    return {name: _state(each) for name, each in last.items() if not _is_of_a_moment(each)}


def _is_of_a_moment(record: Mapping[str, object]) -> bool:
    """Whether one report opened it and another, received in the same millisecond, ended it.

    Of such reports the one that stands first in its topic is known first; the lines of a file have no partitions.
    """
    return record["resolved_at"] is not None and record["detected_at"] == record["resolved_at"]


def _state(record: Mapping[str, object]) -> dict[str, Any]:
    return {name: record.get(name) for name in COMPARED}
