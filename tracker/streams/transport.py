"""Faust's Kafka transport with our consumer and producer, and topics whose events are whole batches.

Given to one app (`app.py`), never registered: another app in the process has Faust's own.
"""

import logging
from collections.abc import Mapping
from typing import Any

from faust.topics import Topic
from faust.transport.drivers import aiokafka as driver
from faust.types import EventT, Message

from tracker.streams.consumer import Consumer
from tracker.streams.runtime import Runtime


class Producer(driver.Producer):
    """Faust's producer, idempotent where the broker is able to."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    def _settings_extra(self) -> Mapping[str, Any]:
        runtime: Runtime = self.transport.runtime  # type: ignore[attr-defined]  # our transport, below
        return {"acks": "all", "enable_idempotence": True} if runtime.settings.idempotent else {"acks": "all"}


class Transport(driver.Transport):
    """Makes our consumer and producer."""

    Consumer = Consumer
    Producer = Producer

    def __init__(self, *args: Any, runtime: Runtime, **kwargs: Any) -> None:
        """`runtime` is the worker's."""
        super().__init__(*args, **kwargs)
        self.runtime = runtime


class BatchTopic(Topic):
    """A topic whose message value is a `Batch`, handed on as it is."""

    def _compile_decode(self) -> None:
        """Faust compiles a decoder here and puts it in place of `decode`."""

    async def decode(self, message: Message, *, propagate: bool = False) -> EventT[Any]:
        """The event of a batch."""
        return self._create_event(None, message.value, {}, message)
