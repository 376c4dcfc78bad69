"""How an open journey stands, as far as its carriers have told.

A deadline that the clock has passed says nothing before those who report a container have told what happened up to
then: what they are silent about is not known, neither late nor on time.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tracker.domain.exceptions import Cause, RailException, Rule, State, Watch
from tracker.domain.moment import Millis
from tracker.domain.position import Position
from tracker.domain.report import Classifier, Report

_STATES: Final[tuple[tuple[Rule, State], ...]] = (
    (Rule.HELD, "held"),
    (Rule.SILENT, "silent"),
    (Rule.LATE, "late"),
)
_ALWAYS: Final = Millis(-(1 << 62))
"""Known whatever was told."""


class Claim(NamedTuple):
    """How a journey stands, once its carriers' watermark has reached the deadline by which it is so."""

    deadline: Millis
    state: State


def claims_of(held: Sequence[RailException], watched: Sequence[Watch], clock: Millis) -> list[Claim]:
    """How an open journey stands at a clock: the first claim that is known holds, see `state_by`.

    None while nobody can tell, or its carrier's word is missing.
    """
    standing = [each for each in held if each.is_open]
    if any(each.incident is not None and each.cause in {Cause.CARRIER, Cause.PIPELINE} for each in standing):
        return []
    claims = [Claim(each.deadline, state) for rule, state in _STATES for each in standing if each.rule is rule]
    late = next((watch for watch in watched if watch.rule is Rule.LATE), None)
    if late is not None and late.risk is not None:
        passed = [each.deadline for each in standing if each.rule in {Rule.DWELL, Rule.RUN}]
        is_at_risk = clock >= late.risk
        deadline = max([*passed, late.risk] if is_at_risk else passed, default=_ALWAYS)
        claims.append(Claim(deadline, "at_risk" if is_at_risk else "on_time"))
    return claims


def state_by(claims: Sequence[Claim], watermark: Millis) -> State:
    """How a journey stands by what its carriers told: of what lies after their watermark nothing is known."""
    for deadline, state in claims:  # asked of every open journey at once: a loop takes half of what `next` does
        if deadline <= watermark:
            return state
    return "unknown"


def reporters_of(reports: Iterable[Report], position: Position) -> list[str]:
    """The carriers that reported anything of a position's journey, sorted."""
    began = position.visited[0][1]
    told = {each.carrier for each in reports if each.classifier is Classifier.ACTUAL and each.occurred >= began}
    return sorted(told)
