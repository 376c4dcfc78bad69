"""Traffic through a broker: every record arrives once, stamped with its received time; failures are one line."""

import asyncio
from collections import Counter

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.simulate.traffic import CARRIERS, run, tiny_network, traffic
from tracker.broker.embedded import EmbeddedBroker
from tracker.simulate.options import FaultRates
from tracker.simulate.output import BrokerOut
from tracker.simulate.run import Delivery, simulate_to_kafka
from tracker.streams.topics import events_topic

OPTIONS = traffic(days=9.0, faults=FaultRates())


async def create_topics(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        topics = [NewTopic(events_topic(carrier), num_partitions=3, replication_factor=1) for carrier in CARRIERS]
        await admin.create_topics(topics)
    finally:
        await admin.close()


async def test_every_record_arrives_stamped_with_its_received_time() -> None:
    sents, _, _ = run(OPTIONS)
    expected = Counter((events_topic(s.carrier), s.key, s.body, s.received_at) for s in sents)
    async with EmbeddedBroker() as broker:
        await create_topics(broker.address)
        done = await simulate_to_kafka(
            tiny_network(), CARRIERS, OPTIONS, Delivery(rate=20_000.0), broker.address, idempotent=False
        )
        assert done.reports == len(sents)
        consumer = AIOKafkaConsumer(
            *map(events_topic, CARRIERS), bootstrap_servers=broker.address, auto_offset_reset="earliest"
        )
        found: Counter[tuple[str, bytes, bytes, int]] = Counter()
        places: dict[tuple[str, bytes], set[int]] = {}
        async with consumer:
            async with asyncio.timeout(30):
                while found.total() < len(sents):
                    for records in (await consumer.getmany(timeout_ms=1000)).values():
                        for record in records:
                            found[record.topic, record.key, record.value, record.timestamp] += 1
                            places.setdefault((record.topic, record.key), set()).add(record.partition)
    assert found == expected
    assert all(len(partitions) == 1 for partitions in places.values()), "a key stays in its partition"
    assert {place for partitions in places.values() for place in partitions} == {0, 1, 2}


async def test_without_a_broker_it_gives_up_with_one_line() -> None:
    with pytest.raises(BrokerOut, match=r"no Kafka broker at 127\.0\.0\.1:1 .* start one"):
        await simulate_to_kafka(tiny_network(), CARRIERS, OPTIONS, Delivery(), "127.0.0.1:1", wait_seconds=0.1)
