"""The thread in which aiokafka's consumer lives: fetching, heartbeats, group membership.

It shares two numbers with the event loop's thread, the time of the last answered heartbeat and the generation,
and hands fetched stretches over; everything else stays on its side.
"""

import logging
from collections.abc import Container
from time import monotonic
from typing import Any, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from tracker.streams.fetched import Stretch, fetch
from tracker.streams.runtime import Runtime


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Runs aiokafka's consumer with what Faust does not let one set."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    heartbeat_at = 0.0
    """When the last answered heartbeat was begun, in seconds of the monotonic clock."""

    @property
    def runtime(self) -> Runtime:
        """The worker this belongs to."""
        return cast(Runtime, cast(Any, self.transport).runtime)

    @property
    def generation(self) -> int:
        """The group's generation as the coordinator knows it, ahead of Faust's."""
        return cast(int, self._ensure_consumer()._coordinator.generation)

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        consumer: Any = super()._create_worker_consumer(transport)
        # Faust asks for it only under exactly_once; without it records of aborted transactions reach the agents.
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_bytes = self.runtime.settings.buffer_bytes
        return consumer

    async def on_start(self) -> None:
        """Connect, and take the time of heartbeats from then on."""
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator
        beat = coordinator._do_heartbeat

        async def timed_beat() -> bool:
            begun = monotonic()
            if answered := cast(bool, await beat()):
                self.heartbeat_at = begun
            return answered

        coordinator._do_heartbeat = timed_beat

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """The group just answered, which is as good as a heartbeat."""
        self.heartbeat_at = monotonic()
        await super().on_partitions_assigned(assigned, generation_id)

    async def stretches(self, wanted: Container[TP], *, timeout: float, bytes_max: int) -> tuple[list[Stretch], int]:
        """What was fetched of the wanted partitions, and the generation of the fetch."""
        return cast(
            tuple[list[Stretch], int],
            await self.call_thread(self._stretches, wanted, timeout=timeout, bytes_max=bytes_max),
        )

    async def _stretches(self, wanted: Container[TP], *, timeout: float, bytes_max: int) -> tuple[list[Stretch], int]:
        if not self.consumer.flow_active:  # checked here: a fetch queued behind a rebalance must not begin
            return [], -1
        taken = await fetch(self._ensure_consumer()._fetcher, wanted, timeout=timeout, bytes_max=bytes_max)
        return taken, self.generation  # no await since they were taken: still their generation

    def position_of(self, tp: TP) -> int | None:
        """Where the next fetch of a partition begins; None when it is not ours or not sought."""
        state = self._state(tp)
        return None if state is None else cast("int | None", state._position)

    def end_of(self, tp: TP) -> int | None:
        """One above the last offset of a partition, by the last fetch; None when unknown."""
        state = self._state(tp)
        return None if state is None else cast("int | None", state.highwater)

    def _state(self, tp: TP) -> Any:
        # Read from the other thread: attributes only, each replaced as a whole by aiokafka.
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        return None if assignment is None or tp not in assignment.tps else assignment.state_value(tp)
