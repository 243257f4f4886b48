"""Adam: by hand for one step, and on arrays as on tensors."""

import numpy as np
import pytest

from core.stages.adam import adam, adam_numpy


def test_the_first_step_is_the_rate_in_the_direction_of_the_slope_by_hand():
    weight = np.array([1.0, 2.0, 3.0])
    adam_numpy([weight], [np.array([5.0, -0.1, 0.0])], [(np.zeros(3), np.zeros(3))], 1, 0.1)
    np.testing.assert_allclose(weight, [0.9, 2.1, 3.0], atol=1e-6)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_arrays_take_the_steps_that_tensors_take(decay):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    starts = [rng.normal(size=size) for size in ((3, 4), (4,))]
    arrays, tensors = [start.copy() for start in starts], [torch.tensor(start) for start in starts]
    of_arrays = [(np.zeros_like(a), np.zeros_like(a)) for a in arrays]
    of_tensors = [(torch.zeros_like(t), torch.zeros_like(t)) for t in tensors]
    for step in range(1, 6):
        slopes = [rng.normal(size=start.shape) for start in starts]
        adam_numpy(arrays, slopes, of_arrays, step, 0.05, decay)
        adam(tensors, [torch.tensor(slope) for slope in slopes], of_tensors, step, 0.05, decay)
    for array, tensor in zip(arrays, tensors, strict=True):
        np.testing.assert_allclose(array, tensor.numpy(), rtol=1e-9)
