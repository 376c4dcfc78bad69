"""The workers of a trial, as a supervisor keeps them: who stops itself for a broken world is started again."""

import asyncio
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

from tests.broker.jars import REPOSITORY
from tests.broker.whole import Whole
from tracker.streams.runtime import Status

STOP_SECONDS_MAX: Final = 10.0
"""A stop ends within this in every state, on a machine that is not ours alone."""
READY_SECONDS_MAX: Final = 180.0
PAUSE_SECONDS: Final = 0.5
"""Of the supervisor, before it starts a worker again."""


@dataclass(slots=True)
class Worker:
    """One place in the group; `process` is its present life."""

    name: str
    process: subprocess.Popen[bytes]
    settings: Mapping[str, Any]
    at: Path
    environment: Mapping[str, str]
    is_wanted: bool = True
    lives: list[subprocess.Popen[bytes]] = field(default_factory=list)


class Crew:
    """Starts, ends and supervises. What a worker should not do is kept in `wrong`."""

    def __init__(self, whole: Whole, settings: Mapping[str, Any], stop_seconds_max: float = STOP_SECONDS_MAX) -> None:
        """`settings` of all workers, beside those of the tracker; a stop that takes longer is wrong."""
        self._stop_seconds_max = stop_seconds_max
        self.whole = whole
        self.workers: dict[str, Worker] = {}
        self.wrong: list[str] = []
        self.restarts = 0
        self.stops: list[float] = []
        self._settings = dict(settings)
        self._supervisor: asyncio.Task[None] | None = None

    def start(
        self, name: str, *, at: Path = REPOSITORY, environment: Mapping[str, str] | None = None, **settings: Any
    ) -> Worker:
        """A worker in its place; one of that name that was there before has ended."""
        given = {**self._settings, **settings, "data_dir": self.whole.settings.data_dir / name}
        worker = Worker(name, self._begin(name, at, environment or {}, given), given, at, environment or {})
        worker.lives.append(worker.process)
        self.workers[name] = worker
        self._supervisor = self._supervisor or asyncio.create_task(self._supervise())
        return worker

    def again(self, worker: Worker) -> None:
        """Start it again as it was."""
        worker.process = self._begin(worker.name, worker.at, worker.environment, worker.settings)
        worker.lives.append(worker.process)
        worker.is_wanted = True

    def _begin(
        self, name: str, at: Path, environment: Mapping[str, str], settings: Mapping[str, Any]
    ) -> subprocess.Popen[bytes]:
        return self.whole.start(name, at=at, environment=environment, **settings)

    @property
    def running(self) -> list[Worker]:
        """Those that are to run."""
        return [worker for worker in self.workers.values() if worker.is_wanted]

    def kill(self, worker: Worker) -> None:
        """End it at once."""
        worker.is_wanted = False
        worker.process.kill()
        worker.process.wait()

    async def stop(self, worker: Worker) -> None:
        """Ask it to stop; too long, or another status than good or (cut off) world, is wrong."""
        worker.is_wanted = False
        begun = monotonic()
        worker.process.send_signal(signal.SIGTERM)
        while worker.process.poll() is None and monotonic() - begun < 3 * self._stop_seconds_max:
            await asyncio.sleep(0.05)
        seconds, status = monotonic() - begun, worker.process.poll()
        self.stops.append(seconds)
        if seconds > self._stop_seconds_max:
            self.wrong.append(f"{worker.name} took {seconds:.1f} s to stop")
        # An interpreter that still reads its modules ends by the signal itself: it has begun nothing.
        unbegun = status == -signal.SIGTERM and not self.whole.log_of(worker.process)
        if not unbegun and status not in (Status.GOOD, Status.WORLD):
            self.wrong.append(f"{worker.name} ended with status {status} when it was asked to stop")
            self.kill(worker)

    async def ready(self, worker: Worker) -> None:
        """Wait until it has restored its tables, in this life or, when it stopped itself, the next."""
        deadline = monotonic() + READY_SECONDS_MAX
        while " ready\n" not in (log := self.whole.log_of(worker.process)):
            assert monotonic() < deadline, f"{worker.name} is not ready:\n{log[-2000:]}"
            await asyncio.sleep(0.1)

    async def _supervise(self) -> None:
        while True:
            for worker in self.running:
                status = worker.process.poll()
                if status == Status.WORLD:
                    await asyncio.sleep(PAUSE_SECONDS)
                    if worker.is_wanted:
                        self.restarts += 1
                        self.again(worker)
                elif status is not None:
                    worker.is_wanted = False
                    log = self.whole.log_of(worker.process)[-1500:]
                    self.wrong.append(f"{worker.name} ended by itself with status {status}:\n{log}")
            await asyncio.sleep(0.2)

    def reasons(self) -> list[str]:
        """Why workers stopped themselves, as they wrote it."""
        lines = [
            line.partition(" CRITICAL ")[2]
            for worker in self.workers.values()
            for life in worker.lives
            for line in self.whole.log_of(life).splitlines()
            if " CRITICAL " in line
        ]
        return sorted({line[:160] for line in lines})

    async def end(self) -> None:
        """Stop all that runs, in order."""
        if self._supervisor is not None:
            self._supervisor.cancel()
        await asyncio.gather(*(self.stop(worker) for worker in self.running))
