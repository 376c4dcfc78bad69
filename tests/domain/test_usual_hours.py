"""Lines by what was learned: in place of the network's hours as far as the difference can't be chance."""

import pytest

from tests.domain.judging import LINES
from tests.domain.told import RULES
from tracker.domain.lines import CRITICAL_Q, WARNING_Q, Lines
from tracker.domain.lognormal import spread_of
from tracker.domain.moment import HOUR
from tracker.domain.network import Direction, Hours
from tracker.domain.norms import NO_NORMS, Norms, Subject, Usual, run_over, stay_at
from tracker.domain.thresholds import Setting, Thresholds

NETWORK = RULES.network
MIDDLE = NETWORK.courses_in(Direction.WESTBOUND, "middle")
AKTAU = stay_at("KZ-AKTAU", Direction.WESTBOUND, NETWORK)
"""60 hours planned, p95 192 h."""
TBILISI = stay_at("GE-TBILISI", Direction.WESTBOUND, NETWORK)
INTO_TBILISI = run_over("GE-GARDABANI--GE-TBILISI", Direction.WESTBOUND)


def usual(median: float, p95: float, trains: int = 400, samples: int = 1_000) -> Usual:
    return Usual(samples, trains, round(median * HOUR), round(p95 * HOUR))


def lines(learned: dict[Subject, Usual], thresholds: Thresholds | None = None, version: int = 20_000) -> Lines:
    plain = LINES if thresholds is None else Lines(NETWORK, thresholds)
    return plain.by(Norms(version, usual=learned))


def test_what_certainly_takes_longer_than_planned_has_the_line_of_what_it_takes() -> None:
    line = lines({AKTAU: usual(120, 300)}).stay("KZ-AKTAU", MIDDLE)
    assert line is not None
    learned = spread_of(Hours(120, 300))
    assert line.source == "learned"
    assert line.warning / HOUR == pytest.approx(learned.quantile(WARNING_Q), rel=0.05)
    assert line.critical is not None
    assert line.critical / HOUR == pytest.approx(learned.quantile(CRITICAL_Q), rel=0.08)


@pytest.mark.parametrize("other", [usual(66, 200, trains=20), usual(54, 150, trains=20), usual(60, 192)])
def test_what_may_be_chance_changes_no_line(other: Usual) -> None:
    assert lines({AKTAU: other}).stay("KZ-AKTAU", MIDDLE) == LINES.stay("KZ-AKTAU", MIDDLE)


def test_the_more_trains_the_nearer_is_the_line_to_what_was_learned() -> None:
    found = [
        lines({AKTAU: usual(90, 260, trains)}, version=trains).stay("KZ-AKTAU", MIDDLE) for trains in (150, 400, 900)
    ]
    warnings = [line.warning for line in found if line is not None]
    assert warnings == sorted(set(warnings))


def test_where_no_stay_is_planned_but_most_stay_there_is_a_line() -> None:
    assert LINES.stay("GE-TBILISI", MIDDLE) is None
    known = {TBILISI: usual(10, 30, samples=600), INTO_TBILISI: usual(2, 3)}
    line = lines(known).stay("GE-TBILISI", MIDDLE)
    assert line is not None
    assert (line.source, round(line.warning / HOUR)) == ("learned", 30)
    assert not lines(known).is_planned("GE-TBILISI", MIDDLE)


@pytest.mark.parametrize(
    "known",
    [
        {TBILISI: usual(10, 30, samples=400), INTO_TBILISI: usual(2, 3)},
        {TBILISI: usual(10, 30, samples=600)},
    ],
)
def test_where_few_stay_of_those_that_come_or_nobody_knows_how_many_there_is_none(known: dict[Subject, Usual]) -> None:
    assert lines(known).stay("GE-TBILISI", MIDDLE) is None


def test_an_operators_line_holds_whatever_is_learned() -> None:
    set_by_hand = Thresholds(stays={"KZ-AKTAU": Setting((10, 20))})
    line = lines({AKTAU: usual(120, 300)}, set_by_hand).stay("KZ-AKTAU", MIDDLE)
    assert line is not None
    assert (line.source, line.warning, line.critical) == ("template", 10 * HOUR, 20 * HOUR)


def test_a_run_past_way_points_has_learned_hours_if_one_of_its_legs_has() -> None:
    leg = run_over("KZ-ALMATY--KZ-SHU", Direction.WESTBOUND)
    found, plain = lines({leg: usual(30, 40)}).run("KZ-ALTYNKOL", MIDDLE, None), LINES.run("KZ-ALTYNKOL", MIDDLE, None)
    assert found is not None
    assert plain is not None
    assert (found[1].source, plain[1].source) == ("learned", "template")
    assert found[1].warning > plain[1].warning


def test_lines_of_a_version_are_made_once_and_kept_for_a_while() -> None:
    plain = Lines(NETWORK, Thresholds())
    assert plain.by(NO_NORMS) is plain
    first = plain.by(Norms(1, usual={AKTAU: usual(120, 300)}))
    assert plain.by(Norms(1, usual={AKTAU: usual(120, 300)})) is first
    for version in range(2, 70):
        plain.by(Norms(version, usual={AKTAU: usual(120, 300)}))
    assert plain.by(Norms(1, usual={AKTAU: usual(120, 300)})) is not first
