"""`tracker disruption`: planned closures and bans, entered, listed and ended in the topic that workers read."""

import asyncio
import json
import sys
import time
from pathlib import Path

import click

from tracker.console import FILE, FINDINGS, GOOD, Moment, given, statuses
from tracker.contract.disruptions import checked, disruption_json, ended
from tracker.contract.network_file import load_network
from tracker.domain.disruption import Disruption, disruption_id
from tracker.domain.moment import Millis, text
from tracker.domain.network import Direction
from tracker.settings import BadSettings, load_settings
from tracker.streams.connection import secured
from tracker.streams.disruptions import enter, entered, take_back

_brokers = click.option("--brokers", help="Kafka; default TRACKER_BROKERS.")
_network = click.option("--network", type=FILE, help="Network file instead of the packaged one.")


@click.group("disruption")
def disruption_group() -> None:
    """Planned closures: what they hold back is marked and not told."""


@disruption_group.command("add")
@click.option("--node", required=True, help="The node that is closed, by the network's id.")
@click.option("--direction", type=click.Choice([str(each) for each in Direction]), help="Default: all directions.")
@click.option("--from", "begins", required=True, type=Moment(), help="When it begins.")
@click.option("--to", "ends", required=True, type=Moment(), help="When it ends.")
@click.option("--reason", required=True, help="Why, for those who read of it.")
@click.option("--by", help="Who enters it.")
@_brokers
@_network
def add_command(
    node: str, direction: str | None, begins: Millis, ends: Millis, reason: str, by: str | None,
    brokers: str | None, network: Path | None,
) -> None:  # fmt: skip
    """Enter a disruption and print its record.

    The same node, direction and begin again replace what was entered before: so an end or a reason is changed.
    """
    with statuses():
        settings = load_settings(**given(brokers=brokers, network=network))
        way = None if direction is None else Direction(direction)
        try:
            disruption = checked(
                Disruption(disruption_id(node, way, text(begins)), node, way, begins, ends, reason, by),
                load_network(settings.network),
            )
        except ValueError as error:
            raise BadSettings(str(error)) from error
        asyncio.run(enter(settings.brokers, disruption, secured(settings)))
        _show(disruption)


@disruption_group.command("list")
@_brokers
@_network
def list_command(brokers: str | None, network: Path | None) -> None:
    """Print what was entered, by begin, a record a line: a file for `tracker batch --disruptions`."""
    with statuses():
        settings = load_settings(**given(brokers=brokers, network=network))
        found = asyncio.run(entered(settings.brokers, load_network(settings.network), secured(settings)))
    for disruption in sorted(found.disruptions.values(), key=lambda each: (each.begins, each.id)):
        _show(disruption)
    for each in found.unreadable:
        click.echo(f"tracker: {each}", err=True)
    sys.exit(FINDINGS if found.unreadable else GOOD)


@disruption_group.command("end")
@click.argument("name", metavar="ID")
@click.option("--at", type=Moment(), help="When it ended; default now.")
@_brokers
@_network
def end_command(name: str, at: Millis | None, brokers: str | None, network: Path | None) -> None:
    """End a disruption before its time; one that has not begun is taken back."""
    with statuses():
        settings = load_settings(**given(brokers=brokers, network=network))
        found = asyncio.run(
            entered(settings.brokers, load_network(settings.network), secured(settings))
        ).disruptions.get(name)
        if found is None:
            raise BadSettings(f"disruption {name} was not entered; `tracker disruption list` shows what was")
        clock = Millis(time.time_ns() // 1_000_000) if at is None else at
        if clock >= found.ends:
            raise BadSettings(f"disruption {name} ended at {text(found.ends)} already; add it again to change that")
        if (now := ended(found, clock)) is None:
            asyncio.run(take_back(settings.brokers, name, secured(settings)))
            click.echo(f"{name} taken back before it began")
        else:
            asyncio.run(enter(settings.brokers, now, secured(settings)))
            _show(now)


def _show(disruption: Disruption) -> None:
    click.echo(json.dumps(disruption_json(disruption), ensure_ascii=False))
