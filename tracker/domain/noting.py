"""Takes reports into a container's row and notes, by it, the flows of the nodes it comes to and leaves."""

from collections.abc import Iterable

from tracker.domain.chronicle import received_order
from tracker.domain.container import ContainerRow, Rules, fold, reports_of
from tracker.domain.flows import Note, Noted
from tracker.domain.following import follow, sight_of, tail_of
from tracker.domain.moment import MINUTE, Millis
from tracker.domain.report import Report
from tracker.domain.ruling import Ruling, apply
from tracker.domain.testifying import reach


def apply_noting(row: ContainerRow, container: str, report: Report, rules: Rules) -> tuple[Ruling, list[Note]]:
    """`ruling.apply`, with the notes that follow. What was received before what is noted waits for `note_anew`."""
    noted, journeys, reached = row.noted, row.journeys, reach(row.journeys)
    is_next = noted.behind is None and _is_next(row, report)
    journeys = row.journeys
    before = sight_of(journeys) if is_next else None
    ruling = apply(row, container, report, rules)
    if ruling.outcome is None:
        return ruling, []
    if row.testimony.mixed or row.journeys is not journeys or reach(journeys) != reached:
        row.testimony.behind = True
    if is_next:
        before = before if row.journeys is journeys else None  # another list: folded anew
        return ruling, follow(noted, before, row.journeys, report.received, rules.network, row.estimates)
    since = Millis(0) if noted.clock == 0 else report.received
    noted.behind = since if noted.behind is None else min(noted.behind, since)
    return ruling, []


def note_anew(row: ContainerRow, container: str, rules: Rules) -> tuple[list[Note], list[Note]]:
    """Note a row anew from the first report on that came out of order; the notes that no longer hold, and those now."""
    old = row.noted
    assert old.behind is not None, "only what is behind is noted anew"
    # The last minute at whose end it was not yet known; none, where notes from before it were let go.
    minute = -1 if old.since else (old.behind - 1) // MINUTE
    noted = old.until(minute)
    reports = sorted(reports_of(row), key=received_order)
    known = [report for report in reports if report.received <= minute * MINUTE]
    then = fold(known, container, rules)
    then.noted = noted
    noted.clock = max((report.received for report in known), default=Millis(0))
    noted.tail = tail_of(then.journeys, rules.network)
    _note_all(then, container, reports[len(known) :], rules)
    row.noted = noted
    # Of what was let go nothing is taken back.
    first = max(minute + 1, noted.since)
    gone, new = ([note for note in each.all() if note.minute >= first] for each in (old, noted))
    return gone, new


def noted_of(reports: Iterable[Report], container: str, rules: Rules) -> Noted:
    """The notes of a set of reports: what a row's must be, whatever order they came in."""
    row = ContainerRow()
    _note_all(row, container, sorted(reports, key=received_order), rules)
    return row.noted


def _note_all(row: ContainerRow, container: str, reports: Iterable[Report], rules: Rules) -> None:
    for report in reports:
        journeys = row.journeys
        before = sight_of(journeys)
        apply(row, container, report, rules)
        before = before if row.journeys is journeys else None
        follow(row.noted, before, row.journeys, report.received, rules.network, row.estimates)


def _is_next(row: ContainerRow, report: Report) -> bool:
    """Whether a report comes after all that are noted, in the order in which they were received."""
    clock = row.noted.clock
    if report.received != clock:
        return report.received > clock and (clock > 0 or not row.reports)
    place = received_order(report)
    return all(received_order(each) <= place for each in reports_of(row) if each.received == clock)
