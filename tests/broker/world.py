"""A small world for fault tests of the engine: topics, reports, toy workers as processes, and what must come out."""

import asyncio
import json
import random
import signal
import subprocess
import sys
from base64 import b64decode
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.broker.toy import BOOM, CARRIERS, Row, checksum, read_event, read_row, source_of, subject_of
from tracker.settings import Settings
from tracker.streams.rows import unpacked
from tracker.streams.runtime import Status
from tracker.streams.topics import REJECTED, changelog_topic, create_or_check, events_topic, plan

REPOSITORY: Final = Path(__file__).parents[2]
PARTITIONS: Final = 4
PATIENCE_SECONDS: Final = 180.0
"""How long a world may take to come right; usually a few seconds after the last fault."""


class Sent(NamedTuple):
    """A report as Kafka took it."""

    carrier: str
    partition: int
    offset: int
    key: str
    number: int


class Tables(NamedTuple):
    """What the rows say: (count, checksum) per key of each stage."""

    intake: dict[tuple[str, int], tuple[int, int]]
    journeys: dict[str, tuple[int, int]]
    subjects: dict[str, tuple[int, int]]


class World:
    """One app on one broker."""

    def __init__(self, brokers: str, folder: Path, **settings: Any) -> None:
        """`settings` in place of the test's own."""
        self.settings = Settings(**{
            "brokers": brokers,
            "app_id": f"toy-{random.randrange(10**9)}",
            "partitions": PARTITIONS,
            "session_seconds": 6,
            "heartbeat_seconds": 1,
            "commit_seconds": 0.2,
            "poll_wait_ms": 20,
            "data_dir": folder,
            **settings,
        })  # fmt: skip
        self.folder = folder
        self.sent: list[Sent] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self._replaced: list[subprocess.Popen[bytes]] = []

    async def begin(self) -> None:
        """Fresh topics: the names are those of every tracker, so what earlier tests left is deleted first."""
        specs = plan(self.settings, CARRIERS)
        admin: Any = AIOKafkaAdminClient(bootstrap_servers=self.settings.brokers)
        await admin.start()
        try:
            wanted = {spec.name for spec in specs}
            if old := sorted(wanted & set(await admin.list_topics())):
                await admin.delete_topics(old)
                while wanted & set(await admin.list_topics()):
                    await asyncio.sleep(0.05)
        finally:
            await admin.close()
        await create_or_check(self.settings.brokers, specs)

    # -- Workers

    def start(self, *faults: str, **settings: Any) -> subprocess.Popen[bytes]:
        """A worker process; `settings` in place of the world's."""
        text = json.dumps({**self.settings.model_dump(mode="json"), **settings})
        name = len(self.workers)
        with (self.folder / f"worker-{name}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.broker.toy", text, *faults],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def log_of(self, worker: subprocess.Popen[bytes]) -> str:
        """What a worker has written."""
        return (self.folder / f"worker-{self.workers.index(worker)}.log").read_text()

    async def ready(self, worker: subprocess.Popen[bytes], times: int = 1) -> None:
        """Wait until a worker has restored its tables."""
        await self._until(lambda: self.log_of(worker).count(" ready\n") >= times or worker.poll() is not None)
        assert worker.poll() is None, self.log_of(worker)

    async def ended(self, worker: subprocess.Popen[bytes]) -> int:
        """Wait until a worker has ended; its exit status."""
        await self._until(lambda: worker.poll() is not None)
        status = worker.poll()
        assert status is not None
        return status

    async def stop(self, worker: subprocess.Popen[bytes]) -> int:
        """Ask a worker to stop; its exit status."""
        worker.send_signal(signal.SIGTERM)
        status = await self.ended(worker)
        if status:
            print(self.log_of(worker)[-3000:])  # shown with the test's failure
        return status

    async def supervise(self, *faults: str) -> None:
        """Start a worker again whenever one has stopped itself, as a supervisor does; until cancelled."""
        while True:
            for worker in [each for each in self.workers if each.poll() == Status.WORLD and each not in self._replaced]:
                self._replaced.append(worker)
                self.start(*faults)
            await asyncio.sleep(0.2)

    def kill_all(self) -> None:
        """End every worker at once."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()

    # -- Reports

    async def feed(
        self, count: int, *, seconds: float = 0.0, booms: float = 0.0, keys: int = 300, seed: int = 1
    ) -> None:
        """Send reports to both carriers' topics, spread over some seconds; `booms` is the share that breaks a stage."""
        draw = random.Random(seed)
        async with _producer(self.settings.brokers) as producer:
            begun, futures = monotonic(), []
            for index in range(count):
                key = f"key-{draw.randrange(keys)}"
                number = BOOM if draw.random() < booms else draw.randrange(1_000_000)
                carrier = draw.choice(CARRIERS)
                body = msgspec.json.encode({"k": key, "n": number, "pad": "x" * 100})
                future = await producer.send(events_topic(carrier), body, partition=draw.randrange(PARTITIONS))
                futures.append((carrier, key, number, future))
                ahead = seconds * index / count - (monotonic() - begun)
                if ahead > 0.02:
                    await asyncio.sleep(ahead)
            await producer.flush()
            for carrier, key, number, future in futures:
                at = await future
                self.sent.append(Sent(carrier, at.partition, at.offset, key, number))

    def expected(self) -> Tables:
        """What the rows must say when all is done."""
        tables = Tables(*(defaultdict(lambda: (0, 0)) for _ in range(3)))
        for carrier, partition, offset, key, number in self.sent:
            value = checksum(source_of(carrier, partition), offset, number)
            _add(tables.intake, (events_topic(carrier), partition), value)
            if number != BOOM:
                _add(tables.journeys, key, value)
                _add(tables.subjects, subject_of(key), number)
        return Tables(dict(tables.intake), dict(tables.journeys), dict(tables.subjects))

    async def comes_right(self) -> None:
        """Wait until the rows say what they must; fail with the differences when they do not in time."""
        expected = self.expected()
        deadline = monotonic() + PATIENCE_SECONDS
        while (seen := await self.tables()) != expected:
            if monotonic() > deadline:
                logs = [self.log_of(worker)[-3000:] for worker in self.workers]
                raise AssertionError("\n".join([*_differences(seen, expected), *logs]))
            await asyncio.sleep(0.3)

    async def tables(self) -> Tables:
        """What the rows say now, by the changelogs."""
        tables = Tables({}, {}, {})
        for name in Tables._fields:
            best: dict[tuple[bytes, int], tuple[int, bytes | None]] = {}
            for message in await self.records(changelog_topic(self.settings.app_id, name)):
                position, body = unpacked(message.value)
                place = message.key, message.partition
                if position >= best.get(place, (-1, None))[0]:
                    best[place] = position, body
            table: Any = getattr(tables, name)
            for (key, partition), (_, body) in best.items():
                row = read_row(body) if body is not None else Row()
                table[(key.decode(), partition) if name == "intake" else key.decode()] = row.n, row.sum
        return tables

    async def rejected(self) -> set[tuple[int, int]]:
        """The reports of which a movement was rejected: source and offset.

        A movement written twice may be rejected twice, or the second time be known for what it is.
        """
        kept = [json.loads(message.value) for message in await self.records(REJECTED)]
        return {read_event(b64decode(each["raw"])).origin[:2] for each in kept}

    def booms(self) -> set[tuple[int, int]]:
        """The reports that break the journeys stage."""
        return {(source_of(sent.carrier, sent.partition), sent.offset) for sent in self.sent if sent.number == BOOM}

    async def records(self, topic: str) -> list[Any]:
        """All records of a topic, committed ones only."""
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=self.settings.brokers, isolation_level="read_committed", fetch_max_wait_ms=50
        )
        await consumer.start()
        try:
            tps = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            ends = await consumer.end_offsets(tps)
            found: list[Any] = []
            for tp in tps:
                while await consumer.position(tp) < ends[tp]:
                    for messages in (await consumer.getmany(tp, timeout_ms=100)).values():
                        found += messages
            return found
        finally:
            await consumer.stop()

    async def _until(self, true: Any) -> None:
        deadline = monotonic() + PATIENCE_SECONDS
        while not true():
            logs = "\n".join(self.log_of(worker)[-2000:] for worker in self.workers)
            assert monotonic() < deadline, logs
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _producer(brokers: str, **options: Any) -> AsyncIterator[Any]:
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers, linger_ms=5, **options)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send_in_transactions(world: World, count: int, *, seed: int = 1) -> None:
    """Send reports in transactions of 20, a third of which are given up: those must leave no trace."""
    draw = random.Random(seed)
    async with _producer(world.settings.brokers, transactional_id=f"t-{world.settings.app_id}") as producer:
        for _ in range(count // 20):
            kept = draw.random() > 1 / 3
            await producer.begin_transaction()
            futures: list[tuple[str, str, int, Any]] = []
            for _ in range(20):
                carrier, key, number = draw.choice(CARRIERS), f"key-{draw.randrange(50)}", draw.randrange(1000)
                body = msgspec.json.encode({"k": key, "n": number})
                future = await producer.send(events_topic(carrier), body, partition=draw.randrange(PARTITIONS))
                futures.append((carrier, key, number, future))
            placed = [(carrier, key, number, await future) for carrier, key, number, future in futures]
            if kept:
                await producer.commit_transaction()
                world.sent += [Sent(carrier, at.partition, at.offset, key, n) for carrier, key, n, at in placed]
            else:
                await producer.abort_transaction()


def _add(table: dict[Any, tuple[int, int]], key: Any, value: int) -> None:
    count, total = table[key]
    table[key] = count + 1, total + value


def _differences(seen: Tables, expected: Tables) -> Iterable[str]:
    for name in Tables._fields:
        one, other = getattr(seen, name), getattr(expected, name)
        wrong = [key for key in {*one, *other} if one.get(key) != other.get(key)]
        counts = sum(n for n, _ in one.values()), sum(n for n, _ in other.values())
        yield f"{name}: {len(wrong)} rows differ; applied {counts[0]}, expected {counts[1]}"
        for key in wrong[:3]:
            yield f"  {key}: seen {one.get(key)}, expected {other.get(key)}"


def order_of_movements(messages: Iterable[Any]) -> list[int]:
    """The numbers of movements or facts, for a look at them."""
    return [read_event(message.value).n for message in messages]
