"""A journey as it is shown outside: in `journeys.jsonl` and in the API."""

from typing import Any, Final

import msgspec

from tracker.contract.exceptions import evidence_of, exception_json
from tracker.contract.feedback import carrier_id
from tracker.domain.container import ContainerRow, reports_of
from tracker.domain.journey import SILENCE_ABANDONS, Journey, Visit
from tracker.domain.moment import SECOND, Millis, text
from tracker.domain.network import Network
from tracker.domain.outlook import Arrival, Expectation, Outlook
from tracker.domain.passage import stops, stops_of
from tracker.domain.report import Report

NO_OUTLOOK: Final = Outlook()


def status_of(journey: Journey, clock: Millis) -> str:
    """`open`, `ended`, `returned` or `abandoned`; the last follows from the clock and is stored nowhere."""
    if journey.status == "open" and clock - journey.last > SILENCE_ABANDONS:
        return "abandoned"
    return journey.status


def journey_json(
    journey: Journey, container: str, clock: Millis, network: Network, outlook: Outlook = NO_OUTLOOK
) -> dict[str, Any]:
    """The journey's record; without an outlook its state is unknown and nothing is expected."""
    status = status_of(journey, clock)
    ended = journey.last if status == "abandoned" else journey.ended
    return {
        "journey": journey.id,
        "container": container,
        "status": status,
        "state": outlook.state,
        "corridor": journey.corridor,
        "direction": journey.direction,
        "laden": journey.laden,
        "teu": None if journey.teu is None else journey.teu / 100,
        "kg": None if journey.grams is None else journey.grams / 1000,
        "origin": journey.origin,
        "destination": journey.destination,
        "began_at": text(journey.began),
        "ended_at": None if ended is None else text(ended),
        "visits": [
            {
                "node": stop.node,
                "arrived_at": None if stop.arrived is None else text(stop.arrived),
                "departed_at": None if stop.departed is None else text(stop.departed),
                "implied": stop.implied,
                **_gauge_change(stop.visit),
            }
            for stop in stops(journey, network)
        ],
        "expected": None if outlook.expected is None else _expected(outlook.expected),
        "next": None if outlook.next is None else {"node": outlook.next[0]} | _expected(outlook.next[1]),
    }


def expectation_json(expectation: Expectation) -> dict[str, str]:
    """A line of `expected.jsonl`."""
    return {"journey": expectation.journey} | arrival_json(expectation.made, expectation.arrival)


def arrival_json(made: Millis, arrival: Arrival) -> dict[str, str]:
    """An arrival as it was expected at a clock."""
    return {"made_at": text(made)} | _expected(arrival)


def _expected(arrival: Arrival) -> dict[str, str]:
    return {"at": text(arrival.at), "low": text(arrival.low), "high": text(arrival.high)}


def _gauge_change(visit: Visit | None) -> dict[str, Any]:
    """Whether it changed from one gauge to another here, and the seconds from unloaded to loaded."""
    change = None if visit is None else visit.regauged
    if change is None or change.loaded is None:
        return {"gauge_change": False, "gauge_change_seconds": None}
    return {"gauge_change": True, "gauge_change_seconds": (change.loaded - change.unloaded) / SECOND}


class Stand(msgspec.Struct, frozen=True, gc=False):
    """Where a container stands, and since when: its arrival, or the first report there where none was reported."""

    node: str
    since: Millis


def standing_at(journey: Journey, clock: Millis, network: Network) -> Stand | None:
    """Where an open journey's container stands now; None when it is under way, or ended."""
    if status_of(journey, clock) != "open" or not journey.visits:
        return None
    # The last visit's times depend on its neighbour before it at most.
    last = stops_of(journey.visits[-2:], journey.corridor, journey.direction, network)[-1]
    if last.departed is not None:
        return None
    return Stand(last.node, last.first if last.arrived is None else last.arrived)


def container_json(
    container: str, row: ContainerRow, clock: Millis, network: Network, outlook: Outlook = NO_OUTLOOK
) -> dict[str, Any]:
    """Everything known of a container: its journeys, and every report with who sent it and when it came."""
    reports = sorted(reports_of(row), key=lambda report: (report.occurred, report.carrier, report.id))
    return {
        "container": container,
        "teu": None if row.teu is None else row.teu / 100,
        "journeys": [
            journey_json(journey, container, clock, network, outlook if journey is row.journeys[-1] else NO_OUTLOOK)
            for journey in row.journeys
        ],
        "reports": [_report_json(report) for report in reports],
        "exceptions": [
            exception_json(each, container, evidence_of(each, reports))
            for each in row.judgement.exceptions
            if each.is_open
        ],
    }


def _report_json(report: Report) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "carrier": report.carrier,
        "id": carrier_id(report.id),
        "kind": report.kind,
        "classifier": report.classifier,
        "node": report.node,
        "occurred_at": text(report.occurred),
        "received_at": text(report.received),
        "source": list(report.source),
        "recorded_at": None if report.recorded is None else text(report.recorded),
        "revision": report.revision,
        "retracted": report.retracted,
    }
    references = ("mode", "laden", "train", "wagon", "vessel", "voyage", "booking", "consignment_note", "reason")
    return shown | {name: value for name in references if (value := getattr(report, name)) is not None}
