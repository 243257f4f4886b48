"""Flat trees against LightGBM itself: scores, leaves, missing values, ties, and what it cannot walk."""

import lightgbm
import numpy as np
import pytest

from core.stages import trees as t


def data(n=2_000, missing=0.0, seed=0):
    """Rows (n, 5) full of ties, some values missing, and a label (n,) that depends on two of the columns."""
    rng = np.random.default_rng(seed)
    rows = np.round(rng.normal(size=(n, 5)), 1).astype(np.float32)
    rows[:, 4] = rng.integers(3, size=n)
    y = rng.random(n) < 1 / (1 + np.exp(-(rows[:, 0] * rows[:, 1] + rows[:, 4])))
    rows[rng.random(rows.shape) < missing] = np.nan
    return rows, y


def both(rows, y, **settings):
    """LightGBM's own booster and the flat trees of it."""
    settings = {**t.REPEATABLE, "objective": "binary", "seed": 3, "num_leaves": 9, **settings}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, y.astype(np.float32), params=settings), 20)
    return booster, t.flat(booster)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("objective", ["binary", "regression"])
def test_scores_and_leaves_are_those_of_the_library(missing, objective):
    rows, y = data(missing=missing)
    booster, flat = both(rows, y, objective=objective)
    asked = data(500, missing=0.3, seed=1)[0]  # values may be missing where none was in training
    on_thresholds = np.full((len(flat.threshold), 5), flat.threshold[:, None])
    for new in (asked, asked.astype(np.float64), on_thresholds, np.nextafter(on_thresholds, np.inf)):
        assert np.abs(flat.score(new) - booster.predict(new, raw_score=True)).max() < 1e-9
        assert np.array_equal(flat.leaves(new) - flat.first_leaf, booster.predict(new, pred_leaf=True))
        assert np.allclose(flat.leaf_value[flat.leaves(new)].sum(axis=1), flat.score(new), atol=1e-9)
    assert flat.score_one(asked[7]) == flat.score(asked)[7]


def test_fitting_takes_the_settings_and_repeats_itself():
    rows, y = data()
    settings = dict(num_leaves=6, learning_rate=0.2, min_data_in_leaf=30, interaction_constraints=[[0, 1], [4]])
    first, again = (t.fit_trees(rows, y, 10, 5, **settings) for _ in range(2))
    booster, _ = both(rows, y, **settings, num_iterations=10)
    assert np.array_equal(first.score(rows), again.score(rows))
    assert len(first.roots) == 10 and len(first.leaf_value) <= 60 and not set(first.feature) & {2, 3}
    assert np.abs(first.score(rows) - booster.predict(rows, raw_score=True, num_iteration=10)).max() < 1e-9
    assert first.nbytes == 8 * len(first.leaf_value) + (3 * 4 + 8 + 1) * len(first.feature) + 4 * len(first.roots)


def test_weights_and_ranked_lists_reach_the_library():
    rows, y = data()
    heavy = t.fit_trees(rows, y, 5, 0, weight=np.where(y, 9.0, 1.0))
    assert heavy.score(rows).mean() > t.fit_trees(rows, y, 5, 0).score(rows).mean() + 0.5
    ranked = t.fit_trees(rows, y, 5, 0, objective="lambdarank", group=np.full(200, 10))
    assert ranked.score(rows)[y].mean() > ranked.score(rows)[~y].mean()


def test_trees_that_found_no_split_are_single_leaves():
    rows, y = np.ones((100, 2), np.float32), np.arange(100) < 30
    flat = t.fit_trees(rows, y, 4, 0)
    assert not len(flat.feature)
    assert np.allclose(flat.score(rows), np.log(0.3 / 0.7))
    assert np.array_equal(flat.leaves(rows), np.tile(np.arange(len(flat.roots)), (100, 1)))


def test_bad_input_gets_one_clear_message():
    rows, y = data(200)
    with pytest.raises(ValueError, match="labels of both kinds: all 200 are alike"):
        t.fit_trees(rows, np.zeros(200), 2, 0)
    with pytest.raises(ValueError, match=r"5 columns cannot score rows of shape \(200, 4\)"):
        both(rows, y)[1].score(rows[:, :4])
    with pytest.raises(ValueError, match="neither categories nor zeros"):
        both(rows, y, zero_as_missing=True)
    categories = lightgbm.Dataset(rows[:, 4:], y.astype(np.float32), categorical_feature=[0])
    few = {**t.REPEATABLE, "min_data_per_group": 1, "cat_smooth": 0.0, "max_cat_to_onehot": 1}
    with pytest.raises(ValueError, match="neither categories nor zeros"):
        t.flat(lightgbm.train(few, categories, 2))
