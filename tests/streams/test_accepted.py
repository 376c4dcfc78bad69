"""Carriers are told how many of their reports were good: each counted once, in ranges that follow one another."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.results import Unheard
from tracker.contract.intake import Intake, IntakeRules
from tracker.contract.network_file import load_network
from tracker.domain.catalogue.entry import GOOD_REPORT
from tracker.domain.moment import HOUR, Millis
from tracker.domain.places import Places
from tracker.streams.accepted import tell
from tracker.streams.intake import IntakeStage
from tracker.streams.stage import Output, Record

INTAKE = Intake(Places(load_network()), IntakeRules())
GOOD = GOOD_REPORT
DOUBTED = GOOD_REPORT | {"speed": 80}
REJECTED = GOOD_REPORT | {"node": "NOWHERE"}
RECEIVED = Millis(1_772_354_400_000 + HOUR)
AT = Millis(1_772_360_000_000)


class Partitions:
    """An intake stage with its stored rows, as the engine has them."""

    def __init__(self, rows: dict[int, dict[bytes, bytes]] | None = None) -> None:
        self.stage = IntakeStage(INTAKE, Unheard())
        self.rows = rows or {}
        self._next: dict[int, int] = {}
        for partition, held in self.rows.items():
            self.stage.recovered(partition, held.items())

    def take(self, partition: int, *bodies: object, carrier: str = "utlc", offset: int | None = None) -> None:
        """One batch: folded and stored."""
        key, row = carrier.encode(), None
        for body in bodies:
            at = self._next.get(partition, 0) if offset is None else offset
            self._next[partition] = at + 1
            topic, raw = f"carrier.{carrier}.events", json.dumps(body).encode()
            record = Record(topic, partition, at, RECEIVED, None, raw, ())
            _, event = self.stage.read(record)
            if row is None:
                row = self.stage.load(self.rows.get(partition, {}).get(key), partition, key)
            list(self.stage.apply(row, event, record))
        assert row is not None
        stored = self.stage.dump(row)
        assert stored is not None
        self.rows.setdefault(partition, {})[key] = stored
        self.stage.settled(partition, [(key, row)])

    def say(self) -> dict[str, Any]:
        """Carrier to the ranges it is told, and the telling is done."""
        outputs = self.stage.untold(AT)
        self.stage.told()
        return {output.topic: json.loads(output.value or b"")["ranges"] for output in outputs}


def span(partition: int, first: int, last: int, reports: int) -> dict[str, int]:
    return {"partition": partition, "first": first, "last": last, "reports": reports}


def test_one_record_tells_of_all_partitions_and_only_of_what_has_no_fault() -> None:
    tracker = Partitions()
    tracker.take(0, GOOD, DOUBTED, [GOOD, REJECTED, GOOD])
    tracker.take(2, GOOD, REJECTED)

    (said,) = tracker.stage.untold(AT)

    assert (said.topic, said.key) == ("carrier.utlc.feedback", None)
    assert json.loads(said.value or b"") == {
        "id": None, "partition": -1, "offset": -1, "index": -1, "outcome": "accepted", "faults": [], "reports": 4,
        "at": "2026-03-01T10:13:20Z", "ranges": [span(0, 0, 2, 3), span(2, 0, 1, 1)],
    }  # fmt: skip


def test_what_was_told_is_not_told_again_and_the_next_range_follows() -> None:
    tracker = Partitions()
    tracker.take(0, GOOD, GOOD)
    assert tracker.say() == {"carrier.utlc.feedback": [span(0, 0, 1, 2)]}
    assert tracker.say() == {}
    tracker.take(0, REJECTED)
    assert tracker.say() == {}
    tracker.take(0, GOOD)
    assert tracker.say() == {"carrier.utlc.feedback": [span(0, 2, 3, 1)]}


def test_what_could_not_be_written_is_told_the_next_time() -> None:
    tracker = Partitions()
    tracker.take(0, GOOD)
    first = tracker.stage.untold(AT)
    assert tracker.stage.untold(AT) == first
    tracker.take(0, GOOD)
    assert tracker.say() == {"carrier.utlc.feedback": [span(0, 0, 1, 2)]}


def test_reports_that_come_while_the_telling_is_written_belong_to_the_next() -> None:
    tracker = Partitions()
    tracker.take(0, GOOD)
    tracker.stage.untold(AT)
    tracker.take(0, GOOD, GOOD)
    tracker.stage.told()
    assert tracker.say() == {"carrier.utlc.feedback": [span(0, 1, 2, 2)]}


def test_carriers_are_told_apart() -> None:
    tracker = Partitions()
    tracker.take(0, GOOD)
    tracker.take(0, GOOD, GOOD, carrier="kmtf", offset=0)
    assert {topic: ranges[0]["reports"] for topic, ranges in tracker.say().items()} == {
        "carrier.utlc.feedback": 1,
        "carrier.kmtf.feedback": 2,
    }


def test_an_heir_tells_the_last_range_again_longer_and_with_the_same_beginning() -> None:
    tracker = Partitions()
    tracker.take(0, GOOD)
    tracker.say()
    tracker.take(0, GOOD, GOOD)
    assert tracker.say() == {"carrier.utlc.feedback": [span(0, 1, 2, 2)]}

    heir = Partitions(tracker.rows)  # the row was stored before that was told
    heir.take(0, GOOD, offset=3)
    assert heir.say() == {"carrier.utlc.feedback": [span(0, 1, 3, 3)]}


def test_a_partition_that_went_and_came_back_is_told_on_from_what_its_rows_know() -> None:
    tracker = Partitions()
    tracker.take(0, GOOD)
    tracker.stage.untold(AT)
    tracker.stage.revoked(0)
    tracker.stage.told()
    assert tracker.say() == {}
    tracker.stage.recovered(0, tracker.rows[0].items())
    assert tracker.say() == {"carrier.utlc.feedback": [span(0, 0, 0, 1)]}


class App:
    """Stops after some turns."""

    def __init__(self, turns: int) -> None:
        self.slept: list[float] = []
        self._turns = turns

    @property
    def should_stop(self) -> bool:
        return len(self.slept) >= self._turns

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_the_teller_marks_what_is_written_and_nothing_that_is_not() -> None:
    tracker, written = Partitions(), list[Output]()
    tracker.take(0, GOOD)

    async def write(outputs: Iterable[Output]) -> None:
        written.extend(outputs)

    async def refuse(outputs: Iterable[Output]) -> None:
        raise OSError("the broker is gone")

    with pytest.raises(OSError, match="gone"):
        await tell(tracker.stage, App(2), refuse, 60.0)
    app = App(4)
    await tell(tracker.stage, app, write, 60.0)
    assert app.slept == [60.0] * 4
    assert [json.loads(each.value or b"")["reports"] for each in written] == [1]
