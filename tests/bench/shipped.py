"""The contender "Faust as shipped": the same job written the way faust-streaming's manual teaches it.

Three agents, three tables, one event at a time; the same core (`core.build_core`), so that only the engine differs.
It is not as exact as the tracker: it commits what is acknowledged to the agent, not what is written.

Settings in its favour, everything else is Faust's default:

- raw keys and values: Faust neither decodes nor encodes, the core does so once;
- rows in Faust's memory store, no standby, no web server, no leader topic, no monitoring but the one that cannot
  be switched off;
- `stream_buffer_maxsize` 65,536: with the default of 4,096 the consumer sleeps for a second whenever it is full;
- `producer_linger` 20 ms and batches of 256 KiB: with the defaults each record is a request of its own;
- the log at `info`: with the default Faust sets the root logger to `debug` and is up to 45 % slower;
- a commit every half second, as the tracker does, so that the end is seen as early.

    python -m tests.bench.shipped    # settings in TRACKER_*
"""

import logging
import sys
from collections.abc import AsyncIterable
from typing import Any

import faust

from tests.bench.core import build_core
from tracker.settings import Settings, load_settings
from tracker.streams.stage import Record, Stage
from tracker.streams.topics import FACTS, MOVEMENTS, events_topic


class _Worker(faust.Worker):
    """Says when it is ready, in the words of a tracker worker."""

    async def on_startup_finished(self) -> None:
        await super().on_startup_finished()
        print("ready", flush=True)


def favoured(app_id: str, brokers: str, partitions: int, commit_seconds: float, **more: Any) -> faust.App:
    """An app with the settings above."""
    return faust.App(
        app_id,
        broker=f"kafka://{brokers}",
        key_serializer="raw",
        value_serializer="raw",
        store="memory://",
        topic_partitions=partitions,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=65_536,
        producer_linger=0.02,
        producer_max_batch_size=256 * 1024,
        broker_commit_interval=commit_seconds,
        **more,
    )


def build(settings: Settings) -> faust.App:
    """The app."""
    core = build_core(settings)
    app = favoured(settings.app_id, settings.brokers, settings.partitions, settings.commit_seconds)
    _add(app, core.intake, *map(events_topic, core.carriers))
    _add(app, core.journeys, MOVEMENTS)
    _add(app, core.subjects, FACTS)
    return app


def _add(app: faust.App, stage: Stage, *topics: str) -> None:
    table = app.Table(stage.name, partitions=app.conf.topic_partitions, key_type=bytes, value_type=bytes)
    source = app.topic(*topics)
    targets: dict[str, Any] = {}

    async def body(stream: AsyncIterable[Any]) -> None:
        events: Any = stream
        async for event in events.events():
            message = event.message
            record = Record(
                message.topic, message.partition, message.offset, round(message.timestamp * 1000),
                message.key, message.value, message.headers or (),
            )  # fmt: skip
            key, what = stage.read(record)
            row = stage.load(table.get(key), record.partition, key)
            for output in stage.apply(row, what, record):
                target = targets.get(output.topic)
                if target is None:
                    target = targets[output.topic] = app.topic(output.topic)
                await target.send(key=output.key, value=output.value)
            table[key] = stage.dump(row)
            stage.settled(record.partition, [(key, row)])  # type: ignore[attr-defined]  # all three have it

    app.agent(source, name=stage.name)(body)


def run(app: faust.App) -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    worker = _Worker(app, loglevel="info", quiet=True, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    run(build(load_settings()))
