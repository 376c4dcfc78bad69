"""What a sweep costs: finding what is due among many open journeys, knowing the situation, judging one container.

    python -m tests.bench.sweep [--journeys 100000]

The board holds 60 days of the packaged carriers and of flows over twelve partitions, as a worker has it after two
months: a train every five hours to each node in each direction, of some 50 boxes of which each partition has four.
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
from tracker.domain.flows import Flow, Note
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.noting import apply_noting, note_anew
from tracker.domain.rejudge import Judge, rejudge
from tracker.domain.thresholds import Thresholds
from tracker.metrics.under_way import ways_of_nodes
from tracker.streams.board import Board
from tracker.streams.deadlines import Deadlines
from tracker.streams.flows import Flows
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


def fill_flows(board: Board, now: Millis) -> tuple[int, int]:
    """Put 60 days of flows on a board; records and their bytes."""
    network, chance, size = load_network(), Random(2), 0
    ways = ways_of_nodes(network)
    last = now // HOUR
    for partition in range(PARTITIONS):
        flows = Flows()
        for hour in range(last - 24 * DAYS, last):
            notes = []
            for node, direction in ways[hour % 5 :: 5]:
                minute = hour * 60 + chance.randrange(60)
                for what, back in enumerate((1, 40, 2, 30)):
                    notes += [Note(Flow(node, direction), what, hour - back, minute, 1)] * 4
            flows.add(notes)
        for output in board.flows.unlike(partition, flows):
            size += len(output.value or b"")
            board.take(output.key or b"", output.value)
    return PARTITIONS * 24 * DAYS, size


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
    begun = time.perf_counter()
    records, size = fill_flows(board, now)
    took = time.perf_counter() - begun
    click.echo(f"{records:,} records of flows, {size / 1e6:.1f} MB: read in {took * 1000:,.0f} ms")
    begun = time.perf_counter()
    board.situation(now)
    click.echo(f"the situation for the first time: {(time.perf_counter() - begun) * 1000:,.0f} ms")
    clocks = iter(range(now + MINUTE, now + 6 * MINUTE, MINUTE))
    click.echo(f"the situation at another minute: {timed(lambda: board.situation(Millis(next(clocks)))):.1f} ms")
    hours = iter(range(now + HOUR, now + 6 * HOUR, HOUR))
    click.echo(f"the situation an hour later: {timed(lambda: board.situation(Millis(next(hours)))):.1f} ms")
    rules = Rules(load_network(), {})
    judge = Judge(rules, Lines(rules.network, Thresholds()), board.situation(now))
    for length in (10, 40, 100):
        row = ContainerRow()
        for report in long_way(length):
            apply_noting(row, BOX, report, rules)
            row.judgement.heard(report.received)
        last = row.newest + DAY

        def anew(row: ContainerRow = row, last: int = last) -> None:
            row.judgement = Judgement(is_behind=True)
            rejudge(row, BOX, judge, Millis(last))

        def on(row: ContainerRow = row, last: int = last) -> None:
            rejudge(row, BOX, judge, Millis(last))

        def noted(row: ContainerRow = row, behind: int = long_way(length)[-2].received) -> None:
            row.noted.behind = Millis(behind)
            note_anew(row, BOX, rules)

        click.echo(
            f"a container of {length} reports: judged anew {timed(anew):.2f} ms, on {timed(on):.3f} ms; "
            f"its flows noted anew {timed(noted):.2f} ms, in {len(row.noted.notes) // 3} notes"
        )


if __name__ == "__main__":
    main()
