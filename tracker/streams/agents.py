"""The body of every agent: run its stage over the batches of its stream, or stop the worker.

Within a partition one batch follows the other. Over partitions they go side by side, so that acknowledgements are
waited for together: at a thousand reports a second a batch is a handful of records, and a dozen partitions one
after the other would spend most of a second waiting for a dozen pairs of answers.

This is one of the two places that catch everything (the other is `fold.py`, for single records). What arrives
here means that the world or this program is broken: nothing more is finished, and the worker stops with an exit
status by which a supervisor starts it again. Faust would acknowledge the batch and go on.
"""

import asyncio
import logging
from collections.abc import AsyncIterable
from functools import partial
from typing import Any, Final

from faust.types import TP

from tracker.settings import MEBIBYTE
from tracker.streams.batches import Batch
from tracker.streams.consumer import Consumer
from tracker.streams.engine import Engine
from tracker.streams.runtime import Broken, Runtime
from tracker.streams.writer import NotOwner

log = logging.getLogger(__name__)

SIDE_BY_SIDE_BYTES: Final = 4 * MEBIBYTE
"""Fetched bytes in work at once per stage: every partition while batches are small, four full ones under load."""


class Agent:
    """Runs one stage's batches."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        """Nothing is in work."""
        self._engine, self._runtime = engine, runtime
        self._last: dict[TP, asyncio.Task[None]] = {}
        self._bytes = 0

    async def run(self, stream: AsyncIterable[Any], consumer: Consumer) -> None:
        """Take up every batch of a stream, until it ends."""
        async for event in stream:
            batch: Batch = event
            while self._bytes >= SIDE_BY_SIDE_BYTES:
                await asyncio.wait(self._last.values(), return_when=asyncio.FIRST_COMPLETED)
            self._bytes += batch.size
            task = asyncio.create_task(self._follow(self._last.get(batch.tp), batch, consumer))
            self._last[batch.tp] = task
            task.add_done_callback(partial(self._done, batch.tp))
            consumer.track(task)
            del batch, event  # nothing may hold a batch but its task: what is dropped must be seen to be

    def _done(self, tp: TP, task: asyncio.Task[None]) -> None:
        if self._last.get(tp) is task:
            del self._last[tp]

    async def _follow(self, before: asyncio.Task[None] | None, batch: Batch, consumer: Consumer) -> None:
        """Process a batch once the one before it in its partition is done with. Raises nothing."""
        control = self._runtime.control
        try:
            if before is not None:
                await asyncio.wait([before])
            await self._process(batch, consumer)
        except NotOwner as lost:
            log.warning("given up, no longer ours: %s", lost)
            self._runtime.observer.invariant("not_owner")
        except Broken as broken:
            control.halt(str(broken))
        except Exception as fault:
            log.exception("a fault of the engine at %r", batch)
            control.halt(f"a fault of the engine at {batch!r}: {fault!r}")
        finally:
            self._bytes -= batch.size
            batch.release()

    async def _process(self, batch: Batch, consumer: Consumer) -> None:
        for records, offset in await consumer.accept(batch):
            if records:
                await self._engine.process(batch, records)
            consumer.finish(batch, offset, records[-1].timestamp if records else None)
