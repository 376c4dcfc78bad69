"""Runs the transport job on one contender after the other, on the same records of the same Kafka, and checks results.

The clock of a run starts when a fifth of the facts is there (so that a JVM is warm and nobody's start counts) and ends
when every fact is written and the offsets of both inputs are committed up to their ends. CPU is that of the process,
with all its threads; none has children, which is checked. Then the process is stopped, and its rows are compared.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

import click

from tests.bench.peers import rows
from tests.bench.peers.field import LOOK_SECONDS, Field, Load
from tests.bench.peers.figures import BARE, BYTEWAX, NAMES, OURS, QUIX, SHIPPED, STREAMS, Run
from tests.bench.peers.job import Given, Results, results
from tests.bench.peers.made import java_command, peers_python
from tests.bench.process import Contender
from tests.broker.kafka import Kafka

WARM: Final = 0.2
"""Share of the facts before the clock starts."""
PATIENCE_SECONDS: Final = 300.0
SETTLE_SECONDS: Final = 2.0
"""After the end: Bytewax writes its snapshots when an epoch ends."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A contender: how it is started, how its rows are read, and whether it gets the smaller load."""

    name: str
    command: list[str]
    form: rows.Form
    few: bool = False
    makes_changelogs: bool = True
    """Whether it makes the topics of its rows itself."""


def peers(wanted: Sequence[str]) -> list[Peer]:
    """The contenders that are asked for, in the order of a round; what they need is fetched."""
    python = sys.executable
    here = "tests.bench.peers"
    every: dict[str, Any] = {
        OURS: lambda: Peer(OURS, [python, "-m", f"{here}.ours"], rows.OURS),
        BARE: lambda: Peer(BARE, [python, "-m", f"{here}.bare"], rows.BARE, makes_changelogs=False),
        STREAMS: lambda: Peer(STREAMS, java_command(), rows.STREAMS),
        QUIX: lambda: Peer(QUIX, [peers_python(), "-m", f"{here}.quix"], rows.QUIX),
        BYTEWAX: lambda: Peer(BYTEWAX, [peers_python(), "-m", f"{here}.wax"], rows.BYTEWAX),
        SHIPPED: lambda: Peer(SHIPPED, [python, "-m", f"{here}.shipped"], rows.FAUST, few=True, makes_changelogs=False),
    }
    return [every[name]() for name in NAMES if not wanted or name in wanted]


async def run(peer: Peer, load: Load, field: Field, start: Given) -> Run:
    """One run."""
    await field.lay(load)
    if not peer.makes_changelogs:
        await field.make(*(name.format(app=start.app_id) for name in (peer.form.boxes, peer.form.corridors)))
    start.folder.mkdir(parents=True)
    with Contender(peer.command, start.environment(), start.folder.with_suffix(".log")) as contender:
        begun = monotonic()

        async def until(true: Any) -> Any:
            while not (said := await true()):
                contender.check()
                if monotonic() - begun > PATIENCE_SECONDS:
                    raise TimeoutError(f"{peer.name}: {await field.facts()} facts after {PATIENCE_SECONDS:.0f} s")
                await asyncio.sleep(LOOK_SECONDS)
            return said

        async def warm() -> int:
            return facts if (facts := await field.facts()) >= WARM * load.wanted.facts else 0

        first = await until(warm)
        before, at = contender.weigh(), monotonic()
        await until(lambda: field.is_done(start.app_id, load.wanted.facts))
        wall, after = monotonic() - at, contender.weigh()
        contender.check_alone()
        await asyncio.sleep(SETTLE_SECONDS)
    share = 1 - first / load.wanted.facts
    seen = await left(peer, field, start)
    if seen != load.wanted:
        click.echo(f"{peer.name} is NOT equal: {seen}\nwanted {load.wanted}", err=True)
    cpu = after.cpu_seconds - before.cpu_seconds
    return Run(peer.name, load.reports * share, wall, cpu, after.resident_bytes_max, seen == load.wanted)


async def left(peer: Peer, field: Field, start: Given) -> Results:
    """What a contender has left."""
    form = peer.form
    if form is rows.BYTEWAX:
        boxes, corridors = (rows.bytewax_rows(start.folder, step) for step in (form.boxes, form.corridors))
    else:
        boxes, corridors = [await field.last(name.format(app=start.app_id)) for name in (form.boxes, form.corridors)]
    return results(
        [(form.key(key), count) for key, body in boxes.items() if (count := form.box(body))],
        await field.facts(),
        [(form.key(key).decode(), form.corridor(body)) for key, body in corridors.items()],
    )


async def race(wanted: Sequence[str], reports: int, few: int, rounds: int, folder: Path) -> list[Run]:
    """All runs, told as they come."""
    contenders, loads, runs = peers(wanted), {False: Load.of(reports), True: Load.of(few)}, list[Run]()
    with Kafka(heap_megabytes=1024) as kafka:
        async with Field(kafka.bootstrap) as field:
            for number in range(rounds):
                for peer in contenders:
                    name = f"{peer.name.replace(' ', '-').replace(chr(39), '')}-{number}"
                    done = await run(peer, loads[peer.few], field, Given(kafka.bootstrap, name, folder / name))
                    runs.append(done)
                    click.echo(
                        f"round {number + 1}, {done.peer}: {done.reports:,.0f} reports in {done.wall_seconds:.1f} s, "
                        f"{done.cpu_seconds:.1f} CPU-s; load {os.getloadavg()[0]:.1f}",
                        err=True,
                    )
    return runs
