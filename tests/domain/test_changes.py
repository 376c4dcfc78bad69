"""That a container is expected on another day is told once, with what was told before."""

from itertools import pairwise
from typing import Any

from tests.domain.judging import AT_ALTYNKOL, IN_GEORGIA, LINES, QUIET
from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.contract.expected import change_json
from tracker.domain.changes import CHANGE, LOOKS, Change, look, next_look
from tracker.domain.chronicle import received_order
from tracker.domain.container import ContainerRow, dump, load
from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.domain.rejudge import Judge, rejudged
from tracker.domain.ruling import apply

JUDGE = Judge(RULES, LINES, QUIET)
STOOD = AT_ALTYNKOL + "18/00:00 departed KZ-ALTYNKOL"
"""It stood twelve days at Altynkol, where two to five are usual."""


def told(table: str, upto: str, *, every: int = 6 * HOUR, looks: bool = True) -> list[Change]:
    """What is told by sweeps so many hours apart, and whenever a row is due if it is looked at then."""
    row, coming, found = ContainerRow(), sorted(reports(table), key=received_order), list[Change]()
    clock = Millis(coming[0].received // MINUTE * MINUTE)
    while clock <= moment(upto):
        news = False
        while coming and coming[0].received <= clock:
            row.judgement.heard(coming[0].received)
            apply(row, BOX, coming.pop(0), RULES)
            news = True
        due = row.judgement.due
        if news or (looks and due is not None and due <= clock):
            _, position = rejudged(row, BOX, JUDGE, clock)
            found += look(row, BOX, position, JUDGE, clock)
            row = load(dump(row))
        clock = Millis(clock + every)
    return found


def test_as_long_as_it_is_expected_on_the_same_day_nobody_is_told() -> None:
    assert told(AT_ALTYNKOL, "7/00:00") == []


def test_a_container_that_stands_is_told_of_each_time_it_is_expected_a_day_later() -> None:
    found = told(STOOD, "17/00:00")
    assert len(found) >= 3
    assert [each.version for each in found] == list(range(1, len(found) + 1))
    assert len({each.id for each in found}) == 1
    for before, after in pairwise(found):
        assert after.previous == before.expected
    for each in found:
        assert each.expected is not None
        assert abs(each.expected.at - each.previous.at) >= CHANGE
        assert (each.goal, each.corridor, each.carrier) == ("GE-POTI", "middle", "ktz")


def test_nothing_need_be_reported_for_that_and_a_row_is_due_for_it() -> None:
    silent = told(AT_ALTYNKOL, "17/00:00")
    assert silent
    assert silent == [each for each in told(STOOD, "17/00:00") if each.at <= silent[-1].at]
    assert len(told(AT_ALTYNKOL, "17/00:00", looks=False)) == 0


def test_sooner_is_told_as_later_is() -> None:
    quick = AT_ALTYNKOL + "6/06:00 departed KZ-ALTYNKOL\n8/00:00 arrived KZ-AKTAU\n8/06:00 departed KZ-AKTAU vessel"
    (*_, last) = told(quick, "8/18:00")
    assert last.expected is not None
    assert last.expected.at <= last.previous.at - CHANGE


def test_that_it_arrived_is_told_to_who_was_told_that_it_changed() -> None:
    stood = STOOD + IN_GEORGIA.replace(AT_ALTYNKOL, "")
    later = "\n".join(_later(line, 10) for line in stood.splitlines())
    (*_, before, last) = told(later + "\n27/16:00 arrived GE-POTI", "29/00:00")
    assert (last.expected, last.reason, shown(last.came)) == (None, "arrived", "27/16:00")
    assert (last.version, last.previous) == (before.version + 1, before.expected)


def test_that_it_arrived_as_expected_is_told_to_nobody() -> None:
    assert told("2/08:00 departed AZ-ALAT from=AZ-ALAT to=GE-POTI\n4/00:00 arrived GE-POTI", "6/00:00") == []


def _later(line: str, days: int) -> str:
    """A line of the table after Altynkol, so many days later."""
    at, kind, node, *rest = line.split() or ("", "", "")
    if not at or node in {"CN-XIAN", "CN-HORGOS", "KZ-ALTYNKOL"}:
        return line
    day, clock = at.split("/")
    return " ".join((f"{int(day) + days}/{clock}", kind, node, *rest))


def test_containers_are_looked_at_twice_a_day_each_at_minutes_of_its_own() -> None:
    clock = moment("5/09:30")
    looks = {box: next_look(box, clock) for box in (f"CSQU{number:07d}" for number in range(200))}
    assert all(clock < at <= clock + LOOKS and at % MINUTE == 0 for at in looks.values())
    assert all(next_look(box, at) == at + LOOKS for box, at in looks.items())
    assert len(set(looks.values())) > 150


def test_the_record_has_previous_and_current() -> None:
    change = told(STOOD, "17/00:00")[0]
    record: dict[str, Any] = dict(change_json(change, BOX))
    assert record["previous"].keys() == record["current"].keys() == {"at", "low", "high"}
    assert (record["container"], record["status"], record["rule"], record["version"]) == (BOX, "open", "expected", 1)
