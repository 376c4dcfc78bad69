"""Where open journeys are, as the view of the journeys stage keeps it, and what is asked of it."""

from typing import NamedTuple

import msgspec

from tracker.domain.exceptions import State
from tracker.domain.moment import Millis
from tracker.domain.network import Direction


class Open(msgspec.Struct, frozen=True, gc=False):
    """Where an open journey is; the same for many, so that the view keeps one of each.

    `standing` is the node it stands at, `left` the last one it was at where it is under way.
    """

    corridor: str
    direction: Direction | None
    standing: str | None
    state: State
    left: str | None = None


class Wanted(NamedTuple):
    """Which open journeys are asked for; None: whichever. `node` is where the container stands."""

    corridor: str | None = None
    direction: str | None = None
    state: str | None = None
    node: str | None = None


class Known(msgspec.Struct, frozen=True, gc=False):
    """What the view keeps of an open journey: its last report, and since when it stands where it does."""

    place: Open
    last: Millis
    since: Millis
