"""How the networks learn: first weights, batches, the loss of all heads, and Adam on one vector of all weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.cases.news_feed.data.world import BINARY
from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.networks import (
    TOWER,
    Network,
    Weights,
    forward,
    own_rows,
    plain_product,
    torch_on_one_thread,
)
from core.cases.news_feed.model.task import Task
from core.stages.adam import adam

if TYPE_CHECKING:
    from torch import Tensor

BATCH, EPOCHS, RATE = 1024, 3, 2e-2  # of rates .0015 to .02, 3 to 8 passes, batches of 512 to 2,048
DECAY, FADING = 1.0, ("wide", "tower", "out")  # decoupled weight decay of matrices, not of biases; of 0, 0.6, 1, 3
HABIT = 2.0  # each gate starts with a liking for one expert, the next for the next; of 0, 2, 4


@dataclass(frozen=True)
class Shape:
    """How many experts of how many units a kind of network has."""

    kind: str
    n_experts: int
    units: int


def network_of(weights: dict[str, np.ndarray], shape: Shape, logged: Logged) -> Network:
    """Trained weights with the scale of the features that they were trained on."""
    return Network(weights, shape.kind, shape.n_experts, shape.units, logged.mean, logged.scale)


def train_network(task: Task, logged: Logged, kind: str, seed: int, experts: int = 4, width: int = 16) -> Network:
    """A network trained on the task."""
    n_tasks = len(task.heads)
    shape = Shape(kind, {"separate": n_tasks, "shared": 1, "mmoe": experts}[kind], width)
    start = initial(shape, task.x.shape[1], n_tasks, task.done.mean(axis=0), seed)
    return network_of(fit(task, task.done, start, shape, seed, EPOCHS), shape, logged)


def initial(shape: Shape, n_inputs: int, n_tasks: int, rates: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Weights to start from; the last biases say what an average post gets."""
    rng = np.random.default_rng([seed, 5])
    bottom, n_gates = shape.n_experts * shape.units, n_tasks * shape.n_experts * (shape.kind == "mmoe")
    start = np.where(np.arange(n_tasks) < len(BINARY), np.log(rates / np.maximum(1 - rates, 1e-3) + 1e-4), rates)
    habit = HABIT * (np.arange(n_tasks)[:, None] % shape.n_experts == np.arange(shape.n_experts))
    wide = [rng.normal(size=(bottom, n_inputs)) * (2 / n_inputs) ** 0.5, np.zeros((n_tasks, n_inputs))]
    weights = {
        "wide": np.concatenate([*wide, rng.normal(size=(n_gates, n_inputs)) * 0.1 / n_inputs**0.5]),
        "wide_bias": np.concatenate([np.zeros(bottom), start, habit.ravel()[:n_gates]]),
        "tower": rng.normal(size=(n_tasks, shape.units, TOWER)) * (2 / shape.units) ** 0.5,
        "tower_bias": np.zeros((n_tasks, TOWER)),
        "out": rng.normal(size=(n_tasks, TOWER)) * 0.3 / TOWER**0.5,
        "place": np.zeros(n_tasks),
    }
    return {name: weight.astype(np.float32) for name, weight in weights.items()}


def fit(
    task: Task, targets: np.ndarray, start: dict[str, np.ndarray], shape: Shape, seed: int, epochs: float
) -> dict[str, np.ndarray]:
    """Weights after so many passes of Adam; every head counts by how much there is to learn about it."""
    torch, rng = torch_on_one_thread(), np.random.default_rng([seed, 6])
    flat = torch.from_numpy(np.concatenate([weight.ravel() for weight in start.values()])).requires_grad_()
    x, y = torch.from_numpy(own_rows(task.x)), torch.from_numpy(targets.astype(np.float32))
    places = torch.from_numpy(np.log1p(task.place).astype(np.float32)[:, None] * task.with_place)
    loss = _loss_of(task, y)
    moments = torch.zeros_like(flat), torch.zeros_like(flat)
    fading = [np.full(weight.size, DECAY * (name in FADING), np.float32) for name, weight in start.items()]
    batches = [torch.from_numpy(batch) for batch in _batches(len(x), epochs, rng)]
    decay = torch.from_numpy(np.concatenate(fading))
    for number, batch in enumerate(batches):
        weights = _views(flat, start)
        rows, wanted, place = (values.index_select(0, batch) for values in (x, y, places))
        scores = forward(rows, _callable(weights), shape) + place * weights["place"]
        (slope,) = torch.autograd.grad(loss(scores, wanted), flat)
        rate = RATE * min(1.0, 1.5 * (1 - number / len(batches)))
        adam([flat], [slope], [moments], number + 1, rate, decay)
    return {name: weight.detach().numpy().copy() for name, weight in _views(flat, start).items()}


def _batches(n: int, epochs: float, rng: np.random.Generator) -> list[np.ndarray]:
    passes = [np.array_split(rng.permutation(n), max(1, n // BATCH)) for _ in range(int(np.ceil(epochs)))]
    batches = [batch for one in passes for batch in one]
    return batches[: max(1, round(len(passes[0]) * epochs))]


def _views(flat: Tensor, like: dict[str, np.ndarray]) -> dict[str, Tensor]:
    views, at = {}, 0
    for name, weight in like.items():
        views[name] = flat[at : at + weight.size].view(weight.shape)
        at += weight.size
    return views


def _callable(weights: dict[str, Tensor]) -> Weights:
    return {**weights, "wide": plain_product(weights["wide"], weights["wide_bias"])}


def _loss_of(task: Task, y: Tensor) -> Any:
    """Cross-entropy of the binary heads over their entropy, and squared error of dwell over its variance."""
    import torch

    n_binary, up = len(task.heads) - ("dwell" in task.heads), torch.from_numpy(task.up)
    share = (y[:, :n_binary].mean(dim=0)).clamp(1e-3, 1 - 1e-3)
    entropy = -(up[:n_binary] * share * share.log() + (1 - share) * (1 - share).log())
    variance = y[:, -1].var() if n_binary < len(task.heads) else torch.ones(())

    upweighted = up[:n_binary] if bool((up != 1).any()) else None

    def loss(scores: Tensor, wanted: Tensor) -> Tensor:
        total = torch.nn.functional.binary_cross_entropy_with_logits(
            scores[:, :n_binary], wanted[:, :n_binary], 1 / entropy, pos_weight=upweighted, reduction="sum"
        ) / len(scores)
        if n_binary < len(task.heads):
            total = total + ((scores[:, -1] - wanted[:, -1]) ** 2).mean() / variance
        return total

    return loss
