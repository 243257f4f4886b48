"""A two-tower network (Yi et al. 2019): a film's vector from its number and content, a person's from the films liked.

Trained with the other films of the batch as negatives. Popular films are in more batches and so are pushed away more
often; logQ takes the logarithm of how often each is drawn off its score and undoes that. Later eras go on from the
weights of the one before. torch trains; serving is numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from core.stages.adam import adam

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 256
STEPS = (110, 40, 40)  # in each era
LEARNING_RATE = 0.015
HISTORY = 16  # likes that a person's vector is made of in training
HIDDEN = 64
OWN_LIKES = 6
LOW_LIFT = 0.1  # the quantile of lifts that films of few likes get
DECAY = 1e-5


@dataclass(frozen=True)
class Towers:
    """Film vectors (n, d) and the person's tower: u = m + relu(m into + bias) out for the mean m of liked films."""

    items: np.ndarray
    into: np.ndarray
    bias: np.ndarray
    out: np.ndarray


def train_towers(tables: list[Any], content: np.ndarray, dim: int, logq: bool, seed: int) -> tuple[Towers, ...]:
    """The towers of each era, from its likes table (n_users, n_films) and the films' content (n_films, c)."""
    torch, rng = torch_alone(), np.random.default_rng([seed, 7])
    c = content.shape[1]
    slot = np.cumsum(_counts(tables[-1]) >= OWN_LIKES) - 1  # only films with a few likes get numbers of their own
    n = int(slot[-1]) + 1
    shapes = ((n, dim), (c, dim), (dim, HIDDEN), (HIDDEN,), (HIDDEN, dim), (n,))
    scales = (0.02, 1 / dim**0.5, (2 / dim) ** 0.5, 0.0, 0.1 / HIDDEN**0.5, 0.0)
    drawn = [rng.normal(size=shape) * scale for shape, scale in zip(shapes, scales, strict=True)]
    weights = [torch.from_numpy(w.astype(np.float32)).requires_grad_() for w in drawn]
    moments = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]
    words, eras, done = torch.from_numpy(content.copy()), [], 0
    for table, steps in zip(tables, STEPS, strict=True):
        batches = _Batches(table, slot, rng)
        for step in range(steps):
            rate = LEARNING_RATE * min(1.0, 2 * (1 - step / steps))
            loss = _loss(weights, words, batches, logq)
            done += 1
            adam(weights, torch.autograd.grad(loss, weights), moments, done, rate, DECAY)
        eras.append(_served(weights, content, slot, _counts(table)))
    return tuple(eras)


@dataclass(frozen=True)
class Batch:
    """Films liked before (b, HISTORY) with the share of each in the mean, and the film (b,) to be foreseen."""

    history: np.ndarray
    share: np.ndarray
    target: np.ndarray


class _Batches:
    """Draws likes of a table, each with other likes of the same person before it."""

    def __init__(self, table: Any, slot: np.ndarray, rng: np.random.Generator) -> None:
        keep = np.diff(table.indptr) >= 2
        self.table, self.rng = table[keep], rng
        self.users = np.repeat(np.arange(keep.sum()), np.diff(self.table.indptr))
        counts = _counts(table)
        self.log_q = np.log(np.maximum(counts, 1) / counts.max()).astype(np.float32)  # a constant changes no softmax
        self.own = (counts >= OWN_LIKES).astype(np.float32)
        self.slot = np.maximum(slot, 0)

    def draw(self) -> Batch:
        """BATCH likes; how many likes come before each is spread evenly over orders of magnitude."""
        rows = self.rng.integers(len(self.users), size=BATCH)
        starts, ends = self.table.indptr[self.users[rows]], self.table.indptr[self.users[rows] + 1]
        at = starts[:, None] + self.rng.integers(0, 1 << 30, size=(BATCH, HISTORY)) % (ends - starts)[:, None]
        known = np.exp(self.rng.uniform(0, np.log(HISTORY + 1), BATCH)).astype(int)[:, None]
        mask = (np.arange(HISTORY) < known) & (at != rows[:, None])
        share = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        films = self.table.indices.astype(np.int64)
        return Batch(films[at], share.astype(np.float32), films[rows])


def _loss(weights: list[Tensor], words: Tensor, batches: _Batches, logq: bool) -> Tensor:
    """Softmax over the films of the batch; a film drawn twice is not its own negative."""
    import torch

    number, word, into, bias, out, lift = weights
    batch = batches.draw()
    history, slots, chosen, slot, share, shared_own, own = map(torch.from_numpy, (
        batch.history, batches.slot[batch.history], batch.target, batches.slot[batch.target],
        batch.share, batch.share * batches.own[batch.history], batches.own[batch.target],
    ))  # fmt: skip
    bag = torch.nn.functional.embedding_bag  # a weighted sum of rows, without the rows themselves
    mean = bag(slots, number, mode="sum", per_sample_weights=shared_own)
    mean = mean + bag(history, words, mode="sum", per_sample_weights=share) @ word
    person = mean + torch.relu(mean @ into + bias) @ out
    film = number[slot] * own[:, None] + words[chosen] @ word
    scores = person @ film.T + lift[slot] * own
    if logq:
        scores = scores - torch.from_numpy(batches.log_q[batch.target])
    twin = (chosen[:, None] == chosen[None, :]) & ~torch.eye(len(chosen), dtype=torch.bool)
    return -torch.log_softmax(scores.masked_fill(twin, -torch.inf), dim=1).diagonal().mean()


def _served(weights: list[Tensor], content: np.ndarray, slot: np.ndarray, counts: np.ndarray) -> Towers:
    """The weights as served: films of few likes get their content's vector and the lift of the less liked others."""
    number, word, into, bias, out, lift = (w.detach().numpy().copy() for w in weights)
    own, at = counts >= OWN_LIKES, np.maximum(slot, 0)
    items = number[at] * own[:, None] + content @ word
    low = np.quantile(lift[slot[own]], LOW_LIFT)
    return Towers(np.column_stack([items, np.where(own, lift[at], low)]).astype(np.float32), into, bias, out)


def _counts(table: Any) -> np.ndarray:
    return np.asarray(table.sum(axis=0)).ravel()


def torch_alone() -> ModuleType:
    """torch on one thread, imported at first use."""
    import torch

    torch.set_num_threads(1)
    return torch
