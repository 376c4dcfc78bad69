"""The command, from a file to a table of faults and an exit status."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import msgspec

from tracker.console import FILE, FINDINGS, GOOD, PATH, Moment, given, statuses, world_options
from tracker.domain.moment import Millis
from tracker.lint.bodies import Body, open_bodies
from tracker.push.cell import TableError
from tracker.push.check import Check
from tracker.push.command import node_finder
from tracker.push.fault_table import fault_table
from tracker.push.mapping import Mapping
from tracker.push.mapping_file import MappingError, load_mapping, packaged
from tracker.push.summary import Summary
from tracker.push.table import open_table
from tracker.push.translate import Event, Translator
from tracker.service import World, load_world
from tracker.settings import BadSettings, load_settings

ANYBODY: Final = "anybody"
"""Stands for the carrier where none is named: one of whom nothing is known, so that no exception is made for it."""


@click.command("lint")
@click.argument("file", type=FILE)
@click.option("--carrier", help="The carrier whose reports they are; some have exceptions of their own.")
@click.option("--mapping", type=PATH, help=f"The file is a table: a mapping file, or one of {', '.join(packaged())}.")
@click.option("--zone", help="Of the table's times, in place of the mapping's: an IANA name, or node.")
@click.option("--received", type=Moment(), help="When the tracker is taken to receive them; default now.")
@world_options
def lint_command(
    file: Path, carrier: str | None, mapping: Path | None, zone: str | None, received: Millis | None,
    network: Path | None, carriers: Path | None,
) -> None:  # fmt: skip
    """Say what the tracker would make of a file of reports, without sending anything.

    JSON in lines, an array of reports, or a table by its mapping. Exit status 1 when a report would be rejected.
    """
    with statuses():
        world = load_world(load_settings(**given(network=network, carriers=carriers)))
        known = [each.id for each in world.carriers]
        if carrier not in {None, *known}:
            raise BadSettings(f"carrier {carrier!r} is not in the carriers file; wanted one of {', '.join(known)}")
        now = Millis(time.time_ns() // 1_000_000) if received is None else received
        check = Check(world.intake, carrier or ANYBODY, now)
        try:
            summary = (
                _reports(file, check) if mapping is None else _table(file, load_mapping(mapping, zone), world, check)
            )
        except (MappingError, TableError) as error:
            raise BadSettings(str(error)) from error
    sys.exit(FINDINGS if summary.has_findings else GOOD)


def _reports(file: Path, check: Check) -> Summary:
    opened = open_bodies(file)
    _read(opened.bodies, None, file, check)
    click.echo(f"{file}: {opened.form}")
    _say(check, opened.unit)
    return Summary(check)


def _table(file: Path, mapping: Mapping, world: World, check: Check) -> Summary:
    summary = Summary(check)
    table = open_table(file, mapping)
    translator = Translator(mapping, node_finder(world.network))

    def events() -> Iterator[Body]:
        encode = msgspec.json.Encoder().encode
        for row in table.rows:
            outcome = translator.translate(row)
            summary.count(outcome)
            if isinstance(outcome, Event):
                yield Body(outcome.line, encode(outcome.body))

    _read(events(), table.length, file, check)
    click.echo(f"{file}: {table.form}, header in line {table.header_line}")
    for line in summary.rows_lines("found"):
        click.echo(line)
    _say(check, "line")
    return summary


def _read(bodies: Iterator[Body], length: int | None, file: Path, check: Check) -> None:
    quiet = not sys.stderr.isatty()
    with click.progressbar(bodies, length, file.name, file=sys.stderr, hidden=quiet) as each:
        for body in each:
            check.read(body.place, body.raw, body.carrier, body.received)


def _say(check: Check, unit: str) -> None:
    click.echo(f"{check.accepted + check.rejected:>9,} reports")
    click.echo(f"{check.accepted:>9,} would be accepted, {check.repeated:,} of them repeat another")
    click.echo(f"{check.rejected:>9,} would be rejected")
    for line in fault_table(check, unit, good=True):
        click.echo(line)
