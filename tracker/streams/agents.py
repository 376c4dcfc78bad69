"""The body of every agent: take a batch up, run its stage, let its offset be committed; or stop the worker.

This is one of the two places that catch everything (the other is `fold.py`, for single records). What arrives
here means that the world or this program is broken: nothing more is finished, and the worker stops with an exit
status by which a supervisor starts it again. Faust would acknowledge the batch and go on.
"""

import logging
from collections.abc import AsyncIterable
from typing import Any

from tracker.streams.batches import Batch
from tracker.streams.consumer import Consumer
from tracker.streams.engine import Engine
from tracker.streams.runtime import Broken, Runtime
from tracker.streams.writer import NotOwner

log = logging.getLogger(__name__)


async def run(stream: AsyncIterable[Any], engine: Engine, consumer: Consumer, runtime: Runtime) -> None:
    """Process the batches of a stream, one after the other, until it ends."""
    async for event in stream:
        batch: Batch = event
        try:
            await _process(batch, engine, consumer)
        except NotOwner as lost:
            log.warning("given up, no longer ours: %s", lost)
            runtime.observer.invariant("not_owner")
        except Broken as broken:
            runtime.control.halt(str(broken))
        except Exception as fault:
            log.exception("a fault of the engine at %r", batch)
            runtime.control.halt(f"a fault of the engine at {batch!r}: {fault!r}")
        finally:
            batch.release()


async def _process(batch: Batch, engine: Engine, consumer: Consumer) -> None:
    for records, offset in await consumer.accept(batch):
        if records:
            await engine.process(batch, records)
        consumer.finish(batch, offset, records[-1].timestamp if records else None)
