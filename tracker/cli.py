"""The command line: reads settings once, builds everything, passes it on.

Exit status 0 good, 1 findings, 2 usage or settings, 3 broken world (broker, disk).
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from tracker.access import Access, quota_options, run_access
from tracker.batch import Batch, run
from tracker.canary.command import canary_command
from tracker.console import (
    FILE,
    FINDINGS,
    GOOD,
    PATH,
    Moment,
    given,
    statuses,
    thresholds_option,
    world_options,
)
from tracker.contract.corrections import load_corrections
from tracker.contract.disruptions import load_disruptions
from tracker.contract.network_file import check_network
from tracker.correction import correction_group
from tracker.demo import run_demo
from tracker.disruption import disruption_group
from tracker.domain.moment import Millis
from tracker.explain.command import explain_command
from tracker.lint.command import lint_command
from tracker.push.command import Push, run_push
from tracker.push.mapping_file import packaged
from tracker.rejected import rejected_group
from tracker.replay.command import replay_command
from tracker.service import Service, load_world
from tracker.settings import BadSettings, load_settings
from tracker.simulate.options import Traffic, fault_rates
from tracker.simulate.run import Delivery, run_simulate
from tracker.simulate.scenario import NO_SCENARIO
from tracker.simulate.scenario_file import load_scenario
from tracker.streams.connection import secured
from tracker.streams.rights import Quota
from tracker.streams.topics import create_or_check, plan
from tracker.telling import notify_command


def _version() -> str:
    try:
        return version("rail-container-tracker")
    except PackageNotFoundError:
        return "from source"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="tracker")
def main() -> None:
    """Track containers on the China - Central Asia - Caspian - Europe rail corridors."""


main.add_command(correction_group)
main.add_command(disruption_group)
main.add_command(lint_command)
main.add_command(canary_command)
main.add_command(explain_command)
main.add_command(notify_command)
main.add_command(rejected_group)
main.add_command(replay_command)


@main.command("batch")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--until", type=Moment(), help="The clock; reports received later do not exist. Default: the last.")
@click.option("--out", type=PATH, default=Path("out"), show_default=True, help="Folder for the results.")
@click.option("--disruptions", type=FILE, help="Planned closures, as `tracker disruption list` prints them.")
@click.option("--corrections", type=FILE, help="Of carriers' clocks, as `tracker correction list` prints them.")
@thresholds_option
@world_options
def batch_command(
    files: Sequence[Path], until: Millis | None, out: Path, disruptions: Path | None, corrections: Path | None,
    thresholds: Path | None, network: Path | None, carriers: Path | None,
) -> None:  # fmt: skip
    """Decide over files of reports as the stream would, without Kafka."""
    with statuses():
        world = load_world(load_settings(**given(network=network, carriers=carriers, thresholds=thresholds)))
        planned = () if disruptions is None else load_disruptions(disruptions, world.network)
        ids = [carrier.id for carrier in world.carriers]
        corrected = () if corrections is None else load_corrections(corrections, ids)
        batch = Batch(
            world.intake, world.rules, thresholds=world.thresholds, disruptions=planned, corrections=corrected
        )
        end = run(files, batch, until)
        quiet = not sys.stderr.isatty()

        def shown(containers: Sequence[str]) -> Iterator[str]:
            with click.progressbar(containers, label="Folding containers", file=sys.stderr, hidden=quiet) as bar:
                yield from bar

        results = batch.conclude(end, shown)
        batch.write(results, out)
        click.echo(json.dumps(batch.summary(results), indent=1))


@main.command("demo")
@click.option("--speedup", type=float, default=5000.0, show_default=True, help="Simulated seconds per second.")
@click.option("--days", type=float, default=75.0, show_default=True, help="Simulated days.")
@click.option("--trains-per-day", type=float, default=4.0, show_default=True, help="Trains over all corridors.")
@click.option("--port", type=int, default=6066, show_default=True, help="Port of the page; 0 for a free one.")
@click.option("--faults", default="default", show_default=True, help="none, default, or a factor.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--quiet", is_flag=True, help="No simulated traffic: only what you send.")
def demo_command(
    speedup: float, days: float, trains_per_day: float, port: int, faults: str, seed: int, quiet: bool
) -> None:
    """Show everything on this machine: broker, traffic, worker, page."""
    with statuses():
        sys.exit(
            run_demo(
                speedup=speedup, days=days, trains_per_day=trains_per_day, port=port, faults=faults, seed=seed,
                quiet=quiet,
            )
        )  # fmt: skip


@main.group("network")
def network_group() -> None:
    """Work with network files."""


@network_group.command("check")
@click.argument("file", type=FILE)
def network_check(file: Path) -> None:
    """Validate a network file; names line and fault."""
    with statuses():
        try:
            findings = check_network(file.read_text("utf-8"))
        except UnicodeDecodeError as error:
            raise BadSettings(
                f"{file} is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
            ) from error
    for finding in findings:
        click.echo(f"{file}, {finding}")
    if not findings:
        click.echo(f"{file}: good")
    sys.exit(FINDINGS if findings else GOOD)


@main.command("push")
@click.argument("file", type=FILE)
@click.option("--carrier", required=True, help="The carrier whose table it is.")
@click.option("--mapping", required=True, type=PATH, help=f"A file, or one of {', '.join(packaged())}.")
@click.option("--zone", help="Of the table's times, in place of the mapping's: an IANA name, or node.")
@click.option("--brokers", help="Kafka; default TRACKER_BROKERS.")
@click.option("--dry-run", is_flag=True, help="Only check, with the tracker's own intake.")
@click.option("--to", type=PATH, help="Write input for tracker batch instead of sending.")
@click.option("--received", type=Moment(), help="Received time for --dry-run and --to; default now.")
@world_options
def push_command(
    file: Path, carrier: str, mapping: Path, zone: str | None, brokers: str | None, dry_run: bool, to: Path | None,
    received: Millis | None, network: Path | None, carriers: Path | None,
) -> None:  # fmt: skip
    """Send a carrier's table (CSV, XLSX)."""
    with statuses():
        settings = load_settings(**given(brokers=brokers, network=network, carriers=carriers))
        sys.exit(
            run_push(
                Push(
                    file=file, carrier=carrier, mapping=mapping, zone=zone, network=settings.network,
                    carriers=settings.carriers, brokers=settings.brokers, security=secured(settings),
                    dry_run=dry_run, to=to, received=received,
                    wait_seconds=settings.broker_wait_seconds,
                )
            )
        )  # fmt: skip


@main.command("simulate")
@click.option("--to", type=PATH, help="File of batch input; without it, Kafka.")
@click.option("--brokers", help="Kafka; default TRACKER_BROKERS.")
@click.option("--no-idempotent", is_flag=True, help="For the embedded broker.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--start", type=Moment(), default="2026-03-01T00:00:00Z", show_default=True)
@click.option("--days", type=float, default=60.0, show_default=True, help="Event time simulated.")
@click.option("--trains-per-day", type=float, default=6.0, show_default=True)
@click.option("--faults", default="none", show_default=True, help="none, default, or a factor.")
@click.option("--storms", type=float, default=0.0, show_default=True, help="1: ports close as the Caspian's do.")
@click.option("--scenario", type=FILE, help="File of storms, border stops, silences, outages, stuck containers.")
@click.option("--reports", type=int, help="Stop after so many records.")
@click.option("--shuffle", type=int, default=0, show_default=True, help="Records held back to change the order.")
@click.option("--rate", type=float, default=0.0, show_default=True, help="Records a second; 0: no limit.")
@click.option("--speedup", type=float, default=0.0, show_default=True, help="Simulated per real time; 0: no limit.")
@click.option("--fast-days", type=float, default=0.0, show_default=True, help="First days without --speedup.")
@click.option("--drain", is_flag=True, help="Let what is under way at the end arrive.")
@click.option("--truth", type=PATH, help="File for what really happened.")
@click.option("--quiet", is_flag=True, help="No progress.")
@world_options
def simulate_command(
    to: Path | None, brokers: str | None, no_idempotent: bool, seed: int, start: Millis, days: float,
    trains_per_day: float, faults: str, storms: float, scenario: Path | None, reports: int | None, shuffle: int,
    rate: float, speedup: float, fast_days: float, drain: bool, truth: Path | None, quiet: bool,
    network: Path | None, carriers: Path | None,
) -> None:  # fmt: skip
    """Send seeded corridor traffic to Kafka or a file."""
    with statuses():
        settings = load_settings(**given(brokers=brokers, network=network, carriers=carriers))
        world = load_world(settings)
        ids = [carrier.id for carrier in world.carriers]
        trouble = NO_SCENARIO if scenario is None else load_scenario(scenario, start, world.network, ids)
        try:
            traffic = Traffic(
                seed=seed, start=start, days=days, drain=drain, trains_per_day=trains_per_day, storms=storms,
                faults=fault_rates(faults), scenario=trouble,
            )  # fmt: skip
            delivery = Delivery(
                reports=reports, shuffle=shuffle, rate=rate, speedup=speedup, fast_days=fast_days, truth=truth,
                progress=False if quiet else None,
            )  # fmt: skip
        except ValueError as error:
            raise BadSettings(str(error)) from error
        done = run_simulate(
            world.network, ids, traffic, delivery, to=to,
            brokers=settings.brokers, idempotent=settings.idempotent and not no_idempotent,
            wait_seconds=settings.broker_wait_seconds, security=secured(settings),
        )  # fmt: skip
        if not quiet:
            click.echo(
                json.dumps({"reports": done.reports, "seconds": round(done.seconds, 1)} | done.summary, indent=1)
            )


@main.command("topics")
@click.option("--check", is_flag=True, help="Only check; create nothing.")
@click.option("--acls", is_flag=True, help="Print who may do what, as commands of Kafka's tools; nothing else is done.")
@click.option("--apply", is_flag=True, help="With --acls: make users, rights and quotas; needs an admin's SASL user.")
@click.option("--user", default="tracker", show_default=True, help="With --acls: the workers' user.")
@click.option("--passwords", type=PATH, help="With --apply: file for the passwords of users that are made now.")
@quota_options
@world_options
def topics_command(
    check: bool, acls: bool, apply: bool, user: str, passwords: Path | None, quota: Quota,
    network: Path | None, carriers: Path | None,
) -> None:  # fmt: skip
    """Create the topics that are missing, and check those that exist."""
    with statuses():
        settings = load_settings(**given(network=network, carriers=carriers))
        ids = [carrier.id for carrier in load_world(settings).carriers]
        if apply and (not acls or passwords is None):
            raise BadSettings("--apply goes with --acls and --passwords FILE, where new passwords are written")
        if acls:
            sys.exit(run_access(Access(settings, ids, user, quota, passwords if apply else None)))
        specs = plan(settings, ids)
        findings = asyncio.run(
            create_or_check(
                settings.brokers, specs, replication=settings.replication, create=not check, security=secured(settings)
            )
        )
    for finding in findings:
        click.echo(finding.message)
    wrong = [finding for finding in findings if finding.what not in ("created", "unchecked")]
    click.echo(f"{len(specs)} topics, {len(wrong)} of them not as planned")
    sys.exit(FINDINGS if wrong else GOOD)


@main.command("worker")
@thresholds_option
@world_options
def worker_command(thresholds: Path | None, network: Path | None, carriers: Path | None) -> None:
    """Run one worker of the group; settings in TRACKER_*."""
    with statuses():
        settings = load_settings(**given(network=network, carriers=carriers, thresholds=thresholds))
        sys.exit(Service(settings, load_world(settings)).run())


if __name__ == "__main__":
    main()
