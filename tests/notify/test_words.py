"""Exceptions and changed arrivals in words, and as the body of a webhook."""

import json

from tests.notify.records import change, record, there, version_of
from tracker.notify.delivery import Delivery
from tracker.notify.version import Version
from tracker.notify.webhook import body_of
from tracker.notify.words import lines_of


def test_a_changed_arrival_says_what_is_expected_now_and_was_before() -> None:
    first, second, third = lines_of(version_of(change()))
    assert first == "CSQU0000001 is expected at another time at GE-POTI"
    assert second.strip() == (
        "expected 2026-03-11T12:00:00Z (from 2026-03-10T12:00:00Z to 2026-03-13T12:00:00Z), before that "
        "2026-03-09T12:00:00Z"
    )
    assert "corridor middle, direction westbound, carrier ktz-express" in third
    assert third.endswith("version 1")


def test_once_it_is_there_it_says_when_it_came() -> None:
    (_, second, _) = lines_of(version_of(there()))
    assert second.strip() == "arrived 2026-03-01T12:30:00Z, expected 2026-03-09T12:00:00Z"


def test_what_others_wrote_begins_no_line_of_its_own() -> None:
    assert len(lines_of(version_of(change(carrier="a\nb", corridor="c\r\nd")))) == 3
    assert all("\n" not in line and "\r" not in line for line in lines_of(version_of(change(carrier="a\nb"))))


def test_a_webhook_is_told_of_a_change_by_a_kind_of_its_own() -> None:
    def told(*versions: Version) -> dict[str, object]:
        found: dict[str, object] = json.loads(body_of(Delivery("d", "desk", "one", versions)))
        return found

    assert told(version_of(change())) == {"delivery": "d", "endpoint": "desk", "kind": "expected", "expected": change()}
    assert told(version_of(record()))["kind"] == "exception"
