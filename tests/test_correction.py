"""A confirmed zone shift, read again, gives what a carrier with a right clock would have given."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_judged_batch import tracker
from tracker.batch import Batch
from tracker.contract.corrections import CorrectionsFileError, correction_json, load_corrections, read_correction
from tracker.contract.records import fact_id
from tracker.domain.container import facts_of_row, fold
from tracker.domain.correction import Correction, correction_of
from tracker.domain.moment import HOUR, MINUTE, Millis, text
from tracker.service import load_world
from tracker.settings import Settings

WORLD = load_world(Settings())
CARRIER = "ktz-express"
START = Millis(1_772_323_200_000)
BOX = "CSQU3054383"
WAY = (
    ("KZ-DOSTYK", "departed", 2),
    ("KZ-AKTOGAY", "passed", 12),
    ("KZ-MOIYNTY", "passed", 26),
    ("KZ-AKTAU", "arrived", 80),
)


def body(hours: float, node: str, kind: str, identity: str | None, **more: Any) -> bytes:
    """A report of something that happened so many hours after the start."""
    said = {"container": BOX, "kind": kind, "node": node, "occurred_at": text(Millis(START + round(hours * HOUR)))}
    return json.dumps(said | ({} if identity is None else {"id": identity}) | more).encode()


def correction(hours: int, begins: int = 0, ends: int = 40, made: int = 200) -> Correction:
    at = [Millis(START + each * HOUR) for each in (begins, ends, made)]
    return Correction(CARRIER, at[0], at[1], hours, at[2], "confirmed")


def facts(records: list[tuple[float, bytes]], *corrections: Correction) -> list[Any]:
    """The journeys and facts of reports, each received so many hours after the start."""
    batch = Batch(WORLD.intake, WORLD.rules, corrections=corrections)
    for hours, each in records:
        batch.take(CARRIER, each, Millis(START + round(hours * HOUR)))
    rows = {box: fold(reports, box, WORLD.rules) for box, reports in batch.by_container().items()}
    return [
        sorted(fact for box, row in rows.items() for fact in map(fact_id, facts_of_row(row, box, WORLD.rules))),
        [journey.visits for row in rows.values() for journey in row.journeys],
    ]


@pytest.mark.parametrize("off", [-5, -3, 2, 8])
@pytest.mark.parametrize("named", [True, False])
def test_a_corrected_feed_gives_what_a_right_one_gives(off: int, named: bool) -> None:
    ids = [f"A-{at}" if named else None for at in range(len(WAY))]
    right = [(at + 0.5, body(at, node, kind, ids[n])) for n, (node, kind, at) in enumerate(WAY)]
    wrong = [
        (at + 0.5, body(at + (off if at + 0.5 < 40 else 0), node, kind, ids[n]))
        for n, (node, kind, at) in enumerate(WAY)
    ]
    assert facts(wrong) != facts(right)
    assert facts(wrong, correction(off)) == facts(right)


def test_what_was_rejected_for_telling_the_future_is_taken_in_and_stays_rejected_in_the_counts() -> None:
    batch = Batch(WORLD.intake, WORLD.rules, corrections=[correction(8)])
    batch.take(CARRIER, body(10, "KZ-AKTOGAY", "passed", "A"), Millis(START + 3 * HOUR))
    results = batch.conclude(Millis(START + 50 * HOUR))
    summary = batch.summary(results)
    assert (summary["outcomes"]["rejected"], summary["reports"], summary["movements"]) == (1, 1, 1)


def test_a_later_word_of_the_carrier_holds_against_a_correction() -> None:
    wrong = (2.5, body(2 - 3, "KZ-DOSTYK", "departed", "A", revision=0))
    later = (50.0, body(2.25, "KZ-DOSTYK", "departed", "A", revision=1))
    gone = (50.0, body(2.25, "KZ-DOSTYK", "departed", "A", revision=1, retracted=True))
    assert facts([wrong, later], correction(-3)) == facts([later])
    assert facts([wrong, gone], correction(-3)) == facts([gone])


def test_the_same_words_sent_again_with_a_right_clock_of_receipt_do_not_undo_it() -> None:
    wrong = body(2 - 3, "KZ-DOSTYK", "departed", "A")
    assert facts([(2.5, wrong), (60.0, wrong)], correction(-3)) == facts([(2.5, wrong)], correction(-3))


def test_hours_of_zero_take_back_and_of_two_for_a_report_the_last_made_holds() -> None:
    wrong = [(2.5, body(-1, "KZ-DOSTYK", "departed", "A"))]
    assert facts(wrong, correction(-3), correction(0, begins=1, made=210)) == facts(wrong)
    both = facts(wrong, correction(-3), correction(-2, begins=1, made=210))
    assert both == facts(wrong, correction(-2))
    assert correction_of([correction(-3)], CARRIER, Millis(START + 40 * HOUR)) is None
    assert correction_of([correction(-3)], "utlc", START) is None


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), st.sampled_from((-8, -3, 2, 5)))
def test_the_order_in_which_corrected_and_uncorrected_versions_come_changes_nothing(draw: Random, off: int) -> None:
    held = correction(off)
    versions = []
    for number, (node, kind, at) in enumerate(WAY):
        each = body(at + off, node, kind, f"A-{number}", sequence=number)
        for applied in (None, held):
            received = Millis(START + at * HOUR + 30 * MINUTE)
            versions += WORLD.intake.read(CARRIER, each, received, 0, number, applied)
    reports = [reading.report for reading in versions if reading.report is not None]
    shuffled = draw.sample(reports, len(reports))
    one, other = (fold(each, BOX, WORLD.rules) for each in (reports, shuffled))
    assert (one.journeys, one.marks) == (other.journeys, other.marks)


def test_a_file_of_corrections_is_what_list_prints(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    file.write_text("".join(json.dumps(correction_json(each)) + "\n" for each in (correction(-3), correction(2, 1))))
    assert load_corrections(file, [CARRIER]) == (correction(-3), correction(2, 1))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"carrier": "nobody"}, "carrier nobody seen, wanted one of ktz-express"),
        ({"to": "2026-02-01T00:00:00Z"}, "wanted a later end"),
        ({"to": "2026-12-01T00:00:00Z"}, "what has not come in can't be known to be wrong"),
        ({"hours": 15}, "15 hours seen, wanted -14 to 14"),
        ({"hours": 1.5}, "hours"),
        ({"from": "2026-03-01"}, "from"),
    ],
)
def test_a_wrong_record_says_what_was_seen_and_wanted(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_correction(correction_json(correction(-3)) | change, [CARRIER])


def test_a_wrong_line_of_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    file.write_text("\n{}\n")
    with pytest.raises(CorrectionsFileError, match="line 2"):
        load_corrections(file, [CARRIER])


def test_the_command_line_takes_a_file(tmp_path: Path) -> None:
    sent = [
        {"carrier": CARRIER, "received_at": text(Millis(START + round((at + 0.5) * HOUR))), "body": json.loads(each)}
        for node, kind, at in WAY
        for each in [body(at - 3, node, kind, f"{node}-{kind}")]
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(each) + "\n" for each in sent))
    (tmp_path / "c.jsonl").write_text(json.dumps(correction_json(correction(-3, ends=99))))
    tracker("batch", tmp_path / "in.jsonl", "--corrections", tmp_path / "c.jsonl", "--out", tmp_path / "out")
    [journey] = map(json.loads, (tmp_path / "out" / "journeys.jsonl").read_text().splitlines())
    assert journey["visits"][0]["departed_at"] == text(Millis(START + 2 * HOUR))
