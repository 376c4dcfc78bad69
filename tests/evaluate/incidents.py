"""Holds incidents that the tracker told against those that were real: one notice each is the aim."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.evaluate.cases import INCIDENTS, STANDS, Case
from tests.evaluate.truth import Trouble, Truth

_AFTER: Final = 24 * 3_600_000
"""Milliseconds after the end of trouble in which a notice still is about it."""
_ECHO: Final = 7 * 24 * 3_600_000
"""The same for nodes further on, which run dry, or are flooded, days later."""


@dataclass(frozen=True, slots=True)
class Real:
    """One thing that happened and should be told once. `direction` None: whichever."""

    trouble: Trouble
    direction: str | None = None

    @property
    def name(self) -> str:
        """What happened, in words."""
        words = (self.trouble.kind, self.trouble.node or self.trouble.carrier, self.direction)
        return " ".join(word for word in words if word)


@dataclass(slots=True)
class Notices:
    """Told incidents by what they were about."""

    of: list[tuple[Real, list[Case]]] = field(default_factory=list)
    elsewhere: list[Case] = field(default_factory=list)
    """`node_stopped` at another node while one really is closed, or within a week after: what follows from it."""
    false: list[Case] = field(default_factory=list)

    @property
    def each(self) -> float | None:
        """Notices per real incident that was told at all; None when none was."""
        counts = [len(cases) for _, cases in self.of if cases]
        return sum(counts) / len(counts) if counts else None


def real_incidents(truth: Truth) -> list[Real]:
    """One per storm, silence and outage; one per direction of a border stop."""
    found: list[Real] = []
    for trouble in truth.troubles:
        if trouble.kind == "stop":
            there = {way.direction for way in truth.ways if any(s.node == trouble.node for s in way.stays)}
            found += [Real(trouble, each) for each in sorted(trouble.directions or there)]
        else:
            found.append(Real(trouble))
    return found


def notices(cases: Sequence[Case], truth: Truth) -> Notices:
    """Assigns every incident that was told (open a minute, critical or not, no replay) to a real one."""
    reals = real_incidents(truth)
    of: dict[Real, list[Case]] = {real: [] for real in reals}
    result = Notices()
    for case in cases:
        stood = STANDS if case.resolved is None else case.resolved - case.opened
        if case.first.rule not in INCIDENTS or case.first.replay or stood < STANDS:
            continue
        real = next((real for real in reals if _is_about(case, real)), None)
        if real is not None:
            of[real].append(case)
        elif case.first.rule == "node_stopped" and _is_echo(case, truth):
            result.elsewhere.append(case)
        else:
            result.false.append(case)
    result.of = list(of.items())
    return result


def _is_about(case: Case, real: Real) -> bool:
    first, trouble = case.first, real.trouble
    if not trouble.start <= case.opened <= trouble.end + _AFTER:
        return False
    if trouble.kind == "outage":  # whatever is told of a carrier in an outage is about the outage
        return first.rule in ("pipeline_behind", "carrier_silent")
    if trouble.kind == "silence":
        return first.rule == "carrier_silent" and first.carrier == trouble.carrier
    is_direction = real.direction is None or first.direction in (None, real.direction)
    return first.rule == "node_stopped" and first.node == trouble.node and is_direction


def _is_echo(case: Case, truth: Truth) -> bool:
    return any(t.node is not None and t.start <= case.opened <= t.end + _ECHO for t in truth.troubles)
