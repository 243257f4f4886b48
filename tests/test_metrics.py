"""Ranking metrics, intervals and percentiles against values worked out by hand, scikit-learn and definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import binom
from sklearn.metrics import average_precision_score, ndcg_score

from core.metrics import (
    MIN_PAIRS,
    NotEnoughSamples,
    average_precision,
    by_unit,
    effective_number,
    mean_difference,
    mean_interval,
    mrr_at_k,
    ndcg_at_k,
    ndcg_of,
    paired_difference,
    percentile,
    precision_at_k,
    recall_at_k,
    recall_with_ties,
    share_interval,
)
from core.metrics.intervals import standard_error

steady = settings(deadline=None, derandomize=True, max_examples=60)  # no wall clock decides a test
AT_K = (recall_at_k, precision_at_k, mrr_at_k, ndcg_at_k)
rankings = st.permutations(range(12)).flatmap(lambda ids: st.integers(1, 12).map(lambda m: list(ids[:m])))
relevant_sets = st.sets(st.integers(0, 15), max_size=10)
gain_maps = st.dictionaries(st.integers(0, 15), st.floats(0, 100), max_size=10)


def judged_for(score, relevant: list):
    """Relevant lists as they are, or as gains of 1 for nDCG."""
    return [dict.fromkeys(one, 1.0) for one in relevant] if score is ndcg_at_k else relevant


# By hand


def test_recall_is_the_share_of_relevant_ids_found():
    assert recall_at_k([7, 3, 9, 1], {3, 1, 5}, 2) == pytest.approx(1 / 3)
    assert recall_at_k([7, 3, 9, 1], {3, 1, 5}, 4) == pytest.approx(2 / 3)
    assert recall_at_k([7, 3], [3, 3, 7], 10) == 1.0  # a relevant id given twice is one id


def test_precision_divides_by_k_even_when_fewer_are_returned():
    assert precision_at_k([7, 3, 9], {3, 9}, 2) == 0.5
    assert precision_at_k([3, -1, -1, -1], {3, 9}, 4) == 0.25
    assert precision_at_k([3], {3, 9}, 4) == 0.25


def test_mrr_is_one_over_the_first_relevant_rank():
    assert mrr_at_k([7, 3, 9], {9, 3}, 10) == 0.5
    assert mrr_at_k([7, 8, 9], {9}, 3) == pytest.approx(1 / 3)
    assert mrr_at_k([7, 8, 9], {9}, 2) == 0.0


def test_average_precision_averages_over_all_relevant_ids():
    assert average_precision([5, 0, 6, 1], {5, 6}) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert average_precision([0, 5], {5, 6}) == pytest.approx((1 / 2) / 2)  # 6 was never returned


def test_ndcg_discounts_by_log2_of_the_rank_plus_one():
    dcg, ideal = 1 + 3 / np.log2(3) + 2 / 2, 3 + 2 / np.log2(3) + 1 / 2
    assert ndcg_at_k([4, 8, 2], {8: 3.0, 2: 2.0, 4: 1.0}, 3) == pytest.approx(dcg / ideal)
    assert ndcg_at_k([4, 0], {4: 1.0, 9: 1.0}, 2) == pytest.approx(1 / (1 + 1 / np.log2(3)))  # 9 counts in the ideal
    assert ndcg_at_k([1, 0], np.array([0.0, 2.0, 2.0]), 1) == 1.0  # gains indexed by id, ideal cut at k too


@pytest.mark.parametrize("score", AT_K)
def test_a_blank_takes_a_rank_but_never_counts(score):
    judged = {-1: 1.0, 3: 1.0} if score is ndcg_at_k else [-1, 3]
    assert score([-1, -1, 3], judged, 2) == 0.0
    found = {recall_at_k: 1.0, precision_at_k: 1 / 3, mrr_at_k: 1 / 3, ndcg_at_k: 1 / 2}
    assert score([-1, -1, 3], judged, 3) == pytest.approx(found[score])


def test_a_query_with_nothing_relevant_or_nothing_returned_scores_zero():
    for score in AT_K:
        nothing = {} if score is ndcg_at_k else set()
        assert score([1, 2], nothing, 5) == 0.0
        assert score([], {1: 1.0} if score is ndcg_at_k else {1}, 5) == 0.0
    assert average_precision([1, 2], set()) == 0.0
    assert ndcg_at_k([1, 2], {1: 0.0}, 5) == 0.0


# Batches


@steady
@given(st.lists(st.tuples(rankings, relevant_sets), min_size=1, max_size=5), st.integers(1, 14))
def test_a_batch_scores_each_query_as_if_it_were_alone(queries, k):
    ranked, relevant = [one for one, _ in queries], [one for _, one in queries]
    for score in AT_K:
        judged = judged_for(score, relevant)
        alone = [score(one, what, k) for one, what in zip(ranked, judged, strict=True)]
        assert score(ranked, judged, k) == pytest.approx(alone)
    alone = [average_precision(one, what) for one, what in queries]
    assert average_precision(ranked, relevant) == pytest.approx(alone)


def test_neighbour_recall_takes_two_arrays_with_blanks_in_both():
    ranked, relevant = np.array([[1, 2, -1], [5, 6, 7]]), np.array([[2, 9, 1], [5, -1, -1]])
    assert recall_at_k(ranked, relevant, 3).tolist() == pytest.approx([2 / 3, 1.0])
    assert recall_at_k(ranked.astype(np.int32), relevant, 1).tolist() == pytest.approx([1 / 3, 1.0])
    assert recall_at_k(np.empty((0, 10), dtype=int), np.empty((0, 10), dtype=int), 10).shape == (0,)


def test_lists_of_different_lengths_and_kinds_mix():
    ranked = [np.array([1, 2]), [4], ()]
    assert recall_at_k(ranked, [np.array([1, 9]), np.array([]), {4}], 2).tolist() == [0.5, 0.0, 0.0]
    assert recall_at_k([np.array([1, 2]), np.array([4])], [np.array([2]), np.array([4])], 1).tolist() == [0.0, 1.0]


def test_one_query_gives_a_float_and_a_batch_an_array():
    assert type(recall_at_k(np.array([1, 2]), np.array([1]), 1)) is float
    assert recall_at_k([[1, 2]], [[1]], 1).shape == (1,)
    assert ndcg_at_k([[1, 2], [2, 1]], np.array([[0, 1.0, 2.0], [0, 1.0, 2.0]]), 2)[1] == 1.0


# Agreement with scikit-learn


@steady
@given(st.permutations(range(8)), st.lists(st.sampled_from([0, 1, 2, 5]), min_size=8, max_size=8), st.integers(1, 9))
def test_ndcg_agrees_with_scikit_learn(ranked, gains, k):
    scores = np.empty(8)
    scores[list(ranked)] = np.arange(8, 0, -1)
    assert ndcg_at_k(ranked, gains, k) == pytest.approx(ndcg_score([gains], [scores], k=k))


@steady
@given(st.permutations(range(8)), st.sets(st.integers(0, 7), min_size=1))
def test_average_precision_agrees_with_scikit_learn(ranked, relevant):
    scores = np.empty(8)
    scores[list(ranked)] = np.arange(8, 0, -1)
    labels = np.isin(np.arange(8), list(relevant))
    assert average_precision(ranked, relevant) == pytest.approx(average_precision_score(labels, scores))


# Properties


@steady
@given(rankings, relevant_sets)
def test_recall_never_falls_as_k_grows(ranked, relevant):
    curve = [recall_at_k(ranked, relevant, k) for k in range(1, 15)]
    assert curve == sorted(curve)


@steady
@given(rankings, relevant_sets, gain_maps, st.integers(1, 14))
def test_every_metric_stays_between_zero_and_one(ranked, relevant, gains, k):
    values = [score(ranked, gains if score is ndcg_at_k else relevant, k) for score in AT_K]
    assert all(0 <= value <= 1 for value in [*values, average_precision(ranked, relevant)])


@steady
@given(rankings, st.integers(0, 15), st.integers(1, 14))
def test_with_one_relevant_item_mrr_is_at_most_recall(ranked, relevant, k):
    assert mrr_at_k(ranked, {relevant}, k) <= recall_at_k(ranked, {relevant}, k)


@steady
@given(rankings, st.randoms(use_true_random=False), relevant_sets)
def test_reordering_a_list_leaves_its_recall(ranked, random, relevant):
    shuffled = random.sample(ranked, len(ranked))
    assert recall_at_k(shuffled, relevant, len(ranked)) == recall_at_k(ranked, relevant, len(ranked))


def test_reordering_a_list_changes_ndcg_mrr_and_average_precision():
    good, bad = [1, 2, 3], [3, 2, 1]
    assert ndcg_at_k(good, {1: 1.0}, 3) > ndcg_at_k(bad, {1: 1.0}, 3)
    assert mrr_at_k(good, {1}, 3) > mrr_at_k(bad, {1}, 3)
    assert average_precision(good, {1}) > average_precision(bad, {1})


@steady
@given(gain_maps, st.integers(1, 14))
def test_the_best_order_has_an_ndcg_of_one(gains, k):
    best = sorted(gains, key=gains.get, reverse=True)
    assert ndcg_at_k(best, gains, k) == pytest.approx(1.0 if any(gains.values()) else 0.0)


def test_ndcg_from_gains_in_rank_order_is_the_same():
    gains = np.random.default_rng(0).integers(0, 3, (50, 20)).astype(float)
    ranked = np.argsort(np.random.default_rng(1).random((50, 20)), axis=1)[:, :5]
    found, best = np.take_along_axis(gains, ranked, axis=1), -np.sort(-gains, axis=1)[:, :5]
    assert ndcg_of(found, best) == pytest.approx(ndcg_at_k(ranked, gains, 5))
    with pytest.raises(ValueError, match="must both be"):
        ndcg_of(found, best[:, :4])


def test_rounding_never_lifts_ndcg_above_one():
    gains = np.random.default_rng(0).random((300, 100))
    assert ndcg_at_k(np.argsort(-gains, axis=1), gains, 100).max() <= 1.0


# Bad input


@pytest.mark.parametrize("score", AT_K)
@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(score, k):
    with pytest.raises(ValueError, match="k must be at least 1"):
        score([1], {1: 1.0} if score is ndcg_at_k else {1}, k)


@pytest.mark.parametrize("score", AT_K)
def test_an_id_listed_twice_is_refused(score):
    judged = judged_for(score, [{1}, {1}])
    with pytest.raises(ValueError, match="query 1 lists an id twice"):
        score([[1, 2, 3], [4, 5, 4]], judged, 2)


@pytest.mark.parametrize("gain", [-1.0, float("nan"), float("inf")])
def test_impossible_gains_are_refused(gain):
    with pytest.raises(ValueError, match="gains must be finite"):
        ndcg_at_k([1], {1: gain}, 1)
    with pytest.raises(ValueError, match="gains must be finite"):
        ndcg_at_k([[1]], np.array([[gain, 0.0]]), 1)


@pytest.mark.parametrize("ranked", [[1.5, 2.0], [float("nan")], [-2], ["a"], [None]])
def test_ids_that_are_not_whole_numbers_are_refused(ranked):
    with pytest.raises(ValueError, match="whole numbers"):
        recall_at_k(ranked, {1}, 1)


@pytest.mark.parametrize("relevant", [[{1}], {1}, [3, 4]])
def test_a_batch_needs_one_relevant_set_for_each_query(relevant):
    with pytest.raises(ValueError, match=r"relevant sets|whole numbers"):
        recall_at_k([[1, 2], [3, 4]], relevant, 1)


def test_one_query_with_the_relevant_ids_of_many_is_refused():
    for nested in ([[1, 2]], np.array([[1, 2]])):
        with pytest.raises(ValueError, match="flat list"):
            recall_at_k([1, 2], nested, 1)
    for gains in (1.0, np.array([[1.0, 2.0]])):
        with pytest.raises(ValueError, match="1-D array indexed by id"):
            ndcg_at_k([1, 2], gains, 1)


def test_ids_too_large_to_combine_are_refused():
    with pytest.raises(ValueError, match="too large"):
        recall_at_k([[2**62, 1], [1, 2]], [{1}, {1}], 1)


# The table


# Intervals


def test_the_interval_of_a_mean_is_students():
    values = np.random.default_rng(0).normal(3.0, 2.0, 40)
    values = np.concatenate([values, 6 - values])  # without skewness
    usual = stats.t.interval(0.95, 79, values.mean(), stats.sem(values))
    assert mean_interval(values) == pytest.approx(usual)


def test_skewed_values_have_an_interval_that_reaches_further_to_the_long_side():
    values = np.random.default_rng(0).exponential(size=40)
    low, high = mean_interval(values)
    assert high - values.mean() > 1.2 * (values.mean() - low)


def test_the_interval_by_clusters_is_that_of_the_jackknife_which_leaves_each_out():
    rng = np.random.default_rng(2)
    clusters = rng.integers(0, 40, 200)
    values = rng.normal(size=200) + rng.normal(size=40)[clusters]
    without = np.array([values[clusters != unit].mean() for unit in range(40)])
    jackknife = np.sqrt(39 / 40 * ((without - values.mean()) ** 2).sum())
    assert standard_error(values, clusters) == pytest.approx(jackknife)
    assert standard_error(values, clusters) > 1.5 * standard_error(values)
    low, high = mean_interval(values, clusters)
    assert high - low == pytest.approx(2 * stats.t.ppf(0.975, 39) * jackknife, rel=0.02)
    units = by_unit(values, clusters)
    assert len(units) == 40 and units.mean() == pytest.approx(values.mean())
    assert standard_error(units) == pytest.approx(jackknife, rel=0.05)


def test_rounding_is_neither_spread_nor_a_difference():
    noise = np.random.default_rng(0).normal(0, 1e-16, 50)
    assert mean_interval(3 + noise) == pytest.approx((3, 3), abs=1e-14)
    ranks = np.arange(50.0)
    assert paired_difference(ranks + 20 * noise, ranks, 0) == paired_difference(ranks, ranks, 0)


def test_units_of_one_value_each_are_values_whatever_their_numbers():
    values = np.random.default_rng(0).random(50)
    assert mean_interval(values, np.arange(50) * 3) == mean_interval(values)


def test_a_few_exceptions_have_the_exact_interval_of_their_share():
    values = np.zeros(200)
    values[:3] = 0.5
    low, high = share_interval(3, 200)
    assert mean_interval(values) == pytest.approx((0.5 * low, 0.5 * high))
    assert mean_interval(1 - values) == pytest.approx((1 - 0.5 * high, 1 - 0.5 * low))
    assert mean_interval(np.zeros(200), np.arange(200) // 4) == (0, share_interval(0, 50)[1])


def test_as_many_equal_units_weigh_as_evenly():
    assert effective_number(np.ones(7)) == pytest.approx(7)
    assert effective_number(np.array([2.0, 1.0, 1.0, 2.0]), np.array([0, 1, 1, 2])) == pytest.approx(3)
    assert effective_number([1e9, 1.0, 1.0]) == 2


@pytest.mark.parametrize("values", [[], [[1.0, 2.0]], [1.0, float("nan")]])
def test_an_interval_of_nothing_is_refused(values):
    with pytest.raises(ValueError, match="non-empty 1-D"):
        mean_interval(values)


def test_an_interval_of_one_unit_is_refused():
    for values, clusters in (([1.0], None), ([1.0, 0.0], np.array([4, 4]))):
        with pytest.raises(NotEnoughSamples, match="at least 2 units"):
            mean_interval(values, clusters)
        with pytest.raises(NotEnoughSamples, match="at least 2 units"):
            paired_difference(values, values, 0, clusters)


def test_pairing_sees_a_small_difference_that_the_spread_of_queries_hides():
    rng = np.random.default_rng(0)
    hard = rng.random(300)
    found = paired_difference(hard + 0.01 + rng.normal(0, 0.02, 300), hard, seed=0)
    assert found.distinguishable
    assert found.low < 0.01 < found.high
    assert found.mean == pytest.approx(0.01, abs=0.005)
    unpaired = mean_interval(hard)
    assert unpaired[1] - unpaired[0] > 5 * found.mean


def test_swapping_the_pair_turns_the_sign_and_keeps_the_verdict():
    a, b = np.random.default_rng(1).random((2, 80))
    one, other = paired_difference(a + 1, b, seed=0), paired_difference(b, a + 1, seed=0)
    assert (one.mean, one.distinguishable) == (-other.mean, other.distinguishable)


def test_none_of_n_that_differs_is_not_a_difference_of_0_within_0():
    right = np.arange(300) % 3 == 0
    none = paired_difference(right, right, seed=0)
    assert (none.low, none.high) == pytest.approx((-share_interval(0, 300)[1], share_interval(0, 300)[1]))
    ranks = paired_difference(right / 5, right / 5, seed=0)
    assert ranks.high == pytest.approx(none.high / 5)  # no more than the values differ among each other
    clustered = paired_difference(right, right, 0, np.arange(300) // 10)
    assert clustered.high == pytest.approx(share_interval(0, 30)[1])


def test_six_that_differ_one_way_are_told_apart_and_five_are_not():
    """The sign test: 2 of 2**6 ways are as one-sided."""
    for n in (12, 30, 300):
        for better, told in ((5, False), (6, True)):
            assert paired_difference(np.arange(n) < better, np.zeros(n), seed=0).distinguishable is told


def test_few_pairs_have_the_interval_of_the_sign_flip_test():
    difference = np.random.default_rng(0).normal(0.8, 1, 8)
    found = paired_difference(difference, np.zeros(8), seed=0)
    for edge, inside in ((found.low, 1e-6), (found.high, -1e-6)):
        for shift, accepted in ((inside, True), (-inside, False)):
            centred = difference - (edge + shift)
            signs = 1 - 2 * ((np.arange(2**8)[:, None] >> np.arange(8)) & 1)
            p = (np.abs(signs @ centred) >= abs(centred.sum()) - 1e-12).mean()
            assert bool(p > 0.05) is accepted


def test_pairs_of_clusters_are_not_so_many_pairs():
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(40), 25)
    other = rng.normal(size=1_000)
    better = other + rng.normal(0, 1, 40)[clusters] + 0.2
    alone, together = (paired_difference(better, other, 0, units) for units in (None, clusters))
    assert alone.mean == together.mean and together.high - together.low > 4 * (alone.high - alone.low)
    assert alone.distinguishable and not together.distinguishable


def test_equal_designs_and_a_handful_of_queries_are_not_distinguishable():
    assert not paired_difference([0.5] * 50, [0.5] * 50, seed=0).distinguishable
    few = MIN_PAIRS - 1
    assert not paired_difference([1.0] * few, [0.0] * few, seed=0).distinguishable
    for n in range(2, few):
        found = paired_difference(1.0 + np.arange(n), np.zeros(n), seed=0)
        assert np.isfinite([found.low, found.high]).all() and not found.distinguishable
    assert paired_difference([1.0] * MIN_PAIRS, [0.0] * MIN_PAIRS, seed=0).distinguishable
    with pytest.raises(ValueError, match="same queries"):
        paired_difference([1.0, 2.0], [1.0], seed=0)


# Percentiles


def test_the_median_interval_has_the_ranks_of_the_binomial_table():
    found = percentile(np.arange(1.0, 101.0), 0.5)
    assert (found.value, found.low, found.high) == (50.5, 40.0, 61.0)  # n = 100: order statistics 40 and 61


def test_p99_of_a_thousand_has_the_narrowest_ranks_that_leave_out_5_percent():
    found = percentile(np.random.default_rng(0).permutation(1000) + 1.0, 0.99)
    assert (found.value, found.low, found.high) == (pytest.approx(990.01), 983.0, 997.0)
    below = binom(1000, 0.99)  # how many samples lie below the true p99
    assert below.cdf(982) <= 0.025 < below.cdf(983)
    assert below.sf(996) <= 0.025 < below.sf(995)


def test_percentile_intervals_cover_the_truth_at_least_as_often_as_they_say():
    rng = np.random.default_rng(2)
    found = [percentile(rng.exponential(size=1000), 0.95) for _ in range(500)]
    assert np.mean([one.low <= -np.log(0.05) <= one.high for one in found]) > 0.93


@pytest.mark.parametrize(("n", "q"), [(999, 0.99), (199, 0.95), (99, 0.9), (19, 0.5), (9999, 0.999), (99, 0.1)])
def test_a_percentile_without_ten_samples_beyond_it_is_refused(n, q):
    assert percentile(np.arange(n + 1), q).high <= n
    with pytest.raises(NotEnoughSamples, match="samples beyond it"):
        percentile(np.arange(n), q)


@pytest.mark.parametrize("q", [0, 1, 99, -0.5, float("nan")])
def test_q_is_a_share_not_a_percent(q):
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile(np.arange(10_000), q)


# Ties


def test_recall_with_ties_counts_every_item_as_near_as_the_last():
    best = np.array([[0.9, 0.8, 0.8]])
    assert recall_with_ties([[0.9, 0.8, 0.8]], best, 3).tolist() == [1.0]
    assert recall_with_ties([[0.8, 0.8, 0.8]], best, 3).tolist() == [1.0]  # other ids, as near as the third
    assert recall_with_ties([[0.9, 0.7, -np.inf]], best, 3) == pytest.approx([1 / 3])
    assert recall_with_ties([[0.9, 0.8, 0.8]], best, 1).tolist() == [1.0]
    assert recall_with_ties([[-np.inf]], [[-np.inf]], 1).tolist() == [0.0]
    assert recall_with_ties([[0.9, 0.9, 0.9]], [[0.9, -np.inf, -np.inf]], 3).tolist() == [1.0]  # one vector in all


def test_the_tolerance_of_a_tie_is_stated():
    assert recall_with_ties([[0.79]], [[0.8]], 1).tolist() == [0.0]
    assert recall_with_ties([[0.79]], [[0.8]], 1, tolerance=0.02).tolist() == [1.0]
    assert recall_with_ties([[990.0]], [[1000.0]], 1, tolerance=0.02).tolist() == [1.0]  # relative above 1


def test_recall_with_ties_is_recall_where_nothing_ties():
    scores = np.random.default_rng(0).standard_normal((20, 50))
    order = np.argsort(-scores, axis=1)
    ids = np.argsort(-(scores + np.random.default_rng(1).standard_normal(scores.shape)), axis=1)[:, :10]
    returned, best = (np.take_along_axis(scores, at, axis=1) for at in (ids, order[:, :10]))
    assert np.array_equal(recall_with_ties(returned, best, 10), recall_at_k(ids, order[:, :10], 10))


@given(st.integers(0, 10**6))
def test_shuffling_the_rows_of_tied_items_leaves_recall_with_ties(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, 30) / 4
    at = rng.permutation(30)
    values = []
    for rows in (np.arange(30), at):
        listed = rows[np.argsort(-scores[rows], kind="stable")]  # another list of ids, of the same scores
        values.append(recall_with_ties(scores[listed[:10]], np.sort(scores)[::-1], 10)[0])
    assert values == [1.0, 1.0]


@pytest.mark.parametrize(
    "returned, best, tolerance", [([[np.nan]], [[1.0]], 0), ([[1.0]], [[np.inf]], 0), ([[1.0]], [[1.0]], -1)]
)
def test_impossible_scores_and_tolerances_are_refused(returned, best, tolerance):
    with pytest.raises(ValueError, match=r"scores below infinity|at least 0"):
        recall_with_ties(returned, best, 1, tolerance)


def test_a_mean_of_five_worlds_by_hand_has_students_interval():
    found = mean_difference([1, 2, 3, 4, 5])  # 2.776 × 1.5811 / √5
    assert (found.mean, found.low, found.high) == pytest.approx((3, 3 - 1.963, 3 + 1.963), abs=1e-3)
    assert found.distinguishable and not mean_difference([-1, 1, 0, 2, 0.5]).distinguishable
    with pytest.raises(NotEnoughSamples):
        mean_difference([1.0])
