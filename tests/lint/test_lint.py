"""`tracker lint` says of every form of file what the tracker would say, and says it so that it can be mended."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.push.builders import BOX, CARRIERS, MAPPING, NETWORK
from tests.test_cli import REPORT, sent, tracker
from tracker.batch import Batch, run
from tracker.domain.faults import CATALOGUE
from tracker.domain.moment import Millis
from tracker.lint.bodies import open_bodies
from tracker.push.cell import TableError
from tracker.push.check import Check
from tracker.service import load_world
from tracker.settings import Settings
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.run import Delivery, simulate_to_file

INTAKE = load_world(Settings()).intake
AT = ("--received", "2026-03-01T09:00:00Z")
WRONG = REPORT | {"occurred_at": "2026-03-01T08:40:00", "id": "A-2"}


def counts(said: str) -> Counter[str]:
    """Fault to how often the table says it was found."""
    return Counter(
        {code: int(count.replace(",", "")) for count, code in re.findall(r"^ +([\d,]+) ([EW]\d+)", said, re.M)}
    )


def lines(path: Path, *bodies: Any) -> Path:
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies))
    return path


def test_it_says_exactly_what_the_tracker_says(tmp_path: Path) -> None:
    world = load_world(Settings())
    file = tmp_path / "reports.jsonl"
    delivery = Delivery(reports=4_000, progress=False)
    simulate_to_file(
        world.network, [each.id for each in world.carriers], Traffic(seed=3, faults=fault_rates("9")), delivery, file
    )
    batch = Batch(world.intake, world.rules)
    run([file], batch, None)

    result = tracker("lint", file)

    assert result.exit_code == 1
    assert "input of tracker batch, a record in each line" in result.stdout
    assert counts(result.stdout) == batch.faults
    assert len(batch.faults) > 8
    assert f"{batch.outcomes['rejected']:>9,} would be rejected" in result.stdout  # type: ignore[index]  # a str enum


def test_a_fault_is_told_with_its_places_cause_and_remedy(tmp_path: Path) -> None:
    result = tracker("lint", lines(tmp_path / "r.jsonl", REPORT, *[WRONG] * 5, "text"), *AT)

    assert result.exit_code == 1
    said = result.stdout.splitlines()
    assert said[:4] == [
        f"{tmp_path}/r.jsonl: JSON, a record in each line",
        "        7 reports",
        "        1 would be accepted, 0 of them repeat another",
        "        6 would be rejected",
    ]
    entry, seen = CATALOGUE["E303"], "occurred_at '2026-03-01T08:40:00', wanted an offset, as in +05:00 or Z"
    place = said.index("        5 E303 the time has no offset, decides 5")
    assert said[place + 1 :] == [
        f"          first in line 2: {seen}",
        f"          also in line 3: {seen}",
        f"          also in line 4: {seen}",
        f"          usual cause: {entry.cause}",
        f"          to do: {entry.fix}",
        f"          good: {entry.good[0].raw.decode()}",
    ]


@pytest.mark.parametrize(
    ("text", "form", "places"),
    [
        (json.dumps([REPORT, WRONG]), "one array, each report of it a record", ["report 2"]),
        (json.dumps([REPORT, WRONG], indent=2), "one array, each report of it a record", ["report 2"]),
        (json.dumps(WRONG, indent=2), "one report", ["line 1"]),
        ("\ufeff" + json.dumps(WRONG, indent=2), "one report", ["line 1"]),
        (json.dumps(WRONG), "one report", ["line 1"]),
        (f"\ufeff\n{json.dumps(REPORT)}\n\n{json.dumps(WRONG)}\n", "JSON, a record in each line", ["line 4"]),
        (
            f"{json.dumps([REPORT, WRONG])}\n{json.dumps([WRONG])}\n",
            "JSON, a record in each line",
            ["line 1", "line 2"],
        ),
        (f"{json.dumps(REPORT)}\n{json.dumps(WRONG)}\n{{", "JSON, a record in each line", ["line 2"]),
        (f"no JSON\n{json.dumps(WRONG)}", "JSON, a record in each line", ["line 2"]),
    ],
)
def test_every_form_of_file_is_read(tmp_path: Path, text: str, form: str, places: list[str]) -> None:
    file = tmp_path / "reports.json"
    file.write_text(text, encoding="utf-8")

    result = tracker("lint", file, *AT)

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{file}: {form}\n")
    assert re.findall(r"in ((?:line|report) \d+): occurred_at", result.stdout) == places


def test_an_array_in_a_file_is_not_bound_by_the_limits_of_one_record(tmp_path: Path) -> None:
    file = tmp_path / "many.json"
    file.write_text(json.dumps([REPORT | {"id": f"A-{number}"} for number in range(1_000)]))

    result = tracker("lint", file, *AT)

    assert result.exit_code == 0
    assert "    1,000 would be accepted, 0 of them repeat another" in result.stdout


def test_an_array_in_a_line_is_a_record_with_its_limits(tmp_path: Path) -> None:
    result = tracker("lint", lines(tmp_path / "r.jsonl", [REPORT] * 501, REPORT), *AT)

    assert result.exit_code == 1
    assert counts(result.stdout) == {"E105": 1}


def test_a_doubt_is_told_and_is_no_finding(tmp_path: Path) -> None:
    result = tracker("lint", lines(tmp_path / "r.jsonl", REPORT | {"speed": 80}, REPORT | {"speed": 80}), *AT)

    assert result.exit_code == 0
    assert counts(result.stdout) == {"W101": 2}
    assert "        2 would be accepted, 1 of them repeat another" in result.stdout


def test_a_carrier_s_own_exceptions_hold_where_it_is_named(tmp_path: Path) -> None:
    file = lines(tmp_path / "r.jsonl", REPORT | {"container": "CSQU3054338"})

    assert counts(tracker("lint", file, *AT).stdout) == {"E204": 1}
    assert counts(tracker("lint", file, *AT, "--carrier", "ktz-express").stdout) == {"E204": 1}
    assert counts(tracker("lint", file, *AT, "--carrier", "kmtf").stdout) == {"W201": 1}


def test_a_line_of_batch_input_counts_by_its_own_received_time(tmp_path: Path) -> None:
    file = sent(tmp_path / "in.jsonl", REPORT, REPORT, received="2026-03-01T08:00:00Z")

    assert counts(tracker("lint", file, *AT).stdout) == {"E304": 2}


def test_a_table_is_read_by_its_mapping(tmp_path: Path) -> None:
    table = (
        f"container;station;operation;time\n{BOX};East;Departed;01.03.2026 08:40\n{BOX};East;Weighed;01.03.2026 09:00\n"
    )
    names = ("m.yaml", "n.yaml", "c.yaml", "t.csv")
    for name, text in zip(names, (MAPPING, NETWORK, CARRIERS, table), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [tmp_path / "t.csv"]
    for option, name in (("--mapping", "m.yaml"), ("--network", "n.yaml"), ("--carriers", "c.yaml")):
        files += [option, tmp_path / name]  # type: ignore[list-item]  # as a command line has them

    good = tracker("lint", *files, *AT)
    (tmp_path / "t.csv").write_text(table.replace("East;Departed", "Nowhere;Departed"), encoding="utf-8")
    unknown = tracker("lint", *files, *AT)
    (tmp_path / "t.csv").write_text(table.replace("Departed", "Vanished"), encoding="utf-8")
    uncovered = tracker("lint", *files, *AT)

    assert (good.exit_code, unknown.exit_code, uncovered.exit_code) == (0, 1, 1)
    assert "        2 rows read\n        1 events found\n        1 rows skipped, as the mapping says\n" in good.stdout
    assert "first in line 2: node 'Nowhere'" in unknown.stdout
    assert "operation 'Vanished' is not in the mapping (first in line 2)" in uncovered.stdout


@settings(max_examples=200, deadline=None)
@given(
    st.binary(min_size=1, max_size=300)
    | st.sampled_from([b"[" * 5_000, b'{"a":' * 5_000, b"\xef\xbb\xbf{}", b"[]", b"[\n]"])
)
def test_any_bytes_are_a_file_of_records_or_of_nothing(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(raw)
    check = Check(INTAKE, "anybody", Millis(0))
    try:
        bodies = list(open_bodies(file).bodies)
    except TableError:
        assert raw.removeprefix(b"\xef\xbb\xbf").strip() == b""
        return
    for body in bodies:
        check.read(body.place, body.raw, body.carrier, body.received)
    assert check.accepted + check.rejected >= len(bodies) > 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--carrier", "nobody"), "carrier 'nobody' is not in the carriers file; wanted one of ktz-express"),
        (("--mapping", "EMPTY"), "mapping file"),
        ((), "holds nothing; wanted JSON"),
    ],
)
def test_what_can_t_be_used_is_one_line_and_status_2(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n \n")

    result = tracker("lint", empty, *(str(empty) if option == "EMPTY" else option for option in options))

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
