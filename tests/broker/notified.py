"""Notifier processes on a real Kafka, and receivers that behave as badly as real ones do."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from aiohttp import web
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tracker.broker.lifeline import tied
from tracker.domain.moment import MINUTE
from tracker.settings import Settings
from tracker.streams.topics import EXCEPTIONS, EXPECTED, NOTIFICATIONS, UNTOLD, create_or_check, plan
from tracker.streams.writer import partition_of

REPOSITORY: Final = Path(__file__).parents[2]
SECRET: Final = "a-secret-of-the-tests-only"  # noqa: S105  # of receivers in this process
PARTITIONS: Final = 4
FAT: Final = b"x" * 500_000


class Heard(NamedTuple):
    """A request: when it came and when it was answered (seconds), its delivery id, what it told, and the status."""

    at: float
    endpoint: str
    delivery: str
    versions: tuple[tuple[str, int], ...]
    status: int
    body: bytes
    headers: dict[str, str]


class Receiver:
    """Endpoints of webhooks, by the last part of their address.

    `half` fails half of the time, `hangs` hangs a third of the time, `redirects` sends half elsewhere, `fat`
    answers with 500 kB (a third of the time as a failure), `good` is good, `gone` is gone, `down` fails always.
    """

    def __init__(self, seed: int = 1) -> None:
        """Nothing was heard."""
        self.heard: list[Heard] = []
        self._chance = Random(seed)
        self._runner: web.AppRunner | None = None
        self._hanging = asyncio.Event()
        self.address = ""

    async def start(self) -> None:
        """Listen on a free port."""
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.add_routes([web.post("/{name}", self._take)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close."""
        self._hanging.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def of(self, endpoint: str, *, answered: bool = True) -> list[Heard]:
        """Requests of an endpoint; those that were answered well, or all."""
        return [each for each in self.heard if each.endpoint == endpoint and (not answered or each.status < 300)]

    async def _take(self, request: web.Request) -> web.Response:
        at, name = time.time(), request.match_info["name"]
        body = await request.read()
        content = json.loads(body)
        told = content.get("exceptions") or [content[content["kind"]]]
        chance = self._chance.random()
        status, answer = 200, b"ok"
        if name == "down" or (name == "half" and chance < 0.5):
            status = 503
        elif name == "gone":
            status = 410
        elif name == "hangs" and chance < 0.33:
            status = 0
        elif name == "redirects" and chance < 0.5:
            status = 307
        elif name == "fat":
            status, answer = (500 if chance < 0.33 else 200), FAT
        versions = tuple((each["id"], each["version"]) for each in told)
        delivery = request.headers["Idempotency-Key"]
        self.heard.append(Heard(at, name, delivery, versions, status or 599, body, dict(request.headers)))
        if status == 0:
            await self._hanging.wait()
        if status == 307:
            raise web.HTTPTemporaryRedirect(f"{self.address}/elsewhere")
        return web.Response(status=status or 599, body=answer)


class Notified:
    """One Kafka's topics of the notifier, and its processes."""

    def __init__(self, brokers: str, folder: Path, file: str, **settings: Any) -> None:
        """`file` is the notify file; empty for none."""
        self.settings = Settings(**{
            "brokers": brokers, "app_id": f"told-{os.getpid()}-{id(self):x}", "partitions": PARTITIONS,
            "notify_port": 0, "session_seconds": 6, "heartbeat_seconds": 1, **settings,
        })  # fmt: skip
        self._folder = folder
        self._file = folder / "notify.yaml"
        self._file.write_text(file)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.sent: dict[str, tuple[int, int]] = {}

    async def begin(self) -> None:
        """Fresh topics."""
        await fresh_topics(self.settings, {EXCEPTIONS, EXPECTED, NOTIFICATIONS, UNTOLD})

    def start(self, name: str = "one", **settings: Any) -> subprocess.Popen[bytes]:
        """A notifier; its log is `NAME-NUMBER.log`."""
        chosen = self.settings.model_dump(mode="json", exclude_unset=True) | {"instance": name} | settings
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TRACKER_")}
        environment |= {f"TRACKER_{key.upper()}": str(value) for key, value in chosen.items() if value is not None}
        environment |= {"TEST_SECRET": SECRET} | (
            {"TRACKER_NOTIFY": str(self._file)} if self._file.stat().st_size else {}
        )
        with self._log(len(self.processes)).open("wb") as log:
            process = subprocess.Popen(
                tied([sys.executable, "-m", "tracker.cli", "notify"]),
                cwd=REPOSITORY, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        """What it wrote."""
        return self._log(self.processes.index(process)).read_text()

    def kill_all(self) -> None:
        """End all at once."""
        for process in self.processes:
            process.kill()
            process.wait()

    async def feed(self, records: Iterable[dict[str, Any]], *, stamp: int | None = None) -> None:
        """Put records on the topic of their rule, published five minutes ago where nothing else is said."""
        producer: Any = AIOKafkaProducer(bootstrap_servers=self.settings.brokers, enable_idempotence=True, acks="all")
        await producer.start()
        try:
            at = int(time.time() * 1000) - 5 * MINUTE if stamp is None else stamp
            for record in records:
                key = record["id"].encode()
                partition = partition_of(key, self.settings.partitions)
                value = json.dumps(record).encode()
                topic = EXPECTED if record["rule"] == "expected" else EXCEPTIONS
                await producer.send(topic, value, key, partition=partition, timestamp_ms=at)
        finally:
            await producer.stop()

    async def has_begun(self) -> bool:
        """Whether the history of every partition is read: its position is in the journal."""
        known = await self.records(NOTIFICATIONS)
        positions = {(each.partition, each.key) for each in known if each.key.startswith(b"position")}
        return len(positions) == 2 * self.settings.partitions

    async def records(self, topic: str) -> list[Any]:
        """All records of a topic, in order of time."""
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=self.settings.brokers, auto_offset_reset="earliest", fetch_max_wait_ms=50
        )
        await consumer.start()
        try:
            tps = [TopicPartition(topic, partition) for partition in range(self.settings.partitions)]
            consumer.assign(tps)
            ends = await consumer.end_offsets(tps)
            found: list[Any] = []
            while [tp for tp in tps if await consumer.position(tp) < ends[tp]]:
                for messages in (await consumer.getmany(timeout_ms=100)).values():
                    found += messages
            return sorted(found, key=lambda each: each.timestamp)
        finally:
            await consumer.stop()

    async def until(self, true: Callable[[], bool | Awaitable[bool]], *, seconds: float) -> None:
        """Wait until something is so; fails with the logs when it is not in time."""
        deadline = time.monotonic() + seconds
        while True:
            seen = true()
            if (await seen) if isinstance(seen, Awaitable) else seen:
                return
            logs = "\n".join(self.log_of(process)[-3000:] for process in self.processes[-3:])
            assert time.monotonic() < deadline, f"not within {seconds:g} s\n{logs}"
            await asyncio.sleep(0.05)

    def _log(self, number: int) -> Path:
        return self._folder / f"notify-{number}.log"


async def fresh_topics(settings: Settings, wanted: set[str]) -> None:
    """Make topics anew in place of what earlier tests left: their names are those of every tracker."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=settings.brokers)
    await admin.start()
    try:
        if old := sorted(wanted & set(await admin.list_topics())):
            await admin.delete_topics(old)
            while wanted & set(await admin.list_topics()):
                await asyncio.sleep(0.05)
    finally:
        await admin.close()
    await create_or_check(settings.brokers, [each for each in plan(settings, []) if each.name in wanted])
