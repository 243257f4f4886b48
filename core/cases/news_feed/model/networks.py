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

if TYPE_CHECKING:
    from torch import Tensor

TOWER = 8  # units of the small layer that each task has to itself
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
        rest = sum(weight.size for weight in self.weights.values()) - wide + 2 * len(self.mean)
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
            rows = (x - self.mean) / self.scale if self.eight_bit else own_rows(x)
            scores = forward(torch.from_numpy(rows), self._ready, self)
            if place is not None:
                scores = scores + torch.from_numpy(np.log1p(place).astype(np.float32))[:, None] * self._ready["place"]
            return scores.numpy()


def _ready(network: Network) -> Weights:
    """The weights as tensors, the wide matrix as a function of the rows; in 32 bits it standardises them as well."""
    torch, weights = torch_on_one_thread(), dict(network.weights)
    if not network.eight_bit:
        weights["wide"] = weights["wide"] / network.scale
        weights["wide_bias"] = weights["wide_bias"] - weights["wide"] @ network.mean
    tensors: Weights = {name: torch.from_numpy(np.array(weight, np.float32)) for name, weight in weights.items()}
    weight, bias = tensors.pop("wide"), tensors.pop("wide_bias")
    if network.kind == "shared":
        tensors["side by side"] = _side_by_side(tensors["tower"]).contiguous()
    tensors["wide"] = _packed(weight, bias) if network.eight_bit else plain_product(weight, bias)
    return tensors


def own_rows(rows: np.ndarray) -> np.ndarray:
    """The rows as torch may have them: what steps hand out is read-only, and torch wants to write."""
    return np.ascontiguousarray(rows, np.float32) if rows.flags.writeable else np.array(rows, np.float32)


def plain_product(weight: Tensor, bias: Tensor) -> Any:
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


def forward(x: Tensor, weights: Weights, shape: Any) -> Tensor:
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


def torch_on_one_thread() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch
