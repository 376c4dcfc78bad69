"""The part of our consumer that keeps Faust's books: what is committed, and what happens at a rebalance.

Faust commits what it acked: also what raised, and not what was acked just before a rebalance. Here it commits
what the chain of a partition says is finished, and commits that before partitions are given up.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from tracker.domain.moment import Millis
from tracker.streams.batches import Chain
from tracker.streams.runtime import Runtime
from tracker.streams.thread import ConsumerThread
from tracker.streams.topics import changelog_topic


class _Unread(dict[TP, int | None]):
    """Faust's book of offsets it has read, by which it drops what it takes for repeated. The chain is the judge."""

    def __missing__(self, tp: TP) -> None:
        return None

    def __setitem__(self, tp: TP, offset: int | None) -> None:
        pass

    def update(self, *args: Any, **kwargs: Any) -> None:
        pass


class CommittingConsumer(driver.Consumer):
    """Commits what was finished."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As Faust makes it; what is ours comes with the transport."""
        super().__init__(*args, **kwargs)
        self.runtime: Runtime = cast(Any, self.transport).runtime
        self._chain = Chain()
        self._stamps: dict[TP, Millis] = {}
        self._revoked_at = 0.0
        self._read_offset = _Unread()
        self._work: set[asyncio.Task[Any]] = set()

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group, unless the worker is stopping.

        Stopped while it starts, Faust subscribes without the changelogs. A member with a stable name would leave
        that behind as its part: sources without changelogs, for whoever comes with the name next.
        """
        if not self.app.should_stop:
            await super().subscribe(topics)

    def unpaired(self) -> str | None:
        """What is wrong with the partitions we were given, None when nothing is.

        A source and the changelog of its stage must come with the same partitions. With stable names the broker
        gives back what a member had, also when it subscribes to more than before (a new carrier).
        """
        given: defaultdict[str, set[int]] = defaultdict(set)
        for topic, partition in self.assignment():
            given[topic].add(partition)
        for topic, stage in sorted(self.runtime.group_of.items()):
            changelog = changelog_topic(self.runtime.settings.app_id, stage)
            if given[topic] != given[changelog]:
                return f"given {topic} {sorted(given[topic])} with {changelog} {sorted(given[changelog])}"
        return None

    def give_up_membership(self) -> None:
        """Let the stop that follows leave the group, stable name or not, so that partitions are given out anew."""
        self._thread.forget_name()

    def track(self, work: asyncio.Task[Any]) -> None:
        """Some work on a batch has begun; partitions are not given up before it has ended."""
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    async def wait_empty(self) -> None:
        """Wait until all work on batches has ended, then commit it; at rebalances and stops."""
        while self._work:
            await asyncio.wait(self._work)
        await super().wait_empty()

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        # Faust's own book is never read, and would grow for ever: streams append to it directly.
        self._acked.clear()
        self._acked_index.clear()
        return iter(self._chain.finished())

    def _new_offset(self, tp: TP) -> int | None:
        return self._chain.done(tp)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        before = {tp: self._committed_offset[tp] for tp in offsets}
        done = await super()._commit_offsets(offsets, start_new_transaction)
        if done:
            self.runtime.observer.committed(len(offsets))
        else:  # Faust takes it for committed all the same
            self._committed_offset.update(before)
        return done

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        pass

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: `_getmany` bounds what waits. Faust would sleep for a second."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: Faust's check raises false alarms; `lags` tells of progress."""

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let agents finish and commit that, then give the partitions up."""
        self._revoked_at = monotonic()
        if revoked and not self.app.should_stop:
            # The base class forgets what may be committed, then commits: it is done before, in the right order.
            self.stop_flow()
            self.app.flow_control.suspend()
            self.app.flow_control.clear()
            await self.wait_empty()
        await super().on_partitions_revoked(revoked)  # may still apply changelog batches it held back
        self._chain.forget()
        self._stamps.clear()

    async def perform_seek(self) -> None:
        """Seek the sources to their committed offsets; their chains begin there."""
        told = cast(Mapping[TP, int | None], await self.seek_to_committed())
        committed = {TP(*tp): -1 if offset is None else offset for tp, offset in told.items()}
        committed = {tp: offset for tp, offset in committed.items() if not self._is_changelog_tp(tp)}
        # Without a commit: everything from the beginning. The reset policy alone would leave the chain unbegun.
        if fresh := [tp for tp, offset in committed.items() if offset < 0]:
            earliest = {TP(*tp): offset for tp, offset in (await self.earliest_offsets(*fresh)).items()}
            committed.update(earliest)
        for tp, offset in committed.items():
            self._chain.begin(tp, offset)
            self._committed_offset[tp] = offset
        if committed:
            # Again, now that the chains have begun: what came meanwhile was turned away.
            await super().seek_wait(committed)
        if self._revoked_at:
            self.runtime.observer.rebalanced(monotonic() - self._revoked_at)
            self._revoked_at = 0.0
