"""Records of planned disruptions, one by one and in a file; a file is taken whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from tracker.contract.disruptions import (
    DisruptionsFileError,
    disruption_json,
    load_disruptions,
    read_disruption,
    read_disruptions,
)
from tracker.contract.network_file import load_network
from tracker.domain.disruption import Disruption
from tracker.domain.moment import DAY, Millis
from tracker.domain.network import Direction

NETWORK = load_network()
RECORD: dict[str, Any] = {
    "id": "storm-7",
    "node": "KZ-AKTAU",
    "direction": "westbound",
    "from": "2026-03-20T05:00:00+05:00",
    "to": "2026-03-22T00:00:00Z",
    "reason": "буря",
    "by": "dispatcher",
}
BEGINS = Millis(1_773_964_800_000)  # 2026-03-20T00:00:00Z
STORM = Disruption(
    "storm-7", "KZ-AKTAU", Direction.WESTBOUND, BEGINS, Millis(BEGINS + 2 * DAY), "буря", "dispatcher"
)  # fmt: skip


def test_a_record_is_read_and_written_with_its_times_in_utc() -> None:
    assert read_disruption(RECORD, NETWORK) == STORM
    assert disruption_json(STORM) == RECORD | {"from": "2026-03-20T00:00:00Z"}
    assert read_disruption(disruption_json(STORM), NETWORK) == STORM


def test_direction_by_and_id_may_be_left_out_and_the_id_then_tells_what_is_closed_from_when_on() -> None:
    short = {name: value for name, value in RECORD.items() if name not in {"direction", "by", "id"}}
    found = read_disruption(short, NETWORK)
    assert (found.direction, found.by) == (None, None)
    assert found.id == "closed-KZ-AKTAU-all-20260320T000000Z"
    assert read_disruption(RECORD | {"id": None}, NETWORK).id == "closed-KZ-AKTAU-westbound-20260320T000000Z"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("node", "KZ-ATLANTIS", "node KZ-ATLANTIS seen, wanted one of the network"),
        ("direction", "southbound", "direction southbound seen, wanted one at KZ-AKTAU: eastbound, westbound"),
        ("direction", "up", "direction: seen 'up', input should be"),
        ("from", "2026-03-20T00:00:00", "from: seen '2026-03-20T00:00:00', wanted an offset, as in +05:00 or Z"),
        ("to", 5, "to: seen 5, wanted a text in RFC 3339 with an offset"),
        ("to", "2026-03-20T00:00:00Z", "from 2026-03-20T00:00:00Z to 2026-03-20T00:00:00Z seen, wanted a later end"),
        ("to", "2027-03-21T00:00:01Z", "within 366 days"),
        ("reason", "", "reason: seen '', string should have at least 1 character"),
        ("id", "a b", "id: seen 'a b', string should match pattern"),
        ("til", "2026-03-21T00:00:00Z", "til: unknown field"),
    ],
)
def test_a_wrong_record_is_refused_with_what_was_seen_and_wanted(field: str, value: object, told: str) -> None:
    with pytest.raises(ValueError, match=r".*") as refused:
        read_disruption(RECORD | {field: value}, NETWORK)
    assert told in str(refused.value)


def test_a_year_is_the_longest() -> None:
    assert read_disruption(RECORD | {"to": "2027-03-21T00:00:00Z"}, NETWORK).ends == BEGINS + 366 * DAY


@pytest.mark.parametrize("missing", ["node", "from", "to", "reason"])
def test_what_it_can_not_do_without_is_told_to_be_missing(missing: str) -> None:
    short = {name: value for name, value in RECORD.items() if name != missing}
    with pytest.raises(ValueError, match=f"^{missing}: missing$"):
        read_disruption(short, NETWORK)


def test_a_file_of_lines_and_an_array_are_the_same_disruptions() -> None:
    records = [RECORD, RECORD | {"id": "storm-8"}]
    lines = "".join(json.dumps(each) + "\n" for each in records)
    assert [each.id for each in read_disruptions(lines, NETWORK)] == ["storm-7", "storm-8"]
    for array in (json.dumps(records), json.dumps(records, indent=1) + "\n", "\ufeff" + json.dumps(records)):
        assert read_disruptions(array, NETWORK) == read_disruptions(lines, NETWORK)


@pytest.mark.parametrize("text", ["", "\n\n", "[]", " [ ] \n"])
def test_a_file_may_hold_none(text: str) -> None:
    assert read_disruptions(text, NETWORK) == ()


GOOD = json.dumps(RECORD)
BAD = json.dumps(RECORD | {"id": "other", "node": "KZ-ATLANTIS"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{GOOD}\n\n{BAD}\n", "disruptions file mine, line 3: node KZ-ATLANTIS seen, wanted one of the network"),
        (f"[\n{GOOD},\n{BAD}]", "line 3: node KZ-ATLANTIS seen"),
        (f"{GOOD}\n{GOOD}\n", "line 2: disruption storm-7 is listed already, once wanted"),
        (f"{BAD}\n{BAD}\n", "line 1: node KZ-ATLANTIS seen, wanted one of the network (and 1 more)"),
        (f"{GOOD}\n{{\n", "line 3: not JSON"),
        (f"[{GOOD}\n{GOOD}]", "line 2: not JSON: `,` or `]` wanted after a record"),
        (f"[{GOOD}", "line 1: not JSON: `,` or `]` wanted after a record"),
        (f"[{GOOD}]\n{GOOD}", "more after the end of the array"),
        ("[" * 100_000, "not JSON"),
        ("5\n", "line 1: the file: seen 5"),
        ('{"node": "KZ-AKTAU", "node": "KZ-KURYK"}', "line 1: not JSON: a field is given twice, once wanted"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_line(text: str, told: str) -> None:
    with pytest.raises(DisruptionsFileError) as refused:
        read_disruptions(text, NETWORK, "mine")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_is_read_from_its_path_and_one_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text(GOOD, "utf-8")
    assert load_disruptions(tmp_path / "d.jsonl", NETWORK) == (STORM,)
    with pytest.raises(DisruptionsFileError, match=r"disruptions file .*none\.jsonl, line 1: can't be read: No such"):
        load_disruptions(tmp_path / "none.jsonl", NETWORK)
