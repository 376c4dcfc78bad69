"""`tracker correction`: a confirmed zone shift of what a carrier sent, entered, listed, and applied by re-reading."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from tracker.console import FILE, FINDINGS, GOOD, Moment, given, statuses
from tracker.contract.corrections import checked, correction_json
from tracker.domain.correction import Correction
from tracker.domain.moment import Millis
from tracker.service import World, load_world
from tracker.settings import BadSettings, Settings, load_settings
from tracker.streams.connection import secured
from tracker.streams.corrections import Corrected, Corrections, Restated

_brokers = click.option("--brokers", help="Kafka; default TRACKER_BROKERS.")
_carriers = click.option("--carriers", type=FILE, help="Carriers file instead of the packaged one.")


@click.group("correction")
def correction_group() -> None:
    """A carrier's times that were whole hours off: what it sent is read again, and its figures restate themselves."""


@correction_group.command("add")
@click.option("--carrier", required=True, help="Whose clock was off.")
@click.option("--from", "begins", required=True, type=Moment(), help="Received from then on.")
@click.option("--to", "ends", required=True, type=Moment(), help="Received until before then; not after now.")
@click.option("--hours", required=True, type=int, help="By so many its times were later than true ones (-3: earlier).")
@click.option("--reason", required=True, help="Why, for those who read of it.")
@click.option("--by", help="Who enters it.")
@_brokers
@click.option("--network", type=FILE, help="Network file instead of the packaged one.")
@_carriers
def add_command(
    carrier: str, begins: Millis, ends: Millis, hours: int, reason: str, by: str | None, brokers: str | None,
    network: Path | None, carriers: Path | None,
) -> None:  # fmt: skip
    """Enter a correction, apply it and print its record.

    The same once more applies it once more, which changes nothing but what was sent meanwhile with a received time of
    then. The same begin with another end or other hours replaces it; 0 hours take it back.
    """
    with statuses():
        settings = load_settings(**given(brokers=brokers, network=network, carriers=carriers))
        world = load_world(settings)
        now = Millis(time.time_ns() // 1_000_000)
        try:
            wanted = checked(
                Correction(carrier, begins, ends, hours, now, reason, by), [each.id for each in world.carriers]
            )
        except ValueError as error:
            raise BadSettings(str(error)) from error
        correction, done = asyncio.run(_apply(settings, world, wanted))
    _show(correction)
    click.echo(
        f"{done.records} records were received then; {done.corrected} reports corrected, {done.rejected} rejected "
        "even so",
        err=True,
    )


@correction_group.command("list")
@_brokers
@_carriers
def list_command(brokers: str | None, carriers: Path | None) -> None:
    """Print what was entered, a record a line: a file for `tracker batch --corrections`."""
    with statuses():
        settings = load_settings(**given(brokers=brokers, carriers=carriers))
        found = asyncio.run(_entered(settings, [each.id for each in load_world(settings).carriers]))
    for correction in sorted(found.corrections.values(), key=lambda each: (each.carrier, each.begins)):
        _show(correction)
    for each in found.unreadable:
        click.echo(f"tracker: {each}", err=True)
    sys.exit(FINDINGS if found.unreadable else GOOD)


async def _entered(settings: Settings, carriers: Sequence[str]) -> Corrected:
    async with Corrections(settings.brokers, secured(settings), idempotent=settings.idempotent) as corrections:
        return await corrections.entered(carriers)


async def _apply(settings: Settings, world: World, wanted: Correction) -> tuple[Correction, Restated]:
    """Enter and restate. One that is there already keeps the moment it was made: its reports are the same versions."""
    carriers = [each.id for each in world.carriers]
    async with Corrections(settings.brokers, secured(settings), idempotent=settings.idempotent) as corrections:
        before = (await corrections.entered(carriers)).corrections.get(wanted.id)
        if before is not None and (before.ends, before.hours) == (wanted.ends, wanted.hours):
            wanted = before
        else:
            if before is not None and before.ends > wanted.ends:
                raise BadSettings(
                    f"a correction of {wanted.carrier} from the same moment on ends later: a shorter one would leave "
                    "the rest corrected; take it back with --hours 0 and its end first, then enter two"
                )
            await corrections.enter(wanted)
        return wanted, await corrections.restate(wanted, world.intake)


def _show(correction: Correction) -> None:
    click.echo(json.dumps(correction_json(correction), ensure_ascii=False))
