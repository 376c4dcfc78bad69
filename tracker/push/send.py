"""Events to a carrier's topic in Kafka, or to a file that `tracker batch` reads."""

import asyncio
from asyncio import Future
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TextIO

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tracker.domain.moment import Millis, text
from tracker.streams.connection import OPEN, Security

Record = tuple[bytes, bytes]
"""Key (the container) and value (a native event) of one record."""

_UNACKNOWLEDGED_MAX: Final = 2_000
"""Records sent before their acknowledgements are waited for: bounds memory, and is a second's work at most."""
_PROBE_SECONDS: Final = 1.0


class BrokerOut(Exception):
    """No broker could be reached, or it refused what was sent. The message is one line for the operator."""


class TopicMissing(Exception):
    """The carrier's topic does not exist; it is never made here, for it would get the broker's defaults."""


def write_lines(path: Path, carrier: str, received: Millis, records: Iterable[Record]) -> None:
    """Write records as input lines of `tracker batch`, each received at the same moment."""
    head = f'{{"carrier":"{carrier}","received_at":"{text(received)}","body":'.encode()
    with path.open("wb") as file:
        for _, value in records:
            file.write(head + value + b"}\n")


async def send(
    brokers: str,
    topic: str,
    records: Iterable[Record],
    wait_seconds: float,
    log: TextIO,
    security: Security = OPEN,
) -> None:
    """Send records and wait until the broker has acknowledged them all.

    Tries for `wait_seconds` to reach a broker. No idempotent producer is needed: a record sent twice is a
    duplicate to the tracker, as is the whole file when it is pushed again. So after `BrokerOut`, with part
    of the file sent, pushing it again is all there is to do.
    """
    await _wait_for_topic(brokers, topic, wait_seconds, log, security)
    producer = AIOKafkaProducer(
        bootstrap_servers=brokers, acks="all", linger_ms=20, max_batch_size=128 * 1024, **security.options()
    )
    try:
        await producer.start()
        under_way: list[Future[Any]] = []
        for key, value in records:
            under_way.append(await producer.send(topic, value, key))
            if len(under_way) >= _UNACKNOWLEDGED_MAX:
                await asyncio.gather(*under_way)
                under_way.clear()
        await asyncio.gather(*under_way)
    except KafkaError as error:
        raise BrokerOut(f"the broker at {brokers} did not take the reports ({error!r}); push the file again") from None
    finally:
        await producer.stop()


async def _wait_for_topic(brokers: str, topic: str, wait_seconds: float, log: TextIO, security: Security) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + wait_seconds
    told = False
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=brokers, **security.options())
        try:
            await admin.start()
            if topic not in await admin.list_topics():  # asking for all of them makes none, asking for one might
                raise TopicMissing(f"topic {topic} is not on {brokers}; run `tracker topics` for this carrier first")
            return
        except KafkaError as error:
            if clock() + _PROBE_SECONDS > deadline:
                raise BrokerOut(f"no Kafka broker at {brokers} after {wait_seconds:g} s ({error}); start one") from None
            if not told:
                print(f"waiting up to {wait_seconds:g} s for a Kafka broker at {brokers}", file=log)
                told = True
        finally:
            await admin.close()
        await asyncio.sleep(_PROBE_SECONDS)
