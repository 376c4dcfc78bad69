"""How soon a carrier's wrong clock is told, and how often a right one is: simulated months, each carrier in turn.

    python -m tests.bench.clocks [--seeds 2] [--trials 4] [--hours 3 --hours -5] [--no-alarms]

False alarms: months at 1.2, 3 and 6 trains a day, quiet ones and ones with silences, a storm and an outage. Shifts: put
on the reports of one carrier from a random moment on, as often on each carrier; once on all times that it tells (its
clock is off, as in `tracker simulate`), and once on those of events alone (its zone is). How many of its reports came
until it was told is counted with the whole list of a train, which comes at one moment: a train is 55 of them.
`the 50th in it`: the 50th report had not come before the ten minutes in which it was told. Takes some five minutes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import NamedTuple

import click
from msgspec.structs import replace

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.clocks import Shift, shifts_of
from tracker.domain.delay_bins import SLOT
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


class Timed(NamedTuple):
    """When a report was received, how late, and how long it was on its way (None: nobody says)."""

    received: Millis
    delay: int
    lag: int | None


class Month(NamedTuple):
    """What was received of each carrier; the reports of each container that it and others told of."""

    start: Millis
    timed: Mapping[str, Sequence["Timed"]]
    boxes: Mapping[str, Sequence[Sequence[Report]]]


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
    intake = WORLD.intake  # made anew at each access, with an index of all places
    timed: defaultdict[str, list[Timed]] = defaultdict(list)
    boxes: defaultdict[str, list[Report]] = defaultdict(list)
    for number, sent in enumerate(Simulation(WORLD.network, CARRIERS, traffic, lambda journey: None)):
        for reading in intake.read(sent.carrier, sent.body, sent.received_at, 0, number):
            if reading.delay is not None:
                timed[sent.carrier].append(Timed(sent.received_at, reading.delay, reading.lag))
            if reading.report is not None and reading.container is not None:
                boxes[reading.container].append(reading.report)
    mixed: defaultdict[str, list[Sequence[Report]]] = defaultdict(list)
    for reports in boxes.values():
        who = {each.carrier for each in reports}
        for carrier in who if len(who) > 1 else ():
            mixed[carrier].append(reports)
    return Month(start, timed, mixed)


def found(timed: Sequence[Timed], boxes: Iterable[Sequence[Report]], carrier: str) -> list[Shift]:
    """The shifts of a carrier that are found in its delays, lags and differences."""
    days: defaultdict[tuple[str, int], CarrierDay] = defaultdict(CarrierDay)
    others: Counts = defaultdict(Counter)
    for received, delay, lag in timed:
        days[carrier, received // DAY].timed(received, delay, lag)
    for reports in boxes:
        for (day, who, key), times in differences_of(reports).items():
            if who == carrier:
                others[who, day][key] += times
    end = Millis(timed[-1].received + SLOT)
    return shifts_of({place: day.clock for place, day in days.items()}, end, None, others)[0]


def trial(known: Month, wrong: str, hours: int, of_all: bool, chance: Random) -> Told:
    """Put a carrier's clock off by whole hours from a random moment on, or only what it tells of events."""
    since = Millis(known.start + round(chance.uniform(12, 27) * DAY))
    low, high, off = since - 9 * DAY, since + 3 * DAY, hours * HOUR

    def shifted(report: Report) -> Report:
        is_off = report.carrier == wrong and report.received >= since
        return replace(report, occurred=Millis(report.occurred + off)) if is_off else report

    timed = [
        each
        if each.received < since
        else Timed(each.received, each.delay - off, each.lag - off if of_all and each.lag is not None else each.lag)
        for each in known.timed[wrong]
        if low <= each.received < high
    ]
    boxes = (
        [each for each in map(shifted, reports) if low <= each.received < high and is_taken(each)]
        for reports in known.boxes[wrong]
    )
    shift = next((each for each in found(timed, boxes, wrong) if each.opened > since), None)
    if shift is None:
        return Told(None, len(timed), len(timed))
    after = [received for received, _, _ in timed if received >= since]
    return Told(
        shift, sum(at < shift.opened for at in after), sum(at < shift.opened - SLOT for at in after)
    )  # fmt: skip


def is_taken(report: Report) -> bool:
    """Whether intake would take it, and not reject it for telling the future."""
    return report.occurred - report.received <= 15 * MINUTE


def alarms(seeds: int) -> None:
    """Months without a wrong clock, and what is found in them."""
    for trains in (1.2, 3, 6):
        wrong, months = list[Shift](), 0
        for seed in range(11, 11 + seeds):
            for trouble in ("{}", TROUBLE):
                known = month(seed, trains, trouble)
                for carrier in CARRIERS:
                    wrong += found(known.timed[carrier], known.boxes[carrier], carrier)
                months += len(CARRIERS)
        names = ", ".join(f"{each.carrier} {each.hours:+} h" for each in wrong)
        click.echo(f"{trains} trains a day: {len(wrong)} false alarms in {months} carrier months {names}")


@click.command(help=__doc__)
@click.option("--seeds", default=2, show_default=True)
@click.option("--trials", default=4, show_default=True, help="shifts of each carrier and number of hours, per seed")
@click.option("--hours", type=int, multiple=True, default=(-8, -5, -3, -2, -1, 1, 2, 3, 5, 8))
@click.option("--alarms/--no-alarms", "with_alarms", default=True, help="also look for false ones")
def main(seeds: int, trials: int, hours: Sequence[int], with_alarms: bool) -> None:
    """Measure, and print."""
    if with_alarms:
        alarms(seeds)
    many = [month(seed, 6, "{}") for seed in range(1, 1 + seeds)]
    for of_all in (True, False):
        click.echo("all times off" if of_all else "times of events off")
        for each in hours:
            told, missed = list[Told](), Counter[str]()
            for carrier in CARRIERS:
                chance = Random(f"{each} {carrier}")
                for known in many:
                    ones = [trial(known, carrier, each, of_all, chance) for _ in range(trials)]
                    missed[carrier] += sum(one.before >= 50 for one in ones)
                    told += ones
            took = sorted(one.reports for one in told)
            click.echo(
                f"{each:+} hours: median {took[len(took) // 2]}, 9 of 10 within {took[9 * len(took) // 10]}, "
                f"within 50 {sum(one.reports <= 50 for one in told) / len(told):.0%}, "
                f"the 50th in it {sum(one.before < 50 for one in told) / len(told):.0%}, "
                f"never {sum(one.shift is None for one in told)}, "
                f"other hours {sum(one.shift is not None and one.shift.hours != each for one in told)} of {len(told)}; "
                f"later: {', '.join(f'{who} {times}' for who, times in (+missed).most_common(3))}"
            )


if __name__ == "__main__":
    main()
