"""What a worker knows of acknowledgements by their topic."""

import logging

import pytest

from tracker.contract.acknowledgements import Acknowledgement, acknowledgement_json
from tracker.contract.feedback import to_json
from tracker.domain.moment import Millis
from tracker.streams.acknowledged import HELD_MAX, Acknowledged

SAID = Acknowledgement("dwell-1", 3, Millis(1_700_000_000_000), "Aigerim", "wagons at six")


def test_the_last_record_of_an_exception_holds_until_it_is_taken_back() -> None:
    known = Acknowledged()
    later = SAID._replace(by="Bolat", note=None)
    for each in (SAID, later):
        known.take(b"dwell-1", to_json(acknowledgement_json(each)))
        assert known.of("dwell-1") == each
    known.take(b"dwell-1", None)
    assert known.of("dwell-1") is None


@pytest.mark.parametrize("value", [b"{", b"[]", b"\xff", to_json(acknowledgement_json(SAID))])
def test_a_stray_record_is_left_out_with_a_line_in_the_log(value: bytes, caplog: pytest.LogCaptureFixture) -> None:
    known = Acknowledged()
    with caplog.at_level(logging.WARNING):
        known.take(b"dwell-2", value)
    assert known.of("dwell-2") is None
    assert "left out" in caplog.text


def test_only_the_newest_are_remembered() -> None:
    known = Acknowledged()
    for number in range(HELD_MAX + 1):
        each = SAID._replace(exception=f"dwell-{number}")
        known.take(each.exception.encode(), to_json(acknowledgement_json(each)))
    assert (known.of("dwell-0"), known.of("dwell-1") is None) == (None, False)
