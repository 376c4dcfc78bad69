"""A carrier that sends DCSA and nothing else: its trains' events make its containers' journeys, in any order.

Dostyk   loaded 07:00, the train leaves 08:00 ----> Aktogay  the train arrives 16:00, unloaded 17:00
"""

import json
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.dcsa_events import EVENT_3, changed
from tracker.batch import Batch
from tracker.contract.intake import Intake, IntakeRules
from tracker.contract.network_file import load_network
from tracker.domain.container import Rules
from tracker.domain.moment import HOUR, Millis
from tracker.domain.places import Places
from tracker.domain.report import Outcome

NETWORK = load_network()
INTAKE = Intake(Places(NETWORK), IntakeRules())
RECEIVED = Millis(1_772_400_000_000)
BOX, OTHER = "APZU4812090", "CSQU3054383"


def equipment(code: str, place: str, time: str, box: str = BOX, **more: Any) -> dict[str, Any]:
    return {
        "eventID": f"{code}-{box}-{place}", "eventType": "EQUIPMENT", "eventClassifierCode": "ACT",
        "equipmentEventTypeCode": code, "equipmentReference": box, "eventDateTime": f"2026-03-01T{time}:00+05:00",
        "eventCreatedDateTime": f"2026-03-01T{time}:00+05:00", "transportCall": call(place),
    } | more  # fmt: skip


def train(code: str, place: str, time: str, **more: Any) -> dict[str, Any]:
    return {
        "eventID": f"{code}-{place}", "eventType": "TRANSPORT", "eventClassifierCode": "ACT",
        "transportEventTypeCode": code, "eventDateTime": f"2026-03-01T{time}:00+05:00",
        "eventCreatedDateTime": f"2026-03-01T{time}:00+05:00", "transportCall": call(place),
    } | more  # fmt: skip


def call(place: str) -> dict[str, Any]:
    return {"modeOfTransport": "RAIL", "UNLocationCode": place, "carrierVoyageNumber": "1402"}


TRIP = [
    equipment("LOAD", "KZDOS", "07:00"),
    train("DEPA", "KZDOS", "08:00"),
    train("ARRI", "KZAGY", "16:00"),
    equipment("DISC", "KZAGY", "17:00"),
]


def visits(events: Sequence[dict[str, Any]], folder: Path) -> dict[str, list[Any]]:
    """Container to node, arrival and departure of its visits, as `tracker batch` writes them."""
    batch = batch_of(events)
    batch.write(batch.conclude(Millis(RECEIVED + HOUR)), folder)
    journeys = [json.loads(line) for line in (folder / "journeys.jsonl").read_text().splitlines()]
    return {journey["container"]: [_times(each) for each in journey["visits"]] for journey in journeys}


def _times(visit: dict[str, Any]) -> tuple[Any, ...]:
    return visit["node"], visit["arrived_at"], visit["departed_at"]


def batch_of(events: Sequence[dict[str, Any]]) -> Batch:
    batch = Batch(INTAKE, Rules(NETWORK, {"ktz-express": 0}))
    for number, event in enumerate(events):
        batch.take("ktz-express", json.dumps(event).encode(), Millis(RECEIVED + number))
    return batch


WHOLE = [("KZ-DOSTYK", None, "2026-03-01T03:00:00Z"), ("KZ-AKTOGAY", "2026-03-01T11:00:00Z", None)]


def test_a_train_s_events_are_its_containers_departures_and_arrivals_in_any_order(tmp_path: Path) -> None:
    for number, order in enumerate(permutations(TRIP)):
        assert visits(order, tmp_path / str(number)) == {BOX: WHOLE}


def test_a_correction_of_the_train_s_time_moves_every_container(tmp_path: Path) -> None:
    later = train("DEPA", "KZDOS", "09:30", eventCreatedDateTime="2026-03-01T10:00:00+05:00")
    for events in ([*TRIP, later], [later, *TRIP]):
        assert visits(events, tmp_path)[BOX][0] == ("KZ-DOSTYK", None, "2026-03-01T04:30:00Z")


@pytest.mark.parametrize(
    "taken_back",
    [
        train("DEPA", "KZDOS", "08:00", isRetracted=True, eventCreatedDateTime="2026-03-01T12:00:00+05:00"),
        {"eventID": "X", "eventType": "TRANSPORT", "retractedEventID": "DEPA-KZDOS", "transportCall": call("KZDOS"),
         "eventCreatedDateTime": "2026-03-01T12:00:00+05:00"},
    ],
)  # fmt: skip
def test_a_retraction_of_the_train_s_event_takes_it_from_every_container(taken_back: Any, tmp_path: Path) -> None:
    for events in ([*TRIP, taken_back], [taken_back, *TRIP]):
        assert visits(events, tmp_path)[BOX][0] == ("KZ-DOSTYK", None, "2026-03-01T02:00:00Z")


def test_an_event_of_3_0_is_overridden_by_the_later_update_whichever_comes_first(tmp_path: Path) -> None:
    first = changed(EVENT_3, {"eventClassification__equipmentEventType": "ARRIVED"})
    second = changed(first, {"eventDateTime": "2026-03-01T06:00:00+05:00",
                             "eventUpdatedDateTime": "2026-03-01T10:00:00+05:00"})  # fmt: skip
    for events in ([first, second], [second, first]):
        assert visits(events, tmp_path) == {BOX: [("KZ-DOSTYK", "2026-03-01T01:00:00Z", None)]}
    gone = changed(second, {"isRetracted": True, "eventUpdatedDateTime": "2026-03-01T11:00:00+05:00"})
    assert visits([gone, second, first], tmp_path) == {}


@pytest.mark.parametrize(("tells", "found"), [(True, WHOLE), (False, [("KZ-DOSTYK", None, "2026-03-01T02:00:00Z")])])
def test_native_loadings_are_joined_where_the_carriers_file_says_that_trains_are_told_of(
    tells: bool, found: list[Any], tmp_path: Path
) -> None:
    rules = IntakeRules(transports=frozenset(["ktz-express"] if tells else []))
    native = {"container": BOX, "kind": "loaded", "node": "KZ-DOSTYK", "occurred_at": "2026-03-01T07:00:00+05:00",
              "train": "1402", "id": "A-1"}  # fmt: skip
    batch = Batch(Intake(Places(NETWORK), rules), Rules(NETWORK, {"ktz-express": 0}))
    for number, event in enumerate([TRIP[1], native, TRIP[2]]):
        batch.take("ktz-express", json.dumps(event).encode(), Millis(RECEIVED + number))
    batch.write(batch.conclude(Millis(RECEIVED + HOUR)), tmp_path)
    [journey] = [json.loads(line) for line in (tmp_path / "journeys.jsonl").read_text().splitlines()]
    assert [_times(each) for each in journey["visits"]] == found


def test_lists_and_loadings_are_told_apart_and_a_repeated_train_s_event_is_a_duplicate(tmp_path: Path) -> None:
    listed = train("DEPA", "KZDOS", "08:00", references=[{"referenceType": "EQ", "referenceValue": OTHER}])
    assert visits([TRIP[0], listed], tmp_path) == {
        BOX: [("KZ-DOSTYK", None, "2026-03-01T02:00:00Z")], OTHER: [("KZ-DOSTYK", None, "2026-03-01T03:00:00Z")],
    }  # fmt: skip
    batch = batch_of([*TRIP, TRIP[1], TRIP[1]])
    assert (batch.outcomes[Outcome.ACCEPTED], batch.outcomes[Outcome.DUPLICATE]) == (4, 2)
