"""Sends canaries' reports when their time has come."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tracker.canary.travel import Sending, Travel
from tracker.canary.watch import now_by_the_wall
from tracker.domain.canary import CARRIER
from tracker.domain.moment import SECOND, Millis
from tracker.settings import Settings
from tracker.streams.connection import secured
from tracker.streams.topics import events_topic
from tracker.streams.writer import partition_of

SEND_SECONDS: Final = 30.0
"""Within which the reports of an interval must be acknowledged."""


class Unsent(KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """Canaries could not be sent."""


class Sender:
    """Writes to the canary's topic."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected before `start`."""
        self._settings = settings
        self._producer: Any = None

    async def start(self) -> None:
        """Connect. Raises `KafkaError`."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.brokers, acks="all", enable_idempotence=self._settings.idempotent,
            **secured(self._settings).options(),
        )  # fmt: skip
        await self._producer.start()

    async def stop(self) -> None:
        """Close the connection."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, sendings: Iterable[Sending], stamp: Millis | None = None) -> None:
        """Send reports, each to its container's partition; `stamp`: received then, else now. Raises `Unsent`."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                sent = [await self._sent(each, stamp) for each in sendings]
                await asyncio.gather(*sent)
        except (KafkaError, TimeoutError) as error:
            raise Unsent(f"canaries could not be sent: {error!r}") from error

    async def _sent(self, sending: Sending, stamp: Millis | None) -> Any:
        key, value = sending.container.encode(), json.dumps(sending.body).encode()
        partition = partition_of(key, self._settings.partitions)
        return await self._producer.send(events_topic(CARRIER), value, key, partition=partition, timestamp_ms=stamp)

    async def run(self, travel: Travel) -> None:
        """Send at the begin of every interval, at once the one we are in, until cancelled."""
        interval = travel.number_of(now_by_the_wall())
        # What an earlier sender left late: told again it changes nothing.
        await self.send(each for past in range(interval - travel.pool + 1, interval - 1) for each in travel.over(past))
        while True:
            await self.send(travel.sent_at(interval))
            interval += 1
            await asyncio.sleep(max(0.0, (travel.begins(interval) - now_by_the_wall()) / SECOND))
