"""What the journeys stage tells of expected arrivals: changes on `rail.expected`, and what came true."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.domain.judging import AT_ALTYNKOL, IN_GEORGIA, LINES, QUIET
from tests.domain.told import BOX, RULES, moment, reports
from tests.results import Unheard
from tracker.contract.records import movement_bytes
from tracker.domain.canary import canary_number
from tracker.domain.chronicle import received_order
from tracker.domain.moment import HOUR, Millis
from tracker.domain.rejudge import Judge
from tracker.streams.journeys import JourneysStage
from tracker.streams.stage import Output, Record
from tracker.streams.topics import EXPECTED

JUDGE = Judge(RULES, LINES, QUIET)


class Heard(Unheard):
    """Notes how well arrivals were foretold."""

    def __init__(self) -> None:
        self.foretold_: list[tuple[str, str]] = []

    def foretold(self, horizon: str, seconds: float, place: str) -> None:
        """One arrival at one horizon."""
        assert seconds >= 0
        self.foretold_.append((horizon, place))


def said(table: str, upto: str, heard: Heard, box: str = BOX) -> Iterator[Output]:
    """What is published for the reports of a table, with a sweep every six hours."""
    stage = JourneysStage(RULES, heard, lambda clock: JUDGE)
    coming, body, key = sorted(reports(table), key=received_order), None, box.encode()
    for clock in map(Millis, range(coming[0].received // HOUR * HOUR, moment(upto), 6 * HOUR)):
        while coming and coming[0].received <= clock:
            row = stage.load(body, 0, key)
            value = movement_bytes(box, report := coming.pop(0))
            stage.apply(row, report, Record("rail.movements", 0, 0, 0, key, value, ()))
            body = stage.dump(row)
            stage.settled(0, [(key, row)])
        if key in stage.due(clock).get(0, []):
            row = stage.load(body, 0, key)
            yield from stage.sweep(row, clock)
            body = stage.dump(row)
            stage.settled(0, [(key, row)])


def changes(outputs: Iterator[Output]) -> list[dict[str, Any]]:
    found = [output for output in outputs if output.topic == EXPECTED]
    records = [json.loads(output.value or b"") for output in found]
    assert [output.key for output in found] == [record["id"].encode() for record in records]
    return records


def test_each_change_of_a_day_is_published_with_what_was_told_before_it() -> None:
    found = changes(said(AT_ALTYNKOL, "17/00:00", Heard()))
    assert len(found) >= 2
    assert [each["version"] for each in found] == list(range(1, len(found) + 1))
    assert all(before["current"] == after["previous"] for before, after in pairwise(found))


def test_an_arrival_is_told_to_the_observer_once_per_horizon() -> None:
    heard = Heard()
    list(said(IN_GEORGIA + "17/16:00 arrived GE-POTI", "25/00:00", heard))
    assert [horizon for horizon, _ in heard.foretold_] == ["7d", "72h", "24h"]


@pytest.mark.parametrize("table", [AT_ALTYNKOL, IN_GEORGIA + "17/16:00 arrived GE-POTI"])
def test_of_canaries_nothing_is_told(table: str) -> None:
    heard = Heard()
    assert changes(said(table, "25/00:00", heard, canary_number(0))) == []
    assert not heard.foretold_
