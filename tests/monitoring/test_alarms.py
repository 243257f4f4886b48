"""Thresholds, sample sizes and canaries: by hand, and beside scipy, statsmodels and plain simulation."""

import numpy as np
import pytest
from scipy import stats

from core.metrics import NotEnoughSamples
from core.monitoring.alarms import canary, labels_needed, mean_alarm, percentile_alarm, power_to_see
from core.monitoring.drift import daily_threshold, drift, edges_of, psi, psi_threshold, quiet_psi
from core.monitoring.quiet import day_means, quiet_days, quiet_looks

COIN = np.array([0.0, 1.0] * 50)  # s = .502519
LOGS = {
    "coin": COIN,
    "rare": (np.arange(500) < 10).astype(float),
    "mostly right": (np.arange(800) > 5).astype(float),
    "mostly high": np.random.default_rng(10).beta(4, 1, size=1_000),
    "reciprocal ranks": np.random.default_rng(11).choice([0.0, *(1 / np.arange(1, 11))], size=2_000),
    "long tail": np.random.default_rng(12).lognormal(size=700),
}
GIVEN = dict(drop=0.1, rate_per_s=100.0, labelled=0.01, false_alarm=0.05, power=0.9, react_h=0.25)


def test_a_window_of_one_request_rings_at_the_quantile_itself():
    found = percentile_alarm(np.arange(1_000), window=1, false_alarm=0.1, q=0.5)
    assert (found.value, found.beyond) == (899, 100)  # Beta(1, 1) is uniform: the 90 % quantile of 0 … 999


def test_a_p99_alarm_is_the_beta_quantile_that_scipy_gives():
    samples = np.random.default_rng(0).exponential(size=10_000)
    level = stats.beta(990, 11).ppf(0.99)  # the 990th of 1,000 requests
    found = percentile_alarm(samples, window=1_000, false_alarm=0.01)
    assert found.value == np.sort(samples)[int(np.ceil(level * 10_000)) - 1]


def test_a_p99_alarm_rings_as_seldom_as_it_says():
    rng = np.random.default_rng(1)
    samples = rng.lognormal(size=5_000)
    alarm = percentile_alarm(samples, window=500, false_alarm=0.05).value
    windows = np.sort(rng.choice(samples, size=(4_000, 500)), axis=1)[:, int(np.ceil(0.99 * 500)) - 1]
    assert (windows > alarm).mean() == pytest.approx(0.05, abs=0.012)


def test_a_threshold_beyond_what_was_measured_is_refused():
    with pytest.raises(NotEnoughSamples, match="longer window"):
        percentile_alarm(np.arange(200), window=100, false_alarm=1e-4)


def test_a_days_mean_rings_below_the_shewhart_line():
    assert stats.binom.cdf(41, 100, 0.5) < 0.05 < stats.binom.cdf(42, 100, 0.5)
    below, above = mean_alarm(COIN, 100, 0.05), mean_alarm(COIN, 100, 0.05, "lower")
    assert (below.value, above.value) == (pytest.approx(0.415), pytest.approx(0.585))
    assert below.false_alarm == above.false_alarm == pytest.approx(stats.binom.cdf(41, 100, 0.5))


def test_many_labels_come_to_the_shewhart_line_of_a_normal_mean():
    line = 0.5 - 1.644854 * 0.5 / 1_000
    assert mean_alarm(COIN, 1_000_000, 0.05).value == pytest.approx(line, abs=1e-6)


@pytest.mark.parametrize("daily", [100, 300, 1_000])
@pytest.mark.parametrize("days", [10, 30, 100])
@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("log", LOGS)
def test_a_days_mean_does_what_it_promises_whatever_the_log(log, better, days, daily):
    values = LOGS[log]
    try:
        alarm = mean_alarm(values, daily, 1 / days, better)
    except NotEnoughSamples:
        worst = (values == (values.min() if better == "higher" else values.max())).mean()
        assert worst**daily > 1 / days  # nothing but the worst value, and still too often
        return
    assert 0 < alarm.false_alarm <= 1 / days and values.min() <= alarm.value <= values.max()
    means = np.random.default_rng(6).choice(values, size=(4_000, daily)).mean(axis=1)
    rings = means < alarm.value if better == "higher" else means > alarm.value
    error = np.sqrt(alarm.false_alarm / 4_000)
    assert rings.mean() == pytest.approx(alarm.false_alarm, abs=4 * error + 1 / 4_000)


@pytest.mark.parametrize("daily", [100, 1_000])
def test_days_drawn_at_random_agree_with_the_distribution(daily):
    values = LOGS["reciprocal ranks"]
    means, known = quiet_days(values, daily, 4_000, 0), day_means(values, daily)
    assert means.std() == pytest.approx(values.std() / np.sqrt(daily), rel=0.05)
    at = np.searchsorted(known.at_most, 0.5)
    assert (means <= known.lowest + at * known.step).mean() == pytest.approx(0.5, abs=0.04)


def test_a_threshold_that_no_mean_can_cross_is_refused():
    """The normal approximation rings below -0.006 here, and above 1.33 for the mirrored share."""
    share = np.array([1.0] * 4 + [0.0] * 96)
    with pytest.raises(NotEnoughSamples, match="not even the worst"):
        mean_alarm(share, 100, 0.01)
    with pytest.raises(NotEnoughSamples, match="not even the worst"):
        mean_alarm(1 - share, 100, 0.01, "lower")
    assert power_to_see(share, 0.03, 100, 0.01) == 0.0  # what never rings sees nothing
    assert labels_needed(share, 1.0, 0.01, 0.5) == 113  # .96^113 = .0099: before, no threshold can ring
    assert mean_alarm(share, 113, 0.01).value == pytest.approx(0.5 / 113)


@pytest.mark.parametrize("daily", [100, 300, 1_000])
@pytest.mark.parametrize("log", ["coin", "mostly high", "reciprocal ranks"])
def test_the_power_is_that_of_the_threshold_on_days_with_the_drop(log, daily):
    values = LOGS[log]
    drop = 2.5 * values.std() / np.sqrt(daily)
    alarm = mean_alarm(values, daily, 0.05)
    seen = (quiet_days(values, daily, 4_000, 7) - drop < alarm.value).mean()
    assert power_to_see(values, drop, daily, 0.05) == pytest.approx(seen, abs=0.05)


def test_a_days_mean_rings_as_seldom_as_it_says():
    rng = np.random.default_rng(2)
    per_query = rng.beta(4, 1, size=1_000)
    means = rng.choice(per_query, size=(5_000, 300)).mean(axis=1)
    assert (means < mean_alarm(per_query, 300, 0.05).value).mean() == pytest.approx(0.05, abs=0.012)


def test_labels_for_a_drop_by_hand_and_by_statsmodels():
    # (1.644854 + .841621)² · .252525 / .01 = 156.13; statsmodels 0.15, normal_sample_size_one_tail: 156.12518
    assert labels_needed(COIN, 0.1, 0.05, 0.8) == 157


def test_the_chance_to_see_a_drop_by_statsmodels_and_as_the_inverse():
    assert power_to_see(COIN, 0.1, 100, 0.05) == pytest.approx(0.634998, abs=1e-5)  # statsmodels 0.15, normal_power
    n = labels_needed(COIN, 0.02, 0.01, 0.9)
    assert power_to_see(COIN, 0.02, n, 0.01) >= 0.9 > power_to_see(COIN, 0.02, n - 1, 0.01)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mean_alarm(np.ones(50), 100, 0.05),
        lambda: power_to_see(np.ones(50), 0.01, 1, 0.05),
        lambda: labels_needed(np.ones(50), 0.01, 0.05, 0.9),
        lambda: canary(np.ones(50), 0.1, **GIVEN),
        lambda: drift(np.ones(50), np.arange(50), 0.05, 0),
        lambda: daily_threshold(np.ones(50), 100, 0.05, 0),
    ],
)
def test_what_never_varies_cannot_tell(call):
    with pytest.raises(NotEnoughSamples, match="alike"):
        call()


def test_a_threshold_between_equal_times_counts_none_of_them_as_beyond():
    times = np.repeat(np.arange(10.0), 100)
    found = percentile_alarm(times, window=1, false_alarm=0.25, q=0.5)
    assert (found.value, found.beyond, found.false_alarm) == (7.0, 200, pytest.approx(0.2))


def test_a_p99_does_what_it_promises_over_a_day_of_looks():
    times = np.random.default_rng(8).lognormal(size=3_000)
    alarm = percentile_alarm(times, window=500, false_alarm=0.005)
    rings = quiet_looks(times, 500, 0.99, looks=10, days=20_000, seed=1) > alarm.value
    assert rings.mean() == pytest.approx(1 - (1 - alarm.false_alarm) ** 10, abs=0.006)


def test_a_canary_by_hand():
    found = canary(COIN, share=0.1, **GIVEN)
    needed = (1.644854 + 1.281552) ** 2 * 0.252525 / 0.01 / 0.9  # labelled requests on the canary
    assert found.hours == pytest.approx(needed / (100 * 0.1 * 0.01) / 3600, rel=1e-5)
    assert found.exposed == pytest.approx((found.hours + 0.25) * 3600 * 100 * 0.1, rel=1e-9)


def test_a_canary_shows_the_drop_in_its_time_as_often_as_it_says():
    rng, found = np.random.default_rng(3), canary(COIN, share=0.2, **GIVEN)
    n = round(found.hours * 3600 * 100 * 0.2 * 0.01)
    rest = rng.binomial(4 * n, 0.5, size=20_000) / (4 * n)
    worse = rng.binomial(n, 0.4, size=20_000) / n
    error = 0.502519 * np.sqrt(1 / n + 1 / (4 * n))
    assert ((rest - worse) / error > 1.644854).mean() == pytest.approx(0.9, abs=0.02)


def test_a_smaller_canary_takes_longer_and_has_less_power_in_a_day():
    """G17 of the plan: exposed users against detection."""
    found = [canary(COIN, share, **{**GIVEN, "labelled": 1e-4}) for share in (0.001, 0.01, 0.1, 0.5)]
    assert [each.hours for each in found] == sorted((each.hours for each in found), reverse=True)
    assert [each.power_in_a_day for each in found] == sorted(each.power_in_a_day for each in found)
    during = [0.25 * 3600 * 100 * each.share for each in found]  # met while the roll-back takes its time
    assert during == sorted(during)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mean_alarm(COIN, 0, 0.05),
        lambda: mean_alarm(COIN, 10, 0.0),
        lambda: mean_alarm([], 10, 0.05),
        lambda: mean_alarm([1.0], 10, 0.05),
        lambda: mean_alarm([1.0, np.nan], 10, 0.05),
        lambda: labels_needed(COIN, 0.0, 0.05, 0.9),
        lambda: labels_needed(COIN, 0.1, 0.05, 1.0),
        lambda: canary(COIN, 0.0, **GIVEN),
        lambda: canary(COIN, 1.0, **GIVEN),
        lambda: percentile_alarm(COIN, 0, 0.05),
        lambda: psi([1, 2], [1, 2, 3]),
        lambda: psi([0, 0], [1, 2]),
        lambda: drift(np.arange(19), np.arange(100), 0.05, 0),
        lambda: drift([1.0] * 50 + [np.nan], [1.0] * 50, 0.05, 0),
        lambda: drift(np.arange(50), [np.nan, *range(50)], 0.05, 0),
        lambda: drift(np.arange(50), np.arange(50), np.nan, 0),
        lambda: edges_of([0.0, np.nan]),
        lambda: psi([1, np.nan], [1, 2]),
        lambda: psi([1, 2], [-1, 2]),
        lambda: psi_threshold(100, 100, 1, 0.05),
        lambda: psi_threshold(100, np.nan, 10, 0.05),
        lambda: psi_threshold(100, 100, 10, np.nan),
        lambda: daily_threshold([0.0, np.nan], 100, 0.05, 0),
        lambda: mean_alarm(COIN, np.nan, 0.05),
        lambda: mean_alarm(COIN, 10.5, 0.05),
        lambda: mean_alarm(COIN, 10, np.nan),
        lambda: percentile_alarm(COIN, 10, 0.05, q=np.nan),
        lambda: power_to_see(COIN, 0.1, 0, 0.05),
        lambda: power_to_see(COIN, 0.1, np.nan, 0.05),
        lambda: power_to_see(COIN, np.nan, 10, 0.05),
        lambda: labels_needed([0.0, 1.0, np.inf], 0.1, 0.05, 0.9),
        lambda: canary(COIN, 0.1, **{**GIVEN, "rate_per_s": np.nan}),
        lambda: canary(COIN, 0.1, **{**GIVEN, "react_h": np.nan}),
    ],
)
def test_impossible_requests_are_refused_with_a_sentence(call):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        call()


def test_the_index_by_hand():
    # shares (50.5, 50.5) / 101 and (60.5, 40.5) / 101: .09901 · (ln 1.19802 - ln .80198) = .03974
    assert psi([50, 50], [60, 40]) == pytest.approx(0.0397, abs=5e-5)
    assert psi([10, 20, 30], [10, 20, 30]) == 0.0
    assert psi([5, 5], [9, 1]) == pytest.approx(psi([9, 1], [5, 5]))  # it has no direction


def test_the_threshold_of_the_index_is_scipys_chi_square():
    assert psi_threshold(1_000, 1_000, 10, 0.05) == pytest.approx(stats.chi2.ppf(0.95, 9) * 0.002)


def test_equal_values_share_a_bin():
    assert list(edges_of([0.0] * 50 + [1.0] * 50)) == [0.5]  # two values, two bins
    assert len(edges_of(np.arange(100))) == 9
    assert len(edges_of(np.ones(100))) == 0


@pytest.mark.parametrize("n_ones", [17, 111, 205, 220])
def test_bins_do_not_collapse_where_most_values_tie_at_one_end(n_ones):
    """A good design's log, mostly ones, has the same two bins as its mirror image."""
    log = (np.arange(222) < n_ones).astype(float)
    found, mirrored = drift(log, np.zeros(222), 0.05, 0), drift(1 - log, np.ones(222), 0.05, 0)
    assert found.n_bins == mirrored.n_bins == 2
    assert found.psi == pytest.approx(mirrored.psi) and found.psi > 0
    assert found.rings and mirrored.rings


@pytest.mark.parametrize("seed", range(20))
def test_a_mirrored_reference_has_mirrored_edges(seed):
    rng = np.random.default_rng(seed)
    values = np.concatenate([rng.integers(0, 30, 200) ** 2.0, np.full(rng.integers(0, 3_000), float(seed))])
    assert (edges_of(-values) == -edges_of(values)[::-1]).all() and 1 <= len(edges_of(values)) <= 9


def test_neighbouring_floats_have_a_bin_each():
    values = np.repeat([1.0, np.nextafter(1.0, 2.0)], 50)
    assert drift(values, values, 0.05, 0).n_bins == 2


@pytest.mark.parametrize("daily", [100, 300, 1_000])
@pytest.mark.parametrize("log", LOGS)
def test_the_daily_index_does_what_it_promises(log, daily):
    alarm = daily_threshold(LOGS[log], daily, 1 / 30, 0)
    rate = (quiet_psi(alarm.counts, daily, 4_000, 9) > alarm.value).mean()
    assert 0 < alarm.false_alarm <= 1 / 30
    assert rate == pytest.approx(alarm.false_alarm, abs=5 * np.sqrt(alarm.false_alarm / 4_000))


def test_so_rare_an_alarm_that_no_quiet_day_shows_it_is_refused():
    with pytest.raises(NotEnoughSamples, match="quiet days"):
        daily_threshold(COIN, 100, 1e-5, 0)


def test_the_drift_alarm_rings_as_seldom_as_it_says_and_at_a_real_shift():
    rng = np.random.default_rng(4)
    quiet = [drift(x[:500], x[500:], 0.05, 0).rings for x in rng.normal(size=(200, 1_000))]
    assert 0.01 <= np.mean(quiet) <= 0.1
    shuffled = drift(rng.normal(size=500), rng.normal(size=500), 0.05, 0)
    assert shuffled.false_alarms == pytest.approx(0.05, abs=0.03)
    moved = drift(rng.normal(size=500), rng.normal(0.4, 1, size=500), 0.01, 0)
    assert moved.rings and moved.ks_p < 0.01


def test_the_rule_of_thumb_rings_often_where_samples_are_small():
    rng = np.random.default_rng(5)
    few = drift(rng.normal(size=60), rng.normal(size=60), 0.05, 0)
    many = drift(rng.normal(size=3_000), rng.normal(size=3_000), 0.05, 0)
    assert few.rule_false_alarms > 0.5 and many.rule_false_alarms == 0.0
