"""A small neural network over the features, trained in torch and served as plain matrices, whole or compressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from core.metrics.maths import sigmoid
from core.stages.adam import adam

if TYPE_CHECKING:
    from torch import Tensor

WIDTHS, STUDENT = (32, 16), (8,)
PASSES, BATCH, RATE = 8, 512, 0.02
MOST_ROWS = 130_000  # in all passes together
KEPT = 0.2  # share of the weights that pruning leaves
FAR = 4.0  # standard deviations at which inputs are cut


@dataclass(frozen=True)
class Served:
    """A network as it serves: inputs' mean and scale, and a multiplication and bias for each layer."""

    mean: np.ndarray
    scale: np.ndarray
    layers: tuple[Any, ...]  # Dense, Eight or Sparse
    parameters: int
    nbytes: int = field(default=0)

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Scores (m,) of features (m, f)."""
        hidden = np.clip((_inputs(x) - self.mean) / self.scale, -FAR, FAR)
        for layer in self.layers[:-1]:
            hidden = np.maximum(layer.times(hidden), 0)
        return self.layers[-1].times(hidden)[:, 0].astype(np.float64)


@dataclass(frozen=True)
class Dense:
    """A layer in single precision: weights (in, out) and bias (out,)."""

    weights: np.ndarray
    bias: np.ndarray

    def times(self, x: np.ndarray) -> np.ndarray:
        """The layer's sums (m, out)."""
        return x @ self.weights + self.bias

    @property
    def nbytes(self) -> int:
        """Bytes of weights and bias."""
        return self.weights.nbytes + self.bias.nbytes


@dataclass(frozen=True)
class Eight:
    """A layer kept in 8 bits: codes (in, out) int8 and one step a column; products are taken in single precision."""

    codes: np.ndarray
    step: np.ndarray
    bias: np.ndarray

    def times(self, x: np.ndarray) -> np.ndarray:
        """The layer's sums (m, out); the codes become floats at every request, so that memory stays small."""
        return (x @ self.codes.astype(np.float32)) * self.step + self.bias

    @property
    def nbytes(self) -> int:
        """Bytes of codes, steps and bias."""
        return self.codes.nbytes + self.step.nbytes + self.bias.nbytes


@dataclass(frozen=True)
class Sparse:
    """A layer with most weights gone: a sparse matrix (out, in) and bias (out,)."""

    weights: Any
    bias: np.ndarray

    def times(self, x: np.ndarray) -> np.ndarray:
        """The layer's sums (m, out)."""
        return (self.weights @ x.T).T + self.bias

    @property
    def nbytes(self) -> int:
        """Bytes of what is left, its places and the bias; a column fits in 16 bits when stored, 32 here."""
        parts = (self.weights.data, self.weights.indices, self.weights.indptr)
        return sum(part.nbytes for part in parts) + self.bias.nbytes


def learn_network(x: np.ndarray, y: np.ndarray, compression: str, seed: int) -> Served:
    """A network trained on rows (m, f) with labels (m,), compressed as asked. KeyError for an unknown compression."""
    inputs = _inputs(x)
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    ready = np.clip((inputs - mean) / scale, -FAR, FAR)
    layers, parameters = COMPRESSIONS[compression](ready, y.astype(np.float32), seed)
    nbytes = mean.nbytes + scale.nbytes + sum(layer.nbytes for layer in layers)
    return Served(mean, scale, layers, parameters, nbytes)


def _inputs(x: np.ndarray) -> np.ndarray:
    """The features and their logarithms (m, 2 f): both a straight and a bent view of each."""
    return np.hstack([x, np.sign(x) * np.log1p(np.abs(x))])


def _whole(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[tuple[Dense, ...], int]:
    layers = _trained(x, y, WIDTHS, seed)
    return layers, _count(layers)


def _in_eight_bits(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[tuple[Eight, ...], int]:
    layers = _trained(x, y, WIDTHS, seed)
    steps = [np.abs(layer.weights).max(axis=0) / 127 + 1e-12 for layer in layers]
    eight = tuple(
        Eight(np.rint(layer.weights / step).astype(np.int8), step.astype(np.float32), layer.bias)
        for layer, step in zip(layers, steps, strict=True)
    )
    return eight, _count(layers)


def _pruned(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[tuple[Sparse, ...], int]:
    """Train, drop the smallest four fifths of each layer but the last, and train what is left for two more passes."""
    from scipy.sparse import csr_matrix

    layers = _trained(x, y, WIDTHS, seed)
    masks = [np.abs(layer.weights) >= np.quantile(np.abs(layer.weights), 1 - KEPT) for layer in layers[:-1]]
    masks.append(np.ones_like(layers[-1].weights, bool))
    layers = _trained(x, y, WIDTHS, seed, start=layers, masks=masks, passes=2)
    sparse = tuple(Sparse(csr_matrix(layer.weights.T), layer.bias) for layer in layers)
    return sparse, sum(layer.weights.nnz + len(layer.bias) for layer in sparse)


def _distilled(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[tuple[Dense, ...], int]:
    """A network of eight hidden units that learns the large one's chances (Hinton et al. 2015)."""
    teacher = _trained(x, y, WIDTHS, seed)
    hidden = x
    for layer in teacher[:-1]:
        hidden = np.maximum(layer.times(hidden), 0)
    chances = sigmoid(teacher[-1].times(hidden)[:, 0])
    layers = _trained(x, chances, STUDENT, seed)
    return layers, _count(layers)


COMPRESSIONS: dict[str, Callable[..., Any]] = {
    "fp32": _whole,
    "int8": _in_eight_bits,
    "pruned": _pruned,
    "distilled": _distilled,
}


def _count(layers: tuple[Dense, ...]) -> int:
    return sum(layer.weights.size + layer.bias.size for layer in layers)


def _trained(
    x: np.ndarray, y: np.ndarray, widths: tuple[int, ...], seed: int, start: tuple[Dense, ...] = (),
    masks: list[np.ndarray] | None = None, passes: int = 0,
) -> tuple[Dense, ...]:  # fmt: skip
    """Layers that predict y (m,) from x (m, in) by cross-entropy, with Adam and a rate that falls to nothing."""
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    begin = start or _begin((x.shape[1], *widths, 1), rng)
    weights = [torch.tensor(part) for layer in begin for part in (layer.weights, layer.bias)]
    for weight in weights:
        weight.requires_grad_()
    held = None if masks is None else [torch.tensor(mask) for mask in masks]
    moments = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]
    rows, labels = torch.tensor(np.ascontiguousarray(x, np.float32)), torch.tensor(np.asarray(y, np.float32))
    fewer = min(1.0, MOST_ROWS / (PASSES * len(x)))  # of many rows, each is seen less often
    order = np.concatenate([rng.permutation(len(x)) for _ in range(max(1, round((passes or PASSES) * fewer)))])
    batches = np.array_split(order, max(1, len(order) // BATCH))
    for step, batch in enumerate(batches):
        at = torch.from_numpy(batch)
        out = _forward(rows[at], weights)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(out, labels[at])
        adam(weights, torch.autograd.grad(loss, weights), moments, step + 1, RATE * (1 - step / len(batches)))
        if held is not None:
            with torch.no_grad():
                for weight, mask in zip(weights[::2], held, strict=True):
                    weight.mul_(mask)
    parts = [weight.detach().numpy().copy() for weight in weights]
    return tuple(Dense(w, b) for w, b in zip(parts[::2], parts[1::2], strict=True))


def _begin(sizes: tuple[int, ...], rng: np.random.Generator) -> tuple[Dense, ...]:
    """Random layers whose sums keep their spread (He et al. 2015)."""
    pairs = pairwise(sizes)
    return tuple(
        Dense((rng.normal(size=(a, b)) * np.sqrt(2 / a)).astype(np.float32), np.zeros(b, np.float32)) for a, b in pairs
    )


def _forward(x: Tensor, weights: list[Tensor]) -> Tensor:
    for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = (x @ weight + bias).relu()
    return (x @ weights[-2] + weights[-1])[:, 0]
