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
        known.take(b"dwell-1", to_json(acknowledgement_json(each)), 7)
        assert known.of("dwell-1") == each
    known.take(b"dwell-1", None, 8)
    assert known.of("dwell-1") is None


@pytest.mark.parametrize("value", [b"{", b"[]", b"\xff", to_json(acknowledgement_json(SAID))])
def test_a_stray_record_is_left_out_with_a_line_in_the_log(value: bytes, caplog: pytest.LogCaptureFixture) -> None:
    known = Acknowledged()
    with caplog.at_level(logging.WARNING):
        known.take(b"dwell-2", value, 0)
    assert known.of("dwell-2") is None
    assert "left out" in caplog.text


def test_only_the_newest_are_remembered() -> None:
    known = Acknowledged()
    for number in range(HELD_MAX + 1):
        each = SAID._replace(exception=f"dwell-{number}")
        known.take(each.exception.encode(), to_json(acknowledgement_json(each)), number)
    assert (known.of("dwell-0"), known.of("dwell-1") is None) == (None, False)


def test_what_was_written_here_holds_while_older_records_are_still_to_be_read() -> None:
    known, key = Acknowledged(), b"dwell-1"
    mine, older, later = SAID, SAID._replace(by="Bolat"), SAID._replace(by="Chen")
    known.wrote(key, to_json(acknowledgement_json(mine)), 7)
    for said, offset, holds in ((older, 6, mine), (mine, 7, mine), (later, 9, later)):
        known.take(key, to_json(acknowledgement_json(said)), offset)
        assert known.of("dwell-1") == holds
    known.wrote(key, None, 12)
    known.take(key, to_json(acknowledgement_json(older)), 11)
    assert known.of("dwell-1") is None
