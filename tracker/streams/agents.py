"""The body of every agent: run its stage over the batches of its stream, or stop the worker.

What is fetched of all partitions is worked off in rounds: the earliest records of each, in one order of time
(`merge`), with one wait for all acknowledgements. So a backlog is folded nearly in the order in which it came
in, and at a thousand reports a second a dozen partitions with a handful of records each wait once, not a dozen
times. Within a partition one batch follows the other, and its offset moves on with every round.

This is one of the two places that catch everything (the other is `fold.py`, for single records). What arrives
here means that the world or this program is broken: nothing more is finished, and the worker stops with an exit
status by which a supervisor starts it again. Faust would acknowledge the batch and go on.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

from faust.types import TP

from tracker.streams.batches import Batch, Owner
from tracker.streams.consumer import Consumer
from tracker.streams.engine import SLICE_SECONDS, Engine
from tracker.streams.merge import Opened, shares
from tracker.streams.runtime import Broken, Runtime
from tracker.streams.stage import Work
from tracker.streams.writer import NotOwner

log = logging.getLogger(__name__)


@contextmanager
def stopping(runtime: Runtime) -> Iterator[None]:
    """What breaks in here stops the worker, but for work whose partition has gone to another."""
    try:
        yield
    except NotOwner as lost:
        log.warning("given up, no longer ours: %s", lost)
        runtime.observer.invariant("not_owner")
    except Broken as broken:
        runtime.control.halt(str(broken))
    except Exception as fault:
        log.exception("a fault of the engine")
        runtime.control.halt(f"a fault of the engine: {fault!r}")


class Agent:
    """Runs one stage's batches. What waits here is bounded by the consumer, which counts it as held."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        """Nothing is in work."""
        self._engine, self._runtime = engine, runtime
        self._waiting: dict[TP, deque[Batch]] = {}
        self._opened: dict[TP, Opened] = {}
        self._rounds: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def sweep(self, owner: Owner, keys: Sequence[bytes], work: Work, consumer: Consumer) -> bool:
        """Work on rows between two rounds; whether that was done. Raises nothing: a broken world stops the worker."""
        task = asyncio.create_task(self._sweep(owner, keys, work, consumer))
        consumer.track(task)  # partitions are not given up while their rows are written
        return await task

    async def _sweep(self, owner: Owner, keys: Sequence[bytes], work: Work, consumer: Consumer) -> bool:
        with stopping(self._runtime):
            async with self._turn:
                if not self._runtime.control.halted and consumer.flow_active:
                    await self._engine.sweep(owner, keys, work)
                    return True
        return False

    async def run(self, stream: AsyncIterable[Any], consumer: Consumer) -> None:
        """Take up every batch of a stream, until it ends."""
        async for event in stream:
            batch: Batch = event
            self._waiting.setdefault(batch.tp, deque()).append(batch)
            if self._rounds is None or self._rounds.done():
                self._rounds = asyncio.create_task(self._work_off(consumer))
                consumer.track(self._rounds)
            del batch, event  # nothing may hold a batch but what waits: what is dropped must be seen to be

    async def _work_off(self, consumer: Consumer) -> None:
        """Rounds, until nothing waits. Raises nothing."""
        with stopping(self._runtime):
            try:
                while self._waiting or self._opened:
                    # Let the stream hand over what it has, so that a round is of all partitions.
                    await asyncio.sleep(0)
                    if self._runtime.control.halted or not consumer.flow_active:
                        return  # stopping or giving partitions up: what is not begun is fetched again
                    async with self._turn:
                        await self._round(consumer)
            finally:
                self._drop()

    async def _round(self, consumer: Consumer) -> None:
        turn = monotonic()
        for tp in [tp for tp in self._waiting if tp not in self._opened]:
            await self._open(tp, consumer)
            if monotonic() - turn > SLICE_SECONDS:  # a hundred partitions are taken apart in 50 ms
                await asyncio.sleep(0)
                turn = monotonic()
        taken = shares(self._opened, self._runtime.settings.max_poll_records)
        portions = [self._opened[tp].take(count) for tp, count in taken.items()]
        await self._engine.process([portion for portion in portions if portion.records])
        for batch, records, offset in portions:
            consumer.finish(batch, offset, records[-1].timestamp if records else None)
            if self._opened[batch.tp].is_done:
                self._opened.pop(batch.tp).batch.release()

    async def _open(self, tp: TP, consumer: Consumer) -> None:
        """Begin the next batch of a partition that is to be processed."""
        batches = self._waiting[tp]
        while batches and tp not in self._opened:
            batch = batches.popleft()
            records = await consumer.accept(batch)
            if records is not None:
                self._opened[tp] = Opened(batch, records)
        if not batches:
            del self._waiting[tp]

    def _drop(self) -> None:
        """Hold nothing any more; what was left is fetched again, by us or by the next owner."""
        for batches in self._waiting.values():
            for batch in batches:
                batch.release()
        for opened in self._opened.values():
            opened.batch.release()
        self._waiting.clear()
        self._opened.clear()
