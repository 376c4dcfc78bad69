"""What a report costs does not depend on how long its journey is already, as long as it comes in order of time.

Costs are counted in calls of functions, Python's and C's, which are the same on every machine; the microseconds are
those of `python -m tests.bench.growth`.
"""

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

from tests.domain.long_way import long_way
from tests.domain.told import BOX, RULES
from tracker.domain.container import ContainerRow, dump, fold
from tracker.domain.report import Report
from tracker.domain.ruling import apply

LENGTHS = (25, 50, 100, 200)


def calls(work: Callable[[], object]) -> int:
    """How many functions are called while the work is done."""
    count = 0

    def heard(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(heard)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def told(reports: list[Report]) -> ContainerRow:
    row = ContainerRow()
    for report in reports:
        apply(row, BOX, report, RULES)
    return row


def dearest(sent: list[Report]) -> int:
    """The calls of the dearest of the reports from the arrival at the last node on.

    What a network is asked once is remembered before.
    """
    told(sent)
    arrival = next(place for place, report in enumerate(sent) if report.node == sent[-1].node)
    row, costs = told(sent[:arrival]), []
    for report in sent[arrival:]:
        costs.append(calls(partial(apply, row, BOX, report, RULES)))
    return max(costs)


def test_a_report_in_order_of_time_does_not_refold_the_row() -> None:
    sent = long_way(200)
    row = ContainerRow()
    journeys = row.journeys
    for report in sent:
        apply(row, BOX, report, RULES)
        # A refold makes the journeys anew, in another list.
        assert row.journeys is journeys, report
    assert len(row.journeys) == 1
    assert dump(row) == dump(fold(sent, BOX, RULES))


def test_a_late_report_does() -> None:
    *early, late, last = long_way(200)
    row = told([*early, last])
    journeys = row.journeys
    apply(row, BOX, late, RULES)
    assert row.journeys is not journeys


def test_a_report_in_order_of_time_costs_the_same_after_25_and_after_200_others() -> None:
    """Compared is the dearest from the arrival at the end of the way on, where transits end."""
    costs = {length: dearest(long_way(length)) for length in LENGTHS}
    assert max(costs.values()) < 1.2 * min(costs.values()), costs


def test_the_count_sees_what_a_refold_costs() -> None:
    *early, late, last = long_way(200)
    in_order, out_of_order = told([*early, late]), told([*early, last])
    cheap = calls(lambda: apply(in_order, BOX, last, RULES))
    assert calls(lambda: apply(out_of_order, BOX, late, RULES)) > 10 * cheap
