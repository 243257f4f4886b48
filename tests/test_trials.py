"""Sums on trials: by hand, against published tables, and against scipy."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal, norm

from core.metrics import trials as t


def test_one_in_a_hundred_slow_servers_meets_most_requests_that_ask_a_hundred():
    assert t.any_late(0.01, 1) == pytest.approx(0.01) and t.any_late(0.5, 3) == 0.875
    assert t.any_late(0.01, 100) == pytest.approx(0.634, abs=5e-4)  # Dean & Barroso 2013
    assert t.any_late(1 - t.quantile_of_each(0.99, 40), 40) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("looks", "published"), [(1, 0.05), (2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142), (10, 0.193), (20, 0.248),
                             (50, 0.320), (1_000, 0.530)],
)  # fmt: skip
def test_peeking_gives_the_false_positives_of_the_published_table(looks, published):
    """Armitage, McPherson & Rowe 1969, table 2."""
    assert t.false_positives(looks) == pytest.approx(published, abs=6e-4)


@pytest.mark.parametrize("looks", [2, 3, 4])
def test_peeking_agrees_with_the_normal_distribution_of_several_looks(looks):
    at, bound = np.arange(1, looks + 1), norm.ppf(0.99)
    cov = np.sqrt(np.minimum.outer(at, at) / np.maximum.outer(at, at))
    silent = multivariate_normal(cov=cov, seed=0).cdf(np.full(looks, bound), lower_limit=np.full(looks, -bound))
    assert t.false_positives(looks, 0.02) == pytest.approx(1 - silent, abs=2e-5)


@pytest.mark.parametrize(("looks", "published"), [(1, 0.05), (2, 0.0294), (3, 0.0221), (5, 0.0158), (10, 0.0106)])
def test_a_stricter_level_at_each_look_keeps_the_level_of_all(looks, published):
    """Pocock 1977, table 1."""
    each = t.level_of_each_look(looks)
    assert each == pytest.approx(published, abs=6e-5) and t.false_positives(looks, each) == pytest.approx(0.05)


def test_sizes_of_an_ab_test_are_those_of_r_and_of_statsmodels():
    assert t.size_for_rates(0.5, 0.75, power=0.9) == 77  # R, example(power.prop.test): n = 76.7
    assert t.size_for_rates(0.75, 0.5, power=0.9) == 77
    assert t.size_for_means(2.0, 1.0) == 63  # statsmodels NormalIndPower, effect 0.5, power .8: 62.79
    assert t.size_for_means(0.4, 0.04) == t.size_for_means(40, 4)


@pytest.mark.parametrize(("base", "changed"), [(0.02, 0.022), (0.1, 0.12), (0.5, 0.45)])
def test_the_size_for_rates_gives_the_power_that_was_asked(base, changed):
    n, rng = t.size_for_rates(base, changed, power=0.8), np.random.default_rng(0)
    first, second = (rng.binomial(n, rate, 20_000) / n for rate in (base, changed))
    middle = (first + second) / 2
    apart = np.abs(first - second) / np.sqrt(2 * middle * (1 - middle) / n)
    assert (apart > norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.012)  # four errors of 20,000 tries


def test_audits_without_a_miss_follow_the_rule_of_three():
    assert t.audits_needed(0.01) == 299 and t.audits_needed(0.001) == 2_995  # a little below 3 / bound
    assert t.miss_bound(0, 299) == pytest.approx(1 - 0.05 ** (1 / 299))
    assert t.miss_bound(0, 299) < 0.01 < t.miss_bound(0, 298)


@pytest.mark.parametrize(("missed", "audits"), [(0, 59), (1, 93), (2, 124)])
def test_audits_with_misses_are_those_of_wilks(missed, audits):
    """Wilks 1941: 59, 93 and 124 samples for 95 % of the population with 95 % confidence."""
    assert t.audits_needed(0.05, missed) == audits
    assert binom.cdf(missed, audits, 0.05) <= 0.05 < binom.cdf(missed, audits - 1, 0.05)


@pytest.mark.parametrize(
    ("sum_on", "said"),
    [
        (partial(t.any_late, 0.01, 0), "whole number above 0"),
        (partial(t.any_late, 1.0, 2), "above 0 and below 1"),
        (partial(t.quantile_of_each, 0.99, 2.5), "whole number"),
        (partial(t.false_positives, 1_001), "at most 1,000 looks"),
        (partial(t.false_positives, 0), "whole number above 0"),
        (partial(t.false_positives, 2, 0.0), "above 0 and below 1"),
        (partial(t.size_for_rates, 0.1, 0.1), "two equal rates"),
        (partial(t.size_for_means, 0.0, 1.0), "above 0 are needed"),
        (partial(t.size_for_means, 1.0, float("nan")), "above 0 are needed"),
        (partial(t.audits_needed, 1e-9), "so low a bound"),
        (partial(t.audits_needed, 0.1, -1), "counted from 0"),
        (partial(t.miss_bound, 3, 2), "successes"),
    ],
)
def test_what_cannot_be_is_told(sum_on, said):
    with pytest.raises(ValueError, match=said):
        sum_on()
