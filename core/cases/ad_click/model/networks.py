"""Networks over hashed fields: factorisation machine, multilayer perceptron, DeepFM and cross network, and their cuts.

One forward pass holds them all; a kind says which parts it has. torch trains on one thread; serving
is numpy, so that a cut-down network is timed by the work it does. torch is imported at the first training.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.cases.ad_click.features import Inputs
from core.stages.adam import adam

if TYPE_CHECKING:
    from torch import Tensor

PARTS = {
    "fm": ("linear", "pairs"),
    "dnn": ("linear", "deep"),
    "deepfm": ("linear", "pairs", "deep"),
    "dcn": ("linear", "cross", "deep"),
}
HIDDEN = (64, 32)
CROSS_RANK = 16
INITIAL = 0.3  # deviation of a new embedding
BATCH = 256
EPOCHS = 3
RATE = {"table": 5e-2, "cross": 2e-2, "dense": 1e-2}  # of learning; falls to a tenth along a straight line
DECAY = 0.3  # of a weight, times the rate, in a step
SECOND_KEPT = 0.999  # with 0.99 a network finds a point of AUC where nothing interacts, and the cross network less
EPSILON = {"table": 1e-3, "cross": 1e-8, "dense": 1e-8}  # a bucket seen once in a while then memorises less


@dataclass(frozen=True)
class Net:
    """A trained network. `table` (rows, 1 + dim) holds each bucket's linear weight and its embedding.

    With `scales` (rows, 1) the table is 8-bit; with `row_of` (buckets,) it is short and the rows are looked up.
    """

    kind: str
    table: np.ndarray
    scales: np.ndarray | None
    row_of: np.ndarray | None
    number_weights: np.ndarray  # (G,)
    bias: float
    cross: tuple[np.ndarray, ...]  # (d, rank), (rank, d) and (d,), or nothing
    dense: tuple  # (w, b) of each layer; w is an array (in, out) or, pruned, a sparse matrix (out, in)

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        arrays = [self.table, self.scales, self.row_of, self.number_weights, *self.cross]
        dense = sum(_bytes(w) + b.nbytes for w, b in self.dense)
        return sum(array.nbytes for array in arrays if array is not None) + dense

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The log-odds (n,) of a click."""
        at = inputs.hashed if self.row_of is None else self.row_of[inputs.hashed]
        rows = self.table[at]  # (n, F, 1 + dim)
        rows = rows if self.scales is None else rows * self.scales[at]
        parts, vectors = PARTS[self.kind], rows[:, :, 1:]
        total = rows[:, :, 0].sum(axis=1) + inputs.numbers @ self.number_weights + self.bias
        if "pairs" in parts:
            total = total + 0.5 * (vectors.sum(axis=1) ** 2 - (vectors**2).sum(axis=1)).sum(axis=1)
        if "deep" in parts:
            x = np.concatenate([vectors.reshape(len(vectors), -1), inputs.numbers], axis=1)
            total = total + self._deep(x)
        return total.astype(np.float64)

    def _deep(self, x: np.ndarray) -> np.ndarray:
        if self.cross:
            into, out, bias = self.cross
            x = x * (x @ into @ out + bias) + x  # low rank (Wang et al. 2021, equation 2)
        for i, (w, b) in enumerate(self.dense):
            x = (w @ x.T).T + b if sparse.issparse(w) else x @ w + b
            x = np.maximum(x, 0) if i < len(self.dense) - 1 else x
        return x[:, 0]


def _bytes(w: object) -> int:
    return w.data.nbytes + w.indices.nbytes + w.indptr.nbytes if sparse.issparse(w) else w.nbytes


def train(
    kind: str,
    inputs: Inputs,
    target: np.ndarray,
    buckets: int,
    dim: int,
    seed: int,
    hidden: tuple[int, ...] = HIDDEN,
    epochs: int = EPOCHS,
) -> Net:
    """Cross-entropy against labels or a teacher's chances `target` (n,). Raises ValueError for an unknown kind."""
    import torch

    if kind not in PARTS:
        raise ValueError(f"no network called {kind!r}: choose one of {', '.join(PARTS)}")
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    hashed, numbers = torch.from_numpy(inputs.hashed.astype(np.int64)), torch.from_numpy(inputs.numbers.copy())
    y = torch.from_numpy(target.astype(np.float32))
    weights = _initial(kind, hashed.shape[1], numbers.shape[1], buckets, dim, hidden, float(target.mean()), rng)
    moments = {name: (torch.zeros_like(w), torch.zeros_like(w)) for name, w in weights.items()}
    batches = [b for _ in range(epochs) for b in np.array_split(rng.permutation(len(y)), max(1, len(y) // BATCH))]
    for step, batch in enumerate(batches):
        rows = torch.from_numpy(batch)
        z = _forward(kind, hashed[rows], numbers[rows], weights)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y[rows])
        gradients = dict(zip(weights, torch.autograd.grad(loss, list(weights.values())), strict=True))
        _update(weights, gradients, moments, step + 1, 1 - 0.9 * step / len(batches))
    return _served(kind, {name: w.detach().numpy().copy() for name, w in weights.items()})


def _initial(
    kind: str,
    fields: int,
    numbers: int,
    buckets: int,
    dim: int,
    hidden: tuple[int, ...],
    rate: float,
    rng: np.random.Generator,
) -> dict[str, Tensor]:
    import torch

    width, parts = fields * dim + numbers, PARTS[kind]
    rate = min(max(rate, 1e-4), 1 - 1e-4)
    drawn = {
        "table": np.concatenate([np.zeros((buckets, 1)), rng.normal(size=(buckets, dim)) * INITIAL], axis=1),
        "numbers": np.zeros(numbers),
        "bias": np.array([np.log(rate / (1 - rate))]),
    }
    if "cross" in parts:
        scale = (0.3 / (width * CROSS_RANK) ** 0.5) ** 0.5  # so that the product has deviation 0.3 / √width
        drawn |= {"cross_u": rng.normal(size=(width, CROSS_RANK)) * scale}
        drawn |= {"cross_v": rng.normal(size=(CROSS_RANK, width)) * scale, "cross_b": np.zeros(width)}
    if "deep" in parts:
        sizes = (width, *hidden, 1)
        for i, (n_in, n_out) in enumerate(pairwise(sizes)):
            scale = (2 / n_in) ** 0.5 * (0.1 if n_out == 1 else 1.0)
            drawn |= {f"w{i}": rng.normal(size=(n_in, n_out)) * scale, f"b{i}": np.zeros(n_out)}
    return {name: torch.from_numpy(w.astype(np.float32)).requires_grad_() for name, w in drawn.items()}


def _update(weights: dict, gradients: dict, moments: dict, step: int, falling: float) -> None:
    """One step of Adam in place, each part of the weights at its own rate times `falling`."""
    for part, rate in RATE.items():
        names = [name for name in weights if _part(name) == part]
        own = ([values[name] for name in names] for values in (weights, gradients, moments))
        epsilon = EPSILON[part] / (1 - SECOND_KEPT**step) ** 0.5  # the form in which it is not corrected (section 2)
        adam(*own, step, rate * falling, DECAY, SECOND_KEPT, epsilon)


def _part(name: str) -> str:
    """Which rate and epsilon a weight learns with."""
    return next((part for part in ("table", "cross") if name.startswith(part)), "dense")


def _forward(kind: str, hashed: Tensor, numbers: Tensor, w: dict[str, Tensor]) -> Tensor:
    import torch

    parts = PARTS[kind]
    rows = torch.nn.functional.embedding(hashed, w["table"])
    vectors = rows[:, :, 1:]
    total = rows[:, :, 0].sum(dim=1) + numbers @ w["numbers"] + w["bias"]
    if "pairs" in parts:
        total = total + 0.5 * (vectors.sum(dim=1) ** 2 - (vectors**2).sum(dim=1)).sum(dim=1)
    if "deep" in parts:
        x = torch.cat([vectors.flatten(1), numbers], dim=1)
        if "cross" in parts:
            x = x * (x @ w["cross_u"] @ w["cross_v"] + w["cross_b"]) + x
        layers = sum(name.startswith("w") for name in w)
        for i in range(layers):
            x = x @ w[f"w{i}"] + w[f"b{i}"]
            x = torch.relu(x) if i < layers - 1 else x
        total = total + x[:, 0]
    return total


def _served(kind: str, w: dict[str, np.ndarray]) -> Net:
    layers = sum(name.startswith("w") for name in w)
    return Net(
        kind=kind,
        table=w["table"],
        scales=None,
        row_of=None,
        number_weights=w["numbers"],
        bias=float(w["bias"][0]),
        cross=tuple(w[name] for name in ("cross_u", "cross_v", "cross_b") if name in w),
        dense=tuple((w[f"w{i}"], w[f"b{i}"]) for i in range(layers)),
    )
