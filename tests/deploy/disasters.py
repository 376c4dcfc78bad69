"""Upgrades and disasters, each step once on processes and a real Kafka: `python -m tests.deploy.disasters`.

Not a test (tests/broker proves that nothing is lost or doubled by them): it prints what an operator sees and how long
each step takes, for deploy/disasters.md. After every step the figures must be those of before.
"""

import asyncio
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any
from urllib.request import urlopen

from aiokafka import AIOKafkaProducer

from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.hearing import Sent
from tracker.contract.sent_lines import read_lines
from tracker.domain.moment import from_datetime
from tracker.simulate.options import Traffic
from tracker.simulate.run import Delivery, simulate_to_file
from tracker.streams.topics import events_topic

REPORTS = 8_000


def say(words: str) -> None:
    """One line at once."""
    print(words, flush=True)


def ask(address: str, path: str) -> str:
    """A worker's answer."""
    with urlopen(address + path, timeout=10) as answer:  # noqa: S310 (ours)
        return str(answer.read().decode())


def value(metrics: str, name: str) -> float:
    """The sum of a metric's series."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if re.match(rf"{name}[{{ ]", line))


class Show:
    """One tracker, its Kafka and what its figures are to be."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.expected: Any = None

    async def start(self, name: str) -> Any:
        """A worker, restored; prints how long that took."""
        begun, worker = monotonic(), self.whole.start(instance=name)
        await self.whole.ready(worker)
        metrics = await asyncio.to_thread(ask, self.whole.address_of(worker), "/metrics")
        restored = value(metrics, "rail_worker_recovered_records_total")
        say(f"  worker {name}: ready after {monotonic() - begun:.1f} s, {restored:.0f} changelog records restored")
        return worker

    async def stop(self, name: str, worker: Any) -> None:
        """Stop one in order."""
        begun = monotonic()
        status = await self.whole.stop(worker)
        say(f"  worker {name}: SIGTERM, exit status {status} after {monotonic() - begun:.1f} s")

    async def figures(self, workers: Sequence[Any]) -> Any:
        """Transits of every corridor over all workers."""
        await self.whole.comes_to(lambda done: done.all, seconds=120)
        found: dict[str, float] = {}
        for worker in workers:
            metrics = await asyncio.to_thread(ask, self.whole.address_of(worker), "/metrics")
            for line in metrics.splitlines():
                if line.startswith("rail_corridor_transits{") and 'window="30d"' in line:
                    series, _, number = line.rpartition(" ")
                    found[series] = found.get(series, 0.0) + float(number)
        return found

    async def same(self, workers: Sequence[Any]) -> None:
        """The figures are those of before, once the partitions of a member that was killed are given to others."""
        begun, found = monotonic(), await self.figures(workers)
        self.expected = self.expected or found
        while found != self.expected:
            wrong = {name: (found.get(name), was) for name, was in self.expected.items() if found.get(name) != was}
            assert monotonic() - begun < 60, json.dumps(wrong)
            await asyncio.sleep(0.5)
            found = await self.figures(workers)
        say(f"  figures as before after {monotonic() - begun:.1f} s: {sum(found.values()):.0f} transits")


async def show() -> None:
    """All steps."""
    with tempfile.TemporaryDirectory() as name, Kafka() as kafka, Kafka() as other:
        folder = Path(name)
        whole = Whole(kafka.bootstrap, folder, partitions=4)
        await whole.begin()
        file = folder / "reports.jsonl"
        simulate_to_file(
            whole.world.network, whole.carriers, Traffic(seed=1, days=30, trains_per_day=1),
            Delivery(reports=REPORTS, progress=False), file,
        )  # fmt: skip
        sents = [Sent(line.carrier, from_datetime(line.received_at), body) for line, body in read_lines([file])]
        it = Show(whole)
        say("start: two workers, then reports")
        a, b = await it.start("a"), await it.start("b")
        await whole.feed(sents, Random(1))
        await it.same([a, b])
        say("rolling restart, as for an upgrade")
        await it.stop("a", a)
        a = await it.start("a")
        await it.stop("b", b)
        b = await it.start("b")
        await it.same([a, b])
        say("restore from the topics alone: both killed, their disks gone")
        whole.kill_all()
        shutil.rmtree(folder / "data", ignore_errors=True)
        a = await it.start("a")
        await it.same([a])
        say("broker lost")
        begun = monotonic()
        kafka.kill()
        status = await asyncio.to_thread(a.wait, 120)
        say(f"  worker a: exit status {status} after {monotonic() - begun:.1f} s")
        whole.workers.clear()
        kafka.start()
        a = await it.start("a")
        await it.same([a])
        await it.stop("a", a)
        say("another cluster: carriers' topics are copied with their times, all else is made anew")
        moved = Whole(other.bootstrap, folder / "moved", partitions=4, app_id="moved")
        (folder / "moved").mkdir()
        await moved.begin()
        records = await whole.records([events_topic(carrier) for carrier in whole.carriers])
        async with AIOKafkaProducer(bootstrap_servers=other.bootstrap, acks="all") as producer:
            for each in records:
                await producer.send(
                    each.topic, each.value, key=each.key, partition=each.partition, timestamp_ms=each.timestamp
                )
        say(f"  {len(records)} records copied")
        there = Show(moved)
        there.expected = it.expected
        c = await there.start("a")
        await there.same([c])
        await there.stop("a", c)


if __name__ == "__main__":
    asyncio.run(show())
