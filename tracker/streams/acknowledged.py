"""Acknowledgements in Kafka: the compacted topic `rail.acknowledgements`, which every worker reads with its board."""

import asyncio
import json
import logging
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tracker.contract.acknowledgements import Acknowledgement, acknowledgement_json, read_acknowledgement
from tracker.contract.disruptions import NotReached
from tracker.settings import Settings
from tracker.streams.connection import secured
from tracker.streams.topics import ACKNOWLEDGEMENTS

log = logging.getLogger(__name__)

HELD_MAX: Final = 10_000
"""Acknowledgements a worker remembers, the newest: 10 MB if every note is as long as may be."""


class Acknowledged:
    """What was acknowledged, by exception."""

    def __init__(self) -> None:
        """Nothing was."""
        self._held: dict[str, Acknowledgement] = {}
        self._ours: dict[bytes, int] = {}  # where the last record is that was written here, until it is read

    def of(self, exception: str) -> Acknowledgement | None:
        """The one of an exception."""
        return self._held.get(exception)

    def wrote(self, key: bytes, value: bytes | None, offset: int) -> None:
        """A record that was written here: it holds at once, and what is read up to it is older."""
        self._ours[key] = offset
        if len(self._ours) > HELD_MAX:
            del self._ours[next(iter(self._ours))]
        self._take(key, value)

    def take(self, key: bytes, value: bytes | None, offset: int) -> None:
        """One record of the topic; what is of no use is left out, with a line in the log."""
        if offset >= self._ours.get(key, 0):
            self._ours.pop(key, None)
            self._take(key, value)

    def _take(self, key: bytes, value: bytes | None) -> None:
        self._held.pop(key.decode(errors="replace"), None)
        if value is None:
            return
        try:
            said = read_acknowledgement(value)
            if said.exception.encode() != key:
                raise ValueError(f"exception {said.exception[:100]} seen, wanted that of the key")
        except (ValueError, RecursionError) as error:
            log.warning("left out: %s, key %r: %s", ACKNOWLEDGEMENTS, key[:100], error)
            return
        self._held[said.exception] = said
        if len(self._held) > HELD_MAX:
            del self._held[next(iter(self._held))]


class AcknowledgementBook:
    """Where a worker's web enters them; every one has a connection of its own, for there are few."""

    def __init__(self, settings: Settings, acknowledged: Acknowledged) -> None:
        """Nothing is connected. `acknowledged` is told at once; other workers read the topic every second."""
        self._brokers, self._security, self._acknowledged = settings.brokers, secured(settings), acknowledged
        self._turn = asyncio.Lock()

    def of(self, exception: str) -> Acknowledgement | None:
        """The acknowledgement of an exception."""
        return self._acknowledged.of(exception)

    async def enter(self, said: Acknowledgement) -> None:
        """Enter one in place of what was said of the same exception, once the broker has it. Raises `NotReached`."""
        record = json.dumps(acknowledgement_json(said), ensure_ascii=False).encode()
        await self._write(said.exception.encode(), record)

    async def take_back(self, exception: str) -> None:
        """As if it had never been acknowledged. Raises `NotReached`."""
        await self._write(exception.encode(), None)

    async def _write(self, key: bytes, value: bytes | None) -> None:
        async with self._turn:
            producer: Any = AIOKafkaProducer(bootstrap_servers=self._brokers, acks="all", **self._security.options())
            try:
                await producer.start()
                there = await producer.send_and_wait(ACKNOWLEDGEMENTS, value, key, partition=0)
            except (KafkaError, OSError, TimeoutError) as trouble:
                raise NotReached(str(trouble) or repr(trouble)) from trouble
            finally:
                await producer.stop()
            self._acknowledged.wrote(key, value, there.offset)
