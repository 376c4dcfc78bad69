"""The same exceptions: workers on a real Kafka, one of them killed by force, against judging all reports at once.

Reports lie in random partitions. Each half of them is in Kafka before a worker may judge it: with the data's clock a
worker can't know what is still to be sent, and the norms of a day are those of what was there.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

import pytest

from tests.broker.whole import Whole
from tests.hearing import Sent
from tests.storm import storm
from tracker.batch import Batch
from tracker.contract.baselines import baseline_json
from tracker.domain.moment import DAY, MINUTE, Millis
from tracker.simulate.options import Traffic
from tracker.streams.topics import BASELINES, EXCEPTIONS

pytestmark = pytest.mark.broker

SECONDS: Final = 180
STORM_SEEN: Final = Millis(Traffic().start + 24 * DAY)
COMPARED: Final = (
    "rule", "status", "severity", "container", "journey", "corridor", "direction", "node", "leg", "carrier", "since",
    "deadline", "reason", "threshold_seconds", "threshold_source", "cause", "incident",
)  # fmt: skip


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
        seen = await final(whole)
        wrong[:] = [
            f"{name}: seen {seen.get(name)}, wanted {expected.get(name)}"
            for name in sorted(seen.keys() | expected.keys())
            if seen.get(name) != expected.get(name)
        ]
        return not wrong

    try:
        await whole.until(same, seconds=60)
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
    until = Millis(sents[-1].received // MINUTE * MINUTE)
    verdicts = batch.conclude(until).verdicts
    last = {str(each["id"]): each for each in verdicts.records(batch.by_container())}
    states = {name: state(each) for name, each in last.items() if not is_of_a_moment(each)}
    return states, [dict(baseline_json(each)) for each in verdicts.situation.learned()]


async def final(whole: Whole) -> dict[str, dict[str, Any]]:
    """The last record of every exception and incident on the topic. Each version of one comes once, or again the same.

    Versions count up: none is left out, and after a crash none comes that is older.
    """
    found: dict[str, dict[str, Any]] = {}
    last: dict[str, dict[str, Any]] = {}
    for record in await whole.records([EXCEPTIONS]):
        said = json.loads(record.value or b"{}")
        name = said["id"]
        assert (record.key or b"").decode() == name
        before = last.get(name)
        if before is None or said["version"] != before["version"]:
            assert said["version"] == (1 if before is None else before["version"] + 1), (before, said)
        else:
            assert state(said) == state(before), "another record under the same number"
        last[name], found[name] = said, state(said)
    return {name: each for name, each in found.items() if not is_of_a_moment(last[name])}


def is_of_a_moment(record: Mapping[str, object]) -> bool:
    """Whether one report opened it and another, received in the same millisecond, showed that it never was.

    Of such reports the one that stands first in its topic is known first; the lines of a file have no partitions.
    """
    return record["reason"] == "late data" and record["detected_at"] == record["resolved_at"] == record["deadline"]


def state(record: Mapping[str, object]) -> dict[str, Any]:
    """What is compared of a record."""
    return {name: record.get(name) for name in COMPARED}
