import numpy as np
import pytest
from scipy.special import expit

from core.metrics.maths import sigmoid, unit


def test_sigmoid_agrees_with_scipy_and_never_overflows():
    log_odds = np.array([-1e4, -31, -2.5, 0, 2.5, 31, 1e4])
    np.testing.assert_allclose(sigmoid(log_odds), expit(log_odds), atol=1e-12)
    assert sigmoid(np.float32([0.5])).dtype == np.float32


def test_unit_vectors_by_hand_and_a_zero_vector_stays_zero():
    assert unit(np.array([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx(np.array([[0.6, 0.8], [0.0, 0.0]]))
