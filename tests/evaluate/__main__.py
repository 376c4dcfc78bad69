"""`make evaluate`: what the tracker says about delays, held against a simulated truth.

Simulates 60 days over all corridors with default data faults and the trouble of `tests/evaluate/scenario.yaml` (a storm
at Aktau, a border stop at Altynkol, a carrier silent for 48 h, the pipeline down for 6 h, 20 stuck containers), runs
`tracker batch` over the reports, and judges `exceptions.jsonl` by the truth file. The truth goes on until everything
that was under way has arrived, so that what was foretold can be judged. Not a test: its figures may be missed. Nothing
of the tracker's decisions is used to judge them; the network's planned hours are. How each figure is defined stands at
the head of `tests/evaluate/__main__.py`.

TRULY OVER A LINE (an episode): a container whose
  stay    at a node (arrived to departed; at the end of its journey to gate-out, where a stay is planned there), or
  run     from node to node lasts longer than the critical line: p99 of the lognormal of planned hours and p95 (sigma
          0.2 without p95; corridors' own stays first), plus the usual delay (p95) of the carrier that reports its end,
          12 h at least. The stay before the first departure is nobody's delay.
  hold    by customs lasts longer than 72 h.
  late    arrival is more than 72 h after the last arrival planned before departure; without a plan after the p99 of
          the sum of the way's hours.
Its deadline is the beginning plus the line (late: the plan plus 72 h).

FOUND: an exception of rule dwell, run, late, silent or held for that container was opened (critical, or explained by an
  incident) after the stay, run, hold or way began and stood at the deadline or later; opened at the latest when the
  end is usually reported. Early is right where it still holds; `late` may foretell, and be resolved before the deadline
  of a late journey. Deadlines in the last 24 h of the run need not be found.
PRECISION: critical exceptions of containers that found something, of all that did or were false. False: it found
  nothing. Neither: it found nothing, but carries an incident that was real for that container then (its carrier
  silent, its node closed, the pipeline down). `impossible` is told to carriers only and not judged.
TOLD: a version that is critical, without `suppressed_by`, `incident` and `replay`, and that stood for a minute.
TRUE CAUSE: container (stuck, or held by customs), node (closed, and within the line but for that), carrier, pipeline;
  unclear where chance alone made it slow: those are not counted as clear cases.
NOTICES: incidents told (open for a minute) during a real one or within a day after, about the same node and direction,
  carrier, or the pipeline; whatever is told of carriers in an outage is a notice of the outage. A border stop is one
  incident per direction, a storm is one.
WITHDRAWN: critical exceptions resolved with a reason that says they should not have been (late data, retracted, ...).
ARRIVALS: the last expectation made 24, 72 and 168 h before the true arrival at the end; mean of the hours off, beside
  what the template's planned hours and the empirical median from where the container truly was would have said. A
  person is told of a change of a day or more against what was told last.
LINES TOO LOW: stays or runs of which more than one in ten is critical, or truly over the judge's line.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import click

from tests.evaluate.arrivals import arrivals, read_expected
from tests.evaluate.cases import read_cases
from tests.evaluate.episodes import Judge
from tests.evaluate.figures import Result, result
from tests.evaluate.lines import Lines
from tests.evaluate.report import as_json, as_text
from tests.evaluate.said import read_said
from tests.evaluate.truth import Reporters, read_truth
from tracker.contract.carriers_file import load_carriers
from tracker.contract.network_file import load_network
from tracker.domain.moment import text
from tracker.simulate.options import REPORTERS, Traffic, fault_rates
from tracker.simulate.output import batch_line
from tracker.simulate.scenario_file import load_scenario
from tracker.simulate.simulation import Simulation
from tracker.simulate.truth import truth_file

_ABOUT: Final = __doc__.partition("TRULY OVER")[0]
TRAINS_PER_DAY: Final = 4.0
"""Of 54 to 62 containers: about 13,000 journeys in 60 days."""


def simulated(folder: Path, seed: int, scale: float, days: float, faults: str, margin: float, scenario: Path) -> None:
    """Writes reports.jsonl, received within `days`, and truth.json, which also tells how everything ended."""
    network, carriers = load_network(), [carrier.id for carrier in load_carriers()]
    start = Traffic().start
    traffic = Traffic(
        seed=seed,
        days=days,
        drain=True,
        plan_margin=margin,
        trains_per_day=TRAINS_PER_DAY * scale,
        faults=fault_rates(faults),
        scenario=load_scenario(scenario, start, network, carriers),
    )
    with truth_file(folder / "truth.json") as truth, (folder / "reports.jsonl").open("wb", 1 << 20) as reports:
        simulation = Simulation(network, carriers, traffic, truth.journey)
        for sent in simulation:
            if sent.received_at < simulation.until:
                reports.write(batch_line(sent))
        for journey in simulation.under_way():
            truth.journey(journey)
        truth.summary(simulation.summary() | {"until": text(simulation.until)})


def judged(folder: Path) -> tuple[Result, dict[str, Any]]:
    """Judges a folder with reports.jsonl, truth.json and, in `out`, what `tracker batch` made of the reports."""
    truth = read_truth(folder / "truth.json")
    said = read_said(folder / "reports.jsonl", truth.is_trouble)
    network = load_network()
    judge = Judge(Lines(network), truth, said, Reporters(network, REPORTERS, load_carriers()[0].id))
    episodes = judge.episodes()
    cases = read_cases(folder / "out" / "exceptions.jsonl")
    expected, journeys = read_expected(folder / "out")
    coming = arrivals(expected, journeys, Lines(network), truth)
    about = {
        "reports": said.reports,
        "exceptions": len(cases),
        "usual_delay_hours": {carrier: round(said.usual_delay_hours(carrier), 1) for carrier in sorted(said.delays)},
        "stuck": len(truth.stuck),
        "episodes": len(episodes),
    }
    return result(cases, episodes, judge, truth, coming, len(journeys)), about


@click.command(help=_ABOUT)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--scale", type=click.FloatRange(0, 10, min_open=True), default=1.0, show_default=True,
              help="Traffic as a multiple of 4 trains a day; 0.1 for a quick look.")  # fmt: skip
@click.option("--days", type=click.FloatRange(1), default=60.0, show_default=True)
@click.option("--faults", default="default", show_default=True, help="none, default, or a factor.")
@click.option("--plan-margin", "margin", type=click.FloatRange(0.5, 3), default=1.05, show_default=True,
              help="Carriers' planned arrivals, as a multiple of the planned hours.")  # fmt: skip
@click.option("--scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              default=Path(__file__).with_name("scenario.yaml"), help="What is to happen.")  # fmt: skip
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path),
              help="Keep reports, truth and results there.")  # fmt: skip
@click.option("--rejudge", is_flag=True, help="Judge what --folder holds; simulate and decide nothing.")
@click.option("--json", "file", type=click.Path(path_type=Path), default=Path("artefacts/evaluate.json"),
              show_default=True, help="Where the figures go.")  # fmt: skip
def main(
    seed: int,
    scale: float,
    days: float,
    faults: str,
    margin: float,
    scenario: Path,
    folder: Path | None,
    rejudge: bool,
    file: Path,
) -> None:
    if rejudge and folder is None:
        raise click.UsageError("--rejudge wants the --folder to judge")
    with tempfile.TemporaryDirectory(prefix="tracker-evaluate-") as own:
        place = folder or Path(own)
        place.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        if not rejudge:
            simulated(place, seed, scale, days, faults, margin, scenario)
            click.echo(f"simulated in {time.monotonic() - began:.0f} s", err=True)
            began = time.monotonic()
            command = [sys.executable, "-m", "tracker.cli", "batch", str(place / "reports.jsonl"), "--out"]
            subprocess.run([*command, str(place / "out")], check=True, stdout=subprocess.DEVNULL)
            click.echo(f"tracker batch took {time.monotonic() - began:.0f} s", err=True)
        score, found = judged(place)
    about = {"seed": seed, "scale": scale, "days": days, "faults": faults, "plan_margin": margin}
    about |= {"scenario": scenario.name} | found
    click.echo(", ".join(f"{name} {value}" for name, value in about.items()) + "\n")
    click.echo(as_text(score))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_json(score, about))
    click.echo(f"\nfigures in {file}")


if __name__ == "__main__":
    main()
