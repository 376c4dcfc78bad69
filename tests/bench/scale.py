"""Scale: 1, 2 and 4 workers of one group over twelve partitions, on the machine that the broker runs on too.

    python -m tests.bench.scale [--reports 200000]

Each run takes the simulated reports of `make bench`, sent when all workers are ready. The clock starts when all
are sent and ends when the group has committed the end of every input. What was handled meanwhile is not counted.
Workers and broker share the cores, so more workers can't be faster than the cores allow: what is to be seen is that
their work adds up (CPU per report), and that none waits for another.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import monotonic

import click

from tests.bench.load import simulated
from tests.bench.memory import resident
from tests.bench.process import weight_of
from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.hearing import Sent
from tracker.service import load_world
from tracker.settings import Settings

PATIENCE_SECONDS = 600.0


async def measure(whole: Whole, sents: Sequence[Sent], workers: int) -> dict[str, object]:
    """One run."""
    await whole.begin()
    started = [whole.start(f"worker-{number}") for number in range(workers)]
    for worker in started:
        await whole.ready(worker)
    await whole.feed(sents, Random(1))
    first, begun = (await whole.done()).intake[0], monotonic()
    before = [weight_of(worker.pid).cpu_seconds for worker in started]
    await whole.comes_to(lambda done: done.all, seconds=PATIENCE_SECONDS)
    seconds, count = monotonic() - begun, len(sents) - first
    used = [weight_of(worker.pid).cpu_seconds - cpu for worker, cpu in zip(started, before, strict=True)]
    return {
        "workers": workers,
        "reports": count,
        "reports/s": round(count / seconds),
        "reports/CPU-s": round(count / sum(used)),
        "CPU-s, each": [round(each, 1) for each in used],
        "MiB, most": round(max(resident(worker.pid, "VmHWM") for worker in started)),
    }


@click.command(help=__doc__)
@click.option("--reports", type=click.IntRange(1_000), default=200_000, show_default=True)
@click.option("--workers", multiple=True, type=click.IntRange(1, 12), default=(1, 2, 4), show_default=True)
def main(reports: int, workers: Sequence[int]) -> None:
    """Measure and print."""
    world = load_world(Settings())
    load = simulated(world.network, world.carriers, reports)
    sents = [Sent(each.carrier, each.received_at, each.body) for each in load.reports]
    with Kafka(heap_megabytes=1024) as kafka:
        for count in workers:
            with tempfile.TemporaryDirectory() as folder:
                whole = Whole(kafka.bootstrap, Path(folder), clock="wall")
                try:
                    click.echo(f"{asyncio.run(measure(whole, sents, count))}; load {os.getloadavg()[0]:.1f}")
                finally:
                    whole.kill_all()


if __name__ == "__main__":
    main()
