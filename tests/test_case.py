"""The records of a case: a quality is its queries and an interval, and facts cannot be changed afterwards."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract.case import Estimate, estimate, median_text, paired_change
from core.metrics import NotEnoughSamples, paired_difference
from tests import factory, toy_case

steady = settings(deadline=None, derandomize=True, max_examples=60)


def test_a_quality_is_the_mean_of_its_queries_which_are_kept_in_order():
    made = estimate([0.0, 1.0, 1.0, 0.5])
    assert made.value == 0.625 and made.per_query.tolist() == [0.0, 1.0, 1.0, 0.5]


def test_the_interval_of_a_fair_coin_over_100_queries_is_a_tenth_either_way():
    made = estimate([0.0, 1.0] * 50)  # 1.96 × √(0.25 / 100) = 0.098
    assert made.low == pytest.approx(0.402, abs=0.02) and made.high == pytest.approx(0.598, abs=0.02)


def test_equal_queries_have_an_interval_without_width():
    made = estimate([0.25] * 30)
    assert (made.low, made.value, made.high) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"), [(0, 2_946, 0, 0.00125), (100, 100, 0.9638, 1), (1, 50, 0.0005, 0.1065)]
)
def test_a_share_that_is_nearly_0_or_1_has_its_exact_interval(right, n, low, high):
    made = estimate([1.0] * right + [0.0] * (n - right))
    assert (made.low, made.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_figure_that_is_no_mean_brings_its_value_and_interval():
    made = estimate([0.0, 1.0], value=0.5, interval=(0.1, 0.7), unit="posts")
    assert (made.value, made.low, made.high, made.unit) == (0.5, 0.1, 0.7, "posts")
    with pytest.raises(ValueError, match=r"the mean over posts is 0\.5, not 0\.6"):
        estimate([0.0, 1.0], value=0.6, unit="posts")


def test_only_values_of_the_same_units_are_pairs():
    posts = estimate([0.0, 1.0, 1.0], unit="posts", units=7)
    assert posts.pairs_with(estimate([1.0, 1.0, 0.0], unit="posts", units=7))
    others = [estimate([0.0, 1.0, 1.0], unit="users", units=7), estimate([0.0, 1.0, 1.0], unit="posts", units=8)]
    others += [estimate([0.0, 1.0], unit="posts", units=7), dataclasses.replace(posts, pairable=False)]
    assert not any(posts.pairs_with(other) or other.pairs_with(posts) for other in others)


def test_clusters_are_the_units_of_an_interval_of_pairs_and_of_what_is_said():
    clusters = np.arange(400) // 10
    values, other = (np.random.default_rng(seed).random(400) + clusters % 2 for seed in (0, 1))
    alone, together = estimate(values), estimate(values, unit="persons", clusters=clusters)
    assert (alone.n_units, together.n_units) == (400, 40)
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert (together.n_units, together.unit) == (40, "persons")
    base, where = estimate(other, unit="persons", clusters=clusters), slice(100, None)
    assert paired_change(base, together) == paired_difference(values, other, 0, clusters)
    assert paired_change(base, together, 0, where) == paired_difference(values[100:], other[100:], 0, clusters[100:])
    assert paired_change(alone, together) is None


def test_four_times_the_queries_halve_the_interval():
    few, many = estimate([0.0, 1.0] * 50), estimate([0.0, 1.0] * 200)
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(2, rel=0.15)


@steady
@given(st.lists(st.floats(0, 1, width=16), min_size=2, max_size=200))
def test_the_value_lies_in_its_interval_and_both_among_the_queries(per_query):
    made = estimate(per_query)
    assert made.low <= made.value + 1e-12 and made.value <= made.high + 1e-12
    assert made.low >= min(*per_query, 0) and made.high <= max(*per_query, 1)  # a share may be any share


def test_hits_and_counts_are_turned_into_numbers():
    assert estimate(np.array([True, False, True, True])).value == 0.75
    assert estimate(np.array([1, 2])).per_query.dtype == np.float64


@pytest.mark.parametrize("bad", [[], [0.5, float("nan")], [0.5, float("inf")], [float("-inf"), 0.0]])
def test_a_quality_without_queries_or_with_an_undefined_one_is_refused(bad):
    with pytest.raises(ValueError, match="at least one query and finite values"):
        estimate(bad)


def test_one_query_has_no_interval():
    with pytest.raises(NotEnoughSamples, match="at least 2 units"):
        estimate([0.5])


def test_a_quality_of_queries_by_ranks_is_refused():
    with pytest.raises(ValueError, match="1-D"):
        estimate(np.zeros((4, 5)))


@pytest.mark.parametrize(
    ("record", "name"),
    [(factory.measurement(), "memory_bytes"), (toy_case.CASE, "slug"), (toy_case.CASE.requirements, "p99_ms")],
    ids=["measurement", "case", "requirements"],
)
def test_a_record_cannot_be_changed(record, name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(record, name, 0)


def test_a_measurement_that_says_no_more_precomputes_nothing_and_serves_one_by_one():
    made = factory.measurement()
    assert (made.refresh_s, made.refresh_every_h, made.store_bytes, made.noise) == (0.0, 0.0, 0, 1.0)
    assert made.batches_ms == {} and made.counts == {} and made.shown is None
    assert made.counts is not factory.measurement().counts


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_quality_that_is_no_number_is_refused(bad):
    for three in ((bad, 0.0, 1.0), (0.5, bad, 1.0), (0.5, 0.0, bad)):
        with pytest.raises(ValueError, match="a quality must be finite"):
            Estimate(*three, np.zeros(3))


def test_a_part_shows_the_median_of_the_requests_that_went_through_it():
    measured = factory.measurement(parts_ms={"search": np.array([0.0, 2.0, 4.0]), "rank": np.zeros(3)})
    assert median_text(measured, "search") == "3 ms"
    assert median_text(measured, "rank") == median_text(measured, "none") == median_text(None, "x") == ""
