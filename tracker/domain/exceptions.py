"""Exceptions: what is wrong with a container's journey, since when, and how it ended.

A *watch* is a condition that becomes an exception at a deadline unless the container does something before. An
exception has one identity (rule, journey, place, visit, episode) and versions; its last version is its state. Field
order of the structs is the row's schema (msgpack arrays): append only; see `container.SCHEMA`.
"""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

import msgspec

from tracker.domain.moment import Millis
from tracker.domain.network import Direction


class Rule(StrEnum):
    """What is wrong. The order is that of voices: of several that hold, the first is told."""

    HELD = "held"
    WRONG_WAY = "wrong_way"
    LATE = "late"
    DWELL = "dwell"
    RUN = "run"
    SILENT = "silent"
    MISSED = "missed"
    IMPOSSIBLE = "impossible"


VOICE: Final = {rule: place for place, rule in enumerate(Rule)}
"""A rule's place in the order of voices, 0 the first."""
TOLD: Final = frozenset((Rule.HELD, Rule.WRONG_WAY, Rule.LATE, Rule.DWELL, Rule.RUN, Rule.SILENT))
"""Rules that compete for the one voice; `missed` and `impossible` concern the carrier."""


class Severity(StrEnum):
    """`warning` is shown, `critical` is told."""

    WARNING = "warning"
    CRITICAL = "critical"


class Cause(StrEnum):
    """Where the fault lies, as far as is known."""

    CONTAINER = "container"
    NODE = "node"
    CARRIER = "carrier"
    PIPELINE = "pipeline"
    UNKNOWN = "unknown"


Source = Literal["plan", "template", "learned"]
"""Where a threshold came from: a carrier's plan, the network's hours (or a thresholds file), learned norms."""


class Watch(NamedTuple):
    """A condition under watch. `place` is a node, or the first leg of a run; `visit` counts earlier visits there.

    `since`: event time at which the condition began. `warning` and `critical`: the moments from which it is an
    exception of that severity, None for never. `kept`: from when on it stays one if it is already (hysteresis).
    `threshold`: milliseconds of the line that was crossed first. `sure`: from when on it is critical if the others
    that came with it have gone on: until then a report that nobody sent is likelier than a container left behind.
    `goal`: the node at which the next report is due. `risk`: from when on half of what is tolerated is used up.
    `norms`: version of the norms at hand when it was set up.
    """

    rule: Rule
    place: str
    visit: int
    since: Millis
    warning: Millis | None
    critical: Millis | None
    kept: Millis
    threshold: int
    source: Source
    sure: Millis | None = None
    goal: str | None = None
    risk: Millis | None = None
    norms: int = 0

    @property
    def moments(self) -> list[Millis]:
        """When it may change."""
        return [at for at in (self.warning, self.critical, self.sure, self.risk) if at is not None]

    @property
    def key(self) -> tuple[Rule, str, int]:
        """What tells it from the journey's other watches."""
        return self.rule, self.place, self.visit

    def due(self, clock: Millis) -> Millis:
        """When it came to be what it is at a clock: the last of its deadlines that has passed, else the next."""
        deadlines = sorted(at for at in (self.warning, self.critical) if at is not None)
        return max((at for at in deadlines if at <= clock), default=deadlines[0])


class RailException(msgspec.Struct, array_like=True, omit_defaults=True):
    """The state of one exception; `at` is the clock of this version, the other times as in `Watch`.

    `opened` is the clock of the first version of the episode, `suppressed_by` the id of the exception that speaks
    for the container instead, fixed when the version is made; `incident` the id of the incident that explains it.
    `norms` is the version of the norms at hand when it became true, 0 before anything was learned.
    """

    id: str
    version: int
    at: Millis
    rule: Rule
    journey: str
    place: str
    visit: int
    episode: int
    severity: Severity
    carrier: str
    since: Millis
    deadline: Millis
    opened: Millis
    threshold: int
    source: Source
    cause: Cause = Cause.UNKNOWN
    corridor: str = ""
    direction: Direction | None = None
    resolved: Millis | None = None
    reason: str | None = None
    norms: int = 0
    incident: str | None = None
    suppressed_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds."""
        return self.resolved is None

    @property
    def key(self) -> tuple[Rule, str, int]:
        """What it shares with the watch that it came from."""
        return self.rule, self.place, self.visit


State = Literal["on_time", "at_risk", "late", "held", "silent", "unknown"]
"""How an open journey stands; what is not known is `unknown`, never `on_time`."""


class Foretold(msgspec.Struct, array_like=True, omit_defaults=True, frozen=True):
    """What was told last of when a journey's container is at `goal`: `at`, between `low` and `high`.

    `version`: of the last change told, 0 before any. `is_over`: nothing is expected any more.
    """

    journey: str
    goal: str
    at: Millis
    low: Millis
    high: Millis
    version: int = 0
    is_over: bool = False


class Judgement(msgspec.Struct, array_like=True, omit_defaults=True):
    """What was judged of a container, up to the received time `clock`; the last step it was judged by was at `step`.

    `due`: the tick at which something may be decided next if nothing is reported; None for never. `news`: reports
    taken in since. `is_behind`: one of them was received before `clock`, so all is to be judged anew. `state`: how it
    stands by the carriers' watermarks of then. `doubts`: deadlines and states of `claim.Claim`s that these had not
    all reached, and `carriers` those who report the journey; both empty where they had. `proved`: up to when its
    arrivals were measured (see `proof`). `foretold`: what was told of the arrival (see `changes`).
    """

    exceptions: list[RailException] = []
    clock: Millis = Millis(0)
    step: Millis = Millis(0)
    due: Millis | None = None
    news: int = 0
    is_behind: bool = False
    state: State = "unknown"
    doubts: list[tuple[Millis, State]] = []
    carriers: list[str] = []
    proved: Millis = Millis(0)
    foretold: Foretold | None = None

    def heard(self, received: Millis) -> None:
        """One more report was taken in."""
        self.news += 1
        self.is_behind = self.is_behind or received <= self.clock


def exception_id(rule: Rule, journey: str, place: str, visit: int, episode: int) -> str:
    """The id of an exception: a replay gives the same one.

    >>> exception_id(Rule.DWELL, "CSQU3054383-20260301-64c9d2", "KZ-AKTAU", 0, 1)
    'dwell-002daa6d9d0208a0'
    """
    text = f"{rule} {journey} {place} {visit} {episode}"
    return f"{rule}-{blake2b(text.encode(), digest_size=8).hexdigest()}"


def voice_of(exceptions: Sequence[RailException]) -> RailException | None:
    """The open exception that speaks for a container: critical ones first, then in the order of `Rule`.

    A warning is only shown, and what an incident explains is not told: neither must silence what is to be told.
    """
    speaking = [each for each in exceptions if each.is_open and each.rule in TOLD]
    return min(
        speaking,
        key=lambda each: (
            each.severity is not Severity.CRITICAL, each.incident is not None, VOICE[each.rule], each.id
        ),
        default=None,
    )  # fmt: skip
