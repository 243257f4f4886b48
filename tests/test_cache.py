"""The hit ratio of a cache by hand, against a simulation, and at its ends."""

import numpy as np
import pytest

from core.serving.cache import hit_ratio


def test_by_hand_equal_keys():
    # four keys at one request a second each, kept for three seconds: of four requests for a key three find it
    assert hit_ratio(4.0, 4, 0.0, 3.0) == pytest.approx(0.75)


def test_by_hand_two_unequal_keys():
    # shares 2/3 and 1/3 of three a second: asked 2 and 1 times while kept for a second
    assert hit_ratio(3.0, 2, 1.0, 1.0) == pytest.approx(2 / 3 * 2 / 3 + 1 / 3 * 1 / 2)


def test_against_a_simulated_cache():
    rng, n, keys, ttl_s = np.random.default_rng(0), 200_000, 500, 2.0
    popularity = np.arange(1, keys + 1) ** -0.8
    asked = rng.choice(keys, n, p=popularity / popularity.sum())
    at_s = np.cumsum(rng.exponential(1 / 300, n))
    until_s, hits = np.full(keys, -1.0), 0
    for key, now_s in zip(asked, at_s, strict=True):
        if now_s < until_s[key]:
            hits += 1
        else:
            until_s[key] = now_s + ttl_s
    assert hit_ratio(300.0, keys, 0.8, ttl_s) == pytest.approx(hits / n, abs=0.01)


def test_bins_for_the_tail_change_little():
    exact = np.arange(1, 50_001) ** -0.8
    asked = 1_000 * exact / exact.sum() * 60
    expected = float((exact / exact.sum() * asked / (1 + asked)).sum())
    assert hit_ratio(1_000.0, 50_000, 0.8, 60.0) == pytest.approx(expected, rel=1e-3)


def test_its_ends():
    assert hit_ratio(100.0, 10, 1.0, 0.0) == 0.0 and hit_ratio(0.0, 10, 1.0, 60.0) == 0.0
    assert hit_ratio(1e12, 1e12, 0.8, 1e7) < 1.0


@pytest.mark.parametrize("bad", [(-1.0, 10, 1.0, 1.0), (1.0, 0, 1.0, 1.0), (1.0, 10, -1.0, 1.0), (1.0, 10, 1.0, -1.0)])
def test_impossible_figures_are_refused(bad):
    with pytest.raises(ValueError, match="at least one key"):
        hit_ratio(*bad)
