"""A container's chronicle: where it was known to be, in order of received time, and what was judged of it.

The definition of what a worker does step by step: `judged` of all reports up to a clock is what must be left when the
same reports came one by one, in whatever order, with the clock ticking between.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from tracker.domain.closures import Closure
from tracker.domain.container import ContainerRow, Rules, aside_of, reports_of
from tracker.domain.exceptions import RailException, Watch
from tracker.domain.judgement import Situation, between, settle
from tracker.domain.lines import Lines
from tracker.domain.milestones import missing, own_missed
from tracker.domain.moment import Millis
from tracker.domain.movement import holding
from tracker.domain.norms import Norms
from tracker.domain.passage import stops
from tracker.domain.position import Position, position_of
from tracker.domain.reason import News
from tracker.domain.report import Classifier, Report
from tracker.domain.ruling import apply
from tracker.domain.watches import watches


class Step(NamedTuple):
    """From `received` on the container was known to be there; `position` None: it was on no journey.

    Every report that is kept makes one, also when it changes no position: then the norms of its day hold from it on.
    """

    received: Millis
    position: Position | None
    news: News


class Knowledge(Situation, Protocol):
    """The situation, and what is learned."""

    def norms(self, clock: Millis) -> Norms:
        """The norms that hold at a clock."""

    def closures(self, clock: Millis) -> Sequence[Closure]:
        """What is closed, or will be, as far as is known at a clock."""


def received_order(report: Report) -> tuple[Millis, str, str, int, tuple[int, int, int]]:
    """Sorts reports as they became known; those of one moment by carrier, id and content.

    Not by the place in the topic: of two that came in one millisecond which lies in which partition is chance, and what
    is judged must not depend on it.
    """
    return report.received, report.carrier, report.id, report.content, report.source


def position_in(row: ContainerRow, rules: Rules, lines: Lines) -> Position | None:
    """The position of a row's open journey, with what is set aside."""
    position = position_of(row, rules.network, lines.mandatory)
    if position is not None and rules.mandatory and _tells_of_its_own(row, rules):
        way = stops(row.journeys[-1], rules.network)
        began = row.journeys[-1].began
        told = [
            each for each in holding(reports_of(row)) if each.classifier is Classifier.ACTUAL and each.occurred >= began
        ]
        own = own_missed(way, told, rules.mandatory, rules.network)
        position = position._replace(missing=tuple(missing(way, lines.mandatory, own)))
    if position is None or not row.aside:
        return position
    began = row.journeys[-1].began
    aside = sorted({(each.node, each.received) for each in aside_of(row) if each.occurred >= began})
    first = dict(reversed(aside))
    return position._replace(set_aside=tuple(first.items()))


def _tells_of_its_own(row: ContainerRow, rules: Rules) -> bool:
    """Whether a carrier that has mandatory kinds of its own may have told of the container: looked for in raw rows."""
    names = [carrier.encode() for carrier in rules.mandatory]
    return any(name in report for report in map(bytes, row.reports) for name in names)


def step_of(report: Report, position: Position | None, *, is_known: bool) -> Step:
    """The step to a position by a report; `is_known`: another version of the report was there before."""
    return Step(report.received, position, news_of(report, is_known=is_known))


def news_of(report: Report, *, is_known: bool) -> News:
    """What a report tells; `is_known`: another version of it was there before."""
    correction = "retracted" if report.retracted else "corrected" if is_known else None
    return News(report.occurred, correction)  # type: ignore[arg-type]  # literals


Located = Callable[[ContainerRow, Rules, Lines], Position | None]
"""Gives the position of a row's open journey."""


def located(row: ContainerRow, rules: Rules, lines: Lines) -> Position | None:
    """The position of a row's open journey without what is missing and set aside, on which no arrival depends."""
    return position_of(row, rules.network, frozenset())


def chronicle(
    reports: Iterable[Report], container: str, rules: Rules, lines: Lines, locate: Located = position_in
) -> list[Step]:
    """The steps of a container."""
    return followed(reports, container, rules, lines, locate)[0]


def followed(
    reports: Iterable[Report], container: str, rules: Rules, lines: Lines, locate: Located = position_in
) -> tuple[list[Step], ContainerRow]:
    """The steps of a container, and its row after the last."""
    row = ContainerRow()
    steps: list[Step] = []
    known: set[tuple[str, str]] = set()
    for report in sorted(reports, key=received_order):
        kept = len(row.reports)
        apply(row, container, report, rules, facts=False)
        position = locate(row, rules, lines)
        if not steps or steps[-1].position != position or len(row.reports) != kept:
            steps.append(step_of(report, position, is_known=(report.carrier, report.id) in known))
        known.add((report.carrier, report.id))
    return steps, row


def judged(
    steps: Iterable[Step], lines: Lines, knowledge: Knowledge, upto: Millis
) -> tuple[list[RailException], list[RailException]]:
    """What stands of all exceptions at a clock, and every version there was, in order."""
    held: list[RailException] = []
    made: list[RailException] = []
    position: Position | None = None
    watched: list[Watch] = []
    clock = Millis(0)
    for step in steps:
        if step.received > upto:
            break
        made += between(held, watched, position, knowledge, (clock, Millis(step.received - 1)))
        clock, position = step.received, step.position
        watched = [] if position is None else watches(position, lines, knowledge.norms(clock))
        made += settle(held, watched, position, knowledge, clock, step.news)
    made += between(held, watched, position, knowledge, (clock, upto))
    return held, made
