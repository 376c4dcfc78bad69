"""What the operations page costs: how soon it answers with 100,000 open journeys, and what readers take of the stream.

    python -m tests.bench.pages

A real worker on a real Kafka restores the rows (see `tests.bench.memory`). Pages are asked while nothing else happens,
then while it works off reports as fast as it can. Slices of reports are worked off in turn without readers and with 20
page views a second: the ratio of the two times is the figure, because these machines are shared. Where they are busy
with other things, the CPU time that readers cost the worker says more.
"""

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Final

import click
from aiohttp import ClientSession

from tests.bench.memory import cells, cloned, state, write
from tests.bench.process import weight_of
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.hearing import Sent
from tracker.service import load_world
from tracker.settings import Settings
from tracker.streams.topics import changelog_topic

VIEWS_PER_SECOND: Final = 20
ASKED: Final = 30
"""Times each page is asked while nothing else happens."""
SLICES: Final = 6
SECONDS: Final = 300.0
QUIET: Final = 0.15
"""Share of a core that a worker takes which has nothing to do."""
QUIET_SECONDS, LOOKED_SECONDS = 3.0, 15.0


class Reader:
    """Asks for pages, and notes how long each took."""

    def __init__(self, client: ClientSession, paths: Sequence[str]) -> None:
        """`paths` are asked in turn."""
        self._client, self._paths = client, cycle(paths)
        self.took: dict[str, list[float]] = {}

    async def ask(self) -> None:
        """Ask for the next page."""
        path, begun = next(self._paths), perf_counter()
        async with self._client.get(path) as response:
            assert response.status == 200, await response.text()
            await response.read()
        self.took.setdefault(path.split("/")[1] or "overview", []).append(1000 * (perf_counter() - begun))

    async def keep_on(self) -> None:
        """Ask so many times a second until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self.ask())
                await asyncio.sleep(1 / VIEWS_PER_SECOND)

    def told(self, when: str) -> list[str]:
        """A line per sort of page: milliseconds."""
        return [
            f"{name}, {when}: median {median(took):.0f} ms, longest {max(took):.0f} ms of {len(took)}"
            for name, took in sorted(self.took.items())
        ]


async def run(journeys: int, simulated: int) -> None:
    """Measure, and print as it comes."""
    settings = Settings(web_port=0)
    held = state(load_world(settings), simulated)
    rows = cloned(held.open, journeys, "OPN", settings.partitions)
    figures = cells(held.facts, load_world(settings), settings.partitions)
    click.echo(f"{len(rows):,} open journeys, {len(figures):,} cells, {len(held.next):,} reports to come", err=True)
    with Kafka(heap_megabytes=1024) as kafka, tempfile.TemporaryDirectory(prefix="tracker-pages-") as folder:
        whole = Whole(kafka.bootstrap, Path(folder))
        await whole.begin()
        for table, held_rows in (("journeys", rows), ("subjects", figures)):
            await write(whole.settings, changelog_topic(whole.settings.app_id, table), held_rows)
        worker = whole.start("pages")
        try:
            await whole.ready(worker)
            numbers = [key.decode() for _, key in list(rows)[:500]]
            async with ClientSession(whole.address_of(worker)) as client:
                await _measure(whole, worker.pid, client, numbers, held.next)
        finally:
            whole.kill_all()


async def _measure(whole: Whole, pid: int, client: ClientSession, numbers: Sequence[str], live: Sequence[Sent]) -> None:
    while await _cpu(pid, QUIET_SECONDS) > QUIET:
        pass  # what was restored is judged for the first time
    paths = [path for number in numbers for path in ("/", f"/containers/{number}", "/exceptions", "/nodes/KZ-AKTAU")]
    reader = Reader(client, paths)
    for _ in range(4 * ASKED):
        await reader.ask()
    click.echo("\n".join(reader.told("idle")))
    alone, reader = await _cpu(pid, LOOKED_SECONDS), Reader(client, paths)
    readers = asyncio.create_task(reader.keep_on())
    read = await _cpu(pid, LOOKED_SECONDS)
    await _end(readers)
    click.echo(f"CPU of the worker: {alone:.1%} of a core, {read:.1%} with {VIEWS_PER_SECOND} page views a second")
    reader, size = Reader(client, paths), len(live) // SLICES
    spent: dict[bool, float] = {False: 0.0, True: 0.0}
    busy: dict[bool, float] = {False: 0.0, True: 0.0}
    for number in range(SLICES):
        is_read = bool(number % 2)
        reading = asyncio.create_task(reader.keep_on()) if is_read else None
        begun, used = perf_counter(), weight_of(pid).cpu_seconds
        await whole.feed(live[number * size : (number + 1) * size], Random(number))
        await whole.comes_to(lambda done: done.all, seconds=SECONDS)
        spent[is_read] += perf_counter() - begun
        busy[is_read] += weight_of(pid).cpu_seconds - used
        if reading is not None:
            await _end(reading)
    click.echo("\n".join(reader.told("while the stream works")))
    rates = {is_read: SLICES // 2 * size / seconds for is_read, seconds in spent.items()}
    costs = {is_read: SLICES // 2 * size / seconds for is_read, seconds in busy.items()}
    click.echo(f"reports per CPU-second: {costs[False]:,.0f} alone, {costs[True]:,.0f} with them")
    click.echo(f"reports/s: {rates[False]:,.0f} alone, {rates[True]:,.0f} with {VIEWS_PER_SECOND} page views a second")


async def _cpu(pid: int, seconds: float) -> float:
    """The share of a core that a process takes."""
    used, begun = weight_of(pid).cpu_seconds, perf_counter()
    await asyncio.sleep(seconds)
    return (weight_of(pid).cpu_seconds - used) / (perf_counter() - begun)


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@click.command(help=__doc__)
@click.option("--journeys", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--simulated", type=click.IntRange(100), default=6_000, show_default=True, help="The others are copies.")
def main(journeys: int, simulated: int) -> None:
    """See the module."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    asyncio.run(run(journeys, simulated))


if __name__ == "__main__":
    main()
