"""What is watched of an open journey: every condition that is, or in time becomes, an exception.

A function of the position, the lines and the norms. The clock plays no part: a watch says from when on it is an
exception, and what the container does next takes it away or gives it another deadline.
"""

from collections.abc import Iterator
from typing import Final

from tracker.domain.course import is_finish
from tracker.domain.exceptions import Rule, Watch
from tracker.domain.expected import after, expected_of, promise_of
from tracker.domain.foresight import KNOWN_LATE
from tracker.domain.lines import Line, Lines
from tracker.domain.moment import HOUR, Millis
from tracker.domain.norms import Norms
from tracker.domain.position import Position

KEPT_SHARE: Final = 0.8
"""A container that is late stays so until its delay is below this share of the tolerance: alerts must not flap."""
SURE_Q: Final = 0.03
"""Critically late is what will be so in all likelihood: of a hundred such containers three arrive earlier, because of a
hundred that are told 97 are to be right."""
FOLLOWED: Final = 6 * 24.0
"""Hours after a gate-out in which what follows it is told: stripped within two days, back empty within four more."""
RISK_SHARE: Final = 0.5
"""At risk when half of the tolerance is used up."""


def watches(position: Position, lines: Lines, norms: Norms) -> list[Watch]:
    """All watches of a position; no two have the same rule, place and visit.

    Of a container that may not exist, because somebody mistyped a number, nothing is critical.
    """
    watching = _Watching(position, lines, norms)
    found = (watch._replace(goal=watching.goal, norms=norms.version) for watch in watching.all())
    return [_shown_only(watch) for watch in found] if position.is_doubtful else list(found)


def _shown_only(watch: Watch) -> Watch:
    """The watch without anything critical; it holds from the same moment on."""
    begins = [at for at in (watch.warning, watch.critical) if at is not None]
    return watch._replace(warning=min(begins), critical=None, sure=None)


class _Watching:
    """Builds the watches of one position."""

    def __init__(self, position: Position, lines: Lines, norms: Norms) -> None:
        lines = lines.by(norms)
        self._at, self._lines, self._limits = position, lines, lines.thresholds
        self._delay = norms.delays.get(position.carrier, 0)
        self._gap = norms.gaps.get(position.carrier, 0)
        self._is_learned = bool(norms.usual)
        self._is_there = position.node == position.destination or (
            position.left is not None and is_finish(position.node, position.mask, lines.network)
        )
        self._is_gone = position.departed is not None and not self._is_there
        self._ahead = None if self._is_there else lines.run(position.node, position.mask, position.destination)

    @property
    def goal(self) -> str | None:
        """Where the next report is due."""
        return self._ahead[0].goal if self._is_gone and self._ahead is not None else self._at.node

    def all(self) -> Iterator[Watch]:
        """In the order of rules. At its end only a hold and a planned stay are watched, whatever was amiss before."""
        if self._at.held is not None:
            node, since = self._at.held
            yield _watch(Rule.HELD, node, 0, since, _line(self._limits.held))
        if not self._is_there:
            yield from self._astray()
            yield from self._late()
        yield from self._stay_or_run()
        if not self._is_there:
            yield self._silent()
            yield from self._carrier_s()

    def _carrier_s(self) -> Iterator[Watch]:
        """What is wrong with the reports rather than with the container."""
        for node, visit, since in self._at.missing:
            at = after(since, self._limits.missed)
            yield _watch(Rule.MISSED, node, visit, since, Line(at - since, None), self._delay)
        for place, at in self._at.set_aside:
            yield Watch(Rule.IMPOSSIBLE, place, 0, at, at, None, at, 0, "template")

    def _astray(self) -> Iterator[Watch]:
        if self._at.astray is not None:
            leg, since, at = self._at.astray
            yield Watch(Rule.WRONG_WAY, leg, 0, since, at, at, at, 0, "template")

    def _stay_or_run(self) -> Iterator[Watch]:
        at = self._at
        if self._is_gone and self._ahead is not None and at.departed is not None:
            yield _watch(Rule.RUN, self._ahead[0].leg, at.visit, at.departed, self._ahead[1], self._delay)
        elif at.departed is None and at.arrived is not None and not at.is_origin:
            line = self._lines.stay(at.node, at.mask)
            if line is not None and self._is_there:
                line = self._at_its_end(line)
            if line is not None:
                line = line._replace(sure=self._overdue_twice(line, None))
                yield _watch(Rule.DWELL, at.node, at.visit, at.arrived, line, self._delay)

    def _at_its_end(self, line: Line) -> Line | None:
        """The line of a stay at the end of its way, where one is planned: a warning unless silence tells something.

        The others leave one by one, so only what follows tells a container that stands there from one whose gate-out
        nobody reported: it is stripped, and comes back empty. Where the line comes before that, of five that are over
        it four are gone; where it comes after, every second one stands there. Where gate-outs are mandatory all do.
        """
        if line.source == "learned" and not self._lines.is_planned(self._at.node, self._at.mask):
            return None
        sure, stay = self._limits.gate_outs, self._lines.stay_spread(self._at.node, self._at.mask)
        known = round((stay.median + FOLLOWED) * HOUR)
        if sure is None or self._at.carrier in sure or (line.critical is not None and line.critical >= known):
            return line
        return line._replace(critical=None)

    def _overdue_twice(self, line: Line, run: Line | None) -> int | None:
        """From when on the report after the next is overdue too, if the container went on unseen."""
        if line.critical is None:
            return None
        if run is not None and run.sure is not None and self._is_gone:
            return max(line.critical, run.sure)
        ahead = None if self._ahead is None else self._ahead[0]
        return max(line.critical, self._lines.stay_sure(self._at.node, self._at.mask, ahead))

    def _silent(self) -> Watch:
        """No word for longer than the stay or the leg it is in takes: its departure may be what was not reported."""
        at_sea = self._is_gone and self._ahead is not None and self._ahead[0].at_sea
        least = _line(self._limits.silent_sea if at_sea else self._limits.silent_rail)
        stay = None if self._is_gone else self._lines.stay(self._at.node, self._at.mask)
        run = None if self._ahead is None else self._ahead[1]
        own = max(2 * self._gap, *(0 if line is None else line.warning for line in (stay, run)))
        line = Line(max(least.warning, own), max(least.critical or 0, 2 * own))
        line = line._replace(sure=self._overdue_twice(line, run))
        return _watch(Rule.SILENT, self._at.node, self._at.visit, self._at.last, line, self._delay)

    def _late(self) -> Iterator[Watch]:
        """Late from the moment its expected arrival passes a limit: at once, or when it has stood still for so long.

        The median warns, with the carrier's usual delay: what is not reported may have happened. Critical is what is
        sure: nearly all such containers arrive that late or later, and by then its carrier had time to tell.
        """
        promise, expected = promise_of(self._at, self._lines), expected_of(self._at, self._lines)
        if promise is None or expected is None:
            return

        def passing(limit: int, q: float) -> Millis:
            if expected.at_clock(expected.begun, q) > limit:
                return expected.begun
            delay = round(KNOWN_LATE * HOUR) if q == SURE_Q else self._delay
            return Millis(limit - round(expected.rest.quantile(q) * HOUR) + delay)

        kept = promise.warning - round((1 - KEPT_SHARE) * self._limits.late[0] * HOUR)
        critical = passing(promise.critical, SURE_Q)
        # Not where it was last heard of any more, perhaps: then only when it should have been there.
        sure = critical if critical == expected.begun else max(critical, Millis(promise.critical + self._delay))
        yield Watch(
            Rule.LATE,
            promise.goal,
            0,
            promise.at,
            passing(promise.warning, 0.5),
            critical,
            passing(kept, 0.5),
            promise.warning - promise.at,
            "plan" if promise.is_planned else "learned" if self._is_learned else "template",
            sure=sure,
            risk=passing(promise.warning - round(RISK_SHARE * self._limits.late[0] * HOUR), 0.5),
        )


def _watch(rule: Rule, place: str, visit: int, since: Millis, line: Line, delay: int = 0) -> Watch:
    """A watch by a line. Once it is an exception it stays one though the carrier is found to be later than usual."""
    kept, warning = Millis(since + line.warning), Millis(since + line.warning + delay)
    critical, sure = (None if at is None else Millis(since + at + delay) for at in (line.critical, line.sure))
    return Watch(rule, place, visit, since, warning, critical, kept, line.warning, line.source, sure)


def _line(hours: tuple[float, float]) -> Line:
    return Line(round(hours[0] * HOUR), round(hours[1] * HOUR))
