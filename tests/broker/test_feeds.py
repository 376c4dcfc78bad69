"""What a carrier is told of its feed as a whole, by a real worker: its clock, what is missing, its scorecard."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.aggregates.test_clocks import START as NOTED_FROM
from tests.aggregates.test_clocks import off_from, usual_days
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.hearing import Sent
from tracker.batch import Batch
from tracker.domain.identifiers import check_digit
from tracker.domain.moment import DAY, Millis, text
from tracker.streams.topics import feedback_topic

pytestmark = pytest.mark.broker

SECONDS: Final = 180
CARRIER: Final = "ktz-express"
START: Final = Millis(1_772_323_200_000)
LOST: Final = range(700, 712)


@pytest.fixture
async def whole(kafka: Kafka, tmp_path: Path) -> AsyncIterator[Whole]:
    made = Whole(kafka.bootstrap, tmp_path, partitions=4)
    await made.begin()
    try:
        yield made
    finally:
        made.kill_all()


@pytest.mark.timeout(2 * SECONDS)
async def test_a_worker_tells_a_carrier_what_the_batch_finds_of_its_feed(whole: Whole) -> None:
    sents = feed_of_three_hours_off()
    await whole.feed(sents, Random(1))
    whole.start(instance="one")
    expected = batch_feed(whole, sents)
    assert [hours for _, hours in expected] == [-3]
    told: list[dict[str, Any]] = []

    async def is_told() -> bool:
        told[:] = [json.loads(record.value or b"") for record in await whole.records([feedback_topic(CARRIER)])]
        told[:] = [each for each in told if each["index"] < 0 and "reports" not in each]
        return all(any(what in each for each in told) for what in ("incident", "missing", "scorecard"))

    await whole.until(is_told, seconds=SECONDS)
    assert [(each["incident"], each["hours"]) for each in told if "incident" in each] == expected
    missing = [each["missing"] for each in told if "missing" in each]
    assert missing[-1] == {"reports": len(LOST), "ranges": [{"first": LOST.start, "last": LOST.stop - 1}]}
    card = next(each["scorecard"] for each in told if "scorecard" in each)
    assert card["carrier"] == CARRIER
    assert card["reports"] > 0


def feed_of_three_hours_off() -> list[Sent]:
    """Eleven days of a feed that is three hours off from the tenth day on; some numbers never come."""
    noted = off_from(usual_days(11, boxes=3), NOTED_FROM + 9 * DAY, -3)
    sents = []
    for number, (received, delay) in enumerate(noted):
        at = Millis(START + received - NOTED_FROM)
        if number not in LOST:
            said = {
                "container": box(number % 400), "kind": "passed", "node": "KZ-AKTOGAY", "id": f"A-{number}",
                "occurred_at": text(Millis(at - delay)), "sequence": number,
            }  # fmt: skip
            sents.append(Sent(CARRIER, at, json.dumps(said).encode()))
    return sents


def box(number: int) -> str:
    """A container number."""
    without = f"CSQU{number:06d}"
    return f"{without}{check_digit(without)}"


def batch_feed(whole: Whole, sents: list[Sent]) -> list[tuple[str, int]]:
    batch = Batch(whole.world.intake, whole.world.rules)
    for sent in sents:
        batch.take(sent.carrier, sent.body, sent.received)
    batch.conclude(sents[-1].received)
    return [(each["incident"], each["hours"]) for each in batch.feedback if "incident" in each]
