"""`make chaos`: trials of faults on a real Kafka, each judged by `tracker batch`; status 1 when one differs.

A trial is a tracker of two or three worker processes under reports, with faults by a schedule that follows from its
seed. Minutes; needs Java 17 and Maven, and Go for faults of the network.
"""

import logging
import sys
from pathlib import Path

import click

from tests.chaos.faults import FAULTS
from tests.chaos.report import entry, keep
from tests.chaos.stand import Stand
from tests.chaos.trial import draw


@click.command(help=__doc__)
@click.option("--trials", type=click.IntRange(1), default=10, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first trial; the others count up.")
@click.option("--reports", type=click.IntRange(1_000), default=50_000, show_default=True, help="Of each trial.")
@click.option("--fault", "faults", multiple=True, type=click.Choice(sorted(FAULTS)), help="Only these; else all.")
@click.option("--steps", type=click.IntRange(0), help="Faults of each trial; else two to four.")
@click.option("--report", "file", type=click.Path(path_type=Path), default=Path("artefacts/chaos.md"),
              show_default=True, help="Where the report goes; trials are added to those of before.")  # fmt: skip
def main(trials: int, seed: int, reports: int, faults: tuple[str, ...], steps: int | None, file: Path) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of every broker that is down
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with Stand() as stand:
        differ = [_differs(stand, number, reports, faults, steps, file) for number in range(seed, seed + trials)]
    sys.exit(int(any(differ)))


def _differs(stand: Stand, number: int, reports: int, faults: tuple[str, ...], steps: int | None, file: Path) -> bool:
    words = [f"--seed={number}", "--trials=1", f"--reports={reports}", *(f"--fault={each}" for each in faults)]
    command = " ".join(["python -m tests.chaos", *words, *([] if steps is None else [f"--steps={steps}"])])
    plan = draw(number, reports, list(faults or FAULTS), steps)
    click.echo(f"seed {number}: {plan}, {[name for _, name in plan.steps]}")
    trial = stand.make(plan)
    for event in trial.events:
        click.echo(f"  {event.at:5.1f} s {event.what}; moved on after {event.recovery} s")
    for line in [*trial.reasons, *(["DIFFERS, again: " + command] if trial.wrong else ["exact"]), *trial.wrong]:
        click.echo(f"  {line[:3000]}")
    click.echo(f"  {trial.seconds:.0f} s ({trial.cpu_seconds:.0f} s of CPU), {trial.restarts} restarts, {trial.counts}")
    keep(file, entry(trial, command))
    return bool(trial.wrong)


if __name__ == "__main__":
    main()
