"""What carriers are told about each report, in one form to compare: see `results`."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from tracker.domain.moment import Millis

SET_ASIDE: Final = "W304"


class Sent(NamedTuple):
    """One record for a carrier's topic."""

    carrier: str
    received: Millis
    body: bytes


Place = tuple[str, int, int]
"""Carrier, partition and offset of a record in its topic."""
At = tuple[str, int, int, int]
"""The same of a report, with its place in the body."""
Told = tuple[Sent, int, str | None, bool, str]
"""A report, by its record and place in the body; its id, whether it was rejected, and its faults as JSON."""


def heard(records: Iterable[tuple[str, dict[str, Any]]]) -> dict[At, dict[str, Any]]:
    """What was said of each report, in one record; given are carriers and records.

    Intake names the faults, the journeys stage what became of it, and that it was set aside.
    """
    said: dict[At, dict[str, Any]] = {}
    for carrier, new in records:
        if new["index"] < 0:
            continue  # of many reports, or of the feed as a whole
        place = carrier, new["partition"], new["offset"], new["index"]
        old = said.setdefault(place, new)
        outcomes = {old["outcome"], new["outcome"]} - {"accepted"}
        assert len(outcomes) <= 1, f"two outcomes of one report: {old} and {new}"
        assert old["id"] == new["id"], f"two ids of one report: {old} and {new}"
        faults = old["faults"] + [fault for fault in new["faults"] if fault not in old["faults"]]
        said[place] = new | {"outcome": (outcomes or {"accepted"}).pop(), "faults": faults}
    return said


def set_aside(said: Mapping[At, Mapping[str, Any]], sent: Mapping[Place, Sent]) -> set[tuple[str, str]]:
    return {
        (place[0], record["id"] or sent[place[:3]].body.decode())
        for place, record in said.items()
        if any(fault["code"] == SET_ASIDE for fault in record["faults"])
    }


def told_of(said: Mapping[At, Mapping[str, Any]], sent: Mapping[Place, Sent]) -> Counter[Told]:
    told: Counter[Told] = Counter()
    for place, record in said.items():
        faults = [fault for fault in record["faults"] if fault["code"] != SET_ASIDE]
        if faults:
            refused = record["outcome"] == "rejected"
            told[sent[place[:3]], place[3], record["id"], refused, json.dumps(faults)] += 1
    return told


def duplicates(said: Mapping[At, Mapping[str, Any]]) -> Counter[tuple[str, str | None]]:
    return Counter((place[0], record["id"]) for place, record in said.items() if record["outcome"] == "duplicate")


def outcomes(said: Mapping[At, Mapping[str, Any]], reports: int) -> Counter[str]:
    """How many reports were rejected, how many duplicates, how many either accepted or superseded."""
    counts = Counter(record["outcome"] for record in said.values())
    told = counts["rejected"] + counts["duplicate"]
    return Counter(
        rejected=counts["rejected"], duplicate=counts["duplicate"], other=reports - told, reports=reports
    )  # fmt: skip


def batch_places(sents: Iterable[Sent]) -> dict[Place, Sent]:
    """The position `tracker batch` gives each record: its number among the carrier's, in order of received time."""
    numbers: Counter[str] = Counter()
    places: dict[Place, Sent] = {}
    for sent in sorted(sents, key=lambda s: (s.received, s.carrier, s.body)):
        places[sent.carrier, 0, numbers[sent.carrier]] = sent
        numbers[sent.carrier] += 1
    return places
