"""The front against its O(n^2) definition, and the knee against curves whose bend is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.metrics.pareto import front, knee

steady = settings(deadline=None, derandomize=True, max_examples=60)  # no wall clock decides a test
UP_DOWN = ("higher", "lower")
few_values = st.sampled_from([0.0, -0.0, 1.0, 2.0, 3.0, float("nan"), float("inf"), -float("inf")])
directions = st.sampled_from(["higher", "lower"])
clouds = st.integers(1, 4).flatmap(
    lambda m: st.tuples(
        st.lists(st.lists(few_values, min_size=m, max_size=m), max_size=12),
        st.lists(directions, min_size=m, max_size=m),
    )
)


def by_definition(points: list, better: list) -> list[bool]:
    """Not beaten: no row is as good in every column and better in one."""
    costs = np.reshape(points, (-1, len(better))) * np.where(np.array(better) == "higher", -1, 1)
    return [
        not np.isnan(mine).any() and not any((other <= mine).all() and (other < mine).any() for other in costs)
        for mine in costs
    ]


# The front


def test_by_hand_recall_against_latency():
    points = [[0.90, 1.0], [0.95, 3.0], [0.94, 4.0], [0.99, 9.0], [0.90, 2.0]]
    assert front(points, UP_DOWN).tolist() == [True, True, False, True, False]
    assert front(points, ("lower", "lower")).tolist() == [True, False, False, False, False]


def test_by_hand_three_columns():
    points = [[1, 1, 5], [2, 2, 2], [2, 2, 3], [5, 5, 1]]
    assert front(points, ["lower"] * 3).tolist() == [True, True, False, True]


@steady
@given(clouds)
def test_the_front_is_its_definition(cloud):
    points, better = cloud
    assert front(points, better).tolist() == by_definition(points, better)


@pytest.mark.parametrize("m", [2, 3])
def test_the_front_is_its_definition_on_many_points(m):
    points = np.random.default_rng(0).integers(0, 40, (400, m)).astype(float)
    better = ["higher", "lower", "lower"][:m]
    assert front(points, better).tolist() == by_definition(points, better)


def test_equal_points_are_all_kept():
    assert front([[1, 2], [1, 2], [0, 3], [1, 2]], UP_DOWN).tolist() == [True, True, False, True]
    assert front([[0.0, 1], [-0.0, 1], [-0.0, 2], [0.0, 0.5]], ["lower", "lower"]).tolist() == [False] * 3 + [True]
    assert front([[0.0, 1, 0], [-0.0, 1, -0.0]], ["higher"] * 3).tolist() == [True, True]


def test_a_row_with_nan_is_never_on_the_front():
    assert front([[1, float("nan")], [0, 5], [float("nan"), 0]], UP_DOWN).tolist() == [False, True, False]
    assert front([[float("nan"), 1]], UP_DOWN).tolist() == [False]


def test_no_points_give_an_empty_mask():
    mask = front([], UP_DOWN)
    assert mask.shape == (0,)
    assert mask.dtype == bool
    assert front(np.empty((0, 3)), ["lower"] * 3).shape == (0,)


@pytest.mark.parametrize("better", [(), ("higher",), ("higher", "up"), ("higher", "lower", "lower")])
def test_directions_must_fit_the_columns(better):
    with pytest.raises(ValueError, match=r"better must name|do not fit"):
        front([[1, 2], [3, 4]], better)
    with pytest.raises(ValueError, match="do not fit"):
        front([1, 2], UP_DOWN)


# The knee


def test_by_hand_the_knee_is_furthest_from_the_chord():
    points = [[0.2, 0.0], [0.5, 1.0], [0.9, 2.0], [1.0, 10.0]]
    assert (
        knee(points, UP_DOWN) == 2
    )  # scaled: (0, 0) (.375, .1) (.875, .2) (1, 1); heights over the chord 0 .275 .675 0
    assert knee([[0.2, 0.0], [0.8, 1.0], [0.9, 6.0], [1.0, 10.0]], UP_DOWN) == 1


def test_the_knee_is_an_index_into_all_points_not_the_front():
    points = [[0.1, 5.0], [float("nan"), 0.0], [0.2, 0.0], [0.5, 1.0], [0.9, 2.0], [1.0, 10.0]]
    assert knee(points, UP_DOWN) == 4


@steady
@given(st.floats(0.1, 1e3), st.floats(-10, 10))
def test_units_do_not_move_the_knee(scale, shift):
    x = np.linspace(0, 1, 21)
    points = np.column_stack([np.sqrt(x), x])  # furthest from its chord where the slope is 1: x = 1/4
    assert knee(points * [scale, 1 / scale] + shift, UP_DOWN) == 5


def test_a_logarithmic_axis_moves_the_knee():
    ms = np.geomspace(1, 1000, 31)
    points = np.column_stack([1 - 1 / np.sqrt(ms), ms])
    logarithmic = np.column_stack([points[:, 0], np.log10(ms)])
    assert knee(points, UP_DOWN) > knee(logarithmic, UP_DOWN)


def test_fewer_than_three_different_front_points_have_no_knee():
    assert knee([], UP_DOWN) is None
    assert knee([[0.5, 1.0]] * 4, UP_DOWN) is None
    assert knee([[0.2, 0.0], [1.0, 10.0]], UP_DOWN) is None
    assert knee([[0.2, 0.0], [1.0, 10.0], [1.0, 10.0], [0.1, 11.0]], UP_DOWN) is None
    assert knee([[0.5, 0.0], [0.9, 1.0], [1.0, float("inf")]], UP_DOWN) is None  # an end at infinity has no chord


def test_a_straight_front_or_one_that_bends_away_has_no_knee():
    assert knee([[x, x] for x in (0.0, 0.3, 0.6, 0.7, 1.0)], UP_DOWN) is None
    assert knee([[0.0, 0.0], [0.1, 5.0], [1.0, 10.0]], UP_DOWN) is None


def test_a_knee_needs_two_columns():
    with pytest.raises(ValueError, match="two columns"):
        knee([[1, 2, 3]], ["lower"] * 3)
