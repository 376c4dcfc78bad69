"""Judges a row up to a clock, from where it was judged last: what a worker's sweep does with one container.

The result is that of `chronicle.judged` over all reports received up to the clock, whatever order they came in and
however often a sweep came between; only the versions differ, because what was published can't be unsaid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from tracker.domain.chronicle import Knowledge, Step, chronicle, judged, position_in, received_order, step_of
from tracker.domain.claim import claims_of, reporters_of, state_by
from tracker.domain.container import ContainerRow, Rules, fold, reports_of
from tracker.domain.exceptions import Judgement, RailException, Watch
from tracker.domain.judgement import between, due_at, forget, settle
from tracker.domain.lines import Lines
from tracker.domain.moment import Millis
from tracker.domain.position import Position
from tracker.domain.reason import LATE_DATA
from tracker.domain.report import Report
from tracker.domain.ruling import apply
from tracker.domain.watches import watches


@dataclass(frozen=True, slots=True)
class Judge:
    """What judging needs beside a row."""

    rules: Rules
    lines: Lines
    knowledge: Knowledge

    def watched(self, position: Position | None, at: Millis) -> list[Watch]:
        """What is watched of a position that became known at a moment."""
        return [] if position is None else watches(position, self.lines, self.knowledge.norms(at))


def rejudge(row: ContainerRow, container: str, judge: Judge, upto: Millis) -> list[RailException]:
    """Judge a row up to a clock not before the last one; changes its judgement, gives the versions to publish."""
    return rejudged(row, container, judge, upto)[0]


def rejudged(
    row: ContainerRow, container: str, judge: Judge, upto: Millis
) -> tuple[list[RailException], Position | None]:
    """The same, with where the container is by all its reports."""
    before = row.judgement
    reports = sorted(reports_of(row), key=received_order)
    step = max((each.received for each in reports if each.received <= upto), default=before.step)
    later = sum(each.received > upto for each in reports)
    position = position_in(row, judge.rules, judge.lines)
    watched = judge.watched(position, step)
    if before.is_behind:
        held, made = _anew(row, container, judge, reports, upto)
    elif _is_plain(before, reports, upto):
        held, made = _onward(before, judge, _Standing(position, watched), reports[-1:], upto)
    else:
        held, made = _stepped(container, before, judge, _Standing(position, watched), reports, upto)
    # What is known too early is judged at the next sweep.
    due = upto if later else due_at(watched, held, position, upto)
    row.judgement = Judgement(held, upto, step, due, later, proved=before.proved, foretold=before.foretold)
    if position is not None:
        claims = claims_of(held, watched, upto)
        told = reporters_of(reports, position)
        watermark = judge.knowledge.watermark(told)
        row.judgement.state = state_by(claims, watermark)
        if claims and claims[0].deadline > watermark:  # the watermark only grows: nothing else changes by it
            row.judgement.doubts, row.judgement.carriers = [(claim.deadline, claim.state) for claim in claims], told
    return made, position


def _is_plain(before: Judgement, reports: Sequence[Report], upto: Millis) -> bool:
    """Whether nothing stands open, nothing was due before the one report that is new, and none is of later."""
    last = reports[-1].received if reports else upto
    return (
        before.news <= 1
        and last <= upto
        and not any(each.is_open for each in before.exceptions)
        and (before.due is None or before.due > last)
    )


class _Standing(NamedTuple):
    """Where a container is by all its reports, and what is watched of it since the last of them."""

    position: Position | None
    watched: list[Watch]


def _onward(
    before: Judgement, judge: Judge, now: _Standing, last: Sequence[Report], upto: Millis
) -> tuple[list[RailException], list[RailException]]:
    """Go on from where the row is now, with at most one report that is new."""
    position, watched = now
    held, made = list(before.exceptions), list[RailException]()
    clock = before.clock
    if before.news:
        clock = last[0].received
        made += settle(held, watched, position, judge.knowledge, clock, step_of(last[0], position, is_known=False).news)
    made += between(held, watched, position, judge.knowledge, (clock, upto))
    return held, made


def _stepped(
    container: str, before: Judgement, judge: Judge, now: _Standing, reports: Sequence[Report], upto: Millis
) -> tuple[list[RailException], list[RailException]]:
    """Go on from what was known when it was judged last, report by report; after the last of all it is as it is now."""
    known = [each for each in reports if each.received <= before.clock]
    row = fold(known, container, judge.rules)
    identities = {(each.carrier, each.id) for each in known}
    held, made = list(before.exceptions), list[RailException]()
    position, clock = position_in(row, judge.rules, judge.lines), before.clock
    watched = judge.watched(position, before.step)
    for report in reports[len(known) :]:
        if report.received > upto:
            break
        made += between(held, watched, position, judge.knowledge, (clock, Millis(report.received - 1)))
        clock = report.received
        if report is reports[-1]:
            position, watched = now
        else:
            apply(row, container, report, judge.rules, facts=False)
            position = position_in(row, judge.rules, judge.lines)
            watched = judge.watched(position, clock)
        step = step_of(report, position, is_known=(report.carrier, report.id) in identities)
        made += settle(held, watched, position, judge.knowledge, clock, step.news)
        identities.add((report.carrier, report.id))
    made += between(held, watched, position, judge.knowledge, (clock, upto))
    return held, made


def _anew(
    row: ContainerRow, container: str, judge: Judge, reports: Sequence[Report], upto: Millis
) -> tuple[list[RailException], list[RailException]]:
    """Judge everything again, and publish where it differs from what was published."""
    steps: list[Step] = chronicle(reports, container, judge.rules, judge.lines)
    held, _ = judged(steps, judge.lines, judge.knowledge, upto)
    published = {each.id: each for each in row.judgement.exceptions}
    made: list[RailException] = []
    for at, each in enumerate(held):
        old = published.pop(each.id, None)
        if old is None:
            held[at] = replace(each, version=1)
        elif replace(each, version=old.version, at=old.at, opened=old.opened) == old:
            held[at] = old
            continue
        else:
            held[at] = replace(each, version=old.version + 1)
        made.append(held[at])
    for old in published.values():
        undone = old
        if old.is_open or old.reason != LATE_DATA:  # it never was: what came late shows that
            undone = replace(old, version=old.version + 1, at=upto, resolved=upto, reason=LATE_DATA)
            made.append(undone)
        held.append(undone)
    forget(held)
    return held, made
