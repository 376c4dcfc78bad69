"""What the commands share: exit statuses, errors told in one line, the form of times and files.

Exit status 0 good, 1 findings, 2 usage or settings, 3 broken world (broker, disk).
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from aiokafka.errors import KafkaError

from tracker.broker.embedded import BrokerFailed, BrokerMissing
from tracker.contract.sent_lines import InputError
from tracker.contract.yaml_document import UnusableFile
from tracker.domain.moment import Millis, from_datetime
from tracker.settings import BadSettings
from tracker.simulate.output import BrokerOut
from tracker.streams.corrections import NoCorrections
from tracker.streams.disruptions import NoDisruptions
from tracker.streams.granting import Refused
from tracker.streams.guard import WrongLibraries
from tracker.streams.rejected import NoRejections
from tracker.web.application import AddressTaken

GOOD, FINDINGS, USAGE, WORLD = 0, 1, 2, 3

PATH = click.Path(path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_USAGE_ERRORS: Final = (
    AddressTaken, BadSettings, BrokerMissing, InputError, NoCorrections, NoDisruptions, NoRejections, Refused,
    UnusableFile, WrongLibraries,
)  # fmt: skip
_WORLD_ERRORS: Final = (BrokerFailed, BrokerOut, KafkaError, OSError)


class Moment(click.ParamType):
    """A moment with offset, RFC 3339."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Millis:
        """The moment; fails when there is no offset."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(f"{value!r} seen, wanted a time with offset as in 2026-03-01T00:00:00Z", param, ctx)
        return from_datetime(moment)


@contextmanager
def statuses() -> Iterator[None]:
    """Every foreseen failure as one line and an exit status; the only place that turns errors into statuses."""
    try:
        yield
    except _USAGE_ERRORS as error:
        click.echo(f"tracker: {error}", err=True)
        sys.exit(USAGE)
    except _WORLD_ERRORS as error:
        click.echo(f"tracker: {error}", err=True)
        sys.exit(WORLD)


def world_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that needs a network and carriers."""
    command = click.option("--network", type=FILE, help="Network file instead of the packaged one.")(command)
    return click.option("--carriers", type=FILE, help="Carriers file instead of the packaged one.")(command)


def thresholds_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option of every command that judges."""
    return click.option("--thresholds", type=FILE, help="Hours in place of the default ones; see README.")(command)


def given(**options: Any) -> dict[str, Any]:
    """Options that were given; the others come from the environment."""
    return {name: value for name, value in options.items() if value is not None}
