"""The whole command, from files to exit status."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.push.builders import BOX, CARRIERS, MAPPING, NETWORK
from tracker.domain.moment import from_datetime
from tracker.push.command import Push, run_push

TABLE = f"""\
container;station;operation;time
{BOX};East;Departed;01.03.2026 08:40
{BOX};Nowhere;Arrived;02.03.2026 08:40
{BOX};West;Weighed;09.03.2026 08:40
{BOX};West;Arrived;09.03.2026 08:40
{BOX};West;Arrived;09.03.2026 08:40
"""
RECEIVED = from_datetime(datetime(2026, 3, 10, tzinfo=UTC))


@pytest.fixture
def push(tmp_path: Path) -> Push:
    for name, text in (("m.yaml", MAPPING), ("n.yaml", NETWORK), ("c.yaml", CARRIERS), ("t.csv", TABLE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Push(
        file=tmp_path / "t.csv",
        carrier="steppe",
        mapping=tmp_path / "m.yaml",
        network=tmp_path / "n.yaml",
        carriers=tmp_path / "c.yaml",
        dry_run=True,
        received=RECEIVED,
    )


def ran(push: Push) -> tuple[int, str, str]:
    out, log = io.StringIO(), io.StringIO()
    return run_push(push, out, log), out.getvalue(), log.getvalue()


def test_a_dry_run_says_what_the_tracker_would_say_and_finds_fault_with_status_1(push: Push) -> None:
    status, said, log = ran(push)

    assert (status, log) == (1, "")
    for line in (
        "CSV, utf-8, semicolon, header in line 1",
        "        5 rows read",
        "        4 events to send (dry run)",
        "                1 paperwork (first in line 4)",
        "                1 time without a zone: the node is not known (first in line 3)",
        "        3 accepted by the tracker's rules, 1 of them repeat another row",
        "        1 rejected",
        "        1 E303 the time has no offset, decides 1",
        "        1 E402 the node is not known",
        "first in line 3: node 'Nowhere'",
    ):
        assert line in said


def test_a_table_without_faults_ends_with_status_0(push: Push) -> None:
    push.file.write_text(TABLE.replace("Nowhere", "East"), encoding="utf-8")

    assert ran(push)[0] == 0


def test_a_row_the_mapping_does_not_cover_is_a_finding_and_is_not_sent(push: Push) -> None:
    push.file.write_text(TABLE.replace("Nowhere;Arrived", "East;Lost"), encoding="utf-8")

    status, said, _ = ran(push)

    assert status == 1
    assert "operation 'Lost' is not in the mapping (first in line 3)" in said
    assert "        3 events to send" in said


def test_events_can_be_written_as_input_of_tracker_batch(push: Push, tmp_path: Path) -> None:
    ran(replace(push, dry_run=False, to=tmp_path / "out.jsonl"))

    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]

    assert [line["body"]["kind"] for line in lines] == ["departed", "arrived", "arrived", "arrived"]
    assert lines[0] == {
        "carrier": "steppe",
        "received_at": "2026-03-10T00:00:00Z",
        "body": {
            "container": BOX,
            "node": {"scheme": "name", "code": "East"},
            "occurred_at": "2026-03-01T08:40:00+05:00",
            "kind": "departed",
            "laden": True,
        },
    }


def test_a_table_pushed_again_sends_the_same_bytes(push: Push, tmp_path: Path) -> None:
    for name in ("first", "second"):
        ran(replace(push, dry_run=False, to=tmp_path / name))

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"carrier": "nobody"}, "carrier 'nobody' is not in the carriers file; wanted one of steppe"),
        ({"mapping": Path("none.yaml")}, "mapping file none.yaml: can't be read"),
        ({"network": Path("none.yaml")}, "network file none.yaml, line 1: can't be read"),
        ({"carriers": Path("none.yaml")}, "carriers file none.yaml, line 1: can't be read"),
        ({"file": Path("none.csv")}, "none.csv: cannot be read"),
        ({"dry_run": False}, "a received time goes with --dry-run or --to only"),
    ],
)
def test_what_can_t_be_used_ends_with_status_2_and_one_line(push: Push, change: dict[str, object], said: str) -> None:
    status, out, log = ran(replace(push, **change))  # type: ignore[arg-type]  # each change fits its field

    assert (status, out) == (2, "")
    assert said in log
    assert log.count("\n") == 1


def test_a_place_of_the_mapping_that_the_network_lacks_ends_with_status_2(push: Push) -> None:
    text = MAPPING.replace("scheme: name}", "scheme: name, values: {Q: XX-GONE}}")
    push.mapping.write_text(text, encoding="utf-8")

    status, _, log = ran(push)

    assert status == 2
    assert "'Q' stands for 'XX-GONE', which the network has not" in log


def test_without_a_broker_it_ends_with_status_3_after_a_bounded_time(push: Push, unused_tcp_port: int) -> None:
    status, _, log = ran(
        replace(push, dry_run=False, received=None, brokers=f"127.0.0.1:{unused_tcp_port}", wait_seconds=0.1)
    )

    assert status == 3
    assert f"no Kafka broker at 127.0.0.1:{unused_tcp_port} after 0.1 s" in log


def test_progress_is_shown_where_it_is_asked_for(push: Push) -> None:
    _, _, log = ran(replace(push, progress=True))

    assert "t.csv" in log
