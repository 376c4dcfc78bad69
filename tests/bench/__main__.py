"""`make bench`: the whole pipeline on one worker and a real Kafka, next to Faust as shipped and a bare aiokafka loop.

Each round runs every contender once, one after the other, on the same reports, which are in Kafka before it starts.
Not a test: it takes minutes, and its figures are worth something only on a machine that does nothing else.
"""

import asyncio
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tests.bench.load import Load, simulated, thinned
from tests.bench.measure import Program, Run, measure, measured
from tests.bench.peers import figures, race
from tests.bench.report import BARE, SHIPPED, TRACKER, UNJUDGED, as_json, table
from tests.bench.topics import Topics
from tests.broker.kafka import Kafka
from tracker.domain import ruling
from tracker.service import load_world
from tracker.settings import Settings


def programs(full: Load, few: Load) -> list[Program]:
    """The contenders in the order of a round."""
    return [
        Program(TRACKER, ["-m", "tracker.cli", "worker"], full),
        Program(UNJUDGED, ["-m", "tracker.cli", "worker"], full, {"TRACKER_JUDGE": "false"}),
        Program(BARE, ["-m", "tests.bench.bare"], full),
        Program(SHIPPED, ["-m", "tests.bench.shipped"], few),
    ]


async def run_rounds(loads: Sequence[Load], contenders: Sequence[Program], rounds: int, folder: Path) -> list[Run]:
    """All runs, told as they come."""
    runs: list[Run] = []
    with Kafka(heap_megabytes=1024) as kafka:
        async with Topics(kafka.bootstrap) as topics:
            for load in loads:
                await topics.renew(measured(kafka.bootstrap), load.ids)
                await load.send(kafka.bootstrap)
            for number in range(rounds):
                for program in contenders:
                    app_id = f"{program.name.replace(' ', '-')}-{number}"
                    run = await measure(program, kafka.bootstrap, topics, folder, app_id)
                    runs.append(run)
                    click.echo(
                        f"round {number + 1}, {run.contender}: {run.reports:,} reports, {run.facts:,} facts in "
                        f"{run.wall_seconds:.1f} s, {run.cpu_seconds:.1f} CPU-s; load {os.getloadavg()[0]:.1f}",
                        err=True,
                    )
    return runs


def machine() -> dict[str, Any]:
    """Where it was measured."""
    return {
        "python": platform.python_version(),
        "core": "sources" if ruling.__file__.endswith(".py") else "compiled",
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
    }


@click.command(help=__doc__)
@click.option("--reports", type=click.IntRange(1_000), default=200_000, show_default=True, help="Simulated reports.")
@click.option("--shipped-reports", type=click.IntRange(500), default=10_000, show_default=True,
              help="About so many of them, those of some containers, for Faust as shipped.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--peers", is_flag=True, help="The transport job on all peers instead (tests/bench/peers/job.py).")
@click.option("--quick", is_flag=True, help="One round of 30,000 and 3,000 reports: whether it works, not how fast.")
@click.option(
    "--only", multiple=True, type=click.Choice([TRACKER, UNJUDGED, *figures.NAMES]), help="Only these contenders."
)
@click.option("--json", "file", type=click.Path(path_type=Path), default=Path("artefacts/bench.json"),
              show_default=True, help="Where the figures go.")  # fmt: skip
def main(
    reports: int, shipped_reports: int, rounds: int, peers: bool, quick: bool, only: tuple[str, ...], file: Path
) -> None:
    if quick:
        reports, shipped_reports, rounds = 30_000, 3_000, 1
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns of every partition that is still being made
    about = machine()
    if peers:
        with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
            raced = asyncio.run(race.race(only, reports, shipped_reports, rounds, Path(folder)))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(figures.as_json(raced, about))
        click.echo(figures.table(raced))
        sys.exit(0 if all(run.equal for run in raced) else 1)
    world = load_world(Settings(web_port=0))
    full = simulated(world.network, world.carriers, reports)
    few = thinned(full, shipped_reports / reports)
    contenders = [program for program in programs(full, few) if not only or program.name in only]
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        runs = asyncio.run(run_rounds([full, few], contenders, rounds, Path(folder)))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_json(runs, about))
    click.echo(table(runs))
    load = f"load before and after: {about['load_before']:.1f}, {os.getloadavg()[0]:.1f}"
    click.echo(f"\ncore: {about['core']}; {load}; figures in {file}")
    sys.exit(0)


if __name__ == "__main__":
    main()
