"""The mapping for tables of ocean milestones, on lines made by hand in their shape, through to journeys and facts.

Chattogram           Singapore                 Los Angeles            Long Beach
8 Mar 20:00+06 ----> 13 Mar 06:00+08
                     20 Mar 03:30+08 --------> 12 Apr 07:15-07
                                               gate out 15 Apr ~~~~~> empty back
"""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tracker.batch import Batch, run
from tracker.contract.intake import Intake, IntakeRules
from tracker.contract.network_file import load_network
from tracker.domain.container import Rules
from tracker.domain.moment import Millis, from_datetime
from tracker.domain.places import Places
from tracker.domain.report import Outcome
from tracker.push.command import Push, run_push

DATA = Path(__file__).parent.parent / "data"
RECEIVED = from_datetime(datetime(2026, 6, 1, tzinfo=UTC))


def pushed(to: Path, received: Millis = RECEIVED) -> tuple[int, str]:
    said = StringIO()
    status = run_push(
        Push(
            file=DATA / "milestones.csv",
            carrier="ocean",
            mapping=DATA / "real_milestones.mapping.yaml",
            network=DATA / "ocean_network.yaml",
            carriers=DATA / "ocean_carriers.yaml",
            to=to,
            received=received,
        ),
        said,
    )
    return status, said.getvalue()


@pytest.fixture
def events(tmp_path: Path) -> list[dict[str, Any]]:
    pushed(tmp_path / "events.jsonl")
    return [json.loads(line)["body"] for line in (tmp_path / "events.jsonl").read_text().splitlines()]


def batch_of(*files: Path) -> tuple[Batch, Millis]:
    network = load_network(DATA / "ocean_network.yaml")
    batch = Batch(Intake(Places(network), IntakeRules()), Rules(network, {"ocean": 0}))
    return batch, run(files, batch, None)


def test_every_line_has_the_meaning_its_words_and_flags_give_it(events: list[dict[str, Any]]) -> None:
    told = [
        (
            event["kind"],
            event.get("classifier", "actual"),
            event.get("mode"),
            event.get("laden"),
            event["node"]["code"],
            event.get("occurred_at"),
        )
        for event in events
    ]

    assert told == [
        ("gate_out", "actual", "truck", False, "BDCGP", "2026-03-02T09:51:00+06:00"),
        ("gate_in", "actual", None, True, "Chattogram, Chattogram, Bangladesh", "2026-03-05T11:30:00+06:00"),
        ("loaded", "actual", "vessel", None, "BDCGP", "2026-03-08T14:30:00+06:00"),
        ("departed", "actual", "vessel", None, "BDCGP", "2026-03-08T20:00:00+06:00"),
        ("arrived", "actual", "vessel", None, "SGSIN", "2026-03-13T06:00:00+08:00"),
        (
            "arrived",
            "actual",
            "vessel",
            None,
            "Pasir Panjang Terminal,Singapore,,Singapore",
            "2026-03-13T08:00:00+08:00",
        ),
        ("loaded", "planned", "vessel", None, "SGSIN", "2026-03-20T02:30:00+08:00"),
        ("departed", "actual", "vessel", None, "SGSIN", "2026-03-20T03:30:00+08:00"),
        ("arrived", "estimated", "vessel", None, "USLAX", "2026-04-10T08:00:00-07:00"),
        ("arrived", "estimated", "vessel", None, "USLAX", "2026-04-11T08:00:00-07:00"),
        ("arrived", "actual", "vessel", None, "USLAX", "2026-04-12T07:15:00-07:00"),
        ("gate_out", "planned", "truck", True, "USLAX", "2026-04-14T19:00:00-07:00"),
        ("gate_out", "actual", "truck", True, "USLAX", "2026-04-15T10:05:00-07:00"),
        ("empty_returned", "actual", None, False, "USLGB", "2026-04-18T16:45:00-07:00"),
        ("unloaded", "actual", "vessel", False, "CNSKU", "2026-05-20T16:45:00+08:00"),
        ("gate_out", "actual", "truck", True, "DEWVN", "2026-05-21T08:00:00"),
        ("empty_returned", "planned", None, False, "USLAX", None),
    ]


def test_what_is_no_movement_is_skipped_and_what_has_no_meaning_is_refused(tmp_path: Path) -> None:
    status, said = pushed(tmp_path / "events.jsonl")

    assert status == 1
    assert "                1 moved inside one node (first in line 3)" in said
    assert "                1 paperwork (first in line 16)" in said
    assert "                1 words 'Lost at sea' is not in the mapping (first in line 21)" in said


def test_the_table_gives_the_journey_its_transit_and_its_faults(tmp_path: Path) -> None:
    pushed(tmp_path / "events.jsonl")
    batch, until = batch_of(tmp_path / "events.jsonl")
    batch.write(batch.conclude(until), tmp_path)

    [journey] = [json.loads(line) for line in (tmp_path / "journeys.jsonl").read_text().splitlines()]
    facts = [json.loads(line) for line in (tmp_path / "facts.jsonl").read_text().splitlines()]
    transits = {
        fact["section"]: (fact["start"], fact["end"], fact["countries"]) for fact in facts if fact["fact"] == "transit"
    }

    assert (journey["corridor"], journey["direction"], journey["status"]) == ("bengal-pacific", "eastbound", "ended")
    assert transits == {
        "whole": ("2026-03-08T14:00:00Z", "2026-04-12T14:15:00Z", ["BD", "SG", "US"]),
        "feeder": ("2026-03-08T14:00:00Z", "2026-03-12T22:00:00Z", ["BD", "SG"]),
        "ocean": ("2026-03-19T19:30:00Z", "2026-04-12T14:15:00Z", ["SG", "US"]),
    }
    assert (batch.faults["E402"], batch.faults["E301"]) == (1, 1)


def test_the_table_sent_again_hours_later_is_all_duplicates_and_changes_nothing(tmp_path: Path) -> None:
    pushed(tmp_path / "first.jsonl")
    pushed(tmp_path / "second.jsonl", Millis(RECEIVED + round(timedelta(hours=6) / timedelta(milliseconds=1))))
    once, until = batch_of(tmp_path / "first.jsonl")
    twice, _ = batch_of(tmp_path / "first.jsonl", tmp_path / "second.jsonl")

    assert twice.outcomes[Outcome.DUPLICATE] == once.outcomes[Outcome.ACCEPTED] == twice.outcomes[Outcome.ACCEPTED]
    for name, batch in (("once", once), ("twice", twice)):
        batch.write(batch.conclude(until), tmp_path / name)
    for name in ("journeys.jsonl", "facts.jsonl", "corridors.json"):
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "twice" / name).read_bytes()
