"""How canaries travel: one is late in each interval and no other, day after day, by the judge's own word."""

import json
from collections import defaultdict
from itertools import islice
from typing import Final

import pytest

from tracker.aggregates.ledger import Ledger
from tracker.aggregates.situation import KnownSituation
from tracker.canary.travel import Sending, Travel, shortest
from tracker.contract.carriers_file import CarriersFileError, read_carriers
from tracker.contract.intake import Intake, IntakeRules, Reading
from tracker.contract.network_file import load_network
from tracker.domain.canary import CARRIER, canary_number, is_canary
from tracker.domain.chronicle import chronicle, judged
from tracker.domain.container import Rules, fold
from tracker.domain.exceptions import RailException, Severity
from tracker.domain.identifiers import ContainerFault, container_fault
from tracker.domain.lines import Lines
from tracker.domain.moment import DAY, HOUR, MINUTE, SECOND, Millis
from tracker.domain.places import Places
from tracker.domain.report import Report
from tracker.domain.thresholds import Thresholds
from tracker.streams.writer import partition_of

NETWORK: Final = load_network()
RULES: Final = Rules(NETWORK, {})
PARTITIONS: Final = 4
START: Final = 492_000
"""The first interval of the tests: an hour of 2026."""


def travel(interval: int = HOUR, partitions: int = PARTITIONS, hold: int = 72 * HOUR) -> Travel:
    return Travel(shortest(NETWORK), partitions, interval, hold, lambda key: partition_of(key, partitions))


def read(sending: Sending, received: Millis, carrier: str = CARRIER, offset: int = 0) -> Reading:
    """What the intake makes of a report."""
    intake = Intake(Places(NETWORK), IntakeRules())
    [reading] = intake.read(carrier, json.dumps(sending.body).encode(), received, 0, offset)
    return reading


def taken_in(canaries: Travel, intervals: range) -> dict[str, list[Report]]:
    """Container to its reports of some intervals, as the intake takes them; none is refused."""
    intake = Intake(Places(NETWORK), IntakeRules())
    found: defaultdict[str, list[Report]] = defaultdict(list)
    for interval in intervals:
        received = Millis(canaries.begins(interval) + 2 * SECOND)
        for offset, each in enumerate(canaries.sent_at(interval)):
            [reading] = intake.read(CARRIER, json.dumps(each.body).encode(), received, 0, interval * 100 + offset)
            assert reading.report is not None, reading.faults
            assert reading.container == each.container
            found[each.container].append(reading.report)
    return found


@pytest.mark.parametrize(("interval", "hold"), [(HOUR, 72 * HOUR), (6 * HOUR, 24 * HOUR)])
def test_in_each_interval_one_is_late_and_no_other_and_it_is_over_in_the_next(interval: int, hold: int) -> None:
    canaries = travel(interval, hold=hold)
    lines = Lines(NETWORK, Thresholds(held=(hold / HOUR / 3, hold / HOUR)))
    first = START * HOUR // interval
    numbers = range(first, first + canaries.pool + 30)
    until = Millis(canaries.begins(numbers[-1]) + interval // 2)
    situation = KnownSituation(Ledger(), NETWORK, until)
    told: dict[int, list[RailException]] = {}
    for container, reports in taken_in(canaries, numbers).items():
        _, made = judged(chronicle(reports, container, RULES, lines), lines, situation, until)
        for each in made:
            if each.suppressed_by is None and each.severity is Severity.CRITICAL:
                number = canaries.interval_of(container, canaries.number_of(each.opened))
                assert number is not None, f"{container}, which is in time: {each}"
                told.setdefault(number, []).append(each)
    assert sorted(told) == list(numbers)
    for number, versions in told.items():
        opened, *ended = versions
        assert (opened.rule, opened.is_open, opened.incident) == ("held", True, None)
        assert 0 <= opened.at - canaries.begins(number) <= MINUTE
        if number < numbers[-1]:
            [over] = ended
            assert (over.reason, over.at - canaries.begins(number + 1)) == ("released", 2 * SECOND)
    assert len({versions[0].id for versions in told.values()}) == len(told)


def test_nothing_that_canaries_report_contradicts_anything() -> None:
    for container, reports in taken_in(travel(), range(START, START + 200)).items():
        row = fold(reports, container, RULES)
        assert not row.aside
        assert all(journey.status == "ended" for journey in row.journeys[:-1])


def test_every_partition_has_one_that_travels_and_is_late_in_its_turn() -> None:
    canaries = travel(partitions=12)
    turns = range(START, START + 24)
    late = [canaries.late(each) for each in turns]
    assert [partition_of(each.encode(), 12) for each in late] == [canaries.partition(each) for each in turns]
    assert len(set(late)) == 24
    travelling = {each.container for each in canaries.sent_at(START)} - {canaries.late(START), canaries.late(START - 1)}
    assert sorted(partition_of(each.encode(), 12) for each in travelling) == list(range(12))


def test_a_number_is_late_again_only_when_its_last_time_is_long_over() -> None:
    canaries = travel()
    first = canaries.late(START)
    again = next(each for each in range(START + 1, START + 10_000) if canaries.late(each) == first)
    assert (again - START) * HOUR >= 72 * HOUR + 2 * DAY
    assert canaries.interval_of(first, again - 1) == START
    assert canaries.interval_of(first, again) == again


def test_reports_are_the_same_whoever_sends_them() -> None:
    assert list(travel().sent_at(START)) == list(travel().sent_at(START))


def test_what_ends_a_lateness_that_never_began_begins_no_journey() -> None:
    canaries = travel()
    readings = [read(each, canaries.begins(START + 1), offset=at) for at, each in enumerate(canaries.over(START))]
    reports = [each.report for each in readings if each.report is not None]
    assert len(reports) == 2
    assert fold(reports, canaries.late(START), RULES).journeys == []


def test_no_number_of_a_canary_can_be_painted_on_a_container() -> None:
    for serial in (0, 1, 7, 305_438, 999_999):
        number = canary_number(serial)
        assert is_canary(number)
        assert container_fault(number) is ContainerFault.CATEGORY


@pytest.mark.parametrize(("carrier", "container", "codes"), [
    (CARRIER, None, []), ("ktz-express", None, ["E203"]), (CARRIER, "CSQU3054383", ["E202"]),
    (CARRIER, "CANX0000072", ["E204"]), (CARRIER, "CANX00000", ["E202"]), (CARRIER, "CANJ0000071", ["E203"]),
])  # fmt: skip
def test_only_canaries_report_canaries_and_they_report_nothing_else(
    carrier: str, container: str | None, codes: list[str]
) -> None:
    [sending] = islice(travel().over(START), 1)
    told = sending if container is None else Sending(container, {**sending.body, "container": container})
    reading = read(told, travel().begins(START + 1), carrier)
    assert [fault.code for fault in reading.faults] == codes


def test_no_carrier_has_the_canarys_name() -> None:
    with pytest.raises(CarriersFileError, match="line 2: carrier canary seen"):
        read_carriers("carriers:\n  - {id: canary, name: Tweety}\n")
