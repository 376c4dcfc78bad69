"""Exceptions as small tables: reports in (see `told.py`), every version out, with the clock of each.

A version is written `day/hour:minute  rule  place  severity`, or in place of the severity `resolved: reason`. A later
episode has `#2` after its place, a version told by another exception `(rule speaks)`, an explained one `[incident]`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import chronicle, judged
from tracker.domain.exceptions import Cause, RailException, Watch
from tracker.domain.lines import Lines, Thresholds
from tracker.domain.moment import DAY, Millis
from tracker.domain.norms import NO_NORMS, Norms
from tracker.domain.position import Position

LINES = Lines(RULES.network, Thresholds())


class Trouble(NamedTuple):
    """An incident that explains everything from `opened` on, before `resolved`."""

    id: str
    cause: Cause
    opened: Millis
    resolved: Millis

    def is_open(self, clock: Millis) -> bool:
        """Whether it is there."""
        return self.opened <= clock < self.resolved


@dataclass(frozen=True)
class Fixed:
    """A situation that is what it is told to be: nothing known and nothing learned, unless said otherwise.

    `gone_on`: from when on the others that came with a container are known to have gone on.
    """

    learned: Norms = NO_NORMS
    troubles: Sequence[Trouble] = ()
    gone_on: Millis | None = None

    def norms(self, clock: Millis) -> Norms:
        """The same at every clock."""
        return self.learned

    def explained(self, watch: Watch, position: Position, clock: Millis) -> str | None:
        """The first trouble that is open."""
        return next((each.id for each in self.troubles if each.is_open(clock)), None)

    def cause(self, watch: Watch, position: Position, clock: Millis) -> Cause:
        """The container, once the others have gone on."""
        return Cause.UNKNOWN if self.gone_on is None or clock < self.gone_on else Cause.CONTAINER

    def cause_of(self, incident: str) -> Cause:
        """As it was given."""
        return next(each.cause for each in self.troubles if each.id == incident)

    def turns(self, after: Millis, upto: Millis) -> list[Millis]:
        """When troubles come and go."""
        found = {at for each in self.troubles for at in (each.opened, each.resolved)}
        return sorted(at for at in found if after < at <= upto)


QUIET = Fixed()


def versions(
    table: str, upto: str, situation: Fixed = QUIET, *, lines: Lines = LINES, box: str = BOX
) -> list[RailException]:
    """Every version judged of the reports of a table up to a clock, in order."""
    steps = chronicle(reports(table), box, RULES, lines)
    return judged(steps, lines, situation, moment(upto))[1]


def exceptions(
    table: str, upto: str, *rules: str, situation: Fixed = QUIET, lines: Lines = LINES, box: str = BOX
) -> list[str]:
    """The versions as lines, of some rules only where rules are given."""
    made = versions(table, upto, situation, lines=lines, box=box)
    rule_of = {each.id: each.rule for each in made}
    return [_line(each, rule_of) for each in made if not rules or each.rule in rules]


def _line(each: RailException, rule_of: Mapping[str, str]) -> str:
    words = [shown(each.at), each.rule, each.place]
    if each.episode > 1:
        words.append(f"#{each.episode}")
    words.append(each.severity if each.is_open else f"resolved: {each.reason}")
    if each.is_open and each.suppressed_by is not None:
        words.append(f"({rule_of[each.suppressed_by]} speaks)")
    if each.is_open and each.incident is not None:
        words.append(f"[{each.incident}]")
    return " ".join(words)


def days_after(start: str, days: float) -> str:
    """A clock so many days later, as the tables write it."""
    return shown(Millis(moment(start) + round(days * DAY)))
