"""How soon a carrier's wrong clock is told, and how often a right one is: simulated months, delays and differences.

    python -m tests.bench.clocks [--seeds 2] [--trials 25] [--hours 3 --hours -5]

False alarms: months at 1.2, 3 and 6 trains a day, quiet ones and ones with silences, a storm and an outage. Shifts: put
on the reports of one carrier, drawn at random, from a random moment on. How many of its reports came until it was
told is counted with the whole list of a train, which comes at one moment: a train is 55 of them. `the 50th in it`: the
50th report had not come before the ten minutes in which it was told. Takes some ten minutes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

import click
from msgspec.structs import replace

from tracker.aggregates.clocks import Shift, shifts_of
from tracker.domain.delay_bins import SLOT, noted
from tracker.domain.moment import DAY, HOUR, MINUTE, Millis
from tracker.domain.report import Report
from tracker.domain.testifying import differences_of
from tracker.service import load_world
from tracker.settings import Settings
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.scenario_file import read_scenario
from tracker.simulate.simulation import Simulation

WORLD = load_world(Settings())
CARRIERS = [carrier.id for carrier in WORLD.carriers]
DAYS = 31
TROUBLE = """
silences:
  - {carrier: ktz-express, from: 12, to: 13.5}
  - {carrier: utlc, from: 18, to: 20}
  - {carrier: cr-express, from: 22, to: 22.3}
outages: [{from: 25, to: 25.25}]
storms: [{node: KZ-AKTAU, from: 15, to: 20}]
"""
Counts = dict[tuple[str, int], Counter[int]]


class Month(NamedTuple):
    """What was received: carrier, when and how late; and the reports of each container."""

    start: Millis
    timed: Sequence[tuple[str, Millis, int]]
    boxes: Mapping[str, Sequence[Report]]


class Told(NamedTuple):
    """Reports that came until a shift was told, and before the ten minutes in which it was; None: never."""

    shift: Shift | None
    reports: int
    before: int


def month(seed: int, trains: float, trouble: str) -> Month:
    """A simulated month with the default faults."""
    start = Traffic().start
    scenario = read_scenario(trouble, start, WORLD.network, CARRIERS)
    traffic = Traffic(seed=seed, days=DAYS, trains_per_day=trains, faults=fault_rates("default"), scenario=scenario)
    timed: list[tuple[str, Millis, int]] = []
    boxes: defaultdict[str, list[Report]] = defaultdict(list)
    for number, sent in enumerate(Simulation(WORLD.network, CARRIERS, traffic, lambda journey: None)):
        for reading in WORLD.intake.read(sent.carrier, sent.body, sent.received_at, 0, number):
            if reading.delay is not None:
                timed.append((sent.carrier, sent.received_at, reading.delay))
            if reading.report is not None and reading.container is not None:
                boxes[reading.container].append(reading.report)
    return Month(start, timed, boxes)


def found(timed: Sequence[tuple[str, Millis, int]], boxes: Iterator[Sequence[Report]], only: str | None) -> list[Shift]:
    """The shifts that are found in delays and differences, of one carrier or of all."""
    delays: Counts = defaultdict(Counter)
    others: Counts = defaultdict(Counter)
    for carrier, received, delay in timed:
        delays[carrier, received // DAY][noted(received, delay)] += 1
    for reports in boxes:
        for (day, who, key), times in differences_of(reports).items():
            if only is None or who == only:
                others[who, day][key] += times
    return shifts_of(delays, Millis(max(received for _, received, _ in timed) + SLOT), None, others)[0]


def trial(known: Month, hours: int, chance: Random) -> Told:
    """Put a carrier's clock off by whole hours from a random moment on."""
    wrong, since = chance.choice(CARRIERS), Millis(known.start + round(chance.uniform(12, 27) * DAY))
    low, high = since - 9 * DAY, since + 4 * DAY

    def shifted(report: Report) -> Report:
        is_off = report.carrier == wrong and report.received >= since
        return replace(report, occurred=Millis(report.occurred + hours * HOUR)) if is_off else report

    timed = [
        (carrier, received, delay - hours * HOUR if received >= since else delay)
        for carrier, received, delay in known.timed
        if carrier == wrong and low <= received < high
    ]
    boxes = (
        [each for each in map(shifted, reports) if low <= each.received < high and is_taken(each)]
        for reports in known.boxes.values()
        if any(each.carrier == wrong for each in reports)
    )
    shift = next((each for each in found(timed, boxes, wrong) if each.opened > since), None)
    if shift is None:
        return Told(None, len(timed), len(timed))
    after = [received for _, received, _ in timed if received >= since]
    return Told(
        shift, sum(at < shift.opened for at in after), sum(at < shift.opened - SLOT for at in after)
    )  # fmt: skip


def is_taken(report: Report) -> bool:
    """Whether intake would take it, and not reject it for telling the future."""
    return report.occurred - report.received <= 15 * MINUTE


@click.command(help=__doc__)
@click.option("--seeds", default=2, show_default=True)
@click.option("--trials", default=25, show_default=True, help="shifts of each number of hours, per seed")
@click.option("--hours", type=int, multiple=True, default=(-8, -5, -3, -2, -1, 1, 2, 3, 5, 8))
def main(seeds: int, trials: int, hours: Sequence[int]) -> None:
    """Measure, and print."""
    for trains in (1.2, 3, 6):
        alarms, months = 0, 0
        for seed in range(11, 11 + seeds):
            for trouble in ("{}", TROUBLE):
                known = month(seed, trains, trouble)
                alarms += len(found(known.timed, iter(known.boxes.values()), None))
                months += len(CARRIERS)
        click.echo(f"{trains} trains a day: {alarms} false alarms in {months} carrier months")
    many = [month(seed, 6, "{}") for seed in range(1, 1 + seeds)]
    for each in hours:
        chance = Random(each)
        told = [trial(known, each, chance) for known in many for _ in range(trials)]
        took = sorted(one.reports for one in told)
        click.echo(
            f"{each:+} hours: median {took[len(took) // 2]}, 9 of 10 within {took[9 * len(took) // 10]}, "
            f"within 50 {sum(one.reports <= 50 for one in told) / len(told):.0%}, "
            f"the 50th in it {sum(one.before < 50 for one in told) / len(told):.0%}, "
            f"never {sum(one.shift is None for one in told)}, "
            f"other hours {sum(one.shift is not None and one.shift.hours != each for one in told)} of {len(told)}"
        )


if __name__ == "__main__":
    main()
