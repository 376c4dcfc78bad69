"""The transports stage between its topics: what it reads, what it says of it, and that it costs nobody else a thing."""

import json
from typing import Any

from msgspec.structs import replace

from tests.contract.test_intake import GOOD
from tests.dcsa_events import EQUIPMENT, INTAKE, RECEIVED, TRANSPORT, changed
from tests.results import Unheard
from tracker.contract.network_file import load_network
from tracker.contract.records import movement_bytes
from tracker.domain.container import Rules
from tracker.domain.moment import Millis
from tracker.domain.report import Outcome, Report
from tracker.domain.transport import DERIVED
from tracker.streams.intake import IntakeStage
from tracker.streams.journeys import JourneysStage
from tracker.streams.stage import Output, Record
from tracker.streams.topics import MOVEMENTS, TRANSPORTS, events_topic
from tracker.streams.transports import TransportsStage

NATIVE = GOOD | {"occurred_at": EQUIPMENT["eventDateTime"]}
LOADED = changed(EQUIPMENT, {"eventDateTime": "2026-03-01T07:00:00+05:00"})
DEPARTED = changed(TRANSPORT, {"transportCall": {"modeOfTransport": "RAIL", "UNLocationCode": "KZDOS",
                                                 "carrierVoyageNumber": "1402"}})  # fmt: skip


class Heard(Unheard):
    """Notes what is counted."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []

    def report(self, carrier: str, outcome: str, count: int = 1) -> None:
        self.told.append(("report", carrier, outcome))

    def movement(self, carrier: str, kind: str, count: int = 1) -> None:
        self.told.append(("movement", carrier, kind))


class Lane:
    """One stage with one partition of input."""

    def __init__(self, stage: Any) -> None:
        self.stage, self.rows, self.offset = stage, dict[bytes, bytes | None](), 0

    def take(self, topic: str, value: bytes | None) -> list[Output]:
        record = Record(topic, 1, self.offset, RECEIVED, None, value, ())
        self.offset += 1
        key, event = self.stage.read(record)
        row = self.stage.load(self.rows.get(key), 1, key)
        outputs = list(self.stage.apply(row, event, record))
        self.rows[key] = self.stage.dump(row)
        self.stage.settled(1, [(key, row)])
        return outputs


def through(*events: dict[str, Any]) -> tuple[list[list[Output]], Heard]:
    """What the stage says of each event, and what it counted."""
    heard = Heard()
    intake, transports = Lane(IntakeStage(INTAKE, Unheard())), Lane(TransportsStage(heard))
    said = []
    for event in events:
        taken = intake.take(events_topic("ktz-express"), json.dumps(event).encode())
        said.append(
            [out for each in taken if each.topic == TRANSPORTS for out in transports.take(TRANSPORTS, each.value)]
        )
    return said, heard


def test_a_native_report_costs_the_stage_nothing() -> None:
    report = json.dumps(NATIVE | {"kind": "loaded", "train": "1402"}).encode()
    outputs = Lane(IntakeStage(INTAKE, Unheard())).take(events_topic("ktz-express"), report)
    assert [each.topic for each in outputs] == [MOVEMENTS]


def test_the_train_s_departure_becomes_the_container_s_and_says_where_it_was_made() -> None:
    ([], [movement]), heard = through(LOADED, DEPARTED)
    said = json.loads(movement.value or b"")
    assert (movement.topic, movement.key) == (MOVEMENTS, b"APZU4812090")
    assert (said["container"], said["kind"], said["node"], said["train"]) == (
        "APZU4812090", "departed", "KZ-DOSTYK", "1402",
    )  # fmt: skip
    assert (said["report"], said["source"], said["via"]) == (f"{DERIVED}T-1", [1, 1, 0], [1, 1, 0])
    assert heard.told == [("report", "ktz-express", "accepted"), ("movement", "ktz-express", "departed")]


def test_a_train_s_departure_that_is_told_twice_is_a_duplicate_and_moves_nothing() -> None:
    (_, _, [word]), heard = through(LOADED, DEPARTED, DEPARTED)
    said = json.loads(word.value or b"")
    assert (word.topic, said["id"], said["outcome"]) == ("carrier.ktz-express.feedback", "T-1", "duplicate")
    assert heard.told[-1] == ("report", "ktz-express", "duplicate")


def test_a_retraction_of_the_loading_takes_the_departure_back() -> None:
    (_, _, [movement]), _ = through(LOADED, DEPARTED, LOADED | {"isRetracted": True})
    said = json.loads(movement.value or b"")
    assert (said["retracted"], said["revision"], said["via"]) == (True, 2, [1, 2, 0])


def test_the_carrier_is_told_nothing_of_versions_that_follow_from_its_reports() -> None:
    heard = Heard()
    lane = Lane(JourneysStage(Rules(load_network(), {}), heard))
    (reading,) = INTAKE.read("ktz-express", json.dumps(NATIVE).encode(), RECEIVED)
    assert reading.report is not None
    versions = [_version(reading.report, revision) for revision in (2, 1)]
    outputs = [each for version in versions for each in lane.take(MOVEMENTS, movement_bytes("CSQU3054383", version))]
    assert [each.topic for each in outputs if each.topic.startswith("carrier.")] == []
    assert heard.told == []


def test_the_same_of_a_report_of_its_own_is_told() -> None:
    heard = Heard()
    lane = Lane(JourneysStage(Rules(load_network(), {}), heard))
    (reading,) = INTAKE.read("ktz-express", json.dumps(NATIVE).encode(), RECEIVED)
    assert reading.report is not None
    for revision in (2, 1):
        lane.take(MOVEMENTS, movement_bytes("CSQU3054383", _version(reading.report, revision, "A-1")))
    assert heard.told[-1] == ("report", "ktz-express", Outcome.SUPERSEDED)


def _version(report: Report, revision: int, identity: str = f"{DERIVED}A-1") -> Report:
    moved = Millis(report.occurred + revision)
    return replace(report, id=identity, revision=revision, occurred=moved, content=revision)
