"""Lists of exceptions of a worker: what fits, the newest first, page by page."""

from itertools import pairwise
from typing import Any

from tracker.domain.exceptions import Cause, Judgement, RailException, Rule, Severity
from tracker.domain.moment import HOUR, Millis
from tracker.streams.deadlines import Deadlines
from tracker.web.lists import newest_first
from tracker.web.told_exceptions import listed


def exception(number: int) -> RailException:
    at = Millis(1_772_323_200_000 + number % 7 * HOUR)
    rule, node = (Rule.HELD, Rule.DWELL)[number % 2], ("KZ-AKTAU", "AZ-ALAT")[number % 3 > 0]
    return RailException(
        f"dwell-{number:02}", 1, at, rule, "j", node, 0, 1, Severity.CRITICAL, "ktz", at, at, at, 0, "template",
        Cause.NODE if number % 5 else Cause.UNKNOWN,
    )  # fmt: skip


PARTITIONS = [Deadlines(), Deadlines()]
for number in range(40):
    PARTITIONS[number % 2].note(f"BOX{number // 2}".encode(), Judgement([exception(number)]))
INCIDENT = {"id": "node_stopped-1", "rule": "node_stopped", "deadline": "2026-03-01T03:00:00Z", "cause": "node"}


def asked(wanted: dict[str, str], after: str = "", limit: int = 500) -> tuple[list[Any], int]:
    known = ((deadlines, key, brief) for deadlines in PARTITIONS for key, brief in deadlines.open())
    return listed([INCIDENT], known, wanted, after, limit)


def place(record: Any) -> str:
    return newest_first(record["deadline"], record["id"])


def test_all_come_once_the_newest_first_in_pages_of_any_size() -> None:
    whole, count = asked({})
    assert count == len(whole) == 41
    assert all(place(a) < place(b) for a, b in pairwise(whole))
    paged: list[Any] = []
    while page := asked({}, place(paged[-1]) if paged else "", 7)[0]:
        paged += page
    assert paged == whole


def test_what_fits_is_what_has_the_value_by_the_name_it_is_told_under() -> None:
    whole, _ = asked({})
    for name, value in (("rule", "dwell"), ("rule", "node_stopped"), ("node", "KZ-AKTAU"), ("cause", "unknown"),
                        ("id", "dwell-07"), ("severity", "warning")):  # fmt: skip
        found, count = asked({name: value})
        assert found == [each for each in whole if each.get(name) == value], name
        assert count == len(found)
    both, _ = asked({"rule": "held", "node": "AZ-ALAT"})
    assert both == [each for each in whole if each["rule"] == "held" and each.get("node") == "AZ-ALAT"]
