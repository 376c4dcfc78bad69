"""What is kept of a rejection says which report it is, and which of them are meant."""

import json
from base64 import b64encode
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from tracker.contract.feedback import rejected, to_json
from tracker.domain.faults import fault
from tracker.domain.moment import Millis
from tracker.streams.rejected import RESENT_OF, Kept, Origin, Wanted, newest, read_rejection
from tracker.streams.rejection import poisoned
from tracker.streams.stage import Record

AT = Millis(1_772_354_400_250)
TOPIC = "carrier.utlc.events"


def kept(*headers: tuple[str, bytes], offset: int = 17, kept_at: int = 5, value: bytes | None = None) -> Kept:
    faults = [fault("E402", "node", "NOWHERE", "a node"), fault("W601", "id", "nothing", "an id")]
    said = to_json(rejected("utlc", TOPIC, (3, offset, 1), AT, b"\xff{}", headers, faults))
    return read_rejection(SimpleNamespace(value=value or said, timestamp=kept_at))


def test_everything_that_is_kept_is_read() -> None:
    read = kept(("ce_id", b"\x00\xff"))
    assert (read.origin, str(read.origin)) == (Origin(TOPIC, 3, 17, 1), f"{TOPIC}-3-17-1")
    assert (read.carrier, read.received, read.raw, read.headers) == ("utlc", AT, b"\xff{}", (("ce_id", b"\x00\xff"),))
    assert [each.code for each in read.faults] == ["E402", "W601"]
    assert read.original == f"{TOPIC}-3-17-1"


def test_a_record_that_broke_us_is_read_with_its_key_and_has_no_carrier_where_it_was_ours() -> None:
    record = Record("rail.movements", 2, 9, AT, b"CSQU3054383", b"{}", (("a", b""),))
    output = poisoned(record, "journeys", ValueError("x"))
    read = kept(value=output.value)
    assert (read.key, read.raw, read.carrier, read.received) == (b"CSQU3054383", b"{}", None, AT)
    assert str(read.origin) == "rail.movements-2-9-0"


def test_a_report_that_was_sent_again_is_known_by_its_first_rejection() -> None:
    assert kept((RESENT_OF, f"{TOPIC}-3-4-0".encode())).original == f"{TOPIC}-3-4-0"


@pytest.mark.parametrize("said", ["carrier.ktz-express.events-3-4-0", f"{TOPIC}-2-4-0", "", "x", f"{TOPIC}-33-4-0"])
def test_a_header_that_names_another_topic_or_partition_is_not_believed(said: str) -> None:
    assert kept((RESENT_OF, said.encode())).original == f"{TOPIC}-3-17-1"


def test_of_a_report_the_last_rejection_counts_in_any_order() -> None:
    first = kept(offset=4)
    again = kept((RESENT_OF, str(first.origin).encode()), offset=17, kept_at=8)
    other = kept(offset=5)
    for order in ([first, again, other], [other, again, first]):
        assert newest(order) == {str(first.origin): again, str(other.origin): other}


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (Wanted(), True),
        (Wanted(faults=["E402"]), True),
        (Wanted(faults=["E303", "W601"]), True),
        (Wanted(faults=["E303"]), False),
        (Wanted(carrier="utlc"), True),
        (Wanted(carrier="kmtf"), False),
        (Wanted(since=AT), True),
        (Wanted(since=Millis(AT + 1)), False),
        (Wanted(until=Millis(AT + 1)), True),
        (Wanted(until=AT), False),
        (Wanted(names=[f"{TOPIC}-3-17-1"]), True),
        (Wanted(names=[f"{TOPIC}-3-17-0"]), False),
        (Wanted(names=[f"{TOPIC}-3-17-1"], carrier="kmtf"), False),
    ],
)
def test_which_are_meant(wanted: Wanted, taken: bool) -> None:  # a column of the table
    assert wanted.takes(kept()) is taken


def test_a_report_is_meant_by_the_name_of_its_first_rejection_too() -> None:
    again = kept((RESENT_OF, f"{TOPIC}-3-4-0".encode()))
    assert Wanted(names=[f"{TOPIC}-3-4-0"]).takes(again)
    assert Wanted(names=[str(again.origin)]).takes(replace(again))


@pytest.mark.parametrize("change", [{"raw": "*"}, {"origin": None}, {"received_at": "yesterday"}, {"faults": 7}])
def test_what_is_no_rejection_is_told_as_that(change: dict[str, Any]) -> None:
    good = json.loads(to_json(rejected("utlc", TOPIC, (0, 0, 0), AT, b"", (), [fault("E101", "", "", "JSON")])))
    assert good["raw"] == b64encode(b"").decode()
    with pytest.raises((msgspec.DecodeError, ValueError)):
        kept(value=json.dumps(good | change).encode())
