"""The histogram: known error, exact withdrawal, merging in any order."""

import math
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.aggregates.histogram import BOUNDS, SAMPLE_MIN, Histogram, bucket, middle

DAY = 86_400_000
durations = st.integers(min_value=0, max_value=400 * DAY)


def histogram_of(values: list[int]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(st.integers(min_value=1, max_value=BOUNDS[-1] - 1))
def test_a_bucket_stands_for_each_of_its_values_within_one_percent(value: int) -> None:
    assert abs(middle(bucket(value)) - value) <= 0.01 * value * (1 + 1e-12)


@pytest.mark.parametrize("index", [0, 1, 49, 50, 51, 600, len(BOUNDS) - 2])
def test_a_bound_begins_a_bucket_and_the_number_before_ends_the_one_before(index: int) -> None:
    assert (bucket(BOUNDS[index]), bucket(BOUNDS[index + 1] - 1)) == (index, index)


@given(st.lists(durations, min_size=SAMPLE_MIN, max_size=60), st.sampled_from([0.5, 0.9, 0.95]))
def test_a_quantile_is_the_ranked_value_of_the_sample_within_one_percent(values: list[int], q: float) -> None:
    ranked = sorted(values)[math.ceil(round(q * 1000) * len(values) / 1000) - 1]
    (found,) = histogram_of(values).quantiles(q)
    assert abs(found - ranked) <= 0.01 * ranked * (1 + 1e-12)


def test_four_values_have_no_quantile_and_five_have() -> None:
    assert histogram_of([DAY] * 4).quantiles(0.5, 0.9) == ()
    assert len(histogram_of([DAY] * 5).quantiles(0.5, 0.9)) == 2


def test_p95_of_twenty_values_is_the_nineteenth() -> None:
    found = histogram_of([hour * 3_600_000 for hour in range(1, 21)]).quantiles(0.5, 0.95)
    assert found == (middle(bucket(10 * 3_600_000)), middle(bucket(19 * 3_600_000)))


@given(st.lists(durations), st.lists(durations))
def test_what_was_added_and_withdrawn_equals_what_never_came(kept: list[int], gone: list[int]) -> None:
    histogram = histogram_of(kept + gone)
    for value in gone:
        histogram.add(value, -1)
    assert histogram == histogram_of(kept)


@given(st.lists(durations), st.lists(durations))
def test_a_withdrawal_may_come_before_its_addition(kept: list[int], gone: list[int]) -> None:
    histogram = histogram_of(kept)
    for value in gone:
        histogram.add(value, -1)
    for value in gone:
        histogram.add(value)
    assert histogram == histogram_of(kept)


@given(st.lists(st.lists(durations), max_size=5), st.randoms())
def test_merging_in_any_order_equals_adding_everything_to_one(parts: list[list[int]], chance: Random) -> None:
    whole = histogram_of([value for part in parts for value in part])
    merged = Histogram()
    for part in chance.sample(parts, len(parts)):
        merged.merge(histogram_of(part))
    assert merged == whole


@given(st.lists(durations), st.lists(durations))
def test_a_merged_histogram_can_be_taken_out_again(kept: list[int], gone: list[int]) -> None:
    merged = histogram_of(kept)
    merged.merge(histogram_of(gone))
    merged.merge(histogram_of(gone), sign=-1)
    assert merged == histogram_of(kept)


def test_a_row_costs_five_bytes_a_bucket_at_most() -> None:
    histogram = histogram_of([hour * 3_600_000 for hour in range(1, 101)])
    assert len(msgspec.msgpack.encode(histogram)) <= 4 + 5 * len(histogram.counts)


def test_quantiles_of_100_000_values_merged_and_partly_withdrawn_are_within_one_percent() -> None:
    """Transit times with a long tail in a month of hourly histograms; a sixth of them is corrected, so withdrawn."""
    chance = Random(4)
    values = [round(chance.lognormvariate(math.log(16 * DAY), 0.4)) for _ in range(120_000)]
    hours = [Histogram() for _ in range(720)]
    for value in values:
        chance.choice(hours).add(value)
    for value in values[100_000:]:
        chance.choice(hours).add(value, -1)  # a correction may come in another hour's batch, and be of another hour
    merged = Histogram()
    for hour in hours:
        merged.merge(hour)
    exact = sorted(values[:100_000])
    assert merged.size == len(exact)
    for q, found in zip((0.5, 0.9, 0.95, 0.99), merged.quantiles(0.5, 0.9, 0.95, 0.99), strict=True):
        ranked = exact[math.ceil(round(q * 1000) * len(exact) / 1000) - 1]
        assert abs(found - ranked) <= 0.01 * ranked
