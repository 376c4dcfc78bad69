"""Where open journeys are, as the view of the journeys stage keeps it, and what is asked of it."""

from typing import NamedTuple

import msgspec

from tracker.domain.claim import Claim
from tracker.domain.exceptions import Judgement, State
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


class Doubt(NamedTuple):
    """That how a journey stands depends on how far its carriers have told; see `claim.Claim`."""

    claims: tuple[Claim, ...]
    carriers: tuple[str, ...]


class Wanted(NamedTuple):
    """Which open journeys are asked for; None: whichever. `node` is where the container stands."""

    corridor: str | None = None
    direction: str | None = None
    state: str | None = None
    node: str | None = None


class Known(msgspec.Struct, frozen=True, gc=False):
    """What the view keeps of an open journey: its last report, and since when it stands where it does.

    `doubt`: where its state is only that of the last sweep.
    """

    place: Open
    last: Millis
    since: Millis
    doubt: Doubt | None = None


def known_of(place: Open, last: Millis, since: Millis, judgement: Judgement) -> Known:
    """What is kept of a journey that was judged so."""
    if not judgement.doubts:
        return Known(place, last, since)
    claims = tuple(Claim(*each) for each in judgement.doubts)
    return Known(place, last, since, Doubt(claims, tuple(judgement.carriers)))
