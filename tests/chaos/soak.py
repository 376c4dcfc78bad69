"""A long run at a steady rate: whether a worker's memory and file handles stay flat. `python -m tests.chaos.soak`.

Simulated traffic goes on for as long as is asked; a worker on a real Kafka works it off, its resident memory and open
files are looked at every five seconds. What is told is the slope over the second half: the first fills tables and
caches. Rows of journeys grow with the containers that are under way, so their number is told beside it.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from statistics import linear_regression
from time import monotonic
from typing import Final, NamedTuple
from urllib.request import urlopen

import click

from tests.broker.kafka import Kafka
from tests.broker.whole import Whole
from tests.chaos.crew import Crew
from tests.chaos.scene import Scene
from tests.hearing import Sent
from tracker.settings import MEBIBYTE
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.simulation import Simulation

LOOK_SECONDS: Final = 5.0
CONTAINERS: Final = 20_000
"""Of the pool: so many at most are under way, and rows come to rest."""


class Look(NamedTuple):
    """One look at the worker: seconds since the start, resident MiB, open files, rows of containers."""

    at: float
    resident: float
    files: int
    rows: float


def look(pid: int, address: str, begun: float) -> Look:
    """What Linux and the worker itself say now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    with urlopen(f"{address}/metrics", timeout=10) as answer:  # noqa: S310 (ours)
        lines = answer.read().decode().splitlines()
    rows = sum(float(line.split()[-1]) for line in lines if line.startswith("rail_worker_state_rows{"))
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Look(monotonic() - begun, pages * os.sysconf("SC_PAGE_SIZE") / MEBIBYTE, files, rows)


def slope(looks: Sequence[Look], name: str) -> float:
    """How much it grew an hour, over the second half of the looks."""
    half = looks[len(looks) // 2 :]
    return linear_regression([each.at for each in half], [getattr(each, name) for each in half]).slope * 3_600


def traffic(whole: Whole, seed: int) -> Iterator[Sent]:
    """Reports without an end."""
    options = Traffic(seed=seed, days=3_650, trains_per_day=60, containers=CONTAINERS, faults=fault_rates("default"))
    for sent in Simulation(whole.world.network, whole.carriers, options):
        yield Sent(sent.carrier, sent.received_at, sent.body)


async def soak(minutes: float, rate: float, seed: int) -> list[Look]:
    """Run it; every look."""
    with tempfile.TemporaryDirectory(prefix="tracker-soak-") as name, Kafka() as kafka:
        whole = Whole(kafka.bootstrap, Path(name))
        (Path(name) / "data").mkdir()
        await whole.begin()
        crew = Crew(whole, {})
        scene = Scene(kafka, None, whole, crew, Random(seed))
        worker = crew.start("soaked")
        await crew.ready(worker)
        sents = list(islice(traffic(whole, seed), int(minutes * 60 * rate)))
        feeding = asyncio.create_task(scene.feed(sents, rate=rate))
        looks: list[Look] = []
        try:
            while not feeding.done():
                await asyncio.sleep(LOOK_SECONDS)
                if worker.process.poll() is not None:
                    raise click.ClickException(
                        f"the worker ended after {monotonic() - scene.begun:.0f} s: {crew.reasons()}"
                    )
                address = whole.address_of(worker.process)
                looks.append(await asyncio.to_thread(look, worker.process.pid, address, scene.begun))
            await feeding
            await scene.comes_to_an_end(len(sents), seconds=60 + len(sents) / 1_000)
            assert crew.restarts == 0, crew.reasons()
        finally:
            await scene.end()
            await crew.end()
        return looks


@click.command(help=__doc__)
@click.option("--minutes", type=float, default=30.0, show_default=True)
@click.option("--rate", type=float, default=3_500.0, show_default=True, help="Reports a second; half the peak rate.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(minutes: float, rate: float, seed: int) -> None:
    looks = asyncio.run(soak(minutes, rate, seed))
    click.echo("| minute | resident MiB | open files | rows |\n|---|---|---|---|")
    for each in looks[:: max(1, len(looks) // 20)]:
        click.echo(f"| {each.at / 60:.1f} | {each.resident:.0f} | {each.files} | {each.rows:,.0f} |")
    click.echo(f"an hour of the second half: {slope(looks, 'resident'):+.1f} MiB, {slope(looks, 'files'):+.1f} files, "
               f"{slope(looks, 'rows'):+,.0f} rows")  # fmt: skip
    sys.exit(0)


if __name__ == "__main__":
    main()
