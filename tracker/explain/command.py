"""`tracker explain`: is what was said of a container still what its evidence says?"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tracker.batch import Batch
from tracker.console import FILE, FINDINGS, GOOD, given, statuses, thresholds_option, world_options
from tracker.contract.disruptions import load_disruptions
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis, from_datetime, text
from tracker.explain.files import bench_of, clock_of_run, read_written
from tracker.explain.topics import Recorded, read_board, read_recorded
from tracker.explain.verdict import Bench, Verdict, clock_of, judge_again, look_again
from tracker.explain.words import lines_of
from tracker.service import World, load_world
from tracker.settings import BadSettings, Settings, load_settings
from tracker.streams.connection import secured

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("explain")
@click.argument("name", metavar="[ID]", required=False)
@click.option("--version", type=int, help="The version to explain; default the last that is recorded.")
@click.option("--all", "everything", is_flag=True, help="Every version in the files; only what differs is explained.")
@click.option("--batch", "folder", type=FOLDER, help="What `tracker batch --out` wrote, in place of Kafka.")
@click.option("--reports", multiple=True, type=FILE, help="The files that `tracker batch` read; may be repeated.")
@click.option("--disruptions", type=FILE, help="The planned closures that it was given.")
@click.option("--brokers", help="Kafka; default TRACKER_BROKERS.")
@thresholds_option
@world_options
def explain_command(
    name: str | None, version: int | None, everything: bool, folder: Path | None, reports: Sequence[Path],
    disruptions: Path | None, brokers: str | None, thresholds: Path | None, network: Path | None,
    carriers: Path | None,
) -> None:  # fmt: skip
    """Judge an exception or incident again by its evidence, and say in words why it is one.

    Status 1 when that gives something else than was recorded, or the evidence is no longer there.
    """
    with statuses():
        if (name is None) is not everything or (everything and folder is None):
            raise BadSettings("one ID wanted, or --all with --batch and --reports")
        if (folder is None) is not (not reports):
            raise BadSettings("--batch and --reports go together: what was written, and what it was made of")
        settings = load_settings(**given(brokers=brokers, network=network, carriers=carriers, thresholds=thresholds))
        world = load_world(settings)
        if folder is None:
            sys.exit(_from_topics(settings, world, str(name), version))
        planned = () if disruptions is None else load_disruptions(disruptions, world.network)
        batch = Batch(world.intake, world.rules, thresholds=world.thresholds, disruptions=planned)
        sys.exit(_from_files(folder, reports, batch, name, version))


def _from_files(folder: Path, reports: Sequence[Path], batch: Batch, name: str | None, version: int | None) -> int:
    written = [each for each in read_written(folder) if name in {None, each["id"]}]
    if not written:
        raise BadSettings(f"{name} is not in {folder}/exceptions.jsonl, wanted an id of it")
    bench, by_container = bench_of(reports, batch, clock_of_run(folder))
    if name is not None:
        return _show(_again(_chosen(written, version), by_container.get(str(written[-1]["container"]), ()), bench))
    outcomes: Counter[bool] = Counter()
    for each in written:
        verdict = _again(each, by_container.get(str(each["container"]), ()), bench)
        outcomes[verdict.is_same] += 1
        if not verdict.is_same:
            _show(verdict)
            click.echo("")
    click.echo(f"{sum(outcomes.values())} versions judged again, {outcomes[False]} of them not the same")
    return FINDINGS if outcomes[False] else GOOD


def _from_topics(settings: Settings, world: World, name: str, version: int | None) -> int:
    recorded = asyncio.run(read_recorded(settings.brokers, name, settings.partitions, secured(settings)))
    if not recorded.versions:
        raise BadSettings(f"{name} is not on rail.exceptions, wanted the id of an exception or incident")
    chosen = _chosen(recorded.versions, version)
    if (short := _falls_short(chosen, recorded)) is not None:
        click.echo(short)
        return FINDINGS
    board = asyncio.run(read_board(settings.brokers, world.network, secured(settings)))
    lines = Lines(world.network, world.thresholds)
    return _show(_again(chosen, recorded.reports, Bench(world.rules, lines, board.situation(clock_of(chosen)))))


def _chosen(versions: Sequence[dict[str, Any]], version: int | None) -> dict[str, Any]:
    found = [each for each in versions if version in {None, each["version"]}]
    if not found:
        there = ", ".join(str(each["version"]) for each in versions)
        raise BadSettings(f"version {version} of {versions[-1]['id']} is not there, wanted one of {there}")
    return found[-1]


def _falls_short(record: dict[str, Any], recorded: Recorded) -> str | None:
    """What to say when the topics no longer reach back to the begin of the journey; None when they do."""
    if record["container"] is None or recorded.reaches is None:
        return None
    began = began_on(str(record["journey"]))
    if began is None or recorded.reaches <= began:
        return None
    return (
        f"{record['id']} can not be judged again: its journey began on {text(began)[:10]}, and rail.movements goes "
        f"back to {text(recorded.reaches)} only (TRACKER_RETENTION_DAYS); `tracker batch` over kept files can"
    )


def began_on(journey: str) -> Millis | None:
    """The day on which a journey began, which its id names; None when it names none.

    >>> began_on("CSQU3054383-20260301-64c9d2")
    1772323200000
    """
    try:
        return from_datetime(datetime.strptime(journey.split("-")[1], "%Y%m%d").replace(tzinfo=UTC))
    except (IndexError, ValueError):
        return None


def _again(record: dict[str, Any], reports: Sequence[Any], bench: Bench) -> Verdict:
    return look_again(record, bench) if record["container"] is None else judge_again(record, reports, bench)


def _show(verdict: Verdict) -> int:
    for line in lines_of(verdict):
        click.echo(line)
    return GOOD if verdict.is_same else FINDINGS
