"""How long a way takes: lognormal hours, and sums of them."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.lognormal import NOTHING, Z95, Z99, Spread, sigma_of, spread_of, total
from tracker.domain.network import Hours

PLANNED = st.floats(0.5, 500)
TAIL = st.floats(1.0, 6.0)
HOURS = st.builds(lambda planned, tail: Hours(planned, planned * tail), PLANNED, TAIL)


def test_the_constants_are_those_of_the_tables() -> None:
    assert (round(Z95, 6), round(Z99, 6)) == (1.644854, 2.326348)


@given(hours=HOURS)
def test_a_single_leg_keeps_its_planned_hours_as_median_and_its_p95(hours: Hours) -> None:
    spread = spread_of(hours)
    assert spread.median == pytest.approx(hours.planned)
    assert spread.quantile(0.5) == pytest.approx(hours.planned)
    assert spread.quantile(0.95) == pytest.approx(hours.p95)
    assert spread.sigma == pytest.approx(sigma_of(hours.planned, hours.p95), abs=1e-7)


def test_without_a_p95_one_in_twenty_takes_39_percent_longer() -> None:
    assert spread_of(Hours(100)).quantile(0.95) == pytest.approx(138.95, abs=0.01)


def test_a_p95_that_is_the_median_leaves_no_doubt() -> None:
    spread = spread_of(Hours(24, 24))
    assert (spread.mean, spread.variance, spread.quantile(0.99)) == (24, 0, 24)


def test_mean_and_variance_of_a_known_lognormal_are_those_of_the_closed_form() -> None:
    sigma = 0.5
    spread = spread_of(Hours(10, 10 * math.exp(sigma * Z95)))
    assert spread.mean == pytest.approx(10 * math.exp(0.125))
    assert spread.variance == pytest.approx(100 * math.exp(0.25) * (math.exp(0.25) - 1))


@given(hours=HOURS, count=st.integers(1, 30))
def test_equal_times_add_up_by_mean_and_variance(hours: Hours, count: int) -> None:
    one = spread_of(hours)
    whole = total([one] * count)
    assert whole.mean == pytest.approx(count * one.mean)
    assert whole.variance == pytest.approx(count * one.variance)
    # The closed form of n equal ones: the squared sigma is log(1 + (exp(sigma^2) - 1) / n).
    assert whole.sigma == pytest.approx(math.sqrt(math.log1p(math.expm1(one.sigma**2) / count)), abs=1e-7)


@given(planned=st.lists(PLANNED, min_size=1, max_size=12), tail=TAIL)
def test_of_ways_with_like_tails_the_median_is_not_before_the_sum_of_medians(planned: list[float], tail: float) -> None:
    """Of unlike ones it may be, by a little: a sure hour and two that may become twelve have a median of 2.98 h."""
    whole = total(spread_of(Hours(hours, hours * tail)) for hours in planned)
    assert sum(planned) <= whole.median * (1 + 1e-9)


@given(parts=st.lists(HOURS, min_size=1, max_size=12))
def test_the_median_of_a_way_is_not_after_its_mean(parts: list[Hours]) -> None:
    whole = total(map(spread_of, parts))
    assert whole.median <= whole.mean * (1 + 1e-9)


@given(parts=st.lists(HOURS, min_size=1, max_size=12), order=st.randoms(use_true_random=False))
def test_a_sum_does_not_depend_on_the_order_of_its_parts(parts: list[Hours], order: object) -> None:
    shuffled = list(parts)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a `random.Random`
    assert total(map(spread_of, parts)) == total(map(spread_of, shuffled))


@given(hours=HOURS, low=st.floats(0.001, 0.999), high=st.floats(0.001, 0.999))
def test_quantiles_rise_with_their_share(hours: Hours, low: float, high: float) -> None:
    spread = spread_of(hours)
    assert spread.quantile(min(low, high)) <= spread.quantile(max(low, high))


def test_no_way_takes_no_time() -> None:
    assert total([]) == NOTHING == Spread(0, 0)
    assert (NOTHING.median, NOTHING.sigma, NOTHING.quantile(0.95)) == (0, 0, 0)


WAYS = (
    [Hours(48, 120)] * 10,
    [Hours(20, 24), Hours(36, 72), Hours(72, 96), Hours(48, 192), Hours(20), Hours(12)],
    [Hours(24, 72)] * 2 + [Hours(60)] * 5,
    [Hours(100), Hours(48, 192)],
)


@pytest.mark.parametrize("parts", WAYS)
def test_the_tail_of_a_way_is_nearer_to_what_is_drawn_than_two_moments_are(parts: list[Hours]) -> None:
    chance, spreads = Random(1), [spread_of(hours) for hours in parts]
    drawn = sorted(sum(each.median * math.exp(chance.gauss(0, each.sigma)) for each in spreads) for _ in range(20_000))
    whole = total(spreads)
    for q, off in ((0.95, 0.03), (0.99, 0.05)):
        assert whole.tail(q) == pytest.approx(drawn[int(q * len(drawn))], rel=off)
    p99 = drawn[int(0.99 * len(drawn))]
    assert abs(whole.tail(0.99) - p99) < abs(whole.quantile(0.99) - p99)


@given(hours=HOURS, q=st.sampled_from((0.9, 0.95, 0.99)))
def test_the_tail_of_one_part_is_its_own(hours: Hours, q: float) -> None:
    spread = spread_of(hours)
    assert spread.tail(q) == spread.quantile(q)
    assert total([spread]).tail(q) == pytest.approx(spread.quantile(q), rel=1e-6)
    assert total([spread, NOTHING]).tail(q) == total([spread]).tail(q)
