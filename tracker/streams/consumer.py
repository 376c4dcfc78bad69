"""Faust's consumer, made to deliver batches and to commit what was finished instead of what Faust acked.

What an agent does with a batch:

    records = await consumer.accept(batch)    # None: the batch must not be processed
    ...some of the records: outputs acknowledged, rows acknowledged (after `await consumer.owns(batch)`)...
    consumer.finish(batch, offset)            # of the first record that is not finished

Each override below answers a measured fault of faust-streaming 0.15.3 (its acks are lost at rebalances, its
queues are cleared with fetched records in them, failed messages count as done); the comments name it.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, cast

from aiokafka.errors import IllegalStateError
from faust.types import TP, ConsumerMessage
from mode import Service

from tracker.domain.moment import Millis
from tracker.streams.batches import Batch, Held, Owner, Verdict
from tracker.streams.commits import CommittingConsumer
from tracker.streams.stage import Record

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
"""How often `_mend` looks; a tail is gone back for when it is unchanged from one look to the next."""


class Consumer(CommittingConsumer):
    """Delivers batches; owns the chain of positions."""

    logger = logging.getLogger("faust")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As Faust makes it; what is ours comes with the transport."""
        super().__init__(*args, **kwargs)
        self._held = self._nothing_held()
        self._sought: dict[TP, float] = {}
        self._fresh: set[TP] = set()

    def _nothing_held(self) -> Held:
        groups = {*self.runtime.group_of.values(), _CHANGELOGS}
        return Held(
            self.runtime.settings.buffer_bytes,
            lambda topic: self.runtime.group_of.get(topic, _CHANGELOGS),
            len(groups),
        )

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Nothing fetched before is of use any more, wherever Faust may still keep it."""
        await super().on_partitions_revoked(revoked)
        self._held = self._nothing_held()

    # -- From fetched stretches to Faust's messages

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        # A copy: recovery changes the set while aiokafka waits, which takes an empty one for all partitions.
        active = frozenset(active_partitions or ())
        wanted = frozenset(tp for tp in active if self._held.has_room(tp))
        if not wanted or self._held.bytes_left <= 0:
            await asyncio.sleep(_FULL_SECONDS)
            return {}
        stretches, generation = await self._thread.stretches(
            wanted,
            # While some partitions are left out because their stage is behind, look again soon.
            timeout=timeout if wanted == active else _LEFT_OUT_SECONDS,
            bytes_max=self._held.bytes_left,
            is_behind=self._held.is_behind,
        )
        now = monotonic()
        return {s.tp: [Batch(s, generation, now, self._held)] for s in stretches}

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        batch: Batch = record
        # The generation is that of the fetch; Faust stamps the one of the hand-over, and its check is void.
        return ConsumerMessage(
            tp.topic, tp.partition, batch.next - 1, 0.0, 0, None, None, cast(Any, batch), None, 0, 0, tp,
            generation_id=batch.generation,
        )  # fmt: skip

    # -- For agents

    async def accept(self, batch: Batch) -> list[Record] | None:
        """The batch's records not yet finished.

        None when the batch must not be processed: it is of another generation, the worker is halted, or a
        batch before it was dropped; then it is fetched again.
        """
        if not self._is_current(batch):
            batch.release()
            return None
        verdict = self._chain.judge(batch.tp, batch.start)
        if verdict is Verdict.HOLE:
            verdict = await self._go_back(batch)
        expected = self._chain.next(batch.tp)
        if verdict is not Verdict.JOINS or expected is None:
            batch.release()
            return None
        return batch.records(expected)

    async def owns(self, batch: Owner) -> bool:
        """Whether the batch's rows may be written; waits while the group has not heard of us lately.

        Step a of the fence against a worker that was paused and comes back: its generation may be over without
        its knowing, but not within the session of its last answered heartbeat.
        """
        settings = self.runtime.settings
        lease = settings.session_seconds - 2 * settings.heartbeat_seconds
        while self._is_current(batch) and batch.generation == self._thread.generation:
            if monotonic() - self._thread.heartbeat_at < lease:
                return True
            await asyncio.sleep(0.1)
        return False

    def finish(self, batch: Batch, offset: int, stamp: int | None = None) -> None:
        """What lies below an offset is done for good: its outputs and rows are acknowledged."""
        if self._is_current(batch):
            self._chain.finish(batch.tp, offset)
            if stamp is not None:
                self._stamps[batch.tp] = Millis(stamp)

    def _is_current(self, batch: Owner) -> bool:
        return not self.runtime.control.halted and batch.generation == self.app.consumer_generation_id

    # -- Holes

    async def _go_back(self, batch: Batch) -> Verdict:
        """Fetch again from where the chain ends; where that was deleted meanwhile, begin anew."""
        expected = self._chain.next(batch.tp)
        assert expected is not None
        if batch.fetched_at <= self._sought.get(batch.tp, 0.0):
            return Verdict.HOLE  # fetched before we went back
        if await self._skip_deleted(batch.tp, expected):
            return self._chain.judge(batch.tp, batch.start)
        self.runtime.observer.invariant("batch_dropped")
        await self._seek_back(batch.tp, expected)
        return Verdict.HOLE

    async def _seek_back(self, tp: TP, offset: int) -> None:
        await super().seek_wait({tp: offset})
        self._sought[tp] = monotonic()

    async def _skip_deleted(self, tp: TP, expected: int) -> bool:
        earliest = (await self.earliest_offsets(tp)).get(tp)
        if earliest is None or earliest <= expected:
            return False
        log.error("%s-%d: offsets %d to %d were deleted before they were read", *tp, expected, earliest - 1)
        self.runtime.observer.invariant("lost_to_retention")
        self._chain.begin(tp, earliest)
        return True

    @Service.task
    async def _mend(self) -> None:
        """Go back for a dropped batch that no later batch tells of: else a quiet partition stands still for ever."""
        seen: dict[TP, int] = {}
        while not self.should_stop:
            await self.sleep(IDLE_SECONDS)
            ahead = {} if self.runtime.control.halted else dict(self._ahead())
            for tp in [tp for tp, position in ahead.items() if seen.get(tp) == position]:
                expected = self._chain.next(tp)
                if expected is None:
                    continue
                try:
                    if not await self._skip_deleted(tp, expected):
                        self.runtime.observer.invariant("batch_dropped")
                        await self._seek_back(tp, expected)
                except IllegalStateError:
                    log.info("%s-%d went while it was mended", *tp)
            seen = ahead

    def _ahead(self) -> Iterator[tuple[TP, int]]:
        """Partitions fetched beyond their chain although nothing of them is held; and up to where.

        During a rebalance those of changelogs only, which are restored then.
        """
        for tp in self._chain:
            expected, position = self._chain.next(tp), self._thread.position_of(tp)
            if expected is None or position is None or position <= expected or self._held.holds(tp):
                continue
            if self._is_changelog_tp(tp) or not self.app.rebalancing:
                yield tp, position

    # -- Recovery

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """One above the last offset of each partition: up to where a restore reads.

        The embedded broker (Tansu 0.6) tells one above the *first* offset of the last Kafka batch when it is asked,
        and the truth when it is fetched from; with it alone the producer is not idempotent.
        """
        told = await super().highwaters(*partitions)
        if self.runtime.settings.idempotent:
            return told
        for _ in range(_FETCHED_TRIES):
            if all(self._thread.end_of(tp) is not None for tp in partitions):
                break
            await asyncio.sleep(0.1)
        return {tp: max(end, self._thread.end_of(tp) or 0) for tp, end in told.items()}

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """As recovery seeks the changelogs; their chains begin there."""
        await self._thread.fetch_again(partitions)
        await super().seek_wait(partitions)
        for tp, offset in partitions.items():
            self._chain.begin(TP(*tp), offset)
            self._fresh.add(TP(*tp))

    def rest_changelogs(self) -> None:
        """Recovery is complete: fetch no more of the changelogs.

        Faust only leaves aside what aiokafka goes on to fetch: our own rows, up to `fetch_bytes` of each partition.
        """
        self._thread.fetch_no_more([tp for tp in self._chain if self._is_changelog_tp(tp)])

    def restored(self, batch: Batch) -> list[Record]:
        """The records of a changelog batch, none when one before it is missing: then `_mend` goes back for that.

        Faust drops changelog batches too, and would take a recovery with rows missing for complete: it has counted
        this batch as read already, so that is taken back.
        """
        expected = self._chain.next(batch.tp)
        offsets: dict[TP, int] = cast(Any, self.app.tables).recovery.active_offsets
        if expected is None:  # left over from before a rebalance; the next recovery reads from the beginning
            offsets.pop(batch.tp, None)
            batch.release()
            return []
        # Faust seeks to one before the first offset, which the broker corrects; only the first batch may show it.
        first = batch.tp in self._fresh
        if batch.start > expected + first:
            self.runtime.observer.invariant("changelog_hole")
            offsets[batch.tp] = expected - 1
            batch.release()
            return []
        self._fresh.discard(batch.tp)
        records = batch.records(expected)
        self._chain.finish(batch.tp, batch.next)
        batch.release()
        return records

    def finished_below(self, tp: TP) -> int:
        """Everything of a partition below this offset is finished; 0 while nothing is known."""
        return self._chain.next(tp) or 0

    # -- For metrics

    def lags(self) -> Iterable[tuple[TP, int, Millis | None]]:
        """Per source partition: records that wait, and the stamp of the last one finished (None: none yet)."""
        for tp in self._chain:
            if not self._is_changelog_tp(tp):
                expected, end = self._chain.next(tp), self._thread.end_of(tp)
                if expected is not None and end is not None:
                    yield tp, max(0, end - expected), self._stamps.get(tp)


_CHANGELOGS = "changelogs"
_FETCHED_TRIES = 30
"""Tenths of a second; a fetch is under way as soon as the partitions are assigned."""
_LEFT_OUT_SECONDS = 0.1
"""How soon to look whether there is room again for those left out: a batch of each waits, which takes as long."""
_FULL_SECONDS = 0.02
"""How soon to look again when there is no room: a batch of a thousand records takes about as long."""
