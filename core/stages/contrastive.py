"""A small network trained contrastively: vectors with one label attract, the others of the batch repel.

Every step draws 256 rows as 128 pairs with one label each, whatever the number of negatives, so that `negatives`
changes only the comparisons. Rows with the same label are never negatives of each other. False negatives come from
wrong labels alone, and they are hard ones: a mislabelled image lies nearest to its true class. torch is imported at the
first training (1.5 s or more) and never needed to encode.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from core.stages.adam import adam

if TYPE_CHECKING:
    from torch import Tensor

PAIRS = 128  # pairs per step; 255 negatives are then all other rows
STEPS = 100  # 0.7 CPU-s on one thread with 441 inputs; half as many again add a quarter of a point
LEARNING_RATE = 3e-3  # falls to zero over the second half of the steps
HIDDEN = 128
HARD_POOL = 8  # hard negatives come from the nearest eighth; the very nearest hurt even with right labels


@dataclass(frozen=True)
class Network:
    """z = y linear + relu(y hidden + bias) out for y = x - mean, then unit length; only linear if n_hidden is 0."""

    mean: np.ndarray  # (width,)
    linear: np.ndarray  # (width, dim)
    hidden: np.ndarray  # (width, n_hidden)
    bias: np.ndarray  # (n_hidden,)
    out: np.ndarray  # (n_hidden, dim)


def unit(vectors: np.ndarray) -> np.ndarray:
    """The rows (n, d) as float32 of unit length; a zero row stays zero."""
    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    return rows / np.maximum(lengths, 1e-12)[:, None]


def apply_network(network: Network, inputs: np.ndarray) -> np.ndarray:
    """Vectors (n, dim) of unit length of the inputs (n, width), in numpy."""
    rows = inputs - network.mean
    return unit(rows @ network.linear + np.maximum(rows @ network.hidden + network.bias, 0) @ network.out)


def train_contrastive(
    inputs: np.ndarray, labels: np.ndarray, *, dim: int, seed: int, hidden: int = HIDDEN, temperature: float = 0.1,
    negatives: int = 63, hard_share: float = 0.0, label_noise: float = 0.0, steps: int = STEPS,
) -> Network:  # fmt: skip
    """A network trained on inputs (n, width) and labels (n,), equal for images of one thing; n of 4,000 to 8,000.

    `hard_share` of the negatives are hard ones; a share `label_noise` of the labels is replaced by wrong ones first.
    Raises ValueError for lengths that differ or a setting out of range.
    """
    _check(inputs, labels, temperature, negatives, hard_share, label_noise)
    torch, rng = _torch(), np.random.default_rng(seed)
    labels = noisy_labels(labels, label_noise, rng)
    order = np.argsort(labels, kind="stable")
    labels, rows, mean, scale = labels[order], *_standardised(inputs[order])
    x, y = torch.from_numpy(rows), torch.from_numpy(labels)
    weights = _initial_weights(rows.shape[1], hidden, dim, rng)
    moments = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]
    for step in range(steps):
        batch = pairs_of_a_label(labels, rng)
        loss = info_nce(_forward(x[batch], weights), y[batch], temperature, negatives, hard_share, rng)
        rate = LEARNING_RATE * min(1.0, 2 * (1 - step / steps))
        adam(weights, torch.autograd.grad(loss, weights), moments, step + 1, rate)
    linear, into, bias, out = (w.detach().numpy() for w in weights)
    return Network(mean, linear / scale, into / scale, bias, out)


def noisy_labels(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The labels as 0 … k-1 (n,), a share of them replaced by another label drawn uniformly."""
    distinct, numbered = np.unique(labels, return_inverse=True)
    wrong = rng.random(len(numbered)) < share
    jumps = rng.integers(1, max(len(distinct), 2), size=len(numbered))
    return np.where(wrong, (numbered + jumps) % len(distinct), numbered)


def pairs_of_a_label(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows (2 p,) of a batch from sorted labels (n,): p <= 128 anchors, then a partner with the same label for each.

    A single anchor of a label is paired with itself.
    """
    anchors = rng.choice(len(labels), min(PAIRS, len(labels)), replace=False)
    first = np.searchsorted(labels, labels[anchors])
    count = np.searchsorted(labels, labels[anchors], side="right") - first
    partners = first + (anchors - first + rng.integers(1, np.maximum(count, 2))) % count
    return np.concatenate([anchors, partners])


def info_nce(
    z: Tensor, labels: Tensor, temperature: float, negatives: int, hard_share: float, rng: np.random.Generator
) -> Tensor:
    """InfoNCE (van den Oord et al. 2018, eq. 4) of a batch z (2 p, dim); rows i and i + p are positives of each other.

    A hard negative is drawn from the nearest eighth of the batch, any other from the whole batch.
    """
    import torch

    similarity, differs = z @ z.T, labels[:, None] != labels[None, :]
    n_hard = round(hard_share * negatives)
    columns = torch.cat([
        _random_columns(len(z), negatives - n_hard, rng),
        _hard_columns(similarity.detach().masked_fill(~differs, -2.0), n_hard, rng),
    ], dim=1)  # fmt: skip
    apart = similarity.gather(1, columns).masked_fill(~differs.gather(1, columns), -torch.inf)
    together = (z * z.roll(len(z) // 2, dims=0)).sum(dim=1, keepdim=True)
    return -torch.log_softmax(torch.cat([together, apart], dim=1) / temperature, dim=1)[:, 0].mean()


def _random_columns(n: int, count: int, rng: np.random.Generator) -> Tensor:
    """For each of n shuffled rows, the rows at `count` random offsets, at most n − 1, (n, count)."""
    import torch

    ahead = torch.from_numpy(1 + rng.permutation(n - 1)[:count])
    return (torch.arange(n)[:, None] + ahead) % n


def _hard_columns(similarity: Tensor, count: int, rng: np.random.Generator) -> Tensor:
    """For each row, `count` draws from the nearest eighth of the batch, (n, count)."""
    import torch

    pool = max(1, len(similarity) // HARD_POOL)
    ranks = torch.from_numpy(rng.integers(pool, size=count))
    return similarity.topk(pool, dim=1).indices[:, ranks]


def _torch() -> ModuleType:
    """torch, imported at first use and limited to one thread; no other global changes."""
    import torch

    torch.set_num_threads(1)
    return torch


def _check(
    inputs: np.ndarray, labels: np.ndarray, temperature: float, negatives: int, hard_share: float, label_noise: float
) -> None:
    if len(inputs) != len(labels) or len(inputs) < 2:
        raise ValueError(f"training needs two rows or more and a label each, not {len(inputs)} and {len(labels)}")
    if temperature <= 0 or negatives < 1:
        raise ValueError(f"temperature {temperature} must be above 0 and negatives {negatives} at least 1")
    if not (0 <= hard_share <= 1 and 0 <= label_noise <= 1):
        raise ValueError(f"hard_share {hard_share} and label_noise {label_noise} are shares from 0 to 1")


def _standardised(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.float32]:
    """The centred inputs divided by one common deviation, as float32; the mean (width,); that deviation."""
    rows = np.asarray(inputs, dtype=np.float32)
    mean = rows.mean(axis=0)
    scale = np.float32((rows - mean).std() or 1.0)
    return (rows - mean) / scale, mean, scale


def _initial_weights(width: int, hidden: int, dim: int, rng: np.random.Generator) -> list[Tensor]:
    """The initial linear map, hidden layer, bias and output layer, whose output starts small."""
    import torch

    parts = [
        rng.normal(size=(width, dim)) / width**0.5,
        rng.normal(size=(width, hidden)) * (2 / width) ** 0.5,
        np.zeros(hidden),
        rng.normal(size=(hidden, dim)) * 0.1 / max(hidden, 1) ** 0.5,
    ]
    return [torch.from_numpy(part.astype(np.float32)).requires_grad_() for part in parts]


def _forward(x: Tensor, weights: list[Tensor]) -> Tensor:
    import torch

    linear, hidden, bias, out = weights
    return torch.nn.functional.normalize(x @ linear + torch.relu(x @ hidden + bias) @ out, dim=1)
