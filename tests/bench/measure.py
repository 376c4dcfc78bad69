"""Measures one contender once, from ready to caught up, on topics that hold the whole load already."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

from tests.bench.load import Load
from tests.bench.process import Contender
from tests.bench.topics import Topics
from tracker.settings import PREFIX, Settings
from tracker.streams.topics import FACTS, MOVEMENTS

PATIENCE_SECONDS: Final = 300.0
"""For one run to catch up: fifteen times what the slowest contender takes for its load."""


@dataclass(frozen=True, slots=True)
class Program:
    """A contender: how its process is started, and which load it is given."""

    name: str
    arguments: list[str]
    load: Load
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of its own, by the names of environment variables."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to. CPU is the contender's process only, from ready to caught up; the broker's is not in it."""

    contender: str
    reports: int
    movements: int
    facts: int
    wall_seconds: float
    cpu_seconds: float
    resident_bytes_max: int

    @property
    def per_wall_second(self) -> float:
        """Reports."""
        return self.reports / self.wall_seconds

    @property
    def per_cpu_second(self) -> float:
        """Reports."""
        return self.reports / self.cpu_seconds


def measured(brokers: str, **others: Any) -> Settings:
    """The settings of every contender: the defaults, but nothing is deleted, however old the simulation dates it."""
    return Settings(brokers=brokers, retention_days=0, web_port=0, **others)


@asynccontextmanager
async def started(
    program: Program, brokers: str, topics: Topics, folder: Path, app_id: str
) -> AsyncIterator[tuple[Contender, Settings]]:
    """The contender's process, not yet ready, in a group of its own with empty topics but for the load."""
    carriers = program.load.carriers_file(folder)
    settings = measured(brokers, app_id=app_id, carriers=carriers)
    await topics.renew(settings, program.load.ids)
    names = ("brokers", "app_id", "carriers", "retention_days", "web_port")
    environment = {PREFIX + name.upper(): str(getattr(settings, name)) for name in names}
    with Contender(program.arguments, environment | dict(program.settings), folder / f"{app_id}.log") as contender:
        yield contender, settings


async def measure(
    program: Program,
    brokers: str,
    topics: Topics,
    folder: Path,
    app_id: str,
    began: Callable[[Contender], None] = lambda _: None,
) -> Run:
    """One run; `began` is called with the process when the clock starts."""
    async with started(program, brokers, topics, folder, app_id) as (contender, _):
        await contender.ready()
        before, begun = contender.weigh(), monotonic()
        began(contender)
        await topics.finished(app_id, program.load.ids, patience=PATIENCE_SECONDS, alive=contender.check)
        wall, after = monotonic() - begun, contender.weigh()
    return Run(
        program.name,
        len(program.load.reports),
        await topics.count(MOVEMENTS),
        await topics.count(FACTS),
        wall,
        after.cpu_seconds - before.cpu_seconds,
        after.resident_bytes_max,
    )
