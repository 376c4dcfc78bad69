"""Refuses to start on other libraries than those this engine was proved on.

The engine overrides private parts of three libraries. Another release may move them without an error, and the
first sign would be lost records. So their versions are compared exactly, and what is used of their insides is
looked up by name.
"""

import importlib
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from inspect import getsource
from typing import Final

VERSIONS: Final = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}
"""The releases the fault trials ran on."""

ATTRIBUTES: Final = (
    "aiokafka.consumer.consumer:AIOKafkaConsumer.__init__=_isolation_level,_fetch_max_bytes"
    ",_fetch_max_wait_ms,_fetch_min_bytes",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.start=_fetcher,_coordinator",
    "aiokafka.consumer.fetcher:FetchResult.__init__=_partition_records",
    "aiokafka.consumer.fetcher:FetchResult.check_assignment",
    "aiokafka.consumer.fetcher:FetchResult.has_more",
    "aiokafka.consumer.fetcher:FetchResult._update_position",
    "aiokafka.consumer.fetcher:FetchError.check_raise",
    "aiokafka.consumer.fetcher:Fetcher.__init__=_records,_subscriptions,_wait_consume_future,_closed,_prefetch_backoff"
    ",_fetch_max_wait_ms",
    "aiokafka.consumer.fetcher:Fetcher._create_fetch_waiter",
    "aiokafka.consumer.fetcher:Fetcher._notify",
    "aiokafka.consumer.fetcher:PartitionRecords.__init__"
    "=_records,_records_iterator,_check_crcs,_isolation_level,_aborted_producers,next_fetch_offset",
    "aiokafka.consumer.fetcher:PartitionRecords._consume_aborted_up_to",
    "aiokafka.consumer.fetcher:PartitionRecords._contains_abort_marker",
    "aiokafka.consumer.group_coordinator:GroupCoordinator._do_heartbeat",
    "aiokafka.consumer.group_coordinator:GroupCoordinator._maybe_leave_group",
    "aiokafka.consumer.group_coordinator:GroupCoordinator.__init__=generation,_coordination_task,_group_instance_id",
    "aiokafka.consumer.subscription_state:TopicPartitionState.__init__=_position,highwater",
    "aiokafka.producer.message_accumulator:BatchBuilder.__init__=_builder,_relative_offset",
    "aiokafka.producer.producer:AIOKafkaProducer.send_batch",
    "faust.app.base:App._new_transport",
    "faust.app.base:App._new_producer_transport",
    "faust.app.base:App._create_directories",
    "faust.assignor.partition_assignor:PartitionAssignor._decompress",
    "faust.assignor.partition_assignor:PartitionAssignor.on_assignment=_assignment,changelog_distribution",
    "faust.stores.rocksdb:Store._db_for_partition",
    "faust.stores.rocksdb:Store._open_for_partition",
    "faust.stores.rocksdb:Store.partition_path",
    "faust.tables.base:Collection._new_store",
    "faust.tables.recovery:Recovery.__init__=active_offsets,active_highwaters",
    "faust.topics:Topic._compile_decode",
    "faust.transport.consumer:Consumer.__init__=_acked,_acked_index,_committed_offset,_read_offset",
    "faust.transport.consumer:Consumer._add_gap",
    "faust.transport.consumer:Consumer._commit_offsets",
    "faust.transport.consumer:Consumer._filter_tps_with_pending_acks",
    "faust.transport.consumer:Consumer._get_active_partitions",
    "faust.transport.consumer:Consumer._new_offset",
    "faust.transport.consumer:Consumer.perform_seek",
    "faust.transport.consumer:ThreadDelegateConsumer._getmany",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._fetch_records",
    "faust.transport.drivers.aiokafka:Consumer._new_consumer_thread",
    "faust.transport.drivers.aiokafka:Consumer._to_message",
    "faust.transport.drivers.aiokafka:Producer._settings_extra",
    "mode.worker:Worker._schedule_shutdown",
)
"""What is used of their insides: `module:Class.method`, and after `=` the names that method gives its object."""


class WrongLibraries(Exception):
    """The engine must not run on what is installed. The message is one line for the operator."""


def check(versions: Mapping[str, str] = VERSIONS, attributes: Sequence[str] = ATTRIBUTES) -> None:
    """Raise `WrongLibraries` unless exactly the proved libraries are installed, insides included."""
    for package, wanted in versions.items():
        try:
            seen = version(package)
        except PackageNotFoundError:
            seen = "none"
        if seen != wanted:
            raise WrongLibraries(
                f"{package} {seen} is installed, {wanted} wanted: the engine overrides its insides; "
                f"install what requirements.lock names"
            )
    for attribute in attributes:
        if not _exists(attribute):
            raise WrongLibraries(
                f"{attribute} is not there: the installed faust-streaming, mode-streaming or aiokafka is not the "
                f"release its version says; install what requirements.lock names"
            )


def _exists(attribute: str) -> bool:
    place, _, assigned = attribute.partition("=")
    module, _, path = place.partition(":")
    found: object = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    if not callable(found):
        return False
    source = getsource(found) if assigned else ""
    return all(f"self.{name}" in source for name in assigned.split(",") if name)
