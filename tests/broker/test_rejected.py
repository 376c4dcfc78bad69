"""`tracker rejected` on a real Kafka: what a wrong network rejected is seen, sent again, and as if never rejected."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from click.testing import Result

import tracker.contract
from tests.broker.whole import Whole
from tests.delivered import plain_row, restored
from tests.hearing import Sent
from tests.results import final_facts
from tests.test_cli import tracker as command
from tracker.batch import Batch
from tracker.contract.records import fact_record
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis, from_datetime, text
from tracker.streams.packing import unpack

pytestmark = pytest.mark.broker

SECONDS: Final = 180.0
BEGIN: Final = Millis(from_datetime(datetime(2026, 3, 1, 8, tzinfo=UTC)))
BOXES: Final = ("CSQU3054383", "TRIU8784560", "MSKU0000006")
POTI: Final = {"scheme": "unlocode", "code": "GEPTI"}


def reports() -> list[Sent]:
    """Each box departs and arrives at a port whose code the first network lacks; one of them in an array."""
    sents: list[Sent] = []
    for place, box in enumerate(BOXES):
        out, back = Millis(BEGIN + place * HOUR), Millis(BEGIN + 12 * DAY + place * HOUR)
        departed = {"container": box, "kind": "departed", "node": "KZ-ALTYNKOL", "occurred_at": text(out)}
        arrived = {"container": box, "kind": "arrived", "node": POTI, "occurred_at": text(back)}
        if place == 0:
            arrived |= {"id": "A-1"}
        body: Any = [departed | {"train": "8001"}, arrived] if place == 1 else arrived
        sents.append(Sent("utlc", Millis(out + MINUTE), json.dumps(departed).encode()))
        sents.append(Sent("utlc", Millis(back + 3 * MINUTE), json.dumps(body).encode()))
    sents.append(
        Sent("utlc", Millis(BEGIN + DAY), b'{"container": "CSQU3054383", "kind": "arrived", "node": "KZ-AKTAU"}')
    )
    return sents


@pytest.mark.timeout(5 * SECONDS)
async def test_what_a_wrong_network_rejected_is_sent_again_and_is_as_if_it_never_was(
    whole: Whole, tmp_path: Path
) -> None:
    packaged = Path(tracker.contract.__file__).with_name("network.yaml").read_text()
    wrong = tmp_path / "network.yaml"
    wrong.write_text(packaged.replace("code: GEPTI", "code: GEPTX"))
    right = whole.settings
    whole.settings = right.model_copy(update={"network": wrong})
    worker = whole.start("one")
    await whole.ready(worker)
    await whole.feed(reports(), Random(3))
    await comes_to(whole, movements=4)

    listed = await asked(whole, "list", "--fault", "E402", "--carrier", "utlc")
    lines = listed.stdout.splitlines()
    assert (listed.exit_code, len(lines)) == (0, 3)
    assert [line.split("  ")[0] for line in lines] == [
        text(Millis(BEGIN + 12 * DAY + n * HOUR + 3 * MINUTE)) for n in range(3)
    ]
    assert [line.split("  ")[2:] for line in lines] == [
        [codes, "node 'GEPTI'", "today: accepted"] for codes in ("E402", "E402 W601", "E402 W601")
    ]
    assert "3 E402" in listed.stderr
    names = [line.split("  ")[1] for line in lines]
    shown = json.loads((await asked(whole, "show", names[1])).stdout)
    assert (shown["name"], shown["body"]["node"], shown["today"]) == (names[1], POTI, "accepted")
    assert shown["origin"]["index"] == 1
    assert len((await asked(whole, "list")).stdout.splitlines()) == 4
    assert (await asked(whole, "list", "--until", text(BEGIN))).stdout == ""

    # Too early: the worker has the old network still. Each report stays one, however often it is rejected.
    assert (await asked(whole, "resend", *names)).stdout == "3 sent again\n"
    await comes_to(whole, movements=4, rejected=7)
    assert (await asked(whole, "list", "--fault", "E402")).stdout == listed.stdout

    assert await whole.stop(worker) == 0
    whole.settings = right
    worker = whole.start("one")
    await whole.ready(worker)
    trial = await asked(whole, "resend", "--carrier", "utlc", "--dry-run")
    assert (trial.exit_code, trial.stdout) == (1, "3 would be sent again\n1 today: E301\n")
    first = await asked(whole, "resend", "--fault", "E402")
    assert (first.exit_code, first.stdout) == (0, "3 sent again\n")
    await comes_to(whole, movements=7, rejected=7)
    once = await state(whole)
    assert (await asked(whole, "resend", names[0], "--since", text(BEGIN))).stdout == "1 sent again\n"
    assert (await asked(whole, "resend", "--fault", "E402")).stdout == "3 sent again\n"
    await comes_to(whole, movements=11, rejected=7)

    batch = Batch(whole.world.intake, whole.world.rules)
    for sent in sorted(reports(), key=lambda each: each.received):
        batch.take(sent.carrier, sent.body, sent.received)
    rows = {box: plain_row(row) for box, row in batch.rows()}
    facts = {
        record.id
        for record in (fact_record(f, "added", (0, 0, 0)) for f in batch.conclude(Millis(BEGIN + 20 * DAY)).facts)
    }
    assert len(facts) > 3
    assert once == (rows, facts)
    assert await state(whole) == once, "sent twice is sent once"


async def test_nothing_is_sent_without_a_word_of_what_and_unknown_names_are_refused(whole: Whole) -> None:
    everything = await asked(whole, "resend")
    assert (everything.exit_code, "nothing says what to send again" in everything.stderr) == (2, True)
    unknown = await asked(whole, "show", "carrier.utlc.events-0-7-0")
    assert (unknown.exit_code, "was not rejected" in unknown.stderr) == (2, True)
    fault = await asked(whole, "list", "--fault", "E999")
    assert (fault.exit_code, "E999 is not in the catalogue" in fault.stderr) == (2, True)


async def asked(whole: Whole, *words: str) -> Result:
    return await asyncio.to_thread(command, "rejected", *words, TRACKER_BROKERS=whole.settings.brokers)


async def comes_to(whole: Whole, *, movements: int, rejected: int = 4) -> None:
    """Wait until everything is consumed and so many records are there."""

    async def there() -> bool:
        written = await whole.written()
        return len(written.movements) >= movements and len(written.rejected) >= rejected and (await whole.done()).all

    await whole.until(there, seconds=SECONDS)
    written = await whole.written()
    assert (len(written.movements), len(written.rejected)) == (movements, rejected)


async def state(whole: Whole) -> tuple[dict[str, Any], set[str]]:
    """Every container's row, received times included, and the facts that hold."""
    written = await whole.written()
    held = restored(written.journeys).values()
    rows = {key.decode(): plain_row(unpack(body)) for rows in held for key, body in rows.items()}
    return rows, set(final_facts(written.facts))
