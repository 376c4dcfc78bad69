"""Runs one worker in this process until it is told to stop, and says with which status it ended.

Every stop ends within `stop_seconds`: SIGTERM while the broker is sought, while tables are restored, in the
middle of a rebalance or with a broker that does not answer. What is not finished by then is repeated by whoever
owns the partitions next, which changes nothing.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Collection, Sequence
from time import monotonic
from typing import Any, Final, cast

import faust
from aiokafka.errors import KafkaError
from mode import Service

from tracker.settings import Settings
from tracker.streams import logs
from tracker.streams.app import TrackerApp
from tracker.streams.connection import secured
from tracker.streams.runtime import Broken, Status
from tracker.streams.topics import Finding, TopicSpec, create_or_check

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 3.0
"""Between two attempts to reach a broker at the start."""

Extra = Callable[[], Awaitable[None]]
"""Something that runs beside the app in its loop until it is cancelled, such as a web server."""


def run_worker(
    app: TrackerApp,
    *,
    extra_services: Collection[Extra] = (),
    last_resort: Callable[[int], None] = os._exit,
) -> int:
    """Run until SIGTERM, SIGINT or a reason to stop; the exit status.

    A broker is sought first, for `broker_wait_seconds`, and the topics made or checked. `extra_services` are started
    before the app, so that health can be asked during a restore, and cancelled after it has stopped.
    `last_resort` is called with the status, in a thread of its own, when a stop takes longer than `stop_seconds`.
    """
    settings = app.runtime.settings
    logs.configure(settings.log_format, settings.log_level)
    status = prepare(settings, app.runtime.specs)
    # The loop that sought the broker took its handlers with it, and the engine's come with its loop: who is asked to
    # stop in between has begun nothing.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(Status.GOOD))
    if status is None:
        status = _Worker(app, extra_services, last_resort).run()
    logging.shutdown()
    return int(status)


def prepare(settings: Settings, specs: Sequence[TopicSpec]) -> Status | None:
    """Find a broker and see to the topics; None when the worker can start, else the status to end with."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(_await_topics(settings, specs))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        findings = loop.run_until_complete(task)
    except asyncio.CancelledError:
        return Status.GOOD
    except (KafkaError, OSError, TimeoutError) as error:
        waited = f"{settings.broker_wait_seconds:g} s"
        log.critical("no broker at %s after %s: %s; is it running?", settings.brokers, waited, error)
        return Status.WORLD
    finally:
        loop.close()
    for finding in findings:
        log.log(logging.INFO if finding.what == "created" else logging.WARNING, "%s", finding.message)
    if wrong := [finding for finding in findings if finding.fatal]:
        log.critical("%d topics are not as they must be, first: %s", len(wrong), wrong[0].message)
        return Status.SETTINGS
    return None


async def _await_topics(settings: Settings, specs: Sequence[TopicSpec]) -> list[Finding]:
    deadline = monotonic() + settings.broker_wait_seconds
    while True:
        try:
            return await create_or_check(
                settings.brokers,
                specs,
                replication=settings.replication,
                create=settings.create_topics,
                security=secured(settings),
            )
        except (KafkaError, OSError, TimeoutError) as error:
            left = deadline - monotonic()
            if left <= 0:
                raise
            log.warning("no broker at %s (%s), trying for %.0f s more", settings.brokers, error, left)
            await asyncio.sleep(min(RETRY_SECONDS, left))


class _Extras(Service):
    """Runs the extras as long as the worker runs."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    def __init__(self, extras: Collection[Extra], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._extras = extras

    async def on_start(self) -> None:
        for extra in self._extras:
            _ = self.add_future(cast(Any, extra()))


class _Worker(faust.Worker):
    """Faust's worker with a bound on how long a stop takes."""

    logger = logging.getLogger("faust")  # mode would log every start and stop of a service as ours

    def __init__(self, app: TrackerApp, extras: Collection[Extra], last_resort: Callable[[int], None]) -> None:
        super().__init__(
            app,
            _Extras(extras),
            loglevel="info",
            quiet=True,
            redirect_stdouts=False,
            override_logging=False,
            workdir=os.getcwd(),
        )
        self.spinner = None
        self._control, self._settings = app.runtime.control, app.runtime.settings
        self._last_resort = last_resort
        self._killer: threading.Timer | None = None
        self._control.stop = lambda: self._schedule_shutdown(signal.SIGTERM)

    def run(self) -> Status:
        try:
            self.execute_from_commandline()
        except SystemExit as left:
            self._control.stop = None  # it has stopped
            if left.code and not self._control.halted:
                crash = left.__context__  # mode raises it, prints it, and leaves
                self._control.halt(str(crash) if isinstance(crash, Broken) else f"the engine crashed: {crash!r}")
        except Exception as crash:
            self._control.stop = None
            log.exception("the engine crashed")
            self._control.halt(f"the engine crashed: {crash!r}")
        finally:
            if self._killer is not None:
                self._killer.cancel()
        log.info("stopped with status %d", self._control.status)
        return self._control.status

    async def on_startup_finished(self) -> None:
        """Tables are restored: what lives now will live on."""
        await super().on_startup_finished()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        log.info("ready")

    def _schedule_shutdown(self, number: signal.Signals) -> None:
        if not self._control.halted and self._killer is None:
            log.info("asked to stop by %s", number.name)
        self._bound_the_stop()
        super()._schedule_shutdown(number)

    def stop_and_shutdown(self) -> None:
        """Also bounded when the end comes without a signal."""
        self._bound_the_stop()
        super().stop_and_shutdown()

    def _bound_the_stop(self) -> None:
        if self._killer is None:
            self._killer = threading.Timer(self._settings.stop_seconds, self._cut_off)
            self._killer.daemon = True
            self._killer.start()

    def _cut_off(self) -> None:
        # A stop that hangs was not clean: with a good status a supervisor would not look at it.
        status = self._control.status or Status.WORLD
        log.critical("the stop took longer than %g s and is cut off", self._settings.stop_seconds)
        logging.shutdown()
        self._last_resort(int(status))

    def _enter_debugger(self) -> None:
        """Nothing: mode answers SIGUSR2 with a debugger on the terminal."""

    def _setproctitle(self, info: str, *, ident: str = "tracker") -> None:
        """Nothing: the command line tells more."""


GC_THRESHOLDS: Final = (500_000, 20, 100)
"""Collections of the young, middle and old generation.

Nothing in a batch is cyclic, reference counts free it; but Python collects for every 700 objects that stay, and
goes through all rows and views now and then. With 100,000 of each, records folded per CPU second: 90,000 as
Python comes, 210,000 with what lives at the start frozen, 255,000 with a first threshold of 50,000 too, 300,000 without
any collection (Python 3.11). A round of 10,000 reports holds more than 50,000 objects while it is worked on, and each
collection in its middle goes through them in vain: 8 us of a report's CPU, with 500,000 below 1. What is cyclic
(errors, ended tasks) may then take some 50 MB before it is found.
"""
