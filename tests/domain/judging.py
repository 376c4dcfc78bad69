"""Exceptions as small tables: reports in (see `told.py`), every version out, with the clock of each.

A version is written `day/hour:minute  rule  place  severity`, or in place of the severity `resolved: reason`. A later
episode has `#2` after its place, a version told by another exception `(rule speaks)`, an explained one `[incident]`.

The lines on the middle corridor, from planned hours and their p95: a stay at Altynkol warns after 120 h and is critical
after 175 h 25 min, one at Aktau after 192 h; the run from Xi'an to Horgos after 100 h 3 min and 114 h 40 min, the ship
from Aktau to Alat after 27 h 48 min and 31 h 51 min. From leaving Xi'an to Poti it is 412.6 h in the median and 576.7 h
in the p95; from Altynkol, where it stands, still 261.3 h, and 186.6 h at the quickest (p10).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.domain.told import BOX, RULES, moment, reports, shown
from tracker.domain.chronicle import chronicle, judged
from tracker.domain.closures import Closure
from tracker.domain.company import NOBODY, Company
from tracker.domain.exceptions import Cause, RailException, Watch
from tracker.domain.lines import Lines, Thresholds
from tracker.domain.moment import DAY, HOUR, Millis
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

    `gone_on`: from when on the others that came with a container are known to have gone on. `told`: up to when all
    carriers have told what happened; everything, unless said otherwise.
    """

    learned: Norms = NO_NORMS
    troubles: Sequence[Trouble] = ()
    gone_on: Millis | None = None
    closed: Sequence[Closure] = ()
    told: Millis = Millis(1 << 62)

    def norms(self, clock: Millis) -> Norms:
        """The same at every clock."""
        return self.learned

    def explained(self, watch: Watch, position: Position, clock: Millis) -> str | None:
        """The first trouble that is open."""
        return next((each.id for each in self.troubles if each.is_open(clock)), None)

    def cause(self, watch: Watch, position: Position, clock: Millis) -> Cause:
        """The container, once the others have gone on."""
        return Cause.UNKNOWN if self.gone_on is None or clock < self.gone_on else Cause.CONTAINER

    def closures(self, clock: Millis) -> Sequence[Closure]:
        """As they were given."""
        return [each for each in self.closed if each.ends > clock]

    def company(self, position: Position, clock: Millis) -> Company:
        """A train's, that has gone on or not; nobody's where nothing is known of it."""
        if self.gone_on is None:
            return NOBODY
        return Company(50, 0 if clock < self.gone_on else 50, self.gone_on)

    def cause_of(self, incident: str) -> Cause:
        """As it was given."""
        return next(each.cause for each in self.troubles if each.id == incident)

    def watermark(self, carriers: Iterable[str]) -> Millis:
        """The same of all."""
        return self.told

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


LEFT = """
    2/08:00   departed   CN-XIAN       to=GE-POTI
"""
AT_ALTYNKOL = f"""{LEFT}
    5/08:00   arrived    CN-HORGOS
    5/22:00   departed   CN-HORGOS
    6/00:00   arrived    KZ-ALTYNKOL   id=came
"""
AT_SEA = f"""{AT_ALTYNKOL}
    8/00:00   departed   KZ-ALTYNKOL
    11/12:00  arrived    KZ-AKTAU
    14/00:00  departed   KZ-AKTAU      vessel
"""
IN_GEORGIA = f"""{AT_SEA}
    14/20:00  arrived    AZ-ALAT
    15/12:00  departed   AZ-ALAT
    16/02:00  arrived    AZ-BOYUKKESIK
    16/03:00  departed   AZ-BOYUKKESIK
    16/05:00  arrived    GE-GARDABANI
    16/20:00  departed   GE-GARDABANI
"""
PLAN = "20/08:00  arrived  GE-POTI  planned  received=1/06:00"
DELAYED = Fixed(Norms(20_700, delays={"ktz": 3 * HOUR}, gaps={"ktz": 30 * HOUR}))
