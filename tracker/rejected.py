"""`tracker rejected`: see what was rejected, and send it again once the network, the carriers file or we are mended."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from tracker.console import FINDINGS, GOOD, Moment, given, statuses, world_options
from tracker.contract.records import read_movement
from tracker.contract.transports import read_transport
from tracker.domain.faults import CATALOGUE
from tracker.domain.moment import Millis, text
from tracker.service import World, load_world
from tracker.settings import BadSettings, Settings, load_settings
from tracker.streams.connection import secured
from tracker.streams.rejected import Kept, Wanted, newest, rejections, resending
from tracker.streams.topics import MOVEMENTS, TRANSPORTS

HELD_BYTES_MAX: Final = 256 * 1024 * 1024
"""Of reports held at once: some 200,000 of the usual size."""
_OVERHEAD: Final = 1_000
"""Bytes that a report of 300 costs beside its own."""


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--fault", "faults", multiple=True, help="A code such as E402; may be given more than once."),
        click.option("--carrier", help="The carrier whose reports they are."),
        click.option("--since", type=Moment(), help="Received then or later."),
        click.option("--until", type=Moment(), help="Received before."),
        click.option("--brokers", help="Kafka; default TRACKER_BROKERS."),
    ):
        command = option(command)
    return world_options(command)


@click.group("rejected")
def rejected_group() -> None:
    """See what was rejected, and send it again after a mend."""


@rejected_group.command("list")
@_filters
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many.")
def list_command(limit: int, faults: Sequence[str], **options: Any) -> None:
    """Print what was rejected, by received time: name, faults, and what the tracker would say of it today.

    A report that was sent again and rejected again is there once.
    """
    with statuses():
        settings, world, wanted = _asked(faults, **options)
        unreadable: list[str] = []
        found = asyncio.run(_held(settings, wanted, unreadable))
        today = _Today(world)
        shown = sorted(found.values(), key=lambda kept: (kept.received, kept.original))[-limit:]
        for kept in shown:
            first = kept.faults[0]
            seen = f"{first.path or 'body'} {first.seen!r}"
            click.echo(f"{text(kept.received)}  {kept.original}  {_codes(kept)}  {seen}  today: {today.says(kept)}")
    if len(shown) < len(found):
        click.echo(f"{len(found) - len(shown):,} before; --limit, --since and --until show others", err=True)
    codes = Counter(code for kept in found.values() for code in {fault.code for fault in kept.faults})
    for code, count in sorted(codes.items()):
        click.echo(f"{count:>9,} {code} {CATALOGUE[code].meaning if code in CATALOGUE else ''}", err=True)
    _end(unreadable)


@rejected_group.command("show")
@click.argument("name")
@click.option("--brokers", help="Kafka; default TRACKER_BROKERS.")
@world_options
def show_command(name: str, **options: Any) -> None:
    """Print everything that is kept of one rejection; NAME as `list` prints it."""
    with statuses():
        settings, world, wanted = _asked((), names=(name,), **options)
        unreadable: list[str] = []
        found = asyncio.run(_held(settings, wanted, unreadable))
        if not found:
            raise BadSettings(f"{name} was not rejected, or is no longer kept; `tracker rejected list` shows what is")
        for kept in found.values():
            click.echo(json.dumps(_shown(kept, _Today(world)), indent=1, ensure_ascii=False))
    _end(unreadable)


@rejected_group.command("resend")
@click.argument("names", nargs=-1)
@_filters
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@click.option("--unchecked", is_flag=True, help="Send also what would be rejected again.")
def resend_command(names: Sequence[str], dry_run: bool, unchecked: bool, faults: Sequence[str], **options: Any) -> None:
    """Send reports again as they were and when they were; by NAME, or all that the options leave.

    What the network given here would still reject is not sent. Doing it twice makes duplicates, never more movements.
    Exit status 1 when something would still be rejected.
    """
    with statuses():
        settings, world, wanted = _asked(faults, names=names, **options)
        if not names and all(each is None for each in (*faults, wanted.carrier, wanted.since, wanted.until)):
            raise BadSettings("nothing says what to send again; wanted names, or --fault, --carrier, --since, --until")
        unreadable: list[str] = []
        found = asyncio.run(_held(settings, wanted, unreadable))
        today = _Today(world)
        says = {name: today.says(kept) for name, kept in found.items()}
        good = [kept for name, kept in found.items() if says[name] == ACCEPTED or (unchecked and says[name] != NEVER)]
        good.sort(key=lambda kept: (kept.received, str(kept.origin)))
        if not dry_run:
            asyncio.run(_resend(settings, good))
        click.echo(f"{len(good):,} {'would be sent' if dry_run else 'sent'} again")
        left = Counter(said for said in says.values() if said != ACCEPTED)
        for said, count in sorted(left.items()):
            click.echo(f"{count:,} today: {said}{', sent all the same' if unchecked and said != NEVER else ''}")
    _end(unreadable, found=bool(left))


ACCEPTED: Final = "accepted"
_OURS: Final[Mapping[str, Callable[[bytes], object]]] = {MOVEMENTS: read_movement, TRANSPORTS: read_transport}
"""Our own topics whose records may come again, and what reads them."""
NEVER: Final = "not to be sent again: figures take facts in order only; they come anew from rail.movements"


class _Today:
    """What the tracker would say of a rejected report with the files it has today."""

    def __init__(self, world: World) -> None:
        self._intake = world.intake

    def says(self, kept: Kept) -> str:
        """`accepted`, or the codes that would reject it."""
        if kept.carrier is None:
            if (read := _OURS.get(kept.origin.topic)) is None:
                return NEVER
            try:
                read(kept.raw)
            except (msgspec.DecodeError, ValueError) as error:
                return f"still broken ({error})"
            return ACCEPTED
        readings = self._intake.read(kept.carrier, kept.raw, kept.received)
        wrong = {fault.code for reading in readings for fault in reading.faults if fault.code.startswith("E")}
        return " ".join(sorted(wrong)) or ACCEPTED


def _asked(
    faults: Sequence[str], *, names: Sequence[str] = (), brokers: str | None = None, network: Path | None = None,
    carriers: Path | None = None, carrier: str | None = None, since: Millis | None = None, until: Millis | None = None,
) -> tuple[Settings, World, Wanted]:  # fmt: skip
    if unknown := sorted(set(faults) - set(CATALOGUE)):
        raise BadSettings(
            f"fault {unknown[0]} is not in the catalogue; wanted codes such as E402, see schemas/faults.md"
        )
    settings = load_settings(**given(brokers=brokers, network=network, carriers=carriers))
    return settings, load_world(settings), Wanted(names, faults, carrier, since, until)


def _client(settings: Settings) -> Mapping[str, Any]:
    return {"bootstrap_servers": settings.brokers, **secured(settings).options()}


async def _held(settings: Settings, wanted: Wanted, unreadable: list[str]) -> dict[str, Kept]:
    """The last rejection of each report that is meant."""
    found: list[Kept] = []
    held = 0
    async for kept in rejections(_client(settings), unreadable):
        if wanted.takes(kept):
            found.append(kept)
            held += len(kept.raw) + _OVERHEAD
            if held > HELD_BYTES_MAX:
                raise BadSettings(
                    f"more than {HELD_BYTES_MAX >> 20} MiB of reports; narrow it with --since and --until"
                )
    return newest(found)


async def _resend(settings: Settings, reports: Sequence[Kept]) -> None:
    async with resending(_client(settings)) as resender:
        for kept in reports:
            await resender.send(kept)


def _shown(kept: Kept, today: _Today) -> dict[str, Any]:
    try:
        body = json.loads(kept.raw)
    except (ValueError, RecursionError):
        body = kept.raw.decode(errors="backslashreplace")
    return {
        "name": str(kept.origin),
        "first_rejected_as": kept.original,
        "origin": msgspec.to_builtins(kept.origin),
        "received_at": text(kept.received),
        "headers": {name: value.decode(errors="backslashreplace") for name, value in kept.headers},
        "body": body,
        "faults": msgspec.to_builtins(kept.faults),
        "today": today.says(kept),
    }


def _codes(kept: Kept) -> str:
    return " ".join(dict.fromkeys(fault.code for fault in kept.faults))


def _end(unreadable: Sequence[str], *, found: bool = False) -> None:
    for each in unreadable:
        click.echo(f"tracker: {each}", err=True)
    sys.exit(FINDINGS if unreadable or found else GOOD)
