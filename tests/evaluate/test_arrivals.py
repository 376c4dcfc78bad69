"""Expected arrivals are judged by the true ones, at the moment asked, beside rivals that know no more than then."""

from typing import Any

import pytest

from tests.evaluate.arrivals import Arrivals, Expected, JourneyLine, arrivals
from tests.evaluate.figure import Figure, arrival_figures
from tests.evaluate.hand import ON_TIME, day, truth, way
from tests.evaluate.lines import Lines
from tests.simulate.traffic import tiny_network

ARRIVES = 14.7
"""Day on which a journey on time arrives; it left on day 1."""


def judged(*made: tuple[float, float, float, float], until: float = 60, more: int = 0, **journey: Any) -> Arrivals:
    """Expectations (made, at, low, high; days) of container A's journey, with others that went the same way before."""
    others = [way(f"B{n}", *[_sooner(times) for times in ON_TIME], out=6) for n in range(more)]
    expected = [Expected("j", *(day(each) for each in one)) for one in made]
    lines = [JourneyLine(**({"journey": "j", "container": "A", "began_at": day(0)} | journey))]
    return arrivals(expected, lines, Lines(tiny_network()), truth(way("A", *ON_TIME, out=16), *others, until=until))


def _sooner(times: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    came, went = times
    return None if came is None else came - 10, None if went is None else went - 10


def test_the_last_expectation_before_the_moment_asked_is_judged() -> None:
    found = judged((2, 20, 19, 21), (ARRIVES - 7, 16.7, 14, 18), (ARRIVES - 3 + 0.01, 14.7, 14, 15)).errors
    assert {hours: errors.tracker for hours, errors in found.items()} == {
        168: [pytest.approx(48, abs=0.01)],
        72: [pytest.approx(48, abs=0.01)],
        24: [pytest.approx(0, abs=0.01)],
    }
    assert [(errors.inside, errors.intervals) for errors in found.values()] == [(1, 1)] * 3


def test_an_arrival_outside_the_interval_is_outside() -> None:
    assert [judged((2, 20, *ends)).errors[24].inside for ends in ((15, 21), (10, 14), (14, 15))] == [0, 0, 1]


def test_what_nobody_expected_then_is_asked_and_not_judged() -> None:
    found = judged((ARRIVES - 2, 16, 15, 17)).errors
    assert {hours: (errors.asked, len(errors.tracker)) for hours, errors in found.items()} == {
        24: (1, 1), 72: (1, 0), 168: (1, 0)
    }  # fmt: skip


def test_moments_after_the_run_or_before_the_departure_are_not_asked() -> None:
    assert {hours: errors.asked for hours, errors in judged(until=ARRIVES - 2).errors.items()} == {24: 0, 72: 1, 168: 1}
    late_start = way(
        "A", (None, ARRIVES - 5), *((ARRIVES - 4, ARRIVES - 4) for _ in ON_TIME[1:-1]), ON_TIME[-1], out=16
    )
    found = arrivals([], [], Lines(tiny_network()), truth(late_start)).errors
    assert {hours: errors.asked for hours, errors in found.items()} == {24: 1, 72: 1, 168: 0}


@pytest.mark.parametrize("journey", [{"container": "Z"}, {"began_at": day(3)}])
def test_a_journey_that_is_no_true_one_is_not_judged(journey: dict[str, Any]) -> None:
    assert judged((2, 20, 19, 21), **journey).errors[24].tracker == []


def test_the_template_adds_what_is_planned_from_where_the_container_is() -> None:
    # 24 h before it arrives it has been at AZ-PORT since day 13, planned for 24 h, with 16 h to run after it.
    assert judged((2, 20, 19, 21)).errors[24].template == [pytest.approx(abs(13 + 40 / 24 - ARRIVES) * 24, abs=0.01)]
    # 168 h before, between KZ-TOWN, left on day 7.4, and KZ-PORT: 70 h to there, 40 h, 20 h, 24 h, 16 h.
    assert judged((2, 20, 19, 21)).errors[168].template == [pytest.approx(abs(7.4 + 170 / 24 - ARRIVES) * 24, abs=0.01)]
    # 72 h before, at KZ-PORT since 10.5: 40 h, 20 h, 24 h, 16 h.
    assert judged((2, 20, 19, 21)).errors[72].template == [pytest.approx(abs(10.5 + 100 / 24 - ARRIVES) * 24, abs=0.01)]


def test_the_empirical_median_is_of_at_least_five_that_have_arrived_and_else_the_template() -> None:
    five, four = (judged((2, 20, 19, 21), more=more).errors[24] for more in (5, 4))
    assert five.empirical == [pytest.approx(0, abs=0.01)], "they took what this one takes"
    assert four.empirical == four.template


def test_a_person_is_told_of_a_change_of_a_day_against_what_was_told_last() -> None:
    steps = (20, 20.6, 20.9, 21.1, 20.3, 20.0)
    assert judged(*((n + 2, at, at - 1, at + 1) for n, at in enumerate(steps))).changes == [2]


def test_the_aim_is_a_quarter_less_than_the_better_rival_and_80_per_cent_inside_from_both_sides() -> None:
    found = judged((2, 14.8, 14, 16))
    errors = found.errors[24]
    figures = {figure.name: figure for figure in arrival_figures(found)}
    mean = figures["mean error of arrival, 24 h before, h"]
    assert mean.aim == pytest.approx(0.75 * min(errors.template[0], errors.empirical[0]))
    assert mean.verdict == ("met" if errors.tracker[0] <= (mean.aim or 0) else "MISSED")
    verdicts = [Figure("", share, 0.8, band=0.05).verdict for share in (0.74, 0.76, 0.84, 0.86, None)]
    assert verdicts == ["MISSED", "met", "met", "MISSED", "nothing to judge"]


def test_the_stay_at_a_node_it_has_left_is_not_planned_again() -> None:
    true = truth(way("A", *ON_TIME[:5], (12.7, 13.5), ON_TIME[-1], out=16))
    errors = arrivals(
        [Expected("j", day(2), day(20))], [JourneyLine("j", "A", day(0))], Lines(tiny_network()), true
    ).errors
    assert errors[24].template == [pytest.approx(abs(13.5 + 16 / 24 - ARRIVES) * 24, abs=0.01)]
