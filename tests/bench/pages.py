"""What the operations page costs: how soon it answers with 100,000 open journeys, and what readers take of the stream.

    python -m tests.bench.pages                  # 5,000 reports a second by the wall's clock
    python -m tests.bench.pages --own            # and these of the open journeys themselves, days late
    python -m tests.bench.pages --rate 0         # the same as fast as the worker can, by their clock

A real worker on a real Kafka restores the rows (see `tests.bench.flow`). Pages are asked of it while nothing else
happens, then while it works: of slices of equal length every other one has 20 page views a second, mixed over all sorts
of pages, by readers in a process of their own. A sweep comes once a minute, and of every minute each part is measured
once with readers and once without. The same pages are asked of a worker that holds nothing but one container, first.

Told of a page: milliseconds from the question to its last byte as the reader sees it, who shares the machine with the
worker, Kafka and the sender; and those of the worker's handler. `healthz` does no work: its time is the wait for the
worker's loop. Of the stream: the worker's CPU time for a report, with and without readers, because it is the worker
that readers slow down, and wall times on a shared machine say little.
"""

import asyncio
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic, time
from typing import Any, Final, NamedTuple

import click

from tests.bench.flow import Copies, fresh, send
from tests.bench.memory import DAYS, State, cells, state, write
from tests.bench.process import weight_of
from tests.bench.reading import Times, reading, told
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole, admin_of, consumer_of
from tests.hearing import Sent
from tracker.domain.moment import DAY, Millis
from tracker.service import load_world
from tracker.settings import Settings
from tracker.streams.topics import changelog_topic

VIEWS_PER_SECOND: Final = 20
ASKED: Final = 30
"""Times each page is asked while nothing else happens."""
SLICES: Final = 20
SLICE_SECONDS: Final = 12
"""Five to a minute, an odd number: see the module. Fewer slices do not even out what a sweep leaves waiting."""
REPORTS_PER_JOURNEY_A_DAY: Final = 1.6
QUIET: Final = 0.15
"""Share of a core that a worker takes which has nothing to do."""
QUIET_SECONDS, QUIET_TRIES = 3.0, 100
DRAIN_SECONDS: Final = 600.0
NODES: Final = ("KZ-AKTAU", "KZ-ALTYNKOL", "AZ-ALAT", "BY-BREST")
CORRIDORS: Final = ("middle", "northern", "central-asia")
CARRIERS: Final = ("", "/ktz-express", "/utlc")


class Slice(NamedTuple):
    """A part of the run: with readers or not, the worker's CPU seconds, the reports it handled, how many wait."""

    is_read: bool
    cpu_seconds: float
    reports: int
    waiting: int
    seconds: float


def pages(numbers: Sequence[str]) -> list[str]:
    """Paths, all sorts of pages in turn, as many of each as there are containers."""
    rest = cycle(
        (f"/nodes/{node}", f"/corridors/{corridor}", f"/carriers{carrier}")
        for node, corridor, carrier in zip(cycle(NODES), cycle(CORRIDORS), islice(cycle(CARRIERS), 12), strict=False)
    )
    return [path for number, more in zip(numbers, rest, strict=False)
            for path in ("/", f"/containers/{number}", "/exceptions", *more)]  # fmt: skip


async def run(journeys: int, simulated: int, rate: float, *, own: bool) -> None:
    """Measure, and print as it comes."""
    settings = Settings(web_port=0)
    reports = _needed(rate or 10_000) if own or not rate else 20_000
    days = 1.0 + 1.1 * reports / (journeys * REPORTS_PER_JOURNEY_A_DAY)
    world, start = load_world(settings), Millis(round(time() * 1000) - round((DAYS + days) * DAY))
    held = state(world, simulated, start, 2 * reports * simulated // journeys + 20_000)
    copies = Copies(-(-journeys // len(held.open)))
    rows = dict(islice(copies.rows(held.open, settings.partitions).items(), journeys))
    flow = list(islice(copies.reports(held.next), reports)) if own or not rate else []
    figures = cells(held.facts, world, settings.partitions)
    click.echo(f"{len(rows):,} open journeys, {len(figures):,} cells, {len(flow):,} reports of theirs")
    clock = "wall" if rate else "data"
    with Kafka(heap_megabytes=1024) as kafka, tempfile.TemporaryDirectory(prefix="tracker-pages-") as folder:
        await _empty(Whole(kafka.bootstrap, Path(folder), clock=clock), held)
        whole = Whole(kafka.bootstrap, Path(folder), clock=clock)
        await whole.begin()
        for table, held_rows in (("journeys", rows), ("subjects", figures)):
            await write(whole.settings, changelog_topic(whole.settings.app_id, table), held_rows)
        worker = whole.start("pages")
        try:
            await whole.ready(worker)
            await _quiet(worker.pid)
            address, paths = whole.address_of(worker), pages([key.decode() for _, key in islice(rows, 500)])
            click.echo(told(await reading(address, paths[: 6 * ASKED]), "idle"))
            slices, times = await _flowing(whole, worker.pid, paths, flow, rate)
            click.echo(told(times, f"while {_rate(slices):,.0f} reports/s come"))
            click.echo(_costs(slices, paced=bool(rate)))
        finally:
            whole.kill_all()


async def _empty(whole: Whole, held: State) -> None:
    """The pages of a worker that knows of one container."""
    await whole.begin()
    worker = whole.start("empty")
    try:
        await whole.ready(worker)
        told_of = Counter(sent.body[14:25].decode(errors="replace") for sent in held.next)
        container = next(each for each, _ in told_of.most_common() if each in held.open)
        told_of_it = [sent for sent in held.next if container.encode() in sent.body]
        brokers, partitions, count = whole.settings.brokers, whole.settings.partitions, len(told_of_it)
        await send(brokers, partitions, _one_of(told_of_it), count, count)
        await whole.comes_to(lambda done: done.all, seconds=DRAIN_SECONDS)
        await _quiet(worker.pid)
        click.echo(told(await reading(whole.address_of(worker), pages([container] * ASKED)), "an empty worker, idle"))
    finally:
        whole.kill_all()


async def _flowing(
    whole: Whole, pid: int, paths: Sequence[str], flow: Sequence[Sent], rate: float
) -> tuple[list[Slice], Times]:
    """Slices while reports come, every other one with readers, and what these saw."""
    address = whole.address_of(whole.workers[-1])
    brokers, partitions = whole.settings.brokers, whole.settings.partitions
    made = _one_of(flow) if flow else partial(fresh, whole.carriers)
    total = len(flow) or _needed(rate)
    sends: Coroutine[Any, Any, object] = (
        send(brokers, partitions, made, total, rate) if rate else whole.feed(flow, Random(2))
    )
    sending = asyncio.create_task(sends)
    slices: list[Slice] = []
    times: Times = {}
    async with admin_of(whole.settings.brokers) as admin, consumer_of(whole.settings.brokers) as consumer:

        async def reached() -> tuple[float, float, int, int]:
            stages = await whole.offsets_by(admin, consumer)
            waiting = sum(end - done for stage in stages for done, end in stage.values())
            done = sum(done for stage in (0, 2) for done, _ in stages[stage].values()) // 2  # read, and folded
            return monotonic(), weight_of(pid).cpu_seconds, done, waiting

        before = await reached()
        for number in range(SLICES):
            is_read, begun = bool(number % 2), monotonic()
            if is_read:
                for name, took in (await reading(address, paths, VIEWS_PER_SECOND, SLICE_SECONDS)).items():
                    times.setdefault(name, []).extend(took)
            await asyncio.sleep(max(0.0, begun + SLICE_SECONDS - monotonic()))
            after = await reached()
            at, used, done, _ = (new - old for new, old in zip(after, before, strict=True))
            slices.append(Slice(is_read, used, int(done), after[3], at))
            click.echo(f"{slices[-1]}; load {os.getloadavg()[0]:.1f}", err=True)
            before = after
            if sending.done():
                sending.result()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    return slices, times


def _needed(rate: float) -> int:
    """Reports that last for all slices at a rate."""
    return round(rate * SLICES * SLICE_SECONDS * 1.1)


def _one_of(sents: Sequence[Sent]) -> Callable[[int, Millis], Sent]:
    return lambda number, now: sents[number]


def _rate(slices: Sequence[Slice]) -> float:
    return sum(each.reports for each in slices) / sum(each.seconds for each in slices)


def _cost(slices: Sequence[Slice]) -> float:
    return sum(each.cpu_seconds for each in slices) / sum(each.reports for each in slices)


def _share(slices: Sequence[Slice]) -> float:
    return sum(each.cpu_seconds for each in slices) / sum(each.seconds for each in slices)


def _costs(slices: Sequence[Slice], *, paced: bool) -> str:
    """What readers cost: of a flow that is `paced` CPU time for what arrives, else for what was handled.

    What one slice leaves waiting the next one handles: per report handled a paced flow would count that twice.
    """
    alone, read = [each for each in slices if not each.is_read], [each for each in slices if each.is_read]
    lines = [
        f"{name} {VIEWS_PER_SECOND} page views a second: {_rate(those):,.0f} reports/s at {1e6 * _cost(those):.0f} us "
        f"of CPU each, {_share(those):.1%} of a core; "
        f"{median(s.waiting for s in those):,.0f} waiting in the median, {max(s.waiting for s in those):,} at most"
        for name, those in (("without", alone), ("with", read))
    ]
    more = (_share(read) / _share(alone) if paced else _cost(read) / _cost(alone)) - 1
    return "\n".join([*lines, f"readers cost {more:.1%} of CPU time more"])


async def _quiet(pid: int) -> None:
    """Wait until what was restored is judged for the first time."""
    for _ in range(QUIET_TRIES):
        used, begun = weight_of(pid).cpu_seconds, monotonic()
        await asyncio.sleep(QUIET_SECONDS)
        if (weight_of(pid).cpu_seconds - used) / (monotonic() - begun) < QUIET:
            return
    raise TimeoutError("the worker never came to rest")


@click.command(help=__doc__)
@click.option("--journeys", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--simulated", type=click.IntRange(100), default=3_000, show_default=True, help="The others are copies.")
@click.option(
    "--rate", type=click.FloatRange(0), default=5_000, show_default=True, help="Reports a second; 0: all at once."
)
@click.option("--own", is_flag=True, help="Reports of these journeys instead of fresh ones of others: see flow.py.")
def main(journeys: int, simulated: int, rate: float, own: bool) -> None:
    """See the module."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    asyncio.run(run(journeys, simulated, rate, own=own))


if __name__ == "__main__":
    main()
