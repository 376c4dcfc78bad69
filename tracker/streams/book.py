"""The book of disruptions as a worker's web keeps it: the topic in Kafka, one request after the other."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiokafka.errors import KafkaError

from tracker.contract.disruptions import NotReached
from tracker.domain.disruption import Disruption
from tracker.domain.network import Network
from tracker.settings import Settings
from tracker.streams.connection import secured
from tracker.streams.disruptions import NoDisruptions, enter, entered, take_back

T = TypeVar("T")


class Book:
    """Reads and writes `rail.disruptions`; every request has a connection of its own, for there are few."""

    def __init__(self, settings: Settings, network: Network) -> None:
        """Nothing is connected."""
        self._brokers, self._security, self._network = settings.brokers, secured(settings), network
        self._turn = asyncio.Lock()

    async def all(self) -> list[Disruption]:
        """Everything that was entered and not taken back. Raises `NotReached`, as all here."""
        found = await self._asked(entered(self._brokers, self._network, self._security))
        return list(found.disruptions.values())

    async def enter(self, disruption: Disruption) -> None:
        """Enter one, in place of one with its id, and wait until the broker has it."""
        await self._asked(enter(self._brokers, disruption, self._security))

    async def take_back(self, name: str) -> None:
        """As if it had never been entered."""
        await self._asked(take_back(self._brokers, name, self._security))

    async def _asked(self, answer: Awaitable[T]) -> T:
        async with self._turn:
            try:
                return await answer
            except (KafkaError, NoDisruptions, OSError, TimeoutError) as trouble:
                raise NotReached(str(trouble) or repr(trouble)) from trouble
