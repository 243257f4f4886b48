"""What kind of harm: a head for each sub-class, over a layer of its own or over one that all share (multi-task)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.cases.harmful_content.data import Post, Posts
from core.cases.harmful_content.features import Slots, document_weights, weighted
from core.datasets.mails import CLASSES
from core.metrics.maths import sigmoid
from core.stages.adam import adam_numpy

if TYPE_CHECKING:
    from core.cases.harmful_content.features import Sparse

HEAD_BITS = 12  # of the hashed words that heads read
UNITS = 4  # of the layer below the heads: narrow, so that tasks compete for it
STEPS, RATE, DECAY = 60, 0.08, 1e-4
RARE = CLASSES.index("adult")
RARE_LABELS, RARE_OTHERS = 15, 300  # posts of the rare class that somebody labelled, and others labelled beside them
N_NEIGHBOURS = 3  # tasks of other teams that share the layer
COMMON_SHARE = 0.5  # of posts that an unrelated task calls its own


@dataclass(frozen=True, eq=False)
class Heads:
    """tanh(rows @ into + bias) @ out + shift, one block of units a head or one for all."""

    idf: np.ndarray
    into: np.ndarray  # (width, units)
    bias: np.ndarray
    out: np.ndarray  # (units, n_classes)
    shift: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return sum(a.nbytes for a in (self.idf, self.into, self.bias, self.out, self.shift))

    def of(self, rows: Any) -> np.ndarray:
        """Probabilities (n, n_classes) of weighted rows (n, width)."""
        return sigmoid(np.tanh(rows @ self.into + self.bias) @ self.out + self.shift)

    def scorer(self, slots: Slots) -> Callable[[Post], np.ndarray]:
        """What gives one post its probabilities (n_classes,)."""

        def score(post: Post) -> np.ndarray:
            places, values = slots.read(post, self.idf)
            return sigmoid(np.tanh(values @ self.into[places] + self.bias) @ self.out + self.shift)

        return score


def fit_heads(counts: Sparse, posts: Posts, kind: str, related: float, seed: int) -> Heads:
    """Heads for the sub-classes, of which one has few labels; `related` of the neighbours' labels are those of it.

    Separate heads each train a layer of their own on their own labels; shared ones train one layer on all tasks.
    """
    n = len(posts.train)
    idf = document_weights(counts, n)
    rows = weighted(counts[:n], idf)
    rng = np.random.default_rng([seed, 4])
    labels, known = posts.classes[posts.train].astype(np.float32), np.ones((n, len(CLASSES)), np.float32)
    known[:, RARE] = _labelled(labels[:, RARE], rng)
    if kind == "shared":
        neighbours = _neighbours(rows, labels[:, RARE], related, rng)
        labels, known = np.hstack([labels, neighbours]), np.hstack([known, np.ones_like(neighbours)])
        into, bias, out, shift = _train(rows, labels, known, rng)
        return Heads(idf, into, bias, out[:, : len(CLASSES)], shift[: len(CLASSES)])
    parts = []
    for c in range(len(CLASSES)):
        rows_known = np.flatnonzero(known[:, c])
        parts.append(_train(rows[rows_known], labels[rows_known, c : c + 1], known[rows_known, c : c + 1], rng))
    out = np.zeros((UNITS * len(CLASSES), len(CLASSES)), np.float32)
    for c, part in enumerate(parts):
        out[c * UNITS : (c + 1) * UNITS, c] = part[2][:, 0]
    into, bias, shift = (np.concatenate([part[i] for part in parts], axis=-1) for i in (0, 1, 3))
    return Heads(idf, into, bias, out, shift)


def _labelled(rare: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which posts (n,) somebody labelled for the rare class."""
    chosen = np.zeros(len(rare), np.float32)
    for kind, most in ((1, RARE_LABELS), (0, RARE_OTHERS)):
        chosen[rng.permutation(np.flatnonzero(rare == kind))[:most]] = 1
    return chosen


def _neighbours(rows: Any, rare: np.ndarray, related: float, rng: np.random.Generator) -> np.ndarray:
    """Labels (n, N_NEIGHBOURS) of other teams: the rare class, or else on which side of a drawn plane a text is."""
    planes = rows @ rng.normal(size=(rows.shape[1], N_NEIGHBOURS)).astype(np.float32)
    unrelated = planes > np.quantile(planes, 1 - COMMON_SHARE, axis=0)
    same = rng.random(unrelated.shape) < related
    return np.where(same, rare[:, None] > 0, unrelated).astype(np.float32)


def _train(rows: Any, labels: np.ndarray, known: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """A layer and its heads by Adam (Kingma & Ba 2015) on the mean cross-entropy of each task over its known labels."""
    n_tasks = labels.shape[1]
    weights = [
        rng.normal(size=(rows.shape[1], UNITS)).astype(np.float32) / 7,  # rows of unit length have about fifty words
        np.zeros(UNITS, np.float32),
        rng.normal(size=(UNITS, n_tasks)).astype(np.float32) / np.float32(UNITS**0.5),
        np.zeros(n_tasks, np.float32),
    ]
    share, back = known / known.sum(axis=0), rows.T.tocsr()
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    for step in range(1, STEPS + 1):
        hidden = np.tanh(rows @ weights[0] + weights[1])
        error = (sigmoid(hidden @ weights[2] + weights[3]) - labels) * share
        below = (error @ weights[2].T) * (1 - hidden * hidden)
        slopes = (back @ below + DECAY * weights[0], below.sum(0), hidden.T @ error + DECAY * weights[2], error.sum(0))
        adam_numpy(weights, slopes, moments, step, RATE)
    return weights


def judge_classes(heads: Heads, counts: Sparse, posts: Posts) -> np.ndarray:
    """Probabilities (n_test, n_classes)."""
    start = len(posts.train) + len(posts.valid)
    return heads.of(weighted(counts[start:], heads.idf))
