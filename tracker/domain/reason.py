"""Why an exception is over: the report that ended it, the end of the way, or that it never was one."""

from typing import Final, Literal, NamedTuple

from tracker.domain.exceptions import RailException, Rule
from tracker.domain.moment import Millis
from tracker.domain.position import Position

LATE_DATA: Final = "late data"
"""Why an exception is resolved that never was one: what was reported late shows it."""

NATURAL_REASON: Final = {
    Rule.HELD: "released",
    Rule.WRONG_WAY: "back on its way",
    Rule.LATE: "expected in time",
    Rule.DWELL: "departed",
    Rule.RUN: "arrived",
    Rule.SILENT: "reported",
    Rule.MISSED: "reported",
    Rule.IMPOSSIBLE: "no longer contradicted",
}
"""Why an exception is resolved when what it waited for happens after its deadline."""


class News(NamedTuple):
    """What a report told: when it happened, and whether it took back or put right another."""

    happened: Millis
    correction: Literal["retracted", "corrected"] | None = None


def reason_of(each: RailException, news: News | None, ended: str | None) -> str:
    """Why it is over, by what was reported then. `ended`: what ends it if no report has to do with it."""
    if news is not None and news.correction is not None:
        return news.correction
    if news is not None and news.happened < each.deadline:
        return LATE_DATA  # it was over before it became an exception; we only did not know
    return ended or NATURAL_REASON[each.rule]


def arrived(each: RailException, position: Position) -> str | None:
    """The reason of what ends because the container is at its end, though it is still so; else None."""
    match each.rule:
        case Rule.LATE:
            is_still_so = position.node == each.place
        case Rule.MISSED:
            is_still_so = any((gap.node, gap.visit) == (each.place, each.visit) for gap in position.missing)
        case Rule.IMPOSSIBLE:
            is_still_so = any(node == each.place for node, _ in position.set_aside)
        case _:
            is_still_so = False
    return "arrived" if is_still_so else None
