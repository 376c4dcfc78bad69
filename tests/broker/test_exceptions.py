"""The same exceptions: workers on a real Kafka, one of them killed by force, against judging all reports at once.

Reports lie in random partitions. Each half of them is in Kafka before a worker may judge it: with the data's clock a
worker can't know what is still to be sent, and the norms of a day are those of what was there.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.broker.whole import Whole
from tests.hearing import Sent
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.situation import KnownSituation
from tracker.batch import Batch, run
from tracker.contract.exceptions import exception_json
from tracker.contract.sent_lines import read_lines
from tracker.domain.chronicle import chronicle, judged
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, MINUTE, Millis, from_datetime
from tracker.domain.thresholds import Thresholds
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.run import Delivery, simulate_to_file
from tracker.streams.topics import EXCEPTIONS

pytestmark = pytest.mark.broker

REPORTS: Final = 5_000
SECONDS: Final = 180
COMPARED: Final = (
    "rule", "status", "severity", "container", "journey", "corridor", "direction", "node", "leg", "carrier", "since",
    "deadline", "reason", "threshold_seconds", "threshold_source", "incident",
)  # fmt: skip


@pytest.mark.timeout(4 * SECONDS)
async def test_workers_leave_the_exceptions_that_judging_all_at_once_gives(whole: Whole, tmp_path: Path) -> None:
    chance, world, file = Random(5), whole.world, tmp_path / "reports.jsonl"
    traffic = Traffic(seed=5, days=20, trains_per_day=0.2, drain=True, faults=fault_rates("default"))
    simulate_to_file(world.network, whole.carriers, traffic, Delivery(reports=REPORTS, progress=False), file)
    sents = [Sent(line.carrier, from_datetime(line.received_at), body) for line, body in read_lines([file])]
    expected = expectation(whole, file)

    await whole.feed(sents[: REPORTS // 2], chance)
    worker = whole.start(instance="first")
    await whole.comes_to(lambda done: done.journeys[0] >= REPORTS // 8, seconds=SECONDS)
    worker.kill()
    worker = whole.start(instance="first")
    await whole.comes_to(lambda done: done.all, seconds=SECONDS)
    worker.kill()
    await whole.feed(sents[REPORTS // 2 :], chance)
    whole.start(instance="first")
    whole.start(instance="second")
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
        print(Counter(each["rule"] for each in expected.values()), f"{len(wrong)} of {len(expected)} differ")
        print("\n".join(wrong[:10]))


def expectation(whole: Whole, file: Path) -> dict[str, dict[str, Any]]:
    """The last state of every exception, by what a worker can know: carriers' days, not yet what waits at nodes."""
    world = whole.world
    batch = Batch(world.intake, world.rules)
    run([file], batch, None)
    ledger = Ledger()
    for (carrier, day), counted in batch.days.items():
        ledger.day(carrier, day, counted)
    last = max(report.received for reports in batch.by_container().values() for report in reports)
    until = Millis(last // MINUTE * MINUTE)
    assert until > 10 * DAY
    situation, lines = KnownSituation(ledger, world.network, until), Lines(world.network, Thresholds())
    found: dict[str, dict[str, Any]] = {}
    for container, reports in batch.by_container().items():
        held, _ = judged(chronicle(reports, container, world.rules, lines), lines, situation, until)
        found |= {each.id: state(exception_json(each, container, ())) for each in held}
    return found


async def final(whole: Whole) -> dict[str, dict[str, Any]]:
    """The last record of every exception on the topic."""
    found: dict[str, dict[str, Any]] = {}
    for record in await whole.records([EXCEPTIONS]):
        found[(record.key or b"").decode()] = state(json.loads(record.value or b"{}"))
    return found


def state(record: Mapping[str, Any]) -> dict[str, Any]:
    """What is compared of a record."""
    return {name: record.get(name) for name in COMPARED}
