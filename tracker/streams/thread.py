"""The thread in which aiokafka's consumer lives: fetching, heartbeats, group membership.

It shares two numbers with the event loop's thread, the time of the last answered heartbeat and the generation,
and hands fetched stretches over; everything else stays on its side.
"""

import asyncio
import logging
from collections.abc import Container, Iterable
from time import monotonic
from typing import Any, Final, cast

from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from tracker.streams.fetched import Stretch, fetch
from tracker.streams.runtime import Runtime

_LEAVE_SECONDS: Final = 1.0
"""A member that is not in the middle of a join leaves in a few milliseconds."""

_FETCH_MIN_BYTES: Final = 64 * 1024
"""A fetch that would bring less waits, up to `poll_wait_ms`."""


_BEHIND: Final = 4
"""How many times as long a fetch waits while there is work enough. It names every partition, a hundred, each time:
2.5 ms of CPU to ask and be answered that nothing came, a tenth of all CPU of a backlog at 20 times a second."""


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
        settings = self.runtime.settings
        # One answer of all partitions, which is copied as it is taken apart; a larger record comes all the same.
        consumer._fetch_max_bytes = settings.buffer_bytes // 4
        # The broker gathers what comes in meanwhile, of all partitions, and answers at once where there is a backlog.
        # A pause on our side would not do: an answer with the first record would lie ready for it.
        consumer._fetch_max_wait_ms = settings.poll_wait_ms
        consumer._fetch_min_bytes = _FETCH_MIN_BYTES
        return consumer

    async def on_start(self) -> None:
        """Connect, and take the time of heartbeats from then on."""
        await super().on_start()
        # What waits for a stage that is behind must not hold up the fetches of other partitions, 0.1 s each time. The
        # other way round a fetch holds up the partitions it was sent without, `poll_wait_ms` at most.
        self._ensure_consumer()._fetcher._prefetch_backoff = 0.0
        coordinator = self._ensure_consumer()._coordinator
        beat = coordinator._do_heartbeat

        async def timed_beat() -> bool:
            begun = monotonic()
            if answered := cast(bool, await beat()):
                self.heartbeat_at = begun
            return answered

        coordinator._do_heartbeat = timed_beat

    async def on_thread_stop(self) -> None:
        """Leave the group, without waiting for a join that is under way.

        The broker answers a join when every member has been heard of or given up: a whole session after one died.
        aiokafka waits for that before it leaves.
        """
        leaving = asyncio.ensure_future(super().on_thread_stop())
        done, _ = await asyncio.wait([leaving], timeout=_LEAVE_SECONDS)
        if not done and self._consumer is not None:
            self._consumer._coordinator._coordination_task.cancel()
            await asyncio.wait([leaving], timeout=_LEAVE_SECONDS)
            await self._consumer._coordinator._maybe_leave_group()
            await self._consumer._client.close()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """The group just answered, which is as good as a heartbeat."""
        self.heartbeat_at = monotonic()
        await super().on_partitions_assigned(assigned, generation_id)

    async def stretches(
        self, wanted: Container[TP], *, timeout: float, bytes_max: int, is_behind: bool
    ) -> tuple[list[Stretch], int]:
        """What was fetched of the wanted partitions, and the generation of the fetch; see `_BEHIND` for `is_behind`."""
        return cast(
            tuple[list[Stretch], int],
            await self.call_thread(
                self._stretches, wanted, timeout=timeout, bytes_max=bytes_max, is_behind=is_behind
            ),
        )  # fmt: skip

    async def _stretches(
        self, wanted: Container[TP], *, timeout: float, bytes_max: int, is_behind: bool
    ) -> tuple[list[Stretch], int]:
        if not self.consumer.flow_active:  # checked here: a fetch queued behind a rebalance must not begin
            return [], -1
        fetcher = self._ensure_consumer()._fetcher
        fetcher._fetch_max_wait_ms = self.runtime.settings.poll_wait_ms * (_BEHIND if is_behind else 1)
        taken = await fetch(fetcher, wanted, timeout=timeout, bytes_max=bytes_max)
        return taken, self.generation  # no await since they were taken: still their generation

    async def fetch_again(self, tps: Iterable[TP]) -> None:
        """Fetch of partitions that were left out."""
        await self.call_thread(self._resume, list(tps))

    async def _resume(self, tps: list[TP]) -> None:
        self._ensure_consumer().resume(*self._assigned(tps))

    def fetch_no_more(self, tps: Iterable[TP]) -> None:
        """Leave partitions out of fetches, soon; `fetch_again` called later comes after it."""
        self.thread_loop.call_soon_threadsafe(self._pause, list(tps))

    def _pause(self, tps: list[TP]) -> None:
        self._ensure_consumer().pause(*self._assigned(tps))

    def _assigned(self, tps: list[TP]) -> list[TopicPartition]:
        return [TopicPartition(*tp) for tp in tps if self._state(tp) is not None]

    def forget_name(self) -> None:
        """A member without a stable name leaves the group when it stops; one with a name stays in it."""
        self._ensure_consumer()._coordinator._group_instance_id = None

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
