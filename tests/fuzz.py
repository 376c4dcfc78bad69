"""Throws wrong bodies in every format at intake: nothing may raise, every outcome is the contract's, memory stays flat.

    python -m tests.fuzz [--bodies 1000000] [--seed 1]

Bodies are right ones of all formats and envelopes, cut, mixed and poisoned at random, so that most get past the first
check. Prints what became of them, and the resident memory on the way; exit status 1 at the first that broke something,
with its bytes. `tests/contract/test_fuzz.py` does the same by hypothesis, with fewer bodies and a smallest example.
"""

import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

import click
import msgspec

from tests.dcsa_events import EQUIPMENT, EVENT_3, TRANSPORT
from tracker.contract.feedback import carrier_id
from tracker.contract.intake import Intake, Reading
from tracker.contract.records import movement_bytes, read_movement
from tracker.contract.transports import told_of, transport_bytes
from tracker.domain.faults import CATALOGUE
from tracker.domain.moment import Millis
from tracker.domain.transport import TransportRow, apply
from tracker.service import load_world
from tracker.settings import Settings

RECEIVED: Final = Millis(1_772_340_000_000)
NATIVE: Final[dict[str, Any]] = {
    "container": "CSQU3054383", "kind": "departed", "occurred_at": "2026-03-01T08:40:00+05:00", "node": "KZ-ALTYNKOL",
    "id": "A-1", "classifier": "actual", "revision": 1, "retracted": False, "recorded_at": "2026-03-01T08:41:00+05:00",
    "mode": "rail", "laden": True, "iso_code": "45G1", "gross_kg": 21500, "train": "1402", "wagon": "94461209",
    "origin": {"scheme": "unlocode", "code": "CNXIA"}, "destination": "PL-LODZ", "booking": "B", "sequence": 4,
}  # fmt: skip
LONGEST: Final = 100_000
"""Bytes of a body: half as many again as intake looks at."""
SHAPES: Final = (NATIVE, EQUIPMENT, TRANSPORT, EVENT_3)
POISON: Final[tuple[Any, ...]] = (
    None, "", " ", 0, -1, 1.5, 10**30, True, False, [], {}, [[]], {"a": None}, "N/A", "2026-03-01 08:40:00", "Ж" * 300,
    "\u0000", "KZDOS", "2026-03-01T08:40:00+05:00", "act", "RAIL", "CSQU3054383", ["CSQU3054383"], {"scheme": "bic"},
    [{"referenceType": "EQ", "referenceValue": "CSQU3054383"}], {"UNLocationCode": "KZAAU"},
    {"vesselIMONumber": 9321483},
)  # fmt: skip


def wrong(chance: random.Random) -> bytes:
    """A body, more or less wrong."""
    value: Any = deepcopy(chance.choice(SHAPES))
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        _disturb(value, chance)
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        value = chance.choice(_COVERS)(value, chance)
    body = json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return _damaged(body, chance)[:LONGEST] if chance.random() < 0.15 else body[:LONGEST]


def check(intake: Intake, carrier: str, body: bytes) -> list[Reading]:
    """What intake says of a body; AssertionError when that is not what the contract allows."""
    readings = intake.read(carrier, body, RECEIVED)
    assert readings, "no outcome"
    assert [reading.place for reading in readings] == list(range(len(readings))), "places are not 0, 1, 2"
    for reading in readings:
        codes = [fault.code for fault in reading.faults]
        assert all(code in CATALOGUE for code in codes), codes
        assert (reading.report is None) == any(code[0] == "E" for code in codes), codes
        msgspec.json.encode([list(fault) for fault in reading.faults])  # all of it can be told
        report = reading.report
        if report is None:
            continue
        assert carrier_id(report.id) == reading.id, (report.id, reading.id)
        assert reading.container is not None or reading.transport is not None, "about nothing"
        assert read_movement(movement_bytes(reading.container or "", report))[1] == report
        if (
            reading.transport is not None
            and (told := told_of(reading.container, report, reading.containers)) is not None
        ):
            assert transport_bytes(reading.transport, told)
            apply(TransportRow(), told, 0)
    return readings


def _disturb(value: Any, chance: random.Random) -> None:
    inner = value
    while isinstance(inner, dict) and inner:
        name = chance.choice(list(inner))
        if isinstance(inner[name], dict) and inner[name] and chance.random() < 0.6:
            inner = inner[name]
            continue
        what = chance.random()
        if what < 0.2:
            del inner[name]
        elif what < 0.35:
            value[name] = inner.pop(name)  # to the wrong level
        elif what < 0.45:
            other = chance.choice(SHAPES)
            inner[name] = deepcopy(other[chance.choice(list(other))])
        elif what < 0.55:
            inner[chance.choice(_STRANGERS)] = deepcopy(inner[name])
        elif isinstance(inner[name], str) and what < 0.75:
            inner[name] = chance.choice(_SPELLINGS)(inner[name])
        else:
            inner[name] = deepcopy(chance.choice(POISON))
        return


_STRANGERS: Final = ("isRetracted", "retractedEventID", "eventType", "specversion", "kind", "eventid", "x")
_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str.lower,
    str.title,
    lambda text: f" {text} ",
    lambda text: text[:-1],
    lambda text: text[:50] * 9,
)
_COVERS: Final[tuple[Callable[[Any, random.Random], Any], ...]] = (
    lambda value, chance: {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": value},
    lambda value, chance: {"specversion": chance.choice(POISON), "data": value},
    lambda value, chance: {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": json.dumps(value)},
    lambda value, chance: {"events": [value, chance.choice(SHAPES)]},
    lambda value, chance: [value, chance.choice((*SHAPES, *POISON))],
    lambda value, chance: [value] * chance.choice((1, 3, 501) if chance.random() < 0.02 else (1, 2, 3)),
    lambda value, chance: {"metadata": {"eventID": "1", "retractedEventID": "2"}, "payload": value},
)


def _damaged(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    match chance.randrange(6):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + bytes((chance.randrange(256),)) + body[at:]
        case 2:
            return body[:at] + b"\\ud800" + body[at:]
        case 3:
            return body[: at // 2] + body[at:]
        case 4:
            return b"[" * min(at, 5_000) + body
        case _:
            return body * chance.choice((2, 100))


@click.command(help=__doc__)
@click.option("--bodies", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(bodies: int, seed: int) -> None:
    chance, intake = random.Random(seed), load_world(Settings(web_port=0)).intake
    carriers = [each.id for each in load_world(Settings(web_port=0)).carriers]
    outcomes, codes, begun = Counter[str](), Counter[str](), time.monotonic()
    for number in range(1, bodies + 1):
        body = wrong(chance)
        try:
            readings = check(intake, chance.choice(carriers), body)
        except Exception as broken:  # whatever it is, the body is what one wants to see
            click.echo(f"body {number} of seed {seed} broke intake: {broken!r}\n{body!r}")
            raise SystemExit(1) from broken
        for reading in readings:
            outcomes["rejected" if reading.report is None else "doubted" if reading.faults else "accepted"] += 1
            if reading.report is None:
                codes[reading.faults[0].code] += 1
        if number % max(1, bodies // 10) == 0:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            click.echo(
                f"{number:>9,} bodies, {memory} MiB at most, {number / (time.monotonic() - begun):,.0f} per second"
            )
    click.echo(f"reports: {dict(outcomes.most_common())}")
    click.echo(f"rejected for: {dict(codes.most_common())}")


if __name__ == "__main__":
    main()
    sys.exit(0)
