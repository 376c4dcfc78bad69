"""A journey as it is shown outside: in `journeys.jsonl` and in the API."""

from typing import Any, Final

from msgspec import structs

from tracker.domain.journey import Journey
from tracker.domain.moment import DAY, Millis, text
from tracker.domain.network import Network
from tracker.domain.passage import stops

SILENCE_ABANDONS: Final = 45 * DAY
"""Event time without a report after which an open journey counts as abandoned: beyond p99.5 of any transit."""


def status_of(journey: Journey, clock: Millis) -> str:
    """`open`, `ended`, `returned` or `abandoned`; the last follows from the clock and is stored nowhere."""
    if journey.status == "open" and clock - journey.last > SILENCE_ABANDONS:
        return "abandoned"
    return journey.status


def journey_json(journey: Journey, container: str, clock: Millis, network: Network) -> dict[str, Any]:
    """The journey's record. `state` is `unknown` and `expected` null until delays are judged."""
    status = status_of(journey, clock)
    ended = journey.last if status == "abandoned" else journey.ended
    return {
        "journey": journey.id,
        "container": container,
        "status": status,
        "state": "unknown",
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
            }
            for stop in stops(journey, network)
        ],
        "expected": None,
    }


def standing_at(journey: Journey, clock: Millis, network: Network) -> str | None:
    """The node at which an open journey's container stands now; None when it is under way, or ended."""
    if status_of(journey, clock) != "open" or not journey.visits:
        return None
    # The last visit's times depend on its neighbour before it at most.
    last = stops(structs.replace(journey, visits=journey.visits[-2:]), network)[-1]
    return last.node if last.departed is None else None
