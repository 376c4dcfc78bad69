"""Planned disruptions in Kafka: the compacted topic `rail.disruptions`, read to its end and written one at a time."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from tracker.contract.disruptions import disruption_json, read_disruption
from tracker.domain.disruption import Disruption
from tracker.domain.network import Network
from tracker.streams.connection import OPEN, Security
from tracker.streams.topics import DISRUPTIONS

_READ_SECONDS: Final = 30.0
"""Within which the topic must be read: it holds some hundred records."""


class NoDisruptions(Exception):
    """The topic is not there. The message is one line for the operator."""


@dataclass(slots=True)
class Entered:
    """What the topic holds: disruptions by id, and what is on it that is none, with its offset."""

    disruptions: dict[str, Disruption] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def take(self, record: Any, network: Network) -> None:
        """One record of the topic, as aiokafka has it."""
        name = (record.key or b"").decode(errors="replace")
        self.disruptions.pop(name, None)
        if record.value is None:
            return
        try:
            self.disruptions[name] = read_disruption(json.loads(record.value), network)
        except (ValueError, RecursionError) as error:
            self.unreadable.append(f"{DISRUPTIONS}, offset {record.offset}, key {name}: {error}")


async def entered(brokers: str, network: Network, security: Security = OPEN) -> Entered:
    """Everything that was entered and not taken back. Raises `NoDisruptions`, `KafkaError`."""
    await _check_topic(brokers, security)
    found = Entered()
    place = TopicPartition(DISRUPTIONS, 0)
    # From the earliest by setting: an explicit seek races with the reset to the latest that assigning begins.
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=brokers, enable_auto_commit=False, auto_offset_reset="earliest", **security.options()
    )
    try:
        await consumer.start()
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        async with asyncio.timeout(_READ_SECONDS):
            while await consumer.position(place) < end:
                for records in (await consumer.getmany(place, timeout_ms=200)).values():
                    for record in records:
                        found.take(record, network)
    except TimeoutError:
        raise KafkaError(f"{DISRUPTIONS} was not read to its end within {_READ_SECONDS:g} s; try again") from None
    finally:
        await consumer.stop()
    return found


async def enter(brokers: str, disruption: Disruption, security: Security = OPEN) -> None:
    """Write a disruption, in place of one with its id, and wait until the broker has it."""
    record = json.dumps(disruption_json(disruption), ensure_ascii=False).encode()
    await _write(brokers, security, disruption.id, record)


async def take_back(brokers: str, name: str, security: Security = OPEN) -> None:
    """Delete a disruption, as if it had never been entered."""
    await _write(brokers, security, name, None)


async def _write(brokers: str, security: Security, name: str, value: bytes | None) -> None:
    await _check_topic(brokers, security)
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers, acks="all", **security.options())
    try:
        await producer.start()
        await producer.send_and_wait(DISRUPTIONS, value, name.encode(), partition=0)
    finally:
        await producer.stop()


async def _check_topic(brokers: str, security: Security) -> None:
    """That the topic is there: asking a broker for its records might make it, with the wrong settings."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=brokers, **security.options())
    try:
        await admin.start()
        if DISRUPTIONS not in await admin.list_topics():
            raise NoDisruptions(f"topic {DISRUPTIONS} is not on {brokers}; run `tracker topics` first")
    except KafkaConnectionError as error:
        raise security.refused(brokers) from error
    finally:
        await admin.close()
