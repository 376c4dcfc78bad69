"""Builds the Faust app of a worker: four agents over their topics, four tables, nothing global.

Two apps in one process do not see each other: transport, stores and topics come with the app's own classes.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterable, Collection, Iterable, Iterator, Mapping
from functools import partial
from time import time
from typing import Any, Final, cast

import faust
from faust.types import TP

from tracker.domain.moment import SECOND, Millis
from tracker.settings import Settings
from tracker.streams import guard
from tracker.streams.accepted import TellingStage, tell
from tracker.streams.agents import Agent, stopping
from tracker.streams.assignor import Assignor
from tracker.streams.batches import Owner
from tracker.streams.connection import secured
from tracker.streams.consumer import Consumer
from tracker.streams.engine import Engine
from tracker.streams.observer import Observer, Silence
from tracker.streams.rows import RowTable, unpacked
from tracker.streams.runtime import Runtime
from tracker.streams.stage import Stage, SweepingStage
from tracker.streams.sweeper import Sweeper, Sweeps
from tracker.streams.topics import (
    FACTS,
    MOVEMENTS,
    RECORD_BYTES_MAX,
    REJECTED_BYTES_MAX,
    TRANSPORTS,
    changelog_topic,
    events_topic,
    plan,
    writers,
)
from tracker.streams.transport import BatchTopic, Transport
from tracker.streams.writer import BATCH_BYTES, Writer, partition_of

log = logging.getLogger(__name__)

REPORT_SECONDS: Final = 2.0
"""Between two reports of lag and rows to the observer."""

REQUEST_SECONDS: Final = 30.0
"""Of one request to a broker, and of a rebalance."""


class TrackerApp(faust.App):
    """A Faust app that delivers batches."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    def __init__(self, runtime: Runtime, **options: Any) -> None:
        """`options` are Faust's."""
        self.runtime = runtime
        super().__init__(runtime.settings.app_id, **options)

    def _new_transport(self) -> Any:
        return Transport(self.conf.broker_consumer, self, runtime=self.runtime)

    def _new_producer_transport(self) -> Any:
        return Transport(self.conf.broker_producer, self, runtime=self.runtime)

    def _create_directories(self) -> None:
        # Faust makes them without their parents, and for memory too, where the disk may be read-only.
        if self.runtime.settings.store == "rocksdb":
            self.conf.tabledir.mkdir(parents=True, exist_ok=True)

    @property
    def row_tables(self) -> list[RowTable]:
        """The tables of the stages."""
        return [cast(RowTable, table) for table in self.tables.values()]

    def row(self, table: str, key: bytes) -> bytes | None:
        """The body of a row of this worker's partitions; None where there is none, or another worker has it."""
        stored = cast(RowTable, self.tables[table]).store.read(self.partition(key), key)
        return unpacked(stored)[1]

    def keys(self, table: str) -> Iterator[bytes]:
        """The keys of this worker's rows; may be gone through while rows change."""
        return cast(RowTable, self.tables[table]).store.row_keys()

    def partition(self, key: bytes) -> int:
        """The partition of a key, in every topic and table that is spread over the workers."""
        return partition_of(key, self.runtime.settings.partitions)

    def addresses(self, table: str) -> dict[int, str]:
        """Partition of a table to the address of the worker that has it, ours included; empty before we have any."""
        return cast(Assignor, self.assignor).addresses(changelog_topic(self.runtime.settings.app_id, table))

    def unready(self, lag_seconds: float) -> list[str]:
        """Why this worker should not be asked yet; nothing when it is ready.

        It is stopping, its tables are not restored, or a partition is behind: a record waits there, and the last one
        handled is older than that, or none was. With `clock="data"` records' times are no measure of lag.
        """
        if self.runtime.control.halted:
            return [f"stopping: {self.runtime.control.reason}"]
        if self.restoring:
            return ["partitions are being assigned or tables restored"]
        if self.runtime.settings.clock == "data":
            return []
        reasons: list[str] = []
        for tp, waiting, stamp in self._lags():
            age = None if stamp is None else time() - stamp / SECOND
            if waiting and (age is None or age > lag_seconds):
                reasons.append(f"{tp.topic}-{tp.partition} is {'not begun' if age is None else f'{age:.0f} s behind'}")
        return reasons

    def waiting(self) -> dict[str, int]:
        """Stage to the records of its input that are there and not yet handled; of this worker's partitions."""
        found: Counter[str] = Counter()
        for tp, waiting, _ in self._lags():
            found[self.runtime.group_of[tp.topic]] += waiting
        return dict(found)

    @property
    def restoring(self) -> bool:
        """Whether partitions are being assigned or tables restored."""
        return bool(self.rebalancing) or not self.tables.actives_ready

    def _lags(self) -> Iterable[tuple[TP, int, Millis | None]]:
        return cast(Consumer, self.consumer).lags()


class _Rows:
    """A stage's rows as the engine wants them: the store to read, the writer to write."""

    def __init__(self, table: RowTable, writer: Writer) -> None:
        self._table, self._writer = table, writer
        self.outputs = writer.outputs

    def read(self, partition: int, key: bytes) -> bytes | None:
        return self._table.store.read(partition, key)

    async def rows(self, batch: Owner, rows: Mapping[bytes, bytes]) -> None:
        await self._writer.rows(self._table, batch, rows)


def build_app(
    settings: Settings,
    carriers: Collection[str],
    stages: Mapping[str, Stage],
    observer: Observer | None = None,
    sweeps: Sweeps | None = None,
    address: str | None = None,
) -> TrackerApp:
    """An app that runs the given stages, by name: `intake` reads all carriers, the others `rail.*` topics.

    `carriers` are ids. A stage that is not given is not run, and its table is not made. With `sweeps` the journeys
    stage is swept by a clock. `address` is where other workers can ask this one.
    Raises `guard.WrongLibraries`.
    """
    guard.check()
    sources = {
        "intake": [events_topic(carrier) for carrier in sorted(writers(settings, carriers))],
        "transports": [TRANSPORTS],
        "journeys": [MOVEMENTS],
        "subjects": [FACTS],
    }
    assert set(stages) <= set(sources), f"unknown stages: {set(stages) - set(sources)}"
    specs = plan(settings, carriers, list(stages))
    runtime = Runtime(
        settings,
        observer or Silence(),
        specs=specs,
        partitions={spec.name: spec.partitions for spec in specs},
        group_of={topic: stage for stage in stages for topic in sources[stage]},
    )
    app = TrackerApp(runtime, **_options(settings), **({} if address is None else {"canonical_url": address}))
    writer = Writer(runtime, app)
    for name, stage in stages.items():
        assert stage.name == name, f"stage {stage.name} is given as {name}"
        if sources[name]:
            agent = _add(app, stage, sources[name], writer)
            if sweeps is not None and isinstance(stage, SweepingStage):
                app.task(partial(Sweeper(app, runtime, agent, stage, sweeps).run, writer.outputs))
            if isinstance(stage, TellingStage):
                _tell(app, stage, writer)
    app.on_rebalance_complete.connect(_Recovered(app))
    app.task(lambda: _report(app))
    return app


def _tell(app: TrackerApp, stage: TellingStage, writer: Writer) -> None:
    async def telling() -> None:
        with stopping(app.runtime):
            await tell(stage, app, writer.outputs)

    app.task(telling)


def _add(app: TrackerApp, stage: Stage, topics: Iterable[str], writer: Writer) -> Agent:
    """A table and an agent for a stage."""
    table = RowTable(
        app,
        name=stage.name,
        key_type=bytes,
        value_type=bytes,
        partitions=app.runtime.settings.partitions,
        # Batches are restored on arrival (rows.py). With 1, Faust would read the changelog for ever, our writes too.
        recovery_buffer_size=2,
        beacon=app.tables.beacon,
    )
    table.stage, table.runtime = stage, app.runtime
    app.tables.add(table)
    engine = Engine(stage, _Rows(table, writer), app.runtime.observer, app.runtime.working)

    agent = Agent(engine, app.runtime)

    async def body(stream: AsyncIterable[Any]) -> None:
        await agent.run(stream, cast(Consumer, app.consumer))

    source = app.topic(*topics, key_serializer="raw", value_serializer="raw")
    # One at a time: two would break the order of a partition and Faust's commits.
    app.agent(cast(Any, source), name=stage.name, concurrency=1)(cast(Any, body))
    return agent


def _options(settings: Settings) -> dict[str, Any]:
    """Faust's settings: those of the fault trials, where nothing else is said."""
    return {
        "broker": [f"kafka://{server}" for server in settings.brokers.split(",")],
        "broker_credentials": secured(settings).credentials(),
        "Topic": BatchTopic,
        "PartitionAssignor": Assignor,
        "datadir": settings.data_dir / settings.app_id,
        "topic_partitions": settings.partitions,
        "topic_replication_factor": settings.replication,
        "topic_allow_declare": False,  # `topics.create_or_check` made them
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "web_enabled": False,
        "autodiscover": False,
        "worker_redirect_stdouts": False,
        "consumer_group_instance_id": settings.instance,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": settings.fetch_bytes,
        "broker_session_timeout": settings.session_seconds,
        "broker_heartbeat_interval": settings.heartbeat_seconds,
        "broker_rebalance_timeout": REQUEST_SECONDS,
        "broker_request_timeout": REQUEST_SECONDS,
        # Never: aiokafka counts the seconds since its own `getmany`, which `fetched.py` stands in for; a member that it
        # takes for idle leaves the group and does not join again. Heartbeats of the consumer's thread say who lives.
        "broker_max_poll_interval": 365 * 86_400.0,
        "broker_commit_interval": settings.commit_seconds,
        "stream_buffer_maxsize": 65_536,  # never full: `Consumer._getmany` bounds what waits, by bytes and batches
        "stream_wait_empty": True,
        "stream_recovery_delay": 0.0,
        "producer_acks": -1,
        "producer_linger": 0,
        "producer_max_batch_size": BATCH_BYTES,
        "producer_max_request_size": max(RECORD_BYTES_MAX, REJECTED_BYTES_MAX) + BATCH_BYTES,
        "producer_request_timeout": settings.ack_seconds,
        "producer_compression_type": None if settings.compression == "none" else settings.compression,
    }


class _Recovered:
    """Told when the tables of a rebalance are restored, before the first batch after it is fetched."""

    def __init__(self, app: TrackerApp) -> None:
        self._app = app

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        with stopping(self._app.runtime):  # Faust would log what a row cannot be read for, and go on without it
            self._tell()

    def _tell(self) -> None:
        consumer = cast(Consumer, self._app.consumer)
        if wrong := consumer.unpaired():
            consumer.give_up_membership()
            self._app.runtime.control.halt(f"{wrong}: leaving the group, to be given anew at the next start")
            return
        consumer.rest_changelogs()
        for table in self._app.row_tables:
            table.store.told()
        mine = sorted({tp.partition for tp in consumer.assignment() if tp.topic == MOVEMENTS})
        rows = sum(table.store.count() for table in self._app.row_tables)
        log.info("generation %d: has partitions %s, %d rows", self._app.consumer_generation_id, mine, rows)


async def _report(app: TrackerApp) -> None:
    """Tell the observer of lag and rows now and then."""
    observer, consumer = app.runtime.observer, cast(Consumer, app.consumer)
    while not app.should_stop:
        for tp, records, stamp in consumer.lags():
            waited = time() - stamp / SECOND if stamp is not None and records else 0.0
            told = app.runtime.settings.clock == "wall"
            observer.lag(tp.topic, tp.partition, records, max(0.0, waited) if told else None)
        for table in app.row_tables:
            observer.rows(table.stage.name, table.store.count())
        await app.sleep(REPORT_SECONDS)
