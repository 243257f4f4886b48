"""One network for all heads: shared-bottom, a mixture of experts (Ma et al. 2018), or a bottom for each task.

All three are experts (one relu layer each), gates that mix them for each task, and a small tower a task: shared-bottom
has one expert, separate networks have one a task and fixed gates. A position tower adds a number a task times
log(1 + place) to the log-odds (Zhao et al. 2019) and is left out when serving. A straight way from
features to scores (Cheng et al. 2016) is in all of them, so that no network knows less than a regression.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.cases.news_feed.features import Logged
from core.cases.news_feed.task import Task
from core.cases.news_feed.world import BINARY

if TYPE_CHECKING:
    from torch import Tensor

BATCH, EPOCHS, RATE, TOWER = 1024, 3, 2e-2, 8  # of rates .0015 to .02, 3 to 8 passes, batches of 512 to 2,048
DECAY, FADING = 1.0, ("wide", "tower", "out")  # decoupled weight decay of matrices, not of biases; of 0, 0.6, 1, 3
HABIT = 2.0  # each gate starts with a liking for one expert, the next for the next; of 0, 2, 4
Weights = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Network:
    """Trained weights as numpy arrays by name, and how experts are mixed; it runs in torch on one thread.

    wide (rows, width) and wide_bias: a row for each unit of each expert, then one a task for what goes straight from
    features to scores, then one for each task and expert, its gate (MMoE alone); tower (n_tasks, units, TOWER),
    tower_bias; out (n_tasks, TOWER); place (n_tasks,).
    """

    weights: dict[str, np.ndarray]
    kind: str
    n_experts: int
    units: int
    mean: np.ndarray  # (width,) of the features, which come as they are and are standardised here
    scale: np.ndarray
    eight_bit: bool = False

    def __post_init__(self) -> None:
        """Packs the wide matrix for 8-bit products where they are asked for."""
        object.__setattr__(self, "_ready", _ready(self))

    @property
    def n_tasks(self) -> int:
        """How many heads."""
        return len(self.weights["place"])

    @property
    def nbytes(self) -> int:
        """Bytes of the weights; the wide matrix takes one byte a number and a scale in 8 bits."""
        wide = self.weights["wide"].size
        rest = sum(each.size for each in self.weights.values()) - wide + 2 * len(self.mean)
        return 4 * rest + (wide + 8 if self.eight_bit else 4 * wide)

    @property
    def flops(self) -> float:
        """Multiplications a row: experts, gates, mixing, towers."""
        mixing = self.n_tasks * self.n_experts * self.units if self.kind == "mmoe" else 0
        return float(self.weights["wide"].size + mixing + self.weights["tower"].size + self.weights["out"].size)

    def raw(self, x: np.ndarray, place: np.ndarray | None) -> np.ndarray:
        """Log-odds and log(1 + seconds) (n, n_tasks) of rows of features as they come."""
        import torch

        with torch.inference_mode():
            rows = (x - self.mean) / self.scale if self.eight_bit else _own(x)
            scores = _forward(torch.from_numpy(rows), self._ready, self)
            if place is not None:
                scores = scores + torch.from_numpy(np.log1p(place).astype(np.float32))[:, None] * self._ready["place"]
            return scores.numpy()


def _ready(network: Network) -> Weights:
    """The weights as tensors, the wide matrix as a function of the rows; in 32 bits it standardises them as well."""
    torch, weights = _torch(), dict(network.weights)
    if not network.eight_bit:
        weights["wide"] = weights["wide"] / network.scale
        weights["wide_bias"] = weights["wide_bias"] - weights["wide"] @ network.mean
    tensors: Weights = {name: torch.from_numpy(np.array(each, np.float32)) for name, each in weights.items()}
    weight, bias = tensors.pop("wide"), tensors.pop("wide_bias")
    if network.kind == "shared":
        tensors["side by side"] = _side_by_side(tensors["tower"]).contiguous()
    tensors["wide"] = _packed(weight, bias) if network.eight_bit else _plain(weight, bias)
    return tensors


def _own(rows: np.ndarray) -> np.ndarray:
    """The rows as torch may have them: what steps hand out is read-only, and torch wants to write."""
    return np.ascontiguousarray(rows, np.float32) if rows.flags.writeable else np.array(rows, np.float32)


def _plain(weight: Tensor, bias: Tensor) -> Any:
    import torch

    return lambda x: torch.nn.functional.linear(x, weight, bias)


def _packed(weight: Tensor, bias: Tensor) -> Any:
    """Products in 8 bits: weights to one scale, rows to a scale found at each call."""
    import warnings

    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the functions are to leave some later torch; ours is pinned
        eight = torch.quantize_per_tensor(weight, float(weight.abs().max()) / 127, 0, torch.qint8)
        packed = torch.ops.quantized.linear_prepack(eight, bias)
    return lambda x: torch.ops.quantized.linear_dynamic(x, packed)


def _forward(x: Tensor, weights: Weights, shape: Any) -> Tensor:
    """Rows (n, width) to scores (n, n_tasks)."""
    import torch

    n_tasks, bottom = len(weights["place"]), shape.n_experts * shape.units
    wide = weights["wide"](x)
    hidden, straight = torch.relu(wide[:, :bottom]), wide[:, bottom : bottom + n_tasks]
    if shape.kind == "shared":
        tower = weights["side by side"] if "side by side" in weights else _side_by_side(weights["tower"])
        towers = torch.addmm(weights["tower_bias"].view(-1), hidden, tower).relu_()
        return torch.addmm(straight, towers, weights["out"].view(-1, 1) * _own_tower(n_tasks))
    hidden = hidden.view(len(x), shape.n_experts, shape.units)
    if shape.kind == "mmoe":
        gates = torch.softmax(wide[:, bottom + n_tasks :].view(len(x), n_tasks, shape.n_experts), dim=2)
        hidden = gates @ hidden
    towers = torch.baddbmm(weights["tower_bias"][:, None], hidden.transpose(0, 1), weights["tower"]).relu_()
    return straight + torch.bmm(towers, weights["out"][:, :, None])[:, :, 0].T


@cache
def _own_tower(n_tasks: int) -> Tensor:
    """Which unit is of which task's tower (n_tasks · TOWER, n_tasks): one product is quicker than many short sums."""
    import torch

    with torch.inference_mode(False):  # whoever asks first: training needs it too
        return torch.from_numpy(np.repeat(np.eye(n_tasks, dtype=np.float32), TOWER, axis=0))


def _side_by_side(tower: Tensor) -> Tensor:
    """The towers (n_tasks, units, TOWER) over one bottom as one matrix (units, n_tasks · TOWER)."""
    return tower.transpose(0, 1).reshape(tower.shape[1], -1)


def _torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def network_of(weights: dict[str, np.ndarray], shape: Shape, logged: Logged) -> Network:
    return Network(weights, shape.kind, shape.n_experts, shape.units, logged.mean, logged.scale)


@dataclass(frozen=True)
class Shape:
    kind: str
    n_experts: int
    units: int


def shape_of(kind: str, n_tasks: int, experts: int, width: int) -> Shape:
    """Experts and units of each kind of network."""
    return Shape(kind, {"separate": n_tasks, "shared": 1, "mmoe": experts}[kind], width)


def train_network(task: Task, logged: Logged, kind: str, seed: int, experts: int = 4, width: int = 16) -> Network:
    """A network trained on the task."""
    shape = shape_of(kind, len(task.heads), experts, width)
    start = initial(shape, task.x.shape[1], len(task.heads), task.done.mean(axis=0), seed)
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
    return {name: each.astype(np.float32) for name, each in weights.items()}


def fit(
    task: Task, targets: np.ndarray, start: dict[str, np.ndarray], shape: Shape, seed: int, epochs: float
) -> dict[str, np.ndarray]:
    """Weights after so many passes of Adam; every head counts by how much there is to learn about it."""
    torch, rng = _torch(), np.random.default_rng([seed, 6])
    flat = torch.from_numpy(np.concatenate([each.ravel() for each in start.values()])).requires_grad_()
    x, y = torch.from_numpy(_own(task.x)), torch.from_numpy(targets.astype(np.float32))
    places = torch.from_numpy(np.log1p(task.place).astype(np.float32)[:, None] * task.with_place)
    loss = _loss_of(task, y)
    moments = torch.zeros_like(flat), torch.zeros_like(flat)
    fading = np.concatenate([np.full(each.size, name in FADING, np.float32) for name, each in start.items()])
    batches = [torch.from_numpy(batch) for batch in _batches(len(x), epochs, rng)]
    fading = torch.from_numpy(fading)
    for number, batch in enumerate(batches):
        weights = _views(flat, start)
        rows, wanted, place = (each.index_select(0, batch) for each in (x, y, places))
        scores = _forward(rows, _callable(weights), shape) + place * weights["place"]
        (slope,) = torch.autograd.grad(loss(scores, wanted), flat)
        _adam(flat, slope, moments, fading, number + 1, RATE * min(1.0, 1.5 * (1 - number / len(batches))))
    return {name: each.detach().numpy().copy() for name, each in _views(flat, start).items()}


def _batches(n: int, epochs: float, rng: np.random.Generator) -> list[np.ndarray]:
    each = [np.array_split(rng.permutation(n), max(1, n // BATCH)) for _ in range(int(np.ceil(epochs)))]
    every = [batch for part in each for batch in part]
    return every[: max(1, round(len(each[0]) * epochs))]


def _views(flat: Tensor, like: dict[str, np.ndarray]) -> dict[str, Tensor]:
    views, at = {}, 0
    for name, each in like.items():
        views[name] = flat[at : at + each.size].view(each.shape)
        at += each.size
    return views


def _callable(weights: dict[str, Tensor]) -> Weights:
    return {**weights, "wide": _plain(weights["wide"], weights["wide_bias"])}


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


def _adam(flat: Tensor, slope: Tensor, moments: tuple[Tensor, Tensor], fading: Tensor, step: int, rate: float) -> None:
    """One step in place of Adam (Kingma & Ba 2015) with decoupled decay (Loshchilov & Hutter 2019), all in a vector."""
    import torch

    first, second = moments
    with torch.no_grad():
        first.mul_(0.9).add_(slope, alpha=0.1)
        second.mul_(0.99).addcmul_(slope, slope, value=0.01)
        spread = (second / (1 - 0.99**step)).sqrt_().add_(1e-8)
        flat.sub_(fading * flat, alpha=rate * DECAY)
        flat.addcdiv_(first, spread, value=-rate / (1 - 0.9**step))
