"""What a sweep costs: finding what is due among many open journeys, knowing the situation, judging one container.

    python -m tests.bench.sweep [--journeys 100000]

The board holds 60 days of the packaged carriers over twelve partitions, as a worker has it after two months.
"""

import time
from random import Random
from typing import Any

import click

from tests.domain.long_way import long_way
from tests.domain.told import BOX
from tracker.aggregates.carrier_day import CarrierDay
from tracker.contract.carriers_file import load_carriers
from tracker.contract.network_file import load_network
from tracker.domain.container import ContainerRow, Rules
from tracker.domain.exceptions import Judgement
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.rejudge import Judge, rejudge
from tracker.domain.ruling import apply
from tracker.domain.thresholds import Thresholds
from tracker.streams.board import Board
from tracker.streams.deadlines import Deadlines
from tracker.streams.intake import day_output

PARTITIONS = 12
DAYS = 60


def filled_board() -> tuple[Board, Millis]:
    """A board of 60 days, some 300 minutes of each heard of per carrier and partition, and its last moment."""
    board, chance, first = Board(load_network()), Random(1), 20_000
    for carrier in load_carriers():
        for partition in range(PARTITIONS):
            for day in range(first, first + DAYS):
                counted = CarrierDay(containers=[f"TBJU{n:07d}" for n in range(10)])
                heard = bytearray(counted.minutes)
                for _ in range(300):
                    heard[chance.randrange(len(heard))] |= 1 << chance.randrange(8)
                    counted.delays.add(chance.randrange(20 * HOUR))
                counted.minutes = bytes(heard)
                output = day_output(carrier.id, partition, day, counted)
                board.take(output.key or b"", output.value)
    return board, Millis((first + DAYS) * DAY - 1)


def timed(work: Any) -> float:
    """Milliseconds of one call, the least of five."""
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken) * 1000


@click.command(help=__doc__)
@click.option("--journeys", type=click.IntRange(1), default=100_000, show_default=True)
def main(journeys: int) -> None:
    """Measure and print."""
    board, now = filled_board()
    deadlines = Deadlines()
    for number in range(journeys):
        deadlines.note(f"TBJU{number:07d}".encode(), Judgement(clock=now, due=Millis(now + (1 + number) * MINUTE)))
    click.echo(f"{journeys:,} open journeys, nothing due: {timed(lambda: deadlines.due(now, turned=False)):.3f} ms")
    clocks = iter(range(now, now + 5 * MINUTE, MINUTE))
    click.echo(f"the situation at another minute: {timed(lambda: board.situation(Millis(next(clocks)))):.1f} ms")
    rules = Rules(load_network(), {})
    judge = Judge(rules, Lines(rules.network, Thresholds()), board.situation(now))
    for length in (10, 40, 100):
        row = ContainerRow()
        for report in long_way(length):
            apply(row, BOX, report, rules)
            row.judgement.heard(report.received)
        last = row.newest + DAY

        def anew(row: ContainerRow = row, last: int = last) -> None:
            row.judgement = Judgement(is_behind=True)
            rejudge(row, BOX, judge, Millis(last))

        def on(row: ContainerRow = row, last: int = last) -> None:
            rejudge(row, BOX, judge, Millis(last))

        click.echo(f"a container of {length} reports: judged anew {timed(anew):.2f} ms, on {timed(on):.3f} ms")


if __name__ == "__main__":
    main()
