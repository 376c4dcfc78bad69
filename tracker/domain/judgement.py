"""Judges a container's journey over time: opens, escalates and resolves exceptions.

Judgement goes in order of received time, because that is the order in which things became known, with the clock
between: a deadline that passes before the next report is received is an exception, whatever that report says of the
past. So what is judged is a function of the reports, with their received times, and the clock; not of the order in
which a worker happens to fold them.

The clock ticks in whole minutes: a deadline is noticed by the first tick that is not before it. A report received at
a tick is known to it.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from msgspec.structs import replace

from tracker.domain.company import Company
from tracker.domain.exceptions import (
    TOLD,
    Cause,
    RailException,
    Rule,
    Severity,
    Watch,
    exception_id,
    voice_of,
)
from tracker.domain.journey import SILENCE_ABANDONS
from tracker.domain.moment import DAY, MINUTE, Millis
from tracker.domain.position import Position
from tracker.domain.reason import News, arrived, reason_of

REOPENS_WITHIN: Final = DAY
"""True again this soon after it was resolved, it is the same exception; later, the next episode."""
_NEVER: Final = Millis(-(1 << 62))
"""A clock before all others."""
KEPT_MAX: Final = 64
"""Exceptions a row keeps; the oldest resolved ones go first. A journey has some twenty nodes and one in ten has any."""


class Situation(Protocol):
    """What a container's own reports can't tell: why, as far as is known at a clock."""

    def explained(self, watch: Watch, position: Position, clock: Millis) -> str | None:
        """The id of an incident that explains it."""

    def cause(self, watch: Watch, position: Position, clock: Millis) -> Cause:
        """Where the fault lies, for what no incident explains."""

    def cause_of(self, incident: str) -> Cause:
        """The cause that an incident stands for."""

    def company(self, position: Position, clock: Millis) -> Company:
        """The others that came or left with it, and how many of them have gone on, as known at a clock."""

    def turns(self, after: Millis, upto: Millis) -> Sequence[Millis]:
        """Clocks in (after, upto], ascending, at which an incident opened or was resolved."""

    def watermark(self, carriers: Iterable[str]) -> Millis:
        """The latest event time of which any of these carriers told; 1970 of none."""


def tick_of(moment: Millis) -> Millis:
    """The first tick that is not before a moment."""
    return Millis(-(-moment // MINUTE) * MINUTE)


def due_at(
    watched: Sequence[Watch], held: Sequence[RailException], position: Position | None, after: Millis = _NEVER
) -> Millis | None:
    """The first tick after a clock at which something may be decided if nothing is reported before; None for never.

    What stands must have been settled at `after`: then nothing is left to decide at the ticks up to it, though their
    moments may have passed without a change. Without it such a tick of the past may be given again and again.
    """
    if position is None:
        return None
    found = [_abandoned_at(position)]
    critical = {each.key for each in held if each.is_open and each.severity is Severity.CRITICAL}
    for watch in watched:
        if watch.key not in critical:
            found += map(tick_of, watch.moments)
    return min((tick for tick in found if tick > after), default=None)


def between(
    held: list[RailException],
    watched: Sequence[Watch],
    position: Position | None,
    situation: Situation,
    span: tuple[Millis, Millis],
) -> list[RailException]:
    """What the clock decides in the ticks of (after, upto] while nothing is reported.

    Changes `held` and gives the versions made.
    """
    after, upto = span
    made: list[RailException] = []
    if position is None:
        return made
    clock = after
    while (tick := _next_tick(held, watched, position, situation, (clock, upto))) is not None:
        made += settle(held, watched, position, situation, tick)
        clock = tick
    return made


def _next_tick(
    held: Sequence[RailException],
    watched: Sequence[Watch],
    position: Position,
    situation: Situation,
    span: tuple[Millis, Millis],
) -> Millis | None:
    after, upto = span
    found = [_abandoned_at(position)]
    for watch in watched:
        found += map(tick_of, watch.moments)
    if any(each.is_open for each in held):
        # What turned within the minute before is noticed by a tick of this span.
        found += map(tick_of, situation.turns(Millis(after - MINUTE), upto))
    return min((tick for tick in found if after < tick <= upto), default=None)


def _abandoned_at(position: Position) -> Millis:
    """The first tick at which its journey counts as abandoned."""
    return tick_of(Millis(position.last + SILENCE_ABANDONS + 1))


def settle(
    held: list[RailException],
    watched: Sequence[Watch],
    position: Position | None,
    situation: Situation,
    clock: Millis,
    news: News | None = None,
) -> list[RailException]:
    """Bring the exceptions in line with what is watched at a clock; changes `held`, gives the versions made.

    `news` is what was reported at this clock, None at a tick.
    """
    alive = position is not None and clock <= position.last + SILENCE_ABANDONS
    made: list[RailException] = []
    open_now = [at for at, each in enumerate(held) if each.is_open]
    mine = {held[at].key for at in open_now if position is not None and held[at].journey == position.journey}
    wanted = {watch.key: watch for watch in watched if _holds(watch, clock, watch.key in mine)} if alive else {}
    for at in open_now:
        each = held[at]
        if position is None or each.journey != position.journey:
            ended: str | None = "journey ended"
        elif each.key in wanted:
            continue
        else:
            ended = arrived(each, position) if alive else "abandoned"
        held[at] = _resolved(each, clock, reason_of(each, news, ended))
        made.append(held[at])
    if position is not None:
        changed = [
            version
            for watch in wanted.values()
            if (version := _judged(held, watch, position, situation, clock)) is not None
        ]
        made += _voiced(held, changed, clock)
    forget(held)
    return made


def _holds(watch: Watch, clock: Millis, is_open: bool) -> bool:
    begins = [at for at in (watch.warning, watch.critical) if at is not None]
    return clock >= min(begins, default=clock + 1) or (is_open and clock >= watch.kept)


def _judged(
    held: list[RailException], watch: Watch, position: Position, situation: Situation, clock: Millis
) -> RailException | None:
    """The next version of a watch's exception, put in its place; None when nothing changed."""
    known = [at for at, each in enumerate(held) if each.key == watch.key and each.journey == position.journey]
    before = held[known[-1]] if known else None
    incident = before.incident if before is not None and before.is_open else None
    incident = situation.explained(watch, position, clock) if incident is None else incident
    cause = _cause(watch, position, situation, clock, incident)
    severity = _severity(watch, position, situation, clock)
    if before is not None and before.is_open:
        if before.severity is Severity.CRITICAL:  # it does not get better before it is over
            severity = Severity.CRITICAL
        if (before.severity, before.cause, before.incident) == (severity, cause, incident):
            return None
        after = replace(before, version=before.version + 1, at=clock, severity=severity, cause=cause, incident=incident)
    elif before is not None and before.resolved is not None and clock - before.resolved <= REOPENS_WITHIN:
        again = _opened(watch, position, clock, (severity, cause, incident), before.episode)
        after = replace(again, version=before.version + 1, opened=before.opened)
    else:
        after = _opened(
            watch, position, clock, (severity, cause, incident), 1 if before is None else before.episode + 1
        )
        held.append(after)
        return after
    held[known[-1]] = after
    return after


def _severity(watch: Watch, position: Position, situation: Situation, clock: Millis) -> Severity:
    """Critical at its line, but if the others that came with it have gone on only when it is sure: see `Watch`."""
    at = watch.critical
    if at is None or clock < at:
        return Severity.WARNING
    if watch.sure is not None and clock < watch.sure and situation.company(position, clock).goes_on:
        return Severity.WARNING
    return Severity.CRITICAL


def _opened(
    watch: Watch, position: Position, clock: Millis, verdict: tuple[Severity, Cause, str | None], episode: int
) -> RailException:
    severity, cause, incident = verdict
    first = min(at for at in (watch.warning, watch.critical) if at is not None)
    return RailException(
        id=exception_id(watch.rule, position.journey, watch.place, watch.visit, episode),
        version=1,
        at=clock,
        rule=watch.rule,
        journey=position.journey,
        place=watch.place,
        visit=watch.visit,
        episode=episode,
        severity=severity,
        carrier=position.carrier,
        since=watch.since,
        deadline=first,
        opened=clock,
        threshold=watch.threshold,
        source=watch.source,
        cause=cause,
        corridor=position.corridor,
        direction=position.direction,
        norms=watch.norms,
        incident=incident,
    )


def _cause(watch: Watch, position: Position, situation: Situation, clock: Millis, incident: str | None) -> Cause:
    if watch.rule in {Rule.HELD, Rule.WRONG_WAY}:
        return Cause.CONTAINER
    if watch.rule in {Rule.MISSED, Rule.IMPOSSIBLE}:
        return Cause.CARRIER
    return situation.cause(watch, position, clock) if incident is None else situation.cause_of(incident)


def _voiced(held: list[RailException], changed: Iterable[RailException], clock: Millis) -> list[RailException]:
    """Say in each new version which other exception speaks for the container, if another does.

    What was silenced by one that is over is told now: it gets a version of its own.
    """
    made: list[RailException] = []
    voice, standing, versions = voice_of(held), {each.id for each in held if each.is_open}, list(changed)
    for at, each in enumerate(held):
        silenced = each.is_open and each.severity is Severity.CRITICAL and each.suppressed_by is not None
        if silenced and each.suppressed_by not in standing and each not in versions:
            held[at] = replace(each, version=each.version + 1, at=clock)
            versions.append(held[at])
    for version in versions:
        speaker = None if voice is None or voice.id == version.id or version.rule not in TOLD else voice.id
        spoken = replace(version, suppressed_by=speaker)
        held[next(at for at, each in enumerate(held) if each is version)] = spoken
        made.append(spoken)
    return made


def _resolved(each: RailException, clock: Millis, reason: str) -> RailException:
    return replace(each, version=each.version + 1, at=clock, resolved=clock, reason=reason)


def forget(held: list[RailException]) -> None:
    """Let go of what is more than a row keeps: resolved ones first, the oldest of them."""
    while len(held) > KEPT_MAX:
        gone = next((at for at, each in enumerate(held) if not each.is_open), 0)
        del held[gone]
