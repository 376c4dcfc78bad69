"""What a report costs by how many its journey has already: microseconds of the journeys stage's fold, on one core.

    python -m tests.bench.growth

In order: the next report in order of time. Late: one that belongs before the last ten. Twice: the next report after
another carrier's word of the same thing. `with its row`: read from its stored form and stored again, as a batch with
one report of the container does. The least of some rounds, each over ten reports: other work only makes it slower.
"""

import gc
from collections.abc import Iterable
from time import perf_counter_ns

import click
from msgspec.structs import replace

from tests.domain.long_way import long_way
from tests.domain.told import BOX, RULES
from tracker.domain.container import ContainerRow
from tracker.domain.report import Report
from tracker.domain.ruling import apply
from tracker.streams.packing import pack, unpack

LENGTHS = (10, 25, 50, 100, 200)
REPORTS = 10
"""Reports measured at each length."""


def row_of(reports: Iterable[Report]) -> bytes:
    """The stored row after these reports."""
    row = ContainerRow()
    for report in reports:
        apply(row, BOX, report, RULES)
    return pack(row)


def microseconds(body: bytes, reports: list[Report], rounds: int, *, with_row: bool) -> float:
    """The mean cost of each of the reports, one after the other upon the row; the least of the rounds."""
    best = float("inf")
    for _ in range(rounds):
        row = unpack(body)
        stored = body
        begun = perf_counter_ns()
        for report in reports:
            if with_row:
                row = unpack(stored)
            apply(row, BOX, report, RULES)
            if with_row:
                stored = pack(row)
        best = min(best, (perf_counter_ns() - begun) / 1_000 / len(reports))
    return best


def cases(length: int) -> dict[str, tuple[bytes, list[Report]]]:
    """Rows to which the reports come that make them so long."""
    sent = long_way(length)
    early, last = sent[:-REPORTS], sent[-REPORTS:]
    others = [replace(report, carrier="adyc", id=f"other {report.id}") for report in last]
    return {
        "in order": (row_of(early), last),
        "late": (row_of([*sent[: -2 * REPORTS], *last]), sent[-2 * REPORTS : -REPORTS]),
        "twice": (row_of([*early, *last]), others),
    }


@click.command(help=__doc__)
@click.option("--rounds", type=click.IntRange(1), default=30, show_default=True)
def main(rounds: int) -> None:
    gc.collect()
    gc.freeze()
    gc.disable()
    names = list(cases(LENGTHS[0]))
    click.echo("| reports of the journey | " + " | ".join(f"{n} | with its row" for n in names) + " | bytes |")
    click.echo("|---" * (2 * len(names) + 2) + "|")
    for length in LENGTHS:
        found = cases(length)
        figures = [
            f"{microseconds(*found[name], rounds, with_row=whole):.0f} us" if found[name][1] else "-"
            for name in names
            for whole in (False, True)
        ]
        click.echo(f"| {length} | " + " | ".join(figures) + f" | {len(found['in order'][0])} |")


if __name__ == "__main__":
    main()
