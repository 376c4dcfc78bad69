"""What the parts of one worker share: settings, observer, and whether it may still finish anything."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from tracker.settings import Settings
from tracker.streams.observer import Observer
from tracker.streams.topics import TopicSpec

log = logging.getLogger(__name__)


class Status(IntEnum):
    """Exit status of a command."""

    GOOD = 0
    FINDINGS = 1
    SETTINGS = 2
    """Usage or settings: someone has to change something."""
    WORLD = 3
    """Broker, disk, another writer: a supervisor should start it again, with a pause."""


class Broken(Exception):
    """The world is broken: nothing more may be finished. The message is one line for the operator."""


@dataclass(slots=True)
class Control:
    """Stops a worker for a reason. Once halted, nothing is finished or committed any more."""

    stop: Callable[[], None] | None = None
    """Begins an orderly stop; set by the worker that runs the app."""
    status: Status = Status.GOOD
    reason: str = ""

    @property
    def halted(self) -> bool:
        """Whether nothing may be finished any more."""
        return self.status is not Status.GOOD

    def halt(self, reason: str, status: Status = Status.WORLD) -> None:
        """Finish nothing more and stop; the first reason counts."""
        if self.halted:
            return
        self.status, self.reason = status, reason
        log.critical("stopping: %s", reason)
        if self.stop is not None:
            self.stop()


@dataclass(frozen=True, slots=True)
class Runtime:
    """One worker's share of everything; made by `build_app`, never global."""

    settings: Settings
    observer: Observer
    specs: Sequence[TopicSpec]
    """The topics this worker needs."""
    partitions: Mapping[str, int]
    """Partitions of each of them."""
    group_of: Mapping[str, str]
    """The stage that reads each source topic."""
    control: Control = field(default_factory=Control)
    working: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the engine that works: one at a time, so that the loop never waits for more than one slice of time."""
