"""What one report does to a container's row: the change, the outcome, the facts withdrawn and added."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from tracker.domain.container import (
    SCHEMA,
    ContainerRow,
    Rules,
    aside_of,
    decode_report,
    facts_of_row,
    mark_of,
    refold,
    remember,
    reports_of,
)
from tracker.domain.contradiction import follow, may_contradict
from tracker.domain.course import courses_of
from tracker.domain.crowd import REPORTS_MAX, SORT_MAX, SORT_THINNED, VERSIONS_MAX, sort_of, thinned
from tracker.domain.facts import Fact
from tracker.domain.guesses import estimate_of
from tracker.domain.journey import Journey, Movement, settle, step
from tracker.domain.measure import changes, facts_of, last_changes
from tracker.domain.movement import SAME_FACT_WITHIN, is_same_version, is_same_word, movement_of, plan_of, rank
from tracker.domain.network import Network
from tracker.domain.report import Classifier, Outcome, Report


class Ruling(msgspec.Struct, frozen=True):
    """What one report did to a row: its outcome, and the facts that no longer hold and that now do.

    An outcome of None: the very record was here before (delivery is at least once) and has its outcome already.
    `set_aside`: the reports, this one or others, that now contradict more trusted ones and did not before.
    `crowded`: how many reports, this one or others, are not kept because the row holds too many of their sort.
    """

    outcome: Outcome | None
    withdrawn: list[Fact]
    added: list[Fact]
    set_aside: Sequence[Report] = ()
    crowded: int = 0


def apply(row: ContainerRow, container: str, report: Report, rules: Rules, *, facts: bool = True) -> Ruling:
    """Take one report into the row, in place, and say what it changed; without `facts` not which of those."""
    if row.schema != SCHEMA:
        refold(row, container, rules)
        row.schema = SCHEMA
    mark, sort, outcome = mark_of(report), sort_of(report), Outcome.ACCEPTED
    begin, end = bisect_left(row.marks, mark), bisect_right(row.marks, mark)
    near = [decode_report(raw) for raw in row.reports[begin:end]]
    versions = [version for version in near if version.carrier == report.carrier and version.id == report.id]
    if known := bool(versions):
        ruled = _ranked(versions, report)
        if isinstance(ruled, Ruling):
            return ruled
        outcome, kept = ruled
        others = [other for other in near if other not in versions]
        row.hold(begin, end, [*others, *kept])
    elif row.horizon is not None and report.occurred <= row.horizon:
        return Ruling(outcome, [], [], crowded=1)
    elif near:
        row.hold(begin, end, [*near, report])
    else:
        row.insert(begin, mark, sort, report)
    if row.sorts.count(sort) > SORT_MAX or len(row.reports) > REPORTS_MAX:
        return replace(_thin(row, container, rules), outcome=outcome)
    if not known and (report.retracted or (report.classifier is not Classifier.ACTUAL and plan_of(report) is None)):
        if (estimate := estimate_of(report)) is not None:
            insort(row.estimates, estimate)
        return Ruling(outcome, [], [])
    movement = movement_of([report], rules.authority)
    if not known and _is_last(row, report, movement, rules):
        return Ruling(outcome, *_append(row, container, report, movement, rules, facts=facts))
    if not known and (plan := plan_of(report)) is not None:
        before = facts_of_row(row, container, rules) if facts else []
        insort(row.plans, plan)
        if not facts:
            return Ruling(outcome, [], [])
        return Ruling(outcome, *_difference(before, facts_of_row(row, container, rules)))
    aside = row.aside
    withdrawn, added = _refold(row, container, rules, facts=facts)
    return Ruling(outcome, withdrawn, added, aside_of(row, without=aside) if row.aside != aside else ())


def _refold(row: ContainerRow, container: str, rules: Rules, *, facts: bool) -> tuple[list[Fact], list[Fact]]:
    """Refold the row; the facts withdrawn and added. Journeys that stay as they are have the same facts."""
    was, plans = row.journeys, row.plans
    refold(row, container, rules)
    if not facts:
        return [], []
    begin, end = 0, 0
    if row.plans == plans:
        shorter = min(len(was), len(row.journeys))
        while begin < shorter and was[begin] == row.journeys[begin]:
            begin += 1
        while end < shorter - begin and was[-1 - end] == row.journeys[-1 - end]:
            end += 1
    before, after = was[begin : len(was) - end], row.journeys[begin : len(row.journeys) - end]
    one = len(before) == len(after) == 1 and row.plans == plans and _goes_along(before[0], rules.network)
    if one and _goes_on_as(before[0], after[0], rules.network):
        return _difference(*changes(before[0], after[0], container, plans, rules.network))
    return _difference(
        [fact for journey in before for fact in facts_of(journey, container, plans, rules.network)],
        [fact for journey in after for fact in facts_of(journey, container, row.plans, rules.network)],
    )


def _thin(row: ContainerRow, container: str, rules: Rules) -> Ruling:
    """Bring a row that a report made too long back within its bounds."""
    before, aside, held = facts_of_row(row, container, rules), row.aside, reports_of(row)
    kept = thinned(held)
    ended = next((journey for journey in row.journeys if journey.status != "open"), None)
    gone: str | None = None
    if len(kept) > REPORTS_MAX and ended is not None:
        gone, row.horizon, row.teu_before = ended.id, max(ended.last, ended.ended or ended.last), ended.teu
        kept = [each for each in kept if each.occurred > row.horizon]
    elif len(kept) > REPORTS_MAX:
        # Of a device that reports everything everywhere even that is too much: then the newest are kept.
        kept = sorted(thinned(kept, SORT_THINNED), key=lambda each: (each.occurred, each.id))[-REPORTS_MAX:]
    row.keep(kept)
    refold(row, container, rules)
    withdrawn, added = _difference(before, facts_of_row(row, container, rules))
    withdrawn = [fact for fact in withdrawn if fact.journey != gone]
    return Ruling(Outcome.ACCEPTED, withdrawn, added, aside_of(row, without=aside), len(held) - len(kept))


def _append(
    row: ContainerRow, container: str, report: Report, movement: Movement, rules: Rules, *, facts: bool
) -> tuple[list[Fact], list[Fact]]:
    """Step a last report in alone; the facts withdrawn and added."""
    network, plans = rules.network, row.plans
    last = row.journeys[-1] if row.journeys and row.journeys[-1].status == "open" else None
    others = len(row.journeys) - (last is not None)
    was = None if last is None else _as_it_is(last)
    step(row.journeys, container, movement, network, row.teu)
    row.trace, row.newest = follow(row.trace, movement, network), movement.occurred
    row.teu = row.teu if movement.teu is None else movement.teu
    remember(row, [report])
    now = row.journeys[others:]
    if was is None or len(now) != 1 or not _is_on_the_way_of(was, now[0]):
        for journey in now:
            settle(journey, network)
    if not facts:
        return [], []
    if was is None or not was.visits or len(now) != 1 or not _goes_on_as(was, now[0], network):
        before = [] if was is None else facts_of(was, container, plans, network)
        return _difference(before, [fact for journey in now for fact in facts_of(journey, container, plans, network)])
    if len(was.visits) == len(now[0].visits) and was.visits[-1].tells() == now[0].visits[-1].tells():
        return [], []
    return _difference(*last_changes(was, now[0], container, plans, network))


def _as_it_is(journey: Journey) -> Journey:
    """A copy that keeps its content while the next movement goes into the journey: that changes its last visit."""
    return replace(journey, visits=[*journey.visits[:-1], *map(replace, journey.visits[-1:])])


def _is_on_the_way_of(was: Journey, now: Journey) -> bool:
    """Whether nothing was added to what decides the corridor."""
    return len(was.visits) == len(now.visits) and was.origin == now.origin and was.destination == now.destination


def _goes_on_as(was: Journey, now: Journey, network: Network) -> bool:
    """Whether nothing changed that all facts of a journey carry, and no two of those now can be alike: see `changes`.

    It must go along its course: one that turns back may do the same thing twice, and two facts that are alike
    are one fact.
    """
    return (
        was.corridor == now.corridor
        and was.direction is now.direction
        and was.laden is now.laden
        and was.teu == now.teu
        and was.grams == now.grams
        and was.id == now.id
        and _goes_along(now, network)
    )


def _goes_along(journey: Journey, network: Network) -> bool:
    """Whether a journey has been somewhere, nowhere twice, and in the order of some course."""
    nodes = [visit.node for visit in journey.visits]
    return len(nodes) > 0 and len(set(nodes)) == len(nodes) and courses_of(nodes, network) != 0


def _is_last(row: ContainerRow, report: Report, movement: Movement, rules: Rules) -> bool:
    """Whether a report of a new identity comes after everything else and can only be a fact of its own."""
    if report.classifier is not Classifier.ACTUAL or report.occurred <= row.newest:
        return False
    since = report.occurred - SAME_FACT_WITHIN
    for kind, node, at in row.recent:
        if kind is report.kind and node == report.node and at >= since:
            return False
    return not may_contradict(row.trace, movement, rules.network)


def _ranked(versions: list[Report], report: Report) -> Ruling | tuple[Outcome, list[Report]]:
    """What a report adds to the versions of its identity: a ruling where nothing, else its outcome and all versions."""
    same = next((version for version in versions if is_same_version(version, report)), None)
    if same is not None and report.received >= same.received:
        return Ruling(None if same.source == report.source else Outcome.DUPLICATE, [], [])
    if same is not None:
        # The same words were received earlier than we knew: without a recorded time that is their rank. They keep
        # the position of those that came first, which were accepted and must not be called duplicates later.
        others = [version for version in versions if version is not same]
        return Outcome.DUPLICATE, [*others, replace(report, source=same.source)]
    outcome = Outcome.ACCEPTED if rank(report) > max(map(rank, versions)) else Outcome.SUPERSEDED
    if any(is_same_word(version, report) for version in versions):
        outcome = Outcome.DUPLICATE  # only said again, though its rank may still decide
    return outcome, sorted([*versions, report], key=rank)[-VERSIONS_MAX:]


def _difference(before: list[Fact], after: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Facts withdrawn and added, each in the order of its list; facts are distinct within a list."""
    if before == after:
        return [], []
    begin, end, shorter = 0, 0, min(len(before), len(after))
    while begin < shorter and before[begin] == after[begin]:
        begin += 1
    while end < shorter - begin and before[-1 - end] == after[-1 - end]:
        end += 1
    before, after = before[begin : len(before) - end], after[begin : len(after) - end]
    was, now = set(before), set(after)
    return [fact for fact in before if fact not in now], [fact for fact in after if fact not in was]
