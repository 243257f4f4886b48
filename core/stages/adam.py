"""AdamW for every network trained in the app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


def adam(
    weights: Sequence[Tensor], gradients: Sequence[Tensor], moments: Sequence[tuple[Tensor, Tensor]],
    step: int, rate: float, decay: float | Tensor | None = None, second_kept: float = 0.99, epsilon: float = 1e-8,
) -> None:  # fmt: skip
    """One step in place (Kingma & Ba 2015, algorithm 1), with decoupled weight decay (Loshchilov & Hutter 2019).

    `step` counts from 1; a tensor of decays has one for each number of a weight; `second_kept` is the paper's second
    beta. With a large epsilon a weight that seldom gets a gradient takes small steps. torch's own optimiser first loads
    its compiler, 1.3 s.
    """
    import torch

    with torch.no_grad():
        for weight, gradient, (first, second) in zip(weights, gradients, moments, strict=True):
            first.mul_(0.9).add_(gradient, alpha=0.1)
            second.mul_(second_kept).addcmul_(gradient, gradient, value=1 - second_kept)
            spread = (second / (1 - second_kept**step)).sqrt_().add_(epsilon)
            if decay is not None:
                weight.mul_(1 - rate * decay)
            weight.addcdiv_(first, spread, value=-rate / (1 - 0.9**step))


def adam_numpy(
    weights: Sequence[np.ndarray],
    gradients: Sequence[np.ndarray],
    moments: Sequence[tuple[np.ndarray, np.ndarray]],
    step: int,
    rate: float,
    decay: float = 0.0,
) -> None:
    """The same step in place on numpy arrays, so that a small network trains without loading torch."""
    for weight, gradient, (first, second) in zip(weights, gradients, moments, strict=True):
        first *= 0.9
        first += 0.1 * gradient
        second *= 0.99
        second += 0.01 * gradient * gradient
        spread = np.sqrt(second / (1 - 0.99**step)) + 1e-8
        if decay:
            weight *= 1 - rate * decay
        weight -= rate / (1 - 0.9**step) * first / spread
