"""Topics of a measurement: fresh ones for each run, and when a contender has caught up with all its inputs."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from time import monotonic
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tracker.settings import Settings
from tracker.streams.topics import FACTS, MOVEMENTS, create_or_check, events_topic, plan

LOOK_SECONDS = 0.05
"""Between two looks at the committed offsets; the error of a measured time."""


class Topics:
    """The topics as the measurement sees them."""

    def __init__(self, brokers: str) -> None:
        """Nothing is asked before it is entered."""
        self._admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers)
        self._reader: Any = AIOKafkaConsumer(bootstrap_servers=brokers)

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._admin.start()
        await self._reader.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._reader.stop()
        await self._admin.close()

    async def renew(self, settings: Settings, carriers: Collection[str]) -> None:
        """Everything but the carriers' reports is deleted; what a contender needs is made."""
        reports = {events_topic(carrier) for carrier in carriers}
        old = {
            topic
            for topic in await self._admin.list_topics()
            if not topic.startswith("__") and not (topic.startswith("carrier.") and topic.endswith(".events"))
        }
        if old:
            await self._admin.delete_topics(sorted(old))
            while old & set(await self._admin.list_topics()):
                await asyncio.sleep(LOOK_SECONDS)
        await create_or_check(settings.brokers, plan(settings, carriers))
        assert reports <= set(await self._admin.list_topics())

    async def count(self, *topics: str) -> int:
        """How many records topics hold that nothing was deleted of."""
        ends = await self._reader.end_offsets(await self._partitions(topics))
        return int(sum(ends.values()))

    async def finished(
        self, group: str, carriers: Iterable[str], *, patience: float, alive: Callable[[], None]
    ) -> None:
        """Wait until a group has committed the ends of all three stages' inputs; TimeoutError after `patience` s.

        `alive` is called at each look and raises when there is nobody to wait for.

        The committed offsets are read before the ends: when they are equal, then every stage was at its end at the
        time of the first reading, because a stage commits what it has written the outputs of.
        """
        deadline = monotonic() + patience
        open_ones = await self._partitions([*map(events_topic, carriers), MOVEMENTS, FACTS])
        coordinator = await self._admin.find_coordinator(group)
        while True:
            committed = await self._admin.list_consumer_group_offsets(group, coordinator)
            ends = await self._reader.end_offsets(open_ones)
            if all(end == 0 or ((at := committed.get(tp)) and at.offset >= end) for tp, end in ends.items()):
                return
            alive()
            if monotonic() > deadline:
                raise TimeoutError(f"{group} was not at the end of its inputs after {patience:.0f} s")
            await asyncio.sleep(LOOK_SECONDS)

    async def _partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        described = await self._admin.describe_topics(list(topics))
        return [TopicPartition(each["topic"], p["partition"]) for each in described for p in each["partitions"]]
