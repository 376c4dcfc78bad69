"""A worker that cannot start says why and ends with the status for it, also when it is stopped while it waits."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from tests.streams.toys import Appending
from tracker.settings import Settings
from tracker.streams.app import build_app

PROGRAM = """
import json, sys
from tests.streams.toys import Appending
from tracker.settings import Settings
from tracker.streams.app import build_app
from tracker.streams.worker import run_worker
sys.exit(run_worker(build_app(Settings(**json.loads(sys.argv[1])), ["ktz"], {"journeys": Appending()})))
"""


@contextmanager
def worker_without_broker(wait: float) -> Iterator[subprocess.Popen[str]]:
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        text = f'{{"brokers": "127.0.0.1:{taken.getsockname()[1]}", "broker_wait_seconds": {wait}}}'
        command = [sys.executable, "-c", PROGRAM, text]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as worker:
            try:
                yield worker
            finally:
                worker.kill()


def test_no_broker_is_told_and_given_up_after_the_time_set() -> None:
    begun = monotonic()
    with worker_without_broker(0.5) as worker:
        _, told = worker.communicate(timeout=30)
    assert worker.returncode == 3
    assert monotonic() - begun < 15
    assert "CRITICAL tracker.streams.worker no broker at 127.0.0.1:" in told.splitlines()[-1]
    assert "Traceback" not in told


def test_a_stop_while_a_broker_is_sought_ends_at_once_and_well() -> None:
    with worker_without_broker(60) as worker:
        assert worker.stderr is not None
        while "no broker at" not in worker.stderr.readline():
            assert worker.poll() is None
        begun = monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=10) == 0
        assert monotonic() - begun < 3


CRASHES = """
import os, sys
from tests.streams.toys import Appending
from tracker.settings import Settings
from tracker.streams.app import build_app
from tracker.streams.runtime import Broken
from tracker.streams.worker import _Worker
app = build_app(Settings(), ["ktz"], {"journeys": Appending()})
async def broken():
    raise Broken("rows-2.db: Corruption: block checksum mismatch")
app.on_first_start = broken
status = _Worker(app, [], os._exit).run()
print(app.runtime.control.reason)
sys.exit(status)
"""


def test_what_breaks_the_engine_itself_as_a_damaged_store_does_when_partitions_come_ends_with_3_too() -> None:
    done = subprocess.run([sys.executable, "-c", CRASHES], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 3, done.stderr[-3000:]
    assert done.stdout.strip() == "rows-2.db: Corruption: block checksum mismatch"


def test_two_apps_in_a_process_do_not_see_each_other() -> None:
    one = build_app(Settings(app_id="one"), ["ktz"], {"journeys": Appending()})
    two = build_app(Settings(app_id="two", idempotent=False), ["azr"], {"journeys": Appending()})
    assert one.runtime is not two.runtime
    assert one.transport is not two.transport
    assert one.row_tables[0].changelog_topic_name == "one-journeys-changelog"
    assert two.row_tables[0].changelog_topic_name == "two-journeys-changelog"
    one.runtime.control.halt("for the test")
    assert not two.runtime.control.halted


def test_a_stage_must_be_one_of_the_three() -> None:
    with pytest.raises(AssertionError, match="unknown stages"):
        build_app(Settings(), ["ktz"], {"other": Appending()})
