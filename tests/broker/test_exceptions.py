"""The same exceptions: workers on a real Kafka, one of them killed by force, against judging all reports at once.

Reports lie in random partitions. Each half of them is in Kafka before a worker may judge it: with the data's clock a
worker can't know what is still to be sent, and the norms of a day are those of what was there.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, Final

import pytest

from tests.broker.whole import Whole
from tests.hearing import Sent
from tests.storm import storm
from tests.verdicts import judged, told
from tracker.batch import Batch
from tracker.contract.baselines import baseline_json
from tracker.domain.moment import DAY, MINUTE, Millis
from tracker.simulate.options import Traffic
from tracker.streams.topics import BASELINES, EXCEPTIONS

pytestmark = pytest.mark.broker

SECONDS: Final = 180
STORM_SEEN: Final = Millis(Traffic().start + 24 * DAY)


@pytest.mark.timeout(4 * SECONDS)
async def test_workers_leave_the_exceptions_that_a_batch_gives_of_a_storm(whole: Whole) -> None:
    chance, sents = Random(5), list(storm(whole.world))
    half = len(sents) * 2 // 3
    assert sents[half].received > STORM_SEEN, "the stop is seen before, and goes on after"

    await whole.feed(sents[:half], chance)
    worker = whole.start(instance="first")
    await whole.comes_to(lambda done: done.journeys[0] >= half // 4, seconds=SECONDS)
    worker.kill()
    worker = whole.start(instance="first")
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    worker.kill()
    await whole.feed(sents[half:], chance)
    whole.start(instance="first")
    whole.start(instance="second")
    expected, norms = await asyncio.to_thread(expectation, whole, sents)
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)

    wrong: list[str] = []

    async def same() -> bool:
        seen = told(await whole.records([EXCEPTIONS]))
        wrong[:] = [
            f"{name}: seen {seen.get(name)}, wanted {expected.get(name)}"
            for name in sorted(seen.keys() | expected.keys())
            if seen.get(name) != expected.get(name)
        ]
        return not wrong

    try:
        await whole.until(same, seconds=180)
    finally:
        causes = Counter((each["rule"], each["cause"]) for each in expected.values())
        print(causes, f"{len(wrong)} of {len(expected)} differ")
        print("\n".join(wrong[:10]))
    assert {cause for _, cause in causes} == {"node", "container", "carrier", "unknown"}
    assert {"node_stopped", "carrier_silent"} <= {rule for rule, _ in causes}
    published = [json.loads(record.value or b"null") for record in await whole.records([BASELINES])]
    assert len(norms) > 30
    assert published == norms, "each version once, whoever was killed"


def expectation(whole: Whole, sents: Sequence[Sent]) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """What `tracker batch` gives, that knows everything, at the last whole minute.

    The last state of every exception, and the norms of every day.
    """
    batch = Batch(whole.world.intake, whole.world.rules)
    for sent in sents:
        batch.take(sent.carrier, sent.body, sent.received)
    verdicts = batch.conclude(Millis(sents[-1].received // MINUTE * MINUTE)).verdicts
    learned = [dict(baseline_json(each)) for each in verdicts.situation.learned()]
    return judged(verdicts.records(batch.by_container())), learned
