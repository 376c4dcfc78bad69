"""Corrections in Kafka: the compacted topic `rail.corrections`, and a carrier's topic read again by one.

Re-reading writes to `rail.movements` and `rail.transports` what intake would have, had it known; each record has the
position of the one that caused it, and ranks just above the version without a correction. Doing it again changes
nothing.
"""

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from tracker.contract.corrections import correction_json, read_correction
from tracker.contract.intake import Intake
from tracker.domain.correction import Correction
from tracker.domain.moment import Millis
from tracker.streams.connection import Security
from tracker.streams.intake import onward
from tracker.streams.stage import Output
from tracker.streams.topics import CORRECTIONS, MOVEMENTS, TRANSPORTS, events_topic
from tracker.streams.writer import partition_of

_STALLED_SECONDS: Final = 30.0
"""Without a record for so long, reading is given up: the broker does not bring what it says it has."""
_UNACKNOWLEDGED_MAX: Final = 2_000


class NoCorrections(Exception):
    """A topic is not there. The message is one line for the operator."""


@dataclass(slots=True)
class Corrected:
    """What the topic holds: corrections by id, and what is on it that is none, with its offset."""

    corrections: dict[str, Correction] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Restated:
    """What re-reading came to: records of the span, reports corrected, reports rejected even so."""

    records: int = 0
    corrected: int = 0
    rejected: int = 0


class Corrections:
    """The corrections of one Kafka; as a context manager it is connected and closed."""

    def __init__(self, brokers: str, security: Security, *, idempotent: bool = True) -> None:
        """Nothing is connected yet."""
        self._brokers, self._security = brokers, security
        self._consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=brokers, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
            isolation_level="read_committed", **security.options(),
        )  # fmt: skip
        self._producer: Any = AIOKafkaProducer(
            bootstrap_servers=brokers, acks="all", enable_idempotence=idempotent, linger_ms=20, **security.options()
        )

    async def __aenter__(self) -> "Corrections":
        """Connect. Raises `KafkaError`, and `NoCorrections` where the topic is not."""
        try:
            await self._check(CORRECTIONS)
            await self._consumer.start()
            await self._producer.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._consumer.stop()
        await self._producer.stop()

    async def entered(self, carriers: Collection[str]) -> Corrected:
        """Everything that was entered. Raises `KafkaError`."""
        found = Corrected()

        def take(record: Any) -> None:
            name = (record.key or b"").decode(errors="replace")
            found.corrections.pop(name, None)
            if record.value is None:
                return
            try:
                found.corrections[name] = read_correction(json.loads(record.value), carriers)
            except (ValueError, RecursionError) as error:
                found.unreadable.append(f"{CORRECTIONS}, offset {record.offset}, key {name}: {error}")

        await self._read(TopicPartition(CORRECTIONS, 0), None, take)
        return found

    async def enter(self, correction: Correction) -> None:
        """Write a correction, in place of one with its id. Raises `KafkaError`."""
        value = json.dumps(correction_json(correction), ensure_ascii=False).encode()
        await self._producer.send_and_wait(CORRECTIONS, value, correction.id.encode(), partition=0)

    async def restate(self, correction: Correction, intake: Intake) -> Restated:
        """Read the carrier's topic again and write what is corrected. Raises `KafkaError`, `NoCorrections`.

        Up to its end as of now: what was sent again later, with the time it was received first, needs a next call.
        """
        topic, done = events_topic(correction.carrier), Restated()
        await self._check(topic)
        spread = {each: len(await self._producer.partitions_for(each)) for each in (MOVEMENTS, TRANSPORTS)}
        under_way: list[Any] = []
        for partition in sorted(await self._producer.partitions_for(topic)):
            outputs: list[Output] = []

            def take(record: Any, outputs: list[Output] = outputs) -> None:
                received = Millis(record.timestamp)
                if not correction.is_of(correction.carrier, received):
                    return
                done.records += 1
                place = (received, record.partition, record.offset)
                for reading in intake.read(correction.carrier, record.value, *place, correction):
                    if reading.report is None:
                        done.rejected += 1
                        continue
                    done.corrected += 1
                    outputs += onward(reading, reading.report)

            async def send(outputs: list[Output] = outputs) -> None:
                for each in outputs:
                    place = partition_of(each.key, spread[each.topic])
                    under_way.append(await self._producer.send(each.topic, each.value, each.key, partition=place))
                outputs.clear()
                if len(under_way) >= _UNACKNOWLEDGED_MAX:
                    await asyncio.gather(*under_way)
                    under_way.clear()

            await self._read(TopicPartition(topic, partition), correction.begins, take, send)
        await asyncio.gather(*under_way)
        return done

    async def _read(
        self,
        place: TopicPartition,
        since: Millis | None,
        take: Callable[[Any], None],
        between: Callable[[], Any] | None = None,
    ) -> None:
        """Every record of a partition, from the first that was received at `since` up to the end as of now."""
        consumer = self._consumer
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        if since is not None:
            first = (await consumer.offsets_for_times({place: since}))[place]
            if first is None:
                return
            consumer.seek(place, first.offset)
        while await consumer.position(place) < end:
            async with asyncio.timeout(_STALLED_SECONDS):
                batches = await consumer.getmany(place, timeout_ms=200, max_records=1_000)
            for record in batches.get(place, ()):
                take(record)
            if between is not None:
                await between()

    async def _check(self, topic: str) -> None:
        """That a topic is there: asking a broker for its records might make it, with the wrong settings."""
        admin: Any = AIOKafkaAdminClient(bootstrap_servers=self._brokers, **self._security.options())
        try:
            await admin.start()
            if topic not in await admin.list_topics():
                raise NoCorrections(f"topic {topic} is not on {self._brokers}; run `tracker topics` first")
        except KafkaConnectionError as error:
            raise self._security.refused(self._brokers) from error
        finally:
            await admin.close()


assert issubclass(KafkaConnectionError, KafkaError)
