"""When a container under way is expected at the next node."""

from tests.domain.judging import LINES, QUIET
from tests.domain.told import BOX, RULES, moment, reports
from tracker.domain.chronicle import Step, chronicle
from tracker.domain.moment import HOUR
from tracker.domain.outlook import next_of

AT_SEA = """
    6/00:00   arrived         KZ-ALTYNKOL
    8/00:00   departed        KZ-ALTYNKOL    train=T1
    11/12:00  arrived         KZ-AKTAU
    14/00:00  departed        KZ-AKTAU       vessel
"""


def steps(table: str) -> list[Step]:
    return chronicle(reports(table), BOX, RULES, LINES)


def test_what_has_left_is_due_at_the_next_node_and_later_the_longer_it_takes() -> None:
    position = steps(AT_SEA)[-1].position
    assert position is not None
    planned = RULES.network.legs["KZ-AKTAU--AZ-ALAT"].hours.planned
    clocks = [moment(f"14/{hour:02}:00") for hour in (1, 12, 23)]
    found = [next_of(position, LINES, QUIET, clock) for clock in clocks]
    arrivals = [each[1] for each in found if each is not None]
    assert [each[0] for each in found if each is not None] == ["AZ-ALAT"] * 3
    assert abs(arrivals[0].at - moment("14/00:00") - planned * HOUR) <= HOUR
    for clock, each in zip(clocks, arrivals, strict=True):
        assert clock <= each.low <= each.at <= each.high
    # Until it is overdue it is expected as it was, to half an hour: what may come is put together of two moments.
    assert abs(arrivals[1].at - arrivals[0].at) < HOUR / 2
    late = next_of(position, LINES, QUIET, moment("17/00:00"))
    assert late is not None
    assert late[1].at > moment("17/00:00")
