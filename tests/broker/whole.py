"""The whole tracker on a Kafka node, as its operator runs it: topics, `tracker worker` processes, reports, progress."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from tests.hearing import Place, Sent
from tests.results import Written
from tracker.broker.lifeline import tied
from tracker.service import World, load_world
from tracker.settings import Settings
from tracker.streams.stage import Record
from tracker.streams.topics import (
    FACTS,
    MOVEMENTS,
    REJECTED,
    TRANSPORTS,
    changelog_topic,
    create_or_check,
    events_topic,
    feedback_topic,
    plan,
)

REPOSITORY: Final = Path(__file__).parents[2]
POLL_SECONDS: Final = 0.1
READY_SECONDS: Final = 120.0


class Done(NamedTuple):
    """Records finished (their offset is committed) and records there are, per stage."""

    intake: tuple[int, int]
    transports: tuple[int, int]
    journeys: tuple[int, int]
    subjects: tuple[int, int]

    @property
    def all(self) -> bool:
        """Whether nothing is left to do: offsets are read stage by stage, and each stage writes before it commits."""
        return all(finished == there for finished, there in self)


class Whole:
    """One tracker: its topics and workers. The topics' names are those of every tracker, so one at a time."""

    def __init__(self, brokers: str, folder: Path, **settings: Any) -> None:
        """`settings` in place of the defaults, which are those of the product but for the ends of a test."""
        self.settings = Settings(**{
            "brokers": brokers,
            "app_id": f"whole-{os.getpid()}-{id(self):x}",
            "retention_days": 0,  # simulated reports are old when they are sent
            "clock": "data",
            "web_port": 0,
            "session_seconds": 6,  # the shortest that a broker allows: a killed worker's partitions wait for it
            "heartbeat_seconds": 2,
            "data_dir": folder / "data",
            **settings,
        })  # fmt: skip
        self.world: World = load_world(self.settings)
        self.carriers = [carrier.id for carrier in self.world.carriers]
        self.sent: dict[Place, Sent] = {}
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []

    async def begin(self) -> None:
        """Fresh topics in place of those that an earlier test left."""
        specs = plan(self.settings, self.carriers)
        async with admin_of(self.settings.brokers) as admin:
            wanted = {spec.name for spec in specs}
            if old := sorted(wanted & set(await admin.list_topics())):
                await admin.delete_topics(old)
                await self.until(lambda: _gone(admin, wanted), seconds=READY_SECONDS)
        await create_or_check(self.settings.brokers, specs)

    def start(
        self,
        instance: str,
        *,
        at: Path = REPOSITORY,
        environment: Mapping[str, str] = MappingProxyType({}),
        **more: Any,
    ) -> subprocess.Popen[bytes]:
        """A worker process; `instance` is its stable name in the group: one started again takes over at once.

        `at`: the checkout whose program it runs. `environment` is added to this process's.
        """
        settings = self.settings.model_dump() | {"instance": instance} | more
        given = {f"TRACKER_{name.upper()}": str(value) for name, value in settings.items() if value is not None}
        with self._log(len(self.workers)).open("wb") as log:
            worker = subprocess.Popen(
                tied([sys.executable, "-m", "tracker.cli", "worker"]),
                cwd=at,
                env={name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
                | given
                | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def log_of(self, worker: subprocess.Popen[bytes]) -> str:
        """What a worker has written."""
        return self._log(self.workers.index(worker)).read_text()

    def address_of(self, worker: subprocess.Popen[bytes]) -> str:
        """Where a worker's figures are."""
        return self.log_of(worker).partition("figures at ")[2].split()[0]

    async def ready(self, worker: subprocess.Popen[bytes]) -> None:
        """Wait until a worker has restored its tables."""
        await self.until(lambda: _now(" ready\n" in self.log_of(worker)), seconds=READY_SECONDS)

    async def stop(self, worker: subprocess.Popen[bytes]) -> int:
        """Ask a worker to stop; its exit status."""
        worker.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(worker.wait, READY_SECONDS)

    def kill_all(self) -> None:
        """End every worker at once."""
        for worker in self.workers:
            worker.kill()
            worker.wait()

    async def feed(self, sents: Sequence[Sent], chance: Random) -> None:
        """Send records in the order given, each to any partition under any key, stamped with its received time."""
        load: defaultdict[tuple[str, int], list[Sent]] = defaultdict(list)
        for sent in sents:
            load[sent.carrier, chance.randrange(self.settings.partitions)].append(sent)
        async with _producer(self.settings.brokers) as producer:
            await asyncio.gather(*(self._fill(producer, *place, records) for place, records in load.items()))

    async def _fill(self, producer: Any, carrier: str, partition: int, sents: Sequence[Sent]) -> None:
        topic, offset = events_topic(carrier), 0
        waiting = list(sents[::-1])
        while waiting:
            batch, taken = producer.create_batch(), []
            while waiting and (sent := waiting[-1]):
                key = None if sent.received % 2 else b"any"
                if batch.append(key=key, value=sent.body, timestamp=sent.received) is None:
                    break
                taken.append(waiting.pop())
            batch.close()
            offset = (await (await producer.send_batch(batch, topic, partition=partition))).offset
            self.sent |= {(carrier, partition, offset + place): sent for place, sent in enumerate(taken)}

    async def done(self) -> Done:
        """How far every stage is."""
        stages = [list(each.values()) for each in await self.offsets()]
        return Done(*[(sum(done for done, _ in each), sum(end for _, end in each)) for each in stages])

    async def offsets(self) -> list[dict[Any, tuple[int, int]]]:
        """Of each stage, partition to how many of its records are finished, and are there; stage by stage."""
        async with admin_of(self.settings.brokers) as admin, consumer_of(self.settings.brokers) as consumer:
            return await self.offsets_by(admin, consumer)

    async def offsets_by(self, admin: Any, consumer: Any) -> list[dict[Any, tuple[int, int]]]:
        """The same, asked by clients that are connected already."""
        sources = [*(events_topic(carrier) for carrier in self.carriers)], [TRANSPORTS], [MOVEMENTS], [FACTS]
        try:
            committed = await admin.list_consumer_group_offsets(self.settings.app_id)
        except GroupCoordinatorNotAvailableError:  # the broker makes its topic of offsets when first asked
            committed = {}
        stages = []
        for topics in sources:
            ends = await consumer.end_offsets(self._partitions(topics))
            stages.append({tp: (max(0, committed[tp].offset if tp in committed else 0), ends[tp]) for tp in ends})
        return stages

    async def comes_to(self, true: Callable[[Done], bool], *, seconds: float) -> None:
        """Wait until the stages have come to some point; fails with their logs when they do not in time."""

        async def asked() -> bool:
            return true(await self.done())

        await self.until(asked, seconds=seconds)

    async def until(self, true: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
        """Wait until something is true; fails with the workers' logs when it is not in time, or one stops itself."""
        deadline = monotonic() + seconds
        while not await true():
            logs = "\n".join(self.log_of(worker)[-2000:] for worker in self.workers)
            assert monotonic() < deadline, f"not within {seconds:.0f} s: {await self.done()}\n{logs}"
            stopped = [worker for worker in self.workers if (worker.poll() or 0) > 0]  # killed ones have a negative
            assert not stopped, f"a worker stopped itself: {[worker.poll() for worker in stopped]}\n{logs}"
            await asyncio.sleep(POLL_SECONDS)

    async def written(self) -> Written:
        """Everything on the topics that workers write."""
        names = [[changelog_topic(self.settings.app_id, table)] for table in ("intake", "journeys", "subjects")]
        names += [
            [MOVEMENTS],
            [FACTS],
            [REJECTED],
            [feedback_topic(carrier) for carrier in self.carriers],
            [TRANSPORTS],
        ]
        return Written(*[await self.records(topics) for topics in names])

    async def records(self, topics: Sequence[str]) -> list[Record]:
        """Everything on some topics, partition after partition."""
        async with consumer_of(self.settings.brokers) as consumer:
            tps = self._partitions(topics)
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            ends = await consumer.end_offsets(tps)
            found: list[Record] = []
            for tp in tps:
                while await consumer.position(tp) < ends[tp]:
                    for batch in (await consumer.getmany(tp, timeout_ms=1_000)).values():
                        found += [
                            Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, ()) for r in batch
                        ]
            return found

    def _partitions(self, topics: Sequence[str]) -> list[Any]:
        spread = {spec.name: spec.partitions for spec in plan(self.settings, self.carriers)}
        return [TopicPartition(topic, partition) for topic in topics for partition in range(spread[topic])]

    def _log(self, number: int) -> Path:
        return self._folder / f"worker-{number}.log"


async def _now(true: bool) -> bool:  # an awaitable of what is known
    return true


async def _gone(admin: Any, names: set[str]) -> bool:
    return not names & set(await admin.list_topics())


@asynccontextmanager
async def admin_of(brokers: str) -> AsyncIterator[Any]:
    """A client that administers."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def consumer_of(brokers: str) -> AsyncIterator[Any]:
    """A client that reads what is committed."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=brokers, fetch_max_wait_ms=50, isolation_level="read_committed")
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def _producer(brokers: str) -> AsyncIterator[Any]:
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
