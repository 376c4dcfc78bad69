"""`tracker topics --acls`: who may do what, printed as commands of Kafka's tools or put into force."""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from tracker.console import FINDINGS, GOOD
from tracker.settings import BadSettings, Settings
from tracker.streams.connection import secured
from tracker.streams.granting import grant
from tracker.streams.rights import Quota, carrier_rights, carrier_user, commands, tracker_rights


@dataclass(frozen=True, slots=True)
class Access:
    """What is asked for. `user`: the workers'. `passwords`: where new ones are written; None: only print."""

    settings: Settings
    carriers: Sequence[str]
    user: str
    quota: Quota
    passwords: Path | None


def quota_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that set what one carrier may have, given to the command as `quota`."""
    usual = Quota()

    @click.option(
        "--producer-bytes",
        type=click.IntRange(min=1),
        default=usual.produced,
        show_default=True,
        help="With --acls: bytes a second a carrier may send, to each broker.",
    )
    @click.option(
        "--consumer-bytes",
        type=click.IntRange(min=1),
        default=usual.fetched,
        show_default=True,
        help="With --acls: bytes a second a carrier may fetch, from each broker.",
    )
    @click.option(
        "--request-percent",
        type=click.FloatRange(min=0.1),
        default=usual.requests,
        show_default=True,
        help="With --acls: per cent of a broker's thread that a carrier's requests may take.",
    )
    @wraps(command)
    def with_quota(*, producer_bytes: int, consumer_bytes: int, request_percent: float, **options: Any) -> Any:
        return command(quota=Quota(producer_bytes, consumer_bytes, request_percent), **options)  # fmt: skip

    return with_quota


def run_access(access: Access) -> int:
    """Print or apply; exit status 1 when users may do more than is planned.

    Raises `KafkaError`, `granting.Refused`, and `BadSettings` when the passwords can't be written.
    """
    settings = access.settings
    rights = [right for carrier in access.carriers for right in carrier_rights(carrier)]
    rights += tracker_rights(access.user, settings, access.carriers)
    users = [*map(carrier_user, access.carriers), access.user]
    quotas = {carrier_user(carrier): access.quota for carrier in access.carriers}
    if access.passwords is None:
        for line in commands(settings.brokers, rights, users, quotas):
            click.echo(line)
        return GOOD
    if access.passwords.exists():
        raise BadSettings(f"{access.passwords} is there already; name another file, so that no password is lost")
    try:
        file = os.open(access.passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadSettings(f"--passwords: {access.passwords}: {error.strerror}; name a file that can be made") from error
    with open(file, "w", encoding="utf-8") as kept:

        def made(user: str, password: str) -> None:
            # On the disk before the broker has it: a password that nobody knows can only be set anew.
            kept.write(f"{user} {password}\n")
            kept.flush()

        done = asyncio.run(grant(settings.brokers, secured(settings), rights, users, quotas, made))
    for line in done.excess:
        click.echo(line)
    click.echo(
        f"{len(done.made)} users made (passwords in {access.passwords}), {done.rights} rights and "
        f"{done.quotas} quotas set; {len(rights)} rights planned, {len(done.excess)} more found"
    )
    return FINDINGS if done.excess else GOOD
